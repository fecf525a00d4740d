//! Boxes, points and outlines of places: whether they can be right.

use std::collections::HashSet;

use model::Severity;
use model::ns::{dcat, dcterms, gsp, locn};
use oxrdf::vocab::xsd;
use oxrdf::{Literal, NamedNode, NamedNodeRef, Term, Triple};
use vocab::place::Bounds;

use crate::desk::{Desk, Outcome, note, slug, subject_of, text_of};

pub const GEOMETRIES: [NamedNodeRef<'static>; 3] = [dcat::BBOX, dcat::CENTROID, locn::GEOMETRY];
const HINT: &str = "give the bounds in decimal degrees, longitude before latitude (WGS 84)";
/// Positions of a geometry that are looked at.
const MOST_POSITIONS: usize = 200_000;

/// What a text says of a geometry.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// In degrees, longitude first; as it was written, so perhaps beyond the Earth.
    Plane(Bounds),
    /// In another reference system, or in a notation that is not read.
    Other,
}

/// The bounds of a geometry in WKT or GeoJSON.
pub fn shape(text: &str) -> Option<Shape> {
    let mut text = text.trim();
    if let Some(rest) = text.strip_prefix('<') {
        let (system, rest) = rest.split_once('>')?;
        if system.contains("/def/crs/") && !system.ends_with("CRS84") {
            return Some(Shape::Other);
        }
        text = rest.trim_start();
        if !system.ends_with("CRS84") || text.starts_with('<') {
            return None;
        }
    }
    if text.starts_with('{') {
        let (_, coordinates) = text.split_once("\"coordinates\"")?;
        return positions(coordinates, ['[', ']'], ',').map(Shape::Plane);
    }
    let open = text.find('(')?;
    let word = text.get(..open)?.trim().to_ascii_uppercase();
    match word.trim_end_matches([' ', 'Z', 'M']).trim_end() {
        "ENVELOPE" => {
            let sides: Vec<f64> = numbers(text.get(open + 1..)?.trim_end_matches(')'), ',')?;
            match sides.as_slice() {
                [west, east, north, south] => Some(Shape::Plane(Bounds {
                    west: *west,
                    south: *south,
                    east: *east,
                    north: *north,
                })),
                _ => None,
            }
        }
        "POINT" | "POLYGON" | "MULTIPOLYGON" | "LINESTRING" | "MULTIPOINT" | "MULTILINESTRING"
        | "GEOMETRYCOLLECTION" => positions(text.get(open..)?, ['(', ')'], ' ').map(Shape::Plane),
        _ => None,
    }
}

/// The bounds of all positions between innermost brackets.
fn positions(text: &str, brackets: [char; 2], between: char) -> Option<Bounds> {
    let mut bounds: Option<Bounds> = None;
    let mut count = 0;
    for group in text.split(brackets) {
        let each = if between == ' ' {
            group.split(',').collect::<Vec<_>>()
        } else {
            vec![group]
        };
        for position in each {
            let Some([x, y, ..]) = numbers(position, between).as_deref().map(|all| {
                let at = |n: usize| all.get(n).copied().unwrap_or(f64::NAN);
                [at(0), at(1)]
            }) else {
                continue;
            };
            if !x.is_finite() || !y.is_finite() {
                continue;
            }
            count += 1;
            if count > MOST_POSITIONS {
                return bounds;
            }
            let known = bounds.get_or_insert(Bounds {
                west: x,
                south: y,
                east: x,
                north: y,
            });
            known.west = known.west.min(x);
            known.east = known.east.max(x);
            known.south = known.south.min(y);
            known.north = known.north.max(y);
        }
    }
    bounds
}

fn numbers(text: &str, between: char) -> Option<Vec<f64>> {
    let words = text
        .split(|c: char| c == between || c.is_whitespace())
        .filter(|word| !word.is_empty());
    let all: Option<Vec<f64>> = words.map(|word| word.parse().ok()).take(8).collect();
    all.filter(|all| !all.is_empty())
}

