//! What a portal says of a dataset, before it is put into the portal's format.

use fastrand::Rng;

use super::portals::{Format, PORTALS, Portal};

/// A dataset of the world, as it is.
#[derive(Debug, Clone)]
pub struct Thing {
    /// What it is an example of.
    pub case: &'static str,
    pub publisher: String,
}

/// What a copy keeps of what it was made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Identifier, page, files: what harvesters do.
    All,
    /// The identifier; the files were taken over, and the page is the portal's own.
    Identifier,
    Page,
    PageAndFiles,
    Files,
    /// Entered anew by hand.
    Nothing,
}

impl Kept {
    pub fn name(self) -> &'static str {
        match self {
            Self::All => "all kept",
            Self::Identifier => "identifier alone",
            Self::Page => "page alone",
            Self::PageAndFiles => "page and files",
            Self::Files => "files alone",
            Self::Nothing => "title and publisher alone",
        }
    }

    /// What is left of it in a format: Opendatasoft makes its files itself, and its harvesters keep where a dataset is from.
    pub fn within(self, format: Format) -> Self {
        match (self, format) {
            (Self::PageAndFiles, Format::Opendatasoft) => Self::Page,
            (Self::Files, Format::Opendatasoft) => Self::Identifier,
            (kept, _) => kept,
        }
    }

    pub fn identifier(self) -> bool {
        matches!(self, Self::All | Self::Identifier)
    }

    pub fn page(self) -> bool {
        matches!(self, Self::All | Self::Page | Self::PageAndFiles)
    }

    pub fn files(self) -> bool {
        matches!(self, Self::All | Self::Files | Self::PageAndFiles)
    }
}

/// Where a record was taken from.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The number of the card.
    pub card: usize,
    pub kept: Kept,
    pub edited: bool,
}

/// What a portal says of the record that it made its own from.
#[derive(Debug, Clone)]
pub struct Upstream {
    pub identifier: String,
    pub host: &'static str,
    pub title: &'static str,
    pub page: String,
    pub iri: Option<String>,
}

#[derive(Debug, Clone)]
pub enum File {
    Download {
        title: String,
        address: String,
        format: &'static str,
    },
    /// A layer of a WFS.
    Layer { service: String, name: String },
}

#[derive(Debug, Clone)]
pub struct Card {
    pub portal: usize,
    pub thing: usize,
    pub origin: Option<Origin>,
    /// The identifier of the record on its portal.
    pub id: String,
    pub slug: String,
    pub title: String,
    pub publisher: String,
    pub description: String,
    /// Pages about the data, beside the portal's own.
    pub pages: Vec<String>,
    /// Pages of the datasets that this one was derived from, which only DCAT has a word for.
    pub sources: Vec<String>,
    /// Whether the record says where the portal shows it, in formats that leave it open.
    pub says_page: bool,
    pub upstream: Option<Upstream>,
    /// Identifiers of the resource, as ISO 19115 has them.
    pub codes: Vec<String>,
    pub files: Vec<File>,
    pub extent: Option<[f32; 4]>,
    /// The years that the data are of.
    pub years: Option<[u16; 2]>,
}

impl Card {
    pub fn at(&self) -> &'static Portal {
        &PORTALS[self.portal]
    }

    /// The page of the record on its portal.
    pub fn page(&self) -> String {
        let (host, slug) = (self.at().host, &self.slug);
        match self.at().format {
            Format::Udata => format!("https://{host}/fr/datasets/{slug}/"),
            Format::Ckan => format!("https://{host}/dataset/{slug}"),
            Format::Opendatasoft => format!("https://{host}/explore/dataset/{slug}/"),
            Format::Iso => format!(
                "https://{host}/geonetwork/srv/fre/catalog.search#/metadata/{}",
                self.id
            ),
            Format::Dcat => format!("https://{host}/datasets/{slug}"),
        }
    }

    /// What the record is called in RDF, where its portal gives it a name there.
    pub fn iri(&self) -> Option<String> {
        let host = self.at().host;
        match self.at().format {
            Format::Udata => Some(format!("https://{host}/datasets/{}", self.id)),
            Format::Ckan => Some(format!("https://{host}/dataset/{}", self.id)),
            Format::Opendatasoft => Some(format!("https://{host}/explore/dataset/{}/", self.slug)),
            Format::Dcat => Some(format!("https://{host}/id/dataset/{}", self.slug)),
            Format::Iso => None,
        }
    }

    /// The files that others find there: those that the portal makes, too.
    pub fn offered(&self) -> Vec<File> {
        let mut files = self.files.clone();
        if self.at().format == Format::Opendatasoft {
            for (title, format) in [("CSV", "csv"), ("JSON", "json"), ("Excel", "xlsx")] {
                files.push(File::Download {
                    title: title.to_owned(),
                    address: format!(
                        "https://{}/api/explore/v2.1/catalog/datasets/{}/exports/{format}",
                        self.at().host,
                        self.slug
                    ),
                    format,
                });
            }
        }
        files
    }
}

fn hex(digits: usize, random: &mut Rng) -> String {
    (0..digits)
        .map(|_| char::from_digit(random.u32(..16), 16).unwrap_or('0'))
        .collect()
}

pub fn uuid(random: &mut Rng) -> String {
    let parts = [8, 3, 3, 12].map(|digits| hex(digits, random));
    format!(
        "{}-{}-4{}-a{}-{}",
        parts[0],
        hex(4, random),
        parts[1],
        parts[2],
        parts[3]
    )
}

/// An identifier as programs of this format give it.
pub fn new_id(portal: &Portal, slug: &str, random: &mut Rng) -> String {
    match portal.format {
        Format::Udata => hex(24, random),
        Format::Ckan => uuid(random),
        Format::Opendatasoft => slug.to_owned(),
        // ArcGIS Hub names items by 32 digits; other servers by what is in their addresses.
        Format::Dcat if portal.name == "hubert" => hex(32, random),
        Format::Dcat => slug.to_owned(),
        Format::Iso => match random.u8(..10) {
            0 => format!("{}_{}", portal.name, slug.replace('-', "_")),
            1..=3 => format!(
                "fr-{}-jdd-{}",
                120_066_022 + u32::from(portal.name.len() as u8),
                uuid(random)
            ),
            _ => uuid(random),
        },
    }
}
