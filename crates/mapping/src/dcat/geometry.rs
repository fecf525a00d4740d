//! Geometries as texts: what they are written in, and whether they lie on the Earth.

use model::ns::gsp;
use oxrdf::{Literal, NamedNodeRef};
use serde_json::Value;

/// A geometry of more bytes is published as its bounding box only.
const LONGEST: usize = 64 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Wkt,
    GeoJson,
    Gml,
}

impl Encoding {
    /// By the type; where that says nothing, by how the text begins.
    pub fn of(literal: &Literal) -> Option<Self> {
        let datatype = literal.datatype();
        let name = datatype.as_str().to_ascii_lowercase();
        let text = literal.value().trim_start();
        if name.ends_with("wktliteral") && !text.starts_with('{') {
            return Some(Self::Wkt);
        }
        if text.starts_with('{') && text.contains("\"type\"") {
            return Some(Self::GeoJson);
        }
        if text.starts_with("<gml:") || (text.starts_with('<') && name.contains("gml")) {
            return Some(Self::Gml);
        }
        let upper: String = text
            .chars()
            .take_while(char::is_ascii_alphabetic)
            .take(20)
            .collect::<String>()
            .to_ascii_uppercase();
        let geometry = [
            "POINT",
            "POLYGON",
            "MULTIPOINT",
            "MULTIPOLYGON",
            "LINESTRING",
            "MULTILINESTRING",
            "GEOMETRYCOLLECTION",
            "ENVELOPE",
            "BBOX",
            "SRID",
        ]
        .contains(&upper.as_str())
            && text.contains(['(', ';']);
        let with_system = text.starts_with("<http") && text.contains('>') && text.contains('(');
        (geometry || with_system).then_some(Self::Wkt)
    }

