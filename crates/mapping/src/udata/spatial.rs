//! `spatial`: a geometry in GeoJSON, zones by their GeoID, and the granularity.

use std::fmt::Write;

use model::Severity;
use model::ns::{dcat, dcterms, geodcatap, gsp, locn, skos};

use super::json::{Json, View};
use super::{Draft, short_hash};

/// A geometry of more positions is published as its bounding box only.
const MOST_POSITIONS: usize = 2_000;
/// More zones than this say "the world".
const MOST_ZONES: usize = 500;

pub(super) fn map(draft: &mut Draft<'_>, spatial: View<'_, '_>) {
    let Some(spatial) = spatial.object() else {
        return;
    };
    geometry(draft, spatial.get("geom"));
    zones(draft, spatial.get("zones"));
    // `other` says nothing.
    if let Some(granularity) = spatial
        .text_of("granularity")
        .filter(|text| text != "other")
    {
        let iri = draft.entity.iri.clone();
        draft.entity.add_text(
            &iri,
            geodcatap::SPATIAL_RESOLUTION_AS_TEXT,
            &granularity,
            None,
        );
    }
}

fn zones(draft: &mut Draft<'_>, zones: View<'_, '_>) {
    for zone in zones.items().take(MOST_ZONES) {
        let (code, name) = match zone.value() {
            Json::Object(_) => (zone.first_of(&["id", "code"]), zone.text_of("name")),
            _ => (zone.text(), None),
        };
        let Some(code) = code else { continue };
        let local = match code.len() {
            0..=64 => format!("spatial-{code}"),
            _ => format!("spatial-{}", short_hash(&code)),
        };
        let node = draft.entity.node(&local);
        if !draft.claim(&node) {
            continue;
        }
        draft.open(&node, dcterms::LOCATION, dcterms::SPATIAL, &zone);
        draft
            .entity
            .add_text(&node, dcterms::IDENTIFIER, &code, None);
        if let Some(name) = name {
            let language = draft.language();
            draft
                .entity
                .add_text(&node, skos::PREF_LABEL, &name, language);
        }
    }
}

fn geometry(draft: &mut Draft<'_>, geom: View<'_, '_>) {
    if geom.is_null() {
        return;
    }
    let Some(shape) = Shape::read(geom) else {
        geom.find(
            "place/bad-geometry",
            Severity::Warning,
            "the geometry is not GeoJSON in degrees of longitude and latitude: left out",
            "write longitude before latitude, in WGS 84 (RFC 7946)",
        );
        return;
    };
    let node = draft.entity.node("spatial-geometry");
    draft.open(&node, dcterms::LOCATION, dcterms::SPATIAL, &geom);
    draft
        .entity
        .add_typed(&node, dcat::BBOX, &shape.bbox.wkt(), gsp::WKT_LITERAL);
    match shape.wkt {
        Some(wkt) => draft
            .entity
            .add_typed(&node, locn::GEOMETRY, &wkt, gsp::WKT_LITERAL),
        None => geom.find(
            "place/large-geometry",
            Severity::Info,
            format!("the geometry has more than {MOST_POSITIONS} positions: its bounding box is published"),
            "generalise the geometry: a catalogue needs the outline only",
        ),
    }
}

/// A geometry in Well-Known Text, longitude first (CRS84, the default of GeoSPARQL).
struct Shape {
    bbox: Bbox,
    /// `None` when it is too large.
    wkt: Option<String>,
}

#[derive(Debug, Clone, Copy)]
struct Bbox {
    west: f64,
    south: f64,
    east: f64,
    north: f64,
}

impl Bbox {
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

    fn wkt(&self) -> String {
        let Self {
            west,
            south,
            east,
            north,
        } = self;
        format!(
            "POLYGON(({west} {south},{east} {south},{east} {north},{west} {north},{west} {south}))"
        )
    }
}

impl Shape {
    fn read(geom: View<'_, '_>) -> Option<Self> {
        let (name, depth) = match geom.text_of("type")?.as_ref() {
            "Point" => ("POINT", 0),
            "MultiPoint" => ("MULTIPOINT", 1),
            "LineString" => ("LINESTRING", 1),
            "MultiLineString" => ("MULTILINESTRING", 2),
            "Polygon" => ("POLYGON", 2),
            "MultiPolygon" => ("MULTIPOLYGON", 3),
            _ => return None,
        };
        let mut writer = Writer {
            wkt: name.to_owned(),
            bbox: Bbox::EMPTY,
            positions: 0,
        };
        let coordinates = geom.get("coordinates");
        if depth == 0 {
            writer.wkt.push('(');
            writer.position(coordinates.value())?;
            writer.wkt.push(')');
        } else {
            writer.list(coordinates.value(), depth)?;
        }
        (writer.positions > 0).then_some(Self {
            bbox: writer.bbox,
            wkt: (writer.positions <= MOST_POSITIONS).then_some(writer.wkt),
        })
    }
}

struct Writer {
    wkt: String,
    bbox: Bbox,
    positions: usize,
}

impl Writer {
    /// Lists `depth` deep, at most three. Empty lists have no place in a geometry.
    fn list(&mut self, value: &Json<'_>, depth: u8) -> Option<()> {
        let Json::List(items) = value else {
            return None;
        };
        if items.is_empty() {
            return None;
        }
        self.wkt.push('(');
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.wkt.push(',');
            }
            if depth == 1 {
                self.position(item)?;
            } else {
                self.list(item, depth - 1)?;
            }
        }
        self.wkt.push(')');
        Some(())
    }

    fn position(&mut self, value: &Json<'_>) -> Option<()> {
        let Json::List(position) = value else {
            return None;
        };
        let [Json::Number(x), Json::Number(y), ..] = position.as_slice() else {
            return None;
        };
        let (x, y) = (x.as_f64()?, y.as_f64()?);
        if !(-180.0..=180.0).contains(&x) || !(-90.0..=90.0).contains(&y) {
            return None;
        }
        self.positions += 1;
        self.bbox.extend(x, y);
        if self.positions <= MOST_POSITIONS {
            let _ = write!(self.wkt, "{x} {y}");
        }
        Some(())
    }
}
