//! Creators, publishers, contributors, and where to ask.

use model::ns::{dcat, dcterms, vcard};
use oxrdf::NamedNodeRef;

use super::{Element, Mapping};
use crate::agent;
use crate::draft::mailto;

/// Agents of a record: an article of physics has more, a catalogue no use for them.
const MAX_AGENTS: usize = 200;

/// DCAT has it of Dublin Core, DCAT-AP has no other word for it.
const CONTRIBUTOR: NamedNodeRef<'static> =
    NamedNodeRef::new_unchecked("http://purl.org/dc/terms/contributor");

impl<'t> Mapping<'_, 't> {
    /// Agents are known by their names. An e-mail address is none: it is where to ask.
    pub(super) fn agents(&mut self) {
        let roles = [
            ("creator", dcterms::CREATOR),
            ("publisher", dcterms::PUBLISHER),
            ("rightsHolder", dcterms::RIGHTS_HOLDER),
            ("contributor", CONTRIBUTOR),
        ];
        let mut contacts: Vec<&str> = Vec::new();
        for (name, predicate) in roles {
            let mut seen: Vec<&str> = Vec::new();
            for agent in self.all(&[name]).into_iter().take(MAX_AGENTS) {
                let value = agent.value();
                if seen.contains(&value) || contacts.contains(&value) {
                    continue;
                }
                if is_mailbox(value) {
                    contacts.push(value);
                    self.contact(agent, contacts.len());
                    continue;
                }
                seen.push(value);
                if let Some(agent) = agent::by_name(&self.draft, value, agent.xpath()) {
                    agent::finish(&mut self.draft, agent, predicate);
                }
            }
        }
    }

    fn contact(&mut self, place: Element<'t>, number: usize) {
        let iri = self.iri();
        let node = self.draft.entity.node(&format!("contact-{number}"));
        self.draft.entity.set_origin(&node, place.xpath());
        self.draft
            .entity
            .add(&iri, dcat::CONTACT_POINT, node.clone());
        self.draft.entity.add_type(&node, vcard::KIND);
        self.draft
            .entity
            .add_text(&node, vcard::FN, place.value(), None);
        self.draft
            .entity
            .add_iri(&node, vcard::HAS_EMAIL, &mailto(place.value()));
    }
}

/// Whether a name is nothing but an e-mail address.
fn is_mailbox(value: &str) -> bool {
    let address = value.trim_start_matches("mailto:");
    address
        .split_once('@')
        .is_some_and(|(user, host)| !user.is_empty() && host.contains('.'))
        && !address.contains(char::is_whitespace)
}
