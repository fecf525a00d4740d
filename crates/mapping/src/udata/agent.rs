//! Organisations and users: agents, entities of their own.

use model::ns::{adms, dcterms, foaf, geodcatap, skos};
use model::{Entity, EntityKind};
use oxrdf::{Literal, NamedNodeRef};

use crate::agent::{finish, name_key};
use crate::draft::Draft;
use crate::json::View;

/// The publisher types of ADMS, by the badges of which the meaning is certain (`public-service` may be a ministry or
/// a town).
const TYPES: [(&str, &str); 3] = [
    (
        "local-authority",
        "http://purl.org/adms/publishertype/LocalAuthority",
    ),
    ("company", "http://purl.org/adms/publishertype/Company"),
    (
        "association",
        "http://purl.org/adms/publishertype/NonProfitOrganisation",
    ),
];

/// The organisation publishes, or else the user who owns the record. Where a contact point says who the publisher
/// is, the organisation on the portal has only passed the record on: it is the distributor.
pub(super) fn publisher(draft: &mut Draft<'_>, root: View<'_, '_>) {
    let published_by_another = root
        .get("contact_points")
        .items_quietly()
        .any(|point| point.text_of("role").as_deref() == Some("publisher"));
    let predicate = if published_by_another {
        geodcatap::DISTRIBUTOR
    } else {
        dcterms::PUBLISHER
    };
    let organisation = root.get("organization").object();
    let named = organisation.is_some_and(|view| organization(draft, view, predicate));
    if let Some(owner) = root.get("owner").object() {
        let predicate = if named { dcterms::CREATOR } else { predicate };
        user(draft, owner, predicate);
    }
}

fn organization(draft: &mut Draft<'_>, view: View<'_, '_>, predicate: NamedNodeRef<'_>) -> bool {
    let Some(mut agent) = begin(
        draft,
        view,
        "organizations",
        view.text_of("name").as_deref(),
    ) else {
        return false;
    };
    let iri = agent.iri.clone();
    agent.add_type(&iri, foaf::ORGANIZATION);
    for (predicate, key) in [(foaf::HOMEPAGE, "url"), (foaf::LOGO, "logo")] {
        if let Some(address) = view.text_of(key) {
            agent.add_iri(&iri, predicate, &address);
        }
    }
    if let Some(acronym) = view.text_of("acronym") {
        agent.add_text(&iri, skos::ALT_LABEL, &acronym, None);
    }
    if let Some(siret) = view.text_of("business_number_id") {
        let node = agent.node("siret");
        agent.add(&iri, adms::IDENTIFIER, node.clone());
        agent.add_type(&node, adms::IDENTIFIER_CLASS);
        agent.add(&node, skos::NOTATION, Literal::new_simple_literal(&*siret));
        agent.add_text(&node, adms::SCHEMA_AGENCY, "INSEE", None);
        agent.aliases.push(format!("siret:{siret}"));
    }
    for badge in view.get("badges").items() {
        let kind = badge.text_of("kind");
        let known = TYPES
            .iter()
            .find(|(name, _)| kind.as_deref() == Some(*name));
        if let Some((_, class)) = known {
            agent.add_iri(&iri, dcterms::TYPE, class);
        }
    }
    finish(draft, agent, predicate);
    true
}

fn user(draft: &mut Draft<'_>, view: View<'_, '_>, predicate: NamedNodeRef<'_>) {
    let parts = [view.text_of("first_name"), view.text_of("last_name")];
    // udata wants both names; what has only one puts a dash for the other.
    let name = parts
        .into_iter()
        .flatten()
        .filter(|part| part != "-")
        .collect::<Vec<_>>()
        .join(" ");
    let name = Some(name).filter(|name| !name.is_empty());
    let name = name.or_else(|| view.text_of("slug").map(Into::into));
    let Some(mut agent) = begin(draft, view, "users", name.as_deref()) else {
        return;
    };
    let iri = agent.iri.clone();
    agent.add_type(&iri, foaf::PERSON);
    finish(draft, agent, predicate);
}

/// An agent with what every agent has. One without a name is none: DCAT-AP requires it.
fn begin(
    draft: &Draft<'_>,
    view: View<'_, '_>,
    collection: &str,
    name: Option<&str>,
) -> Option<Entity> {
    let Some(name) = name else {
        view.bad("an agent with a name");
        return None;
    };
    let id = view.text_of("id");
    let key = match &id {
        Some(id) => format!("{}/{collection}/{id}", draft.host),
        None => name_key(name)?,
    };
    let mut agent = Entity::new(EntityKind::Organisation, draft.context.minter.agent(&key));
    let iri = agent.iri.clone();
    agent.rank.clone_from(&draft.entity.rank);
    agent.set_origin(&iri, view.pointer());
    agent.add_type(&iri, foaf::AGENT);
    agent.add_text(&iri, foaf::NAME, name, None);
    if let Some(id) = id {
        agent.add_text(&iri, dcterms::IDENTIFIER, &id, None);
    }
    if let Some(page) = view.first_of(&["self_web_url", "page"]) {
        agent.add_iri(&iri, foaf::PAGE, &page);
    }
    agent.aliases.push(key);
    Some(agent)
}
