//! The places that a dataset covers.

use model::ns::{dcat, dcterms, gsp, locn, skos};
use oxrdf::{NamedNode, NamedNodeRef};

use super::fields::{Fields, leaves, scalar};
use super::statements::{address, objects};
use crate::draft::Draft;
use crate::geojson;
use crate::json::{Json, View};

/// More places than this say "the world".
const MOST: usize = 200;

pub(super) fn map(draft: &mut Draft<'_>, package: &Fields<'_, '_>) {
    let coverage = package.get("spatial_coverage");
    for (at, place) in objects(&coverage, MOST).enumerate() {
        let parts = Parts {
            uri: place.get("uri"),
            text: place.get("text"),
            geometry: place.get("geom"),
            bbox: place.get("bbox"),
            centroid: place.get("centroid"),
        };
        parts.map(draft, &format!("spatial-{}", at + 1));
    }
    let absent = package.get("");
    let parts = Parts {
        uri: package
            .first(&["spatial_uri", "spatial-uri"])
            .unwrap_or(absent),
        text: package
            .first(&["spatial_text", "spatial-text"])
            .unwrap_or(absent),
        geometry: package.get("spatial"),
        bbox: package.get("spatial_bbox"),
        centroid: package.get("spatial_centroid"),
    };
    let outlined = parts.map(draft, "spatial");
    boxes(draft, package, outlined);
}

/// What is known of one place.
struct Parts<'d, 'p> {
    uri: View<'d, 'p>,
    text: View<'d, 'p>,
    geometry: View<'d, 'p>,
    bbox: View<'d, 'p>,
    centroid: View<'d, 'p>,
}

impl Parts<'_, '_> {
    /// Says whether the place has an outline now.
    fn map(&self, draft: &mut Draft<'_>, name: &str) -> bool {
        let iri = draft.entity.iri.clone();
        for leaf in leaves(&self.uri) {
            match address(&leaf.text) {
                Some(place) => draft.entity.add(&iri, dcterms::SPATIAL, place),
                None => draft.entity.add_iri(&iri, dcterms::SPATIAL, &leaf.text),
            }
        }
        let node = draft.entity.node(name);
        let before = draft.entity.triples.len();
        for leaf in leaves(&self.text) {
            let language = leaf.language.as_deref().or(draft.language());
            draft
                .entity
                .add_text(&node, skos::PREF_LABEL, &leaf.text, language);
        }
        let named = draft.entity.triples.len();
        let boxed = outline(draft, &node, dcat::BBOX, &self.bbox);
        let whole = outline(draft, &node, locn::GEOMETRY, &self.geometry);
        if let (Some(whole), None) = (whole, boxed) {
            draft
                .entity
                .add_typed(&node, dcat::BBOX, &whole, gsp::WKT_LITERAL);
        }
        outline(draft, &node, dcat::CENTROID, &self.centroid);
        if draft.entity.triples.len() == before {
            return false;
        }
        let place = [&self.geometry, &self.bbox, &self.centroid, &self.text]
            .into_iter()
            .find(|part| !part.is_null())
            .unwrap_or(&self.text);
        draft.open(&node, dcterms::LOCATION, dcterms::SPATIAL, place);
        draft.entity.triples.len() > named + 2
    }
}

/// A geometry in GeoJSON or Well-Known Text, or the name of a place in its stead. Gives the bounding box, if that is new.
fn outline(
    draft: &mut Draft<'_>,
    node: &NamedNode,
    predicate: NamedNodeRef<'_>,
    field: &View<'_, '_>,
) -> Option<String> {
    match field.value() {
        Json::Null => None,
        Json::Object(_) => {
            let outline = geojson::outline(*field)?;
            let (bbox, wkt) = (outline.bbox, outline.wkt);
            if let Some(wkt) = wkt {
                draft
                    .entity
                    .add_typed(node, predicate, &wkt, gsp::WKT_LITERAL);
            }
            Some(bbox)
        }
        _ => written(draft, node, predicate, field),
    }
}

/// Well-Known Text, the four bounds of a box, or the name of a place.
fn written(
    draft: &mut Draft<'_>,
    node: &NamedNode,
    predicate: NamedNodeRef<'_>,
    field: &View<'_, '_>,
) -> Option<String> {
    let text = scalar(field)?;
    let sides: Vec<f64> = text
        .split(',')
        .map_while(|side| side.trim().parse().ok())
        .take(5)
        .collect();
    if let [west, south, east, north] = sides[..]
        && text.matches(',').count() == 3
    {
        // Latitudes go half as far as longitudes.
        if in_degrees(&[west, east, south * 2.0, north * 2.0]) {
            let wkt = polygon(west, south, east, north);
            if predicate == dcat::BBOX {
                draft
                    .entity
                    .add_typed(node, predicate, &wkt, gsp::WKT_LITERAL);
            }
            return Some(wkt);
        }
    } else if is_wkt(&text) {
        if in_degrees(&numbers(&text)) {
            draft
                .entity
                .add_typed(node, predicate, &text, gsp::WKT_LITERAL);
            return None;
        }
    } else if !is_meant_as_wkt(&text) {
        let language = draft.language();
        draft
            .entity
            .add_text(node, skos::PREF_LABEL, &text, language);
        return None;
    }
    field.find(
        "place/bad-geometry",
        model::Severity::Warning,
        "the geometry cannot be read, or is not in degrees of longitude and latitude: left out",
        "write longitude before latitude, in WGS 84",
    );
    None
}

