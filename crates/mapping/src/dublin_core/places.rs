//! `ows:BoundingBox`: two corners, in an order of axes that servers do not agree upon.

/// West, south, east and north of two corners. `None` where they are no numbers.
///
/// pycsw writes latitude first where the system is EPSG's in the manner of URNs, as the standard has it; plain `EPSG:4326`,
/// CRS84, `WGS84BoundingBox` and no system at all have longitude first. GeoNetwork writes longitude first whatever the system
/// that it names (which is the dataset's, not that of the box), and the eastern bound where the western one belongs: so a
/// lower corner that lies east of the upper one is its.
pub(super) fn corners(lower: &str, upper: &str, system: &str) -> Option<[f64; 4]> {
    let (a, b) = pair(lower)?;
    let (c, d) = pair(upper)?;
    let geonetwork = a > c && b < d;
    let mut latitude_first = latitude_first(system) && !geonetwork;
    // What is beyond a pole is a longitude.
    if !latitude_first && !fits(a, b, c, d) && fits(b, a, d, c) {
        latitude_first = true;
    }
    let (west, south, east, north) = if latitude_first {
        (b, a, d, c)
    } else if geonetwork {
        (c, b, a, d)
    } else {
        (a, b, c, d)
    };
    Some([west, south, east, north])
}

fn fits(west: f64, south: f64, east: f64, north: f64) -> bool {
    west.abs() <= 180.0 && east.abs() <= 180.0 && south.abs() <= 90.0 && north.abs() <= 90.0
}

fn latitude_first(system: &str) -> bool {
    let geographic = ["4326", "4258", "4171", "4979"];
    let manner = system.starts_with("urn:") || system.contains("/def/crs/");
    manner
        && !system.contains("CRS84")
        && geographic.iter().any(|code| {
            system
                .rsplit([':', '/'])
                .next()
                .is_some_and(|last| last == *code)
        })
}

fn pair(text: &str) -> Option<(f64, f64)> {
    let mut numbers = text
        .split([' ', ',', '\n', '\t'])
        .filter(|number| !number.is_empty())
        .map(|number| {
            number
                .parse::<f64>()
                .ok()
                .filter(|number| number.is_finite())
        });
    let first = numbers.next()??;
    let second = numbers.next()??;
    numbers.next().is_none().then_some((first, second))
}

#[cfg(test)]
mod tests {
    use super::corners;

    #[test]
    fn axes_are_put_in_order() {
        let box_of = corners;
        let somme = Some([1.4, 49.5, 3.2, 50.3]);
        for (lower, upper, system) in [
            ("49.5 1.4", "50.3 3.2", "urn:x-ogc:def:crs:EPSG:6.11:4326"),
            (
                "49.5 1.4",
                "50.3 3.2",
                "http://www.opengis.net/def/crs/EPSG/0/4326",
            ),
            ("1.4 49.5", "3.2 50.3", "EPSG:4326"),
            ("1.4 49.5", "3.2 50.3", ""),
            ("1.4,49.5", "3.2,50.3", "urn:ogc:def:crs:OGC:1.3:CRS84"),
            // GeoNetwork: east first, in whatever system.
            (
                "3.2 49.5",
                "1.4 50.3",
                "urn:ogc:def:crs:EPSG::RGF93 / Lambert-93",
            ),
            ("3.2 49.5", "1.4 50.3", "urn:ogc:def:crs:EPSG::4326"),
        ] {
            assert_eq!(
                box_of(lower, upper, system),
                somme,
                "{lower} {upper} {system}"
            );
        }
        // Beyond a pole.
        assert_eq!(
            box_of("-20 160", "-10 170", "EPSG:4326"),
            Some([160.0, -20.0, 170.0, -10.0])
        );
        for broken in ["1", "1 2 3", "a b", "", "NaN 1", "inf 2"] {
            assert_eq!(box_of(broken, "3 4", ""), None);
        }
    }
}
