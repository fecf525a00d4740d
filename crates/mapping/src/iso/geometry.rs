//! Boxes and polygons as WKT in longitude and latitude (CRS84).

use super::Element;

/// Numbers of a geometry that are read: 50,000 points.
const MAX_NUMBERS: usize = 100_000;

/// A box in degrees, CRS84.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bounds {
    west: f64,
    south: f64,
    east: f64,
    north: f64,
}

impl Bounds {
    /// Reads west, south, east and north; says `true` when bounds were swapped.
    ///
    /// West of which east lies at less than half a turn is the wrong way round; a box over the antimeridian is less than
    /// half a turn wide, so its west exceeds its east by more than that.
    pub fn read(sides: &[&str]) -> Result<(Self, bool), String> {
        let mut numbers = [0.0; 4];
        for (side, number) in sides.iter().zip(&mut numbers) {
            *number = decimal(side).ok_or_else(|| format!("`{side}` is no number of degrees"))?;
        }
        let [mut west, mut south, mut east, mut north] = numbers;
        if [south, north].iter().any(|latitude| latitude.abs() > 90.0)
            || [west, east].iter().any(|longitude| longitude.abs() > 180.0)
        {
            return Err("the bounds are beyond the degrees of the Earth".into());
        }
        if numbers.iter().all(|number| *number == 0.0) {
            return Err("the bounds are all zero".into());
        }
        let mut swapped = false;
        if south > north {
            std::mem::swap(&mut south, &mut north);
            swapped = true;
        }
        if west > east && west - east <= 180.0 {
            std::mem::swap(&mut west, &mut east);
            swapped = true;
        }
        Ok((
            Self {
                west,
                south,
                east,
                north,
            },
            swapped,
        ))
    }

    pub fn is_point(self) -> bool {
        self.west == self.east && self.south == self.north
    }

    pub fn wkt(self) -> String {
        let Self {
            west,
            south,
            east,
            north,
        } = self;
        let ring = |west: f64, east: f64| {
            format!(
                "(({west} {south},{east} {south},{east} {north},{west} {north},{west} {south}))"
            )
        };
        if self.is_point() {
            format!("POINT({west} {south})")
        } else if west > east {
            // Over the antimeridian, where RFC 7946 and WKT readers want the box cut.
            format!("MULTIPOLYGON({},{})", ring(west, 180.0), ring(-180.0, east))
        } else {
            format!("POLYGON{}", ring(west, east))
        }
    }
}

fn decimal(text: &str) -> Option<f64> {
    let text = text.trim().trim_end_matches(['°', ' ']);
    let number: f64 = text.replace(',', ".").parse().ok()?;
    // No negative zero.
    number.is_finite().then_some(number + 0.0)
}

/// The rings of each polygon in a GML geometry, as in WKT: `(x y,...),(x y,...)`.
pub(crate) fn polygon_rings(geometry: Element<'_>) -> Option<Vec<String>> {
    let mut found = Vec::new();
    let mut budget = MAX_NUMBERS;
    gather(
        geometry,
        geometry.attribute("srsName"),
        &mut found,
        &mut budget,
        0,
    )?;
    (!found.is_empty()).then_some(found)
}

fn gather(
    geometry: Element<'_>,
    system: Option<&str>,
    found: &mut Vec<String>,
    budget: &mut usize,
    depth: u8,
) -> Option<()> {
    let system = geometry.attribute("srsName").or(system);
    if geometry.name() == "Polygon" || geometry.name() == "PolygonPatch" {
        let boundaries = geometry.children().filter(|child| {
            matches!(
                child.name(),
                "exterior" | "interior" | "outerBoundaryIs" | "innerBoundaryIs"
            )
        });
        let rings: Option<Vec<String>> = boundaries
            .map(|boundary| ring(boundary.object()?, system, budget))
            .collect();
        found.push(rings.filter(|rings| !rings.is_empty())?.join(","));
        return Some(());
    }
    if depth < 8 {
        geometry
            .children()
            .try_for_each(|child| gather(child, system, found, budget, depth + 1))?;
    }
    Some(())
}

