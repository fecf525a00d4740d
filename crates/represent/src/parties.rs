//! Responsible parties: contact points, and agents by role (`CI_ResponsibleParty` of ISO 19115, `contacts` of OGC API - Records).

use model::ns::{dcat, foaf, prov, vcard};

use crate::graph::{Node, Text, end};
use crate::iso19139::ROLES;

/// Who answers for a resource or a record.
#[derive(Default)]
pub(crate) struct Party<'a> {
    pub individual: Option<&'a str>,
    pub organisation: Vec<Text<'a>>,
    pub emails: Vec<&'a str>,
    pub telephone: Option<&'a str>,
    pub page: Option<&'a str>,
    pub address: Option<Node<'a>>,
}

/// The contact points, then the other agents, each with its role, as ISO 19115 has it.
pub(crate) fn parties(of: Node<'_>) -> Vec<(Party<'_>, &str)> {
    let mut points: Vec<Party<'_>> = of
        .nodes(dcat::CONTACT_POINT)
        .filter(|point| point.is_described())
        .map(contact_point)
        .collect();
    let mut others: Vec<(Party<'_>, &str)> = Vec::new();
    for (agent, role) in roles(of) {
        let party = agent_party(agent);
        let point = points
            .iter_mut()
            .find(|point| role == POINT_OF_CONTACT && point.is_called(&party));
        match point {
            // One party: the agent is known by its names in all languages.
            Some(point) if !point.organisation.is_empty() => {
                point.organisation = party.organisation;
            }
            Some(_) => {}
            None => others.push((party, role)),
        }
    }
    others.retain(|(party, _)| !party.organisation.is_empty() || party.individual.is_some());
    let points = points.into_iter().map(|point| (point, POINT_OF_CONTACT));
    points.chain(others).collect()
}

const POINT_OF_CONTACT: &str = "pointOfContact";

/// The agents in their roles, each once: in the order of the attributions, then of the properties.
fn roles<'a>(of: Node<'a>) -> Vec<(Node<'a>, &'a str)> {
    let attributed = of
        .nodes(prov::QUALIFIED_ATTRIBUTION)
        .filter_map(|attribution| {
            let role = end(attribution.first(dcat::HAD_ROLE)?.iri);
            let listed = role == POINT_OF_CONTACT || ROLES.iter().any(|(_, known)| *known == role);
            listed.then_some((attribution.first(prov::AGENT)?, role))
        });
    let stated = ROLES
        .iter()
        .flat_map(|(property, role)| of.nodes(*property).map(|agent| (agent, *role)));
    let mut found: Vec<(Node<'a>, &'a str)> = Vec::new();
    for (agent, role) in attributed.chain(stated) {
        let known = found
            .iter()
            .any(|(other, their)| other.iri == agent.iri && *their == role);
        if !known {
            found.push((agent, role));
        }
    }
    found
}

fn contact_point(node: Node<'_>) -> Party<'_> {
    let names = node.texts(vcard::FN);
    let organisation = node.texts(vcard::ORGANIZATION_NAME);
    let person = node.is(vcard::INDIVIDUAL) || !organisation.is_empty();
    let individual = names.first().map(|name| name.value).filter(|_| person);
    Party {
        organisation: match person {
            true => organisation,
            false => names,
        },
        individual,
        emails: node
            .objects(vcard::HAS_EMAIL)
            .map(|email| bare(email.as_str(), "mailto:"))
            .collect(),
        telephone: node
            .value(vcard::HAS_TELEPHONE)
            .map(|number| bare(number, "tel:")),
        page: node.value(vcard::HAS_URL),
        address: node.first(vcard::HAS_ADDRESS),
    }
}

fn agent_party(node: Node<'_>) -> Party<'_> {
    let names = node.texts(foaf::NAME);
    let person = node.is(foaf::PERSON);
    Party {
        individual: names.first().map(|name| name.value).filter(|_| person),
        organisation: match person {
            true => Vec::new(),
            false => names,
        },
        emails: node
            .objects(foaf::MBOX)
            .map(|email| bare(email.as_str(), "mailto:"))
            .collect(),
        telephone: node.value(foaf::PHONE).map(|number| bare(number, "tel:")),
        page: node.value(foaf::HOMEPAGE),
        address: None,
    }
}

fn bare<'a>(address: &'a str, scheme: &str) -> &'a str {
    address.strip_prefix(scheme).unwrap_or(address)
}

impl<'a> Party<'a> {
    fn is_called(&self, agent: &Self) -> bool {
        let named = |name: &Text<'_>| self.organisation.iter().any(|own| own.value == name.value);
        agent.organisation.iter().any(named)
            || (agent.individual.is_some()
                && agent.individual == self.individual
                && self.organisation.is_empty())
    }
}