/// Four numbers, `west,south,east,north`; or the DCMI Box of Dublin Core: `northlimit=45.9; southlimit=...`, `North 45.9,
/// South ...`. With what is written behind, the name of the place.
pub fn bounds_as_text(text: &str) -> Option<(Bounds, String)> {
    if let Some([west, south, east, north]) =
        numbers(text, ',').and_then(|all| <[f64; 4]>::try_from(all).ok())
    {
        return Some((
            Bounds {
                west,
                south,
                east,
                north,
            },
            String::new(),
        ));
    }
    let lower = text.to_ascii_lowercase();
    let mut behind = 0;
    let mut side = |name: &str| -> Option<f64> {
        let at = lower.find(name)? + name.len();
        let after = lower.get(at..)?.trim_start_matches("limit");
        let start = after.find(|c: char| c.is_ascii_digit() || c == '-')?;
        if start > 3 {
            return None;
        }
        let number = after.get(start..)?;
        let end = number
            .find(|c: char| !(c.is_ascii_digit() || matches!(c, '-' | '.')))
            .unwrap_or(number.len());
        let written = number.get(..end)?;
        behind = behind.max(lower.len() - number.len() + end);
        written.trim_end_matches('.').parse().ok()
    };
    let (north, south) = (side("north")?, side("south")?);
    let (east, west) = (side("east")?, side("west")?);
    let name = text.get(behind..).unwrap_or_default();
    let name = name.trim_matches(|c: char| c.is_whitespace() || matches!(c, '.' | ';' | ','));
    let name = if name.contains('=') { "" } else { name };
    Some((
        Bounds {
            west,
            south,
            east,
            north,
        },
        name.to_owned(),
    ))
}

/// A place of which a literal gives the bounds: a node of its own.
pub fn locate(desk: &mut Desk<'_>, subject: &NamedNode, value: &str, bounds: Bounds) -> NamedNode {
    let node = desk.entity.node(&format!("spatial-{}", slug(value)));
    let mut bounds = bounds;
    if bounds.west > bounds.east && bounds.west - bounds.east <= 180.0
        || bounds.south > bounds.north
    {
        desk.find(
            note(
                "place/swapped-bounds",
                Severity::Warning,
                "opposite bounds stand in each other's place: they were put right",
                HINT,
            ),
            subject.as_str(),
            dcterms::SPATIAL,
            value,
        );
        bounds = Bounds {
            west: bounds.west.min(bounds.east),
            south: bounds.south.min(bounds.north),
            east: bounds.west.max(bounds.east),
            north: bounds.south.max(bounds.north),
        };
    }
    let wkt = if bounds.west > bounds.east {
        let (mut before, mut after) = (bounds, bounds);
        (before.east, after.west) = (180.0, -180.0);
        format!("MULTIPOLYGON(({}),({}))", before.ring(), after.ring())
    } else {
        bounds.wkt()
    };
    desk.entity.add_type(&node, dcterms::LOCATION);
    desk.entity.add(subject, dcterms::SPATIAL, node.clone());
    desk.entity
        .add_typed(&node, dcat::BBOX, &wkt, gsp::WKT_LITERAL);
    node
}

/// Geometries that cannot be: beyond the Earth, all zero, in metres, unreadable. They are left out.
pub fn sane(desk: &mut Desk<'_>) {
    let all = desk.take(is_geometry);
    for triple in all {
        let value = text_of(&triple.object).to_owned();
        let subject = subject_of(&triple).to_owned();
        let predicate = triple.predicate.clone();
        let fault = match shape(&value) {
            None => Some((
                "place/bad-geometry",
                "the geometry cannot be read".to_owned(),
            )),
            Some(Shape::Other) => None,
            Some(Shape::Plane(bounds)) => {
                fault(&bounds).map(|fault| ("place/absurd-coordinates", fault))
            }
        };
        desk.decide("geometry", &value, || match fault {
            Some(_) => Outcome::Unresolved,
            None => Outcome::Resolved {
                to: predicate.as_str().to_owned(),
                certain: true,
            },
        });
        match fault {
            Some((rule, fault)) => desk.find(
                note(
                    rule,
                    Severity::Warning,
                    format!("{fault}: it was left out"),
                    HINT,
                ),
                &subject,
                dcat::BBOX,
                &value,
            ),
            None => desk.entity.triples.push(triple),
        }
    }
}

