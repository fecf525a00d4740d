//! A first look at RDF/XML, for what the parser does not look after: prefixes, bases, depth, the end.

use std::collections::BTreeSet;

use oxiri::Iri;
use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};

use super::text::Edited;
use crate::prefixes::well_known;

/// Elements nested deeper than in any document of the field, and attributes of one element: looking through them costs their number squared.
const MAX_DEPTH: usize = 256;
const MAX_ATTRIBUTES: usize = 300;
/// Declarations of prefixes that hold at one place: they are all looked through for each name.
const MAX_DECLARATIONS: usize = 1_000;

/// What the first look found.
#[derive(Debug, Default)]
pub struct Scan {
    /// The name of the root element.
    pub root: String,
    pub root_has_namespace: bool,
    /// Where the root's name ends.
    root_end: usize,
    /// Prefixes that are used where no element declares them.
    pub undeclared: BTreeSet<String>,
    /// Where a document was refused, and why.
    pub refused: Option<(usize, String)>,
    /// Whether the end came before that of the root element.
    pub cut: bool,
    /// Values of `xml:base` that are not absolute: where the attribute's name begins.
    bases: Vec<usize>,
}

impl Scan {
    pub fn of(text: &str, _base: &str) -> Self {
        let mut scan = Self::default();
        let mut reader = Reader::from_str(text);
        reader.config_mut().check_end_names = false;
        // The prefixes that each open element declares.
        let mut open: Vec<Vec<String>> = Vec::new();
        let mut declarations = 0;
        loop {
            let start = offset(reader.buffer_position());
            match reader.read_event() {
                Ok(Event::Start(element)) => {
                    let declared = scan.element(&element, &open, text, start);
                    declarations += declared.len();
                    open.push(declared);
                }
                Ok(Event::Empty(element)) => {
                    scan.element(&element, &open, text, start);
                }
                Ok(Event::End(_)) => {
                    declarations -= open.pop().map_or(0, |declared| declared.len());
                }
                Ok(Event::Eof) => {
                    scan.cut = !open.is_empty();
                    return scan;
                }
                // The parser will stumble here too, and say so.
                Err(_) => return scan,
                Ok(_) => {}
            }
            if open.len() > MAX_DEPTH && scan.refused.is_none() {
                scan.refused = Some((
                    start,
                    format!("elements are nested more than {MAX_DEPTH} deep"),
                ));
            }
            if declarations > MAX_DECLARATIONS && scan.refused.is_none() {
                scan.refused = Some((
                    start,
                    format!("more than {MAX_DECLARATIONS} prefixes are declared at one place"),
                ));
            }
            if scan.refused.is_some() {
                return scan;
            }
        }
    }

    fn element(
        &mut self,
        element: &BytesStart<'_>,
        open: &[Vec<String>],
        text: &str,
        start: usize,
    ) -> Vec<String> {
        let name = element.name();
        let name = name.as_ref();
        let mut declared = Vec::new();
        let mut used: Vec<&str> = name
            .split_once(':')
            .map(|(prefix, _)| prefix)
            .into_iter()
            .collect();
        let attributes: Vec<_> = element
            .attributes()
            .with_checks(false)
            .flatten()
            .take(MAX_ATTRIBUTES + 1)
            .collect();
        if attributes.len() > MAX_ATTRIBUTES {
            self.refused = Some((
                start,
                format!("an element has more than {MAX_ATTRIBUTES} attributes"),
            ));
            return declared;
        }
        let mut default = false;
        for attribute in &attributes {
            let key = attribute.key.as_ref();
            match key.split_once(':') {
                Some(("xmlns", prefix)) => declared.push(prefix.to_owned()),
                Some(("xml", "base")) => {
                    let value = unescape(&attribute.value).unwrap_or_default();
                    if Iri::parse(value.as_ref()).is_err()
                        && let Some(at) = text.get(start..).and_then(|rest| rest.find("xml:base"))
                    {
                        self.bases.push(start + at);
                    }
                }
                Some((prefix, _)) => used.push(prefix),
                None => default |= key == "xmlns",
            }
        }
        if self.root.is_empty() {
            name.clone_into(&mut self.root);
            self.root_has_namespace = default;
            self.root_end = start + 1 + name.len();
        }
        for prefix in used {
            let known = prefix == "xml"
                || declared.iter().any(|other| other == prefix)
                || open
                    .iter()
                    .any(|level| level.iter().any(|other| other == prefix));
            // What is no name is an error, which the parser tells.
            if !known && is_name(prefix) && self.undeclared.len() < MAX_ATTRIBUTES {
                self.undeclared.insert(prefix.to_owned());
            }
        }
        declared
    }

