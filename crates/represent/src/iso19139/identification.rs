//! `MD_DataIdentification` and `SV_ServiceIdentification`: what is described.

use model::EntityKind;
use model::ns::{adms, dcat, dcterms, foaf, geodcatap, skos};

use super::writer::Writer;
use super::{Entity, codes};
use crate::graph::{Node, Text, end};

/// Values of a property that are written: a record of thousands of relations is no record.
const MOST: usize = 500;

impl<'a> Entity<'a> {
    pub(super) fn identification(&self, w: &mut Writer<'a>) {
        let class = match self.kind {
            EntityKind::DataService => "srv:SV_ServiceIdentification",
            _ => "gmd:MD_DataIdentification",
        };
        w.path(&format!("gmd:identificationInfo/{class}"), |w| {
            self.described(w);
            match self.kind {
                EntityKind::DataService => self.service(w),
                _ => self.data(w),
            }
        });
    }

    /// What data and services have in common.
    fn described(&self, w: &mut Writer<'a>) {
        w.path("gmd:citation/gmd:CI_Citation", |w| self.citation(w));
        let description = self.node.texts(dcterms::DESCRIPTION);
        match w.speech.best(&description) {
            // It must have a text of its own, in whatever language.
            Some(best) if !description.iter().any(|text| w.speech.is_main(text)) => {
                w.string("gmd:abstract", best);
            }
            Some(_) => w.texts("gmd:abstract", &description),
            None => w.nil("gmd:abstract", "missing"),
        }
        w.texts("gmd:purpose", &self.node.texts(geodcatap::PURPOSE));
        self.resource_contacts(w);
        if let Some(frequency) = self.node.first(dcterms::ACCRUAL_PERIODICITY) {
            w.path(
                "gmd:resourceMaintenance/gmd:MD_MaintenanceInformation",
                |w| {
                    maintenance(w, frequency);
                },
            );
        }
        for picture in self.node.nodes(foaf::DEPICTION).take(MOST) {
            w.path("gmd:graphicOverview/gmd:MD_BrowseGraphic", |w| {
                w.string("gmd:fileName", picture.iri);
            });
        }
        self.keywords(w);
        self.constraints(w);
        self.associations(w);
    }

    fn citation(&self, w: &mut Writer<'a>) {
        let titles = self.node.texts(dcterms::TITLE);
        w.texts("gmd:title", &titles);
        w.each_text("gmd:alternateTitle", &self.node.texts(dcterms::ALTERNATIVE));
        let mut dated = false;
        for (property, kind) in [
            (dcterms::CREATED, "creation"),
            (dcterms::ISSUED, "publication"),
            (dcterms::MODIFIED, "revision"),
        ] {
            if let Some(date) = self.node.value(property) {
                dated = true;
                cited_date(w, date, kind);
            }
        }
        if !dated {
            w.nil("gmd:date", "unknown");
        }
        if let Some(version) = self.node.value(dcat::VERSION) {
            w.string("gmd:edition", version);
        }
        self.identifiers(w);
    }

    /// Those of the resource's owner, and its IRI: by that a portal that harvests us, and we through it, know whose record it is.
    fn identifiers(&self, w: &mut Writer<'a>) {
        let mut identifiers: Vec<(&str, Option<&str>)> = self
            .node
            .nodes(adms::IDENTIFIER)
            .take(MOST)
            .filter_map(|identifier| {
                let notation = identifier.value(skos::NOTATION)?;
                Some((notation, identifier.value(adms::SCHEMA_AGENCY)))
            })
            .collect();
        // In an order of their own: a document that changes with the store would make each catalogue behind us change, too.
        identifiers.sort_unstable();
        identifiers.dedup();
        let own = identifiers
            .iter()
            .any(|&(notation, _)| notation == self.node.iri);
        for (notation, agency) in identifiers {
            match agency {
                Some(agency) => w.path("gmd:identifier/gmd:RS_Identifier", |w| {
                    w.string("gmd:code", notation);
                    w.string("gmd:codeSpace", agency);
                }),
                None => w.path("gmd:identifier/gmd:MD_Identifier", |w| {
                    w.string("gmd:code", notation);
                }),
            }
        }
        if !own {
            w.path("gmd:identifier/gmd:MD_Identifier", |w| {
                w.string("gmd:code", self.node.iri);
            });
        }
    }

