//! What titles are made of, and how hands change them.

use fastrand::Rng;

/// Subjects of datasets.
pub const SUBJECTS: [&str; 112] = [
    "Arbres d’alignement",
    "Arbres remarquables",
    "Zones humides",
    "Zones humides à enjeux",
    "Mares et étangs",
    "Cours d’eau",
    "Plans d’eau",
    "Bassins versants",
    "Débits des cours d’eau",
    "Qualité des eaux de baignade",
    "Qualité des eaux souterraines",
    "Captages d’eau potable",
    "Périmètres de protection des captages",
    "Réseau d’assainissement",
    "Stations d’épuration",
    "Zonage d’assainissement collectif",
    "Haies et bocage",
    "Occupation du sol",
    "Registre parcellaire graphique",
    "Parcelles en agriculture biologique",
    "Circuits courts et vente à la ferme",
    "Sites Natura 2000",
    "Zones naturelles d’intérêt écologique",
    "Réserves naturelles",
    "Continuités écologiques",
    "Inventaire de la flore",
    "Inventaire de l’avifaune",
    "Plan de prévention des risques d’inondation",
    "Plan de prévention des risques technologiques",
    "Zones inondables",
    "Cavités souterraines",
    "Mouvements de terrain",
    "Aléa retrait-gonflement des argiles",
    "Installations classées",
    "Sites et sols pollués",
    "Cartes de bruit stratégiques",
    "Qualité de l’air",
    "Émissions de gaz à effet de serre",
    "Indice de la qualité de l’air",
    "Stations de mesure",
    "Points d’apport volontaire",
    "Déchèteries",
    "Collecte des ordures ménagères",
    "Tonnages de déchets collectés",
    "Consommation d’électricité",
    "Consommation de gaz",
    "Production d’énergie renouvelable",
    "Bornes de recharge pour véhicules électriques",
    "Éclairage public",
    "Potentiel solaire des toitures",
    "Réseaux de chaleur",
    "Diagnostics de performance énergétique",
    "Réseau routier départemental",
    "Comptages routiers",
    "Accidents corporels de la circulation",
    "Travaux et arrêtés de circulation",
    "Limitations de vitesse",
    "Ouvrages d’art",
    "Itinéraires cyclables",
    "Stationnement des vélos",
    "Comptages de vélos",
    "Stations de vélos en libre-service",
    "Aires de covoiturage",
    "Parkings publics",
    "Places de stationnement réservées",
    "Arrêts de bus",
    "Horaires des bus et tramways",
    "Lignes de transport scolaire",
    "Validations par ligne",
    "Sentiers de randonnée",
    "Voies vertes",
    "Défibrillateurs",
    "Établissements recevant du public",
    "Équipements sportifs",
    "Aires de jeux",
    "Piscines et plans de baignade",
    "Écoles publiques",
    "Collèges publics",
    "Effectifs scolaires",
    "Menus de la restauration scolaire",
    "Carte scolaire",
    "Crèches et assistantes maternelles",
    "Bibliothèques et médiathèques",
    "Prêts des médiathèques",
    "Musées et lieux d’exposition",
    "Monuments historiques",
    "Fonds d’archives numérisés",
    "Agenda des manifestations",
    "Lieux de tournage",
    "Fréquentation touristique",
    "Hébergements touristiques",
    "Offices de tourisme",
    "Marchés de plein air",
    "Zones d’activités économiques",
    "Entreprises implantées",
    "Friches industrielles",
    "Prix des terrains à bâtir",
    "Logements sociaux",
    "Permis de construire",
    "Projets urbains",
    "Zones d’aménagement concerté",
    "Emplacements réservés",
    "Servitudes d’utilité publique",
    "Adresses",
    "Voies et lieux-dits",
    "Résultats des élections",
    "Bureaux de vote",
    "Population municipale",
    "Bénéficiaires de l’action sociale",
    "Prénoms déclarés",
    "Effectifs des agents",
    "Caméras de vidéoprotection",
];

/// What parts of a subject are called.
pub const PARTS: [&str; 14] = [
    "par commune",
    "par quartier",
    "par IRIS",
    "stations",
    "mesures",
    "tronçons",
    "points",
    "périmètres",
    "historique",
    "temps réel",
    "synthèse",
    "gestionnaires",
    "secteurs",
    "détail",
];

/// Datasets that every local authority has, under one name.
pub const EVERYWHERE: [&str; 6] = [
    "Délibérations du conseil",
    "Subventions versées aux associations",
    "Marchés publics",
    "Base adresse locale",
    "Liste des équipements publics",
    "Répertoire des informations publiques",
];

/// Published once a year.
pub const YEARLY: [&str; 8] = [
    "Budget primitif",
    "Compte administratif",
    "Subventions attribuées",
    "Recensement des équipements",
    "Orthophotographie",
    "Inventaire forestier",
    "Rapport annuel sur l’eau",
    "Tableau des effectifs",
];

/// Abbreviations that people write for what they abbreviate.
const SHORT: [(&str, &str); 8] = [
    ("Établissements recevant du public", "ERP"),
    ("Plan de prévention des risques d’inondation", "PPRI"),
    ("Zones d’aménagement concerté", "ZAC"),
    ("Diagnostics de performance énergétique", "DPE"),
    ("Zones naturelles d’intérêt écologique", "ZNIEFF"),
    ("Registre parcellaire graphique", "RPG"),
    ("Installations classées", "ICPE"),
    ("Plan local d’urbanisme", "PLU"),
];

/// How a hand changes a title that it copies.
pub fn edit(title: &str, place: &str, random: &mut Rng) -> String {
    let short = SHORT.iter().find(|(long, _)| title.contains(long));
    if let Some((long, short)) = short.filter(|_| random.u8(..3) == 0) {
        return title.replace(long, short);
    }
    match random.u8(..9) {
        0 => title.to_uppercase(),
        1 => title.chars().map(plain).collect(),
        2 => format!("{title} ({place})"),
        3 => format!("{title} [shapefile]"),
        4 => format!("{title} - données ouvertes"),
        5 => format!("Inventaire : {title}"),
        6 => format!("Jeu de données {title}"),
        7 => title.replace('’', "'").replace(" - ", " : "),
        _ => without_a_word(title),
    }
}

/// A long title without its last small part.
fn without_a_word(title: &str) -> String {
    let words: Vec<&str> = title.split(' ').collect();
    match words.split_last() {
        Some((_, rest)) if rest.len() >= 4 && !title.ends_with(|c: char| c.is_ascii_digit()) => {
            let mut rest = rest.to_vec();
            while rest.len() > 2 && rest.last().is_some_and(|word| word.chars().count() <= 3) {
                rest.pop();
            }
            rest.join(" ")
        }
        _ => format!("{title}."),
    }
}

fn plain(c: char) -> char {
    match c {
        'é' | 'è' | 'ê' => 'e',
        'É' | 'È' => 'E',
        'à' | 'â' => 'a',
        'ç' => 'c',
        'î' | 'ï' => 'i',
        'ô' => 'o',
        'û' | 'ù' => 'u',
        '’' => '\'',
        c => c,
    }
}

/// As addresses write it.
pub fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars().map(plain).flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}
