//! Organisations and people by what they are to the dataset.

use model::ns::{dcterms, foaf, geodcatap};
use model::{Entity, EntityKind};
use oxrdf::{NamedNode, NamedNodeRef};

use super::fields::{Fields, leaves};
use super::organisations::{Organisation, known_as};
use super::statements::{address, member, objects};
use super::{contacts, organisations};
use crate::agent::by_name;
use crate::draft::{Draft, mailto};
use crate::json::{Json, View};

/// More agents or contacts than this help nobody.
pub(super) const MOST: usize = 100;

/// Statements about an agent that is named again and again: each is looked for among them.
const MOST_STATEMENTS: usize = 300;

const CONTRIBUTOR: NamedNodeRef<'static> =
    NamedNodeRef::new_unchecked("http://purl.org/dc/terms/contributor");

/// Roles of one agent.
const MOST_ROLES: usize = 20;

/// Fields that are agents by their role, as a list of objects or as fields with the role before their name.
const ROLES: [(&str, NamedNodeRef<'static>); 4] = [
    ("publisher", dcterms::PUBLISHER),
    ("creator", dcterms::CREATOR),
    ("contributor", CONTRIBUTOR),
    ("rights_holder", dcterms::RIGHTS_HOLDER),
];

/// The roles of ISO 19115, in `responsible-party`.
const ISO_ROLES: [(&str, NamedNodeRef<'static>); 10] = [
    ("publisher", dcterms::PUBLISHER),
    ("owner", dcterms::RIGHTS_HOLDER),
    ("author", dcterms::CREATOR),
    ("custodian", geodcatap::CUSTODIAN),
    ("distributor", geodcatap::DISTRIBUTOR),
    ("originator", geodcatap::ORIGINATOR),
    ("principalInvestigator", geodcatap::PRINCIPAL_INVESTIGATOR),
    ("processor", geodcatap::PROCESSOR),
    ("resourceProvider", geodcatap::RESOURCE_PROVIDER),
    ("user", geodcatap::USER),
];

pub(super) fn map(draft: &mut Draft<'_>, package: &Fields<'_, '_>) {
    let mut organisations = organisations::of(draft, package);
    let mut published = false;
    for (role, predicate) in ROLES {
        for agent in of_role(draft, package, role) {
            published |= role == "publisher";
            let agent = known_as(agent, &mut organisations);
            finish(draft, agent, predicate);
        }
    }
    published |= parties(draft, package, &mut organisations);
    // The organisation publishes on the portal. Where the record names another publisher, the organisation has only passed it on.
    let predicate = match published {
        true => geodcatap::DISTRIBUTOR,
        false => dcterms::PUBLISHER,
    };
    for Organisation { agent, named, .. } in organisations {
        if !named {
            finish(draft, agent, predicate);
        }
    }
    author(draft, package);
    contacts::map(draft, package);
}

fn of_role(draft: &Draft<'_>, package: &Fields<'_, '_>, role: &str) -> Vec<Entity> {
    let field = package.get(role);
    let mut agents: Vec<Entity> = objects(&field, MOST)
        .filter_map(|view| described(draft, &view))
        .collect();
    if agents.is_empty() {
        let texts = leaves_of_names(&field);
        agents = texts
            .into_iter()
            .filter_map(|name| by_name(draft, &name, field.pointer()))
            .collect();
    }
    if agents.is_empty() {
        agents.extend(prefixed(draft, package, role));
    }
    agents
}

fn leaves_of_names(field: &View<'_, '_>) -> Vec<String> {
    match field.value() {
        Json::Text(_) => leaves(field),
        Json::List(items) if items.iter().all(|item| matches!(item, Json::Text(_))) => {
            leaves(field)
        }
        _ => Vec::new(),
    }
    .into_iter()
    .take(MOST)
    .map(|leaf| leaf.text.into_owned())
    .collect()
}

/// `publisher_name`, `publisher_email`...; `dcat_` stands before them in ckanext-dcat's compatibility mode.
fn prefixed(draft: &Draft<'_>, package: &Fields<'_, '_>, role: &str) -> Option<Entity> {
    let text = |part: &str| {
        let (key, old) = (format!("{role}_{part}"), format!("dcat_{role}_{part}"));
        package
            .text(&key)
            .or_else(|| package.text(&old))
            .map(String::from)
    };
    let place = format!("{role}_name");
    let place = package.get(&place).pointer();
    let card = Card {
        name: text("name"),
        uri: text("uri"),
        email: text("email"),
        url: text("url"),
        kind: text("type"),
        identifier: text("identifier"),
    };
    // Its type alone is a statement of HealthDCAT-AP about whoever publishes.
    (card.name.is_some() || card.uri.is_some())
        .then(|| agent(draft, card, place))
        .flatten()
}

/// What is said of an agent.
struct Card {
    name: Option<String>,
    uri: Option<String>,
    email: Option<String>,
    url: Option<String>,
    kind: Option<String>,
    identifier: Option<String>,
}

/// An agent as an object of a list, with the agents on whose behalf it acts left aside.
pub(super) fn described(draft: &Draft<'_>, view: &View<'_, '_>) -> Option<Entity> {
    let text = |keys: &[&str]| member(view, keys).map(String::from);
    let mut translated = leaves(&view.get("name_translated"));
    translated.truncate(MOST);
    let name = text(&["name", "title"]).or_else(|| {
        translated
            .first()
            .map(|leaf| leaf.text.clone().into_owned())
    });
    let card = Card {
        name,
        uri: text(&["uri"]),
        email: text(&["email", "mbox"]),
        url: text(&["url", "homepage"]),
        kind: text(&["type"]),
        identifier: text(&["identifier"]),
    };
    let mut agent = agent(draft, card, view.pointer())?;
    let iri = agent.iri.clone();
    for leaf in translated {
        agent.add_text(&iri, foaf::NAME, &leaf.text, leaf.language.as_deref());
    }
    Some(agent)
}

/// An agent with an address of its own is known by it, another by its name.
fn agent(draft: &Draft<'_>, card: Card, place: String) -> Option<Entity> {
    let uri = card.uri.filter(|uri| address(uri).is_some());
    let name = card
        .name
        .or_else(|| card.email.clone())
        .or_else(|| card.identifier.clone())
        .or_else(|| uri.clone())?;
    let mut agent = match &uri {
        Some(uri) => {
            let mut agent = Entity::new(EntityKind::Organisation, draft.context.minter.agent(uri));
            let iri = agent.iri.clone();
            agent.rank.clone_from(&draft.entity.rank);
            agent.set_origin(&iri, place);
            agent.add_type(&iri, foaf::AGENT);
            agent.add_text(&iri, foaf::NAME, &name, None);
            agent.aliases.push(uri.clone());
            agent
        }
        None => by_name(draft, &name, place)?,
    };
    let iri = agent.iri.clone();
    if let Some(email) = &card.email {
        agent.add_iri(&iri, foaf::MBOX, &mailto(email));
    }
    if let Some(url) = &card.url {
        agent.add_iri(&iri, foaf::HOMEPAGE, url);
    }
    if let Some(kind) = &card.kind {
        match address(kind) {
            Some(kind) => agent.add(&iri, dcterms::TYPE, kind),
            None => agent.add_text(&iri, dcterms::TYPE, kind, None),
        }
    }
    for identifier in card.identifier.iter().chain(&uri) {
        agent.add_text(&iri, dcterms::IDENTIFIER, identifier, None);
    }
    Some(agent)
}

/// `responsible-party`: names and the roles of ISO 19115; says whether one of them publishes. Who is the point of contact only is in
/// `contact-email`.
fn parties(
    draft: &mut Draft<'_>,
    package: &Fields<'_, '_>,
    organisations: &mut [Organisation],
) -> bool {
    let mut published = false;
    let field = package.get("responsible-party");
    for party in objects(&field, MOST) {
        let Some(name) = member(&party, &["name"]) else {
            continue;
        };
        for role in leaves(&party.get("roles")).into_iter().take(MOST_ROLES) {
            let Some((_, predicate)) = ISO_ROLES.iter().find(|(name, _)| role.text == *name) else {
                continue;
            };
            let Some(agent) = by_name(draft, &name, party.pointer()) else {
                continue;
            };
            published |= *predicate == dcterms::PUBLISHER;
            let agent = known_as(agent, organisations);
            finish(draft, agent, *predicate);
        }
    }
    published
}

/// CKAN's author, unless the record names its creators.
fn author(draft: &mut Draft<'_>, package: &Fields<'_, '_>) {
    let iri = draft.entity.iri.clone();
    let Some(name) = package.text("author") else {
        return;
    };
    if draft.entity.object(&iri, dcterms::CREATOR).is_some() {
        return;
    }
    let card = Card {
        name: Some(name.into_owned()),
        uri: None,
        email: package.text("author_email").map(String::from),
        url: None,
        kind: None,
        identifier: None,
    };
    if let Some(agent) = agent(draft, card, package.get("author").pointer()) {
        finish(draft, agent, dcterms::CREATOR);
    }
}

/// Names the agent in the record.
fn finish(draft: &mut Draft<'_>, agent: Entity, predicate: NamedNodeRef<'_>) {
    if let Some(agent) = know(draft, agent) {
        let iri = draft.entity.iri.clone();
        draft.entity.add(&iri, predicate, agent);
    }
}

/// Keeps an agent that the record names, unless there are too many. Of one that is named twice all is kept: one role has its address,
/// another its home page.
pub(super) fn know(draft: &mut Draft<'_>, agent: Entity) -> Option<NamedNode> {
    let iri = agent.iri.clone();
    if !draft.admits(&iri) {
        return None;
    }
    match draft.agents.iter_mut().find(|known| known.iri == agent.iri) {
        Some(known) => {
            for triple in agent.triples {
                if known.triples.len() < MOST_STATEMENTS && !known.triples.contains(&triple) {
                    known.triples.push(triple);
                }
            }
        }
        None => draft.agents.push(agent),
    }
    Some(iri)
}
