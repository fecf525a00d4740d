//! DCAT-US (Project Open Data) 1.0, 1.1 and 3.0, to DCAT-AP 3.
//!
//! Its fields are DCAT's, in JSON of its own; what is not is written beside the field. What only means something to an agency of the
//! United States (`bureauCode`, `programCode`, `systemOfRecords`, `primaryITInvestmentUII`, `dataQuality`) has no place in DCAT-AP and stays in the record.

mod distribution;
mod people;
#[cfg(test)]
mod tests;

use model::ns::{adms, dcat, dcterms, foaf, skos};
use model::{EntityKind, Link, LinkTarget, Mapped, RawRecord};
use oxrdf::NamedNode;

use crate::draft::{Draft, host, lent, rank};
use crate::json::{Json, Report, View};
use crate::{MapContext, MapError, extent, json};

/// More values of one property than this describe nothing.
const MOST_VALUES: usize = 1_000;

pub(crate) fn map(record: &RawRecord, context: &MapContext<'_>) -> Result<Mapped, MapError> {
    let body = json::text(&record.body)?;
    let document = json::document(&body, |_| false)?;
    let report = Report::default();
    let root = View::root(&document, &report);
    if root.text_of("title").is_none() {
        return Err(MapError {
            rule: "record/no-title",
            message: "the record has no title".to_owned(),
            place: Some("/title".to_owned()),
            hint: Some("give the record a title: DCAT-AP requires one".to_owned()),
        });
    }
    let kind = kind(root);
    let mut draft = Draft::new(record, context, kind);
    let changed = root.first_of(&["modified", "issued"]);
    draft.entity.rank = rank(&changed.unwrap_or_default());
    let addresses = ["landingPage", "@id", "identifier"];
    if let Some(host) = addresses
        .iter()
        .find_map(|key| host(&values(root.get(key)).into_iter().next()?))
    {
        draft.host = host;
    }
    describe(&mut draft, root);
    match kind {
        EntityKind::DataService => service(&mut draft, root),
        _ => dataset(&mut draft, root),
    }
    Ok(draft.finish(record, report))
}

fn kind(root: View<'_, '_>) -> EntityKind {
    let is = |name: &str| {
        root.get("@type")
            .texts()
            .any(|class| class.trim_start_matches("dcat:") == name)
    };
    if is("DataService") || (!root.get("endpointURL").is_null() && !is("Dataset")) {
        EntityKind::DataService
    } else if is("DatasetSeries") {
        EntityKind::DatasetSeries
    } else {
        EntityKind::Dataset
    }
}

/// The texts of a value: one, a list, or objects that say theirs in `@id`, `prefLabel` or `title` (DCAT-US 3.0).
fn values(view: View<'_, '_>) -> Vec<String> {
    fn one(view: View<'_, '_>) -> Option<String> {
        match view.value() {
            Json::Object(_) => view.first_of(&["@id", "prefLabel", "label", "title", "notation"]),
            _ => view.text(),
        }
        .map(String::from)
    }
    match view.value() {
        Json::List(_) => view.items().take(MOST_VALUES).filter_map(one).collect(),
        _ => one(view).into_iter().collect(),
    }
}

/// What all kinds of record have.
fn describe(draft: &mut Draft<'_>, root: View<'_, '_>) {
    let iri = draft.entity.iri.clone();
    draft.entity.add_type(
        &iri,
        match draft.entity.kind {
            EntityKind::DataService => dcat::DATA_SERVICE,
            EntityKind::DatasetSeries => dcat::DATASET_SERIES,
            _ => dcat::DATASET_CLASS,
        },
    );
    draft.text(&iri, dcterms::TITLE, root, "title");
    draft.text(&iri, dcterms::DESCRIPTION, root, "description");
    for key in ["identifier", "@id"] {
        for identifier in values(root.get(key)) {
            if key == "identifier" {
                draft
                    .entity
                    .add_text(&iri, dcterms::IDENTIFIER, &identifier, None);
            }
            draft.alias(identifier);
        }
    }
    let language = draft.language();
    for keyword in values(root.get("keyword")) {
        draft
            .entity
            .add_text(&iri, dcat::KEYWORD, &keyword, language);
    }
    draft.wrote(&iri, dcat::KEYWORD, &root.get("keyword"));
    for (key, predicate) in [
        ("theme", dcat::THEME),
        ("language", dcterms::LANGUAGE),
        ("rights", dcterms::RIGHTS),
        ("accessLevelComment", dcterms::RIGHTS),
        ("version", dcat::VERSION),
        ("otherIdentifier", skos::NOTATION),
    ] {
        draft.wrote(&iri, predicate, &root.get(key));
        for value in values(root.get(key)) {
            if predicate == skos::NOTATION {
                other_identifier(draft, &iri, &value, root);
            } else {
                draft.entity.add_text(&iri, predicate, &value, None);
            }
        }
    }
    for (key, predicate) in [
        ("landingPage", dcat::LANDING_PAGE),
        ("references", foaf::PAGE),
        ("page", foaf::PAGE),
        ("describedBy", foaf::PAGE),
        ("conformsTo", dcterms::CONFORMS_TO),
        ("source", dcterms::SOURCE),
        ("isReferencedBy", dcterms::IS_REFERENCED_BY),
    ] {
        draft.wrote(&iri, predicate, &root.get(key));
        for value in values(root.get(key)) {
            draft.entity.add_iri(&iri, predicate, &value);
        }
    }
    access(draft, &iri, root);
    people::publisher(draft, root.get("publisher"));
    people::contacts(draft, root);
    draft.plain(&iri, dcterms::ISSUED, root, &["issued", "release"]);
    modified(draft, &iri, root);
}

