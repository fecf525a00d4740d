//! ISO 19139 (`gmd`, `gmi`, profiles such as `che`) and ISO 19115-3 (`mdb` and its family) to GeoDCAT-AP 3.0.
//!
//! Both encodings are read by one mapping: [`paths`] has a path a standard for each value, and everything else knows
//! only the value's name, so that the same record in both encodings gives the same graph. The mapping follows annex B of
//! GeoDCAT-AP 3.0.0: <https://semiceu.github.io/GeoDCAT-AP/releases/3.0.0/>

pub(crate) mod codes;
mod constraints;
mod contacts;
mod distribution;
pub(crate) mod element;
mod extent;
mod fields;
pub(crate) mod geometry;
pub(crate) mod identity;
mod keywords;
pub(crate) mod online;
pub(crate) mod party;
mod paths;
mod quality;
mod resolution;
mod service;
pub(crate) mod terms;
pub(crate) mod text;
pub(crate) mod transfer;
pub(crate) mod tree;

use element::Element;
use model::ns::{dcat, dcatap, dcterms, foaf};
use model::{Entity, EntityKind, Finding, Mapped, RawRecord, Severity, Stage};
use oxrdf::{NamedNode, NamedNodeRef};

use crate::{MapContext, MapError};
use paths::{Path, Standard};
use text::{Locales, Text, code, is_code, language_tag};
use tree::Tree;

pub(crate) fn map(record: &RawRecord, context: &MapContext<'_>) -> Result<Mapped, MapError> {
    let tree = Tree::parse(&record.body).map_err(|error| MapError {
        rule: "record/unreadable",
        message: format!("the record is no well-formed XML: {}", error.message),
        place: Some(error.place),
        hint: Some(
            "Export the record again from the catalogue, and check it with an XML parser.".into(),
        ),
    })?;
    let root = metadata(tree.root(), 0).ok_or_else(|| not_metadata(tree.root()))?;
    let mut mapping = Mapping::new(record, context, root)?;
    mapping.run()?;
    let mut entities = vec![mapping.entity];
    entities.append(&mut mapping.agents);
    Ok(Mapped {
        entities,
        findings: mapping.findings,
    })
}