/// Literals whose notation is WKT or GeoJSON.
fn is_geometry(triple: &Triple) -> bool {
    let Term::Literal(literal) = &triple.object else {
        return false;
    };
    let read = [gsp::WKT_LITERAL, gsp::GEO_JSON_LITERAL, xsd::STRING];
    GEOMETRIES.contains(&triple.predicate.as_ref())
        && (read.contains(&literal.datatype()) || literal.datatype().as_str().ends_with("geo+json"))
}

fn fault(bounds: &Bounds) -> Option<String> {
    let Bounds {
        west,
        south,
        east,
        north,
    } = *bounds;
    let metres =
        |x: f64, y: f64| (0.0..1_400_000.0).contains(&x) && (5_900_000.0..7_300_000.0).contains(&y);
    if metres(west, south) && metres(east, north) {
        return Some("the coordinates are metres in Lambert-93, not degrees".to_owned());
    }
    if west.abs() > 180.0 || east.abs() > 180.0 || south.abs() > 90.0 || north.abs() > 90.0 {
        return Some("the coordinates are beyond the degrees of the Earth".to_owned());
    }
    [west, south, east, north]
        .iter()
        .all(|side| *side == 0.0)
        .then(|| "the coordinates are all zero".to_owned())
}

/// The bounds of every geometry of some nodes, but those of others.
pub fn bounds(desk: &Desk<'_>, of: &HashSet<String>, without: &HashSet<&str>) -> Vec<Bounds> {
    desk.entity
        .triples
        .iter()
        .filter(|triple| {
            let subject = subject_of(triple);
            of.contains(subject) && !without.contains(subject) && is_geometry(triple)
        })
        .filter_map(|triple| match shape(text_of(&triple.object)) {
            Some(Shape::Plane(bounds)) => Some(bounds),
            _ => None,
        })
        .collect()
}

/// Geometries of the source against the territories that it names.
pub fn against(
    desk: &mut Desk<'_>,
    territories: &[Bounds],
    of: &HashSet<String>,
    ours: &HashSet<String>,
) {
    if territories.is_empty() {
        return;
    }
    let stated = desk.take(|triple| {
        let subject = subject_of(triple);
        of.contains(subject) && !ours.contains(subject) && is_geometry(triple)
    });
    for triple in stated {
        let value = text_of(&triple.object).to_owned();
        let Some(Shape::Plane(bounds)) = shape(&value) else {
            desk.entity.triples.push(triple);
            continue;
        };
        let subject = subject_of(&triple).to_owned();
        let near = |bounds: &Bounds| territories.iter().any(|known| known.meets(bounds));
        let (rule, message, kept) = if is_world(&bounds) {
            let message = "the box is that of the whole world, and the record names a smaller place: it was left out";
            ("place/too-wide", message, None)
        } else if near(&bounds) {
            desk.entity.triples.push(triple);
            continue;
        } else if near(&turned(&bounds)) {
            let message = "latitude stands before longitude, as the place that the record names shows: they were exchanged";
            (
                "place/swapped-axes",
                message,
                Some(exchanged(&triple, &turned(&bounds))),
            )
        } else {
            let message =
                "the geometry lies elsewhere than the place that the record names: both were kept";
            ("place/contradiction", message, Some(triple.clone()))
        };
        desk.find(
            note(rule, Severity::Warning, message, HINT),
            &subject,
            dcat::BBOX,
            &value,
        );
        desk.entity.triples.extend(kept);
    }
}

fn is_world(bounds: &Bounds) -> bool {
    bounds.east - bounds.west >= 350.0 && bounds.north - bounds.south >= 160.0
}

pub fn turned(bounds: &Bounds) -> Bounds {
    Bounds {
        west: bounds.south,
        south: bounds.west,
        east: bounds.north,
        north: bounds.east,
    }
}

/// The same geometry with the coordinates of each position exchanged: of WKT in two dimensions; of any other, its box.
fn exchanged(triple: &Triple, turned: &Bounds) -> Triple {
    let value = text_of(&triple.object).trim();
    let wkt = exchanged_wkt(value).unwrap_or_else(|| turned.wkt());
    Triple {
        object: Literal::new_typed_literal(wkt, gsp::WKT_LITERAL).into(),
        ..triple.clone()
    }
}

