//! An XML document as a small owned tree, read once and bounded in depth and size.
//!
//! No DTD is read and no entity is expanded but the five of XML and character references. Elements are known by their
//! local name: records are found with wrong prefixes, undeclared ones and namespaces of profiles, and no two ISO
//! namespaces give one name to different things in the same place.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;

use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::{NsReader, XmlVersion};

use super::Element;

/// ISO records nest about 30 levels.
const MAX_DEPTH: usize = 200;
/// A record of ten megabytes has about 300,000 elements.
const MAX_NODES: usize = 1_000_000;

/// Namespaces whose elements are notes of a catalogue's software, not of the record.
const FOREIGN: [&str; 2] = [
    "http://www.fao.org/geonetwork",
    "http://www.w3.org/2001/XMLSchema",
];

pub(crate) struct Tree<'s> {
    pub(crate) source: Cow<'s, str>,
    /// The text of all elements and attributes.
    pub(crate) text: String,
    pub(crate) nodes: Vec<Node>,
    pub(crate) attributes: Vec<Attribute>,
    /// For places: by parent, which of its children of one name a child is.
    pub(crate) positions: RefCell<HashMap<u32, HashMap<u32, u32>>>,
}

pub(crate) struct Node {
    /// Where the qualified name lies in the source.
    pub(crate) name: (u32, u32),
    pub(crate) local: u32,
    pub(crate) text: (u32, u32),
    pub(crate) attributes: (u32, u32),
    pub(crate) parent: u32,
    pub(crate) first_child: u32,
    pub(crate) last_child: u32,
    pub(crate) next: u32,
}

pub(crate) struct Attribute {
    /// Where they lie in the text.
    pub(crate) name: (u32, u32),
    pub(crate) value: (u32, u32),
}

/// No node: the root is 0, and is nobody's child.
pub(crate) const NONE: u32 = 0;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct XmlError {
    pub message: String,
    pub place: String,
}

impl<'s> Tree<'s> {
    pub fn parse(body: &'s [u8]) -> Result<Self, XmlError> {
        let source = decode(body);
        let mut tree = Tree {
            text: String::with_capacity(source.len() / 2),
            nodes: Vec::with_capacity(source.len() / 60),
            attributes: Vec::new(),
            source: Cow::Borrowed(""),
            positions: RefCell::default(),
        };
        tree.read(&source)?;
        tree.source = source;
        Ok(tree)
    }

