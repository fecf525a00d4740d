//! `contact_points`: vCards of whom to ask, and agents with the other roles of ISO 19115.

use model::ns::{dcat, dcterms, foaf, geodcatap, vcard};
use oxrdf::NamedNodeRef;

use crate::agent;
use crate::draft::{Draft, local_name, mailto};
use crate::json::View;

/// More contact points than this help nobody.
const MOST: usize = 200;

const ROLES: [(&str, NamedNodeRef<'static>); 10] = [
    ("publisher", dcterms::PUBLISHER),
    ("creator", dcterms::CREATOR),
    ("rightsHolder", dcterms::RIGHTS_HOLDER),
    ("custodian", geodcatap::CUSTODIAN),
    ("distributor", geodcatap::DISTRIBUTOR),
    ("originator", geodcatap::ORIGINATOR),
    ("principalInvestigator", geodcatap::PRINCIPAL_INVESTIGATOR),
    ("processor", geodcatap::PROCESSOR),
    ("resourceProvider", geodcatap::RESOURCE_PROVIDER),
    ("user", geodcatap::USER),
];

pub(super) fn map(draft: &mut Draft<'_>, points: View<'_, '_>) {
    for (at, point) in points.items().take(MOST).enumerate() {
        let Some(point) = point.object() else {
            continue;
        };
        let role = point.text_of("role");
        let known = ROLES
            .iter()
            .find(|(name, _)| role.as_deref() == Some(*name));
        match known {
            Some((_, predicate)) => named(draft, point, *predicate),
            None => card(draft, point, at),
        }
    }
}

fn card(draft: &mut Draft<'_>, point: View<'_, '_>, at: usize) {
    let (name, email) = (point.text_of("name"), point.text_of("email"));
    let form = point.first_of(&["contact_form", "url"]);
    if name.is_none() && email.is_none() && form.is_none() {
        return;
    }
    let local = match point.text_of("id") {
        Some(id) => format!("contact-{}", local_name(&id)),
        None => format!("contact-{}", at + 1),
    };
    let node = draft.entity.node(&local);
    if !draft.claim(&node) {
        return;
    }
    draft.open(&node, vcard::KIND, dcat::CONTACT_POINT, &point);
    if let Some(name) = name {
        draft.entity.add_text(&node, vcard::FN, &name, None);
    }
    if let Some(email) = email {
        draft
            .entity
            .add_iri(&node, vcard::HAS_EMAIL, &mailto(&email));
    }
    if let Some(form) = form {
        draft.entity.add_iri(&node, vcard::HAS_URL, &form);
    }
}

fn named(draft: &mut Draft<'_>, point: View<'_, '_>, predicate: NamedNodeRef<'_>) {
    let email = point.text_of("email");
    let Some(name) = point.text_of("name").or_else(|| email.clone()) else {
        point.bad("a contact with a name");
        return;
    };
    // Contact points of an udata are made anew for each organisation that harvests: a name is what they share.
    let Some(mut agent) = agent::by_name(draft, &name, point.pointer()) else {
        return;
    };
    let iri = agent.iri.clone();
    if let Some(email) = email {
        agent.add_iri(&iri, foaf::MBOX, &mailto(&email));
    }
    if let Some(form) = point.first_of(&["contact_form", "url"]) {
        agent.add_iri(&iri, foaf::PAGE, &form);
    }
    agent::finish(draft, agent, predicate);
}