    /// Further series, and what the resource is related to or made from.
    fn associations(&self, w: &mut Writer<'a>) {
        let series = self
            .node
            .nodes(dcat::IN_SERIES)
            .skip(1)
            .map(|other| (other, "largerWorkCitation"));
        let sources = self
            .node
            .nodes(dcterms::SOURCE)
            .map(|other| (other, "source"));
        let related = self
            .node
            .nodes(dcterms::RELATION)
            .map(|other| (other, "crossReference"));
        for (other, kind) in series.chain(sources).chain(related).take(MOST) {
            w.path("gmd:aggregationInfo/gmd:MD_AggregateInformation", |w| {
                w.path("gmd:aggregateDataSetIdentifier/gmd:MD_Identifier", |w| {
                    w.string("gmd:code", &self.linked(other.iri).identifier);
                });
                w.code("gmd:associationType", "DS_AssociationTypeCode", kind);
            });
        }
    }

    fn data(&self, w: &mut Writer<'a>) {
        self.representation(w);
        self.resolutions(w);
        let mut languages = self.node.nodes(dcterms::LANGUAGE).take(MOST).peekable();
        if languages.peek().is_none() {
            w.nil("gmd:language", "unknown");
        }
        for language in languages {
            w.language("gmd:language", language.iri);
        }
        self.character_set(w);
        self.topics(w);
        self.extents(w, "gmd:extent");
    }

    /// The stated ones; else those that go with the INSPIRE themes, for a dataset must have one.
    fn topics(&self, w: &mut Writer<'a>) {
        let mut topics: Vec<&str> = self
            .node
            .nodes(geodcatap::TOPIC_CATEGORY)
            .map(|topic| end(topic.iri))
            .collect();
        if topics.is_empty() {
            topics = self
                .node
                .nodes(dcat::THEME)
                .filter_map(|theme| codes::topic(theme.iri))
                .collect();
            topics.dedup();
        }
        for topic in topics {
            w.path("gmd:topicCategory", |w| {
                w.leaf("gmd:MD_TopicCategoryCode", topic)
            });
        }
    }
}

/// A frequency that ISO has no code for keeps that of the EU's list.
fn maintenance(w: &mut Writer<'_>, frequency: Node<'_>) {
    let property = "gmd:maintenanceAndUpdateFrequency";
    match codes::frequency(frequency.iri) {
        Ok(code) => w.code(property, "MD_MaintenanceFrequencyCode", code),
        Err(code) => {
            let list = frequency.iri.strip_suffix(code).unwrap_or(frequency.iri);
            w.listed(
                property,
                "MD_MaintenanceFrequencyCode",
                list.trim_end_matches('/'),
                code,
            );
        }
    }
}

pub(super) fn cited_date(w: &mut Writer<'_>, date: &str, kind: &str) {
    w.path("gmd:date/gmd:CI_Date", |w| {
        w.date("gmd:date", date);
        w.code("gmd:dateType", "CI_DateTypeCode", kind);
    });
}

/// A citation of something that has a title, perhaps an address, and a date.
pub(super) fn cite<'a>(
    w: &mut Writer<'a>,
    titles: &[Text<'a>],
    address: Option<&str>,
    dates: &[(&str, &str)],
) {
    w.path("gmd:CI_Citation", |w| {
        match address {
            Some(address) => {
                let title = w.speech.best(titles).unwrap_or(address).to_owned();
                w.path("gmd:title", |w| w.anchor(address, &title));
            }
            None => w.texts("gmd:title", titles),
        }
        let stated = dates.iter().filter(|(date, _)| !date.is_empty());
        if stated.clone().next().is_none() {
            w.nil("gmd:date", "unknown");
        }
        for (date, kind) in stated {
            cited_date(w, date, kind);
        }
    });
}
