//! Writing XML: elements that are always closed, text that is always escaped.

use std::borrow::Cow;

/// An XML document on its way. Names are ours; what they hold may be anybody's.
#[derive(Debug, Default)]
pub struct Xml {
    out: String,
}

impl Xml {
    pub fn new() -> Self {
        Self {
            out: String::with_capacity(16 * 1024),
        }
    }

    pub fn finish(self) -> String {
        self.out
    }

    /// An element and what stands in it.
    pub fn within(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
        inside: impl FnOnce(&mut Self),
    ) {
        self.open(name, attributes, ">");
        inside(self);
        self.close(name);
    }

    pub fn leaf(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.open(name, attributes, ">");
        self.out.push_str(&escape(text));
        self.close(name);
    }

    pub fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.open(name, attributes, "/>");
    }

    /// The beginning of an element that [`Xml::close`] ends.
    pub fn open(&mut self, name: &str, attributes: &[(&str, &str)], end: &str) {
        self.out.push('<');
        self.out.push_str(name);
        for (attribute, value) in attributes {
            self.out.push(' ');
            self.out.push_str(attribute);
            self.out.push_str("=\"");
            self.out.push_str(&escape(value));
            self.out.push('"');
        }
        self.out.push_str(end);
    }

    pub fn close(&mut self, name: &str) {
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }

    /// XML that is known to be well-formed.
    pub fn raw(&mut self, xml: &str) {
        self.out.push_str(xml);
    }
}

/// Text as it may stand in an element or an attribute. Characters that XML 1.0 has not become U+FFFD.
pub fn escape(text: &str) -> Cow<'_, str> {
    let plain = |c: char| !matches!(c, '<' | '>' | '&' | '"' | '\r') && is_xml(c);
    let Some(first) = text.find(|c| !plain(c)) else {
        return Cow::Borrowed(text);
    };
    let (before, rest) = text.split_at(first);
    let mut escaped = String::with_capacity(text.len() + 16);
    escaped.push_str(before);
    for c in rest.chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\r' => escaped.push_str("&#13;"),
            c if is_xml(c) => escaped.push(c),
            _ => escaped.push('\u{fffd}'),
        }
    }
    Cow::Owned(escaped)
}

/// <https://www.w3.org/TR/xml/#charsets>
fn is_xml(c: char) -> bool {
    !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_breaks_out_of_its_element() {
        let mut xml = Xml::new();
        xml.within("a", &[("b", "\"<&")], |xml| {
            xml.leaf("c", &[], "]]> </c> \u{1} é\u{ffff}");
        });
        assert_eq!(
            xml.finish(),
            "<a b=\"&quot;&lt;&amp;\"><c>]]&gt; &lt;/c&gt; \u{fffd} é\u{fffd}</c></a>"
        );
    }
}
