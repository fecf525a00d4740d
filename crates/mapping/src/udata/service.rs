//! A data service of `/api/1/dataservices/`.

use model::ns::{dcat, dcterms, foaf};
use model::{EntityKind, Link, LinkTarget, RecordId};
use oxrdf::{NamedNode, NamedNodeRef};

use super::{common, harvest};
use crate::draft::Draft;
use crate::json::{Json, View};

/// More datasets than this are not the datasets of one service.
const MOST_DATASETS: usize = 20_000;

/// `format` of a service that is one of OGC's.
const STANDARDS: [(&str, NamedNodeRef<'static>); 2] = [
    (
        "WMS",
        NamedNodeRef::new_unchecked("http://www.opengeospatial.org/standards/wms"),
    ),
    (
        "WFS",
        NamedNodeRef::new_unchecked("http://www.opengeospatial.org/standards/wfs"),
    ),
];

/// Pages about the service, by the name of their field.
const PAGES: [&str; 4] = [
    "technical_documentation_url",
    "business_documentation_url",
    "rate_limiting_url",
    "availability_url",
];

pub(super) fn map(draft: &mut Draft<'_>, root: View<'_, '_>) {
    let iri = draft.entity.iri.clone();
    draft.entity.add_type(&iri, dcat::DATA_SERVICE);
    common::describe(draft, root);
    draft.iri(&iri, dcat::ENDPOINT_URL, root, "base_api_url");
    let description = root.first_of(&["machine_documentation_url", "endpoint_description_url"]);
    if let Some(description) = description {
        draft
            .entity
            .add_iri(&iri, dcat::ENDPOINT_DESCRIPTION, &description);
    }
    for key in PAGES {
        draft.iri(&iri, foaf::PAGE, root, key);
    }
    if root.first_of(&["self_web_url", "page"]).is_none() {
        draft.iri(&iri, dcat::LANDING_PAGE, root, "url");
    }
    if let Some(limit) = root.text_of("rate_limiting") {
        let language = draft.language();
        draft
            .entity
            .add_text(&iri, dcterms::RIGHTS, &limit, language);
    }
    if let Some(licence) = root
        .text_of("license")
        .filter(|text| text != "notspecified")
    {
        draft
            .entity
            .add_text(&iri, dcterms::LICENSE, &licence, None);
    }
    if let Some(format) = root.text_of("format") {
        let known = STANDARDS
            .iter()
            .find(|(name, _)| format.eq_ignore_ascii_case(name));
        if let Some((_, standard)) = known {
            draft
                .entity
                .add(&iri, dcterms::CONFORMS_TO, standard.into_owned());
        }
    }
    dates(draft, &iri, root);
    datasets(draft, &iri, root.get("datasets"));
    harvest::dcat_extras(draft, root);
    common::catalogue_record(draft, root);
}

fn dates(draft: &mut Draft<'_>, iri: &NamedNode, root: View<'_, '_>) {
    let harvest = root.get("harvest");
    let issued = [
        (harvest, "issued_at"),
        (harvest, "created_at"),
        (root, "published_at"),
        (root, "created_at"),
    ];
    draft.first(iri, dcterms::ISSUED, &issued);
    let modified = [
        (harvest, "modified_at"),
        (root, "metadata_modified_at"),
        (root, "last_modified"),
    ];
    draft.first(iri, dcterms::MODIFIED, &modified);
}

/// A list of datasets or of their identifiers. An object is the address of the list (`{"href": …}`), which only the
/// connector can follow; it may have put the list under `data`.
fn datasets(draft: &mut Draft<'_>, iri: &NamedNode, datasets: View<'_, '_>) {
    let (data, list);
    if let Json::Object(_) = datasets.value() {
        data = datasets.get("data");
        list = &data;
    } else {
        list = &datasets;
    }
    for dataset in list.items().take(MOST_DATASETS) {
        let id = match dataset.value() {
            Json::Object(_) => dataset.text_of("id"),
            _ => dataset.text(),
        };
        let Some(id) = id else { continue };
        let link = Link {
            subject: iri.clone(),
            predicate: dcat::SERVES_DATASET.into_owned(),
            target: LinkTarget::Record(RecordId::new(&*id)),
            kind: EntityKind::Dataset,
        };
        draft.entity.links.push(link);
    }
}
