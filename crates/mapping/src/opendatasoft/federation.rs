//! Where a dataset is to be found, and by which identifiers it is known: on this portal, and on the one that holds it.

use model::ns::{adms, dcat, foaf, prov, skos};
use oxrdf::Literal;
use oxrdf::vocab::xsd;

use super::{Record, first, segment};
use crate::draft::{Draft, host};

pub(super) fn map(draft: &mut Draft<'_>, record: &Record<'_, '_>) {
    let iri = draft.entity.iri.clone();
    draft.alias(&*record.id);
    let here = record.address("/explore/dataset/{}/");
    let source = source(record).filter(|source| here.as_ref() != Some(&source.page));
    if let Some(here) = &here {
        // DCAT-AP wants the page of who holds the data: a portal that shows another's has a page about them.
        let predicate = if source.is_some() {
            foaf::PAGE
        } else {
            dcat::LANDING_PAGE
        };
        draft.entity.add_iri(&iri, predicate, here);
        draft.alias(here.as_str());
    }
    if let Some(source) = source {
        draft.entity.add_iri(&iri, dcat::LANDING_PAGE, &source.page);
        // DCAT-AP keeps `dct:source` for datasets: this is a page about one.
        draft
            .entity
            .add_iri(&iri, prov::WAS_DERIVED_FROM, &source.page);
        let place = format!("{}/source_dataset", record.default.pointer());
        identify(draft, "source", &source.dataset, &source.agency, place);
        draft.alias(source.page);
    }
    // The identifier of a dataset can be changed by hand; this one cannot.
    if let Some(uid) = first(&[record.dataset], &["dataset_uid"]) {
        let agency = draft.host.clone();
        let place = format!("{}/dataset_uid", record.dataset.pointer());
        identify(draft, "uid", &uid, &agency, place);
        draft.alias(&*uid);
    }
    if let Some(identifier) = first(&[record.inspire], &["file_identifier"]) {
        let place = format!("{}/file_identifier", record.inspire.pointer());
        identify(draft, "inspire", &identifier, "", place);
        draft.alias(&*identifier);
    }
}

/// The dataset on the portal that holds it.
struct Source {
    page: String,
    dataset: String,
    agency: String,
}

fn source(record: &Record<'_, '_>) -> Option<Source> {
    let domain = first(&[record.default], &["source_domain_address"])?;
    let dataset = first(&[record.default], &["source_dataset"])?;
    let domain = domain.trim_end_matches('/');
    let root = match domain.contains("://") {
        true => domain.to_owned(),
        false => format!("https://{domain}"),
    };
    Some(Source {
        page: format!("{root}/explore/dataset/{}/", segment(&dataset)),
        agency: host(&root)?,
        dataset: dataset.into_owned(),
    })
}

fn identify(draft: &mut Draft<'_>, name: &str, identifier: &str, agency: &str, place: String) {
    let iri = draft.entity.iri.clone();
    let node = draft.entity.node(&format!("identifier-{name}"));
    draft.entity.add(&iri, adms::IDENTIFIER, node.clone());
    draft.entity.add_type(&node, adms::IDENTIFIER_CLASS);
    draft.entity.set_origin(&node, place);
    let notation = match model::check_iri(identifier) {
        Some(iri) => Literal::new_typed_literal(iri.into_string(), xsd::ANY_URI),
        None => Literal::new_simple_literal(identifier),
    };
    draft.entity.add(&node, skos::NOTATION, notation);
    draft
        .entity
        .add_text(&node, adms::SCHEMA_AGENCY, agency, None);
}
