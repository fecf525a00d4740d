//! Predicates on queryables, whichever language they are written in.

use search::{Bbox, Field, Filter, Op, Pattern, Relation};

use super::exception::Exception;
use super::names::Queryable;

/// Dates that a pattern is written out to: `200?-10-*` is ten months.
const MOST_DATES: usize = 100;

pub(super) fn compare(
    name: &str,
    op: Op,
    value: &str,
    match_case: bool,
) -> Result<Filter, Exception> {
    let value = value.to_owned();
    Ok(match queryable(name)? {
        Queryable::Field(field) => Filter::Compare {
            field,
            op,
            value,
            match_case,
        },
        Queryable::Type => match op {
            Op::Eq => is_type(value),
            Op::Ne => Filter::Not(Box::new(is_type(value))),
            op => Filter::Compare {
                field: Field::Type,
                op,
                value,
                match_case,
            },
        },
        Queryable::Extent => return Err(spatial_only(name)),
    })
}

/// A kind of resource by its names in ISO 19115, DCAT and DCMI's types; or any other type.
pub(crate) fn is_type(value: String) -> Filter {
    let eq = |field, value: &str| Filter::Compare {
        field,
        op: Op::Eq,
        value: value.to_owned(),
        match_case: false,
    };
    let stated = eq(Field::Type, &value);
    let lower = value.to_ascii_lowercase();
    match lower.trim_start_matches("http://purl.org/dc/dcmitype/") {
        "dataset" => Filter::Or(vec![eq(Field::Kind, "dataset"), stated]),
        "series" | "datasetseries" => Filter::Or(vec![eq(Field::Kind, "series"), stated]),
        "service" | "dataservice" => Filter::Or(vec![eq(Field::Kind, "dataservice"), stated]),
        _ => stated,
    }
}

/// A pattern with its wildcards, as it is written.
pub(super) struct Like<'a> {
    pub text: &'a str,
    pub any_string: char,
    pub any_char: Option<char>,
    pub escape: Option<char>,
    pub match_case: bool,
}

pub(super) fn like(name: &str, like: &Like<'_>) -> Result<Filter, Exception> {
    let pattern = Pattern::parse(like.text, like.any_string, like.any_char, like.escape)?;
    let on = |field| Filter::Like {
        field,
        pattern: pattern.clone(),
        match_case: like.match_case,
    };
    let wild = |c: char| c == like.any_string || Some(c) == like.any_char;
    Ok(match queryable(name)? {
        Queryable::Type if !like.text.contains(wild) => is_type(like.text.to_owned()),
        Queryable::Type => Filter::Or(vec![on(Field::Kind), on(Field::Type)]),
        Queryable::Field(field) if field.kind() == search::ValueKind::Instant => {
            dates(field, like)?
        }
        Queryable::Field(field) => on(field),
        Queryable::Extent => return Err(spatial_only(name)),
    })
}

/// A pattern of dates as the dates that it can be, where it ends with one wildcard at most: `2024-*`, `200?-10-*`.
fn dates(field: Field, like: &Like<'_>) -> Result<Filter, Exception> {
    let refused = || {
        Exception::invalid(
            "constraint",
            format!(
                "`{}` is a date: compare it with PropertyIsEqualTo, PropertyIsBetween and their like",
                field.name()
            ),
        )
    };
    let stem = like.text.trim_end_matches(like.any_string);
    if stem.contains(like.any_string) {
        return Err(refused());
    }
    let stem = stem.trim_end_matches(['-', 'T', ':']);
    if stem.is_empty() {
        return Ok(Filter::Not(Box::new(Filter::IsNull(field))));
    }
    let mut found = vec![String::new()];
    for c in stem.chars() {
        let ways: Vec<char> = match Some(c) == like.any_char {
            true => ('0'..='9').collect(),
            false => vec![c],
        };
        if found.len() * ways.len() > MOST_DATES {
            return Err(refused());
        }
        found = found
            .iter()
            .flat_map(|before| ways.iter().map(move |c| format!("{before}{c}")))
            .collect();
    }
    Ok(Filter::Or(
        found
            .into_iter()
            .map(|date| Filter::eq(field, date))
            .collect(),
    ))
}

pub(super) fn between(name: &str, low: &str, high: &str) -> Result<Filter, Exception> {
    match queryable(name)? {
        Queryable::Field(field) => Ok(Filter::Between {
            field,
            low: low.to_owned(),
            high: high.to_owned(),
        }),
        Queryable::Type => Ok(Filter::Between {
            field: Field::Type,
            low: low.to_owned(),
            high: high.to_owned(),
        }),
        Queryable::Extent => Err(spatial_only(name)),
    }
}