    pub fn root(&self) -> Element<'_> {
        Element { tree: self, id: 0 }
    }

    fn read(&mut self, source: &str) -> Result<(), XmlError> {
        let mut reader = NsReader::from_str(source);
        let config = reader.config_mut();
        config.allow_dangling_amp = true;
        config.check_comments = false;
        let mut open: Vec<u32> = Vec::with_capacity(32);
        // The depth inside of a foreign element, which is left out with all that it holds.
        let mut foreign = 0usize;
        loop {
            let at = reader.buffer_position();
            let failed = |message: String| XmlError {
                message,
                place: line_and_column(source, at),
            };
            let (namespace, event) = reader
                .read_resolved_event()
                .map_err(|error| failed(error.to_string()))?;
            let skip = matches!(namespace, ResolveResult::Bound(name) if is_foreign(name.as_ref()));
            match event {
                Event::Start(_) if foreign > 0 || (skip && !open.is_empty()) => foreign += 1,
                Event::End(_) if foreign > 0 => foreign -= 1,
                Event::Eof => break,
                _ if foreign > 0 => {}
                Event::Empty(_) if skip && !open.is_empty() => {}
                Event::Start(start) => {
                    if open.len() >= MAX_DEPTH {
                        return Err(failed(format!(
                            "elements nest deeper than {MAX_DEPTH} levels"
                        )));
                    }
                    let id = self.push(&start, at, &open).map_err(failed)?;
                    open.push(id);
                }
                Event::Empty(start) => {
                    self.push(&start, at, &open).map_err(failed)?;
                }
                Event::End(_) => {
                    open.pop();
                }
                Event::Text(text) => self.append(&open, &text.xml10_content()),
                Event::CData(text) => self.append(&open, &text.xml10_content()),
                Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                    Ok(Some(c)) => self.append(&open, c.encode_utf8(&mut [0; 4])),
                    _ => match quick_xml::escape::resolve_xml_entity(&reference) {
                        Some(text) => self.append(&open, text),
                        // An entity of HTML, or of a DTD that is not read: left as it is written.
                        None => self.append(&open, &format!("&{};", &*reference)),
                    },
                },
                Event::Comment(_) | Event::PI(_) | Event::Decl(_) | Event::DocType(_) => {}
            }
        }
        if self.nodes.is_empty() {
            return Err(XmlError {
                message: "there is no XML element".into(),
                place: line_and_column(source, 0),
            });
        }
        if !open.is_empty() {
            return Err(XmlError {
                message: "the document ends before its root element does".into(),
                place: line_and_column(source, source.len() as u64),
            });
        }
        Ok(())
    }

    fn push(&mut self, start: &BytesStart<'_>, at: u64, open: &[u32]) -> Result<u32, String> {
        if self.nodes.len() >= MAX_NODES {
            return Err(format!("there are more than {MAX_NODES} elements"));
        }
        let parent = open.last().copied();
        if parent.is_none() && !self.nodes.is_empty() {
            return Err("there are several root elements".into());
        }
        let id = to_u32(self.nodes.len())?;
        let name = start.name();
        let begin = to_u32(usize::try_from(at).unwrap_or(usize::MAX).saturating_add(1))?;
        let length = to_u32(name.as_ref().len())?;
        let local = length - to_u32(name.local_name().as_ref().len())?;
        let first_attribute = to_u32(self.attributes.len())?;
        for attribute in start.attributes().with_checks(false).flatten() {
            let key: &str = attribute.key.as_ref();
            if key.starts_with("xmlns") {
                continue;
            }
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .unwrap_or_else(|_| attribute.value.clone());
            let name = self.store(attribute.key.local_name().as_ref())?;
            let value = self.store(value.trim())?;
            self.attributes.push(Attribute { name, value });
        }
        let text = to_u32(self.text.len())?;
        self.nodes.push(Node {
            name: (begin, begin + length),
            local: begin + local,
            text: (text, text),
            attributes: (first_attribute, to_u32(self.attributes.len())?),
            parent: parent.unwrap_or(NONE),
            first_child: NONE,
            last_child: NONE,
            next: NONE,
        });
        if let Some(parent) = parent {
            let last = self.nodes[parent as usize].last_child;
            if last == NONE {
                self.nodes[parent as usize].first_child = id;
            } else {
                self.nodes[last as usize].next = id;
            }
            self.nodes[parent as usize].last_child = id;
        }
        Ok(id)
    }

    fn store(&mut self, text: &str) -> Result<(u32, u32), String> {
        let begin = to_u32(self.text.len())?;
        self.text.push_str(text);
        Ok((begin, to_u32(self.text.len())?))
    }

    fn append(&mut self, open: &[u32], piece: &str) {
        let Some(node) = open.last().and_then(|id| self.nodes.get_mut(*id as usize)) else {
            return;
        };
        // The blanks between elements are no text, and ISO has no mixed content: what follows a child is no value.
        if node.first_child != NONE || (node.text.0 == node.text.1 && piece.trim().is_empty()) {
            return;
        }
        if node.text.0 == node.text.1 {
            node.text.0 = self.text.len() as u32;
        }
        self.text.push_str(piece);
        node.text.1 = self.text.len() as u32;
    }
}

fn to_u32(value: usize) -> Result<u32, String> {
    u32::try_from(value).map_err(|_| "the document is larger than 4 GB".to_owned())
}

fn is_foreign(namespace: &str) -> bool {
    FOREIGN.contains(&namespace)
}

