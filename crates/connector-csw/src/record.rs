//! One record of a page: its format, its identifier, and itself as a document.

use std::borrow::Cow;
use std::collections::BTreeSet;

use bytes::Bytes;
use model::{Finding, RawRecord, RecordFormat, RecordId, Severity, Stage};

use crate::plan::{GMD, MDB};
use crate::xml::{local, prefix};

/// A namespace declaration: the prefix (empty for the default), its IRI as it stands in the page, and the depth of its element.
pub struct Declaration<'t> {
    pub prefix: &'t str,
    pub iri: String,
    pub depth: usize,
}

/// A record whose end tag has not come yet.
pub struct OpenRecord<'t> {
    /// Where the record begins in the page, and where its root's name ends.
    start: usize,
    name_end: usize,
    name: &'t str,
    /// The value of `gco:isoType` on the root: the class of ISO 19139 that a profile's class stands for.
    iso_type: Option<String>,
    /// The local names from the root to the element being read.
    pub path: Vec<&'t str>,
    /// The prefixes that no element declares.
    undeclared: BTreeSet<&'t str>,
    metadata_id: Option<String>,
    resource_id: Option<String>,
    text: String,
}

/// The record, or why there is none; and what is to be said of it.
pub struct Closed {
    pub record: Option<RawRecord>,
    pub findings: Vec<Finding>,
}

impl<'t> OpenRecord<'t> {
    pub fn new(start: usize, name: &'t str, iso_type: Option<String>) -> Self {
        Self {
            start,
            name_end: start + 1 + name.len(),
            name,
            iso_type,
            path: vec![local(name)],
            undeclared: BTreeSet::new(),
            metadata_id: None,
            resource_id: None,
            text: String::new(),
        }
    }

