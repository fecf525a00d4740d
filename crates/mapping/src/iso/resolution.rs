//! Spatial resolution and coordinate reference systems.

use std::collections::BTreeSet;

use model::check_iri;
use model::ns::{dcat, dcterms, dqv, geodcatap, skos};
use oxrdf::NamedNode;
use oxrdf::vocab::xsd;

use super::codes;
use super::paths;
use super::text::{anchor, fold_code};
use super::{Element, Mapping};

const MAX_RESOLUTIONS: usize = 100;

impl<'t> Mapping<'_, 't> {
    /// Distances in metres, scales as measurements, anything else as text.
    pub(super) fn resolutions(&mut self) {
        let subject = self.entity.iri.clone();
        let mut finest: Option<f64> = None;
        let mut scales = BTreeSet::new();
        for property in self
            .all(self.info, &paths::RESOLUTION)
            .into_iter()
            .take(MAX_RESOLUTIONS)
        {
            for resolution in property.children() {
                for distance in resolution
                    .all("distance")
                    .into_iter()
                    .chain(resolution.all("vertical"))
                    .chain(resolution.all("angularDistance"))
                {
                    let unit = distance
                        .object()
                        .and_then(|measure| measure.attribute("uom"))
                        .unwrap_or_default();
                    let Some(number) = number(distance.value()) else {
                        continue;
                    };
                    match metres(unit).filter(|_| distance.name() == "distance") {
                        Some(factor) => {
                            finest = Some(
                                finest
                                    .map_or(number * factor, |finest| finest.min(number * factor)),
                            )
                        }
                        None => {
                            let unit = unit.rsplit(['#', '/']).next().unwrap_or(unit);
                            self.entity.add_text(
                                &subject,
                                geodcatap::SPATIAL_RESOLUTION_AS_TEXT,
                                &format!("{number} {unit}"),
                                None,
                            );
                        }
                    }
                }
                for level in resolution.all("levelOfDetail") {
                    let texts = self.locales.texts(level);
                    self.add_texts(&subject, geodcatap::SPATIAL_RESOLUTION_AS_TEXT, &texts);
                }
                let denominators = resolution.all("equivalentScale/denominator");
                scales.extend(
                    denominators
                        .iter()
                        .filter_map(|denominator| number(denominator.value()))
                        .filter(|scale| *scale > 1.0)
                        .map(|scale| scale as u64),
                );
            }
        }
        // DCAT-AP's shapes allow one: the finest.
        if let Some(finest) = finest {
            self.entity.add_typed(
                &subject,
                dcat::SPATIAL_RESOLUTION_IN_METERS,
                &round(finest),
                xsd::DECIMAL,
            );
        }
        for scale in scales {
            self.scale(scale);
        }
    }

    fn scale(&mut self, denominator: u64) {
        let subject = self.entity.iri.clone();
        let node = self.entity.node(&format!("scale-{denominator}"));
        self.entity
            .add(&subject, dqv::HAS_QUALITY_MEASUREMENT, node.clone());
        self.entity.add_type(&node, dqv::QUALITY_MEASUREMENT);
        self.entity.add(
            &node,
            dqv::IS_MEASUREMENT_OF,
            NamedNode::new_unchecked(codes::SCALE_METRIC),
        );
        self.entity.add_typed(
            &node,
            dqv::VALUE,
            &format!("{}", 1.0 / denominator as f64),
            xsd::DECIMAL,
        );
    }

    pub(super) fn reference_systems(&mut self) {
        let mut number = 0;
        let mut seen = BTreeSet::new();
        for identifier in self
            .all(self.root, &paths::REFERENCE_SYSTEM)
            .into_iter()
            .take(MAX_RESOLUTIONS)
            .filter_map(Element::object)
        {
            let Some(code) = identifier.first("code") else {
                continue;
            };
            let space = identifier
                .value_of("codeSpace")
                .or_else(|| identifier.value_of("authority/title"))
                .unwrap_or_default();
            let written = code.value();
            let system = anchor(code)
                .and_then(|address| epsg(address, ""))
                .or_else(|| epsg(written, space))
                .or_else(|| {
                    identifier
                        .value_of("description")
                        .and_then(|text| epsg(text, ""))
                });
            let address = system
                .map(|system| format!("http://www.opengis.net/def/crs/EPSG/0/{system}"))
                .or_else(|| {
                    anchor(code)
                        .filter(|address| address.starts_with("http"))
                        .map(str::to_owned)
                });
            let key = address.clone().unwrap_or_else(|| written.to_owned());
            if key.is_empty() || !seen.insert(key) {
                continue;
            }
            number += 1;
            self.reference_system(identifier, number, written, address);
        }
    }

    fn reference_system(
        &mut self,
        place: Element<'t>,
        number: usize,
        name: &str,
        address: Option<String>,
    ) {
        let subject = self.entity.iri.clone();
        let property = geodcatap::REFERENCE_SYSTEM;
        if let Some(iri) = address.as_deref().and_then(check_iri) {
            self.entity.add(&subject, property, iri);
            return;
        }
        let node = self.entity.node(&format!("reference-system-{number}"));
        self.entity.set_origin(&node, place.xpath());
        self.entity.add(&subject, property, node.clone());
        self.entity.add_type(&node, dcterms::STANDARD);
        self.entity.add_type(&node, skos::CONCEPT);
        self.entity.add_text(&node, dcterms::TITLE, name, None);
        self.entity.add_text(&node, skos::PREF_LABEL, name, None);
        self.entity.add(
            &node,
            dcterms::TYPE,
            NamedNode::new_unchecked("http://inspire.ec.europa.eu/glossary/SpatialReferenceSystem"),
        );
    }
}

