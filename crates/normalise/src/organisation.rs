//! Who: names of organisations tidied, known ones given their name of today, their SIREN and their type. Which agents are
//! one is not decided here.

use model::ns::{adms, dcterms, foaf, skos};
use model::{EntityKind, Severity};
use oxrdf::{Literal, NamedNode, NamedNodeRef, NamedOrBlankNode, Term, Triple};
use vocab::Scheme;
use vocab::organisation::{Organisation, Organisations, siren_or_siret};
use vocab::place::{Kind, Places, Reading};

use crate::desk::{Desk, Outcome, note, subject_of, text_of};

/// Letters by which bodies of other countries go too: they say no number.
const ABROAD: [&str; 1] = ["IGN"];

pub fn resolve(desk: &mut Desk<'_>) {
    if desk.entity.kind != EntityKind::Organisation {
        return;
    }
    let iri = desk.entity.iri.clone();
    names(desk, &iri);
    let number = numbers(desk);
    let person = desk.entity.instances(foaf::PERSON).any(|node| *node == iri);
    let written: Vec<String> = desk
        .entity
        .objects(&iri, foaf::NAME)
        .map(|name| text_of(name).to_owned())
        .collect();
    if person {
        return;
    }
    let table = Organisations::bundled();
    let by_number = number
        .as_deref()
        .and_then(|number| table.by_siren(number.get(..9)?));
    let known = by_number
        .map(|known| (known, true))
        .or_else(|| written.iter().find_map(|name| table.by_name(name)));
    // A name that no table has is a name all the same: only what a name became is told.
    if let Some((known, _)) = known {
        for name in &written {
            desk.decide("organisation", name, || Outcome::Resolved {
                to: known.name.to_owned(),
                certain: true,
            });
        }
    }
    match known {
        Some((known, own)) => {
            describe(desk, &iri, known, &written);
            // A former name may have been another body's, with a number of its own.
            let shared = written
                .iter()
                .all(|name| ABROAD.contains(&name.trim().to_uppercase().as_str()));
            if own && !shared && number.is_none() && !known.siren.is_empty() {
                identify(desk, &iri, known.siren);
            }
        }
        None => {
            if let Some(kind) = written.iter().find_map(|name| kind_by_name(name)) {
                give_type(desk, &iri, kind);
            }
            hint(desk, &iri, table);
        }
    }
}

/// Blanks run together, and the punctuation that lists leave at the end.
fn names(desk: &mut Desk<'_>, iri: &NamedNode) {
    for predicate in [foaf::NAME, skos::PREF_LABEL, skos::ALT_LABEL] {
        let named = desk.take(|triple| {
            triple.predicate.as_ref() == predicate
                && subject_of(triple) == iri.as_str()
                && matches!(triple.object, Term::Literal(_))
        });
        for triple in named {
            let Term::Literal(literal) = &triple.object else {
                continue;
            };
            let name = tidy(literal.value());
            let literal = match literal.language() {
                Some(tag) => Literal::new_language_tagged_literal_unchecked(name, tag),
                None => Literal::new_simple_literal(name),
            };
            desk.put(triple, literal);
        }
    }
}

fn tidy(name: &str) -> String {
    let joined = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let trimmed = joined
        .trim_start_matches([',', ';', ':', '-', ' '])
        .trim_end_matches([',', ';', ':', '-', ' ']);
    // « S.A. » ends with a point of its own.
    let dotless = trimmed
        .strip_suffix('.')
        .filter(|rest| {
            !rest.contains('.')
                && rest
                    .rsplit(' ')
                    .next()
                    .is_some_and(|word| word.chars().count() > 4)
        })
        .unwrap_or(trimmed);
    let whole = if dotless.is_empty() { &joined } else { dotless };
    whole.to_owned()
}

/// SIREN and SIRET numbers without blanks; the first that is right.
fn numbers(desk: &mut Desk<'_>) -> Option<String> {
    let holders: Vec<NamedNode> = desk
        .entity
        .triples
        .iter()
        .filter(|triple| {
            triple.predicate == adms::SCHEMA_AGENCY && text_of(&triple.object) == "INSEE"
        })
        .filter_map(|triple| match &triple.subject {
            NamedOrBlankNode::NamedNode(node) => Some(node.clone()),
            NamedOrBlankNode::BlankNode(_) => None,
        })
        .collect();
    let mut found = None;
    for holder in holders {
        let notations = desk.take(|triple| {
            triple.predicate == skos::NOTATION && subject_of(triple) == holder.as_str()
        });
        for triple in notations {
            let value = text_of(&triple.object).to_owned();
            match siren_or_siret(&value) {
                Some(number) => {
                    desk.put(triple, Literal::new_simple_literal(&number));
                    found.get_or_insert(number);
                }
                None => {
                    desk.entity.triples.push(triple);
                    desk.find(
                        note(
                            "organisation/bad-number",
                            Severity::Warning,
                            "the value is no SIREN or SIRET, its key is wrong: it was kept as it stands",
                            "give the 9 digits of the SIREN, or the 14 of the SIRET",
                        ),
                        holder.as_str(),
                        skos::NOTATION,
                        &value,
                    );
                }
            }
        }
    }
    found
}

fn describe(desk: &mut Desk<'_>, iri: &NamedNode, known: &Organisation, written: &[String]) {
    if desk.entity.object(iri, skos::PREF_LABEL).is_none() {
        desk.entity
            .add_text(iri, skos::PREF_LABEL, known.name, Some("fr"));
    }
    let others = written.iter().map(String::as_str).chain([known.acronym]);
    for other in others.filter(|other| !other.is_empty() && *other != known.name) {
        let told = desk
            .entity
            .objects(iri, skos::ALT_LABEL)
            .any(|label| text_of(label) == other);
        if !told {
            desk.entity.add_text(iri, skos::ALT_LABEL, other, None);
        }
    }
    give_type(desk, iri, known.kind);
}