    pub fn use_prefix(&mut self, prefix: &'t str, declared: &[Declaration<'_>]) {
        let known = prefix.is_empty()
            || prefix == "xml"
            || declared.iter().rev().any(|other| other.prefix == prefix);
        if !known {
            self.undeclared.insert(prefix);
        }
    }

    /// Takes text if it is that of an identifier.
    pub fn text(&mut self, text: &str) {
        if self.identifier().is_some() {
            self.text.push_str(text);
        }
    }

    /// The innermost element ends.
    pub fn close(&mut self) {
        if let Some(identifier) = self.identifier() {
            let text = self.text.split_whitespace().collect::<Vec<_>>().join(" ");
            let slot = match identifier {
                Identifier::Metadata => &mut self.metadata_id,
                Identifier::Resource => &mut self.resource_id,
            };
            if slot.is_none() && !text.is_empty() && text.len() <= MAX_IDENTIFIER {
                *slot = Some(text);
            }
            self.text.clear();
        }
        self.path.pop();
    }

    /// Which identifier the element being read holds, if it does.
    fn identifier(&self) -> Option<Identifier> {
        match self.path.as_slice() {
            [_, "fileIdentifier", "CharacterString" | "Anchor"] => Some(Identifier::Metadata),
            [
                _,
                "metadataIdentifier",
                "MD_Identifier",
                "code",
                "CharacterString" | "Anchor",
            ] => Some(Identifier::Metadata),
            [
                _,
                "identificationInfo",
                _,
                "citation",
                "CI_Citation",
                "identifier",
                "MD_Identifier" | "RS_Identifier",
                "code",
                "CharacterString" | "Anchor",
            ] => Some(Identifier::Resource),
            _ => None,
        }
    }

    /// The record ends at `end`; `around` is what its ancestors declare, `own` what its root does.
    pub fn finish(
        self,
        page: &Page<'_>,
        end: usize,
        around: &[Declaration<'_>],
        own: &[Declaration<'_>],
        index: u64,
    ) -> Closed {
        let mut findings = Vec::new();
        let place = format!("/*/*[{index}]");
        let root_prefix = prefix(self.name);
        let iri = own
            .iter()
            .rev()
            .chain(around.iter().rev())
            .find(|other| other.prefix == root_prefix)
            .map(|other| other.iri.as_str());
        let iri = iri.or_else(|| well_known(root_prefix)).unwrap_or_default();
        let Some(format) = format(iri, local(self.name), self.iso_type.as_deref()) else {
            findings.push(unsupported(self.name, iri).place(place));
            return Closed {
                record: None,
                findings,
            };
        };
        let Some((id, substitute)) = self
            .metadata_id
            .as_ref()
            .map(|id| (id, false))
            .or(self.resource_id.as_ref().map(|id| (id, true)))
        else {
            findings.push(
                no_identifier(
                    Severity::Error,
                    "the record has no identifier, nor has its resource; it was left out",
                )
                .place(place),
            );
            return Closed {
                record: None,
                findings,
            };
        };
        let id = RecordId::new(id.as_str());
        if substitute {
            let message =
                "the record has no identifier of its own; that of its resource stands for it";
            findings.push(
                no_identifier(Severity::Warning, message)
                    .record(&id)
                    .place(place),
            );
        }
        if !self.undeclared.is_empty() {
            findings.push(undeclared(&self.undeclared).record(&id));
        }
        let body = self.document(page, end, around, own);
        Closed {
            record: Some(RawRecord { id, format, body }),
            findings,
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
            let needed = if prefix.is_empty() {
                !declaration.iri.is_empty()
            } else {
                source.contains(&format!("{prefix}:"))
            };
            if new && needed {
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
        let split = self.name_end - self.start;
        let (head, tail) = (
            source.get(..split).unwrap_or_default(),
            source.get(split..).unwrap_or_default(),
        );
        let mut document = String::with_capacity(
            source.len()
                + added
                    .iter()
                    .map(|(prefix, iri)| prefix.len() + iri.len() + 10)
                    .sum::<usize>(),
        );
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

/// The text of an answer, and its bytes where they are the same.
pub struct Page<'t> {
    pub text: &'t str,
    pub shared: Option<&'t Bytes>,
}

impl Page<'_> {
    fn slice(&self, part: &str) -> Bytes {
        match self.shared {
            Some(bytes) if !part.is_empty() => bytes.slice_ref(part.as_bytes()),
            _ => Bytes::copy_from_slice(part.as_bytes()),
        }
    }
}

/// Bytes of an identifier; anything longer is a text in the wrong place.
const MAX_IDENTIFIER: usize = 1024;

enum Identifier {
    Metadata,
    Resource,
}

/// By namespace; by local name where the namespace is a draft's, a profile's or a misspelt one.
fn format(iri: &str, local: &str, iso_type: Option<&str>) -> Option<RecordFormat> {
    let class = iso_type.map_or(local, crate::xml::local);
    let is_metadata = matches!(class, "MD_Metadata" | "MI_Metadata")
        || local.ends_with("_MD_Metadata")
        || local.ends_with("_MI_Metadata");
    if !is_metadata {
        return None;
    }
    let is_19115_3 = iri.starts_with(MDB) || iri.contains("19115/-3") || iri.contains("19115-3");
    Some(if is_19115_3 {
        RecordFormat::Iso19115_3
    } else {
        RecordFormat::Iso19139
    })
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
        "dc" => "http://purl.org/dc/elements/1.1/",
        "dct" => "http://purl.org/dc/terms/",
        "xlink" => "http://www.w3.org/1999/xlink",
        "xsi" => "http://www.w3.org/2001/XMLSchema-instance",
        "xs" => "http://www.w3.org/2001/XMLSchema",
        "geonet" => "http://www.fao.org/geonetwork",
        "che" => "http://www.geocat.ch/2008/che",
        _ => return None,
    })
}

fn unsupported(name: &str, iri: &str) -> Finding {
    let message = format!(
        "the record is a <{name}> ({iri}), which is neither ISO 19139 nor ISO 19115-3 metadata; it was left out"
    );
    Finding::new(
        "record/unsupported-format",
        Severity::Error,
        Stage::Read,
        message,
    )
    .value(name)
}

fn no_identifier(severity: Severity, message: &str) -> Finding {
    Finding::new("record/no-identifier", severity, Stage::Read, message)
        .hint("Give each record a unique and lasting gmd:fileIdentifier (mdb:metadataIdentifier in ISO 19115-3).")
}

fn undeclared(prefixes: &BTreeSet<&str>) -> Finding {
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
    Finding::new("record/undeclared-prefix", severity, Stage::Read, message)
        .value(&names)
        .hint("Declare every prefix by xmlns:prefix=\"...\".")
}
