//! IRIs: repaired, or left out; e-mail addresses and telephone numbers made IRIs; hosts that the public cannot reach.

use model::ns::{dcat, dcterms, foaf, skos, vcard};
use model::{IriFault, Severity, check_iri, repair_iri};
use oxrdf::vocab::xsd;
use oxrdf::{NamedNode, NamedNodeRef, Term};

use crate::desk::{Desk, is_void, note, subject_of, text_of};

/// Properties whose `xsd:anyURI` literals are meant as literals.
const LITERALS: [NamedNodeRef<'static>; 2] = [skos::NOTATION, dcterms::IDENTIFIER];

/// Strings that a mapper could not make an IRI of.
pub fn repair(desk: &mut Desk<'_>) {
    let waiting = desk.take(|triple| {
        matches!(&triple.object, Term::Literal(literal) if literal.datatype() == xsd::ANY_URI)
            && !LITERALS.contains(&triple.predicate.as_ref())
            && !CONTACTS.contains(&triple.predicate.as_ref())
    });
    for triple in waiting {
        let value = text_of(&triple.object).to_owned();
        let subject = subject_of(&triple).to_owned();
        let predicate = triple.predicate.clone();
        match repair_iri(&value) {
            Ok((iri, changed)) => {
                desk.put(triple, iri.clone());
                // Spaces around an address are no fault worth a word.
                if changed && value.trim() != iri.as_str() {
                    desk.find(
                        note(
                            "iri/repaired",
                            Severity::Info,
                            format!("the address is no IRI: it was repaired to {iri}"),
                            "give the address as a browser shows it when it is copied",
                        ),
                        &subject,
                        predicate.as_ref(),
                        &value,
                    );
                }
            }
            Err(_) if is_void(&value) => {}
            Err(fault) => {
                let rule = match predicate.as_ref() {
                    dcat::ACCESS_URL | dcat::DOWNLOAD_URL => "distribution/bad-access-url",
                    dcat::ENDPOINT_URL | dcat::ENDPOINT_DESCRIPTION => "service/bad-endpoint",
                    _ => "iri/malformed",
                };
                desk.find(
                    note(
                        rule,
                        Severity::Warning,
                        format!("{}: it was left out", describe(fault)),
                        "give an absolute address that begins with https:// or http://",
                    ),
                    &subject,
                    predicate.as_ref(),
                    &value,
                );
            }
        }
    }
}

fn describe(fault: IriFault) -> &'static str {
    match fault {
        IriFault::Empty => "the address is empty",
        IriFault::NotAbsolute => "the value is no absolute address",
        IriFault::TooLong => "the address is too long for any server",
        IriFault::Malformed => "the address cannot be made an IRI",
    }
}