/// The metadata element: the root, or below the wrapping of an answer.
fn metadata(element: Element<'_>, depth: u8) -> Option<Element<'_>> {
    let name = element.name();
    if name.ends_with("MD_Metadata") || name.ends_with("MI_Metadata") {
        return Some(element);
    }
    if depth > 3 {
        None
    } else {
        element
            .children()
            .take(20)
            .find_map(|child| metadata(child, depth + 1))
    }
}

fn not_metadata(root: Element<'_>) -> MapError {
    MapError {
        rule: "record/unreadable",
        message: format!("`{}` is no metadata record of ISO 19139 or ISO 19115-3", root.name()),
        place: Some(root.xpath()),
        hint: Some("Leave records of other kinds (feature catalogues, Dublin Core...) out of the harvested selection.".into()),
    }
}

/// A record on its way to its entity.
struct Mapping<'a, 't> {
    record: &'a RawRecord,
    context: MapContext<'a>,
    standard: Standard,
    /// `MD_Metadata`.
    root: Element<'t>,
    /// `MD_DataIdentification` or `SV_ServiceIdentification`.
    info: Element<'t>,
    locales: Locales,
    entity: Entity,
    agents: Vec<Entity>,
    findings: Vec<Finding>,
}

impl<'a, 't> Mapping<'a, 't> {
    fn new(
        record: &'a RawRecord,
        context: &MapContext<'a>,
        root: Element<'t>,
    ) -> Result<Self, MapError> {
        let standard = Standard::of(root);
        let info = identification(root).ok_or_else(|| no_title(root))?;
        let kind = kind(standard, root, info);
        let iri = context
            .minted
            .cloned()
            .unwrap_or_else(|| context.minter.record(kind, context.source, &record.id));
        let mut mapping = Self {
            record,
            context: *context,
            standard,
            root,
            info,
            locales: Locales::default(),
            entity: Entity::new(kind, iri),
            agents: Vec::new(),
            findings: Vec::new(),
        };
        mapping.locales = mapping.read_locales();
        Ok(mapping)
    }

    fn run(&mut self) -> Result<(), MapError> {
        let subject = self.entity.iri.clone();
        self.entity.set_origin(&subject, self.root.xpath());
        self.entity.rank = crate::draft::rank(self.date_stamp().unwrap_or_default());
        self.entity.add_type(&subject, class(self.entity.kind));
        self.fields();
        if self.entity.object(&subject, dcterms::TITLE).is_none() {
            return Err(no_title(self.info));
        }
        self.identifiers();
        self.resource_type();
        self.dates();
        self.keywords();
        self.contacts();
        self.extents();
        self.resolutions();
        self.reference_systems();
        self.lineage();
        self.conformity();
        self.associations();
        if self.entity.kind == EntityKind::DataService {
            self.service();
        } else {
            self.distributions();
        }
        self.constraints();
        self.catalogue_record();
        self.set_standards();
        Ok(())
    }

    /// What the record's own statements imply by law: high-value data are under the implementing regulation.
    fn set_standards(&mut self) {
        let subject = self.entity.iri.clone();
        let law = NamedNodeRef::new_unchecked(codes::HVD_REGULATION);
        let has_category = self.entity.object(&subject, dcatap::HVD_CATEGORY).is_some();
        let stated = self
            .entity
            .objects(&subject, dcatap::APPLICABLE_LEGISLATION)
            .any(|object| *object == law.into_owned().into());
        if has_category && !stated {
            self.entity
                .add(&subject, dcatap::APPLICABLE_LEGISLATION, law.into_owned());
        }
    }

    fn read_locales(&self) -> Locales {
        let default = self
            .code(self.root, &paths::METADATA_LANGUAGE)
            .and_then(language_tag);
        let mut others = Vec::new();
        for property in self.all(self.root, &paths::LOCALES).into_iter().take(100) {
            for locale in property.children() {
                let tag = locale
                    .first("languageCode")
                    .or_else(|| locale.first("language"))
                    .and_then(code)
                    .and_then(language_tag);
                if let (Some(id), Some(tag)) = (locale.attribute("id"), tag) {
                    others.push((id.to_owned(), tag));
                }
            }
        }
        Locales {
            default: default.or_else(|| language_tag(self.context.language)),
            others,
        }
    }

    /// The date of the record: the stamp of ISO 19139, the last revision (else any date) of ISO 19115-3.
    fn date_stamp(&self) -> Option<&'t str> {
        let stamp = self.value(self.root, &paths::DATE_STAMP);
        stamp.or_else(|| {
            let mut dates: Vec<(bool, &str)> = Vec::new();
            for date in self
                .root
                .all("dateInfo")
                .into_iter()
                .filter_map(Element::object)
            {
                let revised = date.first("dateType").and_then(code).is_some_and(|kind| {
                    is_code(kind, "revision")
                        || is_code(kind, "lastUpdate")
                        || is_code(kind, "lastRevision")
                });
                dates.extend(date.value_of("date").map(|value| (revised, value)));
            }
            dates.into_iter().max().map(|(_, value)| value)
        })
    }

    fn all(&self, from: Element<'t>, path: &Path) -> Vec<Element<'t>> {
        path.of(self.standard)
            .iter()
            .flat_map(|path| from.all(path))
            .collect()
    }

    fn first(&self, from: Element<'t>, path: &Path) -> Option<Element<'t>> {
        path.of(self.standard)
            .iter()
            .find_map(|path| from.first(path))
    }

    fn value(&self, from: Element<'t>, path: &Path) -> Option<&'t str> {
        path.of(self.standard)
            .iter()
            .find_map(|path| from.value_of(path))
    }

    /// Codes stand as `codeListValue` or as text.
    fn code(&self, from: Element<'t>, path: &Path) -> Option<&'t str> {
        self.all(from, path).into_iter().find_map(code)
    }

    fn add_texts(&mut self, subject: &NamedNode, predicate: NamedNodeRef<'_>, texts: &[Text<'_>]) {
        for text in texts {
            self.entity
                .add_text(subject, predicate, text.value, text.language.as_deref());
        }
    }

    fn find(
        &mut self,
        rule: &'static str,
        severity: Severity,
        place: Element<'_>,
        value: &str,
        message: impl Into<String>,
        hint: &str,
    ) {
        let finding = Finding::new(rule, severity, Stage::Map, message)
            .record(&self.record.id)
            .place(place.xpath())
            .hint(hint);
        self.findings.push(if value.is_empty() {
            finding
        } else {
            finding.value(value)
        });
    }

    /// `dcat:CatalogRecord`: what is said about the record itself.
    fn catalogue_record(&mut self) {
        let Some(stamp) = self.date_stamp() else {
            return;
        };
        let (subject, node) = (self.entity.iri.clone(), self.entity.node("record"));
        self.entity.set_origin(&node, self.root.xpath());
        self.entity.add_type(&node, dcat::CATALOG_RECORD);
        self.entity.add(&node, foaf::PRIMARY_TOPIC, subject);
        self.entity
            .add_text(&node, dcterms::IDENTIFIER, self.record.id.as_str(), None);
        self.entity.add_text(&node, dcterms::MODIFIED, stamp, None);
        if let Some(language) = self.code(self.root, &paths::METADATA_LANGUAGE) {
            self.entity
                .add_text(&node, dcterms::LANGUAGE, language, None);
        }
        self.metadata_standard(&node);
        self.record_contacts(&node);
    }
}

/// The first identification that says what is identified.
fn identification(root: Element<'_>) -> Option<Element<'_>> {
    let all: Vec<_> = root
        .all("identificationInfo")
        .into_iter()
        .filter_map(Element::object)
        .collect();
    all.iter()
        .copied()
        .find(|info| info.value_of("citation/title").is_some())
        .or_else(|| all.first().copied())
}

fn no_title(place: Element<'_>) -> MapError {
    MapError {
        rule: "record/no-title",
        message: "the record has no title (citation/title)".into(),
        place: Some(place.xpath()),
        hint: Some("Give the resource a title: nobody finds a dataset without a name.".into()),
    }
}

fn kind(standard: Standard, root: Element<'_>, info: Element<'_>) -> EntityKind {
    let scope = paths::SCOPE
        .of(standard)
        .iter()
        .find_map(|path| root.all(path).into_iter().find_map(code))
        .unwrap_or_default();
    if info.name().ends_with("SV_ServiceIdentification")
        || is_code(scope, "service")
        || is_code(scope, "services")
    {
        EntityKind::DataService
    } else if is_code(scope, "series") {
        EntityKind::DatasetSeries
    } else {
        EntityKind::Dataset
    }
}

fn class(kind: EntityKind) -> NamedNodeRef<'static> {
    match kind {
        EntityKind::DataService => dcat::DATA_SERVICE,
        EntityKind::DatasetSeries => dcat::DATASET_SERIES,
        EntityKind::Dataset | EntityKind::Organisation => dcat::DATASET_CLASS,
    }
}
