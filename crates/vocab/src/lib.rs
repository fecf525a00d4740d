#![doc = include_str!("../README.md")]

mod address;
mod fold;
mod format;
mod language;
mod licence;
pub mod organisation;
mod parse;
mod patterns;
pub mod place;
mod table;
mod triples;

use std::collections::HashMap;
use std::sync::OnceLock;

pub use fold::{fold, fold_iri};
pub use format::Format;
pub use licence::creative_commons;
pub use parse::TableError;
pub use table::{Concept, How, Match, Table};

macro_rules! schemes {
    ($($(#[$doc:meta])* $name:ident = $file:literal,)*) => {
        /// A controlled vocabulary.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Scheme { $($(#[$doc])* $name,)* }

        impl Scheme {
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The name of its table under `vocab/`.
            pub fn file(self) -> &'static str {
                match self { $(Self::$name => $file,)* }
            }

            fn content(self) -> &'static str {
                match self {
                    $(Self::$name => include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../vocab/", $file)),)*
                }
            }
        }
    };
}

schemes! {
    AccessRight = "access-rights.tsv",
    Availability = "availabilities.tsv",
    ChecksumAlgorithm = "checksum-algorithms.tsv",
    /// How far a resource conforms to a specification, of the INSPIRE registry.
    ConformityDegree = "degrees-of-conformity.tsv",
    /// Coordinate reference systems; [`Vocab::crs`] knows every EPSG number.
    Crs = "crs.tsv",
    /// The themes of DCAT-AP.
    DataTheme = "data-themes.tsv",
    DatasetStatus = "dataset-statuses.tsv",
    DatasetType = "dataset-types.tsv",
    DistributionStatus = "distribution-statuses.tsv",
    DistributionType = "distribution-types.tsv",
    FileType = "file-types.tsv",
    Frequency = "frequencies.tsv",
    /// Terms that GeoDCAT-AP uses as types.
    Glossary = "glossary.tsv",
    HvdCategory = "hvd-categories.tsv",
    InspireTheme = "inspire-themes.tsv",
    Language = "languages.tsv",
    Licence = "licences.tsv",
    LicenceType = "licence-types.tsv",
    /// Limitations on public access, of the INSPIRE registry.
    PublicAccess = "limitations-on-public-access.tsv",
    MediaType = "media-types.tsv",
    Protocol = "protocols.tsv",
    PublisherType = "publisher-types.tsv",
    /// What a record of ISO 19115 describes, as INSPIRE has it.
    ResourceType = "resource-types.tsv",
    Role = "roles.tsv",
    ServiceType = "service-types.tsv",
    SpatialScope = "spatial-scopes.tsv",
    /// Regulations that records conform to.
    Standard = "standards.tsv",
    /// Topic categories of ISO 19115.
    TopicCategory = "topic-categories.tsv",
}

impl Scheme {
    /// The scheme that [`Concept::maps`] points into.
    fn target(self) -> Option<Self> {
        match self {
            Self::InspireTheme | Self::TopicCategory => Some(Self::DataTheme),
            Self::PublicAccess => Some(Self::AccessRight),
            Self::FileType => Some(Self::MediaType),
            _ => None,
        }
    }
}

/// All vocabularies.
#[derive(Debug)]
pub struct Vocab {
    tables: Vec<Table>,
    /// By its own IRI, the table and the place in it of each concept.
    concepts: HashMap<String, (usize, usize)>,
    /// By folded media type, the file type that it implies.
    file_types: HashMap<String, String>,
}

impl Vocab {
    /// The vocabularies that are part of the program.
    ///
    /// # Panics
    /// If a table is malformed, which a test of this crate rules out: they are compiled in.
    pub fn bundled() -> &'static Self {
        static BUNDLED: OnceLock<Vocab> = OnceLock::new();
        BUNDLED.get_or_init(|| {
            Self::load().unwrap_or_else(|error| panic!("the bundled vocabularies: {error}"))
        })
    }

    fn load() -> Result<Self, TableError> {
        let tables: Vec<Table> = Scheme::ALL
            .iter()
            .map(|scheme| {
                parse::parse(*scheme, scheme.file(), scheme.content())
                    .map(|parsed| Table::new(*scheme, parsed))
            })
            .collect::<Result<_, _>>()?;
        let mut concepts = HashMap::new();
        for (table, at) in tables.iter().enumerate() {
            for (place, concept) in at.concepts().iter().enumerate() {
                concepts
                    .entry(concept.iri.as_str().to_owned())
                    .or_insert((table, place));
            }
        }
        let mut vocab = Self {
            tables,
            concepts,
            file_types: HashMap::new(),
        };
        let mut file_types = HashMap::new();
        for file_type in vocab.scheme(Scheme::FileType).concepts() {
            for media in file_type.maps.iter().filter(|_| file_type.both_ways) {
                file_types
                    .entry(media.clone())
                    .or_insert_with(|| file_type.code.clone());
            }
        }
        vocab.file_types = file_types;
        Ok(vocab)
    }

    pub fn scheme(&self, scheme: Scheme) -> &Table {
        // One table a scheme, in the order of `Scheme::ALL`, which is that of the discriminants.
        &self.tables[scheme as usize]
    }

    /// The concept whose own IRI this is, to the letter.
    pub fn concept(&self, iri: &str) -> Option<&Concept> {
        let (table, place) = self.concepts.get(iri)?;
        self.tables.get(*table)?.concepts().get(*place)
    }

    /// The concepts of another scheme that follow from this one: the data themes of an INSPIRE theme or of a topic category,
    /// the access right of a limitation, the media type of a file type.
    pub fn mapped<'a>(&'a self, concept: &'a Concept) -> impl Iterator<Item = &'a Concept> {
        concept.scheme.target().into_iter().flat_map(move |target| {
            concept
                .maps
                .iter()
                .filter_map(move |code| self.scheme(target).get(code))
        })
    }

    /// The file type that a media type implies, where there is only one.
    pub fn file_type_of(&self, media_type: &Concept) -> Option<&Concept> {
        self.file_types
            .get(&media_type.code)
            .and_then(|code| self.scheme(Scheme::FileType).get(code))
    }
}
