//! From what was written to a filter of the index, by the queryables.

use search::{Bbox, Field, Filter, Op, Pattern, Relation, ValueKind};
use uuid::Uuid;

use super::{Expr, Property, Value};
use crate::csw::predicate::is_type;
use crate::ogc::keys_of;
use crate::ogc::params::{moment, period};
use crate::ogc::queryables::{Queryable, synonym};

pub(super) fn filter(expression: Expr, latitude_first: bool) -> Result<Filter, String> {
    let all = |list: Vec<Expr>| -> Result<Vec<Filter>, String> {
        list.into_iter()
            .map(|each| filter(each, latitude_first))
            .collect()
    };
    Ok(match expression {
        Expr::Constant(true) => Filter::All,
        Expr::Constant(false) => not(Filter::All),
        Expr::And(list) => Filter::And(all(list)?),
        Expr::Or(list) => Filter::Or(all(list)?),
        Expr::Not(inner) => not(filter(*inner, latitude_first)?),
        Expr::Compare(property, op, value) => compare(&property, op, value)?,
        Expr::Like(property, text) => like(&property, &text)?,
        Expr::Between(property, low, high) => between(&property, low, high)?,
        Expr::In(property, values) => Filter::Or(equal(&property, values)?),
        Expr::IsNull(property) => is_null(&property)?,
        Expr::Spatial(operator, property, corners) => {
            spatial(&operator, &property, corners, latitude_first)?
        }
        Expr::Temporal(operator, property, sides) => temporal(&operator, &property, &sides)?,
        Expr::Array(operator, property, values) => match operator.as_str() {
            "a_contains" => Filter::And(equal(&property, values)?),
            "a_overlaps" => Filter::Or(equal(&property, values)?),
            _ => {
                return Err(format!(
                    "`{operator}` is not offered: there are a_contains and a_overlaps"
                ));
            }
        },
    })
}

fn not(filter: Filter) -> Filter {
    Filter::Not(Box::new(filter))
}

fn named(property: &Property) -> Result<Queryable, String> {
    Queryable::named(&property.name).ok_or_else(|| {
        format!(
            "`{}` is no queryable of this catalogue: /queryables lists them",
            property.name
        )
    })
}

fn equal(property: &Property, values: Vec<Value>) -> Result<Vec<Filter>, String> {
    values
        .into_iter()
        .map(|value| compare(property, Op::Eq, value))
        .collect()
}

fn compare(property: &Property, op: Op, value: Value) -> Result<Filter, String> {
    let queryable = named(property)?;
    let match_case = !property.any_case;
    match (queryable, op) {
        (Queryable::Id, Op::Eq | Op::Ne) => {
            let Value::Text(id) = value else {
                return Err("`id` is compared with texts".to_owned());
            };
            let found = Filter::Ids(Uuid::try_parse(&id).map(keys_of).unwrap_or_default());
            Ok(if op == Op::Eq { found } else { not(found) })
        }
        (Queryable::Id, _) => Err("`id` is compared by = and <> only".to_owned()),
        (Queryable::Type, Op::Eq) => Ok(is_type(constant(Field::Type, value)?)),
        (Queryable::Type, Op::Ne) => Ok(not(is_type(constant(Field::Type, value)?))),
        (Queryable::Type, _) => Err("`type` is compared by =, <>, IN and LIKE only".to_owned()),
        (Queryable::Geometry | Queryable::Time, _) => Err(functions_only(property)),
        (Queryable::Themes | Queryable::Field(_), _) => {
            let field = queryable.field_for(match &value {
                Value::Text(text) => text,
                _ => "",
            });
            let value = constant(field, value)?;
            let on = |value: String| Filter::Compare {
                field,
                op,
                value,
                match_case,
            };
            Ok(match (synonym(field, &value), op) {
                (Some(other), Op::Eq) => Filter::Or(vec![on(value), on(other)]),
                (Some(other), Op::Ne) => Filter::And(vec![on(value), on(other)]),
                _ => on(value),
            })
        }
    }
}

