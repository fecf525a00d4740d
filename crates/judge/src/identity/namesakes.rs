//! False friends that have title and publisher in common, on two portals: what only the rest of the records can tell apart.

use super::portals::{PORTALS, Role};
use super::texts;
use super::words::{EVERYWHERE, SUBJECTS, YEARLY, slug};
use super::world::Maker;

pub fn make(maker: &mut Maker) {
    two_of_a_publisher(maker);
    editions_on_two_portals(maker);
    generic_titles(maker);
    homonyms(maker);
    names_of_services(maker);
}

fn with_role(role: Role) -> Vec<usize> {
    (0..PORTALS.len())
        .filter(|at| PORTALS[*at].role == role)
        .collect()
}

/// An owner that enters a dataset itself at the portal of its region.
fn enter(maker: &mut Maker, owner: usize, region: usize, case: &'static str, title: &str) -> usize {
    let card = maker.publish(region, case, title);
    let publisher = PORTALS[owner].names[0];
    rename(maker, card, publisher);
    let extent = PORTALS[owner].extent;
    let card_at = &mut maker.cards[card];
    card_at.extent = card_at.extent.map(|_| extent);
    card
}

fn rename(maker: &mut Maker, card: usize, publisher: &str) {
    let thing = maker.cards[card].thing;
    publisher.clone_into(&mut maker.things[thing].publisher);
    publisher.clone_into(&mut maker.cards[card].publisher);
}

/// Two datasets of one publisher under one title, one on its own portal, one on that of its region.
fn two_of_a_publisher(maker: &mut Maker) {
    let (owners, regions) = (with_role(Role::Owner), with_role(Role::Region));
    for n in 0..42 {
        let (owner, region) = (owners[n % owners.len()], regions[n % regions.len()]);
        let subject = SUBJECTS[maker.random.usize(..SUBJECTS.len())];
        let title = match n % 3 {
            0 => subject.to_owned(),
            1 => format!("{subject} ({})", PORTALS[owner].place),
            _ => format!("{subject} - inventaire complémentaire"),
        };
        let case = "two of a publisher, one title";
        let here = maker.publish(owner, case, &title);
        let there = enter(maker, owner, region, case, &title);
        let (one, other) = texts_of_two(maker, n, &title);
        maker.cards[here].description = one;
        maker.cards[there].description = other;
        if n % 7 == 4 {
            // A part of the territory, in the same words.
            let [west, south, east, north] = PORTALS[owner].extent;
            let middle = (west + east) / 2.0;
            maker.cards[here].extent = Some([west, south, middle, north]);
            maker.cards[there].extent = Some([middle - 0.01, south, east, north]);
        }
    }
}

/// What tells two such datasets apart; some of the texts say little, or nothing.
fn texts_of_two(maker: &mut Maker, n: usize, title: &str) -> (String, String) {
    let random = &mut maker.random;
    let (made, attributes) = (texts::made(random), texts::attributes(random));
    // Not every sentence has something of its own.
    let other = std::iter::repeat_with(|| texts::made(random))
        .find(|other| *other != made)
        .unwrap_or_default();
    let whole = format!("Données sur le thème : {title}. {made} {attributes}");
    match n % 7 {
        // One word.
        0 => (
            format!("{whole} Secteur de la subdivision nord."),
            format!("{whole} Secteur de la subdivision sud."),
        ),
        // The year, below a text that is the same.
        1 => (
            format!("{whole} État au 1er janvier 2015."),
            format!("{whole} État au 1er janvier 2022."),
        ),
        // How the data were made.
        2 => (
            format!("{title}. {made} {attributes}"),
            format!("{title}. {other} {attributes}"),
        ),
        // Written by two people.
        3 => (whole, texts::attributes(random)),
        // See the extents.
        4 => (whole.clone(), whole),
        // The beginning alone.
        5 => (whole, format!("Données sur le thème : {title}.")),
        _ => (format!("{title}."), format!("{title}.")),
    }
}

