//! What sources write where a place should be, and which territory it means.

use vocab::place::{Kind, Places, Reading};

/// `kind code`, several in order; `?` ambiguous, `-` none; a `~` in front: found, and doubtful.
fn read(text: &str) -> String {
    match Places::bundled().resolve(text) {
        Reading::Unknown => "-".to_owned(),
        Reading::Ambiguous(_) => "?".to_owned(),
        Reading::Found {
            territories,
            certain,
            rest,
        } => {
            let mut all: Vec<String> = territories
                .iter()
                .map(|territory| format!("{} {}", letter(territory.kind), territory.code))
                .collect();
            all.extend(rest.iter().map(|part| format!("! {part}")));
            format!("{}{}", if certain { "" } else { "~" }, all.join(" + "))
        }
    }
}

fn letter(kind: Kind) -> &'static str {
    match kind {
        Kind::World => "world",
        Kind::Continent => "continent",
        Kind::Country => "country",
        Kind::Zone => "zone",
        Kind::Region => "R",
        Kind::Overseas => "COM",
        Kind::Department => "D",
        Kind::District => "ARR",
        Kind::Intercommunality => "E",
        Kind::ParisTerritory => "T",
        Kind::Commune => "C",
        Kind::Delegate => "CD",
        Kind::Associate => "CA",
        Kind::CityDistrict => "ARM",
    }
}