/// A constant as a field compares it.
fn constant(field: Field, value: Value) -> Result<String, String> {
    let wanted = |what: &str| Err(format!("`{}` is compared with {what}", told(field)));
    match (field.kind(), value) {
        (ValueKind::Instant, Value::Text(text) | Value::Instant(text)) => {
            match moment(&text).is_some() {
                true => Ok(text),
                false => Err(format!(
                    "`{text}` is no date: write 2024-05-31 or 2024-05-31T12:00:00Z"
                )),
            }
        }
        (ValueKind::Instant, _) => wanted("DATE('…') or TIMESTAMP('…')"),
        (ValueKind::Number, Value::Number(number)) => Ok(number.to_string()),
        (ValueKind::Number, _) => wanted("numbers"),
        (_, Value::Boolean(truth)) if field == Field::Hvd => Ok(truth.to_string()),
        (_, _) if field == Field::Hvd => wanted("true or false"),
        (_, Value::Text(text)) => Ok(text),
        (_, _) => wanted("texts in quotes"),
    }
}

fn told(field: Field) -> &'static str {
    Queryable::name_of(field).unwrap_or(field.name())
}

fn like(property: &Property, text: &str) -> Result<Filter, String> {
    let parsed = |text: &str| {
        let pattern = Pattern::parse(text, '%', Some('_'), Some('\\'));
        pattern.map_err(|error| error.to_string())
    };
    let pattern = parsed(text)?;
    let on = |field| Filter::Like {
        field,
        pattern: pattern.clone(),
        match_case: !property.any_case,
    };
    match named(property)? {
        Queryable::Type => {
            // Kinds are kept under other names than records say them by.
            let of_kind = match property.any_case {
                true => parsed(&text.to_lowercase())?,
                false => pattern.clone(),
            };
            let kinds = ["dataset", "series", "service"]
                .into_iter()
                .filter(|kind| of_kind.fits(kind));
            let mut any: Vec<Filter> = kinds.map(|kind| is_type(kind.to_owned())).collect();
            any.push(on(Field::Type));
            Ok(Filter::Or(any))
        }
        Queryable::Themes => Ok(on(Field::Subject)),
        Queryable::Field(field) if matches!(field.kind(), ValueKind::Text | ValueKind::Prose) => {
            Ok(on(field))
        }
        _ => Err(format!("`{}` is no text: LIKE is for texts", property.name)),
    }
}

fn between(property: &Property, low: Value, high: Value) -> Result<Filter, String> {
    match named(property)? {
        Queryable::Field(field) => Ok(Filter::Between {
            field,
            low: constant(field, low)?,
            high: constant(field, high)?,
        }),
        _ => Err(format!(
            "`{}` has no order: BETWEEN is for numbers, dates and texts",
            property.name
        )),
    }
}

fn is_null(property: &Property) -> Result<Filter, String> {
    Ok(match named(property)? {
        Queryable::Field(field) => Filter::IsNull(field),
        Queryable::Themes => Filter::IsNull(Field::Theme),
        // All have them.
        Queryable::Id | Queryable::Type => not(Filter::All),
        Queryable::Time => Filter::And(vec![
            Filter::IsNull(Field::TemporalStart),
            Filter::IsNull(Field::TemporalEnd),
        ]),
        // What has boxes has one that is not disjoint from the world.
        Queryable::Geometry => not(Filter::Spatial {
            relation: Relation::Bbox,
            bbox: Bbox::new(-180.0, -90.0, 180.0, 90.0).map_err(|error| error.to_string())?,
        }),
    })
}

