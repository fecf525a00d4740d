//! What the query languages of OGC, CQL and CQL2, have in common: words, texts and signs, and the logic around predicates.

/// Expressions within expressions.
pub(crate) const MAX_DEPTH: usize = 32;

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

/// Tokens that are read one after the other.
pub(crate) struct Cursor {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    /// What they are all of, for people.
    whole: &'static str,
}

impl Cursor {
    pub fn new(tokens: Vec<Token>, whole: &'static str) -> Self {
        Self {
            tokens,
            at: 0,
            depth: 0,
            whole,
        }
    }

    pub fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    /// The one behind the next.
    pub fn second(&self) -> Option<&Token> {
        self.tokens.get(self.at + 1)
    }

    pub fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    pub fn skip(&mut self, tokens: usize) {
        self.at += tokens;
    }

    /// Takes a keyword, if it comes next.
    pub fn takes(&mut self, keyword: &str) -> bool {
        let is = self.peek().is_some_and(|token| token.is(keyword));
        self.at += usize::from(is);
        is
    }

    pub fn takes_sign(&mut self, sign: &'static str) -> bool {
        let is = self.peek() == Some(&Token::Sign(sign));
        self.at += usize::from(is);
        is
    }

    pub fn sign(&mut self, sign: &'static str) -> Result<(), String> {
        match self.takes_sign(sign) {
            true => Ok(()),
            false => Err(match self.peek() {
                Some(other) => format!("`{}` stands where `{sign}` was expected", other.text()),
                None => format!("the {} ends where `{sign}` was expected", self.whole),
            }),
        }
    }

    fn deeper(&mut self) -> Result<(), String> {
        self.depth += 1;
        match self.depth > MAX_DEPTH {
            true => Err(format!(
                "the {} is nested deeper than {MAX_DEPTH} levels",
                self.whole
            )),
            false => Ok(()),
        }
    }
}

/// A language whose predicates are joined by AND, OR, NOT and parentheses.
pub(crate) trait Logic {
    type Expression;
    type Error;

    fn cursor(&mut self) -> &mut Cursor;
    fn wrong(text: String) -> Self::Error;
    fn predicate(&mut self) -> Result<Self::Expression, Self::Error>;
    fn and(all: Vec<Self::Expression>) -> Self::Expression;
    fn or(all: Vec<Self::Expression>) -> Self::Expression;
    fn not(expression: Self::Expression) -> Self::Expression;

    /// All of it: nothing may stand behind.
    fn whole(&mut self) -> Result<Self::Expression, Self::Error> {
        let expression = self.disjunction()?;
        match self.cursor().next() {
            None => Ok(expression),
            Some(token) => {
                let text = format!("`{}` was not expected there", token.text());
                Err(Self::wrong(text))
            }
        }
    }

    fn disjunction(&mut self) -> Result<Self::Expression, Self::Error> {
        let mut all = vec![self.conjunction()?];
        while self.cursor().takes("OR") {
            all.push(self.conjunction()?);
        }
        Ok(of_several(all, Self::or))
    }

    fn conjunction(&mut self) -> Result<Self::Expression, Self::Error> {
        let mut all = vec![self.factor()?];
        while self.cursor().takes("AND") {
            all.push(self.factor()?);
        }
        Ok(of_several(all, Self::and))
    }

    fn factor(&mut self) -> Result<Self::Expression, Self::Error> {
        self.cursor().deeper().map_err(Self::wrong)?;
        let expression = if self.cursor().takes("NOT") {
            Self::not(self.factor()?)
        } else if self.cursor().takes_sign("(") {
            let expression = self.disjunction()?;
            self.cursor().sign(")").map_err(Self::wrong)?;
            expression
        } else {
            self.predicate()?
        };
        self.cursor().depth -= 1;
        Ok(expression)
    }
}

/// One of itself, or several together.
pub(crate) fn of_several<T>(all: Vec<T>, several: fn(Vec<T>) -> T) -> T {
    match <[T; 1]>::try_from(all) {
        Ok([one]) => one,
        Err(all) => several(all),
    }
}
