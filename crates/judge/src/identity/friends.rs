//! False friends: datasets that share what usually only one dataset has.

use super::card::{Card, File, Kept, Origin, Upstream, uuid};
use super::namesakes;
use super::portals::{COMMUNES, Format, INTERCOMMUNAL, PORTALS, Role};
use super::texts;
use super::words::{EVERYWHERE, PARTS, SUBJECTS, YEARLY};
use super::world::Maker;

pub fn make(maker: &mut Maker) {
    communes(maker);
    intercommunality(maker);
    editions(maker);
    templates(maker);
    one_file(maker);
    series_page(maker);
    themes_of_a_service(maker);
    everywhere(maker);
    stale_editions(maker);
    derived(maker);
    namesakes::make(maker);
}

fn owners(format: Option<Format>) -> Vec<usize> {
    (0..PORTALS.len())
        .filter(|at| {
            let portal = &PORTALS[*at];
            portal.role == Role::Owner && format.is_none_or(|format| portal.format == format)
        })
        .collect()
}

fn some_subject(maker: &mut Maker) -> &'static str {
    SUBJECTS[maker.random.usize(..SUBJECTS.len())]
}

/// A small square of the territory, one of thirty.
fn commune(of: [f32; 4], n: u8) -> [f32; 4] {
    let [west, south, east, north] = of;
    let (width, height) = ((east - west) / 6.0, (north - south) / 5.0);
    let (x, y) = (f32::from(n % 6), f32::from(n / 6));
    [
        west + x * width,
        south + y * height,
        west + (x + 1.0) * width,
        south + (y + 1.0) * height,
    ]
}

/// The same title in 30 communes, by 30 publishers.
fn communes(maker: &mut Maker) {
    for n in 0..30 {
        let card = maker.publish(COMMUNES, "title of 30 communes", "Plan local d’urbanisme");
        let name = format!(
            "Commune de Brive-{}",
            ["Haut", "Val", "Mont", "Bas", "Bois"][usize::from(n) % 5]
        );
        let name = format!(
            "{name}-{}",
            [
                "le-Grand",
                "le-Petit",
                "sur-Sorne",
                "les-Prés",
                "l’Abbaye",
                "Église"
            ][usize::from(n) / 5]
        );
        let thing = maker.cards[card].thing;
        maker.things[thing].publisher.clone_from(&name);
        let extent = commune(PORTALS[COMMUNES].extent, n);
        let card = &mut maker.cards[card];
        card.publisher = name;
        card.extent = card.extent.map(|_| extent);
        card.description = "Plan local d’urbanisme de la commune, numérisé selon les prescriptions nationales pour la dématérialisation des documents d’urbanisme.".to_owned();
    }
}

/// The same title in 30 communes, by one intercommunality. A third of the records do not say where.
fn intercommunality(maker: &mut Maker) {
    let text = format!(
        "Zonage du document en vigueur. {}",
        texts::attributes(&mut maker.random)
    );
    for n in 0..30 {
        let title = "Zonage du plan local d’urbanisme";
        let card = maker.publish(INTERCOMMUNAL, "title of one publisher", title);
        let extent = commune(PORTALS[INTERCOMMUNAL].extent, n);
        maker.cards[card].extent = (n % 3 != 0).then_some(extent);
        maker.cards[card].description.clone_from(&text);
    }
}

/// Yearly editions with one landing page; of a quarter of the series the titles do not say the year.
fn editions(maker: &mut Maker) {
    let owners = owners(None);
    for n in 0..25 {
        let owner = owners[maker.random.usize(..owners.len())];
        let subject = format!(
            "{} {}",
            YEARLY[n % YEARLY.len()],
            ["principal", "annexe", "consolidé", "détaillé"][n / YEARLY.len()]
        );
        let page = format!("https://www.{}/publications/serie-{n}", PORTALS[owner].host);
        let text = texts::attributes(&mut maker.random);
        for year in 2021..2024 {
            let title = if n % 4 == 3 {
                subject.clone()
            } else {
                format!("{subject} {year}")
            };
            let card = maker.publish(owner, "yearly editions", &title);
            let card = &mut maker.cards[card];
            card.pages = vec![page.clone()];
            card.years = (n % 2 == 0).then_some([year, year]);
            card.description = format!("{subject}, exercice {year}. {text}");
        }
    }
}

