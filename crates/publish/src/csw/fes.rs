//! OGC Filter Encoding 1.1 (04-095) to the filters of the index.

use search::{Filter, Op};

use super::exception::Exception;
use super::predicate::{self, Like};
use super::tree::Element;

const OGC: &str = "http://www.opengis.net/ogc";

/// `ogc:Filter`.
pub(super) fn filter(element: &Element) -> Result<Filter, Exception> {
    if element.name != "Filter" || element.namespace != OGC {
        return Err(Exception::unreadable(format!(
            "the constraint has `{}` of the name space `{}` where `Filter` of `{OGC}` was expected",
            element.name, element.namespace
        )));
    }
    let mut parts = element.children.iter();
    match (parts.next(), parts.next()) {
        (None, _) => Ok(Filter::All),
        (Some(one), None) => expression(one),
        _ => element
            .children
            .iter()
            .map(expression)
            .collect::<Result<Vec<_>, _>>()
            .map(|all| {
                // Several identifiers stand beside each other: any of them.
                Filter::Or(all)
            }),
    }
}

/// The tree of a request is not deep, and the index refuses filters that are: recursion has an end.
fn expression(element: &Element) -> Result<Filter, Exception> {
    let all = || {
        element
            .children
            .iter()
            .map(expression)
            .collect::<Result<Vec<_>, _>>()
    };
    match element.name.as_str() {
        "And" => all().map(Filter::And),
        "Or" => all().map(Filter::Or),
        "Not" => {
            let inner = element
                .children
                .first()
                .ok_or_else(|| lacks(element, "an operand"))?;
            Ok(Filter::Not(Box::new(expression(inner)?)))
        }
        "PropertyIsEqualTo" => comparison(element, Op::Eq),
        "PropertyIsNotEqualTo" => comparison(element, Op::Ne),
        "PropertyIsLessThan" => comparison(element, Op::Lt),
        "PropertyIsLessThanOrEqualTo" => comparison(element, Op::Le),
        "PropertyIsGreaterThan" => comparison(element, Op::Gt),
        "PropertyIsGreaterThanOrEqualTo" => comparison(element, Op::Ge),
        "PropertyIsLike" => like(element),
        "PropertyIsNull" => predicate::is_null(property(element)?),
        "PropertyIsBetween" => {
            let bound = |name: &str| -> Result<&str, Exception> {
                let bound = element.child(name).ok_or_else(|| lacks(element, name))?;
                bound
                    .child("Literal")
                    .map(Element::value)
                    .ok_or_else(|| lacks(bound, "a Literal"))
            };
            predicate::between(
                property(element)?,
                bound("LowerBoundary")?,
                bound("UpperBoundary")?,
            )
        }
        "FeatureId" | "GmlObjectId" => {
            let id = element
                .attribute("fid")
                .or(element.attribute("gml:id"))
                .ok_or_else(|| lacks(element, "an identifier"))?;
            predicate::compare("dc:identifier", Op::Eq, id, true)
        }
        operator => match predicate::relation(operator) {
            Some(relation) => {
                let geometry = element
                    .children
                    .iter()
                    .find(|child| child.name != "PropertyName")
                    .ok_or_else(|| lacks(element, "a geometry"))?;
                let (corners, system) = corners(geometry)?;
                predicate::spatial(property(element)?, relation, corners, system)
            }
            None => Err(Exception::invalid(
                "constraint",
                format!("the operator `{operator}` is not offered: GetCapabilities lists them"),
            )),
        },
    }
}

fn comparison(element: &Element, op: Op) -> Result<Filter, Exception> {
    let match_case = element.attribute("matchCase") != Some("false");
    predicate::compare(property(element)?, op, literal(element)?, match_case)
}

/// Without regard to case, unless the request says otherwise: so do the catalogues that people know.
fn like(element: &Element) -> Result<Filter, Exception> {
    let character = |names: &[&str]| {
        names
            .iter()
            .find_map(|name| element.attribute(name))
            .and_then(|text| text.chars().next())
    };
    let Some(any_string) = character(&["wildCard"]) else {
        return Err(lacks(element, "the attribute wildCard"));
    };
    predicate::like(
        property(element)?,
        &Like {
            text: literal(element)?,
            any_string,
            any_char: character(&["singleChar"]),
            escape: character(&["escapeChar", "escape"]),
            match_case: element.attribute("matchCase") == Some("true"),
        },
    )
}

fn property(element: &Element) -> Result<&str, Exception> {
    element
        .child("PropertyName")
        .map(Element::value)
        .filter(|name| !name.is_empty())
        .ok_or_else(|| lacks(element, "a PropertyName"))
}

fn literal(element: &Element) -> Result<&str, Exception> {
    if element.child("Function").is_some() {
        return Err(Exception::invalid(
            "constraint",
            "functions are not offered in filters",
        ));
    }
    element
        .child("Literal")
        .map(Element::value)
        .ok_or_else(|| lacks(element, "a Literal"))
}

fn lacks(element: &Element, what: &str) -> Exception {
    Exception::invalid("constraint", format!("`{}` lacks {what}", element.name))
}