const CASES: &[(&str, &str)] = &[
    // Addresses.
    ("http://id.insee.fr/geo/departement/59", "D 59"),
    ("https://id.insee.fr/geo/commune/59350", "C 59350"),
    ("http://id.insee.fr/geo/region/32", "R 32"),
    ("http://id.insee.fr/geo/region/31", "R 31"),
    (
        "http://id.insee.fr/geo/intercommunalite/200093201",
        "E 200093201",
    ),
    ("http://id.insee.fr/geo/commune/2a004", "C 2A004"),
    ("http://id.insee.fr/geo/pays/france", "country FRA"),
    ("http://rdf.insee.fr/geo/2011/DEP_59", "D 59"),
    ("http://rdf.insee.fr/geo/regions-2011.rdf#REG_31", "R 31"),
    (
        "http://publications.europa.eu/resource/authority/country/FRA",
        "country FRA",
    ),
    (
        "http://publications.europa.eu/resource/authority/country/REU",
        "R 04",
    ),
    ("http://data.europa.eu/nuts/code/FRE11", "D 59"),
    ("http://data.europa.eu/nuts/code/FRE1", "R 31"),
    ("https://sws.geonames.org/3017382/", "country FRA"),
    (
        "http://id.insee.fr/geo/departement/1cabcdea-d4dc-4df1-96c2-ed1db0fa594c",
        "-",
    ),
    ("https://donnees.example.org/lieu/1", "-"),
    // Identifiers of udata.
    ("fr:commune:59350", "C 59350"),
    ("fr:commune:59350@1942-01-01", "C 59350"),
    ("fr:commune:59355", "CA 59355"),
    ("fr:commune:75101", "ARM 75101"),
    ("fr:departement:59", "D 59"),
    ("fr:departement:2a", "D 2A"),
    ("fr:region:32", "R 32"),
    ("fr:region:31@1970-01-09", "R 31"),
    ("fr:epci:200093201", "E 200093201"),
    ("fr:arrondissement:595", "ARR 595"),
    ("fr:collectivite:987", "COM 987"),
    ("country:fr", "country FRA"),
    ("country:be", "country BEL"),
    ("country-group:ue", "country EUR"),
    ("country-group:world", "world 6295630"),
    ("country-subset:fr:metro", "zone metropole"),
    ("country-subset:fr:drom", "R 01 + R 02 + R 03 + R 04 + R 06"),
    ("fr:canton:5904", "-"),
    ("fr:iris:593500101", "-"),
    ("fr:commune:99999", "-"),
    // Codes alone.
    ("59", "D 59"),
    ("2A", "D 2A"),
    ("974", "D 974"),
    ("R32", "R 32"),
    ("R31", "R 31"),
    // What may be a postal code is doubtful: 59160 is Lomme to the post, and Crespin to the Insee.
    ("59350", "~C 59350"),
    ("59160", "~C 59160"),
    ("Nogent/Oise", "C 60463"),
    ("Lille/Roubaix", "C 59350 + C 59512"),
    ("62098", "C 62098"),
    ("59300", "~C 59300"),
    ("200093201", "E 200093201"),
    ("200 093 201", "E 200093201"),
    ("FR-59", "D 59"),
    ("FR-HDF", "R 32"),
    ("FRE", "R 32"),
    ("FRE11", "D 59"),
    ("FRA", "country FRA"),
    ("FXX", "zone metropole"),
    ("GUF", "R 03"),
    ("BLM", "COM 977"),
    ("BEL", "~country BEL"),
    ("DEP_62", "D 62"),
    ("FR_59350", "C 59350"),
    ("5904", "-"),
    ("99", "-"),
    ("59999", "-"),
    // Names.
    ("Nord", "D 59"),
    ("NORD", "D 59"),
    ("Département du Nord", "D 59"),
    ("département de la Somme, Département de la Somme", "D 80"),
    ("dept. de l'Aisne", "D 02"),
    ("Département 62", "D 62"),
    ("Région Hauts-de-France", "R 32"),
    ("HAUTS DE FRANCE", "R 32"),
    ("AUVERGNE-RHONE-ALPES", "R 84"),
    ("BOURGOGNE", "R 26"),
    ("Nord-Pas-de-Calais", "R 31"),
    ("Nord Pas de Calais Picardie", "R 32"),
    ("PACA", "R 93"),
    ("Ile de France", "R 11"),
    ("ancienne région Picardie", "R 22"),
    ("Guyane", "R 03"),
    ("La Réunion", "R 04"),
    ("Polynésie française", "COM 987"),
    ("Métropole Européenne de Lille", "E 200093201"),
    ("MEL", "E 200093201"),
    ("Communauté de communes des Trois Forêts", "E 245200597"),
    ("CA Creil Sud Oise", "E 200068047"),
    ("Communauté urbaine de Dunkerque", "E 245900428"),
    ("Bordeaux Métropole", "E 243300316"),
    ("Lille", "C 59350"),
    ("Ville de Dunkerque", "C 59183"),
    ("Commune d'Avrigny", "C 60036"),
    ("Emprise géographique d'Avrigny", "C 60036"),
    ("ST OMER EN CHAUSSEE", "C 60590"),
    ("Boulogne s/ Mer", "C 62160"),
    ("L'Abergement-Clémenciat", "C 01001"),
    ("Abergement-Clémenciat (L')", "C 01001"),
    ("Havre (Le)", "C 76351"),
    ("Châlons-sur-Marne", "C 51108"),
    ("Lomme", "CA 59355"),
    ("Arbignieu", "CD 01015"),
    ("Paris 1er Arrondissement", "ARM 75101"),
    ("Arrondissement de Lille", "ARR 595"),
    ("Paris", "C 75056"),
    ("Lille (59)", "C 59350"),
    ("Lille (59350)", "C 59350"),
    ("Lille (59000)", "C 59350"),
    ("Nord (59)", "D 59"),
    ("Nord - 59", "D 59"),
    ("59 - Nord", "D 59"),
    ("59350 Lille", "C 59350"),
    ("59000 Lille", "C 59350"),
    ("Lille, 59000", "C 59350"),
    ("32 - Hauts-de-France", "R 32"),
    ("Ajaccio (20000)", "C 2A004"),
    ("Saint-Denis (93)", "C 93066"),
    ("Saint-Denis (La Réunion)", "C 97411"),
    ("Saint-Denis, Seine-Saint-Denis", "C 93066"),
    ("Vienne (38)", "C 38544"),
    ("Vienne (86)", "D 86"),
    ("Vienne (département)", "D 86"),
    ("Département de la Vienne", "D 86"),
    ("Lille, Nord, Hauts-de-France, France", "C 59350"),
    ("France > Hauts-de-France > Nord", "D 59"),
    ("grenoble, France", "C 38185"),
    ("Nord, Pas-de-Calais", "D 59 + D 62"),
    ("Nord / Pas-de-Calais", "D 59 + D 62"),
    ("Nord et Pas-de-Calais", "D 59 + D 62"),
    ("Aisne; Oise ; Somme", "D 02 + D 60 + D 80"),
    ("59, 62", "D 59 + D 62"),
    ("59 62 2A", "D 59 + D 62 + D 2A"),
    ("Saint-Étienne-Roilaye*60572", "C 60572"),
    ("Nord ; réserve du Platier", "D 59 + ! réserve du Platier"),
    ("France entière", "country FRA"),
    ("France", "country FRA"),
    ("France métropolitaine", "zone metropole"),
    ("DROM", "R 01 + R 02 + R 03 + R 04 + R 06"),
    ("Belgique", "country BEL"),
    ("Germany", "country DEU"),
    ("Union européenne", "country EUR"),
    ("Monde", "world 6295630"),
    // What must not be guessed.
    ("Saint-Denis", "?"),
    // Countries, and communes of France.
    ("Grenade", "?"),
    ("Soudan", "?"),
    ("Argentine", "?"),
    ("Belgique", "country BEL"),
    ("Sainte-Marie", "?"),
    ("Vienne", "?"),
    ("Saint-Martin", "?"),
    ("Beaumont", "?"),
    ("Commune de Saint-Aubin", "?"),
    ("Communauté de communes du Canton", "-"),
    ("canton de Lille-1", "-"),
    ("Canton de Beaumont", "-"),
    ("Parc naturel régional de l'Avesnois", "-"),
    ("Bassin de la Somme", "-"),
    ("Baie de Somme", "-"),
    ("Lille (centre)", "-"),
    ("quai nord, Lille", "-"),
    ("Quartier de Fives", "-"),
    ("Extraction - Commande : dpsg2022-10-00200", "-"),
    ("Actualité des thèmes", "-"),
    ("National", "-"),
    ("local", "-"),
    ("Région wallonne", "-"),
    ("queensland", "-"),
    ("non renseigné", "-"),
    ("WLS", "-"),
    ("", "-"),
    ("()", "-"),
    (" - ", "-"),
];

