//! Agents: entities of their own, known by a number of the state, by their IRI, or by their name.

use model::ns::{adms, dcat, dcterms, foaf, prov};
use model::{Entity, EntityKind, Severity};
use oxrdf::vocab::{rdf, xsd};
use oxrdf::{Literal, NamedNode, NamedNodeRef, Term};

use super::graph::{Node, node};
use super::node::is_skolem;
use super::source::NOWHERE;
use super::terms::{self, Role};
use super::{Current, Mapping};
use crate::agent::name_key;
use crate::draft::short_hash;

const PUBLISHER_ROLE: NamedNodeRef<'static> = NamedNodeRef::new_unchecked(
    "http://inspire.ec.europa.eu/metadata-codelist/ResponsiblePartyRole/publisher",
);

/// Agents that belong to agents that belong to agents... are followed so far.
const DEEPEST: usize = 8;

/// More agents than this are no description of one dataset, and more names than this no names of one agent.
const MOST_AGENTS: usize = 10_000;
const MOST_ALIASES: usize = 1_000;

const ADDRESSES: [&str; 5] = [
    "http://xmlns.com/foaf/0.1/mbox",
    "http://www.w3.org/2006/vcard/ns#hasEmail",
    "http://xmlns.com/foaf/0.1/homepage",
    "http://www.w3.org/2006/vcard/ns#hasURL",
    "http://schema.org/email",
];

