//! IRIs: repaired, or left out; hosts that the public cannot reach.

use std::collections::HashSet;

use model::ns::{dcat, dcterms, foaf, skos};
use model::{IriFault, Severity, repair_iri};
use oxrdf::vocab::xsd;
use oxrdf::{NamedNode, NamedNodeRef, Term};

use crate::contact::CONTACTS;
use crate::desk::{Desk, is_void, note, subject_of, text_of};

/// Properties whose `xsd:anyURI` literals are meant as literals.
const LITERALS: [NamedNodeRef<'static>; 2] = [skos::NOTATION, dcterms::IDENTIFIER];

/// Strings that a mapper could not make an IRI of, and texts where only an address makes sense.
pub fn repair(desk: &mut Desk<'_>) {
    let waiting = desk.take(|triple| {
        let predicate = triple.predicate.as_ref();
        matches!(&triple.object, Term::Literal(literal)
            if literal.datatype() == xsd::ANY_URI || ADDRESSES.contains(&predicate))
            && !LITERALS.contains(&predicate)
            && !CONTACTS.contains(&predicate)
    });
    for triple in waiting {
        let value = text_of(&triple.object).to_owned();
        let subject = subject_of(&triple).to_owned();
        let predicate = triple.predicate.clone();
        match repair_iri(&value).or_else(|fault| bare_host(&value).ok_or(fault)) {
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

/// An address without its scheme: `services.example.org/wfs`.
fn bare_host(value: &str) -> Option<(NamedNode, bool)> {
    let value = value.trim();
    let (host, _) = value.split_once('/')?;
    let (_, top) = host.rsplit_once('.')?;
    let label = |label: &str| {
        !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    let named = (2..=6).contains(&top.len()) && top.chars().all(|c| c.is_ascii_alphabetic());
    (named && host.split('.').all(label))
        .then(|| repair_iri(&format!("http://{value}")).ok())
        .flatten()
        .map(|(iri, _)| (iri, true))
}

fn describe(fault: IriFault) -> &'static str {
    match fault {
        IriFault::Empty => "the address is empty",
        IriFault::NotAbsolute => "the value is no absolute address",
        IriFault::TooLong => "the address is too long for any server",
        IriFault::Malformed => "the address cannot be made an IRI",
    }
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
    let private = desk.take(|triple| {
        matches!(&triple.object, Term::NamedNode(iri) if is_private(iri.as_str()))
            && ADDRESSES.contains(&triple.predicate.as_ref())
    });
    if private.is_empty() {
        return;
    }
    let public: HashSet<(String, NamedNode)> = desk
        .entity
        .triples
        .iter()
        .filter(|triple| ADDRESSES.contains(&triple.predicate.as_ref()))
        .map(|triple| (subject_of(triple).to_owned(), triple.predicate.clone()))
        .collect();
    for triple in private {
        let subject = subject_of(&triple).to_owned();
        let done = if public.contains(&(subject.clone(), triple.predicate.clone())) {
            "another address is public: this one was left out"
        } else {
            desk.entity.triples.push(triple.clone());
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
    let rest = match iri.split_once("://") {
        Some(("http" | "https" | "ftp", rest)) => rest,
        _ => return false,
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let authority = authority.rsplit('@').next().unwrap_or(authority);
    if let Some(v6) = authority.strip_prefix('[') {
        return v6.starts_with("::1]")
            || v6.starts_with("fc")
            || v6.starts_with("fd")
            || v6.starts_with("fe80");
    }
    let host = authority
        .split(':')
        .next()
        .unwrap_or(authority)
        .to_ascii_lowercase();
    let v4: Vec<u8> = host
        .split('.')
        .filter_map(|part| part.parse().ok())
        .collect();
    if let [a, b, _, _] = v4[..] {
        return a == 10
            || a == 127
            || (a == 192 && b == 168)
            || (a == 172 && (16..32).contains(&b))
            || (a == 169 && b == 254);
    }
    !host.contains('.')
        || [
            ".local",
            ".localhost",
            ".lan",
            ".intra",
            ".intranet",
            ".i2",
            ".rie.gouv.fr",
            ".ader.gouv.fr",
            ".internal",
        ]
        .iter()
        .any(|suffix| host.ends_with(suffix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_hosts() {
        for private in [
            "http://localhost:8080/x",
            "http://127.0.0.1/",
            "http://10.1.2.3/",
            "https://192.168.1.1/",
            "http://[::1]/",
            "http://serveur/x",
            "http://atom.geo-ide.example.e2.rie.gouv.fr/x",
            "http://georef.application.i2/",
        ] {
            assert!(is_private(private), "{private}");
        }
        for public in [
            "https://www.geo2france.fr/",
            "http://8.8.8.8/",
            "mailto:a@b.fr",
            "urn:x:y",
            "https://intranet.example.org/",
        ] {
            assert!(!is_private(public), "{public}");
        }
    }
}
