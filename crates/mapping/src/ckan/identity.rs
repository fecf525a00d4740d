//! Identifiers: the portal's, and those of the catalogues that it has its records from.

use model::ns::{adms, dcat, dcterms, skos};
use oxrdf::Literal;
use oxrdf::vocab::xsd;

use super::fields::{Fields, leaves};
use super::statements::address;
use crate::draft::Draft;

/// More identifiers than this are none.
const MOST: usize = 50;

/// What ckanext-harvest, ckanext-spatial and ckanext-dcat keep of the record that they read.
const UPSTREAM: [&str; 4] = ["guid", "uri", "dcat_uri", "inspire-identifier"];

pub(super) fn map(draft: &mut Draft<'_>, package: &Fields<'_, '_>) {
    let iri = draft.entity.iri.clone();
    if let Some(identifier) = package.first_text(&["identifier", "id", "name"]) {
        draft
            .entity
            .add_text(&iri, dcterms::IDENTIFIER, &identifier, None);
    }
    for key in ["identifier", "id", "name"] {
        if let Some(alias) = package.text(key) {
            draft.alias(alias);
        }
    }
    upstream(draft, package);
    addresses(draft, package);
}

fn upstream(draft: &mut Draft<'_>, package: &Fields<'_, '_>) {
    let iri = draft.entity.iri.clone();
    // Who gave the identifier: the catalogue that the record comes from, if there is one.
    let agency = package.text("harvest_source_title");
    let own = package.text("identifier");
    let mut known: Vec<String> = Vec::new();
    for key in UPSTREAM.into_iter().chain(["alternate_identifier"]) {
        let field = package.get(key);
        for leaf in leaves(&field) {
            let identifier = leaf.text.into_owned();
            let repeated = known.contains(&identifier)
                || (key != "alternate_identifier" && own.as_deref() == Some(identifier.as_str()));
            if repeated || known.len() >= MOST {
                continue;
            }
            let node = draft
                .entity
                .node(&format!("identifier-{}", known.len() + 1));
            draft.entity.add(&iri, adms::IDENTIFIER, node.clone());
            draft.entity.add_type(&node, adms::IDENTIFIER_CLASS);
            draft.entity.set_origin(&node, field.pointer());
            let notation = match address(&identifier) {
                Some(address) => Literal::new_typed_literal(address.into_string(), xsd::ANY_URI),
                None => Literal::new_simple_literal(&identifier),
            };
            draft.entity.add(&node, skos::NOTATION, notation);
            if let Some(agency) = agency.as_deref().filter(|_| UPSTREAM.contains(&key)) {
                draft
                    .entity
                    .add_text(&node, adms::SCHEMA_AGENCY, agency, None);
            }
            draft.alias(identifier.clone());
            known.push(identifier);
        }
    }
}

/// `url` is a page about the data; the others are those of the record elsewhere.
fn addresses(draft: &mut Draft<'_>, package: &Fields<'_, '_>) {
    let iri = draft.entity.iri.clone();
    let mut known: Vec<String> = Vec::new();
    for key in ["url", "landing_page", "harvest_url", "ckan_url"] {
        let Some(page) = package.text(key) else {
            continue;
        };
        if !known.iter().any(|known| *known == page) {
            draft.entity.add_iri(&iri, dcat::LANDING_PAGE, &page);
            draft.alias(&*page);
            known.push(page.into_owned());
        }
    }
}
