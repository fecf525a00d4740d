//! What can be compared, sorted by and counted.

use serde::{Deserialize, Serialize};

/// How the values of a field are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// By code points, the whole value.
    Text,
    /// By instant; a constant such as `2010-05` is the interval that it names.
    Instant,
    Number,
    /// Text that is kept beside the index, since it is long: found by its words, then compared.
    Prose,
}

macro_rules! fields {
    ($($(#[$doc:meta])* $field:ident = $name:literal: $kind:ident,)*) => {
        /// A property of what is in the catalogue. All but [`Field::Score`] may have no value, one or several.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Field { $($(#[$doc])* $field,)* }

        impl Field {
            pub const ALL: &'static [Self] = &[$(Self::$field,)*];

            /// Its name in the index and in messages.
            pub fn name(self) -> &'static str {
                match self { $(Self::$field => $name,)* }
            }

            pub fn kind(self) -> ValueKind {
                match self { $(Self::$field => ValueKind::$kind,)* }
            }
        }
    };
}

fields! {
    /// Our own IRI.
    Iri = "iri": Text,
    /// Every identifier: `dct:identifier`, those of `adms:identifier`, those of the records, and our IRI.
    Identifier = "identifier": Text,
    /// `dataset`, `series`, `dataservice` or `organisation`.
    Kind = "kind": Text,
    /// `dct:type` and the types of ISO 19115: IRIs, codes and labels.
    Type = "type": Text,
    Title = "title": Text,
    /// Compared up to [`crate::MAX_PROSE`] bytes.
    Description = "description": Prose,
    /// Every text: title, description, keywords, themes, organisations, contacts, formats, licences, places, identifiers,
    /// files. Each is a value of its own.
    AnyText = "anytext": Prose,
    /// Keywords, and the IRIs, codes and labels of themes, topic categories and HVD categories.
    Subject = "subject": Text,
    /// The IRIs of themes, topic categories and HVD categories.
    Theme = "theme": Text,
    /// The names of the publisher.
    Organisation = "organisation": Text,
    /// The IRIs of the publisher.
    OrganisationIri = "organisation_iri": Text,
    /// The names of creators.
    Creator = "creator": Text,
    /// The names and addresses of those to ask.
    Contact = "contact": Text,
    /// The identifiers of the sources whose records it is made of.
    Source = "source": Text,
    /// What it was derived from: `dct:source`, `prov:wasDerivedFrom`.
    DerivedFrom = "derived_from": Text,
    /// The IRIs, codes and labels of file types, and media types.
    Format = "format": Text,
    /// The IRIs and labels of licences, or the words of one that was not recognised.
    Licence = "licence": Text,
    /// `dct:rights` as text.
    Rights = "rights": Text,
    AccessRights = "access_rights": Text,
    /// The IRIs and codes of languages.
    Language = "language": Text,
    /// When the resource was modified; where it does not say, when its record was.
    Modified = "modified": Instant,
    Issued = "issued": Instant,
    Created = "created": Instant,
    /// When what the catalogue says of it changed last.
    Changed = "changed": Instant,
    /// The first instants of the periods that are covered.
    TemporalStart = "temporal_start": Instant,
    /// The last instants of the periods that are covered.
    TemporalEnd = "temporal_end": Instant,
    /// `true` or `false`: whether a category of high-value datasets is stated.
    Hvd = "hvd": Text,
    /// What it is related to, in either direction of no importance: `dct:relation`, `dct:references`, `dct:isReferencedBy`,
    /// `dct:requires`, `dct:replaces`, `dct:isVersionOf`, `dcat:servesDataset`.
    Relation = "relation": Text,
    /// The IRIs and names of places.
    Territory = "territory": Text,
    /// The IRIs of territories of France, and of those that they are part of.
    Within = "within": Text,
    /// `dct:conformsTo`, coordinate reference systems included.
    ConformsTo = "conforms_to": Text,
    CoordinateSystem = "coordinate_system": Text,
    /// The series or larger whole that it is a part of: `dcat:inSeries`, `dct:isPartOf`.
    ParentSeries = "parent_series": Text,
    /// `dct:accrualPeriodicity`
    Frequency = "frequency": Text,
    /// Lineage.
    Provenance = "provenance": Text,
    /// The addresses of pages, files and services.
    Link = "link": Text,
    /// From 0 to 1.
    Quality = "quality": Number,
    /// How well it answers the words that were asked for, its quality and its freshness: to sort by, only.
    Score = "score": Number,
}

impl Field {
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|field| field.name() == name)
    }

    /// Whether its values can be counted.
    pub fn is_facet(self) -> bool {
        FACETS.contains(&self)
    }
}

/// Fields with few values that many share. Of themes, formats, licences, territories and the like what is counted are
/// IRIs, or the words where no IRI was found: the label is for whoever shows them.
pub const FACETS: &[Field] = &[
    Field::Kind,
    Field::Type,
    Field::Theme,
    Field::Subject,
    Field::Organisation,
    Field::OrganisationIri,
    Field::Source,
    Field::Format,
    Field::Licence,
    Field::AccessRights,
    Field::Language,
    Field::Hvd,
    Field::Territory,
    Field::CoordinateSystem,
    Field::ConformsTo,
    Field::Frequency,
    Field::ParentSeries,
];
