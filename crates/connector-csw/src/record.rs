//! What names a record.

use model::{Finding, RawRecord, RecordFormat, RecordId, Severity, Stage};
use xml_records::{MAX_IDENTIFIER, Open, Slice, format, undeclared_prefixes, unsupported_format};

/// The classes of resources, and the element that stands for any class.
macro_rules! resource {
    () => {
        "Dataset" | "DataService" | "DatasetSeries" | "Description"
    };
}

/// The identifiers of a record, gathered while it is read.
pub struct Names<'t> {
    /// The value of `gco:isoType` on the root: the class of ISO 19139 that a profile's class stands for.
    iso_type: Option<String>,
    /// The local names from the root to the element being read.
    path: Vec<&'t str>,
    /// Whether the element being read says that it holds the catalogue's own identifier.
    own: bool,
    found: [Option<String>; 4],
    text: String,
}

/// Identifiers in the order in which they are taken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Name {
    /// That of the record.
    Metadata,
    /// That which the address of the record holds; or of Dublin Core, the only one.
    Record,
    /// That of the resource.
    Resource,
    /// The IRI of the resource.
    About,
}

impl Name {
    const ALL: [Self; 4] = [Self::Metadata, Self::Record, Self::Resource, Self::About];
}

/// The record, or why there is none; and what is to be said of it.
pub struct Closed {
    pub record: Option<RawRecord>,
    pub findings: Vec<Finding>,
}

impl<'t> Names<'t> {
    pub fn new(root: &Open<'t, '_>) -> Self {
        let mut names = Self {
            iso_type: root.attribute("isoType"),
            path: Vec::with_capacity(16),
            own: false,
            found: Default::default(),
            text: String::new(),
        };
        names.open(root);
        names
    }

    pub fn open(&mut self, element: &Open<'t, '_>) {
        self.path.push(element.local());
        match self.path.as_slice() {
            // Esri's servers name the record by one identifier and its file by another.
            ["Record" | "SummaryRecord" | "BriefRecord", "identifier"] => {
                self.own = element
                    .attribute("scheme")
                    .is_some_and(|scheme| scheme.ends_with(":DocID"));
            }
            ["RDF", "CatalogRecord"] | ["CatalogRecord"] => {
                let id = element.attribute("about").and_then(|about| named(&about));
                self.keep(Name::Record, id);
            }
            [
                "RDF",
                _,
                "isPrimaryTopicOf",
                "CatalogRecord" | "Description",
            ] => {
                let about = element.attribute("about").unwrap_or_default();
                let id = named(&about).or((!about.contains(':')).then_some(about));
                self.keep(Name::Record, id);
            }
            ["RDF", resource!()] | [resource!()] => {
                self.keep(Name::About, element.attribute("about"));
            }
            _ => {}
        }
    }

    /// Takes text if it is that of an identifier.
    pub fn text(&mut self, text: &str) {
        if self.identifier().is_some() && self.text.len() <= MAX_IDENTIFIER {
            self.text.push_str(text);
        }
    }

    /// The innermost element ends.
    pub fn close(&mut self) {
        if let Some(name) = self.identifier() {
            let text = std::mem::take(&mut self.text);
            self.keep(name, Some(text));
        }
        self.path.pop();
    }

    fn keep(&mut self, name: Name, id: Option<String>) {
        let id = id.map(|id| id.split_whitespace().collect::<Vec<_>>().join(" "));
        if let Some(slot) = self.found.get_mut(name as usize)
            && slot.is_none()
        {
            *slot = id.filter(|id| !id.is_empty() && id.len() <= MAX_IDENTIFIER);
        }
    }

    /// Which identifier the element being read holds, if it does.
    fn identifier(&self) -> Option<Name> {
        match self.path.as_slice() {
            [_, "fileIdentifier", "CharacterString" | "Anchor"]
            | [
                _,
                "metadataIdentifier",
                "MD_Identifier",
                "code",
                "CharacterString" | "Anchor",
            ]
            | ["RDF", "CatalogRecord", "identifier"]
            | ["CatalogRecord", "identifier"]
            | ["RDF", _, "isPrimaryTopicOf", _, "identifier"] => Some(Name::Metadata),
            ["Record" | "SummaryRecord" | "BriefRecord", "identifier"] if self.own => {
                Some(Name::Metadata)
            }
            ["Record" | "SummaryRecord" | "BriefRecord", "identifier"] => Some(Name::Record),
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
            ]
            | ["RDF", resource!(), "identifier"]
            | [resource!(), "identifier"]
            | ["RDF", "CatalogRecord", "primaryTopic", _, "identifier"] => Some(Name::Resource),
            _ => None,
        }
    }

    /// The whole record has been read.
    pub fn finish(self, slice: Slice<'t>, index: u64) -> Closed {
        let place = format!("/*/*[{index}]");
        let refused = |finding: Finding| Closed {
            record: None,
            findings: vec![finding.place(place.clone())],
        };
        let Some(format) = format(&slice.namespace, slice.name, self.iso_type.as_deref()) else {
            return refused(unsupported_format(&slice));
        };
        let chosen = Name::ALL
            .into_iter()
            .zip(self.found)
            .find_map(|(name, id)| id.map(|id| (name, id)));
        let Some((name, id)) = chosen else {
            return refused(no_identifier(
                Severity::Error,
                "the record has no identifier, nor has its resource; it was left out",
            ));
        };
        let id = RecordId::new(id);
        let mut findings = Vec::new();
        let iso = matches!(format, RecordFormat::Iso19139 | RecordFormat::Iso19115_3);
        if iso && name == Name::Resource {
            let message =
                "the record has no identifier of its own; that of its resource stands for it";
            findings.push(
                no_identifier(Severity::Warning, message)
                    .record(&id)
                    .place(place),
            );
        }
        findings.extend(undeclared_prefixes(&slice.undeclared).map(|finding| finding.record(&id)));
        Closed {
            record: Some(RawRecord {
                id,
                format,
                body: slice.document,
            }),
            findings,
        }
    }
}

/// The identifier at the end of GeoNetwork's addresses of records.
fn named(address: &str) -> Option<String> {
    let (_, rest) = address
        .split_once("/records/")
        .or_else(|| address.split_once("#/metadata/"))?;
    let id = rest.split(['/', '?', '#']).next()?;
    (!id.is_empty() && !id.contains('%')).then(|| id.to_owned())
}

fn no_identifier(severity: Severity, message: &str) -> Finding {
    Finding::new("record/no-identifier", severity, Stage::Read, message)
        .hint("Give each record a unique and lasting gmd:fileIdentifier (mdb:metadataIdentifier in ISO 19115-3, dc:identifier in Dublin Core).")
}
