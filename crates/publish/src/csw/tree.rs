//! The XML of a request as a small tree: bounded, without entities, elements known by their local names.

use std::collections::HashMap;

use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::{NsReader, XmlVersion};

const MAX_DEPTH: usize = 64;
const MAX_ELEMENTS: usize = 20_000;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Element {
    pub name: String,
    pub namespace: String,
    pub attributes: HashMap<String, String>,
    pub children: Vec<Element>,
    pub text: String,
}

impl Element {
    pub fn parse(xml: &str) -> Result<Self, String> {
        let mut reader = NsReader::from_str(xml);
        let mut open: Vec<Element> = Vec::new();
        let mut count = 0;
        loop {
            let at = reader.buffer_position();
            let failed = |message: String| format!("{message} (at byte {at})");
            let (namespace, event) = reader
                .read_resolved_event()
                .map_err(|error| failed(error.to_string()))?;
            let namespace = match namespace {
                ResolveResult::Bound(namespace) => namespace.as_ref().to_owned(),
                ResolveResult::Unbound => Default::default(),
                ResolveResult::Unknown(prefix)
                    if matches!(event, Event::Start(_) | Event::Empty(_)) =>
                {
                    let prefix = prefix.to_owned();
                    return Err(failed(format!("the prefix `{prefix:?}` is not declared")));
                }
                ResolveResult::Unknown(_) => Default::default(),
            };
            let is_empty = matches!(event, Event::Empty(_));
            match event {
                Event::Start(start) | Event::Empty(start) => {
                    count += 1;
                    if open.len() >= MAX_DEPTH || count > MAX_ELEMENTS {
                        return Err(failed(
                            "the request has too many elements, or nests them too deep".into(),
                        ));
                    }
                    let element = element(&start, namespace.to_string()).map_err(failed)?;
                    open.push(element);
                    if is_empty && let Some(root) = close(&mut open) {
                        return Ok(root);
                    }
                }
                Event::End(_) => {
                    if let Some(root) = close(&mut open) {
                        return Ok(root);
                    }
                }
                Event::Text(text) => append(&mut open, &text.xml10_content()),
                Event::CData(text) => append(&mut open, &text.xml10_content()),
                Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                    Ok(Some(c)) => append(&mut open, c.encode_utf8(&mut [0; 4])),
                    _ => match quick_xml::escape::resolve_xml_entity(&reference) {
                        Some(text) => append(&mut open, text),
                        None => return Err(failed("entities are not expanded".into())),
                    },
                },
                Event::DocType(_) => return Err(failed("a request has no document type".into())),
                Event::Eof => {
                    return Err(failed(
                        "the document ends before its root element does".into(),
                    ));
                }
                Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
            }
        }
    }

    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty())
    }

    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    pub fn value(&self) -> &str {
        self.text.trim()
    }
}

fn element(start: &BytesStart<'_>, namespace: String) -> Result<Element, String> {
    let mut attributes = HashMap::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        let value = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|error| error.to_string())?;
        let key: &str = attribute.key.as_ref();
        attributes.insert(key.to_owned(), value.into_owned());
    }
    let name: &str = start.local_name().into_inner();
    Ok(Element {
        name: name.to_owned(),
        namespace,
        attributes,
        ..Element::default()
    })
}

/// The last element belongs to the one around it; the root is done.
fn close(open: &mut Vec<Element>) -> Option<Element> {
    let done = open.pop()?;
    match open.last_mut() {
        Some(around) => {
            around.children.push(done);
            None
        }
        None => Some(done),
    }
}

fn append(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_by_their_local_names() {
        let root = Element::parse("<?xml version='1.0'?><a:x xmlns:a='urn:a' A='1'><a:y> b &amp; <![CDATA[<c>]]></a:y><z/></a:x>").unwrap();
        assert_eq!(
            (root.name.as_str(), root.namespace.as_str()),
            ("x", "urn:a")
        );
        assert_eq!(root.attribute("a"), Some("1"));
        assert_eq!(root.child("y").unwrap().value(), "b & <c>");
        assert!(root.child("z").is_some());
    }

    #[test]
    fn what_is_hostile_is_refused() {
        let deep = "<a>".repeat(100_000);
        let wide = format!("<a>{}</a>", "<b/>".repeat(30_000));
        for xml in [
            "",
            "<a>",
            "<a></b>",
            "text",
            "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>",
            "<a>&e;</a>",
            "<p:a/>",
            "<a b='1' b='2'/>",
            &deep,
            &wide,
        ] {
            assert!(
                Element::parse(xml).is_err(),
                "{}",
                &xml[..xml.len().min(60)]
            );
        }
    }
}
