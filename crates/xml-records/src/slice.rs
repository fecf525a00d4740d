//! One record of an answer, as a document of its own.

use std::borrow::Cow;
use std::collections::BTreeSet;

use bytes::Bytes;
use model::{Finding, Severity, Stage};

use crate::Page;
use crate::format::GMD;
use crate::xml::{MAX_UNDECLARED, prefix};

/// A namespace declaration: the prefix (empty for the default), its IRI as it stands in the page, and the depth of its element.
pub(crate) struct Declaration<'t> {
    pub prefix: &'t str,
    pub iri: String,
    pub depth: usize,
}

/// An element of an answer, cut out.
#[derive(Debug)]
pub struct Slice<'t> {
    /// The name of the root as it is written.
    pub name: &'t str,
    /// The namespace of the root; empty where nothing tells it.
    pub namespace: String,
    /// The prefixes in use that no element declares.
    pub undeclared: BTreeSet<&'t str>,
    pub document: Bytes,
}

/// An element whose end tag has not come yet.
pub(crate) struct OpenSlice<'t> {
    start: usize,
    name: &'t str,
    pub depth: usize,
    undeclared: BTreeSet<&'t str>,
}

impl<'t> OpenSlice<'t> {
    pub fn new(start: usize, name: &'t str, depth: usize) -> Self {
        Self {
            start,
            name,
            depth,
            undeclared: BTreeSet::new(),
        }
    }