/// A source's own type stands.
fn give_type(desk: &mut Desk<'_>, iri: &NamedNode, kind: &str) {
    let vocab = desk.context.vocab;
    if let Some(concept) = vocab.scheme(Scheme::PublisherType).get(kind)
        && desk.entity.object(iri, dcterms::TYPE).is_none()
    {
        desk.entity.add(iri, dcterms::TYPE, concept.iri.clone());
    }
}

fn identify(desk: &mut Desk<'_>, iri: &NamedNode, siren: &str) {
    let node = desk.entity.node("siren");
    let mut add = |subject: &NamedNode, predicate: NamedNodeRef<'_>, object: Term| {
        desk.entity
            .triples
            .push(Triple::new(subject.clone(), predicate, object));
    };
    add(iri, adms::IDENTIFIER, node.clone().into());
    add(
        &node,
        oxrdf::vocab::rdf::TYPE,
        adms::IDENTIFIER_CLASS.into_owned().into(),
    );
    add(
        &node,
        skos::NOTATION,
        Literal::new_simple_literal(siren).into(),
    );
    add(
        &node,
        adms::SCHEMA_AGENCY,
        Literal::new_simple_literal("INSEE").into(),
    );
}

/// What kind of body a name says that it is: services of the State in a département, collectivities.
fn kind_by_name(name: &str) -> Option<&'static str> {
    const KINDS: &[(&str, &str, &[Kind])] = &[
        (
            "direction departementale des territoires et de la mer ",
            "NationalAuthority",
            &[Kind::Department],
        ),
        (
            "direction departementale des territoires ",
            "NationalAuthority",
            &[Kind::Department],
        ),
        ("ddtm ", "NationalAuthority", &[Kind::Department]),
        ("ddt ", "NationalAuthority", &[Kind::Department]),
        ("ddpp ", "NationalAuthority", &[Kind::Department]),
        (
            "prefecture de la region ",
            "NationalAuthority",
            &[Kind::Region],
        ),
        ("prefecture ", "NationalAuthority", &[Kind::Department]),
        ("dreal ", "NationalAuthority", &[Kind::Region]),
        ("draaf ", "NationalAuthority", &[Kind::Region]),
        ("drac ", "NationalAuthority", &[Kind::Region]),
        ("ars ", "NationalAuthority", &[Kind::Region]),
        (
            "agence regionale de sante ",
            "NationalAuthority",
            &[Kind::Region],
        ),
        ("conseil regional ", "RegionalAuthority", &[Kind::Region]),
        ("region ", "RegionalAuthority", &[Kind::Region]),
        (
            "conseil departemental ",
            "LocalAuthority",
            &[Kind::Department],
        ),
        ("conseil general ", "LocalAuthority", &[Kind::Department]),
        ("departement ", "LocalAuthority", &[Kind::Department]),
        ("mairie ", "LocalAuthority", &[Kind::Commune]),
        ("ville ", "LocalAuthority", &[Kind::Commune]),
        ("commune ", "LocalAuthority", &[Kind::Commune]),
        ("communaute ", "LocalAuthority", &[Kind::Intercommunality]),
        ("metropole ", "LocalAuthority", &[Kind::Intercommunality]),
    ];
    let folded = vocab::fold(name);
    let (phrase, kind, of) = KINDS
        .iter()
        .find(|(phrase, _, _)| folded.starts_with(phrase))?;
    let rest = folded.strip_prefix(phrase)?;
    let word = match of.first()? {
        Kind::Region => "region",
        Kind::Department => "departement",
        Kind::Commune => "commune",
        _ => phrase.trim_end(),
    };
    let places = Places::bundled();
    let is_one = |text: &str| match places.resolve(text) {
        Reading::Found { territories, .. } | Reading::Ambiguous(territories) => territories
            .iter()
            .any(|territory| of.contains(&territory.kind)),
        Reading::Unknown => false,
    };
    (is_one(&format!("{word} {rest}")) || is_one(&folded)).then_some(*kind)
}

/// Whose e-mail addresses the agent has, where its name is not known: for whoever looks after the table and the source.
fn hint(desk: &mut Desk<'_>, iri: &NamedNode, table: &Organisations) {
    let known = desk.entity.objects(iri, foaf::MBOX).find_map(|address| {
        let (_, host) = text_of(address).rsplit_once('@')?;
        Some((text_of(address).to_owned(), table.by_domain(host)?))
    });
    if let Some((address, known)) = known {
        desk.find(
            note(
                "organisation/known-domain",
                Severity::Info,
                format!(
                    "the e-mail address is one of {}: nothing was concluded from it",
                    known.name
                ),
                "name the organisation as it names itself, or give its SIRET",
            ),
            iri.as_str(),
            foaf::MBOX,
            &address,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_tidied() {
        for (given, wanted) in [
            ("  DREAL   Hauts-de-France ", "DREAL Hauts-de-France"),
            ("Mairie de Lille,", "Mairie de Lille"),
            (
                "Conseil départemental de l'Oise.",
                "Conseil départemental de l'Oise",
            ),
            ("Cartes & Co. S.A.", "Cartes & Co. S.A."),
            ("Dupont et fils Inc.", "Dupont et fils Inc."),
            ("- INSEE -", "INSEE"),
            ("...", "..."),
        ] {
            assert_eq!(tidy(given), wanted);
            assert_eq!(tidy(&tidy(given)), wanted);
        }
    }
}
