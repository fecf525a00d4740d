//! `geometry`: where a resource is, in longitude and latitude.

use model::ns::{dcterms, locn};
use serde_json::{Value, json};
use vocab::place::Places;

use super::MOST;
use crate::geometry::{Bounds, polygons};
use crate::graph::Node;
use crate::place::{wkt, wkt_of};

/// A geometry of more positions is written as its boxes.
const MOST_POSITIONS: usize = 5_000;

type Ring = Vec<(f64, f64)>;

/// The shapes or the boxes of its places; where it gives none, the boxes of the territories that it names.
pub(super) fn of(node: Node<'_>) -> Value {
    let places: Vec<Node<'_>> = node.nodes(dcterms::SPATIAL).take(MOST).collect();
    let shape = |place: &Node<'_>| {
        let outline = wkt_of(*place, &[locn::GEOMETRY]).and_then(polygons);
        let area = outline.filter(|shape| shape.iter().flatten().any(|ring| ring.len() > 3));
        area.or_else(|| wkt(*place).and_then(polygons))
    };
    let mut shapes: Vec<Vec<Ring>> = places.iter().filter_map(shape).flatten().collect();
    let positions: usize = shapes.iter().flatten().map(Vec::len).sum();
    if positions > MOST_POSITIONS {
        let boxes = places
            .iter()
            .filter_map(|place| wkt(*place).and_then(Bounds::of));
        shapes = boxes.flat_map(of_box).collect();
    }
    if shapes.is_empty() {
        let known = Places::bundled();
        let territories = places.iter().filter_map(|place| known.by_iri(place.iri));
        let boxes = territories.flat_map(|territory| known.boxes(territory));
        let boxes = boxes.take(MOST).map(|bounds| Bounds {
            west: bounds.west,
            south: bounds.south,
            east: bounds.east,
            north: bounds.north,
        });
        shapes = boxes.flat_map(of_box).collect();
    }
    geometry(shapes)
}

fn geometry(shapes: Vec<Vec<Ring>>) -> Value {
    let points: Vec<(f64, f64)> = shapes
        .iter()
        .filter_map(|shape| match shape.as_slice() {
            [ring] if ring.len() == 1 => ring.first().copied(),
            _ => None,
        })
        .collect();
    let mut areas: Vec<Vec<Ring>> = shapes.into_iter().filter_map(area).collect();
    match (areas.len(), points.as_slice()) {
        (0, []) => Value::Null,
        (0, [(x, y)]) => json!({ "type": "Point", "coordinates": [x, y] }),
        (0, points) => json!({ "type": "MultiPoint", "coordinates": points }),
        (1, _) => json!({ "type": "Polygon", "coordinates": areas.pop() }),
        _ => json!({ "type": "MultiPolygon", "coordinates": areas }),
    }
}

/// Its rings, closed, as GeoJSON wants them; those that enclose nothing are left out.
fn area(shape: Vec<Ring>) -> Option<Vec<Ring>> {
    let mut rings = Vec::with_capacity(shape.len());
    for (at, mut ring) in shape.into_iter().enumerate() {
        let first = ring.first().copied()?;
        if ring.last() != Some(&first) {
            ring.push(first);
        }
        match ring.len() {
            4.. => rings.push(ring),
            _ if at == 0 => return None,
            _ => {}
        }
    }
    Some(rings)
}

/// A box; over the antimeridian, the two on both sides of it (RFC 7946, 3.1.9).
fn of_box(bounds: Bounds) -> Vec<Vec<Ring>> {
    let sides = match bounds.west <= bounds.east {
        true => vec![(bounds.west, bounds.east)],
        false => vec![(bounds.west, 180.0), (-180.0, bounds.east)],
    };
    let (south, north) = (bounds.south, bounds.north);
    let ring = |(west, east)| {
        vec![vec![
            (west, south),
            (east, south),
            (east, north),
            (west, north),
            (west, south),
        ]]
    };
    sides.into_iter().map(ring).collect()
}
