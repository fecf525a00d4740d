//! Lineage, and conformity to specifications: `DQ_DataQuality`.

use model::EntityKind;
use model::ns::{dcat, dcterms, prov};
use vocab::{Scheme, Vocab};

use super::distribution::service_protocol;
use super::identification::cite;
use super::writer::Writer;
use super::{Entity, codes, scope};
use crate::graph::{Node, Text, end};

/// Statements of a record that are written.
const MOST: usize = 200;

/// What INSPIRE's data and services have to say that they conform to, or do not, or that nobody knows.
const DATA: &str = "http://data.europa.eu/eli/reg/2010/1089";
const SERVICES: &str = "http://data.europa.eu/eli/reg/2009/976";

struct Result<'a> {
    specification: Node<'a>,
    /// `None` where it was not evaluated.
    pass: Option<bool>,
    explanation: Vec<Text<'a>>,
}

impl<'a> Entity<'a> {
    pub(super) fn quality(&self, w: &mut Writer<'a>) {
        let results = self.results();
        let lineage: Vec<Vec<Text<'a>>> = self
            .node
            .nodes(dcterms::PROVENANCE)
            .map(|statement| match statement.texts(dcterms::DESCRIPTION) {
                texts if texts.is_empty() => statement.names(),
                texts => texts,
            })
            .filter(|texts| !texts.is_empty())
            .take(MOST)
            .collect();
        if results.is_empty() && lineage.is_empty() {
            return;
        }
        w.path("gmd:dataQualityInfo/gmd:DQ_DataQuality", |w| {
            w.path("gmd:scope/gmd:DQ_Scope", |w| {
                w.code("gmd:level", "MD_ScopeCode", scope(self.kind));
                if self.kind == EntityKind::DataService {
                    w.path("gmd:levelDescription/gmd:MD_ScopeDescription", |w| {
                        w.string("gmd:other", "service");
                    });
                }
            });
            for result in &results {
                report(w, result, self.node);
            }
            self.lineage(w, &lineage);
        });
    }

    /// The first is the statement, the others steps of the process.
    fn lineage(&self, w: &mut Writer<'a>, statements: &[Vec<Text<'a>>]) {
        let Some((first, steps)) = statements.split_first() else {
            return;
        };
        w.path("gmd:lineage/gmd:LI_Lineage", |w| {
            w.texts("gmd:statement", first);
            for step in steps {
                w.path("gmd:processStep/gmd:LI_ProcessStep", |w| {
                    w.texts("gmd:description", step);
                });
            }
        });
    }

    /// Results of tests, as the chain of PROV-O has them; then what the resource conforms to without one; then, of what has an
    /// INSPIRE theme, that its conformity to INSPIRE was not evaluated where nothing is said about it.
    fn results(&self) -> Vec<Result<'a>> {
        let mut results: Vec<Result<'a>> = self
            .node
            .nodes(prov::WAS_USED_BY)
            .filter_map(tested)
            .take(MOST)
            .collect();
        let protocol = |standard: Node<'a>| {
            standard.iri.contains("opengeospatial.org/standards/")
                || (self.kind == EntityKind::DataService
                    && service_protocol(self.node).is_some()
                    && standard.iri.contains("opengis"))
        };
        for specification in self.node.nodes(dcterms::CONFORMS_TO).take(MOST) {
            let known = results
                .iter()
                .any(|result| result.specification.iri == specification.iri);
            if !known && !protocol(specification) {
                results.push(Result {
                    specification,
                    pass: Some(true),
                    explanation: Vec::new(),
                });
            }
        }
        let inspire = self
            .node
            .nodes(dcat::THEME)
            .any(|theme| theme.iri.starts_with("http://inspire.ec.europa.eu/theme/"));
        let told = results
            .iter()
            .any(|result| result.specification.iri == DATA || result.specification.iri == SERVICES);
        if inspire && !told {
            let iri = match self.kind {
                EntityKind::DataService => SERVICES,
                _ => DATA,
            };
            results.push(Result {
                specification: self.node.graph.node(iri),
                pass: None,
                explanation: Vec::new(),
            });
        }
        results
    }
}

fn tested(activity: Node<'_>) -> Option<Result<'_>> {
    let outcome = activity.first(prov::GENERATED)?;
    let plan = activity
        .first(prov::QUALIFIED_ASSOCIATION)?
        .first(prov::HAD_PLAN)?;
    let degree = outcome.first(dcterms::TYPE).map(|degree| end(degree.iri));
    Some(Result {
        specification: plan.first(prov::WAS_DERIVED_FROM)?,
        pass: match degree {
            Some("conformant") => Some(true),
            Some("notConformant") => Some(false),
            _ => None,
        },
        explanation: outcome.texts(dcterms::DESCRIPTION),
    })
}

fn report<'a>(w: &mut Writer<'a>, result: &Result<'a>, entity: Node<'a>) {
    let path = "gmd:report/gmd:DQ_DomainConsistency/gmd:result/gmd:DQ_ConformanceResult";
    w.path(path, |w| {
        w.path("gmd:specification", |w| {
            specification(w, result.specification, entity)
        });
        let said = result.explanation.iter().any(|text| w.speech.is_main(text));
        match said {
            true => w.texts("gmd:explanation", &result.explanation),
            // It must have one.
            false => w.string("gmd:explanation", "Voir la spécification"),
        }
        match result.pass {
            Some(pass) => w.path("gmd:pass", |w| {
                w.leaf("gco:Boolean", if pass { "true" } else { "false" })
            }),
            None => w.nil("gmd:pass", "unknown"),
        }
    });
}

fn specification<'a>(w: &mut Writer<'a>, node: Node<'a>, entity: Node<'a>) {
    let stated = [
        (dcterms::CREATED, "creation"),
        (dcterms::ISSUED, "publication"),
        (dcterms::MODIFIED, "revision"),
    ]
    .map(|(property, kind)| (node.value(property).unwrap_or_default(), kind));
    if node.is_part_of(entity) {
        return cite(w, &node.names(), None, &stated);
    }
    let listed = Vocab::bundled()
        .scheme(Scheme::Standard)
        .by_iri(node.iri)
        .is_some();
    let title = match (listed, node.names().is_empty()) {
        (false, true) => node.iri,
        _ => node.label(w.speech.main),
    };
    let text = Text {
        value: title,
        language: None,
    };
    let published = [(codes::published(node.iri), "publication")];
    let dates = match stated.iter().all(|(date, _)| date.is_empty()) {
        true => &published[..],
        false => &stated[..],
    };
    cite(w, &[text], Some(node.iri), dates);
}
