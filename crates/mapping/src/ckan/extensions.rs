//! What ckanext-dcat knows beyond DCAT-AP: provenance, attributions, HealthDCAT-AP, and DCAT-US where DCAT-AP has a property for it.

use model::ns::{dcat, dcterms, foaf, prov, rdfs};
use oxrdf::vocab::xsd;
use oxrdf::{NamedNode, NamedNodeRef};

use super::agents::{described, know};
use super::dates;
use super::fields::{Fields, leaves};
use super::statements::{Kind, Row, address, member, objects, table};
use crate::draft::Draft;

/// More than this of one kind is no description.
const MOST: usize = 100;

macro_rules! terms {
    ($($name:ident = $iri:literal),* $(,)?) => { $(const $name: NamedNodeRef<'static> = NamedNodeRef::new_unchecked($iri);)* };
}

terms! {
    // HealthDCAT-AP, which is not final, by the namespace that ckanext-dcat has for it.
    ANALYTICS = "http://healthdataportal.eu/ns/health#analytics",
    CODE_VALUES = "http://healthdataportal.eu/ns/health#hasCodeValues",
    CODING_SYSTEM = "http://healthdataportal.eu/ns/health#hasCodingSystem",
    HEALTH_CATEGORY = "http://healthdataportal.eu/ns/health#healthCategory",
    HEALTH_THEME = "http://healthdataportal.eu/ns/health#healthTheme",
    HDAB = "http://healthdataportal.eu/ns/health#hdab",
    MAX_AGE = "http://healthdataportal.eu/ns/health#maxTypicalAge",
    MIN_AGE = "http://healthdataportal.eu/ns/health#minTypicalAge",
    RECORDS = "http://healthdataportal.eu/ns/health#numberOfRecords",
    INDIVIDUALS = "http://healthdataportal.eu/ns/health#numberOfUniqueIndividuals",
    POPULATION = "http://healthdataportal.eu/ns/health#populationCoverage",
    PUBLISHER_NOTE = "http://healthdataportal.eu/ns/health#publisherNote",
    PUBLISHER_TYPE = "http://healthdataportal.eu/ns/health#publisherType",
    RETENTION = "http://healthdataportal.eu/ns/health#retentionPeriod",
    TRUSTED = "http://healthdataportal.eu/ns/health#trustedDataHolder",
    LEGAL_BASIS = "https://w3id.org/dpv#hasLegalBasis",
    PERSONAL_DATA = "https://w3id.org/dpv#hasPersonalData",
    HAS_PURPOSE = "https://w3id.org/dpv#hasPurpose",
    QUALITY_ANNOTATION = "http://www.w3.org/ns/dqv#hasQualityAnnotation",
    ANNOTATION_CLASS = "http://www.w3.org/ns/dqv#QualityAnnotation",
    HAS_BODY = "http://www.w3.org/ns/oa#hasBody",
    HAS_TARGET = "http://www.w3.org/ns/oa#hasTarget",
    MOTIVATED_BY = "http://www.w3.org/ns/oa#motivatedBy",
    STARTED_AT = "http://www.w3.org/ns/prov#startedAtTime",
    ASSOCIATED_WITH = "http://www.w3.org/ns/prov#wasAssociatedWith",
    ON_BEHALF_OF = "http://www.w3.org/ns/prov#actedOnBehalfOf",
    SCOPE_NOTE = "http://www.w3.org/2004/02/skos/core#scopeNote",
}

const PROPERTIES: &[Row] = &[
    (&["analytics"], ANALYTICS, Kind::Iri),
    (&["code_values"], CODE_VALUES, Kind::Iri),
    (&["coding_system"], CODING_SYSTEM, Kind::Iri),
    (&["health_category"], HEALTH_CATEGORY, Kind::Iri),
    (&["health_theme"], HEALTH_THEME, Kind::Iri),
    (&["legal_basis"], LEGAL_BASIS, Kind::Iri),
    (&["personal_data"], PERSONAL_DATA, Kind::Iri),
    (&["population_coverage"], POPULATION, Kind::Text),
    (&["publisher_note"], PUBLISHER_NOTE, Kind::Text),
    (&["usage"], SCOPE_NOTE, Kind::Text),
];

const NUMBERS: [(&str, NamedNodeRef<'static>); 4] = [
    ("min_typical_age", MIN_AGE),
    ("max_typical_age", MAX_AGE),
    ("number_of_records", RECORDS),
    ("number_of_unique_individuals", INDIVIDUALS),
];

pub(super) fn map(draft: &mut Draft<'_>, iri: &NamedNode, package: &Fields<'_, '_>) {
    table(draft, iri, package, PROPERTIES);
    // Beside a publisher's name it is the type of that publisher.
    if package.get("publisher_name").is_null() {
        let own: Row = (&["publisher_type"], PUBLISHER_TYPE, Kind::Value);
        table(draft, iri, package, &[own]);
    }
    numbers(draft, iri, package);
    purpose(draft, iri, package);
    activities(draft, iri, package);
    attributions(draft, iri, package);
    annotations(draft, iri, package);
    retention(draft, iri, package);
    let bodies = package.get("hdab");
    for body in objects(&bodies, MOST) {
        if let Some(agent) = described(draft, &body).and_then(|body| know(draft, body)) {
            draft.entity.add(iri, HDAB, agent);
        }
    }
    // DCAT-US's data dictionary is a document about the data.
    let dictionaries = package.get("data_dictionary");
    for dictionary in objects(&dictionaries, MOST) {
        if let Some(url) = member(&dictionary, &["url"]) {
            draft.entity.add_iri(iri, foaf::PAGE, &url);
        }
    }
}

/// How long the data is kept, of a dataset or a distribution.
pub(super) fn retention(draft: &mut Draft<'_>, subject: &NamedNode, fields: &Fields<'_, '_>) {
    let local = subject
        .as_str()
        .rsplit_once('#')
        .map_or("", |(_, local)| local);
    let name = format!("{local}retention");
    let period = fields.get("retention_period");
    dates::list(draft, subject, RETENTION, &name, &period);
}

fn numbers(draft: &mut Draft<'_>, iri: &NamedNode, package: &Fields<'_, '_>) {
    for (key, predicate) in NUMBERS {
        let Some(number) = package.text(key) else {
            continue;
        };
        if number.len() <= 18 && number.bytes().all(|byte| byte.is_ascii_digit()) {
            draft
                .entity
                .add_typed(iri, predicate, &number, xsd::NON_NEGATIVE_INTEGER);
        } else {
            package.get(key).bad("a whole number");
        }
    }
    if let Some(trusted) = package.text("trusted_data_holder") {
        let trusted = trusted.to_lowercase();
        if ["true", "false"].contains(&&*trusted) {
            draft.entity.add_typed(iri, TRUSTED, &trusted, xsd::BOOLEAN);
        }
    }
}

/// HealthDCAT-AP names purposes by their IRI, DCAT-US and ISO 19115 say them in words.
fn purpose(draft: &mut Draft<'_>, iri: &NamedNode, package: &Fields<'_, '_>) {
    let field = package.get("purpose");
    for leaf in leaves(&field).into_iter().take(MOST) {
        match address(&leaf.text) {
            Some(purpose) => draft.entity.add(iri, HAS_PURPOSE, purpose),
            None => {
                let language = leaf.language.as_deref().or(draft.language());
                draft
                    .entity
                    .add_text(iri, model::ns::geodcatap::PURPOSE, &leaf.text, language);
            }
        }
    }
}

fn activities(draft: &mut Draft<'_>, iri: &NamedNode, package: &Fields<'_, '_>) {
    let field = package.first(&["provenance_activity", "was_generated_by"]);
    let Some(field) = field else { return };
    for (at, activity) in objects(&field, MOST).enumerate() {
        let node = draft.entity.node(&format!("activity-{}", at + 1));
        draft.entity.add_type(&node, prov::ACTIVITY);
        draft.entity.add(iri, prov::WAS_GENERATED_BY, node.clone());
        draft.entity.set_origin(&node, activity.pointer());
        if let Some(uri) = member(&activity, &["uri"]) {
            draft
                .entity
                .add_text(&node, dcterms::IDENTIFIER, &uri, None);
        }
        for leaf in leaves(&activity.get("label")) {
            let language = leaf.language.as_deref().or(draft.language());
            draft
                .entity
                .add_text(&node, rdfs::LABEL, &leaf.text, language);
        }
        for (keys, predicate) in [
            (&["seeAlso", "see_also"], rdfs::SEE_ALSO),
            (&["dct_type", "type"], dcterms::TYPE),
        ] {
            if let Some(text) = member(&activity, keys) {
                draft.entity.add_iri(&node, predicate, &text);
            }
        }
        if let Some(start) = member(&activity, &["startedAtTime", "started_at"]) {
            draft
                .entity
                .add_typed(&node, STARTED_AT, &start, xsd::DATE_TIME);
        }
        for person in objects(&activity.get("wasAssociatedWith"), MOST) {
            let Some(mut agent) = described(draft, &person) else {
                continue;
            };
            let own = agent.iri.clone();
            for body in objects(&person.get("actedOnBehalfOf"), MOST) {
                if let Some(body) = described(draft, &body).and_then(|body| know(draft, body)) {
                    agent.add(&own, ON_BEHALF_OF, body);
                }
            }
            if let Some(agent) = know(draft, agent) {
                draft.entity.add(&node, ASSOCIATED_WITH, agent);
            }
        }
    }
}

fn attributions(draft: &mut Draft<'_>, iri: &NamedNode, package: &Fields<'_, '_>) {
    let field = package.get("qualified_attribution");
    for (at, attribution) in objects(&field, MOST).enumerate() {
        let node = draft.entity.node(&format!("attribution-{}", at + 1));
        let agents = attribution.get("agent");
        let known: Vec<NamedNode> = objects(&agents, MOST)
            .filter_map(|agent| {
                let agent = described(draft, &agent)?;
                know(draft, agent)
            })
            .collect();
        if known.is_empty() {
            continue;
        }
        draft.entity.add_type(&node, prov::ATTRIBUTION);
        draft
            .entity
            .add(iri, prov::QUALIFIED_ATTRIBUTION, node.clone());
        draft.entity.set_origin(&node, attribution.pointer());
        for agent in known {
            draft.entity.add(&node, prov::AGENT, agent);
        }
        if let Some(role) = member(&attribution, &["role"]) {
            draft.entity.add_iri(&node, dcat::HAD_ROLE, &role);
        }
    }
}

fn annotations(draft: &mut Draft<'_>, iri: &NamedNode, package: &Fields<'_, '_>) {
    let field = package.get("quality_annotation");
    for (at, annotation) in objects(&field, MOST).enumerate() {
        let Some(body) = member(&annotation, &["body"]) else {
            continue;
        };
        let node = draft.entity.node(&format!("quality-annotation-{}", at + 1));
        draft.entity.add_type(&node, ANNOTATION_CLASS);
        draft.entity.add(iri, QUALITY_ANNOTATION, node.clone());
        draft.entity.set_origin(&node, annotation.pointer());
        draft.entity.add_iri(&node, HAS_BODY, &body);
        for (key, predicate) in [("target", HAS_TARGET), ("motivated_by", MOTIVATED_BY)] {
            if let Some(text) = member(&annotation, &[key]) {
                draft.entity.add_iri(&node, predicate, &text);
            }
        }
    }
}
