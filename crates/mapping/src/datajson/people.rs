//! `publisher`, with the organisations above it, and `contactPoint`.

use model::Entity;
use model::ns::{dcat, dcterms, foaf, org, vcard};

use crate::agent;
use crate::draft::{Draft, mailto};
use crate::json::{Json, View};

/// Organisations above organisations: more is a loop that somebody wrote out.
const MOST_PARENTS: usize = 8;
/// More contact points than this help nobody.
const MOST_CONTACTS: usize = 200;

pub(super) fn publisher(draft: &mut Draft<'_>, view: View<'_, '_>) {
    let Some(publisher) = organisation(draft, view, 0) else {
        return;
    };
    agent::finish(draft, publisher, dcterms::PUBLISHER);
}

fn organisation(draft: &mut Draft<'_>, view: View<'_, '_>, depth: usize) -> Option<Entity> {
    let name = match view.value() {
        Json::Null => return None,
        Json::Object(_) => view.first_of(&["name", "prefLabel", "fn"]),
        Json::List(_) => {
            return view
                .items()
                .next()
                .and_then(|first| organisation(draft, first, depth));
        }
        _ => view.text(),
    };
    let Some(name) = name else {
        view.bad("an organisation with a name");
        return None;
    };
    let mut agent = agent::by_name(draft, &name, view.pointer())?;
    let iri = agent.iri.clone();
    if let Json::Object(_) = view.value() {
        agent.add_type(&iri, foaf::ORGANIZATION);
        for (key, predicate) in [("homepage", foaf::HOMEPAGE), ("url", foaf::HOMEPAGE)] {
            if let Some(page) = view.text_of(key) {
                agent.add_iri(&iri, predicate, &page);
            }
        }
        if let Some(email) = view.text_of("mbox") {
            agent.add_iri(&iri, foaf::MBOX, &mailto(&email));
        }
        let above = view.get("subOrganizationOf");
        if depth < MOST_PARENTS
            && let Some(parent) = organisation(draft, above, depth + 1)
            && parent.iri != iri
        {
            agent.add(&iri, org::SUB_ORGANIZATION_OF, parent.iri.clone());
            if draft.agents.iter().all(|known| known.iri != parent.iri) {
                draft.agents.push(parent);
            }
        }
    }
    Some(agent)
}

/// vCards; in version 1.0 a name, with the address beside it in `mbox`.
pub(super) fn contacts(draft: &mut Draft<'_>, root: View<'_, '_>) {
    let points = root.get("contactPoint");
    match points.value() {
        Json::List(_) => {
            for (at, point) in points.items().take(MOST_CONTACTS).enumerate() {
                card(draft, root, point, at);
            }
        }
        Json::Null => {}
        _ => card(draft, root, points, 0),
    }
}

fn card(draft: &mut Draft<'_>, root: View<'_, '_>, point: View<'_, '_>, at: usize) {
    let (name, email, page, telephone) = match point.value() {
        Json::Object(_) => (
            point.first_of(&["fn", "name", "organization-name"]),
            point.text_of("hasEmail"),
            point.first_of(&["hasURL", "url"]),
            point.text_of("hasTelephone"),
        ),
        _ => (point.text(), root.text_of("mbox"), None, None),
    };
    // ArcGIS Hub writes the scheme of an address that it does not have.
    let email = email.filter(|email| email.trim_end_matches(':') != "mailto");
    if name.is_none() && email.is_none() && page.is_none() {
        return;
    }
    let node = draft.entity.node(&format!("contact-{}", at + 1));
    draft.open(&node, vcard::KIND, dcat::CONTACT_POINT, &point);
    if let Some(name) = name {
        draft.entity.add_text(&node, vcard::FN, &name, None);
    }
    if let Some(email) = email {
        draft
            .entity
            .add_iri(&node, vcard::HAS_EMAIL, &mailto(&email));
    }
    if let Some(page) = page {
        draft.entity.add_iri(&node, vcard::HAS_URL, &page);
    }
    if let Some(telephone) = telephone {
        draft
            .entity
            .add_text(&node, vcard::HAS_TELEPHONE, &telephone, None);
    }
}
