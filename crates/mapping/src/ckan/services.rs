//! `access_services`: services that a resource is accessed by, each described beside it.

use model::ns::{dcat, dcatap, dcterms};
use oxrdf::NamedNode;

use super::fields::Fields;
use super::statements::{Kind, Row, objects, table};
use super::{agents, contacts};
use crate::draft::Draft;
use crate::json::View;

/// More services than this are none of one resource.
const MOST: usize = 50;

const PROPERTIES: &[Row] = &[
    (&["title_translated", "title"], dcterms::TITLE, Kind::Text),
    (
        &["description_translated", "description"],
        dcterms::DESCRIPTION,
        Kind::Text,
    ),
    (&["identifier"], dcterms::IDENTIFIER, Kind::Plain),
    (&["endpoint_url"], dcat::ENDPOINT_URL, Kind::Iri),
    (
        &["endpoint_description"],
        dcat::ENDPOINT_DESCRIPTION,
        Kind::Iri,
    ),
    (&["serves_dataset"], dcat::SERVES_DATASET, Kind::Iri),
    (&["availability"], dcatap::AVAILABILITY, Kind::Value),
    (&["license"], dcterms::LICENSE, Kind::Value),
    (&["access_rights"], dcterms::ACCESS_RIGHTS, Kind::Value),
    (&["conforms_to"], dcterms::CONFORMS_TO, Kind::Value),
    (&["format"], dcterms::FORMAT, Kind::Value),
    (&["language"], dcterms::LANGUAGE, Kind::Value),
    (&["rights"], dcterms::RIGHTS, Kind::Text),
    (&["landing_page"], dcat::LANDING_PAGE, Kind::Iri),
    (&["keyword"], dcat::KEYWORD, Kind::Text),
    (&["theme"], dcat::THEME, Kind::Value),
    (&["modified"], dcterms::MODIFIED, Kind::Plain),
    (
        &["applicable_legislation"],
        dcatap::APPLICABLE_LEGISLATION,
        Kind::Iri,
    ),
];

pub(super) fn map(draft: &mut Draft<'_>, distribution: &NamedNode, list: &View<'_, '_>) {
    let local = distribution
        .as_str()
        .rsplit('#')
        .next()
        .unwrap_or_default()
        .replacen("distribution", "service", 1);
    for (at, service) in objects(list, MOST).enumerate() {
        let before = draft.entity.triples.len();
        let node = draft.entity.node(&format!("{local}-{}", at + 1));
        let fields = Fields::new(service, &[]);
        table(draft, &node, &fields, PROPERTIES);
        contacts::of_list(
            draft,
            &node,
            &format!("{local}-{}-contact", at + 1),
            &service.get("contact"),
        );
        for (role, predicate) in [
            ("publisher", dcterms::PUBLISHER),
            ("creator", dcterms::CREATOR),
        ] {
            let field = service.get(role);
            for agent in objects(&field, MOST) {
                let agent = agents::described(draft, &agent);
                if let Some(agent) = agent.and_then(|agent| agents::know(draft, agent)) {
                    draft.entity.add(&node, predicate, agent);
                }
            }
        }
        // A form that was left empty describes no service.
        if draft.entity.triples.len() == before {
            continue;
        }
        draft.entity.add_type(&node, dcat::DATA_SERVICE);
        draft
            .entity
            .add(distribution, dcat::ACCESS_SERVICE, node.clone());
        draft.entity.set_origin(&node, service.pointer());
        if draft.entity.object(&node, dcat::SERVES_DATASET).is_none() {
            let dataset = draft.entity.iri.clone();
            draft.entity.add(&node, dcat::SERVES_DATASET, dataset);
        }
    }
}
