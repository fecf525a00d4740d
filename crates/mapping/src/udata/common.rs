//! What datasets and data services have in common.

use model::ns::{adms, dcat, dcatap, dcterms, foaf, skos};
use oxrdf::NamedNode;
use oxrdf::NamedNodeRef;

use super::{agent, contact, harvest};
use crate::draft::Draft;
use crate::json::{Json, View};

/// Commission Implementing Regulation (EU) 2023/138 on high-value datasets.
const HVD_REGULATION: NamedNodeRef<'static> =
    NamedNodeRef::new_unchecked("http://data.europa.eu/eli/reg_impl/2023/138/oj");

/// The categories of high-value datasets by the tags that udata gives to them.
const HVD_CATEGORIES: [(&str, &str); 7] = [
    ("meteorologiques", "http://data.europa.eu/bna/c_164e0bf5"),
    (
        "entreprises-et-propriete-d-entreprises",
        "http://data.europa.eu/bna/c_a9135398",
    ),
    (
        "entreprises-et-propriete-dentreprises",
        "http://data.europa.eu/bna/c_a9135398",
    ),
    ("geospatiales", "http://data.europa.eu/bna/c_ac64a52d"),
    ("mobilite", "http://data.europa.eu/bna/c_b79e35eb"),
    (
        "observation-de-la-terre-et-environnement",
        "http://data.europa.eu/bna/c_dd313021",
    ),
    ("statistiques", "http://data.europa.eu/bna/c_e1da4e07"),
];

const DEPRECATED: NamedNodeRef<'static> =
    NamedNodeRef::new_unchecked("http://purl.org/adms/status/Deprecated");

pub(super) fn describe(draft: &mut Draft<'_>, root: View<'_, '_>) {
    let iri = draft.entity.iri.clone();
    draft.plain(&iri, dcterms::IDENTIFIER, root, &["id"]);
    draft.text(&iri, dcterms::TITLE, root, "title");
    draft.text(&iri, skos::ALT_LABEL, root, "acronym");
    draft.text(&iri, dcterms::DESCRIPTION, root, "description");
    tags(draft, &iri, root);
    access(draft, &iri, root);
    pages(draft, &iri, root);
    for date in ["archived", "archived_at"] {
        if !root.get(date).is_null() {
            draft
                .entity
                .add(&iri, adms::STATUS, DEPRECATED.into_owned());
            break;
        }
    }
    agent::publisher(draft, root);
    contact::map(draft, root.get("contact_points"));
    harvest::map(draft, root);
    for key in ["id", "slug"] {
        if let Some(alias) = root.text_of(key) {
            draft.alias(alias);
        }
    }
}

fn tags(draft: &mut Draft<'_>, iri: &NamedNode, root: View<'_, '_>) {
    let language = draft.language();
    let mut categories = Vec::new();
    let mut high_value = false;
    for tag in root.get("tags").items() {
        let Some(text) = tag.text() else { continue };
        high_value |= text == "hvd";
        categories.extend(
            HVD_CATEGORIES
                .iter()
                .filter(|(name, _)| *name == text)
                .map(|(_, category)| *category),
        );
        draft.entity.add_text(iri, dcat::KEYWORD, &text, language);
    }
    for badge in root.get("badges").items() {
        let kind = match badge.value() {
            Json::Object(_) => badge.text_of("kind"),
            _ => badge.text(),
        };
        high_value |= kind.as_deref() == Some("hvd");
    }
    // The tags of the categories are common words: they say something only of what is a high-value dataset.
    if high_value {
        draft.entity.add(
            iri,
            dcatap::APPLICABLE_LEGISLATION,
            HVD_REGULATION.into_owned(),
        );
        categories.sort_unstable();
        categories.dedup();
        for category in categories {
            draft.entity.add_iri(iri, dcatap::HVD_CATEGORY, category);
        }
    }
}

/// `access_type` is `open`, `open_with_account` or `restricted`; the reason is a free text beside a code.
fn access(draft: &mut Draft<'_>, iri: &NamedNode, root: View<'_, '_>) {
    if root.text_of("access_type").is_some() {
        draft.plain(iri, dcterms::ACCESS_RIGHTS, root, &["access_type"]);
    } else if root.get("is_restricted").is_true() {
        draft
            .entity
            .add_text(iri, dcterms::ACCESS_RIGHTS, "restricted", None);
    }
    draft.plain(
        iri,
        dcterms::RIGHTS,
        root,
        &["access_type_reason", "access_type_reason_category"],
    );
    draft.iri(iri, foaf::PAGE, root, "authorization_request_url");
}

fn pages(draft: &mut Draft<'_>, iri: &NamedNode, root: View<'_, '_>) {
    if let Some(page) = root.first_of(&["self_web_url", "page"]) {
        draft.entity.add_iri(iri, dcat::LANDING_PAGE, &page);
        draft.alias(page);
    }
    for key in ["page", "uri", "self_api_url"] {
        if let Some(address) = root.text_of(key) {
            draft.alias(address);
        }
    }
}

/// The record about the entity: when its description was made and changed, in the source's own words.
pub(super) fn catalogue_record(draft: &mut Draft<'_>, root: View<'_, '_>) {
    let internal = root.get("internal");
    let internal = match internal.value() {
        Json::Object(_) => internal,
        _ => root,
    };
    let modified = internal
        .text_of("last_modified_internal")
        .or_else(|| root.first_of(&["metadata_modified_at", "last_modified"]));
    let Some(modified) = modified else { return };
    let node = draft.entity.node("record");
    let iri = draft.entity.iri.clone();
    draft.entity.add_type(&node, dcat::CATALOG_RECORD);
    draft.entity.add(&node, foaf::PRIMARY_TOPIC, iri);
    draft
        .entity
        .add_text(&node, dcterms::MODIFIED, &modified, None);
    draft.plain(
        &node,
        dcterms::ISSUED,
        internal,
        &["created_at_internal", "created_at"],
    );
    draft.entity.set_origin(&node, "");
}
