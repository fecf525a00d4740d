//! What records say of their data in prose, and what copies leave of it.
//!
//! The shares were set before anything was measured: harvesters keep descriptions mostly as they are, hands in half of the cases.

use fastrand::Rng;

use super::card::{Card, Kept};
use super::portals::Portal;

/// How data came to be.
const MADE: [&str; 10] = [
    "La saisie a été faite au {scale} sur l’orthophotographie de {year} par {team}.",
    "Les relevés de terrain ont été menés de {month} {year} à {next} par {team}.",
    "Ces informations sont extraites de la base métier du service gestionnaire, état de {month} {year}.",
    "La donnée résulte de la fusion des fichiers communaux collectés en {month} {year} et contrôlés par {team}.",
    "Les positions ont été levées au GPS par {team}, puis calées sur le parcellaire {year}.",
    "Le fichier est constitué à partir des déclarations reçues par le guichet, après suppression des doublons.",
    "La méthode suit le guide national de numérisation, version {year}, pour une échelle de restitution au {scale}.",
    "Une première version de {month} {year} a été complétée par {team}, par photo-interprétation puis visites de contrôle.",
    "Les valeurs proviennent des capteurs du réseau de mesure, agrégées par jour et validées chaque mois.",
    "L’inventaire réunit les dossiers instruits depuis {month} {year}, numérisés au {scale}.",
];

const MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

/// Who does such work.
const TEAMS: [&str; 12] = [
    "les agents du service des eaux",
    "le bureau d’études Aubépine",
    "une équipe de trois étudiants",
    "le cabinet de géomètres Lantier",
    "les gardes du syndicat de rivière",
    "la société Topo-Val",
    "les techniciens de la voirie",
    "l’agence d’urbanisme",
    "des bénévoles du conservatoire botanique",
    "le prestataire retenu à l’issue du marché",
    "la cellule de suivi",
    "l’observatoire des mobilités",
];

/// What objects carry.
const ATTRIBUTES: [&str; 18] = [
    "l’adresse postale",
    "la date de mise en service",
    "le nom du gestionnaire",
    "le code INSEE de la commune",
    "la surface en hectares",
    "la longueur en mètres",
    "le type d’ouvrage",
    "l’état sanitaire",
    "la capacité d’accueil",
    "les horaires d’ouverture",
    "la classe de précision",
    "le numéro de dossier",
    "la nature juridique",
    "le niveau d’enjeu",
    "l’essence dominante",
    "la tranche d’âge",
    "le débit moyen",
    "le matériau",
];

/// What an owner writes below most of its descriptions.
const CLOSING: [&str; 4] = [
    "Données diffusées par {publisher} dans le cadre de sa politique d’ouverture, sans garantie d’exhaustivité ni d’actualité.",
    "Pour toute question sur ce lot, s’adresser au service chargé de l’information géographique.",
    "Mise à jour une fois par an.",
    "La réutilisation est libre à condition de citer la source et la date de la dernière mise à jour.",
];

/// The text of a dataset, as its owner writes it. Some say no more than the title.
pub fn compose(title: &str, publisher: &str, random: &mut Rng) -> String {
    if random.u8(..100) < 15 {
        return format!("{title}.");
    }
    let about = match random.u8(..4) {
        0 => format!("{title}."),
        1 => format!("Ce jeu de données présente : {title}."),
        2 => format!("Localisation et caractéristiques : {title}."),
        _ => format!("{title}, sur le territoire de {publisher}."),
    };
    let mut sentences = vec![about, made(random)];
    if random.u8(..10) < 7 {
        sentences.push(attributes(random));
    }
    if random.u8(..10) < 6 {
        let closing = CLOSING[random.usize(..CLOSING.len())];
        sentences.push(closing.replace("{publisher}", publisher));
    }
    sentences.join(" ")
}

pub fn made(random: &mut Rng) -> String {
    let year = random.u16(2008..2023);
    let scale = ["1/5000", "1/10000", "1/25000", "1/50000"][random.usize(..4)];
    MADE[random.usize(..MADE.len())]
        .replace("{year}", &year.to_string())
        .replace("{month}", MONTHS[random.usize(..MONTHS.len())])
        .replace("{team}", TEAMS[random.usize(..TEAMS.len())])
        .replace("{next}", &(year + 1).to_string())
        .replace("{scale}", scale)
}

pub fn attributes(random: &mut Rng) -> String {
    let mut all = ATTRIBUTES;
    random.shuffle(&mut all);
    format!("Chaque objet porte {}, {} et {}.", all[0], all[1], all[2])
}

/// What is left of a text in a copy.
pub fn copied(from: &Card, title: &str, taker: &Portal, kept: Kept, random: &mut Rng) -> String {
    let text = &from.description;
    let number = random.u8(..100);
    if kept == Kept::Nothing {
        return match number {
            0..45 => text.clone(),
            45..60 => first(text),
            60..75 => format!("{text} Fiche saisie par l’équipe de {}.", taker.names[0]),
            75..90 => format!("{title} : voir le portail de {}.", from.publisher),
            _ => format!("{title}."),
        };
    }
    match number {
        0..80 => text.clone(),
        80..88 => format!("{text} Fiche reprise par {}.", taker.names[0]),
        88..95 => cut(text),
        _ => format!("<p>{}</p>", text.replace(". ", ".</p>\n<p>")),
    }
}

fn first(text: &str) -> String {
    match text.split_once(". ") {
        Some((first, _)) => format!("{first}."),
        None => text.to_owned(),
    }
}

/// Some programs keep the beginning alone.
fn cut(text: &str) -> String {
    if text.chars().count() <= 120 {
        return text.to_owned();
    }
    let start: String = text.chars().take(120).collect();
    format!("{start}…")
}