fn exchanged_wkt(value: &str) -> Option<String> {
    let (word, rest) = value.split_at(value.find('(')?);
    if !matches!(
        word.trim().to_ascii_uppercase().as_str(),
        "POINT" | "LINESTRING" | "POLYGON" | "MULTIPOINT" | "MULTILINESTRING" | "MULTIPOLYGON"
    ) {
        return None;
    }
    let mut wkt = word.to_owned();
    let mut position = String::new();
    for c in rest.chars() {
        if !matches!(c, '(' | ')' | ',') {
            position.push(c);
            continue;
        }
        let words: Vec<&str> = position.split_whitespace().collect();
        match words.as_slice() {
            [] => {}
            [first, second] => wkt.push_str(&format!("{second} {first}")),
            _ => return None,
        }
        position.clear();
        wkt.push(c);
    }
    Some(wkt)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sides(text: &str) -> Option<[f64; 4]> {
        match shape(text) {
            Some(Shape::Plane(b)) => Some([b.west, b.south, b.east, b.north]),
            _ => None,
        }
    }

    #[test]
    fn axes_are_exchanged_in_two_dimensions_or_for_the_box() {
        let bounds = Bounds {
            west: 50.0,
            south: 2.0,
            east: 51.0,
            north: 3.0,
        };
        let of = |wkt: &str| {
            let triple = Triple::new(
                oxrdf::NamedNode::new_unchecked("https://a.example/1"),
                dcat::BBOX,
                Literal::new_simple_literal(wkt),
            );
            text_of(&exchanged(&triple, &turned(&bounds)).object).to_owned()
        };
        assert_eq!(of("POINT(50 2)"), "POINT(2 50)");
        let box_of_it = turned(&bounds).wkt();
        for other in [
            "POINT Z(50 2 7)",
            "ENVELOPE(50,51,3,2)",
            "{\"coordinates\": [50, 2]}",
        ] {
            assert_eq!(of(other), box_of_it, "{other}");
        }
        assert_eq!(shape(&"<CRS84>".repeat(1_000_000)), None);
    }

    #[test]
    fn geometries() {
        assert_eq!(
            sides("POLYGON((2 50,3 50,3 51,2 51,2 50))"),
            Some([2.0, 50.0, 3.0, 51.0])
        );
        assert_eq!(
            sides("<http://www.opengis.net/def/crs/OGC/1.3/CRS84> Polygon ((2 50, 3 51))"),
            Some([2.0, 50.0, 3.0, 51.0])
        );
        assert_eq!(
            sides(r#"{"type":"Polygon","coordinates":[[[2.5,50],[3,51.5],[2.5,50]]]}"#),
            Some([2.5, 50.0, 3.0, 51.5])
        );
        assert_eq!(
            sides("ENVELOPE(2, 3, 51, 50)"),
            Some([2.0, 50.0, 3.0, 51.0])
        );
        assert_eq!(
            shape("<http://www.opengis.net/def/crs/EPSG/0/4326> POINT(50 3)"),
            Some(Shape::Other)
        );
        for bad in [
            "",
            "POLYGON",
            "POLYGON EMPTY",
            "(2 3)",
            "<gml:Envelope>",
            "{}",
            "POLYGON((a b))",
        ] {
            assert_eq!(shape(bad), None, "{bad}");
        }
    }

    #[test]
    fn boxes_as_text() {
        let of =
            |text| bounds_as_text(text).map(|(b, name)| ([b.west, b.south, b.east, b.north], name));
        assert_eq!(
            of("2.1,48.6,2.6,49.0"),
            Some(([2.1, 48.6, 2.6, 49.0], String::new()))
        );
        assert_eq!(
            of("North 45.9, South 45.5, East 5.0, West 4.6. GRAND LYON"),
            Some(([4.6, 45.5, 5.0, 45.9], "GRAND LYON".to_owned()))
        );
        assert_eq!(
            of("northlimit=51.1; southlimit=48.8; westlimit=1.3; eastlimit=4.3; projection=WGS84"),
            Some(([1.3, 48.8, 4.3, 51.1], String::new()))
        );
        for none in ["", "Nord", "1,2,3", "1,2,3,4,5", "North, South, East, West"] {
            assert_eq!(of(none), None, "{none}");
        }
    }
}
