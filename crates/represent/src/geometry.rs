//! WKT in longitude and latitude, read as far as records need it.

/// Bytes of a geometry that are read: what is longer is no extent.
const LONGEST: usize = 400_000;

/// West, south, east and north.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    pub west: f64,
    pub south: f64,
    pub east: f64,
    pub north: f64,
}

impl Bounds {
    pub fn of(wkt: &str) -> Option<Self> {
        let polygons = polygons(wkt)?;
        if let [first, second] = polygons.as_slice()
            && let (Some(a), Some(b)) = (envelope(first), envelope(second))
        {
            // A box over the antimeridian: two that meet there.
            for (a, b) in [(a, b), (b, a)] {
                if a.east == 180.0 && b.west == -180.0 && a.south == b.south && a.north == b.north {
                    return Some(Self { east: b.east, ..a });
                }
            }
        }
        polygons
            .iter()
            .filter_map(|polygon| envelope(polygon))
            .reduce(|a, b| Self {
                west: a.west.min(b.west),
                south: a.south.min(b.south),
                east: a.east.max(b.east),
                north: a.north.max(b.north),
            })
    }
}

type Ring = Vec<(f64, f64)>;

/// The rings of each polygon; a point is a ring of one.
pub(crate) fn polygons(wkt: &str) -> Option<Vec<Vec<Ring>>> {
    if wkt.len() > LONGEST {
        return None;
    }
    // A reference system may stand before it: those of the store are in CRS84.
    let wkt = wkt.trim();
    let wkt = match wkt.strip_prefix('<') {
        Some(rest) => rest.split_once('>').map(|(_, wkt)| wkt.trim())?,
        None => wkt,
    };
    let at = wkt.find('(')?;
    let (kind, body) = wkt.split_at(at);
    let body = body.trim().strip_prefix('(')?.strip_suffix(')')?;
    match kind.trim().to_ascii_uppercase().as_str() {
        "POINT" => Some(vec![vec![vec![point(body)?]]]),
        "POLYGON" => Some(vec![rings(body)?]),
        "MULTIPOLYGON" => groups(body)
            .map(|polygon| rings(polygon?))
            .collect::<Option<Vec<_>>>(),
        _ => None,
    }
}

fn rings(body: &str) -> Option<Vec<Ring>> {
    groups(body)
        .map(|ring| ring?.split(',').map(point).collect::<Option<Ring>>())
        .collect()
}

/// What stands in the parentheses of the first level.
fn groups(body: &str) -> impl Iterator<Item = Option<&str>> {
    let mut rest = body;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches([',', ' ', '\n', '\t']);
        if rest.is_empty() {
            return None;
        }
        let mut depth = 0_usize;
        for (at, c) in rest.char_indices() {
            match c {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                let (group, after) = rest.split_at(at + c.len_utf8());
                rest = after;
                return Some(
                    group
                        .strip_prefix('(')
                        .and_then(|group| group.strip_suffix(')')),
                );
            }
        }
        rest = "";
        Some(None)
    })
}

fn point(text: &str) -> Option<(f64, f64)> {
    let mut numbers = text
        .split_whitespace()
        .map(|number| number.parse::<f64>().ok());
    let (x, y) = (numbers.next()??, numbers.next()??);
    (x.is_finite() && y.is_finite() && x.abs() <= 180.0 && y.abs() <= 90.0).then_some((x, y))
}

fn envelope(rings: &[Ring]) -> Option<Bounds> {
    rings
        .first()?
        .iter()
        .fold(None, |bounds: Option<Bounds>, &(x, y)| {
            Some(match bounds {
                None => Bounds {
                    west: x,
                    south: y,
                    east: x,
                    north: y,
                },
                Some(known) => Bounds {
                    west: known.west.min(x),
                    south: known.south.min(y),
                    east: known.east.max(x),
                    north: known.north.max(y),
                },
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds(wkt: &str) -> Option<[f64; 4]> {
        Bounds::of(wkt).map(|b| [b.west, b.south, b.east, b.north])
    }

    #[test]
    fn boxes_of_what_the_store_has() {
        assert_eq!(
            bounds("POLYGON((2 48,3 48,3 49,2 49,2 48))"),
            Some([2.0, 48.0, 3.0, 49.0])
        );
        assert_eq!(bounds("POINT(2.5 48)"), Some([2.5, 48.0, 2.5, 48.0]));
        assert_eq!(
            bounds(
                "MULTIPOLYGON(((177 -20,180 -20,180 -10,177 -10,177 -20)),((-180 -20,-178 -20,-178 -10,-180 -10,-180 -20)))"
            ),
            Some([177.0, -20.0, -178.0, -10.0])
        );
        assert_eq!(
            bounds(
                "<http://www.opengis.net/def/crs/OGC/1.3/CRS84> MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((5 5, 6 5, 6 6, 5 5)))"
            ),
            Some([0.0, 0.0, 6.0, 6.0])
        );
    }

    #[test]
    fn what_is_no_geometry_has_no_bounds() {
        for wkt in [
            "",
            "POLYGON",
            "POLYGON((",
            "POLYGON((a b))",
            "POLYGON(()",
            "POINT(1)",
            "POINT(400 0)",
            "LINESTRING(1 2,3 4)",
            "MULTIPOLYGON((1 2))",
            ")(",
            "POINT(NaN 1)",
        ] {
            assert_eq!(bounds(wkt), None, "{wkt}");
        }
    }
}