/// A resource identifier that came with the form: several records of one catalogue have it; or records of several catalogues, each
/// filled in from the example of one guide.
fn templates(maker: &mut Maker) {
    let owners = owners(Some(Format::Iso));
    for n in 0..12 {
        let code = uuid(&mut maker.random);
        let owner = owners[n % owners.len()];
        for _ in 0..4 {
            template(maker, owner, "template in one catalogue", &code, n);
        }
    }
    for n in 0..4 {
        let code = uuid(&mut maker.random);
        for at in 0..3 {
            template(
                maker,
                owners[(n + at) % owners.len()],
                "template in several catalogues",
                &code,
                n,
            );
        }
    }
}

fn template(maker: &mut Maker, owner: usize, case: &'static str, code: &str, n: usize) {
    let title = format!(
        "{} - {} (lot {})",
        some_subject(maker),
        PARTS[n % PARTS.len()],
        maker.things.len()
    );
    let card = maker.publish(owner, case, &title);
    maker.cards[card].codes = vec![code.to_owned()];
}

/// One archive for several datasets, and the home page of the portal as landing page.
fn one_file(maker: &mut Maker) {
    let owners = owners(None);
    for n in 0..10 {
        let owner = owners[maker.random.usize(..owners.len())];
        let host = PORTALS[owner].host;
        for _ in 0..4 {
            let title = format!("{} {}", some_subject(maker), PARTS[n % PARTS.len()]);
            let card = maker.publish(owner, "one file, home page", &title);
            let card = &mut maker.cards[card];
            card.files = vec![File::Download {
                title: "Tout".to_owned(),
                address: format!("https://{host}/telechargement/lot-{n}.zip"),
                format: "zip",
            }];
            card.pages = vec![format!("https://{host}/")];
        }
    }
}

/// The page of a series as landing page of its parts: on one portal, or on several that each have one part.
fn series_page(maker: &mut Maker) {
    let owners = owners(None);
    for n in 0..10 {
        let owner = owners[maker.random.usize(..owners.len())];
        let subject = some_subject(maker);
        for part in 0..3 {
            let title = format!("{subject} - {}", PARTS[(n + part) % PARTS.len()]);
            let card = maker.publish(owner, "page of a series", &title);
            maker.cards[card].pages = vec![format!(
                "https://www.{}/observatoires/{n}",
                PORTALS[owner].host
            )];
        }
    }
    for n in 0..6 {
        let page = format!("https://www.etat-caps.example/politiques/bruit-{n}.html");
        for (at, part) in ["type A", "type B", "type C"].into_iter().enumerate() {
            let owner = owners[(n * 3 + at) % owners.len()];
            let title = format!(
                "Cartes de bruit des infrastructures {} - {part}",
                ["routières", "ferroviaires"][n % 2]
            );
            let card = maker.publish(owner, "page of a series on several portals", &title);
            maker.cards[card].pages = vec![page.clone()];
        }
    }
}

/// Two layers of one WFS.
fn themes_of_a_service(maker: &mut Maker) {
    let owners = owners(Some(Format::Iso));
    for n in 0..15 {
        let owner = owners[n % owners.len()];
        let subject = some_subject(maker);
        let text = format!(
            "{subject} du référentiel départemental. {}",
            texts::made(&mut maker.random)
        );
        for (part, layer) in [("linéaires", "l"), ("surfaciques", "s")] {
            let card = maker.publish(owner, "layers of one service", &format!("{subject} {part}"));
            maker.cards[card].description.clone_from(&text);
            maker.cards[card].files = vec![File::Layer {
                service: format!("https://{}/geoserver/lot{n}/wfs", PORTALS[owner].host),
                name: format!("lot_{n}_{layer}"),
            }];
        }
    }
}

