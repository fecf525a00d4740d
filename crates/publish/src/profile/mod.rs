//! Which application profile RDF is written in: `?profile=`, `Accept-Profile`, and the links that tell of the others.
//! (<https://www.w3.org/TR/dx-prof-conneg/>)

mod dcat_ap_2;
mod extended;
mod schema_org;

use std::cmp::Reverse;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use model::EntityKind;
use model::ns::dcatap;

use crate::failure::Failure;
use crate::negotiate;
use crate::rdf::Format;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Profile {
    /// As it is in the archive.
    #[default]
    DcatAp3,
    DcatAp2,
    GeoDcatAp3,
    /// High-value datasets, and nothing else.
    DcatApHvd,
    SchemaOrg,
}

/// Name, canonical IRI, other IRIs by which it is asked for; these without regard to `https` and a slash at the end.
type Known = (Profile, &'static str, &'static str, &'static [&'static str]);

const KNOWN: [Known; 5] = [
    (
        Profile::DcatAp3,
        "dcat-ap-3",
        "https://semiceu.github.io/DCAT-AP/releases/3.0.1/",
        &[
            "http://data.europa.eu/r5r",
            "http://semiceu.github.io/DCAT-AP/releases/3.0.0",
            "http://www.w3.org/ns/dcat#",
            "http://www.w3.org/ns/dcat",
        ],
    ),
    (
        Profile::DcatAp2,
        "dcat-ap-2.1.1",
        "https://semiceu.github.io/DCAT-AP/releases/2.1.1/",
        &[],
    ),
    (
        Profile::GeoDcatAp3,
        "geodcat-ap-3",
        "https://semiceu.github.io/GeoDCAT-AP/releases/3.0.0/",
        &["http://data.europa.eu/930"],
    ),
    (
        Profile::DcatApHvd,
        "dcat-ap-hvd",
        "https://semiceu.github.io/DCAT-AP/releases/3.0.0-hvd/",
        &[],
    ),
    (Profile::SchemaOrg, "schema.org", "https://schema.org/", &[]),
];

impl Profile {
    /// The one that a request wants: by its address, else by its header; without either, the one of the archive.
    pub fn asked(name: Option<&str>, headers: &HeaderMap) -> Result<Self, Failure> {
        let ranked = Self::ranked(name, headers)?;
        Ok(ranked.first().copied().unwrap_or_default())
    }

    /// All that a request would take, the best first.
    pub fn ranked(name: Option<&str>, headers: &HeaderMap) -> Result<Vec<Self>, Failure> {
        if let Some(name) = name {
            let known = KNOWN
                .iter()
                .find(|(profile, short, ..)| name == *short || profile.is_meant(name));
            let unknown = || Failure::bad_request(format!("`profile` has to be {}", offered()));
            return known
                .map(|(profile, ..)| vec![*profile])
                .ok_or_else(unknown);
        }
        let wanted = negotiate::profiles(headers);
        if wanted.is_empty() {
            return Ok(vec![Self::default()]);
        }
        let mut ranked: Vec<(u16, Self)> = Vec::new();
        for (iri, quality) in wanted.into_iter().filter(|(_, quality)| *quality > 0) {
            let known = KNOWN.iter().find(|(profile, ..)| profile.is_meant(&iri));
            ranked.extend(known.map(|(profile, ..)| (quality, *profile)));
        }
        // Among equals, the first that was named.
        ranked.sort_by_key(|(quality, _)| Reverse(*quality));
        if ranked.is_empty() {
            let detail = format!("this is offered in the profiles {}", offered());
            let explanation = "Cette ressource n’existe pas dans ce profil de métadonnées.";
            return Err(
                Failure::new(StatusCode::NOT_ACCEPTABLE, detail, explanation)
                    .with(header::VARY, "accept-profile"),
            );
        }
        Ok(ranked.into_iter().map(|(_, profile)| profile).collect())
    }