const MAILS: [NamedNodeRef<'static>; 2] = [vcard::HAS_EMAIL, foaf::MBOX];
const CONTACTS: [NamedNodeRef<'static>; 4] = [
    vcard::HAS_EMAIL,
    foaf::MBOX,
    vcard::HAS_TELEPHONE,
    foaf::PHONE,
];

/// E-mail addresses become `mailto:` IRIs and telephone numbers `tel:` IRIs.
pub fn contacts(desk: &mut Desk<'_>) {
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
        if none && !is_void(value.trim_start_matches("mailto:").trim_start_matches("tel:")) {
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
    let value = value.replace("[at]", "@").replace("(at)", "@");
    if value.starts_with("http") {
        return check_iri(&value).into_iter().collect();
    }
    value
        .split(|c: char| c.is_whitespace() || matches!(c, ';' | ',' | '<' | '>' | '/' | '|' | '(' | ')' | '"'))
        .filter_map(|word| {
            let word = word.trim_matches(['.', ':', '\'']);
            let word = match word.get(..7) {
                Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => &word[7..],
                _ => word,
            };
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
    let plus = first.starts_with('+') || first.starts_with("00");
    let digits: String = first.chars().filter(char::is_ascii_digit).collect();
    let digits = if first.starts_with("00") {
        digits.get(2..).unwrap_or_default().to_owned()
    } else {
        digits
    };
    if !(4..=15).contains(&digits.len()) {
        return None;
    }
    let iri = match (plus, digits.strip_prefix('0')) {
        (true, _) => format!("tel:+{digits}"),
        (false, Some(rest)) if digits.len() == 10 => format!("tel:+33{rest}"),
        _ => format!("tel:{digits}"),
    };
    check_iri(&iri)
}

const ADDRESSES: [NamedNodeRef<'static>; 6] = [
    dcat::ACCESS_URL,
    dcat::DOWNLOAD_URL,
    dcat::LANDING_PAGE,
    dcat::ENDPOINT_URL,
    dcat::ENDPOINT_DESCRIPTION,
    foaf::PAGE,
];

/// Addresses that the public cannot reach. They stay where they are the only ones, and go where others are left.
pub fn hosts(desk: &mut Desk<'_>) {
    let mut private = Vec::new();
    for triple in &desk.entity.triples {
        if let Term::NamedNode(iri) = &triple.object
            && ADDRESSES.contains(&triple.predicate.as_ref())
            && is_private(iri.as_str())
        {
            private.push(triple.clone());
        }
    }
    for triple in private {
        let subject = subject_of(&triple).to_owned();
        let others = desk.entity.triples.iter().any(|other| {
            other.predicate == triple.predicate
                && subject_of(other) == subject
                && !is_private(text_of(&other.object))
        });
        let done = if others {
            desk.entity.triples.retain(|other| *other != triple);
            "another address is public: this one was left out"
        } else {
            "it was kept, since there is no other"
        };
        desk.find(
            note(
                "iri/private-host",
                Severity::Warning,
                format!("the host is not of the public internet: {done}"),
                "give an address that can be reached from outside",
            ),
            &subject,
            triple.predicate.as_ref(),
            text_of(&triple.object),
        );
    }
}

/// Hosts of machines and local networks, and of the networks of the French administration.
pub fn is_private(iri: &str) -> bool {
    let Some((_, rest)) = iri.split_once("://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let authority = authority.rsplit('@').next().unwrap_or(authority);
    if let Some(v6) = authority.strip_prefix('[') {
        return v6.starts_with("::1]") || v6.starts_with("fc") || v6.starts_with("fd") || v6.starts_with("fe80");
    }
    let host = authority.split(':').next().unwrap_or(authority).to_ascii_lowercase();
    let v4: Vec<u8> = host.split('.').filter_map(|part| part.parse().ok()).collect();
    if let [a, b, _, _] = v4[..] {
        return a == 10 || a == 127 || (a == 192 && b == 168) || (a == 172 && (16..32).contains(&b)) || (a == 169 && b == 254);
    }
    !host.contains('.')
        || [".local", ".localhost", ".lan", ".intra", ".intranet", ".i2", ".rie.gouv.fr", ".ader.gouv.fr", ".internal"]
            .iter()
            .any(|suffix| host.ends_with(suffix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_addresses() {
        let of = |value: &str| mails(value).iter().map(|iri| iri.as_str().to_owned()).collect::<Vec<_>>();
        assert_eq!(of("sig@mairie.example.fr"), ["mailto:sig@mairie.example.fr"]);
        assert_eq!(of(" MAILTO:Sig@Mairie.example.FR "), ["mailto:Sig@mairie.example.fr"]);
        assert_eq!(of("a@x.example;b@x.example , <c@x.example>"), ["mailto:a@x.example", "mailto:b@x.example", "mailto:c@x.example"]);
        assert_eq!(of("sig[at]x.example"), ["mailto:sig@x.example"]);
        for bad in ["", "mailto:", "service SIG", "a@", "@b.example", "a@b", "a@b..example"] {
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
            ("3939", Some("tel:3939")),
            ("03 20 00 00 00 / 03 20 00 00 01", Some("tel:+33320000000")),
            ("standard", None),
            ("", None),
        ] {
            assert_eq!(phone(given).as_ref().map(NamedNode::as_str), wanted, "{given}");
        }
    }

    #[test]
    fn private_hosts() {
        for private in ["http://localhost:8080/x", "http://127.0.0.1/", "http://10.1.2.3/", "https://192.168.1.1/", "http://[::1]/", "http://serveur/x", "http://atom.geo-ide.example.e2.rie.gouv.fr/x", "http://georef.application.i2/"] {
            assert!(is_private(private), "{private}");
        }
        for public in ["https://www.geo2france.fr/", "http://8.8.8.8/", "mailto:a@b.fr", "urn:x:y", "https://intranet.example.org/"] {
            assert!(!is_private(public), "{public}");
        }
    }
}