#[test]
fn places_mean_what_they_mean() {
    let wrong: Vec<String> = CASES
        .iter()
        .filter_map(|(text, wanted)| {
            let found = read(text);
            (found != *wanted).then(|| format!("{text:?}: {found}, not {wanted}"))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        CASES.len(),
        wrong.join("\n")
    );
    assert!(CASES.len() >= 100);
}

#[test]
fn addresses_of_territories_lead_back_to_them() {
    let places = Places::bundled();
    for territory in places.territories() {
        let Some(iri) = territory.iri() else { continue };
        let back = places.by_iri(iri.as_str());
        assert_eq!(
            back.map(|back| (back.kind, back.code)),
            Some((territory.kind, territory.code)),
            "{iri}"
        );
    }
}

/// A measurement: `cargo test -p vocab --test places -- --ignored --nocapture`.
#[test]
#[ignore = "prints figures"]
fn loading_takes_little() {
    let memory = || {
        let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
        let pages = status
            .split(' ')
            .nth(1)
            .and_then(|pages| pages.parse::<usize>().ok());
        pages.unwrap_or_default() * 4
    };
    let (before, begin) = (memory(), std::time::Instant::now());
    let count = Places::bundled().territories().len();
    let loading = begin.elapsed();
    println!(
        "{count} territories in {loading:?}, {} KiB",
        memory() - before
    );
    let begin = std::time::Instant::now();
    for (text, _) in CASES {
        let _ = Places::bundled().resolve(text);
    }
    println!(
        "{:?} a value",
        begin.elapsed() / u32::try_from(CASES.len()).unwrap()
    );
}

#[test]
fn a_territory_knows_what_it_is_part_of() {
    let places = Places::bundled();
    let around = |kind, code| -> Vec<(Kind, &str)> {
        let territory = places.get(kind, code).expect(code);
        let around = places.around(territory);
        for outer in &around {
            assert!(places.within(territory, outer), "{code} {outer:?}");
        }
        around
            .iter()
            .map(|outer| (outer.kind, outer.code))
            .collect()
    };
    let oise = [(Kind::Region, "32"), (Kind::Department, "60")];
    assert_eq!(around(Kind::Commune, "60057"), oise);
    assert_eq!(around(Kind::Department, "60"), oise[..1]);
    assert_eq!(around(Kind::Region, "22"), oise[..1]);
    assert_eq!(around(Kind::Region, "32"), []);
    let paris = around(Kind::CityDistrict, "75101");
    assert!(paris.contains(&(Kind::Commune, "75056")) && paris.contains(&(Kind::Region, "11")));
}
