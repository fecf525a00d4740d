//! Responsible parties: contact points, and agents by role.

use model::ns::{dcat, foaf, prov, vcard};

use super::writer::Writer;
use super::{Entity, codes};
use crate::graph::{Node, Text, end};

/// A `CI_ResponsibleParty` to be.
#[derive(Default)]
struct Party<'a> {
    individual: Option<&'a str>,
    organisation: Vec<Text<'a>>,
    emails: Vec<&'a str>,
    telephone: Option<&'a str>,
    page: Option<&'a str>,
    address: Option<Node<'a>>,
}

impl<'a> Entity<'a> {
    /// Those who answer for the record; the catalogue where nobody does, for there must be one.
    pub(super) fn record_contacts(&self, w: &mut Writer<'a>) {
        let mut written = 0;
        if let Some(record) = self.record {
            written = self.parties(w, record, "gmd:contact");
        }
        if written == 0 {
            let party = Party {
                organisation: vec![Text {
                    value: self.context.publisher,
                    language: None,
                }],
                page: Some(self.context.home),
                ..Party::default()
            };
            party.write(w, "gmd:contact", "pointOfContact");
        }
    }

    /// Those of the resource.
    pub(super) fn resource_contacts(&self, w: &mut Writer<'a>) {
        self.parties(w, self.node, "gmd:pointOfContact");
    }

    fn parties(&self, w: &mut Writer<'a>, of: Node<'a>, property: &str) -> usize {
        let mut points: Vec<Party<'a>> = of
            .nodes(dcat::CONTACT_POINT)
            .filter(|point| point.is_described())
            .map(contact_point)
            .collect();
        let mut others: Vec<(Party<'a>, &str)> = Vec::new();
        for (agent, role) in roles(of) {
            let party = agent_party(agent);
            let point = points
                .iter_mut()
                .find(|point| role == "pointOfContact" && point.is_called(&party));
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
        for point in &points {
            point.write(w, property, "pointOfContact");
        }
        for (party, role) in &others {
            party.write(w, property, role);
        }
        points.len() + others.len()
    }
}

/// The agents in their roles, each once: in the order of the attributions, then of the properties.
fn roles<'a>(of: Node<'a>) -> Vec<(Node<'a>, &'a str)> {
    let attributed = of
        .nodes(prov::QUALIFIED_ATTRIBUTION)
        .filter_map(|attribution| {
            let role = end(attribution.first(dcat::HAD_ROLE)?.iri);
            let listed =
                role == "pointOfContact" || codes::ROLES.iter().any(|(_, known)| *known == role);
            listed.then_some((attribution.first(prov::AGENT)?, role))
        });
    let stated = codes::ROLES
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

    fn write(&self, w: &mut Writer<'a>, property: &str, role: &str) {
        w.path(&format!("{property}/gmd:CI_ResponsibleParty"), |w| {
            if let Some(individual) = self.individual {
                w.string("gmd:individualName", individual);
            }
            w.texts("gmd:organisationName", &self.organisation);
            self.contact(w);
            w.code("gmd:role", "CI_RoleCode", role);
        });
    }

    fn contact(&self, w: &mut Writer<'a>) {
        let reachable = !self.emails.is_empty() || self.address.is_some();
        if !reachable && self.telephone.is_none() && self.page.is_none() {
            return;
        }
        w.path("gmd:contactInfo/gmd:CI_Contact", |w| {
            if let Some(telephone) = self.telephone {
                w.path("gmd:phone/gmd:CI_Telephone", |w| {
                    w.string("gmd:voice", telephone)
                });
            }
            if reachable {
                w.path("gmd:address/gmd:CI_Address", |w| self.address(w));
            }
            if let Some(page) = self.page {
                w.path("gmd:onlineResource/gmd:CI_OnlineResource", |w| {
                    w.url("gmd:linkage", page);
                });
            }
        });
    }

    fn address(&self, w: &mut Writer<'a>) {
        let parts = [
            ("gmd:deliveryPoint", vcard::STREET_ADDRESS),
            ("gmd:city", vcard::LOCALITY),
            ("gmd:administrativeArea", vcard::REGION),
            ("gmd:postalCode", vcard::POSTAL_CODE),
            ("gmd:country", vcard::COUNTRY_NAME),
        ];
        for (property, predicate) in parts {
            if let Some(value) = self.address.and_then(|address| address.value(predicate)) {
                w.string(property, value);
            }
        }
        for email in &self.emails {
            w.string("gmd:electronicMailAddress", email);
        }
    }
}
