//! `gmd:MD_Metadata` of ISO 19139 (schemas of 2007-04-17, GML 3.2), with what INSPIRE's technical guidelines for metadata 2.0 ask for.
//!
//! The inverse of `mapping`'s module `iso`: what a property came from there is where it goes here.

mod codes;
mod constraints;
mod contacts;
mod distribution;
mod extent;
mod identification;
mod keywords;
mod quality;
mod service;
mod writer;

use model::EntityKind;
use model::ns::{adms, cnt, dcat, dcterms, dqv, geodcatap, skos};

use crate::graph::{Graph, Node, end};
use crate::speech::{self, Speech};
use crate::{Context, Linked};
pub(crate) use codes::ROLES;
pub(crate) use distribution::protocol;
use writer::Writer;

pub const NAMESPACE: &str = "http://www.isotc211.org/2005/gmd";

/// The record of an entity: an element, without an XML declaration. `None` where it is no dataset, series or service, or has no title.
pub fn record(graph: &Graph<'_>, iri: &str, context: &Context<'_>) -> Option<String> {
    let node = graph.node(iri);
    let kind = kind(node)?;
    node.texts(dcterms::TITLE).first()?;
    let entity = Entity {
        node,
        kind,
        record: speech::record(node),
        context,
    };
    let mut writer = Writer::new(Speech::of(node, context.language));
    entity.metadata(&mut writer);
    Some(writer.finish())
}

/// What kind of resource a node is, if it is one that records describe.
pub(crate) fn kind(node: Node<'_>) -> Option<EntityKind> {
    if node.is(dcat::DATA_SERVICE) {
        Some(EntityKind::DataService)
    } else if node.is(dcat::DATASET_SERIES) {
        Some(EntityKind::DatasetSeries)
    } else if node.is(dcat::DATASET_CLASS) {
        Some(EntityKind::Dataset)
    } else {
        None
    }
}

/// The code of its scope, in ISO 19115 and for INSPIRE.
pub(crate) fn scope(kind: EntityKind) -> &'static str {
    match kind {
        EntityKind::DataService => "service",
        EntityKind::DatasetSeries => "series",
        EntityKind::Dataset | EntityKind::Organisation => "dataset",
    }
}

/// An entity whose record is written.
struct Entity<'a> {
    node: Node<'a>,
    kind: EntityKind,
    record: Option<Node<'a>>,
    context: &'a Context<'a>,
}

impl<'a> Entity<'a> {
    fn metadata(&self, w: &mut Writer<'a>) {
        w.begin();
        w.string("gmd:fileIdentifier", self.context.identifier);
        let language = w.speech.main;
        w.language("gmd:language", language);
        w.code("gmd:characterSet", "MD_CharacterSetCode", "utf8");
        self.parent(w);
        w.code("gmd:hierarchyLevel", "MD_ScopeCode", self.level());
        w.path("gmd:hierarchyLevelName", |w| {
            w.leaf("gco:CharacterString", self.level());
        });
        self.record_contacts(w);
        w.date("gmd:dateStamp", &crate::stamp(self.node, self.context));
        w.string("gmd:metadataStandardName", "ISO 19115:2003/19139");
        w.string("gmd:metadataStandardVersion", "1.0");
        w.string("gmd:dataSetURI", self.node.iri);
        self.locales(w);
        self.reference_systems(w);
        self.identification(w);
        self.distribution(w);
        self.quality(w);
        w.end();
    }

