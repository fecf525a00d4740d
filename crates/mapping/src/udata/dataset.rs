//! A dataset of `/api/1/datasets/`.

use model::ns::{dcat, dcterms};
use oxrdf::NamedNode;

use super::{common, harvest, resource, spatial};
use crate::draft::{Draft, lent};
use crate::extent;
use crate::json::{Json, View};

/// More periods than this are not a coverage.
const MOST_PERIODS: usize = 50;

pub(super) fn map(draft: &mut Draft<'_>, root: View<'_, '_>) {
    let iri = draft.entity.iri.clone();
    draft.entity.add_type(&iri, dcat::DATASET_CLASS);
    common::describe(draft, root);
    if let Some(frequency) = root.text_of("frequency").filter(|text| text != "unknown") {
        draft
            .entity
            .add_text(&iri, dcterms::ACCRUAL_PERIODICITY, &frequency, None);
    }
    dates(draft, &iri, root);
    temporal(draft, root.get("temporal_coverage"));
    spatial::map(draft, root.get("spatial"));
    resource::conforms_to(draft, &iri, root.get("schema"));
    harvest::dcat_extras(draft, root);
    let licences = licences(root);
    // DCAT-AP puts licences on distributions. A dataset that has none keeps its licence itself.
    let lent = lent(&licences, root.get("resources").len());
    if resource::map(draft, root, lent) == 0 || lent.is_empty() {
        for licence in &licences {
            draft.entity.add_text(&iri, dcterms::LICENSE, licence, None);
        }
    }
    common::catalogue_record(draft, root);
}

/// Of a harvested dataset, the dates that the first catalogue gave; else those of the portal. `last_update` is that
/// of the data, `last_modified` that of the description.
fn dates(draft: &mut Draft<'_>, iri: &NamedNode, root: View<'_, '_>) {
    let harvest = root.get("harvest");
    let extras = root.get("extras");
    let issued = [
        (harvest, "issued_at"),
        (extras, "issued"),
        (root, "created_at"),
    ];
    draft.first(iri, dcterms::ISSUED, &issued);
    draft.plain(iri, dcterms::CREATED, harvest, &["created_at"]);
    let modified = [
        (harvest, "modified_at"),
        (extras, "modified"),
        (root, "last_update"),
        (root, "last_modified"),
    ];
    draft.first(iri, dcterms::MODIFIED, &modified);
}

/// `{"start": …, "end": …}`, `"start/end"`, or a list of these.
fn temporal(draft: &mut Draft<'_>, coverage: View<'_, '_>) {
    match coverage.value() {
        Json::Null => {}
        Json::List(_) => {
            for (at, item) in coverage.items().take(MOST_PERIODS).enumerate() {
                period(draft, item, at);
            }
        }
        _ => period(draft, coverage, 0),
    }
}

fn period(draft: &mut Draft<'_>, period: View<'_, '_>, at: usize) {
    let Json::Object(_) = period.value() else {
        return extent::period(draft, period, at);
    };
    let (start, end) = (period.text_of("start"), period.text_of("end"));
    extent::interval(draft, &period, at, start.as_deref(), end.as_deref());
}

/// The licence by udata's identifier; what the first catalogue said, where udata did not recognise it.
fn licences(root: View<'_, '_>) -> Vec<String> {
    let recognised = root
        .text_of("license")
        .filter(|licence| licence != "notspecified");
    match recognised {
        Some(licence) => vec![licence.into_owned()],
        None => {
            let extras = root.get("extras");
            let dcat_extras = extras.get("dcat");
            let said = dcat_extras.get("license");
            said.texts().map(String::from).collect()
        }
    }
}
