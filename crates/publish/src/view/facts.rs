//! The properties of an entity, as a table for people.

use model::EntityKind;
use model::ns::{adms, dcat, dcatap, dcterms, foaf, geodcatap, locn, org};
use oxrdf::vocab::xsd;
use oxrdf::{Literal, NamedNodeRef, Term};
use serde::Serialize;

use super::graph::Described;
use super::text::{contact_address, cut, web_address};
use crate::clock;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Value {
    pub text: String,
    pub href: Option<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Fact {
    pub name: &'static str,
    pub values: Vec<Value>,
    /// How many more there are than are shown.
    pub more: usize,
}

/// What is shown of an entity, in this order. Titles, descriptions, keywords, contacts and distributions have their own place.
const FACTS: &[(&str, NamedNodeRef<'static>)] = &[
    ("Producteur", dcterms::PUBLISHER),
    ("Auteur", dcterms::CREATOR),
    ("Détenteur des droits", dcterms::RIGHTS_HOLDER),
    ("Gestionnaire", geodcatap::CUSTODIAN),
    ("Distributeur", geodcatap::DISTRIBUTOR),
    ("Adresse du service", dcat::ENDPOINT_URL),
    ("Description technique", dcat::ENDPOINT_DESCRIPTION),
    ("Donne accès à", dcat::SERVES_DATASET),
    ("Fait partie de la série", dcat::IN_SERIES),
    ("Licence", dcterms::LICENSE),
    ("Conditions d’accès", dcterms::ACCESS_RIGHTS),
    ("Droits", dcterms::RIGHTS),
    ("Créé le", dcterms::CREATED),
    ("Publié le", dcterms::ISSUED),
    ("Modifié le", dcterms::MODIFIED),
    ("Fréquence de mise à jour", dcterms::ACCRUAL_PERIODICITY),
    ("Version", dcat::VERSION),
    ("État", adms::STATUS),
    ("Thème", dcat::THEME),
    ("Catégorie de données de forte valeur", dcatap::HVD_CATEGORY),
    ("Législation applicable", dcatap::APPLICABLE_LEGISLATION),
    ("Territoire", dcterms::SPATIAL),
    ("Période couverte", dcterms::TEMPORAL),
    ("Résolution spatiale", geodcatap::SPATIAL_RESOLUTION_AS_TEXT),
    (
        "Résolution spatiale (mètres)",
        dcat::SPATIAL_RESOLUTION_IN_METERS,
    ),
    ("Langue", dcterms::LANGUAGE),
    ("Type", dcterms::TYPE),
    ("Conforme à", dcterms::CONFORMS_TO),
    ("Généalogie", dcterms::PROVENANCE),
    ("Page d’origine", dcat::LANDING_PAGE),
    ("Documentation", foaf::PAGE),
    ("Site web", foaf::HOMEPAGE),
    ("Courriel", foaf::MBOX),
    ("Téléphone", foaf::PHONE),
    ("Membre de", org::MEMBER_OF),
    ("Identifiant", dcterms::IDENTIFIER),
];

/// What people call a property of an entity.
pub(crate) fn property_name(iri: &str) -> Option<&'static str> {
    ELSEWHERE
        .iter()
        .chain(FACTS)
        .find(|(_, property)| property.as_str() == iri)
        .map(|(name, _)| *name)
}

const ELSEWHERE: &[(&str, NamedNodeRef<'static>)] = &[
    ("Titre", dcterms::TITLE),
    ("Autre titre", dcterms::ALTERNATIVE),
    ("Description", dcterms::DESCRIPTION),
    ("Mots-clés", dcat::KEYWORD),
    ("Contact", dcat::CONTACT_POINT),
    ("Fichiers et accès", dcat::DISTRIBUTION),
    ("Autres identifiants", adms::IDENTIFIER),
];

/// Reads values for people out of a graph.
pub(crate) struct Reader<'a> {
    pub graph: &'a Described,
    /// The IRI of the entity that is shown.
    pub own: &'a str,
    /// The base of the site, and its path.
    pub base: &'a str,
    pub root: &'a str,
}

impl Reader<'_> {
    pub fn facts(&self) -> Vec<Fact> {
        FACTS
            .iter()
            .filter_map(|(name, property)| {
                let mut values: Vec<Value> = self
                    .graph
                    .objects(self.own, *property)
                    .filter_map(|term| self.value(term))
                    .collect();
                values.sort();
                values.dedup();
                let more = values.len().saturating_sub(MAX_VALUES);
                values.truncate(MAX_VALUES);
                (!values.is_empty()).then_some(Fact { name, values, more })
            })
            .collect()
    }

    /// What people see of a value; nothing when it is only a node without a name.
    pub fn value(&self, term: &Term) -> Option<Value> {
        match term {
            Term::Literal(literal) => {
                let text = literal_text(literal);
                let href = web_address(literal.value())
                    .filter(|_| literal.datatype() == xsd::ANY_URI)
                    .map(str::to_owned);
                (!text.trim().is_empty()).then_some(Value { text, href })
            }
            Term::NamedNode(node) => self.node(node.as_str()),
            _ => None,
        }
    }

    fn node(&self, node: &str) -> Option<Value> {
        let text = self
            .period(node)
            .or_else(|| self.graph.label(node))
            .or_else(|| self.extent(node));
        let is_own = node
            .strip_prefix(self.own)
            .is_some_and(|rest| rest.starts_with('#'));
        if is_own {
            let text = text.map(|text| cut(&text, MAX_VALUE))?;
            return Some(Value { text, href: None });
        }
        let text = text.unwrap_or_else(|| {
            node.trim_start_matches("mailto:")
                .trim_start_matches("tel:")
                .to_owned()
        });
        Some(Value {
            text: cut(&text, MAX_VALUE),
            href: self.href(node),
        })
    }

    /// Where a node can be seen: on this site, or on the web.
    fn href(&self, node: &str) -> Option<String> {
        let ours = node.strip_prefix(self.base).filter(|path| {
            path.split_once('/')
                .is_some_and(|(segment, _)| EntityKind::from_segment(segment).is_some())
        });
        match ours {
            Some(path) => Some(format!("{}/{path}", self.root)),
            None => contact_address(node)
                .or_else(|| web_address(node))
                .map(str::to_owned),
        }
    }

    fn period(&self, node: &str) -> Option<String> {
        let start = self.graph.text(node, dcat::START_DATE);
        let end = self.graph.text(node, dcat::END_DATE);
        match (
            start.as_deref().map(clock::date),
            end.as_deref().map(clock::date),
        ) {
            (None, None) => None,
            (Some(start), None) => Some(format!("depuis le {start}")),
            (None, Some(end)) => Some(format!("jusqu’au {end}")),
            (Some(start), Some(end)) if start == end => Some(start),
            (Some(start), Some(end)) => Some(format!("du {start} au {end}")),
        }
    }

    fn extent(&self, node: &str) -> Option<String> {
        [dcat::BBOX, locn::GEOMETRY, dcat::CENTROID]
            .into_iter()
            .find_map(|property| extent(&self.graph.text(node, property)?))
    }
}