fn other_identifier(draft: &mut Draft<'_>, iri: &NamedNode, value: &str, root: View<'_, '_>) {
    let node = draft
        .entity
        .node(&format!("identifier-{}", crate::draft::short_hash(value)));
    if draft.claim(&node) {
        draft.entity.add(iri, adms::IDENTIFIER, node.clone());
        draft.entity.add_type(&node, adms::IDENTIFIER_CLASS);
        draft.entity.add_text(&node, skos::NOTATION, value, None);
        draft
            .entity
            .set_origin(&node, root.get("otherIdentifier").pointer());
        draft.alias(value);
    }
}

/// `accessLevel` is `public`, `restricted public` or `non-public`; DCAT-US 3.0 has `accessRights`.
fn access(draft: &mut Draft<'_>, iri: &NamedNode, root: View<'_, '_>) {
    let level = ["accessRights", "accessLevel"]
        .iter()
        .find_map(|key| values(root.get(key)).into_iter().next());
    if let Some(level) = level {
        draft
            .entity
            .add_text(iri, dcterms::ACCESS_RIGHTS, &level, None);
        draft.wrote(iri, dcterms::ACCESS_RIGHTS, &root.get("accessLevel"));
    }
}

/// A date, or how often it changes (`R/P1D`, ISO 8601, 4.5).
fn modified(draft: &mut Draft<'_>, iri: &NamedNode, root: View<'_, '_>) {
    if let Some(modified) = root.text_of("modified") {
        let repeated = modified.starts_with("R/P");
        let predicate = if repeated {
            dcterms::ACCRUAL_PERIODICITY
        } else {
            dcterms::MODIFIED
        };
        draft.entity.add_text(iri, predicate, &modified, None);
        draft.wrote(iri, predicate, &root.get("modified"));
        if repeated {
            return;
        }
    }
    draft.plain(
        iri,
        dcterms::ACCRUAL_PERIODICITY,
        root,
        &["accrualPeriodicity"],
    );
}

fn dataset(draft: &mut Draft<'_>, root: View<'_, '_>) {
    let iri = draft.entity.iri.clone();
    spatial(draft, root.get("spatial"));
    temporal(draft, root.get("temporal"));
    for (key, predicate) in [
        ("isPartOf", dcterms::IS_PART_OF),
        ("inSeries", dcat::IN_SERIES),
    ] {
        for value in values(root.get(key)) {
            draft.entity.links.push(Link {
                subject: iri.clone(),
                predicate: predicate.into_owned(),
                target: LinkTarget::Alias(value),
                kind: match key {
                    "inSeries" => EntityKind::DatasetSeries,
                    _ => EntityKind::Dataset,
                },
            });
        }
    }
    let licences = values(root.get("license"));
    let files = root.get("distribution").len() + root.get("webService").len();
    let lent = lent(&licences, files + 2);
    if distribution::map(draft, root, lent) == 0 || lent.is_empty() {
        for licence in &licences {
            draft.entity.add_text(&iri, dcterms::LICENSE, licence, None);
        }
        draft.wrote(&iri, dcterms::LICENSE, &root.get("license"));
    }
}

fn service(draft: &mut Draft<'_>, root: View<'_, '_>) {
    let iri = draft.entity.iri.clone();
    for (key, predicate) in [
        ("endpointURL", dcat::ENDPOINT_URL),
        ("endpointDescription", dcat::ENDPOINT_DESCRIPTION),
    ] {
        draft.wrote(&iri, predicate, &root.get(key));
        for value in values(root.get(key)) {
            draft.entity.add_iri(&iri, predicate, &value);
        }
    }
    for licence in values(root.get("license")) {
        draft
            .entity
            .add_text(&iri, dcterms::LICENSE, &licence, None);
    }
    for dataset in values(root.get("servesDataset")) {
        draft.entity.links.push(Link {
            subject: iri.clone(),
            predicate: dcat::SERVES_DATASET.into_owned(),
            target: LinkTarget::Alias(dataset),
            kind: EntityKind::Dataset,
        });
    }
}

/// A text, a list of texts, or DCAT-US 3.0's locations.
fn spatial(draft: &mut Draft<'_>, view: View<'_, '_>) {
    match view.value() {
        Json::List(_) => {
            for item in view.items().take(MOST_VALUES) {
                spatial(draft, item);
            }
        }
        Json::Object(_) if !view.get("coordinates").is_null() => {
            crate::geojson::geometry(draft, view);
        }
        Json::Object(_) => {
            for key in ["bbox", "geometry", "prefLabel", "@id"] {
                if !view.get(key).is_null() {
                    return spatial(draft, view.get(key));
                }
            }
        }
        _ => extent::place(draft, view),
    }
}

fn temporal(draft: &mut Draft<'_>, view: View<'_, '_>) {
    match view.value() {
        Json::List(_) => {
            for (at, item) in view.items().take(MOST_VALUES).enumerate() {
                period(draft, item, at);
            }
        }
        _ => period(draft, view, 0),
    }
}

fn period(draft: &mut Draft<'_>, view: View<'_, '_>, at: usize) {
    let Json::Object(_) = view.value() else {
        return extent::period(draft, view, at);
    };
    let (start, end) = (view.text_of("startDate"), view.text_of("endDate"));
    extent::interval(draft, &view, at, start.as_deref(), end.as_deref());
}