impl Mapping<'_> {
    /// An agent by its role.
    pub(super) fn agent(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        object: &Term,
    ) {
        let iri = match object {
            Term::Literal(literal) => self.agent_by_name(literal.value(), subject),
            _ => node(object).and_then(|agent| self.agent_of(&agent)),
        };
        match iri {
            Some(iri) if predicate == dcterms::PUBLISHER && self.has_another(subject, &iri) => {
                self.further_publisher(subject, iri);
            }
            Some(iri) => self.add(subject, predicate, iri),
            None if matches!(object, Term::Literal(literal) if literal.value().trim().is_empty()) =>
                {}
            None => {
                let value = self.text_of(object).unwrap_or_default();
                let place = node(object).map_or_else(String::new, |agent| self.place(&agent));
                self.find(
                    "agent/no-name",
                    Severity::Warning,
                    &format!(
                        "the agent of {} has neither a name nor an IRI: it was left out",
                        terms::short(predicate.as_str())
                    ),
                    "give the agent a foaf:name",
                    &value,
                    place,
                );
            }
        }
    }

    fn has_another(&self, subject: &NamedNode, publisher: &NamedNode) -> bool {
        self.current
            .entity
            .objects(subject, dcterms::PUBLISHER)
            .any(|known| *known != Term::NamedNode(publisher.clone()))
    }

    /// DCAT-AP has one publisher; a further one keeps its role in an attribution.
    fn further_publisher(&mut self, subject: &NamedNode, publisher: NamedNode) {
        let own = self
            .current
            .entity
            .node(&format!("attribution-{}", short_hash(publisher.as_str())));
        self.add(subject, prov::QUALIFIED_ATTRIBUTION, own.clone());
        self.add(&own, rdf::TYPE, prov::ATTRIBUTION.into_owned());
        self.add(&own, dcat::HAD_ROLE, PUBLISHER_ROLE.into_owned());
        let name = publisher.as_str().to_owned();
        self.add(&own, prov::AGENT, publisher);
        self.find(
            "value/several",
            Severity::Info,
            "one publisher is allowed: this one was kept as a qualified attribution",
            "give one publisher; give the others their own roles",
            &name,
            self.place(self.main),
        );
    }

    fn agent_by_name(&mut self, name: &str, subject: &NamedNode) -> Option<NamedNode> {
        let key = name_key(name)?;
        let iri = self.context.minter.agent(&key);
        let mut agent = Current::new(EntityKind::Organisation, iri.clone());
        let place = self
            .current
            .entity
            .origin(subject.as_str())
            .unwrap_or_default()
            .to_owned();
        agent.entity.set_origin(&iri, place);
        agent.entity.rank.clone_from(&self.rank);
        agent.entity.add_type(&iri, foaf::AGENT);
        agent.entity.add_text(&iri, foaf::NAME, name, None);
        agent.entity.aliases.push(key);
        self.keep(agent);
        Some(iri)
    }

    /// The agent that a node of the record is.
    pub(super) fn agent_of(&mut self, of: &Node) -> Option<NamedNode> {
        if let Some(known) = self.known_agents.get(of) {
            return known.clone();
        }
        let keys = self.agent_keys(of);
        let iri = match (&keys[..], &self.context.minted) {
            ([], _) => None,
            // An agent that has a record of its own keeps the IRI that it has.
            (_, Some(minted)) if of == self.main => Some((*minted).clone()),
            ([key, ..], _) => Some(self.context.minter.agent(key)),
        };
        self.known_agents.insert(of.clone(), iri.clone());
        let iri = iri?;
        let mut agent = Current::new(EntityKind::Organisation, iri.clone());
        agent.entity.set_origin(&iri, self.place(of));
        agent.entity.add_type(&iri, foaf::AGENT);
        agent.entity.aliases = keys;
        if let Node::NamedNode(original) = of {
            agent.entity.aliases.push(original.as_str().to_owned());
        }
        if self.graph.describes(of) {
            agent.entity.rank.clone_from(&self.rank);
            self.describe(of, &iri, agent);
        } else {
            self.name_by_iri(of, &iri, agent);
        }
        Some(iri)
    }

    /// What the record says of the agent.
    fn describe(&mut self, of: &Node, iri: &NamedNode, agent: Current) {
        if self.depth >= DEEPEST {
            return self.name_by_iri(of, iri, agent);
        }
        let outer = std::mem::replace(&mut self.current, agent);
        let depth = self.depth;
        self.depth += 1;
        let graph = self.graph;
        for class in graph.classes(of) {
            let class = match terms::short(class).as_str() {
                "foaf:Organization"
                | "org:Organization"
                | "org:FormalOrganization"
                | "schema:Organization"
                | "schema:GovernmentOrganization"
                | "vcard:Organization"
                | "vcard:Group"
                | "prov:Organization"
                | "rov:RegisteredOrganization" => foaf::ORGANIZATION,
                "foaf:Person" | "schema:Person" | "vcard:Individual" | "prov:Person" => {
                    foaf::PERSON
                }
                _ => continue,
            };
            self.add(iri, rdf::TYPE, class.into_owned());
        }
        if let Node::NamedNode(original) = of
            && !is_skolem(original.as_str())
        {
            self.plain(iri, dcterms::IDENTIFIER, &Term::NamedNode(original.clone()));
        }
        self.carry(of, iri, Role::Agent);
        self.settle_topics();
        self.depth = depth;
        let described = std::mem::replace(&mut self.current, outer);
        if described.entity.object(iri, foaf::NAME).is_none() {
            let name = self
                .addresses(of)
                .into_iter()
                .next()
                .or_else(|| self.text_of(&of.clone().into()))
                // A record that says of its publisher no more than a SIRET.
                .or_else(|| self.state_number(of));
            let mut described = described;
            if let Some(name) = name {
                described.entity.add_text(iri, foaf::NAME, &name, None);
            }
            return self.keep(described);
        }
        self.keep(described);
    }

    /// An agent that the record points at and does not describe: what describes it, anywhere, comes before this.
    fn name_by_iri(&mut self, of: &Node, iri: &NamedNode, mut agent: Current) {
        let Node::NamedNode(original) = of else {
            return self.keep(agent);
        };
        let value = original.as_str().strip_prefix(NOWHERE);
        let value = value.unwrap_or(original.as_str());
        agent.entity.add_text(iri, foaf::NAME, value, None);
        agent
            .entity
            .add_typed(iri, dcterms::IDENTIFIER, value, xsd::ANY_URI);
        self.find(
            "agent/not-described",
            Severity::Info,
            "the record points at an agent that it does not describe: it is published under its IRI, until a record describes it",
            "describe the agent where it is named: its class and its foaf:name",
            value,
            self.place(self.main),
        );
        self.keep(agent);
    }

    /// Adds the agent to those that the record names; what is said of one in two places is said of one.
    fn keep(&mut self, agent: Current) {
        let entity = agent.entity;
        let at = self.agents_by_iri.get(&entity.iri).copied();
        let known = at.and_then(|at| self.agents.get_mut(at));
        match known {
            Some(known) => {
                // What is there twice is left out at the end.
                known.triples.extend(entity.triples);
                known.origins.extend(entity.origins);
                known.labels.extend(entity.labels);
                known.links.extend(entity.links);
                for alias in entity.aliases {
                    if known.aliases.len() < MOST_ALIASES && !known.aliases.contains(&alias) {
                        known.aliases.push(alias);
                    }
                }
                if known.rank < entity.rank {
                    known.rank = entity.rank;
                }
            }
            None => self.keep_another(entity),
        }
    }

    fn keep_another(&mut self, agent: Entity) {
        if self.agents.len() < MOST_AGENTS {
            let at = self.agents.len();
            self.agents_by_iri.insert(agent.iri.clone(), at);
            return self.agents.push(agent);
        }
        self.find(
            "record/too-large",
            Severity::Warning,
            &format!(
                "the record names more than {MOST_AGENTS} agents: what it says of this one was left out"
            ),
            "name those that are responsible, and no others",
            agent.iri.as_str(),
            self.place(self.main),
        );
    }

    /// By what the agent is known: the first names it, the others are names too.
    fn agent_keys(&self, of: &Node) -> Vec<String> {
        let mut keys: Vec<String> = self.state_number(of).into_iter().collect();
        if let Node::NamedNode(iri) = of
            && !is_skolem(iri.as_str())
        {
            keys.extend(state_number_of_iri(iri.as_str()).filter(|_| keys.is_empty()));
            if is_global(iri.as_str()) {
                keys.push(format!("iri:{}", iri.as_str()));
            } else if self.agent_names(of).is_empty() {
                // A name that means something in this source only.
                let local = iri.as_str().strip_prefix(NOWHERE).unwrap_or(iri.as_str());
                keys.push(format!("{}/iri:{local}", self.context.source));
            }
        }
        let names = self.agent_names(of);
        let name = self.preferred(&names).map(|name| name.value().to_owned());
        let name = name.or_else(|| self.addresses(of).into_iter().next());
        keys.extend(name.as_deref().and_then(name_key));
        keys
    }

    fn agent_names(&self, of: &Node) -> Vec<Literal> {
        self.graph
            .of(of)
            .iter()
            .filter(|(predicate, _)| {
                terms::rule(Role::Agent, predicate.as_str())
                    .is_some_and(|rule| rule.predicate == foaf::NAME)
            })
            .filter_map(|(_, object)| match object {
                Term::Literal(literal) if !literal.value().trim().is_empty() => {
                    Some(literal.clone())
                }
                _ => None,
            })
            .collect()
    }

    fn addresses(&self, of: &Node) -> Vec<String> {
        ADDRESSES
            .iter()
            .flat_map(|predicate| self.graph.objects(of, predicate))
            .filter_map(|object| self.text_of(object))
            .map(|address| address.trim_start_matches("mailto:").to_owned())
            .filter(|address| !address.is_empty())
            .collect()
    }

    /// `siret:…` or `siren:…`, where an identifier of the agent is that.
    fn state_number(&self, of: &Node) -> Option<String> {
        let stated = self.graph.objects(of, terms::IDENTIFIER);
        let nodes = self
            .graph
            .objects(of, adms::IDENTIFIER.as_str())
            .chain(
                self.graph
                    .objects(of, "http://www.w3.org/ns/org#identifier"),
            )
            .chain(
                self.graph
                    .objects(of, "http://www.w3.org/ns/regorg#registration"),
            );
        let numbers: Vec<String> = stated
            .chain(nodes)
            .filter_map(|object| {
                let inner = node(object)
                    .filter(|inner| self.graph.describes(inner))
                    .and_then(|inner| {
                        self.graph
                            .objects(&inner, model::ns::skos::NOTATION.as_str())
                            .next()
                    });
                self.text_of(inner.unwrap_or(object))
            })
            .collect();
        numbers
            .iter()
            .find_map(|number| match number.split_once(':') {
                Some(_) => state_number_of_iri(number),
                None => state_number(number),
            })
    }
}