/// The corners of the box around a geometry of GML, as they are written, and its reference system.
fn corners(geometry: &Element) -> Result<([f64; 4], Option<&str>), Exception> {
    let system = geometry.attribute("srsName").or_else(|| {
        geometry
            .children
            .iter()
            .find_map(|child| child.attribute("srsName"))
    });
    let mut numbers = Vec::new();
    coordinates(geometry, &mut numbers);
    let mut points = numbers.chunks_exact(2);
    let [x, y] = points
        .next()
        .and_then(|point| <[f64; 2]>::try_from(point).ok())
        .ok_or_else(|| lacks(geometry, "coordinates"))?;
    let mut corners = [x, y, x, y];
    if geometry.name == "Envelope" || geometry.name == "Box" {
        // Over the antimeridian, the first corner is east of the second.
        let last = points
            .next_back()
            .and_then(|point| <[f64; 2]>::try_from(point).ok());
        let [x, y] = last.ok_or_else(|| lacks(geometry, "two corners"))?;
        return Ok(([corners[0], corners[1], x, y], system));
    }
    for point in points {
        if let [x, y] = point {
            corners = [
                corners[0].min(*x),
                corners[1].min(*y),
                corners[2].max(*x),
                corners[3].max(*y),
            ];
        }
    }
    Ok((corners, system))
}

fn coordinates(element: &Element, into: &mut Vec<f64>) {
    if matches!(
        element.name.as_str(),
        "lowerCorner" | "upperCorner" | "pos" | "posList" | "coordinates"
    ) {
        let numbers = element.text.split(|c: char| c.is_whitespace() || c == ',');
        into.extend(
            numbers
                .filter_map(|number| number.parse::<f64>().ok())
                .filter(|number| number.is_finite()),
        );
    }
    for child in &element.children {
        coordinates(child, into);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use search::{Bbox, Field, Relation};

    fn read(inside: &str) -> Result<Filter, Exception> {
        let xml = format!(
            "<ogc:Filter xmlns:ogc='{OGC}' xmlns:gml='http://www.opengis.net/gml'>{inside}</ogc:Filter>"
        );
        filter(&Element::parse(&xml).unwrap())
    }

    #[test]
    fn operators_in_each_other() {
        let filter = read(
            "<ogc:And><ogc:Not><ogc:PropertyIsEqualTo matchCase='false'><ogc:PropertyName>dc:title</ogc:PropertyName><ogc:Literal>Haies</ogc:Literal></ogc:PropertyIsEqualTo></ogc:Not>\
             <ogc:BBOX><ogc:PropertyName>ows:BoundingBox</ogc:PropertyName><gml:Envelope srsName='EPSG:4326'><gml:lowerCorner>1 45</gml:lowerCorner><gml:upperCorner>2 46</gml:upperCorner></gml:Envelope></ogc:BBOX></ogc:And>",
        );
        let bbox = Bbox::new(1.0, 45.0, 2.0, 46.0).unwrap();
        assert_eq!(
            filter,
            Ok(Filter::And(vec![
                Filter::Not(Box::new(Filter::Compare {
                    field: Field::Title,
                    op: Op::Eq,
                    value: "Haies".into(),
                    match_case: false
                })),
                Filter::Spatial {
                    relation: Relation::Bbox,
                    bbox
                },
            ]))
        );
    }

    #[test]
    fn a_polygon_is_the_box_around_it() {
        let polygon = "<gml:Polygon><gml:exterior><gml:LinearRing><gml:posList>1 45 3 44 2 47 1 45</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon>";
        let filter = read(&format!(
            "<ogc:Intersects><ogc:PropertyName>apiso:BoundingBox</ogc:PropertyName>{polygon}</ogc:Intersects>"
        ));
        let bbox = Bbox::new(1.0, 44.0, 3.0, 47.0).unwrap();
        assert_eq!(
            filter,
            Ok(Filter::Spatial {
                relation: Relation::Intersects,
                bbox
            })
        );
    }

    #[test]
    fn what_is_no_filter_says_why() {
        for inside in [
            "<ogc:PropertyIsEqualTo/>",
            "<ogc:PropertyIsEqualTo><ogc:PropertyName>dc:title</ogc:PropertyName><ogc:Function name='f'/></ogc:PropertyIsEqualTo>",
            "<ogc:PropertyIsEqualTo><ogc:PropertyName>nom</ogc:PropertyName><ogc:Literal>x</ogc:Literal></ogc:PropertyIsEqualTo>",
            "<ogc:PropertyIsLike><ogc:PropertyName>dc:title</ogc:PropertyName><ogc:Literal>x</ogc:Literal></ogc:PropertyIsLike>",
            "<ogc:Not/>",
            "<ogc:DWithin><ogc:PropertyName>ows:BoundingBox</ogc:PropertyName></ogc:DWithin>",
            "<ogc:BBOX><ogc:PropertyName>ows:BoundingBox</ogc:PropertyName></ogc:BBOX>",
            "<ogc:BBOX><ogc:PropertyName>ows:BoundingBox</ogc:PropertyName><gml:Envelope><gml:lowerCorner>a b</gml:lowerCorner></gml:Envelope></ogc:BBOX>",
        ] {
            assert!(read(inside).is_err(), "{inside}");
        }
        assert!(filter(&Element::parse("<Filter xmlns='urn:x'/>").unwrap()).is_err());
        assert_eq!(read(""), Ok(Filter::All));
    }
}
