//! Text of sources, made harmless for every form.

use model::Finding;

/// What a report shows of a finding at most, in characters.
pub(crate) const MAX_VALUE: usize = Finding::MAX_VALUE;
pub(crate) const MAX_TEXT: usize = 1_000;

/// A finding without what would steer a terminal or break a line, and none of it longer than a reader bears.
pub(crate) fn tame(mut finding: Finding) -> Finding {
    let tamed = |text: Option<String>, most| text.map(|text| line(&text, most));
    finding.value = tamed(finding.value, MAX_VALUE);
    finding.place = tamed(finding.place, MAX_TEXT);
    finding.hint = tamed(finding.hint, MAX_TEXT);
    finding.message = line(&finding.message, MAX_TEXT);
    finding
}

/// The beginning of a text, on one line: blanks for line breaks and tabs, U+FFFD for other control characters and for those that
/// change the direction of writing.
pub(crate) fn line(text: &str, characters: usize) -> String {
    let mut rest = text.chars();
    let mut line: String = rest
        .by_ref()
        .take(characters)
        .map(|c| match c {
            '\n' | '\r' | '\t' => ' ',
            c if c.is_control() || is_steering(c) => '\u{fffd}',
            c => c,
        })
        .collect();
    if rest.next().is_some() && !line.ends_with('…') {
        line.push('…');
    }
    line
}

/// What is no text in XML 1.0 besides control characters, or turns the order of letters.
fn is_steering(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}')
}

/// Text for an element or for an attribute within quotation marks.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_one_line_that_ends() {
        assert_eq!(
            line("a\r\nb\tc\u{1b}[2J\u{202e}d", 50),
            "a  b c\u{fffd}[2J\u{fffd}d"
        );
        assert_eq!(
            line(&"é".repeat(1 << 20), 10),
            format!("{}…", "é".repeat(10))
        );
        assert_eq!(line("abc", 3), "abc");
    }
}
