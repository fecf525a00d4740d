//! From the geometries of metadata to boxes.

use normalise::{Shape, shape};
use vocab::place::Bounds;

use crate::Bbox;
use crate::spatial::Rect;

/// Geometries of more parts are one box.
const MAX_PARTS: usize = 16;

/// The boxes of a geometry in WKT or GeoJSON: one for each polygon, so that what lies on both sides of the antimeridian does
/// not go around the Earth. None of what is in another reference system or not on the Earth.
pub(crate) fn rects(text: &str) -> Vec<Rect> {
    polygons(text)
        .or_else(|| Some(vec![bounds(text)?]))
        .unwrap_or_default()
        .iter()
        .filter_map(rect)
        .collect()
}

pub(crate) fn rect(bounds: &Bounds) -> Option<Rect> {
    Bbox::new(bounds.west, bounds.south, bounds.east, bounds.north)
        .ok()?
        .parts()
        .next()
}

/// The bounds of each polygon of several.
fn polygons(text: &str) -> Option<Vec<Bounds>> {
    let at = text.find("MULTIPOLYGON")?;
    let (system, polygons) = (text.get(..at)?, text.get(at + "MULTIPOLYGON".len()..)?);
    let dense: String = polygons.replace(")) ,", ")),").replace(")), ", ")),");
    let parts: Vec<&str> = dense.split(")),").take(MAX_PARTS + 1).collect();
    if parts.len() > MAX_PARTS {
        return None;
    }
    parts
        .iter()
        .map(|part| {
            bounds(&format!(
                "{system}POLYGON(({}))",
                part.trim().trim_matches(['(', ')'])
            ))
        })
        .collect()
}

fn bounds(text: &str) -> Option<Bounds> {
    match shape(text)? {
        Shape::Plane(bounds) => Some(bounds),
        Shape::Other => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spatial::Span;

    #[test]
    fn boxes_of_geometries() {
        let one = vec![Rect {
            x: Span(1.0, 3.0),
            y: Span(48.0, 50.0),
        }];
        for text in [
            "POLYGON((1 48,3 48,3 50,1 50,1 48))",
            "<http://www.opengis.net/def/crs/OGC/1.3/CRS84> POLYGON ((1 48,3 50))",
            r#"{"type":"LineString","coordinates":[[1,48],[3,50]]}"#,
            "MULTIPOLYGON(((1 48,3 48,3 50,1 48)))",
        ] {
            assert_eq!(rects(text), one, "{text}");
        }
        let fiji = "MULTIPOLYGON(((176 -21,180 -12)),((-180 -21,-178 -12)))";
        let sides: Vec<Span> = rects(fiji).iter().map(|rect| rect.x).collect();
        assert_eq!(sides, [Span(176.0, 180.0), Span(-180.0, -178.0)]);
    }

    #[test]
    fn what_is_not_on_the_earth_has_no_box() {
        for text in [
            "",
            "POLYGON((700000 6600000,800000 6700000))",
            "<http://www.opengis.net/def/crs/EPSG/0/2154> POLYGON((1 48,3 50))",
            "MULTIPOLYGON",
            "POLYGON EMPTY",
        ] {
            assert_eq!(rects(text), [], "{text}");
        }
    }
}