    /// The kind of resource; what ISO has more of than DCAT (a map, an application) is the type of a dataset.
    fn level(&self) -> &'a str {
        self.node
            .nodes(dcterms::TYPE)
            .filter(|kind| kind.is_part_of(self.node))
            .find_map(|kind| kind.value(skos::PREF_LABEL))
            .filter(|_| self.kind == EntityKind::Dataset)
            .unwrap_or_else(|| scope(self.kind))
    }

    fn parent(&self, w: &mut Writer<'a>) {
        if let Some(series) = self.node.first(dcat::IN_SERIES) {
            w.string("gmd:parentIdentifier", &self.linked(series.iri).identifier);
        }
    }

    /// How another record is named: by its identifier in this catalogue, else by its IRI.
    fn linked(&self, iri: &str) -> Linked {
        (self.context.linked)(iri).unwrap_or_else(|| Linked {
            identifier: iri.to_owned(),
            address: None,
        })
    }

    fn locales(&self, w: &mut Writer<'a>) {
        for tag in w.speech.others.clone() {
            w.path("gmd:locale", |w| {
                w.within_with("gmd:PT_Locale", &[("id", &speech::locale(tag))], |w| {
                    w.language("gmd:languageCode", tag);
                    w.code("gmd:characterEncoding", "MD_CharacterSetCode", "utf8");
                });
            });
        }
    }

    fn reference_systems(&self, w: &mut Writer<'a>) {
        for system in self.node.nodes(geodcatap::REFERENCE_SYSTEM) {
            let path = "gmd:referenceSystemInfo/gmd:MD_ReferenceSystem/gmd:referenceSystemIdentifier/gmd:RS_Identifier/gmd:code";
            let number = system
                .iri
                .split_once("/def/crs/EPSG/")
                .map(|_| end(system.iri));
            w.path(path, |w| match number {
                Some(number) => w.anchor(system.iri, &format!("EPSG:{number}")),
                None if system.is_part_of(self.node) => {
                    w.leaf("gco:CharacterString", system.label(w.speech.main));
                }
                None => w.anchor(system.iri, system.label(w.speech.main)),
            });
        }
    }

    /// Scales, distances, and angles as they were stated.
    fn resolutions(&self, w: &mut Writer<'a>) {
        let scales = self
            .node
            .nodes(dqv::HAS_QUALITY_MEASUREMENT)
            .filter(|measure| {
                let metric = measure.first(dqv::IS_MEASUREMENT_OF);
                metric.is_some_and(|metric| metric.iri == codes::SCALE_METRIC)
            })
            .filter_map(|measure| measure.value(dqv::VALUE)?.parse::<f64>().ok())
            .filter(|value| *value > 1e-12 && *value < 1.0);
        for scale in scales {
            let path = "gmd:spatialResolution/gmd:MD_Resolution/gmd:equivalentScale/gmd:MD_RepresentativeFraction/gmd:denominator";
            w.path(path, |w| {
                w.leaf("gco:Integer", &format!("{}", (1.0 / scale).round()))
            });
        }
        let metres = self
            .node
            .texts(dcat::SPATIAL_RESOLUTION_IN_METERS)
            .into_iter()
            .map(|text| (text.value, "m"));
        let words = self
            .node
            .texts(geodcatap::SPATIAL_RESOLUTION_AS_TEXT)
            .into_iter()
            .filter_map(|text| text.value.split_once(' '))
            .filter(|(_, unit)| !unit.is_empty() && !unit.contains(char::is_whitespace));
        for (number, unit) in metres.chain(words) {
            if number.parse::<f64>().is_ok_and(f64::is_finite) {
                w.path(
                    "gmd:spatialResolution/gmd:MD_Resolution/gmd:distance",
                    |w| {
                        w.leaf_with("gco:Distance", &[("uom", unit)], number);
                    },
                );
            }
        }
    }

    fn representation(&self, w: &mut Writer<'a>) {
        let technique = self
            .node
            .nodes(dcat::DISTRIBUTION)
            .find_map(|distribution| distribution.first(adms::REPRESENTATION_TECHNIQUE));
        if let Some(technique) = technique {
            w.code(
                "gmd:spatialRepresentationType",
                "MD_SpatialRepresentationTypeCode",
                end(technique.iri),
            );
        }
    }

    /// Of the data: that of the first distribution that says it.
    fn character_set(&self, w: &mut Writer<'a>) {
        let stated = self
            .node
            .nodes(dcat::DISTRIBUTION)
            .find_map(|distribution| distribution.value(cnt::CHARACTER_ENCODING));
        if let Some(name) = stated {
            w.code(
                "gmd:characterSet",
                "MD_CharacterSetCode",
                codes::character_set(name),
            );
        }
    }
}