/// The edition of one year at the owner, that of another at the region: the year stands in the text, or in the period alone.
fn editions_on_two_portals(maker: &mut Maker) {
    let (owners, regions) = (with_role(Role::Owner), with_role(Role::Region));
    for n in 0..20 {
        let (owner, region) = (owners[n % owners.len()], regions[n % regions.len()]);
        let title = format!("{} de la collectivité", YEARLY[n % YEARLY.len()]);
        let case = "editions on two portals";
        let new = maker.publish(owner, case, &title);
        let old = enter(maker, owner, region, case, &title);
        let text = texts::attributes(&mut maker.random);
        for (card, year) in [(new, 2023), (old, 2021)] {
            let card = &mut maker.cards[card];
            card.years = (n % 2 == 0).then_some([year, year]);
            card.description = match n % 2 {
                0 => format!("{title} : lignes du document voté. {text}"),
                _ => format!("{title} : lignes du document voté. {text} Exercice {year}."),
            };
        }
    }
}

/// Titles that say nothing, with what the publisher writes under all of its datasets.
fn generic_titles(maker: &mut Maker) {
    let (owners, regions) = (with_role(Role::Owner), with_role(Role::Region));
    let titles = [
        "Arrêtés",
        "Données",
        "Statistiques",
        "Liste",
        "Export",
        "Carte interactive",
    ];
    for n in 0..24 {
        let (owner, region) = (owners[n % owners.len()], regions[n % regions.len()]);
        let title = titles[n % titles.len()];
        let case = "generic titles";
        let here = maker.publish(owner, case, title);
        let there = enter(maker, owner, region, case, title);
        let publisher = PORTALS[owner].names[0];
        if n % 2 == 0 {
            for card in [here, there] {
                maker.cards[card].description =
                    format!("{title} mis à disposition par {publisher} en licence ouverte.");
            }
        }
    }
}

/// Two communes of one name, each in its own department: here the one with a portal, there one that publishes at the region's.
fn homonyms(maker: &mut Maker) {
    let regions = with_role(Role::Region);
    let communes: Vec<usize> = (0..PORTALS.len())
        .filter(|at| ["orsenne", "brumeval", "hubert"].contains(&PORTALS[*at].name))
        .collect();
    for n in 0..24 {
        let (owner, region) = (communes[n % communes.len()], regions[n % regions.len()]);
        let title = match n % 4 {
            // The other one has what every commune has.
            0 | 1 => EVERYWHERE[n % EVERYWHERE.len()].to_owned(),
            _ => SUBJECTS[maker.random.usize(..SUBJECTS.len())].to_owned(),
        };
        let case = "two communes of one name";
        if n % 4 > 1 {
            maker.publish(owner, case, &title);
        }
        let other = enter(maker, owner, region, case, &title);
        let [west, south, east, north] = PORTALS[owner].extent;
        let card = &mut maker.cards[other];
        card.extent = card
            .extent
            .map(|_| [west + 1.1, south - 0.6, east + 1.1, north - 0.6]);
        if n % 4 < 2 {
            card.description = schema(&title);
        }
    }
}

/// What everybody copies from the schema of such data.
pub fn schema(title: &str) -> String {
    format!(
        "{title} : jeu publié selon le schéma national du socle commun des données locales. Chaque ligne décrit un élément et suit les champs obligatoires du schéma, contrôlés avant publication. Documentation : https://schemas.donnees-nationales.example/scdl/{}",
        slug(title)
    )
}

/// Publishers that go by the name of a service which every authority has.
fn names_of_services(maker: &mut Maker) {
    let (owners, regions) = (with_role(Role::Owner), with_role(Role::Region));
    let names = [
        "Service urbanisme",
        "Direction des espaces verts",
        "Pôle SIG",
        "Mairie",
    ];
    for n in 0..16 {
        let (owner, region) = (owners[n % owners.len()], regions[n % regions.len()]);
        let subject = SUBJECTS[maker.random.usize(..SUBJECTS.len())];
        let case = "publishers that are services";
        let here = maker.publish(owner, case, subject);
        let there = maker.publish(region, case, subject);
        for card in [here, there] {
            rename(maker, card, names[n % names.len()]);
        }
        if n % 2 == 0 {
            // Both filled in the same form.
            let text = schema(subject);
            maker.cards[here].description.clone_from(&text);
            maker.cards[there].description = text;
        }
    }
}
