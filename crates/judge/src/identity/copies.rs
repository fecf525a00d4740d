//! How portals make their own records from those of others.
//!
//! The shares were set before anything was measured: two thirds of the copies are made by harvesters that keep identifiers, the
//! rest by older ones, exports and hands.

use super::card::{Card, File, Kept, Origin, Upstream, new_id, uuid};
use super::portals::{Format, PORTALS, Portal, Role, takes};
use super::texts;
use super::words::edit;
use super::world::Maker;

/// Of a hundred copies: how many keep what.
const KEPT: [(u8, Kept); 6] = [
    (50, Kept::All),
    (18, Kept::Identifier),
    (10, Kept::Page),
    (8, Kept::PageAndFiles),
    (11, Kept::Files),
    (3, Kept::Nothing),
];
/// Of a hundred copies, those whose title was changed.
const EDITED: u8 = 12;
/// Of a hundred datasets that the nation has already, those that it takes once more, by another way.
const TWICE: u8 = 2;

pub fn make(maker: &mut Maker) {
    for role in [Role::Region, Role::Nation] {
        let takers: Vec<usize> = (0..PORTALS.len())
            .filter(|at| PORTALS[*at].role == role)
            .collect();
        for taker in takers {
            take(maker, taker);
        }
    }
}

fn take(maker: &mut Maker, taker: usize) {
    let role = PORTALS[taker].role;
    let mut givers: Vec<usize> = (0..maker.cards.len())
        .filter(|at| {
            let from = PORTALS[maker.cards[*at].portal].role;
            from == Role::Owner || from == Role::Region && role == Role::Nation
        })
        .collect();
    maker.random.shuffle(&mut givers);
    let mut had: std::collections::HashSet<usize> = maker
        .cards
        .iter()
        .filter(|card| card.portal == taker)
        .map(|card| card.thing)
        .collect();
    for giver in givers {
        let (portal, thing) = (maker.cards[giver].portal, maker.cards[giver].thing);
        let wanted = maker.random.f32() < takes(taker, portal);
        let again = had.contains(&thing) && maker.random.u8(..100) >= TWICE;
        if wanted && !again {
            had.insert(thing);
            let card = copy(maker, giver, taker);
            maker.cards.push(card);
        }
    }
}

fn kept(maker: &mut Maker) -> Kept {
    let mut number = maker.random.u8(..100);
    for (share, kept) in KEPT {
        if number < share {
            return kept;
        }
        number -= share;
    }
    Kept::All
}

fn copy(maker: &mut Maker, giver: usize, taker: usize) -> Card {
    let from = maker.cards[giver].clone();
    let portal = &PORTALS[taker];
    let kept = kept(maker).within(portal.format);
    let edited = maker.random.u8(..100) < EDITED;
    let place = PORTALS[from.portal].place;
    let title = if edited {
        edit(&from.title, place, &mut maker.random)
    } else {
        from.title.clone()
    };
    let slug = maker.slug(taker, &title);
    // Geographic catalogues keep the record as it is, identifier and all.
    let whole =
        portal.format == Format::Iso && from.at().format == Format::Iso && kept.identifier();
    let known = maker
        .cards
        .iter()
        .any(|card| card.portal == taker && card.id == from.id);
    let id = if whole && !known {
        from.id.clone()
    } else {
        new_id(portal, &slug, &mut maker.random)
    };
    let codes = match kept.identifier() && portal.format == Format::Iso {
        true => from.codes.clone(),
        false => Vec::new(),
    };
    let files = match (kept.files(), portal.format) {
        // It has records of its own, and makes its files from them.
        (_, Format::Opendatasoft) => Vec::new(),
        (true, _) => from.offered(),
        (false, _) => taken_over(portal, &id, &slug, &mut maker.random),
    };
    let description = texts::copied(&from, &title, portal, kept, &mut maker.random);
    let years = from
        .years
        .filter(|_| kept != Kept::Nothing || maker.random.bool());
    Card {
        portal: taker,
        thing: from.thing,
        origin: Some(Origin {
            card: giver,
            kept,
            edited: title != from.title,
        }),
        id,
        slug,
        title,
        publisher: publisher(maker, &from, taker, kept),
        description,
        pages: pages(&from, kept),
        sources: from.sources.clone(),
        says_page: maker.random.bool(),
        upstream: kept.identifier().then(|| Upstream::of(&from)),
        codes,
        files,
        extent: extent(maker, &from, kept),
        years,
    }
}

/// Pages that the copy names: that of the record that it was made from, and what that one named.
pub fn pages(from: &Card, kept: Kept) -> Vec<String> {
    let mut pages = Vec::new();
    if kept.page() {
        pages.push(from.page());
        pages.extend(from.pages.iter().cloned());
    }
    pages
}

/// Mostly as it was written; sometimes another name of the organisation; sometimes the portal itself.
fn publisher(maker: &mut Maker, from: &Card, taker: usize, kept: Kept) -> String {
    let names = PORTALS
        .iter()
        .find(|portal| portal.names.contains(&from.publisher.as_str()))
        .map_or(&[][..], |portal| portal.names);
    match maker.random.u8(..20) {
        0 | 1 if names.len() > 1 => names[maker.random.usize(..names.len())].to_owned(),
        2 | 3 if kept != Kept::Nothing => PORTALS[taker].names[0].to_owned(),
        _ => from.publisher.clone(),
    }
}

fn extent(maker: &mut Maker, from: &Card, kept: Kept) -> Option<[f32; 4]> {
    let extent = from.extent?;
    let lost = if kept == Kept::Nothing { 50 } else { 15 };
    if maker.random.u8(..100) < lost {
        return None;
    }
    Some(match kept {
        // Drawn anew.
        Kept::Nothing => extent
            .map(|degree| (degree * 100.0).round() / 100.0 + 0.01 * (maker.random.f32() - 0.5)),
        _ => extent,
    })
}

/// A file that the portal made a copy of, at an address as its program makes them.
fn taken_over(portal: &Portal, id: &str, slug: &str, random: &mut fastrand::Rng) -> Vec<File> {
    let (host, mark) = (portal.host, uuid(random));
    let (address, format) = match portal.format {
        Format::Ckan => (
            format!("https://{host}/dataset/{id}/resource/{mark}/download/{slug}.csv"),
            "csv",
        ),
        Format::Iso => (format!("https://{host}/telechargement/{mark}.zip"), "shp"),
        _ => (format!("https://{host}/fichiers/{mark}/{slug}.csv"), "csv"),
    };
    vec![File::Download {
        title: "Données".to_owned(),
        address,
        format,
    }]
}

impl Upstream {
    pub fn of(from: &Card) -> Self {
        Self {
            identifier: from.id.clone(),
            host: from.at().host,
            title: from.at().names[0],
            page: from.page(),
            iri: from.iri(),
        }
    }
}