fn literal_text(literal: &Literal) -> String {
    let is_date =
        [xsd::DATE, xsd::DATE_TIME, xsd::G_YEAR, xsd::G_YEAR_MONTH].contains(&literal.datatype());
    if is_date {
        clock::date(literal.value())
    } else {
        cut(literal.value(), MAX_VALUE)
    }
}

/// The corners of a geometry written as WKT or GeoJSON.
fn extent(geometry: &str) -> Option<String> {
    // What comes before is the reference system.
    let figures = match geometry.strip_prefix('<') {
        Some(rest) => rest.split_once('>')?.1,
        None => geometry,
    };
    let numbers: Vec<f64> = figures
        .split(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | 'e' | 'E' | '+')))
        .filter_map(|number| number.parse().ok())
        .filter(|number: &f64| number.is_finite())
        .take(MAX_NUMBERS)
        .collect();
    let (mut low, mut high) = ([f64::MAX; 2], [f64::MIN; 2]);
    for pair in numbers.chunks_exact(2) {
        for ((number, low), high) in pair.iter().zip(&mut low).zip(&mut high) {
            *low = low.min(*number);
            *high = high.max(*number);
        }
    }
    let [west, south] = low;
    let [east, north] = high;
    (numbers.len() >= 2).then(|| {
        format!("emprise de {west:.2} ; {south:.2} à {east:.2} ; {north:.2}").replace('.', ",")
    })
}

const MAX_VALUES: usize = 30;
const MAX_VALUE: usize = 1_000;
const MAX_NUMBERS: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_of_geometries() {
        let corners = "emprise de 1,38 ; 48,84 à 4,26 ; 51,09";
        for geometry in [
            "POLYGON((1.38 48.84,4.26 48.84,4.26 51.09,1.38 51.09,1.38 48.84))",
            "<http://www.opengis.net/def/crs/OGC/1.3/CRS84> POLYGON((1.38 48.84,4.26 51.09))",
            r#"{"type":"Polygon","coordinates":[[[1.38,48.84],[4.26,51.09]]]}"#,
        ] {
            assert_eq!(extent(geometry).as_deref(), Some(corners), "{geometry}");
        }
        assert_eq!(extent("POLYGON EMPTY"), None);
    }
}
