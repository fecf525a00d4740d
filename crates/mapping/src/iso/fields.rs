//! The values that go from one property to one property: a table.

use model::ns::{dcat, dcterms, foaf, geodcatap};
use model::{EntityKind, check_iri};
use oxrdf::{NamedNode, NamedNodeRef};

use super::codes::{self, CodeList};
use super::paths::{self, Path};
use super::text::{code, is_code};
use super::{Element, Mapping};

struct Field {
    property: NamedNodeRef<'static>,
    path: &'static Path,
    how: How,
}

enum How {
    /// One text in each language: the first that has any.
    Text,
    /// Texts in each language.
    Texts,
    /// The first value, as it is written.
    Value,
    /// Every code, as it is written: for the rules.
    Codes,
    /// The first code, as it is written.
    Code,
    /// The addresses of codes; others as they are written.
    Concepts(&'static CodeList),
    /// Absolute web addresses; others (file names of a catalogue) say nothing outside it.
    Addresses,
}

const FIELDS: &[Field] = &[
    Field {
        property: dcterms::TITLE,
        path: &paths::TITLE,
        how: How::Text,
    },
    Field {
        property: dcterms::ALTERNATIVE,
        path: &paths::ALTERNATE_TITLE,
        how: How::Texts,
    },
    Field {
        property: dcterms::DESCRIPTION,
        path: &paths::ABSTRACT,
        how: How::Text,
    },
    // Of GeoDCAT-AP 3.1.
    Field {
        property: geodcatap::PURPOSE,
        path: &paths::PURPOSE,
        how: How::Text,
    },
    Field {
        property: dcat::VERSION,
        path: &paths::EDITION,
        how: How::Value,
    },
    Field {
        property: dcterms::LANGUAGE,
        path: &paths::RESOURCE_LANGUAGE,
        how: How::Codes,
    },
    Field {
        property: dcterms::ACCRUAL_PERIODICITY,
        path: &paths::FREQUENCY,
        how: How::Code,
    },
    Field {
        property: geodcatap::TOPIC_CATEGORY,
        path: &paths::TOPIC,
        how: How::Concepts(&codes::TOPIC),
    },
    Field {
        property: foaf::DEPICTION,
        path: &paths::OVERVIEW,
        how: How::Addresses,
    },
    Field {
        property: foaf::PAGE,
        path: &paths::DOCUMENTATION,
        how: How::Addresses,
    },
];

/// The types of dates, by the property that GeoDCAT-AP gives them; where several dates are of one type, the earliest of
/// a beginning and the latest of a revision is the one.
const DATES: &[(NamedNodeRef<'static>, &[&str], Pick)] = &[
    (
        dcterms::ISSUED,
        &["publication", "issued", "released", "Publication Date"],
        Pick::Earliest,
    ),
    (
        dcterms::MODIFIED,
        &["revision", "lastUpdate", "lastRevision"],
        Pick::Latest,
    ),
    (dcterms::CREATED, &["creation"], Pick::Earliest),
];

#[derive(Clone, Copy)]
enum Pick {
    Earliest,
    Latest,
}

impl<'t> Mapping<'_, 't> {
    pub(super) fn fields(&mut self) {
        let subject = self.entity.iri.clone();
        for field in FIELDS {
            let properties = self.all(self.info, field.path);
            self.field(&subject, field, &properties);
        }
    }

    fn field(&mut self, subject: &NamedNode, field: &Field, properties: &[Element<'t>]) {
        match field.how {
            How::Text => {
                let texts = properties
                    .iter()
                    .map(|property| self.locales.texts(*property))
                    .find(|texts| !texts.is_empty());
                self.add_texts(subject, field.property, &texts.unwrap_or_default());
            }
            How::Texts => {
                for property in properties {
                    let texts = self.locales.texts(*property);
                    self.add_texts(subject, field.property, &texts);
                }
            }
            How::Value => {
                if let Some(value) = properties
                    .iter()
                    .map(|property| property.value())
                    .find(|value| !value.is_empty())
                {
                    self.entity.add_text(subject, field.property, value, None);
                }
            }
            How::Codes => properties
                .iter()
                .filter_map(|property| code(*property))
                .for_each(|value| self.entity.add_text(subject, field.property, value, None)),
            How::Code => {
                if let Some(value) = properties.iter().find_map(|property| code(*property)) {
                    self.entity.add_text(subject, field.property, value, None);
                }
            }
            How::Concepts(list) => {
                for property in properties {
                    self.concept(subject, field.property, list, *property);
                }
            }
            How::Addresses => {
                for value in properties
                    .iter()
                    .map(|property| property.value())
                    .filter(|value| value.starts_with("http"))
                {
                    if let Some(iri) = check_iri(value) {
                        self.entity.add(subject, field.property, iri);
                    }
                }
            }
        }
    }

    /// The address of a code; what its list does not have (a label, another list's code) is for the rules.
    fn concept(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        list: &CodeList,
        property: Element<'t>,
    ) {
        let Some(code) = code(property) else { return };
        match list.address(code) {
            Some(address) => {
                self.entity
                    .add(subject, predicate, NamedNode::new_unchecked(address));
            }
            None => self.entity.add_text(subject, predicate, code, None),
        }
    }

    pub(super) fn dates(&mut self) {
        let subject = self.entity.iri.clone();
        let dates: Vec<(&str, &str)> = self
            .all(self.info, &paths::DATE)
            .into_iter()
            .filter_map(Element::object)
            .filter_map(|date| {
                Some((
                    date.first("dateType").and_then(code)?,
                    date.value_of("date")?,
                ))
            })
            .collect();
        for (property, types, pick) in DATES {
            let of_type = dates
                .iter()
                .filter(|(kind, _)| types.iter().any(|wanted| is_code(kind, wanted)))
                .map(|(_, value)| *value);
            // ISO 8601 dates sort as text; what is no date sorts after all of them, and is chosen where it stands alone.
            let readable = |value: &&str| value.starts_with(|c: char| c.is_ascii_digit());
            let all: Vec<&str> = of_type.collect();
            let good = all.iter().copied().filter(readable);
            let chosen = match pick {
                Pick::Earliest => good.min(),
                Pick::Latest => good.max(),
            };
            if let Some(value) = chosen.or_else(|| all.first().copied()) {
                self.entity.add_text(&subject, *property, value, None);
            }
        }
    }

    /// `geodcatap:resourceType`, or `dct:type` for what has no INSPIRE resource type (a map, a document, an application...):
    /// GeoDCAT-AP has datasets, series and services only, and such a record is a dataset of its type.
    pub(super) fn resource_type(&mut self) {
        let subject = self.entity.iri.clone();
        let scope = self.code(self.root, &paths::SCOPE).unwrap_or_default();
        let name = match self.entity.kind {
            EntityKind::DataService => "service",
            EntityKind::DatasetSeries => "series",
            EntityKind::Dataset | EntityKind::Organisation => "dataset",
        };
        let stated = codes::RESOURCE_TYPE.address(scope).is_some()
            || scope.is_empty()
            || is_code(scope, "services")
            || is_code(scope, "nonGeographicDataset");
        if let Some(address) = codes::RESOURCE_TYPE.address(name) {
            self.entity.add(
                &subject,
                geodcatap::RESOURCE_TYPE,
                NamedNode::new_unchecked(address),
            );
        }
        if !stated && scope.len() < 60 && !scope.contains("://") {
            self.own_concept(&subject, dcterms::TYPE, "type", scope);
        }
    }
}
