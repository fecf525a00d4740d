//! `contacts` (and the `providers` of STAC): agents by their roles, and vCards of whom to ask.

use model::ns::{dcat, dcterms, foaf, geodcatap, vcard};
use oxrdf::NamedNodeRef;

use crate::agent;
use crate::draft::{Draft, mailto};
use crate::json::View;

/// Roles of one contact that are read.
const MOST_ROLES: usize = 20;

/// Roles, as ISO 19115 (CI_RoleCode) and STAC name them.
const ROLES: [(&str, NamedNodeRef<'static>); 17] = [
    ("publisher", dcterms::PUBLISHER),
    ("creator", dcterms::CREATOR),
    ("author", dcterms::CREATOR),
    ("producer", dcterms::CREATOR),
    ("owner", dcterms::RIGHTS_HOLDER),
    ("licensor", dcterms::RIGHTS_HOLDER),
    ("rightsHolder", dcterms::RIGHTS_HOLDER),
    ("custodian", geodcatap::CUSTODIAN),
    ("distributor", geodcatap::DISTRIBUTOR),
    ("host", geodcatap::DISTRIBUTOR),
    ("originator", geodcatap::ORIGINATOR),
    ("principalInvestigator", geodcatap::PRINCIPAL_INVESTIGATOR),
    ("processor", geodcatap::PROCESSOR),
    ("resourceProvider", geodcatap::RESOURCE_PROVIDER),
    ("provider", geodcatap::RESOURCE_PROVIDER),
    ("user", geodcatap::USER),
    ("editor", geodcatap::CUSTODIAN),
];

/// An agent for each role that is known; a vCard where there is an address to write to, or no role at all.
pub(crate) fn named_or_card(draft: &mut Draft<'_>, contact: View<'_, '_>, at: usize) {
    let Some(contact) = contact.object() else {
        return;
    };
    let organisation = contact.text_of("organization");
    let person = contact.first_of(&["name", "fn"]);
    let Some(name) = organisation.as_deref().or(person.as_deref()) else {
        return contact.bad("a contact with a name");
    };
    let email = first_value(contact, "emails").or_else(|| contact.text_of("email").map(Into::into));
    let telephone = first_value(contact, "phones");
    let page = page(contact);
    let mut named = false;
    for role in contact.get("roles").texts().take(MOST_ROLES) {
        let known = ROLES
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(&role));
        let Some((_, predicate)) = known else {
            continue;
        };
        let Some(mut agent) = agent::by_name(draft, name, contact.pointer()) else {
            continue;
        };
        let iri = agent.iri.clone();
        if organisation.is_some() {
            agent.add_type(&iri, foaf::ORGANIZATION);
        }
        if let Some(page) = &page {
            agent.add_iri(&iri, foaf::HOMEPAGE, page);
        }
        agent::finish(draft, agent, *predicate);
        named = true;
    }
    if named && email.is_none() && telephone.is_none() {
        return;
    }
    let node = draft.entity.node(&format!("contact-{}", at + 1));
    if !draft.claim(&node) {
        return;
    }
    draft.open(&node, vcard::KIND, dcat::CONTACT_POINT, &contact);
    draft
        .entity
        .add_text(&node, vcard::FN, person.as_deref().unwrap_or(name), None);
    if let (Some(_), Some(organisation)) = (&person, &organisation) {
        draft
            .entity
            .add_text(&node, vcard::ORGANIZATION_NAME, organisation, None);
    }
    if let Some(email) = email {
        draft
            .entity
            .add_iri(&node, vcard::HAS_EMAIL, &mailto(&email));
    }
    if let Some(telephone) = telephone {
        draft
            .entity
            .add_text(&node, vcard::HAS_TELEPHONE, &telephone, None);
    }
    if let Some(page) = page {
        draft.entity.add_iri(&node, vcard::HAS_URL, &page);
    }
}

/// `[{"value": …}]`
fn first_value(contact: View<'_, '_>, key: &str) -> Option<String> {
    contact
        .get(key)
        .items()
        .find_map(|item| item.text_of("value").map(String::from))
}

fn page(contact: View<'_, '_>) -> Option<String> {
    let linked = contact
        .get("links")
        .items()
        .find_map(|link| link.text_of("href").map(String::from));
    linked.or_else(|| contact.text_of("url").map(String::from))
}
