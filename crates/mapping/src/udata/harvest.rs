//! What the portal knows of the catalogue that it has a record from: kept for the identity of the record.

use std::borrow::Cow;

use model::ns::{adms, dcat, dcterms, skos};
use oxrdf::Literal;
use oxrdf::vocab::xsd;

use crate::draft::Draft;
use crate::json::{Json, View};

/// The same fact in `harvest` and, before that existed, in `extras`.
const IDENTIFIERS: [(&str, &[&str]); 4] = [
    ("remote_id", &["harvest:remote_id"]),
    ("dct_identifier", &["dct:identifier"]),
    (
        "uri",
        &["uri", "harvest:uri", "inspire:resource_identifier"],
    ),
    ("", &["inspire:identifier"]),
];

pub(super) fn map(draft: &mut Draft<'_>, root: View<'_, '_>) {
    let (harvest, extras) = (root.get("harvest"), root.get("extras"));
    let domain = harvest
        .text_of("domain")
        .or_else(|| extras.text_of("harvest:domain"));
    let mut known: Vec<Cow<'_, str>> = Vec::new();
    for (field, old) in IDENTIFIERS {
        let identifier = harvest.text_of(field).or_else(|| extras.first_of(old));
        if let Some(identifier) = identifier
            && !known.contains(&identifier)
        {
            known.push(identifier);
        }
    }
    for (at, identifier) in known.iter().enumerate() {
        identify(draft, at, identifier, domain.as_deref(), root);
    }
    let address = harvest
        .first_of(&["remote_url", "ods_url"])
        .or_else(|| extras.first_of(&["harvest:remote_url", "remote_url", "ods:url"]));
    if let Some(address) = address {
        let iri = draft.entity.iri.clone();
        draft.entity.add_iri(&iri, dcat::LANDING_PAGE, &address);
        draft.alias(address);
    }
}

fn identify(
    draft: &mut Draft<'_>,
    at: usize,
    identifier: &str,
    agency: Option<&str>,
    root: View<'_, '_>,
) {
    let node = draft.entity.node(&format!("identifier-{}", at + 1));
    let place = match root.get("harvest").value() {
        Json::Object(_) => root.get("harvest").pointer(),
        _ => root.get("extras").pointer(),
    };
    let iri = draft.entity.iri.clone();
    draft.entity.add(&iri, adms::IDENTIFIER, node.clone());
    draft.entity.add_type(&node, adms::IDENTIFIER_CLASS);
    draft.entity.set_origin(&node, place);
    let notation = match model::check_iri(identifier) {
        Some(iri) => Literal::new_typed_literal(iri.into_string(), xsd::ANY_URI),
        None => Literal::new_simple_literal(identifier),
    };
    draft.entity.add(&node, skos::NOTATION, notation);
    if let Some(agency) = agency {
        draft
            .entity
            .add_text(&node, adms::SCHEMA_AGENCY, agency, None);
    }
    draft.alias(identifier);
}

/// What the harvested record said in DCAT that udata has no field for: `extras.dcat`.
pub(super) fn dcat_extras(draft: &mut Draft<'_>, root: View<'_, '_>) {
    let iri = draft.entity.iri.clone();
    let extras = root.get("extras");
    let dcat_extras = extras.get("dcat");
    let language = draft.language();
    if root.text_of("access_type").is_none() {
        let rights = dcat_extras.get("accessRights");
        // DCAT-AP allows one.
        if let Some(text) = rights.texts().next() {
            draft
                .entity
                .add_text(&iri, dcterms::ACCESS_RIGHTS, &text, None);
        }
    }
    for text in dcat_extras.get("rights").texts() {
        draft.entity.add_text(&iri, dcterms::RIGHTS, &text, None);
    }
    for (at, text) in dcat_extras.get("provenance").texts().enumerate() {
        let node = draft.entity.node(&format!("provenance-{}", at + 1));
        draft.open(
            &node,
            dcterms::PROVENANCE_STATEMENT,
            dcterms::PROVENANCE,
            &dcat_extras,
        );
        draft
            .entity
            .add_text(&node, model::ns::rdfs::LABEL, &text, language);
    }
}
