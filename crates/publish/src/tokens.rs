//! Words, texts and signs of the query languages of OGC: CQL, CQL2.

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Token {
    /// A name, a keyword or a number.
    Word(String),
    Text(String),
    Sign(&'static str),
}

impl Token {
    pub fn text(&self) -> &str {
        match self {
            Self::Word(text) | Self::Text(text) => text,
            Self::Sign(sign) => sign,
        }
    }

    pub fn is(&self, keyword: &str) -> bool {
        matches!(self, Self::Word(word) if word.eq_ignore_ascii_case(keyword))
    }
}

const SIGNS: &[&str] = &["<>", "!=", "<=", ">=", "=", "<", ">", "(", ")", ","];

/// `escape` makes a quote behind it a part of a text.
pub(crate) fn tokens(text: &str, escape: Option<char>) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
        let taken = if let Some(sign) = sign {
            tokens.push(Token::Sign(sign));
            sign.len()
        } else if first == '\'' || first == '"' {
            let (value, length) = quoted(rest, first, escape)?;
            tokens.push(match first {
                '"' => Token::Word(value),
                _ => Token::Text(value),
            });
            length
        } else {
            let end = rest
                .find(|c: char| c.is_whitespace() || "<>=!(),'\"".contains(c))
                .unwrap_or(rest.len());
            if end == 0 {
                return Err(format!("`{first}` is not understood"));
            }
            tokens.push(Token::Word(rest.get(..end).unwrap_or_default().to_owned()));
            end
        };
        rest = rest.get(taken..).unwrap_or_default().trim_start();
    }
    Ok(tokens)
}

/// A text in quotes, in which two of them are one; and its length with them.
fn quoted(text: &str, quote: char, escape: Option<char>) -> Result<(String, usize), String> {
    let mut value = String::new();
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = characters.next() {
        let escaped =
            Some(c) == escape && characters.peek().is_some_and(|(_, next)| *next == quote);
        if escaped {
            characters.next();
            value.push(quote);
        } else if c != quote {
            value.push(c);
        } else if characters.peek().is_some_and(|(_, next)| *next == quote) {
            characters.next();
            value.push(quote);
        } else {
            return Ok((value, at + c.len_utf8()));
        }
    }
    Err("a text has no closing quote".to_owned())
}
