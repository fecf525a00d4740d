//! Addresses of territories: INSEE's, the EU's, Eurostat's, GeoNames'.

use oxrdf::NamedNode;

use super::{Kind, Places, Territory};

const INSEE: &str = "http://id.insee.fr/geo/";
const EU: &str = "http://publications.europa.eu/resource/authority/";

const INSEE_CLASSES: &[(&str, Kind)] = &[
    ("region", Kind::Region),
    ("departement", Kind::Department),
    ("collectiviteDOutreMer", Kind::Overseas),
    ("arrondissement", Kind::District),
    ("intercommunalite", Kind::Intercommunality),
    ("commune", Kind::Commune),
    ("communeDeleguee", Kind::Delegate),
    ("communeAssociee", Kind::Associate),
    ("arrondissementMunicipal", Kind::CityDistrict),
];

pub(super) fn of(territory: &Territory) -> Option<NamedNode> {
    let code = territory.code;
    let iri = match territory.kind {
        Kind::Country => format!("{EU}country/{code}"),
        Kind::Continent => format!("{EU}continent/{code}"),
        Kind::World => format!("https://sws.geonames.org/{code}/"),
        kind => {
            let (class, _) = INSEE_CLASSES.iter().find(|(_, known)| *known == kind)?;
            format!("{INSEE}{class}/{code}")
        }
    };
    model::check_iri(&iri)
}

pub(super) fn read<'p>(places: &'p Places, address: &str) -> Option<&'p Territory> {
    let rest = address
        .trim()
        .split_once("://")
        .map(|(_, rest)| rest.trim_end_matches('/'))?;
    let (host, path) = rest.split_once('/')?;
    let host = host.to_ascii_lowercase();
    let host = host.trim_start_matches("www.").trim_end_matches(":80");
    match host {
        "id.insee.fr" => insee(places, path.strip_prefix("geo/")?),
        "rdf.insee.fr" => {
            // The release of 2011: `geo/2011/DEP_59`, `geo/regions-2011.rdf#REG_31`.
            let last = path.rsplit(['/', '#']).next()?;
            let (class, code) = last.split_once('_')?;
            let kind = match class {
                "REG" => Kind::Region,
                "DEP" => Kind::Department,
                "COM" => Kind::Commune,
                "ARR" => Kind::District,
                _ => return None,
            };
            places.get(kind, code)
        }
        "publications.europa.eu" => {
            let local = path.strip_prefix("resource/authority/")?;
            match local.split_once('/')? {
                ("country", code) => country(places, code),
                ("continent", code) => places.get(Kind::Continent, code),
                _ => None,
            }
        }
        "data.europa.eu" => {
            let code = path.strip_prefix("nuts/")?.rsplit('/').next()?;
            places.by_foreign_code(&code.to_ascii_uppercase())
        }
        "sws.geonames.org" | "geonames.org" => {
            let id = path.split('/').next()?;
            places.alias_of(&format!("geonames {id}"))
        }
        "wikidata.org" => places.alias_of(&format!("wikidata {}", path.rsplit('/').next()?)),
        _ => None,
    }
}

fn insee<'p>(places: &'p Places, local: &str) -> Option<&'p Territory> {
    let (class, code) = local.split_once('/')?;
    if class.eq_ignore_ascii_case("pays") {
        return (code.eq_ignore_ascii_case("france")).then(|| country(places, "FRA"))?;
    }
    let (_, kind) = INSEE_CLASSES
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(class))?;
    places.get(*kind, &code.to_ascii_uppercase())
}

/// French territories of ISO 3166 are INSEE's.
fn country<'p>(places: &'p Places, code: &str) -> Option<&'p Territory> {
    places
        .get(Kind::Country, code)
        .or_else(|| places.by_foreign_code(code))
}