    pub fn datatype(self) -> NamedNodeRef<'static> {
        match self {
            Self::Wkt => gsp::WKT_LITERAL,
            Self::GeoJson => gsp::GEO_JSON_LITERAL,
            Self::Gml => gsp::GML_LITERAL,
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reading {
    Kept,
    /// Not a geometry, or not in degrees.
    Absurd,
    /// Too large; its bounding box, where that can be told.
    Large(Option<String>),
}

/// Whether a geometry can be published. One that names its reference system is not judged.
pub(super) fn read(encoding: Encoding, text: &str) -> Reading {
    let bounds = match encoding {
        Encoding::GeoJson => match serde_json::from_str::<Value>(text) {
            Ok(value) => {
                let mut bounds = Bounds::EMPTY;
                bounds.geojson(&value);
                Some(bounds)
            }
            Err(_) => return Reading::Absurd,
        },
        Encoding::Wkt
            if text.trim_start().starts_with(|c: char| {
                c.is_ascii_alphabetic() && c != 'S' && c != 'E' && c != 'B'
            }) =>
        {
            let mut bounds = Bounds::EMPTY;
            bounds.wkt_text(text);
            Some(bounds)
        }
        _ => None,
    };
    let large = text.len() > LONGEST;
    match bounds {
        Some(bounds) if !bounds.is_read() => Reading::Absurd,
        Some(bounds) if !bounds.on_earth() => Reading::Absurd,
        Some(bounds) if large => Reading::Large(Some(bounds.wkt())),
        None if large => Reading::Large(None),
        _ => Reading::Kept,
    }
}

/// A box in one text: `west,south,east,north`, or DCMI Box (`northlimit=…; westlimit=…`). `Err` where it is one that
/// lies nowhere.
pub(super) fn bounds_of_text(text: &str) -> Option<Result<String, ()>> {
    let number = |text: &str| -> Option<f64> {
        text.trim()
            .replace(',', ".")
            .parse::<f64>()
            .ok()
            .filter(|n| n.is_finite())
    };
    let lower = text.to_ascii_lowercase();
    let sides: Vec<f64> = if lower.contains("limit=") {
        ["westlimit", "southlimit", "eastlimit", "northlimit"]
            .iter()
            .filter_map(|side| {
                lower.split(';').find_map(|part| {
                    let (key, value) = part.split_once('=')?;
                    (key.trim() == *side).then(|| number(value))?
                })
            })
            .collect()
    } else {
        let parts: Vec<&str> = text
            .trim_matches(['[', ']', '(', ')'])
            .split([',', ';'])
            .flat_map(str::split_whitespace)
            .collect();
        if parts.len() != 4 {
            return None;
        }
        let numbers: Vec<f64> = parts.iter().filter_map(|part| number(part)).collect();
        if numbers.len() != 4 {
            return None;
        }
        numbers
    };
    let [west, south, east, north] = sides[..] else {
        return Some(Err(()));
    };
    let mut bounds = Bounds::EMPTY;
    bounds.extend(west, south);
    bounds.extend(east, north);
    // A box over the antimeridian is left as it is written.
    let turned = south > north || !bounds.on_earth();
    if turned {
        return Some(Err(()));
    }
    Some(Ok(Bounds {
        west,
        south,
        east,
        north,
    }
    .wkt()))
}

#[derive(Debug, Clone, Copy)]
struct Bounds {
    west: f64,
    south: f64,
    east: f64,
    north: f64,
}

impl Bounds {
    const EMPTY: Self = Self {
        west: f64::INFINITY,
        south: f64::INFINITY,
        east: f64::NEG_INFINITY,
        north: f64::NEG_INFINITY,
    };

    fn extend(&mut self, x: f64, y: f64) {
        self.west = self.west.min(x);
        self.east = self.east.max(x);
        self.south = self.south.min(y);
        self.north = self.north.max(y);
    }

    fn is_read(&self) -> bool {
        self.west.is_finite() && self.south.is_finite()
    }

    fn on_earth(&self) -> bool {
        self.west >= -180.0 && self.east <= 180.0 && self.south >= -90.0 && self.north <= 90.0
    }

    fn wkt(&self) -> String {
        let Self {
            west,
            south,
            east,
            north,
        } = self;
        if west > east {
            return format!(
                "MULTIPOLYGON((({west} {south},180 {south},180 {north},{west} {north},{west} {south})),((-180 {south},{east} {south},{east} {north},-180 {north},-180 {south})))"
            );
        }
        format!(
            "POLYGON(({west} {south},{east} {south},{east} {north},{west} {north},{west} {south}))"
        )
    }

    /// The first two numbers of each position. `serde_json` bounds the depth.
    fn geojson(&mut self, value: &Value) {
        match value {
            Value::Object(members) => {
                for name in ["coordinates", "geometry", "geometries", "features"] {
                    if let Some(member) = members.get(name) {
                        self.geojson(member);
                    }
                }
            }
            Value::Array(items) => match items.as_slice() {
                [Value::Number(x), Value::Number(y), ..] => {
                    if let (Some(x), Some(y)) = (x.as_f64(), y.as_f64()) {
                        self.extend(x, y);
                    }
                }
                items => items.iter().for_each(|item| self.geojson(item)),
            },
            _ => {}
        }
    }

    /// The first two numbers between commas and brackets.
    fn wkt_text(&mut self, text: &str) {
        for position in text.split(['(', ')', ',']) {
            let mut numbers = position
                .split_whitespace()
                .map_while(|number| number.parse::<f64>().ok());
            if let (Some(x), Some(y)) = (numbers.next(), numbers.next()) {
                self.extend(x, y);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_in_one_text() {
        let wkt = "POLYGON((-1.5 49,2 49,2 51.1,-1.5 51.1,-1.5 49))";
        for text in [
            "-1.5,49,2,51.1",
            "-1.5 49 2 51.1",
            "[-1.5, 49, 2, 51.1]",
            "northlimit=51.1; southlimit=49; westlimit=-1.5; eastlimit=2; name=x",
        ] {
            assert_eq!(bounds_of_text(text), Some(Ok(wkt.to_owned())), "{text}");
        }
        assert_eq!(
            bounds_of_text("600000,6800000,700000,6900000"),
            Some(Err(()))
        );
        assert_eq!(bounds_of_text("Hauts-de-France"), None);
        assert_eq!(bounds_of_text("1,2,3"), None);
        assert!(
            bounds_of_text("177,-20,-178,-15")
                .unwrap()
                .unwrap()
                .starts_with("MULTIPOLYGON")
        );
    }

    #[test]
    fn geometries_are_told_by_their_type_or_their_beginning() {
        let plain = |text: &str| Encoding::of(&Literal::new_simple_literal(text));
        assert_eq!(plain("POLYGON((0 0,1 0,1 1,0 0))"), Some(Encoding::Wkt));
        assert_eq!(
            plain("{\"type\":\"Point\",\"coordinates\":[1,2]}"),
            Some(Encoding::GeoJson)
        );
        assert_eq!(plain("<gml:Envelope>"), Some(Encoding::Gml));
        assert_eq!(plain("Point de vue"), None);
        let json = Literal::new_typed_literal(
            "{\"type\":\"Point\"}",
            NamedNodeRef::new_unchecked(
                "https://www.iana.org/assignments/media-types/application/vnd.geo+json",
            ),
        );
        assert_eq!(Encoding::of(&json), Some(Encoding::GeoJson));
    }

    #[test]
    fn what_lies_nowhere_is_not_published() {
        assert_eq!(
            read(Encoding::Wkt, "POINT(600000 6800000)"),
            Reading::Absurd
        );
        assert_eq!(read(Encoding::Wkt, "POLYGON EMPTY"), Reading::Absurd);
        assert_eq!(read(Encoding::Wkt, "POINT(3 50)"), Reading::Kept);
        assert_eq!(
            read(
                Encoding::Wkt,
                "<http://www.opengis.net/def/crs/EPSG/0/2154> POINT(600000 6800000)"
            ),
            Reading::Kept
        );
        assert_eq!(
            read(
                Encoding::GeoJson,
                "{\"type\":\"Point\",\"coordinates\":[3,50]}"
            ),
            Reading::Kept
        );
        assert_eq!(read(Encoding::GeoJson, "{\"type\":"), Reading::Absurd);
        let large = format!("MULTIPOINT({})", "3 50,".repeat(20_000));
        assert!(matches!(
            read(Encoding::Wkt, &large),
            Reading::Large(Some(_))
        ));
    }
}