fn ring(ring: Element<'_>, system: Option<&str>, budget: &mut usize) -> Option<String> {
    let mut numbers: Vec<f64> = Vec::new();
    let mut pairs_of_text = false;
    for child in ring.children() {
        match child.name() {
            "posList" | "pos" => numbers.extend(
                child
                    .text()
                    .split_whitespace()
                    .take(*budget)
                    .map_while(decimal),
            ),
            "coordinates" => {
                pairs_of_text = true;
                numbers.extend(
                    child
                        .text()
                        .split([' ', ',', '\n', '\t'])
                        .filter(|text| !text.is_empty())
                        .take(*budget)
                        .map_while(decimal),
                );
            }
            _ => {}
        }
    }
    *budget = budget.checked_sub(numbers.len())?;
    let three = ring
        .children()
        .any(|child| child.attribute("srsDimension") == Some("3"));
    let points: Vec<&[f64]> = numbers.chunks_exact(if three { 3 } else { 2 }).collect();
    if points.len() < 4 {
        return None;
    }
    let latitude_first = !pairs_of_text
        && system.is_some_and(|system| {
            system.contains("4326") || system.contains("4258") || system.contains("4171")
        })
        && system.is_some_and(|system| system.contains("def") || system.starts_with("urn:"));
    let mut wkt = String::from("(");
    for (at, point) in points.iter().enumerate() {
        let (x, y) = if latitude_first {
            (point.get(1)?, point.first()?)
        } else {
            (point.first()?, point.get(1)?)
        };
        if x.abs() > 180.0 || y.abs() > 90.0 {
            return None;
        }
        if at > 0 {
            wkt.push(',');
        }
        wkt.push_str(&format!("{x} {y}"));
    }
    wkt.push(')');
    Some(wkt)
}

#[cfg(test)]
mod tests {
    use super::super::tree::Tree;
    use super::*;

    fn bounds(west: &str, south: &str, east: &str, north: &str) -> Result<(String, bool), String> {
        Bounds::read(&[west, south, east, north]).map(|(bounds, swapped)| (bounds.wkt(), swapped))
    }

    #[test]
    fn boxes() {
        assert_eq!(
            bounds("2.2", "48.8", "2.5", "48.9"),
            Ok((
                "POLYGON((2.2 48.8,2.5 48.8,2.5 48.9,2.2 48.9,2.2 48.8))".into(),
                false
            ))
        );
        assert_eq!(
            bounds("2.5", "48.9", "2,2", "48.8")
                .map(|(wkt, swapped)| (wkt.contains("2.2 48.8,2.5"), swapped)),
            Ok((true, true))
        );
        assert_eq!(bounds("1", "2", "1", "2"), Ok(("POINT(1 2)".into(), false)));
    }

    #[test]
    fn a_box_over_the_antimeridian_is_not_swapped() {
        let (wkt, swapped) = bounds("177", "-20", "-178", "-12").unwrap();
        assert!(!swapped);
        assert_eq!(
            wkt,
            "MULTIPOLYGON(((177 -20,180 -20,180 -12,177 -12,177 -20)),((-180 -20,-178 -20,-178 -12,-180 -12,-180 -20)))"
        );
    }

    #[test]
    fn projected_and_empty_coordinates_are_refused() {
        for sides in [
            ["648000", "6860000", "655000", "6866000"],
            ["0", "0", "0", "0"],
            ["a", "1", "2", "3"],
            ["NaN", "1", "2", "3"],
            ["", "1", "2", "3"],
        ] {
            assert!(Bounds::read(&sides).is_err(), "{sides:?}");
        }
    }

    #[test]
    fn polygons_of_both_gml_manners() {
        let new = r#"<Polygon srsName="urn:ogc:def:crs:EPSG::4326"><exterior><LinearRing><posList>48 2 48 3 49 3 48 2</posList></LinearRing></exterior></Polygon>"#;
        let old = r#"<MultiSurface><surfaceMember><Polygon><outerBoundaryIs><LinearRing><coordinates>2,48 3,48 3,49 2,48</coordinates></LinearRing></outerBoundaryIs></Polygon></surfaceMember></MultiSurface>"#;
        for xml in [new, old] {
            let tree = Tree::parse(xml.as_bytes()).unwrap();
            assert_eq!(
                polygon_rings(tree.root()),
                Some(vec!["(2 48,3 48,3 49,2 48)".to_owned()]),
                "{xml}"
            );
        }
        let metres = Tree::parse(b"<Polygon><exterior><LinearRing><posList>1000 2000 1000 3000 3000 3000 1000 2000</posList></LinearRing></exterior></Polygon>").unwrap();
        assert_eq!(polygon_rings(metres.root()), None);
    }
}
