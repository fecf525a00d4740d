//! Geometries in GeoJSON (RFC 7946), as Well-Known Text.

use std::fmt::Write;

use model::Severity;
use model::ns::{dcat, dcterms, gsp, locn};

use crate::draft::Draft;
use crate::json::{Json, View};

/// A geometry of more positions is published as its bounding box only.
const MOST_POSITIONS: usize = 2_000;

/// Adds the place that a geometry outlines, with its bounding box.
pub(crate) fn geometry(draft: &mut Draft<'_>, geom: View<'_, '_>) {
    if geom.is_null() {
        return;
    }
    let Some(outline) = outline(geom) else {
        return;
    };
    let node = draft.entity.node("spatial-geometry");
    draft.open(&node, dcterms::LOCATION, dcterms::SPATIAL, &geom);
    draft
        .entity
        .add_typed(&node, dcat::BBOX, &outline.bbox, gsp::WKT_LITERAL);
    if let Some(wkt) = outline.wkt {
        draft
            .entity
            .add_typed(&node, locn::GEOMETRY, &wkt, gsp::WKT_LITERAL);
    }
}

/// A geometry and its bounding box, in Well-Known Text.
pub(crate) struct Outline {
    pub(crate) bbox: String,
    /// `None` when it is too large.
    pub(crate) wkt: Option<String>,
}

/// Reads a geometry, and says in a finding what is wrong with it.
pub(crate) fn outline(geom: View<'_, '_>) -> Option<Outline> {
    let Some(shape) = Shape::read(geom) else {
        geom.find(
            "place/bad-geometry",
            Severity::Warning,
            "the geometry is not GeoJSON in degrees of longitude and latitude: left out",
            "write longitude before latitude, in WGS 84 (RFC 7946)",
        );
        return None;
    };
    if shape.wkt.is_none() {
        geom.find(
            "place/large-geometry",
            Severity::Info,
            format!("the geometry has more than {MOST_POSITIONS} positions: its bounding box is published"),
            "generalise the geometry: a catalogue needs the outline only",
        );
    }
    Some(Outline {
        bbox: shape.bbox.wkt(),
        wkt: shape.wkt,
    })
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
