//! Numbers: sizes and resolutions.

use model::Severity;
use model::ns::dcat;
use oxrdf::vocab::xsd;
use oxrdf::{Literal, NamedNodeRef, Term};

use crate::canonical::canonical;
use crate::desk::{Desk, is_void, note, subject_of};

pub fn resolve(desk: &mut Desk<'_>) {
    each(desk, dcat::BYTE_SIZE, "size in bytes", bytes);
    each(
        desk,
        dcat::SPATIAL_RESOLUTION_IN_METERS,
        "number of metres",
        metres,
    );
}

/// A literal, and whether the value was written in another way.
type Read = Option<(Literal, bool)>;

fn each(desk: &mut Desk<'_>, predicate: NamedNodeRef<'_>, what: &str, read: fn(&str) -> Read) {
    for triple in desk.take_literals(&[predicate]) {
        let Term::Literal(literal) = triple.object.clone() else {
            continue;
        };
        let value = literal.value();
        let subject = subject_of(&triple).to_owned();
        match read(value.trim()) {
            Some((number, rewritten)) => {
                if rewritten {
                    desk.find(
                        note(
                            "number/repaired",
                            Severity::Info,
                            format!("read as {}", number.value()),
                            "give the number in digits, without a unit",
                        ),
                        &subject,
                        predicate,
                        value,
                    );
                }
                desk.put(triple, number);
            }
            None if is_void(value) => {}
            None => desk.find(
                note(
                    "number/unreadable",
                    Severity::Warning,
                    format!("the value is no {what}: it was left out"),
                    "give the number in digits, without a unit",
                ),
                &subject,
                predicate,
                value,
            ),
        }
    }
}

const UNITS: [(&str, f64); 16] = [
    ("", 1.0),
    ("o", 1.0),
    ("b", 1.0),
    ("octet", 1.0),
    ("octets", 1.0),
    ("byte", 1.0),
    ("bytes", 1.0),
    ("ko", 1e3),
    ("kb", 1e3),
    ("mo", 1e6),
    ("mb", 1e6),
    ("go", 1e9),
    ("gb", 1e9),
    ("kib", 1024.0),
    ("mib", 1024.0 * 1024.0),
    ("gib", 1024.0 * 1024.0 * 1024.0),
];

/// `1024`, `42 octets`, `1,5 Mo`.
fn bytes(value: &str) -> Read {
    let literal = |text: &str| {
        canonical(text, xsd::NON_NEGATIVE_INTEGER)
            .filter(|text| !text.starts_with('-'))
            .map(|text| Literal::new_typed_literal(text, xsd::NON_NEGATIVE_INTEGER))
    };
    if let Some(number) = literal(value) {
        return Some((number, false));
    }
    let (number, unit) = amount(value)?;
    let (_, factor) = UNITS
        .iter()
        .find(|(name, _)| unit.eq_ignore_ascii_case(name))?;
    let size = (number * factor).round();
    // Beyond 2^53 a float is no exact integer.
    if !(0.0..9.0e15).contains(&size) {
        return None;
    }
    Some((
        literal(&format!("{size:.0}"))?,
        !unit.is_empty() || value.contains(','),
    ))
}

/// `10`, `0.5`, `0,5 m`, `1e1`.
fn metres(value: &str) -> Read {
    let (number, unit) = amount(value)?;
    let factor = match unit.to_lowercase().as_str() {
        "" | "m" | "metre" | "mètre" | "metres" | "mètres" | "meters" => 1.0,
        "km" => 1000.0,
        "cm" => 0.01,
        _ => return None,
    };
    let metres = number * factor;
    if !(metres > 0.0 && metres < 1.0e9) {
        return None;
    }
    let text = canonical(&format!("{metres:.9}"), xsd::DECIMAL)?;
    (text != "0").then(|| {
        (
            Literal::new_typed_literal(text, xsd::DECIMAL),
            !unit.is_empty() || value.contains(','),
        )
    })
}

/// A number and what follows it.
fn amount(value: &str) -> Option<(f64, &str)> {
    if value.len() > 60 {
        return None;
    }
    if let Ok(number) = value.parse::<f64>() {
        return number.is_finite().then_some((number, ""));
    }
    let end = value
        .find(|c: char| {
            !(c.is_ascii_digit() || matches!(c, '.' | ',' | ' ' | '\u{a0}' | '\u{202f}'))
        })
        .unwrap_or(value.len());
    let (digits, unit) = value.split_at(end);
    let digits: String = digits
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| if c == ',' { '.' } else { c })
        .collect();
    digits
        .parse::<f64>()
        .ok()
        .map(|number| (number, unit.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (given, wanted) in [
            ("1024", Some(("1024", false))),
            ("+0012", Some(("12", false))),
            ("12.0", Some(("12", false))),
            ("42 octets", Some(("42", true))),
            ("1,5 Mo", Some(("1500000", true))),
            ("2 KiB", Some(("2048", true))),
            ("1 234 567", Some(("1234567", false))),
            ("-1", None),
            ("gros", None),
            ("1e300", None),
            ("NaN", None),
        ] {
            let read = bytes(given);
            let read = read
                .as_ref()
                .map(|(literal, rewritten)| (literal.value(), *rewritten));
            assert_eq!(read, wanted, "{given}");
        }
    }

    #[test]
    fn resolutions() {
        for (given, wanted) in [
            ("10", Some("10")),
            ("10.00", Some("10")),
            ("0.50", Some("0.5")),
            ("0,5 m", Some("0.5")),
            ("1.0E1", Some("10")),
            ("2 km", Some("2000")),
            ("0", None),
            ("1/25000", None),
        ] {
            let read = metres(given);
            assert_eq!(
                read.as_ref().map(|(literal, _)| literal.value()),
                wanted,
                "{given}"
            );
        }
    }
}