    pub fn use_prefix(&mut self, prefix: &'t str, declared: &[Declaration<'_>]) {
        let known = prefix.is_empty()
            || prefix == "xml"
            || self.undeclared.contains(prefix)
            || declared.iter().rev().any(|other| other.prefix == prefix);
        if !known {
            self.undeclared.insert(prefix);
        }
    }

    pub fn has_too_many_undeclared(&self) -> bool {
        self.undeclared.len() > MAX_UNDECLARED
    }

    /// The record ends at `end`; `around` is what its ancestors declare, `own` what its root does.
    pub fn finish(
        self,
        page: &Page<'_>,
        end: usize,
        around: &[Declaration<'_>],
        own: &[Declaration<'_>],
    ) -> Slice<'t> {
        let root_prefix = prefix(self.name);
        let namespace = own
            .iter()
            .rev()
            .chain(around.iter().rev())
            .find(|other| other.prefix == root_prefix)
            .map(|other| other.iri.as_str())
            .or_else(|| well_known(root_prefix))
            .unwrap_or_default()
            .to_owned();
        let document = self.document(page, end, around, own);
        Slice {
            name: self.name,
            namespace,
            undeclared: self.undeclared,
            document,
        }
    }

    /// The bytes of the record with the declarations that its root lacks.
    fn document(
        &self,
        page: &Page<'_>,
        end: usize,
        around: &[Declaration<'_>],
        own: &[Declaration<'_>],
    ) -> Bytes {
        let source = page.text.get(self.start..end).unwrap_or_default();
        let mut added: Vec<(&str, Cow<'_, str>)> = Vec::new();
        for declaration in around.iter().rev() {
            let prefix = declaration.prefix;
            let new = own
                .iter()
                .map(|other| other.prefix)
                .chain(added.iter().map(|(other, _)| *other))
                .all(|other| other != prefix);
            // A prefix may stand in a value (`xsi:type`): it is enough that the text has it.
            let needed = || match prefix {
                "" => !declaration.iri.is_empty(),
                _ => source.contains(&format!("{prefix}:")),
            };
            if new && needed() {
                added.push((prefix, Cow::Borrowed(&declaration.iri)));
            }
        }
        for prefix in &self.undeclared {
            let iri = well_known(prefix).map_or_else(
                || Cow::Owned(format!("urn:x-undeclared:{prefix}")),
                Cow::Borrowed,
            );
            added.push((prefix, iri));
        }
        if added.is_empty() {
            return page.slice(source);
        }
        added.sort_unstable();
        let split = 1 + self.name.len();
        let (head, tail) = (
            source.get(..split).unwrap_or_default(),
            source.get(split..).unwrap_or_default(),
        );
        let declared: usize = added
            .iter()
            .map(|(prefix, iri)| prefix.len() + iri.len() + 10)
            .sum();
        let mut document = String::with_capacity(source.len() + declared);
        document.push_str(head);
        for (prefix, iri) in &added {
            document.push_str(if prefix.is_empty() {
                " xmlns"
            } else {
                " xmlns:"
            });
            document.push_str(prefix);
            document.push_str("=\"");
            document.push_str(&iri.replace('"', "&quot;"));
            document.push('"');
        }
        document.push_str(tail);
        document.into()
    }
}

/// What is to be said of prefixes that no element declares.
pub fn undeclared_prefixes(prefixes: &BTreeSet<&str>) -> Option<Finding> {
    if prefixes.is_empty() {
        return None;
    }
    let known = prefixes.iter().all(|prefix| well_known(prefix).is_some());
    let names = prefixes.iter().copied().collect::<Vec<_>>().join(", ");
    let (severity, message) = if known {
        (
            Severity::Info,
            "prefixes are used that no element declares; they were given their well-known namespaces",
        )
    } else {
        (
            Severity::Warning,
            "prefixes are used that no element declares, and not all are known; their elements are not read",
        )
    };
    Some(
        Finding::new("record/undeclared-prefix", severity, Stage::Read, message)
            .value(&names)
            .hint("Declare every prefix by xmlns:prefix=\"...\"."),
    )
}

/// What is to be said of a record whose format has no mapping.
pub fn unsupported_format(slice: &Slice<'_>) -> Finding {
    let message = format!(
        "the record is a <{}> ({}), which is neither ISO 19139, ISO 19115-3, DCAT nor Dublin Core; it was left out",
        cut(slice.name),
        cut(&slice.namespace)
    );
    Finding::new(
        "record/unsupported-format",
        Severity::Error,
        Stage::Read,
        message,
    )
    .value(slice.name)
}

/// As much of a name as a message needs.
fn cut(name: &str) -> String {
    name.chars().take(200).collect()
}

/// What is to be said of a page with bytes that are not in its charset.
pub fn wrong_charset(place: &str) -> Finding {
    Finding::new(
        "page/wrong-charset",
        Severity::Warning,
        Stage::Read,
        "the page has bytes that are not in its charset; they were read as Windows-1252",
    )
    .place(place)
    .hint("Convert the records concerned to UTF-8.")
}

/// Prefixes that real servers use without a declaration.
fn well_known(prefix: &str) -> Option<&'static str> {
    Some(match prefix {
        "gmd" => GMD,
        "gco" => "http://www.isotc211.org/2005/gco",
        "gmi" => "http://www.isotc211.org/2005/gmi",
        "gmx" => "http://www.isotc211.org/2005/gmx",
        "gts" => "http://www.isotc211.org/2005/gts",
        "gss" => "http://www.isotc211.org/2005/gss",
        "gsr" => "http://www.isotc211.org/2005/gsr",
        "srv" => "http://www.isotc211.org/2005/srv",
        "gfc" => "http://www.isotc211.org/2005/gfc",
        "gml" => "http://www.opengis.net/gml",
        "gml32" => "http://www.opengis.net/gml/3.2",
        "csw" => "http://www.opengis.net/cat/csw/2.0.2",
        "ows" => "http://www.opengis.net/ows",
        "oai" => "http://www.openarchives.org/OAI/2.0/",
        "oai_dc" => "http://www.openarchives.org/OAI/2.0/oai_dc/",
        "dc" => "http://purl.org/dc/elements/1.1/",
        "dct" | "dcterms" => "http://purl.org/dc/terms/",
        "dcat" => "http://www.w3.org/ns/dcat#",
        "rdf" => "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "rdfs" => "http://www.w3.org/2000/01/rdf-schema#",
        "foaf" => "http://xmlns.com/foaf/0.1/",
        "vcard" => "http://www.w3.org/2006/vcard/ns#",
        "skos" => "http://www.w3.org/2004/02/skos/core#",
        "adms" => "http://www.w3.org/ns/adms#",
        "locn" => "http://www.w3.org/ns/locn#",
        "xlink" => "http://www.w3.org/1999/xlink",
        "xsi" => "http://www.w3.org/2001/XMLSchema-instance",
        "xs" => "http://www.w3.org/2001/XMLSchema",
        "geonet" => "http://www.fao.org/geonetwork",
        "che" => "http://www.geocat.ch/2008/che",
        _ => return None,
    })
}