/// What every authority has under one name.
fn everywhere(maker: &mut Maker) {
    for (n, title) in EVERYWHERE.into_iter().enumerate() {
        for owner in owners(None) {
            let card = maker.publish(owner, "one title everywhere", title);
            if n % 2 == 0 {
                maker.cards[card].description = namesakes::schema(title);
            }
            // The landing page is that of their common schema; or the file that of the whole country.
            match n % 3 {
                0 => {
                    maker.cards[card].pages = vec![format!(
                        "https://schemas.donnees-nationales.example/scdl/{}",
                        super::words::slug(title)
                    )];
                }
                1 => maker.cards[card].files.push(File::Download {
                    title: "France entière".to_owned(),
                    address: format!("https://fichiers.donnees-nationales.example/{n}.csv.gz"),
                    format: "csv",
                }),
                _ => {}
            }
        }
    }
}

/// The owner has the edition of this year; a region still has a copy of the one before, under the same page.
fn stale_editions(maker: &mut Maker) {
    let owners = owners(None);
    let regions: Vec<usize> = (0..PORTALS.len())
        .filter(|at| PORTALS[*at].role == Role::Region)
        .collect();
    for n in 0..15 {
        let owner = owners[n % owners.len()];
        let subject = format!("{} des services", YEARLY[n % YEARLY.len()]);
        let page = format!("https://www.{}/editions/{n}", PORTALS[owner].host);
        let name = |year: u16| {
            if n % 3 == 0 {
                subject.clone()
            } else {
                format!("{subject} {year}")
            }
        };
        let new = maker.publish(owner, "stale edition", &name(2023));
        maker.cards[new].pages = vec![page.clone()];
        let old = maker.publish(owner, "stale edition", &name(2022));
        maker.cards[old].pages = vec![page];
        // The year stands in the text, or in the period alone.
        let text = texts::attributes(&mut maker.random);
        for (card, year) in [(new, 2023), (old, 2022)] {
            let card = &mut maker.cards[card];
            card.years = (n % 2 == 0).then_some([year, year]);
            card.description = match n % 2 {
                0 => format!("{subject} : tableaux de l’édition. {text}"),
                _ => format!("{subject} : tableaux de l’édition {year}. {text}"),
            };
        }
        move_to_region(maker, old, regions[n % regions.len()]);
    }
}

/// A dataset made from another one, which names that as its source.
fn derived(maker: &mut Maker) {
    let makers: Vec<usize> = (0..PORTALS.len())
        .filter(|at| PORTALS[*at].format == Format::Dcat)
        .collect();
    for n in 0..12 {
        let owner = owners(None)[n];
        let subject = some_subject(maker);
        let from = maker.publish(
            owner,
            "derived dataset",
            &format!("{subject} du territoire"),
        );
        let source = maker.cards[from].page();
        let title = format!("{subject} du territoire - synthèse");
        let card = maker.publish(makers[n % makers.len()], "derived dataset", &title);
        maker.cards[card].sources = vec![source];
    }
}

/// The record leaves its owner; what a region made of it stays.
fn move_to_region(maker: &mut Maker, at: usize, region: usize) {
    let gone = maker.cards[at].clone();
    let slug = maker.slug(region, &gone.title);
    let id = super::card::new_id(&PORTALS[region], &slug, &mut maker.random);
    let iso = PORTALS[region].format == Format::Iso && gone.at().format == Format::Iso;
    maker.cards[at] = Card {
        portal: region,
        // It is the only record of its dataset: nothing is to be found.
        origin: None::<Origin>,
        id: if iso { gone.id.clone() } else { id },
        slug,
        upstream: Some(Upstream::of(&gone)),
        pages: super::copies::pages(&gone, Kept::All),
        files: gone.offered(),
        ..gone
    };
}
