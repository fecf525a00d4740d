//! A feed of what changed, an entry for each run that left another state: <https://www.rfc-editor.org/rfc/rfc4287>

use std::io;

use archive::{Archive, ReportRow};
use chrono::{DateTime, Utc};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use crate::ReportError;
use crate::change::Change;
use crate::gather::Card;
use crate::html::title;
use crate::text::{escaped, line};
use crate::words::{Lang, machine};

type Xml = Writer<Vec<u8>>;

/// The feed of a source. `author` publishes it; `base` is the address of the site, ending with a slash.
pub async fn atom(
    archive: &Archive,
    card: &Card,
    author: &str,
    lang: Lang,
    base: &str,
    now: DateTime<Utc>,
) -> Result<String, ReportError> {
    // One more than is shown, with which the last one is compared.
    let states = archive.reports(&card.id, None, ENTRIES + 1).await?;
    let mut xml = Writer::new(Vec::new());
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
    let feed = Feed {
        card,
        author,
        lang,
        address: format!("{base}sources/{}/report", card.id),
        base,
        updated: states.first().map_or(now, |state| state.at),
    };
    xml.create_element("feed")
        .with_attribute(("xmlns", "http://www.w3.org/2005/Atom"))
        .with_attribute(("xml:lang", lang.as_str()))
        .write_inner_content(|xml| feed.write(xml, &states))?;
    let mut bytes = xml.into_inner();
    bytes.push(b'\n');
    String::from_utf8(bytes).map_err(|error| ReportError::Write(io::Error::other(error)))
}

const ENTRIES: u32 = 50;

struct Feed<'a> {
    card: &'a Card,
    author: &'a str,
    lang: Lang,
    address: String,
    base: &'a str,
    updated: DateTime<Utc>,
}

impl Feed<'_> {
    fn write(&self, xml: &mut Xml, states: &[ReportRow]) -> io::Result<()> {
        let heading = self.lang.of("Rapport de moissonnage", "Harvest report");
        text(xml, "id", &format!("{}.atom", self.address))?;
        text(xml, "title", &format!("{heading} – {}", self.card.title))?;
        text(xml, "updated", &machine(self.updated))?;
        xml.create_element("author")
            .write_inner_content(|xml| text(xml, "name", self.author))?;
        link(
            xml,
            "self",
            &format!("{}.atom", self.address),
            "application/atom+xml",
        )?;
        link(
            xml,
            "alternate",
            &format!("{}.html", self.address),
            "text/html",
        )?;
        for (n, state) in states.iter().take(ENTRIES as usize).enumerate() {
            self.entry(xml, state, states.get(n + 1))?;
        }
        Ok(())
    }

    fn entry(
        &self,
        xml: &mut Xml,
        state: &ReportRow,
        before: Option<&ReportRow>,
    ) -> io::Result<()> {
        let change = Change::between(before, state);
        let page = format!("{}runs/{}", self.base, state.run);
        xml.create_element("entry").write_inner_content(|xml| {
            text(xml, "id", &page)?;
            text(
                xml,
                "title",
                &format!("{} : {}", self.card.title, change.summary(self.lang)),
            )?;
            text(xml, "updated", &machine(state.at))?;
            link(xml, "alternate", &page, "text/html")?;
            xml.create_element("content")
                .with_attribute(("type", "html"))
                .write_text_content(BytesText::new(&self.content(&change)))?;
            Ok(())
        })?;
        Ok(())
    }

    /// HTML, which is text here.
    fn content(&self, change: &Change) -> String {
        let mut html = format!("<p>{}</p>", escaped(&change.summary(self.lang)));
        if !change.moved.is_empty() {
            html.push_str("<ul>");
            for moved in &change.moved {
                html.push_str(&format!(
                    "<li><a href=\"{}\">{}</a> ({}){} {}</li>",
                    escaped(&format!("{}explain/{}", self.base, moved.rule)),
                    escaped(&title(&moved.rule, self.lang)),
                    self.lang.severity(moved.severity),
                    self.lang.of(" :", ":"),
                    escaped(&moved.describe(self.lang)),
                ));
            }
            html.push_str("</ul>");
        }
        html
    }
}

fn text(xml: &mut Xml, name: &str, text: &str) -> io::Result<()> {
    // XML has no place for most control characters.
    xml.create_element(name)
        .write_text_content(BytesText::new(&line(text, 500)))?;
    Ok(())
}

fn link(xml: &mut Xml, relation: &str, address: &str, media_type: &str) -> io::Result<()> {
    xml.create_element("link")
        .with_attribute(("rel", relation))
        .with_attribute(("type", media_type))
        .with_attribute(("href", address))
        .write_empty()?;
    Ok(())
}
