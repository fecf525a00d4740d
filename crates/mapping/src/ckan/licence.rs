//! Licences: CKAN has an identifier, a title and an address of each; the records of ISO 19139 that ckanext-spatial reads have texts.

use model::ns::dcterms;

use super::fields::{Fields, leaves};
use super::statements::{Kind, add, address};
use crate::draft::Draft;

/// The identifiers of CKAN's own list, of the French list, and of their kin: certain, where a portal's titles may be in any language.
const KNOWN: [&str; 26] = [
    "cc-by",
    "cc-by-sa",
    "cc-by-4.0",
    "cc-by-sa-4.0",
    "cc-by-nc-4.0",
    "cc-by-nc-sa-4.0",
    "cc-by-nd-4.0",
    "cc-by-nc-nd-4.0",
    "cc-by-3.0",
    "cc-by-sa-3.0",
    "cc-zero",
    "cc0-1.0",
    "odc-by",
    "odc-odbl",
    "odbl-1.0",
    "odc-pddl",
    "fr-lo",
    "lov2",
    "etalab-2.0",
    "etalab-1.0",
    "uk-ogl",
    "other-at",
    "other-open",
    "other-pd",
    "other-closed",
    "odbl",
];

/// What says that there is none.
const VOID: [&str; 3] = ["notspecified", "not-specified", "none"];

/// The licences of a package as its source wrote them: one, or what an ISO record lists.
pub(super) fn of_package(draft: &mut Draft<'_>, package: &Fields<'_, '_>) -> Vec<String> {
    if let Some(licence) = chosen(draft, package) {
        return vec![licence];
    }
    constraints(draft, package)
}

/// The licence of a resource, where it has one of its own.
pub(super) fn of_resource(draft: &mut Draft<'_>, resource: &Fields<'_, '_>) -> Option<String> {
    resource
        .text("license")
        .filter(|licence| !VOID.contains(&&**licence))
        .map(String::from)
        .or_else(|| chosen(draft, resource))
}

fn chosen(draft: &mut Draft<'_>, fields: &Fields<'_, '_>) -> Option<String> {
    let id = fields
        .first_text(&["license_id", "license"])
        .filter(|id| !VOID.contains(&&*id.to_lowercase()));
    let title = fields
        .text("license_title")
        .filter(|title| id.is_some() || !title.eq_ignore_ascii_case("license not specified"));
    if let Some(id) = &id
        && KNOWN.contains(&&*id.to_lowercase())
    {
        return Some(id.to_lowercase());
    }
    let url = fields
        .first_text(&["license_url"])
        .filter(|url| address(url).is_some());
    if let Some(url) = url {
        if let (Some(iri), Some(title)) = (address(&url), &title) {
            let language = draft.language();
            draft.entity.label(&iri, title, language);
        }
        return Some(url.into_owned());
    }
    title.or(id).map(String::from)
}

/// `licence`, a list of the limitations of use of an ISO record: those that name a licence, and others, which are statements.
fn constraints(draft: &mut Draft<'_>, package: &Fields<'_, '_>) -> Vec<String> {
    const WORDS: [&str; 8] = [
        "licen",
        "http://",
        "https://",
        "odbl",
        "etalab",
        "creative commons",
        "cc-by",
        "cc0",
    ];
    let iri = draft.entity.iri.clone();
    let mut licences = Vec::new();
    for key in ["licence", "licence_url", "use_constraints"] {
        let field = package.get(key);
        for leaf in leaves(&field) {
            let folded = leaf.text.to_lowercase();
            if WORDS.iter().any(|word| folded.contains(word)) {
                licences.push(leaf.text.into_owned());
            } else {
                let language = draft.language();
                draft
                    .entity
                    .add_text(&iri, dcterms::RIGHTS, &leaf.text, language);
            }
        }
    }
    licences.dedup();
    if licences.is_empty()
        && let Some(terms) = package.first(&["terms_of_use", "conditions"])
    {
        add(draft, &iri, dcterms::RIGHTS, &terms, Kind::Text);
    }
    licences
}
