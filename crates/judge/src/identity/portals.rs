//! The twenty portals of the generated world: who they are, what they speak, and from whom they take.

/// What a portal answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Udata,
    Ckan,
    Opendatasoft,
    Iso,
    Dcat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It shows what its organisation makes.
    Owner,
    /// It shows what the owners of a region make.
    Region,
    /// It shows what owners and regions have.
    Nation,
}

pub struct Portal {
    pub name: &'static str,
    pub host: &'static str,
    pub format: Format,
    pub role: Role,
    /// Its organisation, under the names that people give it: the first is its own.
    pub names: &'static [&'static str],
    /// As titles write it.
    pub place: &'static str,
    /// West, south, east, north.
    pub extent: [f32; 4],
}

const fn portal(
    name: &'static str,
    host: &'static str,
    format: Format,
    role: Role,
    names: &'static [&'static str],
    place: &'static str,
    extent: [f32; 4],
) -> Portal {
    Portal {
        name,
        host,
        format,
        role,
        names,
        place,
        extent,
    }
}

use Format::{Ckan, Dcat, Iso, Opendatasoft, Udata};
use Role::{Nation, Owner, Region};

/// Of the owners, the 30 communes of this one have their plans there.
pub const COMMUNES: usize = 3;
/// And this one has a plan for each of its communes.
pub const INTERCOMMUNAL: usize = 2;

