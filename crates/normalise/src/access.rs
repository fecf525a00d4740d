//! Access rights, and INSPIRE's limitations on public access.

use model::Severity;
use model::ns::dcterms;
use oxrdf::vocab::rdfs;
use oxrdf::{Literal, NamedNode, NamedOrBlankNode, Term, Triple};
use vocab::{How, Match, Scheme};

use crate::desk::{Desk, Outcome, is_void, note, subject_of, text_of};

/// From the least to the most restrictive: of several, the last one holds.
const ORDER: [&str; 5] = [
    "PUBLIC",
    "RESTRICTED",
    "SENSITIVE",
    "NON_PUBLIC",
    "CONFIDENTIAL",
];

/// DCAT-AP has one access right a dataset, of the EU's list. The INSPIRE article that limits access is kept in `dct:rights`,
/// as are texts beside a known access right.
pub fn resolve(desk: &mut Desk<'_>) {
    rights(desk);
    if !desk.has(&[dcterms::ACCESS_RIGHTS]) {
        return;
    }
    for triples in desk.take_by_subject(dcterms::ACCESS_RIGHTS) {
        if let Some(subject) = triples.first().map(|triple| triple.subject.clone()) {
            of_subject(desk, &subject, triples);
        }
    }
}

/// What one subject states.
#[derive(Default)]
struct Stated {
    /// The most restrictive access right, with its rank.
    right: Option<(usize, NamedNode)>,
    rest: Vec<Term>,
    licences: Vec<Term>,
}

fn of_subject(desk: &mut Desk<'_>, subject: &NamedOrBlankNode, triples: Vec<Triple>) {
    let mut stated = Stated::default();
    for triple in triples {
        read(desk, subject, triple, &mut stated);
    }
    let Stated {
        right,
        mut rest,
        licences,
    } = stated;
    rest.sort_by(|a, b| text_of(a).cmp(text_of(b)));
    // The first text is the access right, where no code is; the others are rights, and a licence always is.
    let mut predicate = dcterms::ACCESS_RIGHTS;
    if let Some((_, iri)) = right {
        let triple = Triple::new(subject.clone(), predicate, iri);
        desk.entity.triples.push(triple);
        predicate = dcterms::RIGHTS;
    }
    for object in rest {
        unread(desk, Triple::new(subject.clone(), predicate, object));
        predicate = dcterms::RIGHTS;
    }
    for object in licences {
        unread(desk, Triple::new(subject.clone(), dcterms::RIGHTS, object));
    }
}

fn read(desk: &mut Desk<'_>, subject: &NamedOrBlankNode, triple: Triple, into: &mut Stated) {
    let vocab = desk.context.vocab;
    let value = text_of(&triple.object).to_owned();
    if matches!(triple.object, Term::Literal(_)) && is_void(&value) {
        desk.decide("access", &value, || Outcome::Void);
        return;
    }
    if desk.entity.owns(&value) && matches!(triple.object, Term::NamedNode(_)) {
        into.rest.push(triple.object);
        return;
    }
    let limitation = match &triple.object {
        Term::NamedNode(_) => vocab.scheme(Scheme::PublicAccess).resolve(&value),
        _ => vocab.public_access(&value),
    };
    let stated = match limitation {
        Some(_) => None,
        None => vocab.access_right(&value),
    };
    let access = limitation
        .and_then(|found| vocab.mapped(found.concept).next())
        .or_else(|| stated.map(|found| found.concept));
    doubts(desk, &triple, limitation, stated);
    if access.is_none() && names_licence(desk, &triple) {
        into.licences.push(triple.object);
        return;
    }
    desk.decide("access", &value, || match access {
        Some(access) => Outcome::Resolved {
            to: access.iri.as_str().to_owned(),
            certain: limitation
                .or(stated)
                .is_none_or(|found| found.how != How::Pattern && found.is_certain()),
        },
        None => Outcome::Unresolved,
    });
    let Some(access) = access else {
        into.rest.push(triple.object);
        return;
    };
    if let Some(limitation) = limitation
        && access.code != "PUBLIC"
    {
        let article = limitation.concept.iri.clone();
        desk.entity
            .triples
            .push(Triple::new(subject.clone(), dcterms::RIGHTS, article));
    }
    let rank = ORDER.iter().position(|known| *known == access.code);
    let found = (rank.unwrap_or(0), access.iri.clone());
    if into.right.as_ref().is_none_or(|known| *known < found) {
        into.right = Some(found);
    }
}

/// What is no access right of the list: an IRI stays, a text becomes a statement.
fn unread(desk: &mut Desk<'_>, triple: Triple) {
    let Term::Literal(text) = triple.object.clone() else {
        desk.entity.triples.push(triple);
        return;
    };
    if triple.predicate == dcterms::ACCESS_RIGHTS {
        desk.find(
            note(
                "access/unknown",
                Severity::Info,
                "no known access right can be read from the text: it was kept as it stands",
                "say « Pas de restriction d'accès public selon INSPIRE », or the article that limits access",
            ),
            subject_of(&triple),
            dcterms::ACCESS_RIGHTS,
            text.value(),
        );
    }
    statement(desk, triple, &text);
}

fn doubts(
    desk: &mut Desk<'_>,
    triple: &Triple,
    limitation: Option<Match<'_>>,
    stated: Option<Match<'_>>,
) {
    let Some(found) = limitation.or(stated) else {
        return;
    };
    let value = text_of(&triple.object).to_owned();
    let told = if found.how == How::Pattern {
        note(
            "access/doubtful",
            Severity::Info,
            format!("read as « {} »", found.concept.label()),
            if limitation.is_some() {
                "point at the article in the INSPIRE registry"
            } else {
                "choose the access right from the list: public, restricted, non-public"
            },
        )
    } else if found.concept.code == "NON_PUBLIC" && !found.is_certain() {
        note(
            "access/planned",
            Severity::Info,
            "the data are to be published, and are not yet: read as « non public »",
            "change the state when the data are published",
        )
    } else {
        return;
    };
    desk.find(told, subject_of(triple), dcterms::ACCESS_RIGHTS, &value);
}

/// Whether a licence stands where the access right should; it is told then.
fn names_licence(desk: &mut Desk<'_>, triple: &Triple) -> bool {
    let value = text_of(&triple.object).to_owned();
    if desk.entity.owns(&value) || desk.context.vocab.licence(&value).is_none() {
        return false;
    }
    desk.decide("access", &value, || Outcome::Void);
    desk.find(
        note(
            "access/is-licence",
            Severity::Info,
            "this is a licence, and no access right: it was kept among the rights",
            "give the licence where the licence stands, and say who has access",
        ),
        subject_of(triple),
        dcterms::ACCESS_RIGHTS,
        &value,
    );
    true
}

/// Texts about rights become statements.
fn rights(desk: &mut Desk<'_>) {
    for triple in desk.take_literals(&[dcterms::RIGHTS]) {
        let Term::Literal(text) = triple.object.clone() else {
            continue;
        };
        if is_void(text.value()) {
            continue;
        }
        let known = desk
            .context
            .vocab
            .scheme(Scheme::PublicAccess)
            .resolve(text.value())
            .map(|found| found.concept.iri.clone());
        match known {
            Some(iri) => desk.put(triple, iri),
            None => statement(desk, triple, &text),
        }
    }
}

fn statement(desk: &mut Desk<'_>, triple: Triple, text: &Literal) {
    let node = desk.own_node("rights", &[dcterms::RIGHTS_STATEMENT], rdfs::LABEL, text);
    desk.put(triple, node);
}