fn in_degrees(numbers: &[f64]) -> bool {
    numbers.iter().all(|number| number.abs() <= 180.0)
}

fn numbers(text: &str) -> Vec<f64> {
    text.split(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E')))
        .filter_map(|number| number.parse().ok())
        .collect()
}

const GEOMETRIES: [&str; 7] = [
    "POINT",
    "POLYGON",
    "MULTIPOINT",
    "MULTIPOLYGON",
    "LINESTRING",
    "MULTILINESTRING",
    "GEOMETRYCOLLECTION",
];

/// A geometry that is not in the form of [`is_wkt`] (`SRID=4326;POLYGON…`, `POLYGON Z (…`), or is too long to be the name of a place. Names
/// may have brackets too: `Valmer (80)`.
fn is_meant_as_wkt(text: &str) -> bool {
    const LONGEST_NAME: usize = 500;
    let behind_srid = text.rsplit_once(';').map_or(text, |(_, rest)| rest);
    let word: String = behind_srid
        .trim_start()
        .chars()
        .take_while(char::is_ascii_alphabetic)
        .collect();
    let named = GEOMETRIES
        .iter()
        .any(|known| word.eq_ignore_ascii_case(known));
    text.len() > LONGEST_NAME || (named && text.contains('('))
}

/// The name of a geometry, and numbers in brackets that are balanced.
fn is_wkt(text: &str) -> bool {
    const LONGEST: usize = 100_000;
    let Some((name, rest)) = text.split_once('(') else {
        return false;
    };
    let known = GEOMETRIES
        .iter()
        .any(|known| name.trim().eq_ignore_ascii_case(known));
    let mut depth = 1_i32;
    let mut closed = false;
    for byte in rest.bytes() {
        match byte {
            _ if closed => return false,
            b'(' => depth += 1,
            b')' => depth -= 1,
            b'0'..=b'9'
            | b' '
            | b'\n'
            | b'\r'
            | b'\t'
            | b','
            | b'.'
            | b'+'
            | b'-'
            | b'e'
            | b'E' => {}
            _ => return false,
        }
        closed = depth == 0;
    }
    known && closed && text.len() <= LONGEST
}

fn polygon(west: f64, south: f64, east: f64, north: f64) -> String {
    format!("POLYGON(({west} {south},{east} {south},{east} {north},{west} {north},{west} {south}))")
}

/// `bbox-west-long` and its kin of ckanext-spatial, where nothing else outlines the place; and DCAT-US's list of boxes.
fn boxes(draft: &mut Draft<'_>, package: &Fields<'_, '_>, outlined: bool) {
    const SIDES: [&str; 4] = [
        "bbox-west-long",
        "bbox-south-lat",
        "bbox-east-long",
        "bbox-north-lat",
    ];
    let views = SIDES.map(|key| package.get(key));
    if !outlined && views.iter().all(|side| !side.is_null()) {
        bounds(draft, "spatial-bbox", &views);
    }
    let list = package.get("bbox");
    for (at, item) in objects(&list, MOST).enumerate() {
        let views = ["west", "south", "east", "north"].map(|key| item.get(key));
        bounds(draft, &format!("spatial-bbox-{}", at + 1), &views);
    }
}

fn bounds(draft: &mut Draft<'_>, name: &str, [west, south, east, north]: &[View<'_, '_>; 4]) {
    let number = |view: &View<'_, '_>, limit: f64| {
        let text = scalar(view)?.replace(',', ".");
        let number: f64 = text.parse().ok()?;
        (number.abs() <= limit).then_some(number)
    };
    let read = || {
        Some((
            number(west, 180.0)?,
            number(south, 90.0)?,
            number(east, 180.0)?,
            number(north, 90.0)?,
        ))
    };
    let Some((w, s, e, n)) = read() else {
        west.find(
            "place/absurd-coordinates",
            model::Severity::Warning,
            "the box is not one in degrees: left out",
            "give the bounds in degrees, in WGS 84",
        );
        return;
    };
    // The wrong way round, unless the box spans the antimeridian.
    let swapped = s > n || (w > e && w - e <= 180.0);
    let (s, n) = (s.min(n), s.max(n));
    let (w, e) = match w > e && w - e <= 180.0 {
        true => (e, w),
        false => (w, e),
    };
    if swapped {
        west.find(
            "place/swapped-bounds",
            model::Severity::Info,
            "the bounds of the box are the wrong way round: swapped",
            "give the western and the southern bound their lesser values",
        );
    }
    let node = draft.entity.node(name);
    draft.open(&node, dcterms::LOCATION, dcterms::SPATIAL, west);
    let wkt = polygon(w, s, e, n);
    draft
        .entity
        .add_typed(&node, dcat::BBOX, &wkt, gsp::WKT_LITERAL);
}