fn spatial(
    operator: &str,
    property: &Property,
    corners: [f64; 4],
    latitude_first: bool,
) -> Result<Filter, String> {
    if named(property)? != Queryable::Geometry {
        return Err(format!(
            "`{}` has no geometry: spatial functions are about `geometry`",
            property.name
        ));
    }
    let relation = match operator {
        "s_intersects" => Relation::Intersects,
        "s_within" => Relation::Within,
        "s_contains" => Relation::Contains,
        "s_disjoint" => Relation::Disjoint,
        "s_equals" => Relation::Equals,
        "s_overlaps" => Relation::Overlaps,
        "s_touches" => Relation::Touches,
        "s_crosses" => Relation::Crosses,
        _ => return Err(format!("the function `{operator}` is not offered")),
    };
    let [a, b, c, d] = corners;
    let [west, south, east, north] = match latitude_first {
        true => [b, a, d, c],
        false => corners,
    };
    let bbox = Bbox::new(west, south, east, north).map_err(|error| error.to_string())?;
    Ok(Filter::Spatial { relation, bbox })
}

/// Of the period that a record covers, or of a date.
fn temporal(operator: &str, property: &Property, sides: &[String; 2]) -> Result<Filter, String> {
    let (start, end) = match named(property)? {
        Queryable::Time => (Field::TemporalStart, Field::TemporalEnd),
        Queryable::Field(field) if field.kind() == ValueKind::Instant => (field, field),
        _ => {
            return Err(format!(
                "`{}` is no time: temporal functions are about `time` and dates",
                property.name
            ));
        }
    };
    let [from, to] = period(sides)?;
    let is = |field, op, side: &Option<String>| -> Filter {
        match side {
            Some(value) => Filter::Compare {
                field,
                op,
                value: value.clone(),
                match_case: true,
            },
            None if op == Op::Eq => Filter::IsNull(field),
            // Nothing is before the beginning or after the end of time.
            None => not(Filter::All),
        }
    };
    Ok(match operator {
        "t_intersects" => intersects([start, end], [from, to]),
        "t_disjoint" => {
            let none = Filter::And(vec![Filter::IsNull(start), Filter::IsNull(end)]);
            Filter::And(vec![not(none), not(intersects([start, end], [from, to]))])
        }
        "t_after" => is(start, Op::Gt, &to),
        "t_before" => is(end, Op::Lt, &from),
        "t_during" => Filter::And(vec![during(start, Op::Gt, &from), during(end, Op::Lt, &to)]),
        "t_equals" => Filter::And(vec![is(start, Op::Eq, &from), is(end, Op::Eq, &to)]),
        _ => {
            return Err(format!(
                "`{operator}` is not offered: there are t_intersects, t_disjoint, t_before, t_after, t_during and t_equals"
            ));
        }
    })
}

/// On the inner side of one side of a period, which may be open.
fn during(field: Field, op: Op, side: &Option<String>) -> Filter {
    match side {
        Some(value) => Filter::Compare {
            field,
            op,
            value: value.clone(),
            match_case: true,
        },
        None => not(Filter::IsNull(field)),
    }
}

/// Periods that have something in common. A record without an end has no end.
pub(in crate::ogc) fn intersects(
    [start, end]: [Field; 2],
    [from, to]: [Option<String>; 2],
) -> Filter {
    let none = Filter::And(vec![Filter::IsNull(start), Filter::IsNull(end)]);
    let mut all = vec![not(none)];
    for (field, op, side) in [(start, Op::Le, to), (end, Op::Ge, from)] {
        let Some(value) = side else { continue };
        let holds = Filter::Compare {
            field,
            op,
            value,
            match_case: true,
        };
        all.push(Filter::Or(vec![Filter::IsNull(field), holds]));
    }
    Filter::And(all)
}

fn functions_only(property: &Property) -> String {
    let (name, function) = match property.name.as_str() {
        "time" => ("time", "T_INTERSECTS"),
        _ => ("geometry", "S_INTERSECTS"),
    };
    format!("`{name}` is compared by functions only, as {function}")
}
