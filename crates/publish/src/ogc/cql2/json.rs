//! CQL2 as JSON.

use search::Op;
use serde_json::Value as Json;

use super::{Expr, MAX_DEPTH, MAX_PARTS, Property, Value, box_of, corners, turned};

/// JSON nested deeper than a hundred levels is refused by the parser.
pub(super) fn read(text: &str) -> Result<Expr, String> {
    let json: Json =
        serde_json::from_str(text).map_err(|error| format!("the filter is no JSON: {error}"))?;
    expression(&json, 1)
}

fn expression(json: &Json, depth: usize) -> Result<Expr, String> {
    if depth > MAX_DEPTH {
        return Err(format!(
            "the filter is nested deeper than {MAX_DEPTH} levels"
        ));
    }
    if let Json::Bool(constant) = json {
        return Ok(Expr::Constant(*constant));
    }
    let (op, args) = operation(json).ok_or("an object with `op` and `args` was expected")?;
    let op = op.to_ascii_lowercase();
    let all = || -> Result<Vec<Expr>, String> {
        args.iter().map(|arg| expression(arg, depth + 1)).collect()
    };
    let several = args.len() > 1 && args.len() <= MAX_PARTS;
    match (op.as_str(), args.as_slice()) {
        ("and", _) if several => Ok(Expr::And(all()?)),
        ("or", _) if several => Ok(Expr::Or(all()?)),
        ("not", [one]) => Ok(Expr::Not(Box::new(expression(one, depth + 1)?))),
        ("isnull", [one]) => Ok(Expr::IsNull(property(one)?)),
        ("like", [one, pattern]) => match value(pattern)? {
            Value::Text(text) => Ok(Expr::Like(property(one)?, text)),
            _ => Err("like wants a text".to_owned()),
        },
        ("between", [one, low, high]) => {
            Ok(Expr::Between(property(one)?, value(low)?, value(high)?))
        }
        ("in", [one, list]) => Ok(Expr::In(property(one)?, values(list)?)),
        ("and" | "or" | "not" | "isnull" | "like" | "between" | "in", _) => {
            Err(format!("`{op}` does not have the arguments that it needs"))
        }
        (_, [one, other]) => binary(op, one, other),
        _ => Err(format!("the operator `{op}` is not offered")),
    }
}

fn binary(op: String, one: &Json, other: &Json) -> Result<Expr, String> {
    let comparison = match op.as_str() {
        "=" => Some(Op::Eq),
        "<>" => Some(Op::Ne),
        "<" => Some(Op::Lt),
        "<=" => Some(Op::Le),
        ">" => Some(Op::Gt),
        ">=" => Some(Op::Ge),
        _ => None,
    };
    if let Some(comparison) = comparison {
        return match property(one) {
            Ok(property) => Ok(Expr::Compare(property, comparison, value(other)?)),
            Err(_) => Ok(Expr::Compare(
                property(other)?,
                turned(comparison),
                value(one)?,
            )),
        };
    }
    match op.get(..2) {
        Some("s_") => Ok(Expr::Spatial(op, property(one)?, geometry(other)?)),
        Some("t_") => Ok(Expr::Temporal(op, property(one)?, period(other)?)),
        Some("a_") => Ok(Expr::Array(op, property(one)?, values(other)?)),
        _ => Err(format!("the operator `{op}` is not offered")),
    }
}

fn operation(json: &Json) -> Option<(&str, &Vec<Json>)> {
    Some((json.get("op")?.as_str()?, json.get("args")?.as_array()?))
}

fn property(json: &Json) -> Result<Property, String> {
    let (mut json, mut any_case) = (json, false);
    // As often as the parser lets it be nested.
    while let Some(("casei", args)) = operation(json) {
        json = args.first().ok_or("casei lacks its argument")?;
        any_case = true;
    }
    let name = json.get("property").and_then(Json::as_str);
    name.map(|name| Property {
        name: name.to_owned(),
        any_case,
    })
    .ok_or_else(|| "an object with `property` was expected".to_owned())
}

fn value(json: &Json) -> Result<Value, String> {
    let mut json = json;
    while let Some(("casei", args)) = operation(json) {
        json = args.first().ok_or("casei lacks its argument")?;
    }
    match json {
        Json::String(text) => Ok(Value::Text(text.clone())),
        Json::Bool(truth) => Ok(Value::Boolean(*truth)),
        Json::Number(number) => number
            .as_f64()
            .map(Value::Number)
            .ok_or_else(|| "a number is too large".to_owned()),
        other => instant(other)
            .map(Value::Instant)
            .ok_or_else(|| "a constant was expected".to_owned()),
    }
}

fn values(json: &Json) -> Result<Vec<Value>, String> {
    let list = json.as_array().ok_or("a list was expected")?;
    if list.len() > MAX_PARTS {
        return Err(format!("a list has more than {MAX_PARTS} values"));
    }
    list.iter().map(value).collect()
}

fn instant(json: &Json) -> Option<String> {
    let stated = json.get("date").or_else(|| json.get("timestamp"));
    stated?.as_str().map(str::to_owned)
}

fn period(json: &Json) -> Result<[String; 2], String> {
    if let Some(at) = instant(json) {
        return Ok([at.clone(), at]);
    }
    let side = |side: &Json| side.as_str().map(str::to_owned).or_else(|| instant(side));
    match json
        .get("interval")
        .and_then(Json::as_array)
        .map(Vec::as_slice)
    {
        Some([start, end]) => match (side(start), side(end)) {
            (Some(start), Some(end)) => Ok([start, end]),
            _ => Err("an interval has two dates, or `..` for an open end".to_owned()),
        },
        _ => Err("`date`, `timestamp` or `interval` was expected".to_owned()),
    }
}

fn geometry(json: &Json) -> Result<[f64; 4], String> {
    let wrong = || "a geometry of GeoJSON or `bbox` was expected".to_owned();
    if let Some(list) = json.get("bbox").and_then(Json::as_array) {
        let numbers: Option<Vec<f64>> = list.iter().map(Json::as_f64).collect();
        return numbers
            .and_then(|numbers| box_of(&numbers))
            .ok_or_else(wrong);
    }
    let mut positions = Vec::new();
    match json.get("geometries").and_then(Json::as_array) {
        Some(parts) => {
            for part in parts {
                gather(part.get("coordinates").ok_or_else(wrong)?, &mut positions)?;
            }
        }
        None => gather(json.get("coordinates").ok_or_else(wrong)?, &mut positions)?,
    }
    corners(positions.into_iter()).ok_or_else(wrong)
}

/// The positions of lists in lists, as deep as the parser lets them be.
fn gather(json: &Json, positions: &mut Vec<(f64, f64)>) -> Result<(), String> {
    let list = json.as_array().ok_or("coordinates are lists of numbers")?;
    let numbers: Vec<f64> = list.iter().filter_map(Json::as_f64).collect();
    match numbers.as_slice() {
        [] => list.iter().try_for_each(|part| gather(part, positions)),
        [x, y, ..] if numbers.len() == list.len() => {
            positions.push((*x, *y));
            Ok(())
        }
        _ => Err("a position has two numbers at least".to_owned()),
    }
}