pub(super) fn is_null(name: &str) -> Result<Filter, Exception> {
    match queryable(name)? {
        Queryable::Field(field) => Ok(Filter::IsNull(field)),
        // All have a kind.
        Queryable::Type => Ok(Filter::Not(Box::new(Filter::All))),
        // What has boxes has one that is not disjoint from the world.
        Queryable::Extent => Ok(Filter::Not(Box::new(Filter::Spatial {
            relation: Relation::Bbox,
            bbox: Bbox::new(-180.0, -90.0, 180.0, 90.0)?,
        }))),
    }
}

/// A spatial operator by its name.
pub(super) fn relation(operator: &str) -> Option<Relation> {
    Some(match operator.to_ascii_lowercase().as_str() {
        "bbox" => Relation::Bbox,
        "intersects" => Relation::Intersects,
        "within" => Relation::Within,
        "contains" => Relation::Contains,
        "disjoint" => Relation::Disjoint,
        "equals" => Relation::Equals,
        "overlaps" => Relation::Overlaps,
        "touches" => Relation::Touches,
        "crosses" => Relation::Crosses,
        _ => return None,
    })
}

/// A box of corners in the order of a reference system.
pub(super) fn spatial(
    name: &str,
    relation: Relation,
    corners: [f64; 4],
    system: Option<&str>,
) -> Result<Filter, Exception> {
    if queryable(name)? != Queryable::Extent {
        return Err(Exception::invalid(
            "constraint",
            format!("`{name}` has no geometry: spatial operators are about ows:BoundingBox"),
        ));
    }
    let [a, b, c, d] = corners;
    let [west, south, east, north] = match latitude_first(system)? {
        true => [b, a, d, c],
        false => [a, b, c, d],
    };
    Ok(Filter::Spatial {
        relation,
        bbox: Bbox::new(west, south, east, north)?,
    })
}

/// URNs and addresses of EPSG's systems have the latitude first; names of the old manner, CRS84 and silence the longitude.
pub(crate) fn latitude_first(system: Option<&str>) -> Result<bool, Exception> {
    let Some(system) = system.map(str::trim).filter(|system| !system.is_empty()) else {
        return Ok(false);
    };
    if system.to_ascii_uppercase().ends_with("CRS84") {
        return Ok(false);
    }
    match system.rsplit([':', '/', '#']).next() {
        Some("4326" | "4258" | "4171") => {
            let lower = system.to_ascii_lowercase();
            Ok(lower.starts_with("urn:") || lower.contains("/def/crs/"))
        }
        _ => Err(Exception::invalid(
            "constraint",
            format!(
                "the reference system `{system}` is not known here: give boxes in EPSG:4326 or CRS84"
            ),
        )),
    }
}

fn queryable(name: &str) -> Result<Queryable, Exception> {
    Queryable::named(name).ok_or_else(|| {
        Exception::invalid(
            "constraint",
            format!("`{name}` is no queryable of this catalogue: GetCapabilities lists them"),
        )
    })
}

fn spatial_only(name: &str) -> Exception {
    Exception::invalid(
        "constraint",
        format!("`{name}` is compared by spatial operators only, as BBOX"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_corners_is_that_of_the_reference_system() {
        for (system, first) in [
            (None, false),
            (Some("EPSG:4326"), false),
            (Some("urn:x-ogc:def:crs:EPSG:6.11:4326"), true),
            (Some("http://www.opengis.net/def/crs/EPSG/0/4326"), true),
            (Some("http://www.opengis.net/gml/srs/epsg.xml#4326"), false),
            (Some("urn:ogc:def:crs:OGC:1.3:CRS84"), false),
        ] {
            assert_eq!(latitude_first(system), Ok(first), "{system:?}");
        }
        assert!(latitude_first(Some("EPSG:2154")).is_err());
        let filter = spatial(
            "ows:BoundingBox",
            Relation::Bbox,
            [47.0, -4.5, 52.0, 1.0],
            Some("urn:ogc:def:crs:EPSG::4326"),
        );
        assert_eq!(
            filter,
            Ok(Filter::Spatial {
                relation: Relation::Bbox,
                bbox: Bbox::new(-4.5, 47.0, 1.0, 52.0).unwrap()
            })
        );
        assert!(spatial("dct:spatial", Relation::Bbox, [1.0; 4], None).is_err());
    }

    #[test]
    fn patterns_of_dates_are_the_dates_that_they_can_be() {
        let of = |text| {
            like(
                "dc:date",
                &Like {
                    text,
                    any_string: '*',
                    any_char: Some('?'),
                    escape: Some('\\'),
                    match_case: false,
                },
            )
        };
        let Ok(Filter::Or(all)) = of("200?-10-*") else {
            panic!("no alternatives")
        };
        assert_eq!(all.len(), 10);
        assert_eq!(all[3], Filter::eq(Field::Modified, "2003-10"));
        assert!(of("*-10").is_err());
        assert!(of("????-??-??").is_err());
    }
}
