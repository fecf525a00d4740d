//! Agents that a record names: entities of their own.

use model::ns::foaf;
use model::{Entity, EntityKind};
use oxrdf::{NamedNode, NamedNodeRef};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::draft::Draft;

/// An agent known by its name only; `None` where the name has no letter and no digit. [`finish`] names it in the record.
pub(crate) fn by_name(draft: &Draft<'_>, name: &str, place: String) -> Option<Entity> {
    let key = name_key(name)?;
    let mut agent = Entity::new(EntityKind::Organisation, draft.context.minter.agent(&key));
    let iri = agent.iri.clone();
    agent.rank.clone_from(&draft.entity.rank);
    agent.set_origin(&iri, place);
    agent.add_type(&iri, foaf::AGENT);
    agent.add_text(&iri, foaf::NAME, name, None);
    agent.aliases.push(key);
    Some(agent)
}

/// The key of an agent that is known by its name only: without case, accents and punctuation. One for all formats, so that
/// they mean the same agent. `None` where nothing is left.
pub(crate) fn name_key(name: &str) -> Option<String> {
    const LONGEST: usize = 2_000;
    let mut folded = String::with_capacity(name.len());
    for c in name.nfd().take(LONGEST).filter(|c| !is_combining_mark(*c)) {
        if c.is_alphanumeric() {
            folded.extend(c.to_lowercase());
        } else if !folded.is_empty() && !folded.ends_with(' ') {
            folded.push(' ');
        }
    }
    let folded = folded.trim_end();
    (!folded.is_empty()).then(|| format!("name:{folded}"))
}

/// Names the agent in the record. One that has several roles is described once.
pub(crate) fn finish(draft: &mut Draft<'_>, agent: Entity, predicate: NamedNodeRef<'_>) {
    if !draft.admits(&agent.iri) {
        return;
    }
    let iri: NamedNode = draft.entity.iri.clone();
    draft.entity.add(&iri, predicate, agent.iri.clone());
    if draft.agents.iter().all(|known| known.iri != agent.iri) {
        draft.agents.push(agent);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_folded() {
        let key = name_key("  DRÉAL  Hauts-de-France ");
        assert_eq!(key.as_deref(), Some("name:dreal hauts de france"));
        assert_eq!(name_key("Agence de l’Eau"), name_key("agence de l'eau"));
        assert_eq!(name_key(" - "), None);
    }
}