    /// What an address names it by; nothing for the one that needs no name.
    pub fn name(self) -> Option<&'static str> {
        (self != Self::default()).then(|| self.known().1)
    }

    /// Whether it has such things.
    pub fn has(self, kind: EntityKind) -> bool {
        self != Self::DcatAp2 || kind != EntityKind::DatasetSeries
    }

    /// Those that have an entity, of which N-Triples lines are told.
    pub fn holding(kind: EntityKind, iri: &str, text: &str) -> Vec<Self> {
        let is_agent = kind == EntityKind::Organisation;
        let is_in_hvd = is_agent || is_high_value(iri, text);
        let all = KNOWN.iter().map(|(profile, ..)| *profile);
        all.filter(|profile| profile.has(kind) && (is_in_hvd || !profile.is_of_high_value()))
            .collect()
    }

    /// Whether it lists high-value datasets only.
    pub fn is_of_high_value(self) -> bool {
        self == Self::DcatApHvd
    }

    /// The failure of an entity that it does not have.
    pub fn lacks(self) -> Failure {
        let (detail, explanation) = match self {
            Self::DcatApHvd => (
                "this states no category of high-value datasets, which DCAT-AP HVD is of: ask without `profile`",
                "Cette fiche n’indique aucune catégorie de données de forte valeur : le profil DCAT-AP HVD ne la contient pas. Retirez `profile` de l’adresse.",
            ),
            _ => (
                "DCAT-AP 2.1.1 has no series of datasets: ask without `profile`",
                "DCAT-AP 2.1.1 ne connaît pas les séries de jeux de données. Retirez `profile` de l’adresse.",
            ),
        };
        Failure::new(StatusCode::NOT_ACCEPTABLE, detail, explanation)
            .with(header::VARY, "accept-profile")
    }

    /// N-Triples lines in this profile.
    pub fn of(self, text: String) -> String {
        let lines = match self {
            Self::DcatAp3 => return text,
            Self::DcatAp2 => dcat_ap_2::of(&text),
            Self::GeoDcatAp3 => extended::geodcat_ap(&text),
            Self::DcatApHvd => extended::hvd(&text),
            Self::SchemaOrg => schema_org::of(&text),
        };
        crate::lines::joined(lines)
    }

    /// Says in which profile an answer is, and in which others it is offered at which address.
    pub fn links(
        self,
        headers: &mut HeaderMap,
        format: Format,
        address: impl Fn(Self) -> Option<String>,
    ) {
        Self::varies(headers);
        let own = format!("<{}>; rel=\"profile\"", self.known().2);
        let others = KNOWN.iter().filter_map(|(profile, _, iri, _)| {
            let address = address(*profile).filter(|_| *profile != self)?;
            let media_type = format.media_type();
            Some(format!(
                "<{address}>; rel=\"alternate\"; type=\"{media_type}\"; format=\"{iri}\""
            ))
        });
        let links = std::iter::once(own).chain(others);
        headers.extend(
            links
                .filter_map(|link| HeaderValue::from_str(&link).ok())
                .map(|link| (header::LINK, link)),
        );
    }

    pub fn varies(headers: &mut HeaderMap) {
        headers.append(header::VARY, HeaderValue::from_static("accept-profile"));
    }

    fn known(self) -> &'static Known {
        let [first, ..] = &KNOWN;
        let mut known = KNOWN.iter();
        known.find(|known| known.0 == self).unwrap_or(first)
    }

    fn is_meant(self, iri: &str) -> bool {
        let (.., canonical, others) = self.known();
        let iri = bare(iri);
        iri == bare(canonical) || others.iter().any(|other| iri == bare(other))
    }
}

/// What the lines of an entity say of its being a high-value dataset.
fn is_high_value(iri: &str, text: &str) -> bool {
    let start = format!("<{iri}> {} ", dcatap::HVD_CATEGORY);
    text.lines().any(|line| line.starts_with(&start))
}

fn bare(iri: &str) -> &str {
    let rest = iri.split_once("://").map_or(iri, |(_, rest)| rest);
    rest.trim_end_matches('/')
}

fn offered() -> String {
    let known: Vec<String> = KNOWN
        .iter()
        .map(|(_, name, iri, _)| format!("`{name}` <{iri}>"))
        .collect();
    known.join(", ")
}

/// The subject and the predicate of a line without their brackets, and the rest of it.
fn parts(line: &str) -> Option<(&str, &str, &str)> {
    let (subject, rest) = line.strip_prefix('<')?.split_once("> <")?;
    let (predicate, object) = rest.split_once("> ")?;
    Some((subject, predicate, object))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepting(value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(
            axum::http::HeaderName::from_static("accept-profile"),
            HeaderValue::from_static(value),
        )])
    }

    #[test]
    fn a_name_and_an_iri_lead_back() {
        let none = HeaderMap::new();
        for (profile, name, iri, others) in KNOWN {
            assert_eq!(Profile::asked(profile.name(), &none).ok(), Some(profile));
            for asked in [name, iri].iter().chain(others) {
                assert_eq!(
                    Profile::asked(Some(asked), &none).ok(),
                    Some(profile),
                    "{asked}"
                );
            }
        }
        assert!(Profile::asked(Some(""), &none).is_err());
    }

    #[test]
    fn the_header_chooses_the_best_that_exists_and_the_address_goes_before_it() {
        for (value, profile) in [
            ("<https://schema.org/>", Some(Profile::SchemaOrg)),
            (
                "<http://schema.org>;q=0.4, <http://data.europa.eu/930/>; q=0.9",
                Some(Profile::GeoDcatAp3),
            ),
            (
                "<urn:x>, <http://schema.org>;q=0.1",
                Some(Profile::SchemaOrg),
            ),
            ("<http://schema.org>;q=0", None),
            ("<urn:x>", None),
            ("nonsense", Some(Profile::DcatAp3)),
            ("", Some(Profile::DcatAp3)),
        ] {
            let chosen = Profile::asked(None, &accepting(value));
            assert_eq!(chosen.ok(), profile, "{value}");
        }
        let both = accepting("<https://schema.org/>;q=0.5, <http://data.europa.eu/930/>");
        let ranked = Profile::ranked(None, &both).ok();
        assert_eq!(ranked, Some(vec![Profile::GeoDcatAp3, Profile::SchemaOrg]));
        let refused = Profile::asked(None, &accepting("<urn:x>")).expect_err("unknown");
        assert_eq!(refused.status, 406);
        assert!(
            refused.detail.contains("`geodcat-ap-3`"),
            "{}",
            refused.detail
        );
        let named = Profile::asked(Some("dcat-ap-2.1.1"), &accepting("<urn:x>"));
        assert_eq!(named.ok(), Some(Profile::DcatAp2));
    }
}
