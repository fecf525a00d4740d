//! The elements of ISO 19139: property types, free text, anchors, codes.

use crate::graph::Text;
use crate::speech::{self, Speech};
use crate::xml::Xml;

const NAMESPACES: &[(&str, &str)] = &[
    ("xmlns:gmd", super::NAMESPACE),
    ("xmlns:gco", "http://www.isotc211.org/2005/gco"),
    ("xmlns:gmx", "http://www.isotc211.org/2005/gmx"),
    ("xmlns:srv", "http://www.isotc211.org/2005/srv"),
    ("xmlns:gml", "http://www.opengis.net/gml/3.2"),
    ("xmlns:xlink", "http://www.w3.org/1999/xlink"),
    ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
    (
        "xsi:schemaLocation",
        "http://www.isotc211.org/2005/gmd http://schemas.opengis.net/iso/19139/20070417/gmd/gmd.xsd",
    ),
];

const CODE_LISTS: &str = "http://standards.iso.org/iso/19139/resources/gmxCodelists.xml#";

pub(super) struct Writer<'a> {
    xml: Xml,
    pub speech: Speech<'a>,
}

impl<'a> Writer<'a> {
    pub fn new(speech: Speech<'a>) -> Self {
        Self {
            xml: Xml::new(),
            speech,
        }
    }

    pub fn begin(&mut self) {
        self.xml.open("gmd:MD_Metadata", NAMESPACES, ">");
    }

    pub fn end(&mut self) {
        self.xml.close("gmd:MD_Metadata");
    }

    pub fn finish(self) -> String {
        self.xml.finish()
    }

    /// Elements within each other, and what stands in the innermost.
    pub fn path(&mut self, path: &str, inside: impl FnOnce(&mut Self)) {
        for name in path.split('/') {
            self.xml.open(name, &[], ">");
        }
        inside(self);
        for name in path.rsplit('/') {
            self.xml.close(name);
        }
    }

    pub fn within_with(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
        inside: impl FnOnce(&mut Self),
    ) {
        self.xml.open(name, attributes, ">");
        inside(self);
        self.xml.close(name);
    }

    pub fn leaf(&mut self, name: &str, text: &str) {
        self.xml.leaf(name, &[], text);
    }

    pub fn leaf_with(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.xml.leaf(name, attributes, text);
    }

    pub fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.xml.empty(name, attributes);
    }

    /// A property that must be there and says nothing: <https://www.iso.org/standard/32557.html>, nil reasons of GML.
    pub fn nil(&mut self, property: &str, reason: &str) {
        self.xml.empty(property, &[("gco:nilReason", reason)]);
    }

    pub fn string(&mut self, property: &str, text: &str) {
        self.path(property, |w| w.leaf("gco:CharacterString", text));
    }

    pub fn url(&mut self, property: &str, address: &str) {
        self.path(property, |w| w.leaf("gmd:URL", address));
    }

    /// A text that has an address.
    pub fn anchor(&mut self, address: &str, text: &str) {
        self.leaf_with("gmx:Anchor", &[("xlink:href", address)], text);
    }

    /// A date, or a date with a time, whatever `xsd` type it has.
    pub fn date(&mut self, property: &str, value: &str) {
        if value.is_empty() {
            return self.nil(property, "unknown");
        }
        let name = match value.contains('T') {
            true => "gco:DateTime",
            false => "gco:Date",
        };
        // `gco:Date` has no time zone.
        let value = match name {
            "gco:Date" => value.trim_end_matches('Z'),
            _ => value,
        };
        self.path(property, |w| w.leaf(name, value));
    }

    /// A code of a list of ISO 19139.
    pub fn code(&mut self, property: &str, list: &str, value: &str) {
        self.listed(property, list, &format!("{CODE_LISTS}{list}"), value);
    }

    /// A code, and the list that it is of.
    pub fn listed(&mut self, property: &str, class: &str, list: &str, value: &str) {
        self.path(property, |w| {
            let attributes = [("codeList", list), ("codeListValue", value)];
            w.leaf_with(&format!("gmd:{class}"), &attributes, value);
        });
    }

    /// A language, by its tag or its address.
    pub fn language(&mut self, property: &str, language: &str) {
        let list = "http://www.loc.gov/standards/iso639-2/";
        self.listed(property, "LanguageCode", list, &speech::code(language));
    }

    /// Texts of which the record shows one, in each of its languages: the first of each.
    pub fn texts(&mut self, property: &str, texts: &[Text<'a>]) {
        let main = texts.iter().find(|text| self.speech.is_main(text)).copied();
        let mut others: Vec<Text<'a>> = Vec::new();
        for text in texts.iter().filter(|text| !self.speech.is_main(text)) {
            if !others.iter().any(|known| known.language == text.language) {
                others.push(*text);
            }
        }
        self.free_text(property, main, &others);
    }

    /// Each text as a property of its own.
    pub fn each_text(&mut self, property: &str, texts: &[Text<'a>]) {
        for text in texts {
            match self.speech.is_main(text) {
                true => self.free_text(property, Some(*text), &[]),
                false => self.free_text(property, None, &[*text]),
            }
        }
    }

    fn free_text(&mut self, property: &str, main: Option<Text<'a>>, others: &[Text<'a>]) {
        match (main, others) {
            (None, []) => {}
            (Some(main), []) => self.string(property, main.value),
            (main, others) => {
                let kind = ("xsi:type", "gmd:PT_FreeText_PropertyType");
                let missing = [kind, ("gco:nilReason", "missing")];
                let attributes = match main {
                    Some(_) => &missing[..1],
                    None => &missing[..],
                };
                self.within_with(property, attributes, |w| {
                    if let Some(main) = main {
                        w.leaf("gco:CharacterString", main.value);
                    }
                    w.path("gmd:PT_FreeText", |w| {
                        for text in others {
                            w.localised(text);
                        }
                    });
                });
            }
        }
    }

    fn localised(&mut self, text: &Text<'_>) {
        let locale = speech::locale(text.language.unwrap_or_default());
        self.path("gmd:textGroup", |w| {
            let reference = format!("#{locale}");
            w.leaf_with(
                "gmd:LocalisedCharacterString",
                &[("locale", &reference)],
                text.value,
            );
        });
    }
}