pub const PORTALS: [Portal; 20] = [
    portal(
        "etat",
        "catalogue.etat-caps.example",
        Iso,
        Owner,
        &[
            "DREAL des Caps",
            "Direction régionale de l’environnement, de l’aménagement et du logement des Caps",
            "DREAL Caps",
        ],
        "la région des Caps",
        [1.4, 49.0, 4.2, 51.0],
    ),
    portal(
        "sorne",
        "geo.sorne.example",
        Iso,
        Owner,
        &[
            "Département de la Sorne",
            "Conseil départemental de la Sorne",
            "CD Sorne",
        ],
        "la Sorne",
        [1.6, 49.6, 3.1, 50.3],
    ),
    portal(
        "lysiere",
        "sig.lysiere.example",
        Iso,
        Owner,
        &[
            "Communauté d’agglomération de Lysière",
            "CA de Lysière",
            "Agglo Lysière",
        ],
        "Lysière",
        [2.0, 49.8, 2.4, 50.1],
    ),
    portal(
        "brive",
        "carto.brive-plaine.example",
        Iso,
        Owner,
        &[
            "Communauté de communes de Brive-Plaine",
            "CC de Brive-Plaine",
        ],
        "Brive-Plaine",
        [2.5, 49.2, 2.9, 49.5],
    ),
    portal(
        "etangs",
        "parc-etangs-noirs.example",
        Iso,
        Owner,
        &[
            "Parc naturel régional des Étangs-Noirs",
            "PNR des Étangs-Noirs",
            "Syndicat mixte du parc des Étangs-Noirs",
        ],
        "le parc des Étangs-Noirs",
        [1.5, 50.2, 2.2, 50.6],
    ),
    portal(
        "valmer",
        "data.valmer.example",
        Opendatasoft,
        Owner,
        &[
            "Métropole de Valmer",
            "Valmer Métropole",
            "Métropole Européenne de Valmer",
        ],
        "Valmer",
        [2.9, 50.5, 3.3, 50.8],
    ),
    portal(
        "orsenne",
        "opendata.orsenne.example",
        Opendatasoft,
        Owner,
        &["Ville d’Orsenne", "Mairie d’Orsenne", "Commune d’Orsenne"],
        "Orsenne",
        [3.6, 49.8, 3.75, 49.9],
    ),
    portal(
        "energie",
        "data.energie-hault.example",
        Opendatasoft,
        Owner,
        &["Syndicat d’énergie du Hault", "SDE du Hault"],
        "le Hault",
        [2.7, 50.0, 3.9, 50.6],
    ),
    portal(
        "tram",
        "data.tram-valmer.example",
        Opendatasoft,
        Owner,
        &["Transports de Valmer", "Valmer Mobilités"],
        "Valmer",
        [2.9, 50.5, 3.3, 50.8],
    ),
    portal(
        "hault",
        "donnees.hault.example",
        Ckan,
        Owner,
        &[
            "Département du Hault",
            "Conseil départemental du Hault",
            "Hault, le département",
        ],
        "le Hault",
        [2.7, 50.0, 3.9, 50.6],
    ),
    portal(
        "brumeval",
        "opendata.brumeval.example",
        Ckan,
        Owner,
        &["Ville de Brumeval", "Mairie de Brumeval"],
        "Brumeval",
        [2.28, 49.87, 2.36, 49.93],
    ),
    portal(
        "hubert",
        "hub-saint-hubert.example",
        Dcat,
        Owner,
        &["Ville de Saint-Hubert", "Commune de Saint-Hubert"],
        "Saint-Hubert",
        [3.0, 49.3, 3.1, 49.4],
    ),
    portal(
        "bassin",
        "data.bassin-caps-hault.example",
        Dcat,
        Owner,
        &[
            "Agence de l’eau Caps-Hault",
            "Agence de l’Eau du bassin Caps-Hault",
        ],
        "le bassin Caps-Hault",
        [1.4, 49.4, 4.0, 51.0],
    ),
    portal(
        "air",
        "donnees.air-caps.example",
        Udata,
        Owner,
        &["Air Caps", "Association Air Caps"],
        "les Caps",
        [1.4, 49.0, 4.2, 51.0],
    ),
    portal(
        "geocaps",
        "www.geocaps.example",
        Iso,
        Region,
        &["GéoCaps"],
        "les Caps",
        [1.4, 49.0, 4.2, 51.0],
    ),
    portal(
        "caps",
        "opendata.caps.example",
        Ckan,
        Region,
        &["Région des Caps", "Conseil régional des Caps"],
        "les Caps",
        [1.4, 49.0, 4.2, 51.0],
    ),
    portal(
        "caps-ods",
        "data.territoires-caps.example",
        Opendatasoft,
        Region,
        &["Agence des territoires des Caps"],
        "les Caps",
        [1.4, 49.0, 4.2, 51.0],
    ),
    portal(
        "observatoire",
        "observatoire-caps.example",
        Dcat,
        Region,
        &["Observatoire des Caps"],
        "les Caps",
        [1.4, 49.0, 4.2, 51.0],
    ),
    portal(
        "national",
        "www.donnees-nationales.example",
        Udata,
        Nation,
        &["Plateforme nationale"],
        "la France",
        [-5.0, 42.0, 8.0, 51.1],
    ),
    portal(
        "geocatalogue",
        "www.geocatalogue-national.example",
        Iso,
        Nation,
        &["Géocatalogue national"],
        "la France",
        [-5.0, 42.0, 8.0, 51.1],
    ),
];

/// Who takes from whom, and which share of it. Regions take from owners; the nation takes from regions and from owners.
pub fn takes(taker: usize, giver: usize) -> f32 {
    let (Some(to), Some(from)) = (PORTALS.get(taker), PORTALS.get(giver)) else {
        return 0.0;
    };
    match (to.name, from.role, from.format) {
        ("geocaps", Owner, Iso) => 0.55,
        ("caps", Owner, Ckan | Dcat) => 0.45,
        ("caps", Owner, Opendatasoft) => 0.3,
        ("caps-ods", Owner, Opendatasoft) => 0.4,
        ("caps-ods", Owner, Iso) => 0.15,
        ("observatoire", Owner, _) => 0.25,
        ("national", Region, _) => 0.6,
        ("national", Owner, _) => 0.25,
        ("geocatalogue", Region, Iso) => 0.6,
        ("geocatalogue", Owner, Iso) => 0.2,
        ("geocatalogue", Region, Dcat) => 0.1,
        _ => 0.0,
    }
}