/// A SIRET or a SIREN: 14 or 9 digits of which the sum of Luhn is right.
fn state_number(text: &str) -> Option<String> {
    let digits: String = text
        .chars()
        .filter(|c| !matches!(c, ' ' | '\u{a0}' | '\u{202f}'))
        .collect();
    let name = match digits.len() {
        14 => "siret",
        9 => "siren",
        _ => return None,
    };
    (digits.bytes().all(|byte| byte.is_ascii_digit()) && luhn(&digits))
        .then(|| format!("{name}:{digits}"))
}

/// An IRI that says that it is one: `…/siret/13002526500013`, `urn:siren:130025265`.
fn state_number_of_iri(iri: &str) -> Option<String> {
    let lower = iri.to_ascii_lowercase();
    if !lower.contains("sire") {
        return None;
    }
    let last = iri
        .trim_end_matches('/')
        .rsplit(['/', ':', '#', '='])
        .next()?;
    state_number(last)
}

fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, byte)| {
            let digit = u32::from(byte - b'0') * (1 + u32::try_from(at % 2).unwrap_or(0));
            if digit > 9 { digit - 9 } else { digit }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Whether an IRI means the same agent in every source.
fn is_global(iri: &str) -> bool {
    if iri.starts_with("urn:uuid:") || iri.starts_with("did:") {
        return true;
    }
    let Some(("http" | "https", rest)) = iri.split_once("://") else {
        return false;
    };
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or(rest);
    host.contains('.')
        && !iri.starts_with(NOWHERE)
        && !host.starts_with("127.")
        && !host.starts_with("192.168.")
        && !host.starts_with("10.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_the_state() {
        assert_eq!(
            state_number("130 025 265 00013").as_deref(),
            Some("siret:13002526500013")
        );
        assert_eq!(
            state_number("130025265").as_deref(),
            Some("siren:130025265")
        );
        assert_eq!(state_number("130025266"), None);
        assert_eq!(
            state_number_of_iri("https://annuaire.example/siren/130025265/").as_deref(),
            Some("siren:130025265")
        );
        assert_eq!(state_number_of_iri("https://a.example/130025265"), None);
    }

    #[test]
    fn iris_of_one_machine_are_no_names_for_all() {
        assert!(is_global("https://a.example/org/1"));
        for local in [
            "http://localhost:8080/o",
            "internalURI:creator0",
            "file:///o",
            "http://relative.invalid/o",
        ] {
            assert!(!is_global(local), "{local}");
        }
    }
}
