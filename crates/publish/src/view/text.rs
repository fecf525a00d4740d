//! Text of sources, made harmless.

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};

/// The address, if a browser may be sent there.
pub(crate) fn web_address(iri: &str) -> Option<&str> {
    has_scheme(iri, &["http", "https", "ftp"]).then_some(iri)
}

/// The address, if it is one of the web or of a mailbox or telephone.
pub(crate) fn contact_address(iri: &str) -> Option<&str> {
    has_scheme(iri, &["http", "https", "mailto", "tel"]).then_some(iri)
}

fn has_scheme(iri: &str, schemes: &[&str]) -> bool {
    iri.split_once(':').is_some_and(|(scheme, _)| {
        schemes
            .iter()
            .any(|known| known.eq_ignore_ascii_case(scheme))
    })
}

/// Our own Markdown, whose lines are broken anywhere.
pub(crate) fn prose(source: &str) -> String {
    render(source, Event::SoftBreak)
}

/// Markdown of a source as HTML: what looks like HTML is text, images are their descriptions, links lead to the web only.
/// Headings are moved down under those of the page.
pub(crate) fn markdown(source: &str) -> String {
    // Line breaks mean something in plain text, which most descriptions are.
    render(source, Event::HardBreak)
}

fn render(source: &str, line_break: Event<'static>) -> String {
    let source = cut(source, MAX_TEXT);
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut open = Vec::new();
    let events = Parser::new_ext(&source, options).map(move |event| match event {
        Event::SoftBreak => line_break.clone(),
        event => harmless(event, &mut open),
    });
    let mut html = String::with_capacity(source.len() * 5 / 4);
    html::push_html(&mut html, events);
    html
}

/// `open` remembers which of the links that are open lead somewhere.
fn harmless<'a>(event: Event<'a>, open: &mut Vec<bool>) -> Event<'a> {
    match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        Event::Start(Tag::Link { dest_url, .. }) => {
            let address = contact_address(&dest_url);
            open.push(address.is_some());
            match address {
                Some(address) => Event::InlineHtml(anchor(address).into()),
                None => nothing(),
            }
        }
        Event::End(TagEnd::Link) => match open.pop() {
            Some(true) => Event::InlineHtml(CowStr::Borrowed("</a>")),
            _ => nothing(),
        },
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => nothing(),
        Event::Start(Tag::HtmlBlock) => Event::Start(Tag::Paragraph),
        Event::End(TagEnd::HtmlBlock) => Event::End(TagEnd::Paragraph),
        Event::Start(Tag::Heading { level, .. }) => {
            Event::InlineHtml(format!("<h{}>", lower(level)).into())
        }
        Event::End(TagEnd::Heading(level)) => {
            Event::InlineHtml(format!("</h{}>\n", lower(level)).into())
        }
        // A footnote of a source would need identifiers, which are the page's own.
        Event::FootnoteReference(text) => Event::Text(text),
        other => other,
    }
}

fn nothing() -> Event<'static> {
    Event::Text(CowStr::Borrowed(""))
}

fn anchor(address: &str) -> String {
    format!(
        "<a rel=\"nofollow noopener ugc\" href=\"{}\">",
        escaped(address)
    )
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

fn lower(level: pulldown_cmark::HeadingLevel) -> usize {
    (level as usize + 2).min(6)
}

/// The beginning of a text.
pub(crate) fn cut(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default().trim_end()),
    }
}

const MAX_TEXT: usize = 50_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_source_runs() {
        for hostile in [
            "<script>alert(1)</script>",
            "texte <img src=x onerror=alert(1)> suite",
            "[clic](javascript:alert(1))",
            "[clic](JaVaScRiPt:alert(1))",
            "[clic](data:text/html;base64,PHNjcmlwdD4=)",
            "![image](https://a.example/x.png)",
            "<a href=\"javascript:alert(1)\">x</a>",
            "[x](https://a.example/\"onmouseover=alert(1))",
            "<div>\n<iframe src=https://a.example></iframe>\n</div>",
            "# <svg onload=alert(1)>",
            "<javascript:alert(1)>",
        ] {
            let html = markdown(hostile).to_lowercase();
            for bad in ["<script", "<img", "<iframe", "<svg", "<div"] {
                assert!(!html.contains(bad), "{hostile} -> {html}");
            }
            // Of what is a link in the end, and is no escaped text.
            for link in html.split("<a ").skip(1) {
                let tag = link.split('>').next().unwrap_or_default();
                assert!(
                    tag.contains("href=\"https://a.example/"),
                    "{hostile} -> {html}"
                );
                assert!(!tag.contains("\"onmouseover="), "{hostile} -> {html}");
            }
        }
    }

    #[test]
    fn what_is_meant_is_shown() {
        assert_eq!(
            markdown("un\ndeux\n\ntrois"),
            "<p>un<br />\ndeux</p>\n<p>trois</p>\n"
        );
        assert_eq!(
            markdown("[*site*](https://a.example/?a=1&b=2)"),
            "<p><a rel=\"nofollow noopener ugc\" href=\"https://a.example/?a=1&amp;b=2\"><em>site</em></a></p>\n"
        );
        assert_eq!(prose("un\ndeux"), "<p>un\ndeux</p>\n");
        assert_eq!(markdown("# Titre"), "<h3>Titre</h3>\n");
        assert_eq!(markdown("5 < 6 & 7"), "<p>5 &lt; 6 &amp; 7</p>\n");
    }

    #[test]
    fn addresses_of_the_web_only() {
        assert!(web_address("HTTPS://a.example/").is_some());
        for bad in [
            "javascript:alert(1)",
            "data:text/html,x",
            "urn:x:y",
            "file:///etc/passwd",
            "x",
        ] {
            assert!(web_address(bad).is_none(), "{bad}");
        }
    }
}
