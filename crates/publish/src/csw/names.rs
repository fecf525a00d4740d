//! Queryables: what requests call a property, and the field of the index that it is.
//!
//! Core queryables of CSW 2.0.2 (6.3.2), those of its ISO profile (OGC 07-045), terms of Dublin Core: without regard to prefix and case.

use search::Field;

/// What a property of a filter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Queryable {
    Field(Field),
    /// The kind of resource, which has names of its own in each standard.
    Type,
    /// Boxes, of which only spatial operators ask.
    Extent,
}

/// By their names in lower case; the first of each is the one that is told.
const QUERYABLES: &[(Queryable, &[&str])] = &[
    (Queryable::Field(Field::AnyText), &["anytext"]),
    (
        Queryable::Field(Field::Identifier),
        &["identifier", "fileidentifier", "resourceidentifier"],
    ),
    (
        Queryable::Field(Field::Title),
        &["title", "alternatetitle", "alternative"],
    ),
    (
        Queryable::Field(Field::Description),
        &["abstract", "description"],
    ),
    (
        Queryable::Field(Field::Subject),
        &[
            "subject",
            "keyword",
            "keywords",
            "topiccategory",
            "category",
        ],
    ),
    (Queryable::Field(Field::Theme), &["theme"]),
    (Queryable::Field(Field::Format), &["format"]),
    (Queryable::Type, &["type", "hierarchylevel", "servicetype"]),
    (
        Queryable::Field(Field::Modified),
        &["modified", "revisiondate", "date"],
    ),
    (
        Queryable::Field(Field::Issued),
        &["issued", "publicationdate"],
    ),
    (
        Queryable::Field(Field::Created),
        &["created", "creationdate"],
    ),
    (
        Queryable::Field(Field::Changed),
        &["changed", "datestamp", "changedate"],
    ),
    (
        Queryable::Field(Field::TemporalStart),
        &["tempextent_begin", "temporalstart"],
    ),
    (
        Queryable::Field(Field::TemporalEnd),
        &["tempextent_end", "temporalend"],
    ),
    (
        Queryable::Field(Field::Organisation),
        &[
            "publisher",
            "organisationname",
            "organisation",
            "responsiblepartyname",
        ],
    ),
    (Queryable::Field(Field::Creator), &["creator", "author"]),
    (
        Queryable::Field(Field::Contact),
        &["contributor", "contact"],
    ),
    (
        Queryable::Field(Field::Language),
        &["language", "resourcelanguage"],
    ),
    (
        Queryable::Field(Field::Relation),
        &["relation", "association", "operateson", "references"],
    ),
    (
        Queryable::Field(Field::DerivedFrom),
        &["source", "derivedfrom"],
    ),
    (
        Queryable::Field(Field::Rights),
        &[
            "rights",
            "useconstraints",
            "otherconstraints",
            "conditionapplyingtoaccessanduse",
        ],
    ),
    (
        Queryable::Field(Field::AccessRights),
        &["accessrights", "accessconstraints"],
    ),
    (Queryable::Field(Field::Licence), &["license", "licence"]),
    (
        Queryable::Field(Field::Territory),
        &[
            "spatial",
            "coverage",
            "geographicdescriptioncode",
            "territory",
        ],
    ),
    (
        Queryable::Field(Field::CoordinateSystem),
        &["crs", "coordinatesystem", "referencesystem"],
    ),
    (
        Queryable::Field(Field::ConformsTo),
        &["conformsto", "specificationtitle"],
    ),
    (
        Queryable::Field(Field::ParentSeries),
        &["parentidentifier", "ispartof", "inseries"],
    ),
    (
        Queryable::Field(Field::Frequency),
        &["accrualperiodicity", "frequency"],
    ),
    (
        Queryable::Field(Field::Provenance),
        &["lineage", "provenance"],
    ),
    (Queryable::Field(Field::Link), &["link", "linkage", "url"]),
    (
        Queryable::Extent,
        &["boundingbox", "bbox", "envelope", "the_geom", "geometry"],
    ),
];

impl Queryable {
    /// By a name of a request: `dc:title`, `apiso:Title`, `csw:AnyText`, `title`.
    pub fn named(name: &str) -> Option<Self> {
        let local = name.trim().rsplit(':').next()?.to_ascii_lowercase();
        QUERYABLES
            .iter()
            .find(|(_, names)| names.contains(&local.as_str()))
            .map(|(queryable, _)| *queryable)
    }
}

/// The core queryables as the capabilities tell them, each with a name that works.
pub(super) const DUBLIN_CORE: &[&str] = &[
    "csw:AnyText",
    "dc:contributor",
    "dc:creator",
    "dc:date",
    "dc:format",
    "dc:identifier",
    "dc:language",
    "dc:publisher",
    "dc:relation",
    "dc:rights",
    "dc:source",
    "dc:subject",
    "dc:title",
    "dc:type",
    "dct:abstract",
    "dct:alternative",
    "dct:created",
    "dct:issued",
    "dct:license",
    "dct:modified",
    "dct:spatial",
    "ows:BoundingBox",
];

/// Those of the ISO profile.
pub(super) const ISO: &[&str] = &[
    "apiso:Abstract",
    "apiso:AlternateTitle",
    "apiso:AnyText",
    "apiso:BoundingBox",
    "apiso:CRS",
    "apiso:CreationDate",
    "apiso:Format",
    "apiso:Identifier",
    "apiso:KeywordS",
    "apiso:Language",
    "apiso:Modified",
    "apiso:OrganisationName",
    "apiso:ParentIdentifier",
    "apiso:PublicationDate",
    "apiso:ResourceIdentifier",
    "apiso:RevisionDate",
    "apiso:Subject",
    "apiso:TempExtent_begin",
    "apiso:TempExtent_end",
    "apiso:Title",
    "apiso:TopicCategory",
    "apiso:Type",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_without_regard_to_prefix_and_case() {
        for (name, wanted) in [
            ("apiso:type", Some(Queryable::Type)),
            ("dc:Type", Some(Queryable::Type)),
            ("csw:AnyText", Some(Queryable::Field(Field::AnyText))),
            ("Identifier", Some(Queryable::Field(Field::Identifier))),
            ("ows:BoundingBox", Some(Queryable::Extent)),
            ("/dc:title", Some(Queryable::Field(Field::Title))),
            ("nom", None),
            ("", None),
        ] {
            assert_eq!(Queryable::named(name), wanted, "{name}");
        }
    }

    #[test]
    fn what_is_told_is_known() {
        for name in DUBLIN_CORE.iter().chain(ISO) {
            assert!(Queryable::named(name).is_some(), "{name}");
        }
    }
}