    /// The text with a declaration of each prefix that lacks one, and without bases that are not absolute.
    pub fn bind(&self, text: &str) -> Edited {
        let mut edited = Edited::default();
        edited.copy(text.get(..self.root_end).unwrap_or_default(), 0);
        for prefix in &self.undeclared {
            let iri = well_known(prefix)
                .map_or_else(|| format!("urn:undeclared:{prefix}:"), str::to_owned);
            edited.insert(&format!(" xmlns:{prefix}=\"{iri}\""));
        }
        let mut copied = self.root_end;
        for base in &self.bases {
            edited.copy(text.get(copied..*base).unwrap_or_default(), copied);
            // The parser ignores attributes of XML that it does not know.
            edited.insert("xml:bas_");
            copied = base + "xml:base".len();
        }
        edited.copy(text.get(copied..).unwrap_or_default(), copied);
        edited
    }
}

/// The nodes that are being described at an offset.
#[derive(Debug, Default)]
pub struct OpenNodes {
    pub names: Vec<String>,
    pub labels: Vec<String>,
    pub anonymous: bool,
}

pub fn open_nodes(text: &str, end: usize, base: &str) -> OpenNodes {
    let base = Iri::parse(base.to_owned()).ok();
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    let mut open: Vec<(Option<Name>, Option<Iri<String>>)> = Vec::new();
    let described = |element: &BytesStart<'_>, open: &[(Option<Name>, Option<Iri<String>>)]| {
        let outer = open.last().and_then(|(_, base)| base.clone());
        let base = base_of(element).or(outer).or_else(|| base.clone());
        (Name::of(element, open.len()), base)
    };
    while offset(reader.buffer_position()) < end {
        match reader.read_event() {
            Ok(Event::Start(element)) => open.push(described(&element, &open)),
            // What the error is in, where elements without content are.
            Ok(Event::Empty(element)) if offset(reader.buffer_position()) >= end => {
                open.push(described(&element, &open));
            }
            Ok(Event::End(_)) => {
                // The parser may have stopped at this end.
                if offset(reader.buffer_position()) >= end {
                    break;
                }
                open.pop();
            }
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
    let mut nodes = OpenNodes::default();
    for (name, base) in open {
        let Some(name) = name else { continue };
        match name {
            Name::Iri(iri) => nodes.names.push(match base {
                Some(base) => base.resolve_unchecked(&iri).into_inner(),
                None => iri,
            }),
            Name::Label(label) => nodes.labels.push(label),
            Name::None => nodes.anonymous = true,
        }
    }
    nodes
}

/// The base that an element sets; one that is not absolute is not one for the parser either.
fn base_of(element: &BytesStart<'_>) -> Option<Iri<String>> {
    let mut attributes = element.attributes();
    let base = attributes
        .with_checks(false)
        .flatten()
        .find(|attribute| attribute.key.as_ref() == "xml:base")?;
    Iri::parse(unescape(&base.value).ok()?.into_owned()).ok()
}

enum Name {
    Iri(String),
    Label(String),
    None,
}

impl Name {
    /// The name of the node that an element describes; `None` for the element of a property. Properties and nodes take turns, but
    /// nodes alone are spelt with a capital letter.
    fn of(element: &BytesStart<'_>, depth: usize) -> Option<Self> {
        for attribute in element.attributes().with_checks(false).flatten() {
            let key = attribute.key.as_ref();
            let value = || unescape(&attribute.value).unwrap_or_default().into_owned();
            match key.rsplit_once(':').map_or(key, |(_, local)| local) {
                "about" => return Some(Self::Iri(value())),
                "ID" => return Some(Self::Iri(format!("#{}", value()))),
                "nodeID" => return Some(Self::Label(value())),
                _ => {}
            }
        }
        let name = element.local_name();
        let name = name.as_ref();
        let is_node = depth > 0 && name != "RDF" && name.starts_with(char::is_uppercase);
        is_node.then_some(Self::None)
    }
}

fn is_name(prefix: &str) -> bool {
    prefix.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && prefix
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

fn offset(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}