/// The text of a body: UTF-8 whatever it declares, if it is that; else what its byte order mark or its declaration
/// says; else Windows-1252, which every byte string is.
fn decode(body: &[u8]) -> Cow<'_, str> {
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(body) {
        return encoding.decode_without_bom_handling(&body[mark..]).0;
    }
    if let Ok(text) = std::str::from_utf8(body) {
        return Cow::Borrowed(text.trim_start());
    }
    let head = &body[..body.len().min(200)];
    let declared = String::from_utf8_lossy(head);
    let label = declared
        .split_once("encoding=")
        .and_then(|(_, rest)| rest.split(['"', '\'']).nth(1));
    let encoding = label
        .and_then(|label| encoding_rs::Encoding::for_label(label.trim().as_bytes()))
        .filter(|encoding| *encoding != encoding_rs::UTF_8)
        .unwrap_or(encoding_rs::WINDOWS_1252);
    encoding.decode_without_bom_handling(body).0
}

fn line_and_column(source: &str, at: u64) -> String {
    let at = usize::try_from(at).unwrap_or(usize::MAX).min(source.len());
    let before = source.as_bytes().get(..at).unwrap_or_default();
    let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
    let column = 1 + before
        .iter()
        .rev()
        .take_while(|byte| **byte != b'\n')
        .count();
    format!("line {line}, column {column}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(xml: &str, path: &str) -> Vec<String> {
        let tree = Tree::parse(xml.as_bytes()).unwrap();
        tree.root()
            .all(path)
            .into_iter()
            .map(|element| element.value().to_owned())
            .collect()
    }

    #[test]
    fn a_path_names_properties_and_passes_over_objects() {
        let xml = "<m><c><C><t><S> Un </S></t></C></c><c><D><t>Deux</t></D></c></m>";
        assert_eq!(texts(xml, "c/t"), ["Un", "Deux"]);
        assert_eq!(texts(xml, "c/x"), Vec::<String>::new());
    }

    #[test]
    fn text_survives_references_cdata_and_comments() {
        let xml = "<?xml version='1.0'?><!DOCTYPE m [<!ENTITY e 'x'>]><m><t>a &amp; <!-- no -->b &#233;<![CDATA[ <c> ]]>&e;</t></m>";
        assert_eq!(texts(xml, "t"), ["a & b é <c> &e;"]);
    }

    #[test]
    fn prefixes_need_no_declaration_and_a_catalogues_notes_are_left_out() {
        let xml = r#"<gmd:m xmlns:g="http://www.fao.org/geonetwork"><g:t>no</g:t><g:t/><x:t a:href=" u ">yes</x:t></gmd:m>"#;
        assert_eq!(texts(xml, "t"), ["yes"]);
        let tree = Tree::parse(xml.as_bytes()).unwrap();
        let t = tree.root().first("t").unwrap();
        assert_eq!(t.attribute("href"), Some("u"));
        assert_eq!(t.xpath(), "/gmd:m/x:t");
    }

    #[test]
    fn a_place_is_an_xpath_with_positions_where_they_are_needed() {
        let tree = Tree::parse(b"<m><a/><b/><a><c/></a></m>").unwrap();
        assert_eq!(
            tree.root().all("a")[1].object().unwrap().xpath(),
            "/m/a[2]/c"
        );
    }

    #[test]
    fn bodies_of_other_character_sets() {
        let latin = b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><m><t>\xe9t\xe9</t></m>";
        let wrong = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><m><t>été</t></m>".as_bytes();
        let marked = "\u{feff}<m><t>été</t></m>".as_bytes();
        let utf16: Vec<u8> = "\u{feff}<m><t>été</t></m>"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        for body in [&latin[..], wrong, marked, &utf16] {
            let tree = Tree::parse(body).unwrap();
            assert_eq!(tree.root().value_of("t"), Some("été"));
        }
    }

    #[test]
    fn what_is_broken_says_where() {
        for (xml, line) in [
            ("<m>\n<t></m>", "line 2"),
            ("<m><t>", "line 1"),
            ("", "line 1"),
            ("<a/>\n<b/>", "line 2"),
        ] {
            let error = Tree::parse(xml.as_bytes()).map(|_| ()).unwrap_err();
            assert!(error.place.starts_with(line), "{xml}: {error:?}");
        }
        let deep = "<a>".repeat(100_000);
        assert!(Tree::parse(deep.as_bytes()).is_err());
    }
}