fn number(text: &str) -> Option<f64> {
    let digits: String = text
        .trim()
        .replace(',', ".")
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect();
    digits
        .parse()
        .ok()
        .filter(|number: &f64| number.is_finite() && *number > 0.0 && *number < 1e12)
}

/// Without the noise of a conversion: micrometres are enough.
fn round(number: f64) -> String {
    format!("{}", (number * 1e6).round() / 1e6)
}

/// How many metres a unit is; `None` for angles and what is unknown.
fn metres(unit: &str) -> Option<f64> {
    let last = unit.rsplit(['#', '/', ':']).next().unwrap_or(unit);
    Some(match fold_code(last).as_str() {
        "m" | "metre" | "metres" | "meter" | "meters" | "mètre" | "mètres" | "9001" | "mt" => 1.0,
        "km" | "kilometre" | "kilometres" | "kilometer" | "kilometers" | "kilomètre"
        | "kilomètres" | "9036" => 1_000.0,
        "cm" | "centimetre" | "centimeter" | "centimètre" | "1033" => 0.01,
        "mm" | "millimetre" | "millimeter" | "millimètre" | "1025" => 0.001,
        "dm" => 0.1,
        "ft" | "foot" | "feet" | "9002" => 0.3048,
        _ => return None,
    })
}

/// The number of a system of EPSG, however it is written: `2154` in the space `EPSG`, `EPSG:2154`,
/// `urn:ogc:def:crs:EPSG::2154`, `http://www.opengis.net/def/crs/EPSG/0/2154`, `RGF93 / Lambert-93 (EPSG:2154)`.
fn epsg(code: &str, space: &str) -> Option<u32> {
    let code = code.trim();
    let in_space = space.to_ascii_uppercase().contains("EPSG")
        || space.to_ascii_lowercase().contains("petroleum survey");
    if let Ok(number) = code.parse::<u32>() {
        // Four and five digits without a space are numbers of EPSG too: nobody else numbers systems so.
        return ((in_space || space.is_empty()) && (1024..=32767).contains(&number))
            .then_some(number);
    }
    let upper = code.to_ascii_uppercase();
    let after = upper.split("EPSG").skip(1).find_map(|rest| {
        let rest = rest.trim_start_matches(|c: char| !c.is_ascii_digit());
        // A version of the registry may stand before the number.
        rest.split(|c: char| !c.is_ascii_digit())
            .take(4)
            .filter_map(|digits| digits.parse::<u32>().ok())
            .find(|number| (1024..=32767).contains(number))
    });
    after.or_else(|| fold_known(code))
}

/// Systems that French catalogues name without a number.
fn fold_known(name: &str) -> Option<u32> {
    Some(match fold_code(name).as_str() {
        "rgf93lambert93" | "lambert93" | "rgf93l93" | "l93" => 2154,
        "wgs84" | "wgs1984" | "gcswgs1984" => 4326,
        "etrs89" => 4258,
        "webmercator" | "wgs84pseudomercator" => 3857,
        "etrs89laea" => 3035,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reference_systems_as_records_write_them() {
        for (code, space, wanted) in [
            ("2154", "EPSG", Some(2154)),
            ("EPSG:2154", "", Some(2154)),
            ("EPSG 4326", "EPSG", Some(4326)),
            ("urn:ogc:def:crs:EPSG::27700", "", Some(27700)),
            ("urn:ogc:def:crs:EPSG:7.1:4258", "", Some(4258)),
            ("http://www.opengis.net/def/crs/EPSG/0/3857", "", Some(3857)),
            ("RGF93 / Lambert-93 (EPSG:2154)", "", Some(2154)),
            ("31370", "urn:ogc:def:crs:EPSG", Some(31370)),
            ("RGF93 / Lambert-93", "", Some(2154)),
            ("ESRI 102100", "", None),
            ("grégorien", "ISO", None),
            ("4326", "IGNF", None),
        ] {
            assert_eq!(epsg(code, space), wanted, "{code} {space}");
        }
    }

    #[test]
    fn units() {
        assert_eq!(
            metres("http://standards.iso.org/ittf/x/gmxUom.xml#m"),
            Some(1.0)
        );
        assert_eq!(metres("urn:ogc:def:uom:EPSG::9001"), Some(1.0));
        assert_eq!(
            metres("km").map(|factor| round(0.5 * factor)).as_deref(),
            Some("500")
        );
        assert_eq!(metres("deg"), None);
        assert_eq!(format!("{}", 1.0 / 50_000.0), "0.00002");
    }
}
