//! Elements of Dublin Core (`oai_dc:dc`, `csw:Record` and their kin) to DCAT-AP.
//!
//! Elements are known by their local names: `dc:` and `dct:`, and the namespaces that servers make of them, mean the same.
//! What Dublin Core leaves open is decided beside the field that it is about: [`dates`], [`online`], [`coverage`], [`rights`].

mod agents;
mod coverage;
mod dates;
mod distribution;
mod encodings;
mod identity;
mod online;
mod places;
mod rights;
mod texts;

use model::ns::{dcat, dcterms};
use model::{EntityKind, Finding, Mapped, RawRecord, Severity, Stage, check_iri};
use oxrdf::{NamedNode, NamedNodeRef};

use crate::draft::Draft;
use crate::iso::element::Element;
use crate::iso::text::{fold_code, language_tag};
use crate::iso::tree::Tree;
use crate::json::Report;
use crate::{MapContext, MapError};

/// Values of an element of one name that are read.
const MAX_VALUES: usize = 1_000;
pub(crate) fn map(record: &RawRecord, context: &MapContext<'_>) -> Result<Mapped, MapError> {
    let tree = Tree::parse(&record.body).map_err(|error| MapError {
        rule: "record/unreadable",
        message: format!("the record is no well-formed XML: {}", error.message),
        place: Some(error.place),
        hint: Some("Check the record with an XML parser.".into()),
    })?;
    let root = container(tree.root(), 0).ok_or_else(|| MapError {
        rule: "record/unreadable",
        message: format!("`{}` holds no element of Dublin Core", tree.root().name()),
        place: Some(tree.root().xpath()),
        hint: Some("Leave records of other kinds out of the harvested selection.".into()),
    })?;
    let mut mapping = Mapping {
        record,
        root,
        catalogue: root.name().ends_with("Record"),
        draft: Draft::new(record, context, kind(root)),
        findings: Vec::new(),
    };
    mapping.run()?;
    let Mapping {
        draft, findings, ..
    } = mapping;
    let mut mapped = draft.finish(record, Report::default());
    mapped.findings.extend(findings);
    Ok(mapped)
}

/// The element whose children are the statements: the root, or below the wrapping of an answer.
fn container(element: Element<'_>, depth: u8) -> Option<Element<'_>> {
    let states = |child: Element<'_>| {
        matches!(
            child.name(),
            "title" | "identifier" | "description" | "abstract" | "subject" | "creator" | "type"
        )
    };
    if element.children().any(states) {
        return Some(element);
    }
    if depth > 3 {
        return None;
    }
    element
        .children()
        .take(20)
        .find_map(|child| container(child, depth + 1))
}

/// What the types say: those of DCMI (`Service`) and the scopes of ISO (`service`, `series`).
fn kind(root: Element<'_>) -> EntityKind {
    let types = root.children().filter(|child| child.name() == "type");
    for kind in types.take(MAX_VALUES) {
        let value = kind.value();
        let last = value.rsplit(['/', '#']).next().unwrap_or(value);
        match fold_code(last).as_str() {
            "service" | "services" | "dataservice" | "webservice" => {
                return EntityKind::DataService;
            }
            "series" | "datasetseries" => return EntityKind::DatasetSeries,
            _ => {}
        }
    }
    EntityKind::Dataset
}

/// A record on its way to its entity.
struct Mapping<'a, 't> {
    record: &'a RawRecord,
    root: Element<'t>,
    /// Whether it is a record of CSW, made of an ISO record by a catalogue.
    catalogue: bool,
    draft: Draft<'a>,
    findings: Vec<Finding>,
}

impl<'t> Mapping<'_, 't> {
    fn run(&mut self) -> Result<(), MapError> {
        let iri = self.iri();
        self.draft.entity.set_origin(&iri, self.root.xpath());
        let class = match self.draft.entity.kind {
            EntityKind::DataService => dcat::DATA_SERVICE,
            EntityKind::DatasetSeries => dcat::DATASET_SERIES,
            EntityKind::Dataset | EntityKind::Organisation => dcat::DATASET_CLASS,
        };
        self.draft.entity.add_type(&iri, class);
        self.titles();
        if self.draft.entity.object(&iri, dcterms::TITLE).is_none() {
            return Err(MapError {
                rule: "record/no-title",
                message: "the record has no title (dc:title)".into(),
                place: Some(self.root.xpath()),
                hint: Some(
                    "Give the resource a title: nobody finds a dataset without a name.".into(),
                ),
            });
        }
        self.descriptions();
        self.dates();
        self.types();
        self.subjects();
        self.plain(dcterms::LANGUAGE, "language");
        self.plain(dcterms::ACCRUAL_PERIODICITY, "accrualPeriodicity");
        self.agents();
        self.identifiers();
        self.relations();
        self.sources();
        self.coverages();
        self.online();
        self.rights();
        Ok(())
    }

    fn iri(&self) -> NamedNode {
        self.draft.entity.iri.clone()
    }

    /// The elements of these names that say something.
    fn all(&self, names: &[&str]) -> Vec<Element<'t>> {
        let named = |child: &Element<'t>| names.contains(&child.name());
        self.root
            .children()
            .filter(named)
            .filter(|child| !child.value().is_empty())
            .take(MAX_VALUES)
            .collect()
    }

    /// The language of a text: its own, that of the record, that of the source.
    fn language(&self, text: Element<'t>) -> Option<String> {
        let stated = text.attribute("lang").or(self.root.attribute("lang"));
        stated
            .and_then(language_tag)
            .or_else(|| language_tag(self.draft.context.language))
    }

    fn text(&mut self, subject: &NamedNode, predicate: NamedNodeRef<'_>, text: Element<'t>) {
        let language = self.language(text);
        self.draft
            .entity
            .add_text(subject, predicate, text.value(), language.as_deref());
    }

    /// Codes and the like, as they are written.
    fn plain(&mut self, predicate: NamedNodeRef<'_>, name: &str) {
        let iri = self.iri();
        let mut seen: Vec<&str> = Vec::new();
        for value in self.all(&[name]) {
            if !seen.contains(&value.value()) {
                seen.push(value.value());
                self.iri_or_text(&iri, predicate, value.value());
            }
        }
    }

    /// A web address is an IRI, anything else a text for the rules.
    fn iri_or_text(&mut self, subject: &NamedNode, predicate: NamedNodeRef<'_>, value: &str) {
        if is_address(value) {
            self.draft.entity.add_iri(subject, predicate, value);
        } else {
            self.draft.entity.add_text(subject, predicate, value, None);
        }
    }

    fn find(
        &mut self,
        rule: &'static str,
        severity: Severity,
        place: Element<'t>,
        message: impl Into<String>,
        hint: &str,
    ) {
        self.findings.push(
            Finding::new(rule, severity, Stage::Map, message)
                .record(&self.record.id)
                .place(place.xpath())
                .value(place.value())
                .hint(hint),
        );
    }
}

/// Whether a value is a web address, and no text that begins with one.
fn is_address(value: &str) -> bool {
    (value.starts_with("http://") || value.starts_with("https://"))
        && !value.contains(char::is_whitespace)
        && check_iri(value).is_some()
}
