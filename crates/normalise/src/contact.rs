//! E-mail addresses and telephone numbers.

use model::ns::{foaf, vcard};
use model::{Severity, check_iri};
use oxrdf::{NamedNode, NamedNodeRef};

use crate::desk::{Desk, is_void, note, subject_of, text_of};

const MAILS: [NamedNodeRef<'static>; 2] = [vcard::HAS_EMAIL, foaf::MBOX];
pub const CONTACTS: [NamedNodeRef<'static>; 4] = [
    vcard::HAS_EMAIL,
    foaf::MBOX,
    vcard::HAS_TELEPHONE,
    foaf::PHONE,
];

/// E-mail addresses become `mailto:` IRIs and telephone numbers `tel:` IRIs.
pub fn resolve(desk: &mut Desk<'_>) {
    for triple in desk.take_all(&CONTACTS) {
        let value = text_of(&triple.object).to_owned();
        let subject = subject_of(&triple).to_owned();
        let predicate = triple.predicate.clone();
        let mail = MAILS.contains(&predicate.as_ref());
        let found = if mail {
            mails(&value)
        } else {
            phone(&value).into_iter().collect()
        };
        let none = found.is_empty();
        for iri in found {
            desk.put(triple.clone(), iri);
        }
        if none
            && !is_void(
                value
                    .trim_start_matches("mailto:")
                    .trim_start_matches("tel:"),
            )
        {
            let (rule, what) = if mail {
                ("contact/bad-email", "e-mail address")
            } else {
                ("contact/bad-phone", "telephone number")
            };
            desk.find(
                note(
                    rule,
                    Severity::Warning,
                    format!("the value is no {what}: it was left out"),
                    "give one address or number by itself",
                ),
                &subject,
                predicate.as_ref(),
                &value,
            );
        }
    }
}

/// Every e-mail address in a value: `a@x.fr ; b@x.fr`, `<a@x.fr>`, `a[at]x.fr`. A web address of a form is one too, where a mail should be.
fn mails(value: &str) -> Vec<NamedNode> {
    let mut value = value.replace("%40", "@").replace("%20", " ");
    for at in ["[at]", "(at)", "{at}", "[arobase]", "(arobase)"] {
        value = value.replace(at, "@");
    }
    // « sig @ mairie.example »
    if value.contains(" @") || value.contains("@ ") {
        let parts: Vec<&str> = value.split('@').map(str::trim).collect();
        value = parts.join("@");
    }
    if value.starts_with("http") {
        return check_iri(&value).into_iter().collect();
    }
    value
        .split(|c: char| {
            c.is_whitespace() || matches!(c, ';' | ',' | '<' | '>' | '/' | '|' | '(' | ')' | '"')
        })
        .filter_map(|word| {
            let word = word.trim_matches(['.', ':', '\'']);
            let mut word = word;
            while let Some(scheme) = word.get(..7)
                && scheme.eq_ignore_ascii_case("mailto:")
            {
                word = word.get(7..).unwrap_or_default();
            }
            let word = word.split('?').next().unwrap_or(word);
            let (local, host) = word.split_once('@')?;
            let good = |c: char| c.is_ascii_alphanumeric() || ".!#$&'*+-=_~%".contains(c);
            let host_good = host.split('.').count() >= 2
                && host.split('.').all(|label| {
                    !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-')
                });
            (!local.is_empty() && local.chars().all(good) && host_good)
                .then(|| format!("mailto:{local}@{}", host.to_lowercase()).replace("'", "%27"))
                .and_then(|iri| check_iri(&iri))
        })
        .take(20)
        .collect()
}

/// A telephone number as RFC 3966 writes it; French numbers of ten digits get their country.
fn phone(value: &str) -> Option<NamedNode> {
    let value = value.trim();
    let number = match value.get(..4) {
        Some(scheme) if scheme.eq_ignore_ascii_case("tel:") => &value[4..],
        _ => value,
    };
    let number = number.replace("(0)", "");
    // Several numbers, or a remark after the number: the first one.
    let first = number
        .split(['/', ';', ','])
        .next()
        .unwrap_or_default()
        .trim();
    if first.chars().any(char::is_alphabetic) {
        return None;
    }
    let digits: String = first.chars().filter(char::is_ascii_digit).collect();
    // `+0320…` is a national number after all: no country begins with 0.
    let national = digits.len() == 10 && first.starts_with("+0") && !digits.starts_with("00");
    let plus = !national && (first.starts_with('+') || digits.starts_with("00"));
    let digits = if plus {
        digits.trim_start_matches('0')
    } else {
        &digits
    };
    if !(4..=17).contains(&digits.len()) {
        return None;
    }
    let iri = match (plus, digits.strip_prefix('0')) {
        // « +33 03 20 00 00 00 »
        (true, _) => match digits.strip_prefix("330") {
            Some(rest) if rest.len() == 9 => format!("tel:+33{rest}"),
            _ => format!("tel:+{digits}"),
        },
        (false, Some(rest)) if digits.len() == 10 => format!("tel:+33{rest}"),
        _ => format!("tel:{digits}"),
    };
    check_iri(&iri)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_addresses() {
        let of = |value: &str| {
            mails(value)
                .iter()
                .map(|iri| iri.as_str().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            of("sig@mairie.example.fr"),
            ["mailto:sig@mairie.example.fr"]
        );
        assert_eq!(
            of(" MAILTO:Sig@Mairie.example.FR "),
            ["mailto:Sig@mairie.example.fr"]
        );
        assert_eq!(
            of("a@x.example;b@x.example , <c@x.example>"),
            [
                "mailto:a@x.example",
                "mailto:b@x.example",
                "mailto:c@x.example"
            ]
        );
        for one in [
            "sig[at]x.example",
            "sig [at] x.example",
            "sig @ x.example",
            "mailto:mailto:sig@x.example",
            "mailto:sig%40x.example",
        ] {
            assert_eq!(of(one), ["mailto:sig@x.example"], "{one}");
        }
        for bad in [
            "",
            "mailto:",
            "service SIG",
            "a@",
            "@b.example",
            "a@b",
            "a@b..example",
        ] {
            assert!(of(bad).is_empty(), "{bad}");
        }
    }

    #[test]
    fn telephone_numbers() {
        for (given, wanted) in [
            ("03 20 00 00 00", Some("tel:+33320000000")),
            ("+33 (0)3.20.00.00.00", Some("tel:+33320000000")),
            ("0033320000000", Some("tel:+33320000000")),
            ("tel:+33320000000", Some("tel:+33320000000")),
            ("+33 03 20 00 00 00", Some("tel:+33320000000")),
            ("3939", Some("tel:3939")),
            ("03 20 00 00 00 / 03 20 00 00 01", Some("tel:+33320000000")),
            ("standard", None),
            ("", None),
        ] {
            assert_eq!(
                phone(given).as_ref().map(NamedNode::as_str),
                wanted,
                "{given}"
            );
        }
    }
}
