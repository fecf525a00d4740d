//! Fields that become one property each: tables say which, and what kind of value it has.

use model::check_iri;
use model::ns::rdfs;
use oxrdf::vocab::xsd;
use oxrdf::{NamedNode, NamedNodeRef};

use super::fields::{Fields, Leaf, leaves, scalar};
use crate::draft::Draft;
use crate::json::{Json, View};

/// How the values of a field become objects.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// Texts for people, in the language that the record says, or that of the portal.
    Text,
    /// What rules have to read: as the source wrote it, or an IRI.
    Value,
    /// An IRI; what is none is for the rules to repair.
    Iri,
    /// A literal of no language.
    Plain,
    Duration,
    /// A node of this class and name that is labelled with the texts; or an IRI.
    Statement(NamedNodeRef<'static>, &'static str),
}

/// The first of these fields that is there, and the property that it becomes.
pub(super) type Row = (&'static [&'static str], NamedNodeRef<'static>, Kind);

pub(super) fn table(
    draft: &mut Draft<'_>,
    subject: &NamedNode,
    fields: &Fields<'_, '_>,
    rows: &[Row],
) {
    for (keys, predicate, kind) in rows {
        if let Some(field) = fields.first(keys) {
            add(draft, subject, *predicate, &field, *kind);
        }
    }
}

pub(super) fn add(
    draft: &mut Draft<'_>,
    subject: &NamedNode,
    predicate: NamedNodeRef<'_>,
    field: &View<'_, '_>,
    kind: Kind,
) {
    let leaves = leaves(field);
    if let Kind::Statement(class, name) = kind {
        return statement(draft, subject, predicate, field, &leaves, class, name);
    }
    for leaf in parts(field, leaves, kind) {
        let text = &leaf.text;
        match kind {
            Kind::Text => {
                let language = leaf.language.as_deref().or(draft.language());
                draft.entity.add_text(subject, predicate, text, language);
            }
            Kind::Value => value(draft, subject, predicate, text),
            Kind::Iri => draft.entity.add_iri(subject, predicate, text),
            Kind::Duration if text.starts_with('P') => {
                draft
                    .entity
                    .add_typed(subject, predicate, text, xsd::DURATION);
            }
            _ => draft.entity.add_text(subject, predicate, text, None),
        }
    }
}

/// An IRI of the web or a name (`urn:`), or else the literal that the source wrote.
pub(super) fn value(
    draft: &mut Draft<'_>,
    subject: &NamedNode,
    predicate: NamedNodeRef<'_>,
    text: &str,
) {
    match address(text) {
        Some(iri) => draft.entity.add(subject, predicate, iri),
        None => draft.entity.add_text(subject, predicate, text, None),
    }
}

/// What is meant to be an IRI, and is one.
pub(super) fn address(text: &str) -> Option<NamedNode> {
    let scheme = ["http://", "https://", "urn:", "mailto:"];
    scheme
        .iter()
        .any(|scheme| text.starts_with(scheme))
        .then(|| check_iri(text))
        .flatten()
}

/// A text that is a list with commas, where commas are not a part of what is listed: addresses, and codes of languages.
fn parts<'d>(field: &View<'d, '_>, leaves: Vec<Leaf<'d>>, kind: Kind) -> Vec<Leaf<'d>> {
    if !matches!(kind, Kind::Value | Kind::Iri) || matches!(field.value(), Json::List(_)) {
        return leaves;
    }
    let splits = |part: &str| {
        let part = part.trim();
        address(part).is_some()
            || (part.len() <= 3
                && !part.is_empty()
                && part.bytes().all(|byte| byte.is_ascii_alphabetic()))
    };
    leaves
        .into_iter()
        .flat_map(|leaf| {
            if !leaf.text.contains(',') || !leaf.text.split(',').all(splits) {
                return vec![leaf];
            }
            leaf.text
                .split(',')
                .map(|part| Leaf {
                    text: part.trim().to_owned().into(),
                    language: leaf.language.clone(),
                })
                .collect()
        })
        .collect()
}

/// A node that is labelled with the texts, or the IRI of a statement elsewhere.
pub(super) fn statement(
    draft: &mut Draft<'_>,
    subject: &NamedNode,
    predicate: NamedNodeRef<'_>,
    field: &View<'_, '_>,
    leaves: &[Leaf<'_>],
    class: NamedNodeRef<'_>,
    name: &str,
) {
    // Translations are one statement; the items of a list are one each.
    let mut node: Option<NamedNode> = None;
    for (at, leaf) in leaves.iter().enumerate() {
        if let Some(iri) = address(&leaf.text) {
            draft.entity.add(subject, predicate, iri);
            continue;
        }
        let own = match (&leaf.language, node.take()) {
            (Some(_), Some(known)) => known,
            _ => {
                let own = draft.entity.node(&format!("{name}-{}", at + 1));
                draft.entity.add_type(&own, class);
                draft.entity.add(subject, predicate, own.clone());
                draft.entity.set_origin(&own, field.pointer());
                own
            }
        };
        let language = leaf.language.as_deref().or(draft.language());
        draft
            .entity
            .add_text(&own, rdfs::LABEL, &leaf.text, language);
        node = Some(own);
    }
}

/// An object, or a list of objects; what else stands in it is passed over.
pub(super) fn objects<'d, 's>(
    field: &'s View<'d, 's>,
    most: usize,
) -> impl Iterator<Item = View<'d, 's>> {
    let one = matches!(field.value(), Json::Object(_)).then_some(*field);
    let many = field
        .items_quietly()
        .filter(|item| matches!(item.value(), Json::Object(_)));
    one.into_iter().chain(many).take(most)
}

/// The text of a member, read as a field is.
pub(super) fn member<'d>(view: &View<'d, '_>, keys: &[&str]) -> Option<std::borrow::Cow<'d, str>> {
    keys.iter().find_map(|key| scalar(&view.get(key)))
}
