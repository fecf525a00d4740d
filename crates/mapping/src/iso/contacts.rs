//! Responsible parties: agents by role, contact points, qualified attributions.

use std::collections::HashSet;

use model::ns::{dcat, dcterms, foaf, geodcatap, prov, vcard};
use model::{Entity, EntityKind};
use oxrdf::{NamedNode, NamedNodeRef};

use super::codes;
use super::party::{MAX_PARTIES, Party, telephone};
use super::paths;
use super::text::is_code;
use super::{Element, Mapping};
use crate::agent::name_key;

/// The properties of roles (GeoDCAT-AP 3.0, annex B.4.16), with the roles that ISO 19115-1 added.
const ROLES: &[(&str, NamedNodeRef<'static>)] = &[
    ("publisher", dcterms::PUBLISHER),
    ("author", dcterms::CREATOR),
    ("coAuthor", dcterms::CREATOR),
    ("owner", dcterms::RIGHTS_HOLDER),
    ("rightsHolder", dcterms::RIGHTS_HOLDER),
    ("custodian", geodcatap::CUSTODIAN),
    ("distributor", geodcatap::DISTRIBUTOR),
    ("originator", geodcatap::ORIGINATOR),
    ("principalInvestigator", geodcatap::PRINCIPAL_INVESTIGATOR),
    ("processor", geodcatap::PROCESSOR),
    ("resourceProvider", geodcatap::RESOURCE_PROVIDER),
    ("user", geodcatap::USER),
];

impl<'t> Mapping<'_, 't> {
    /// The parties of the resource.
    pub(super) fn contacts(&mut self) {
        let subject = self.entity.iri.clone();
        let mut parties = self.parties(self.info, &paths::RESOURCE_CONTACT);
        let stated = parties.len();
        parties.extend(self.parties(self.info, &paths::CITED_PARTY));
        for distributor in self
            .all(self.root, &paths::DISTRIBUTOR)
            .into_iter()
            .take(MAX_PARTIES)
            .filter_map(Element::object)
        {
            parties.extend(
                distributor
                    .all("distributorContact")
                    .into_iter()
                    .filter_map(|contact| self.party(contact)),
            );
        }
        parties.truncate(MAX_PARTIES);
        self.contact_points(&subject, &parties, stated, "contact");
        let mut seen = HashSet::new();
        for party in &parties {
            self.responsible(&subject, party, "attribution", &mut seen);
        }
    }

    /// The parties of the record: its contact points, and who else answers for it.
    pub(super) fn record_contacts(&mut self, record: &NamedNode) {
        let parties = self.parties(self.root, &paths::RECORD_CONTACT);
        self.contact_points(record, &parties, parties.len(), "record-contact");
        let mut seen = HashSet::new();
        for party in &parties {
            self.responsible(record, party, "record-attribution", &mut seen);
        }
    }

    /// Those with the role `pointOfContact`; without any, the first of ISO's property `pointOfContact` that can be
    /// reached, whatever its role: that is what the property is for.
    fn contact_points(
        &mut self,
        subject: &NamedNode,
        parties: &[Party<'t>],
        stated: usize,
        local: &str,
    ) {
        let mut chosen: Vec<&Party<'t>> = parties
            .iter()
            .filter(|party| party.has_role("pointOfContact"))
            .collect();
        if chosen.is_empty() {
            chosen.extend(
                parties
                    .iter()
                    .take(stated)
                    .find(|party| party.can_be_reached()),
            );
        }
        let mut number = 0;
        let mut written: HashSet<Vec<String>> = HashSet::new();
        for party in chosen {
            let same: Vec<String> = [
                party.name(),
                party.individual.as_deref(),
                party.email_fields().first().copied(),
                party.detail("phone/voice"),
            ]
            .iter()
            .map(|value| value.unwrap_or_default().to_owned())
            .collect();
            if party.name().is_some_and(|name| !name.is_empty()) && written.insert(same) {
                number += 1;
                self.contact_point(subject, party, &format!("{local}-{number}"));
            }
        }
    }

    fn contact_point(&mut self, subject: &NamedNode, party: &Party<'t>, local: &str) {
        let node = self.entity.node(local);
        self.entity.set_origin(&node, party.place.xpath());
        self.entity.add(subject, dcat::CONTACT_POINT, node.clone());
        self.entity.add_type(&node, vcard::KIND);
        let organisation = party.organisation.first();
        let tag = self.locales.default.clone();
        match (&party.individual, organisation) {
            (Some(person), organisation) => {
                self.entity.add_type(&node, vcard::INDIVIDUAL);
                self.entity.add_text(&node, vcard::FN, person, None);
                if let Some(organisation) = organisation {
                    self.entity.add_text(
                        &node,
                        vcard::ORGANIZATION_NAME,
                        organisation.value,
                        organisation.language.as_deref(),
                    );
                }
            }
            (None, Some(organisation)) => {
                self.entity.add_type(&node, vcard::ORGANIZATION);
                self.entity.add_text(
                    &node,
                    vcard::FN,
                    organisation.value,
                    organisation.language.as_deref(),
                );
            }
            (None, None) => self.entity.add_text(
                &node,
                vcard::FN,
                party.position.unwrap_or_default(),
                tag.as_deref(),
            ),
        }
        self.email(&node, party);
        let phone = party
            .detail("phone/voice")
            .or_else(|| party.detail("phone/number"));
        if let Some(phone) =
            phone.and_then(|phone| telephone(phone, party.detail("address/country")))
        {
            self.entity.add_iri(&node, vcard::HAS_TELEPHONE, &phone);
        }
        if let Some(url) = party.url() {
            self.entity.add_iri(&node, vcard::HAS_URL, url);
        }
        self.address(&node, party, local);
    }

    /// Every field, as it was written: the rules find the addresses in it.
    fn email(&mut self, node: &NamedNode, party: &Party<'t>) {
        for field in party.email_fields() {
            self.entity.add_iri(node, vcard::HAS_EMAIL, field);
        }
    }

    fn address(&mut self, contact: &NamedNode, party: &Party<'t>, local: &str) {
        let street = party
            .contacts
            .iter()
            .map(|contact| {
                contact
                    .all("address/deliveryPoint")
                    .iter()
                    .map(|line| {
                        line.value()
                            .split_whitespace()
                            .collect::<Vec<_>>()
                            .join(" ")
                    })
                    .filter(|line| !line.is_empty())
                    .collect::<Vec<_>>()
                    .join(", ")
            })
            .find(|street| !street.is_empty())
            .unwrap_or_default();
        let values = [
            (vcard::STREET_ADDRESS, street.as_str()),
            (
                vcard::LOCALITY,
                party.detail("address/city").unwrap_or_default(),
            ),
            (
                vcard::REGION,
                party
                    .detail("address/administrativeArea")
                    .unwrap_or_default(),
            ),
            (
                vcard::POSTAL_CODE,
                party.detail("address/postalCode").unwrap_or_default(),
            ),
            (
                vcard::COUNTRY_NAME,
                party.detail("address/country").unwrap_or_default(),
            ),
        ];
        if values.iter().all(|(_, value)| value.is_empty()) {
            return;
        }
        let node = self.entity.node(&format!("{local}-address"));
        self.entity.add(contact, vcard::HAS_ADDRESS, node.clone());
        self.entity.add_type(&node, vcard::ADDRESS);
        for (property, value) in values {
            self.entity.add_text(&node, property, value, None);
        }
    }

    /// The property of a role, and the attribution that names the role.
    fn responsible(
        &mut self,
        subject: &NamedNode,
        party: &Party<'t>,
        local: &str,
        seen: &mut HashSet<(String, NamedNode)>,
    ) {
        let Some(role) = party.role else { return };
        let Some(agent) = self.agent(party) else {
            return;
        };
        let address = codes::ROLE.address(role);
        let key = address.clone().unwrap_or_else(|| role.to_owned());
        if !seen.insert((key, agent.clone())) {
            return;
        }
        for (code, property) in ROLES {
            // A resource has one publisher.
            let taken =
                *property == dcterms::PUBLISHER && self.entity.object(subject, *property).is_some();
            if is_code(role, code) && !taken {
                self.entity.add(subject, *property, agent.clone());
            }
        }
        let Some(address) = address else { return };
        let node = self.entity.node(&format!("{local}-{}", seen.len()));
        self.entity.set_origin(&node, party.place.xpath());
        self.entity
            .add(subject, prov::QUALIFIED_ATTRIBUTION, node.clone());
        self.entity.add_type(&node, prov::ATTRIBUTION);
        self.entity.add(&node, prov::AGENT, agent);
        self.entity
            .add(&node, dcat::HAD_ROLE, NamedNode::new_unchecked(address));
    }

    /// The agent that a party is: an entity of its own, known by its name. What varies from record to record (addresses,
    /// telephones) is the contact point's.
    fn agent(&mut self, party: &Party<'t>) -> Option<NamedNode> {
        let name = party
            .organisation
            .first()
            .map(|text| text.value)
            .or(party.individual.as_deref())?;
        let iri = self.context.minter.agent(&name_key(name)?);
        if self.agents.iter().any(|agent| agent.iri == iri) {
            return Some(iri);
        }
        let mut agent = Entity::new(EntityKind::Organisation, iri.clone());
        agent.rank.clone_from(&self.entity.rank);
        agent.set_origin(&iri, party.place.xpath());
        agent.add_type(&iri, foaf::AGENT);
        if party.organisation.is_empty() {
            agent.add_type(&iri, foaf::PERSON);
            agent.add_text(&iri, foaf::NAME, name, None);
        } else {
            agent.add_type(&iri, foaf::ORGANIZATION);
            // A name in one language is the name in all of them.
            let several = party.organisation.len() > 1;
            for text in &party.organisation {
                agent.add_text(
                    &iri,
                    foaf::NAME,
                    text.value,
                    text.language.as_deref().filter(|_| several),
                );
            }
        }
        self.agents.push(agent);
        Some(iri)
    }
}
