//! The generated world: datasets of owners, and the records that twenty portals have of them.

use std::collections::HashSet;

use fastrand::Rng;

use super::card::{Card, File, Thing, new_id, uuid};
use super::copies;
use super::friends;
use super::portals::{Format, PORTALS, Role};
use super::texts;
use super::words::{PARTS, SUBJECTS, slug};

pub struct World {
    pub things: Vec<Thing>,
    pub cards: Vec<Card>,
}

/// A world being made.
pub struct Maker {
    pub random: Rng,
    pub things: Vec<Thing>,
    pub cards: Vec<Card>,
    slugs: HashSet<(usize, String)>,
    titles: HashSet<(usize, String)>,
}

impl World {
    /// About so many datasets; the same for the same seed.
    pub fn new(datasets: usize, seed: u64) -> Self {
        let mut maker = Maker {
            random: Rng::with_seed(seed),
            things: Vec::new(),
            cards: Vec::new(),
            slugs: HashSet::new(),
            titles: HashSet::new(),
        };
        friends::make(&mut maker);
        let owners: Vec<usize> = (0..PORTALS.len())
            .filter(|at| PORTALS[*at].role == Role::Owner)
            .collect();
        let mut tries = 0;
        while maker.things.len() < datasets && tries < datasets * 20 {
            tries += 1;
            let owner = owners[tries % owners.len()];
            ordinary(&mut maker, owner);
        }
        copies::make(&mut maker);
        Self {
            things: maker.things,
            cards: maker.cards,
        }
    }
}

impl Maker {
    /// A dataset on the portal of its owner, in the manner of that portal. Gives the number of its card.
    pub fn publish(&mut self, owner: usize, case: &'static str, title: &str) -> usize {
        let portal = &PORTALS[owner];
        let thing = self.things.len();
        let publisher = portal.names[0].to_owned();
        self.things.push(Thing {
            case,
            publisher: publisher.clone(),
        });
        let slug = self.slug(owner, title);
        let id = new_id(portal, &slug, &mut self.random);
        let extent = self.extent(portal.extent, portal.format);
        let codes = self.codes(owner, &id, &slug);
        let files = self.files(owner, &id, &slug);
        let pages = self.pages(owner, &slug);
        let description = texts::compose(title, &publisher, &mut self.random);
        let years = self.years();
        self.cards.push(Card {
            portal: owner,
            thing,
            origin: None,
            id,
            slug,
            title: title.to_owned(),
            publisher,
            description,
            pages,
            sources: Vec::new(),
            says_page: self.random.u8(..10) < 6,
            upstream: None,
            codes,
            files,
            extent,
            years,
        });
        self.cards.len() - 1
    }

    /// A slug that the portal does not have yet: a second one gets a number, as everywhere.
    pub fn slug(&mut self, portal: usize, title: &str) -> String {
        let plain = slug(title);
        let mut candidate = plain.clone();
        let mut n = 1;
        while !self.slugs.insert((portal, candidate.clone())) {
            n += 1;
            candidate = format!("{plain}-{n}");
        }
        candidate
    }

    fn extent(&mut self, of: [f32; 4], format: Format) -> Option<[f32; 4]> {
        let stated = match format {
            Format::Iso => 95,
            Format::Opendatasoft | Format::Dcat => 50,
            Format::Ckan => 40,
            Format::Udata => 10,
        };
        (self.random.u8(..100) < stated).then_some(of)
    }

    /// One in five says which years it is of.
    fn years(&mut self) -> Option<[u16; 2]> {
        let first = self.random.u16(2012..2023);
        let last = first + self.random.u16(..3);
        (self.random.u8(..5) == 0).then_some([first, last])
    }

    /// Geographic catalogues give the resource an identifier of its own, in one of several ways.
    fn codes(&mut self, owner: usize, id: &str, slug: &str) -> Vec<String> {
        let portal = &PORTALS[owner];
        if portal.format != Format::Iso {
            return Vec::new();
        }
        match self.random.u8(..10) {
            0..=2 => vec![id.to_owned()],
            3..=5 => vec![uuid(&mut self.random)],
            6..=7 => vec![format!("https://{}/id/{slug}", portal.host)],
            8 => vec![slug.replace('-', "_")],
            _ => Vec::new(),
        }
    }

    fn files(&mut self, owner: usize, id: &str, slug: &str) -> Vec<File> {
        let portal = &PORTALS[owner];
        let host = portal.host;
        let file = |title: &str, address: String, format| File::Download {
            title: title.to_owned(),
            address,
            format,
        };
        match portal.format {
            Format::Iso => {
                let mut files = Vec::new();
                if self.random.u8(..10) < 7 {
                    files.push(File::Layer {
                        service: format!("https://{host}/geoserver/ows"),
                        name: format!("{}:{}", portal.name, slug.replace('-', "_")),
                    });
                }
                if files.is_empty() || self.random.bool() {
                    files.push(file(
                        "Archive",
                        format!("https://{host}/telechargement/{slug}.zip"),
                        "shp",
                    ));
                }
                files
            }
            // The portal makes them from its records.
            Format::Opendatasoft => Vec::new(),
            Format::Ckan => (0..self.random.usize(1..4))
                .map(|n| {
                    let resource = uuid(&mut self.random);
                    let format = ["csv", "json", "xlsx"][n % 3];
                    let address = format!(
                        "https://{host}/dataset/{id}/resource/{resource}/download/{slug}.{format}"
                    );
                    file("Fichier", address, format)
                })
                .collect(),
            Format::Dcat => ["csv", "geojson"]
                .into_iter()
                .map(|format| {
                    let address = format!("https://{host}/api/download/v1/items/{id}/{format}");
                    file("Export", address, format)
                })
                .collect(),
            Format::Udata => {
                let address =
                    format!("https://static.{host}/resources/{slug}/20240102-030405/{slug}.csv");
                vec![file("Données", address, "csv")]
            }
        }
    }

    /// A page of the owner's web site about the data, which portals name beside their own.
    fn pages(&mut self, owner: usize, slug: &str) -> Vec<String> {
        let host = PORTALS[owner].host;
        match self.random.u8(..10) {
            0 | 1 => vec![format!("https://www.{host}/donnees/{slug}.html")],
            _ => Vec::new(),
        }
    }
}

/// A dataset as most are: its portal has no other under its name.
fn ordinary(maker: &mut Maker, owner: usize) {
    let subject = SUBJECTS[maker.random.usize(..SUBJECTS.len())];
    let place = PORTALS[owner].place;
    let part = match maker.random.u8(..10) {
        0..=3 => format!(" - {}", PARTS[maker.random.usize(..PARTS.len())]),
        _ => String::new(),
    };
    let place = match maker.random.u8(..10) {
        0..=4 => format!(" de {place}")
            .replace(" de le ", " du ")
            .replace(" de les ", " des "),
        5 | 6 => format!(" ({place})"),
        _ => String::new(),
    };
    let title = format!("{subject}{place}{part}");
    if maker.titles.insert((owner, title.clone())) {
        maker.publish(owner, "ordinary", &title);
    }
}
