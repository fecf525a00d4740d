//! Which properties are values of which fields.

use model::ns::{dcat, dcatap, dcterms, foaf, geodcatap, prov};
use oxrdf::NamedNodeRef;

use crate::Field;

pub(crate) const TITLE: usize = 0;
pub(crate) const SUBJECT: usize = 1;
pub(crate) const ORGANISATION: usize = 2;
pub(crate) const DESCRIPTION: usize = 3;
pub(crate) const OTHER: usize = 4;
/// Addresses: any text, but their words say nothing of the resource.
pub(crate) const QUIET: usize = 5;

/// Properties whose values are concepts, agents of others or plain text: the field, whether of the resource's distributions, too, and
/// how much their words count.
pub(crate) const COMMON: &[(NamedNodeRef<'static>, Field, bool, usize)] = &[
    (dcat::THEME, Field::Theme, false, SUBJECT),
    (geodcatap::TOPIC_CATEGORY, Field::Theme, false, SUBJECT),
    (dcatap::HVD_CATEGORY, Field::Theme, false, SUBJECT),
    (dcterms::SUBJECT, Field::Theme, false, SUBJECT),
    (dcterms::TYPE, Field::Type, false, OTHER),
    (geodcatap::RESOURCE_TYPE, Field::Type, false, OTHER),
    (geodcatap::SERVICE_TYPE, Field::Type, false, OTHER),
    (dcterms::FORMAT, Field::Format, true, OTHER),
    (dcat::MEDIA_TYPE, Field::Format, true, OTHER),
    (dcterms::LICENSE, Field::Licence, true, OTHER),
    (dcterms::RIGHTS, Field::Rights, true, OTHER),
    (dcterms::ACCESS_RIGHTS, Field::AccessRights, false, OTHER),
    (dcterms::LANGUAGE, Field::Language, true, OTHER),
    (dcterms::ACCRUAL_PERIODICITY, Field::Frequency, false, OTHER),
    (dcterms::CONFORMS_TO, Field::ConformsTo, true, OTHER),
    (geodcatap::REFERENCE_SYSTEM, Field::ConformsTo, true, OTHER),
    (dcterms::PROVENANCE, Field::Provenance, false, OTHER),
    (dcterms::SOURCE, Field::DerivedFrom, false, OTHER),
    (prov::WAS_DERIVED_FROM, Field::DerivedFrom, false, OTHER),
    (dcterms::RELATION, Field::Relation, false, OTHER),
    (dcterms::REFERENCES, Field::Relation, false, OTHER),
    (dcterms::IS_REFERENCED_BY, Field::Relation, false, OTHER),
    (dcterms::REQUIRES, Field::Relation, false, OTHER),
    (dcterms::REPLACES, Field::Relation, false, OTHER),
    (dcterms::IS_VERSION_OF, Field::Relation, false, OTHER),
    (dcat::SERVES_DATASET, Field::Relation, false, OTHER),
    (dcat::IN_SERIES, Field::ParentSeries, false, OTHER),
    (dcterms::IS_PART_OF, Field::ParentSeries, false, OTHER),
    (dcat::LANDING_PAGE, Field::Link, false, OTHER),
    (foaf::PAGE, Field::Link, true, OTHER),
    (foaf::HOMEPAGE, Field::Link, false, OTHER),
    (dcat::ENDPOINT_URL, Field::Link, false, OTHER),
    (dcat::ACCESS_URL, Field::Link, true, OTHER),
    (dcat::DOWNLOAD_URL, Field::Link, true, OTHER),
];

pub(crate) const DATES: [(NamedNodeRef<'static>, Field); 3] = [
    (dcterms::MODIFIED, Field::Modified),
    (dcterms::ISSUED, Field::Issued),
    (dcterms::CREATED, Field::Created),
];

/// Those who have to do with a resource beside its publisher.
pub(crate) const PARTIES: [NamedNodeRef<'static>; 6] = [
    dcterms::CREATOR,
    dcterms::RIGHTS_HOLDER,
    geodcatap::CUSTODIAN,
    geodcatap::DISTRIBUTOR,
    geodcatap::ORIGINATOR,
    geodcatap::PROCESSOR,
];
