//! Organisations and people: publishers, creators, and whom to ask.

use model::ns::{dcat, dcterms, foaf, geodcatap, vcard};
use model::{Entity, EntityKind};
use oxrdf::{NamedNode, NamedNodeRef};

use super::fields::{Fields, leaves};
use super::statements::{address, member, objects};
use crate::agent::{by_name, name_key};
use crate::draft::{Draft, mailto};
use crate::json::View;

/// More agents or contacts than this help nobody.
const MOST: usize = 100;

const CONTRIBUTOR: NamedNodeRef<'static> =
    NamedNodeRef::new_unchecked("http://purl.org/dc/terms/contributor");
const HAS_UID: NamedNodeRef<'static> =
    NamedNodeRef::new_unchecked("http://www.w3.org/2006/vcard/ns#hasUID");

/// Fields that are agents by their role, as a list of objects or as fields with the role before their name.
const ROLES: [(&str, NamedNodeRef<'static>); 4] = [
    ("publisher", dcterms::PUBLISHER),
    ("creator", dcterms::CREATOR),
    ("contributor", CONTRIBUTOR),
    ("rights_holder", dcterms::RIGHTS_HOLDER),
];

/// The roles of ISO 19115, in `responsible-party`.
const ISO_ROLES: [(&str, NamedNodeRef<'static>); 9] = [
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
    let mut published = Vec::new();
    for (role, predicate) in ROLES {
        for agent in of_role(draft, package, role) {
            if role == "publisher" {
                published.push(agent.clone());
            }
            finish(draft, agent, predicate);
        }
    }
    parties(draft, package, &mut published);
    organisations(draft, package, &published);
    author(draft, package);
    contacts(draft, package);
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
    use crate::json::Json;
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
    let translated = leaves(&view.get("name_translated"));
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

/// `responsible-party`: names and the roles of ISO 19115. Who is the point of contact only is in `contact-email`.
fn parties(draft: &mut Draft<'_>, package: &Fields<'_, '_>, published: &mut Vec<Entity>) {
    let field = package.get("responsible-party");
    for party in objects(&field, MOST) {
        let Some(name) = member(&party, &["name"]) else {
            continue;
        };
        for role in leaves(&party.get("roles")) {
            let Some(agent) = by_name(draft, &name, party.pointer()) else {
                continue;
            };
            if role.text == "publisher" {
                published.push(agent.clone());
                finish(draft, agent, dcterms::PUBLISHER);
            } else if let Some((_, predicate)) =
                ISO_ROLES.iter().find(|(name, _)| role.text == *name)
            {
                finish(draft, agent, *predicate);
            }
        }
    }
}

/// The organisation publishes on the portal. Where the record names its publisher, the organisation has only passed it on.
fn organisations(draft: &mut Draft<'_>, package: &Fields<'_, '_>, published: &[Entity]) {
    let root = package.view();
    let organisation = root.get("organization");
    let mut found: Vec<Entity> = objects(&organisation, 1)
        .filter_map(|view| organisation_of(draft, &view))
        .collect();
    if found.is_empty() {
        let groups = root.get("groups");
        found = objects(&groups, MOST)
            .filter(|group| is_publisher(package, group))
            .filter_map(|group| organisation_of(draft, &group))
            .collect();
    }
    let names = |agent: &Entity| -> Vec<String> {
        agent
            .objects(&agent.iri, foaf::NAME)
            .filter_map(|name| match name {
                oxrdf::Term::Literal(name) => name_key(name.value()),
                _ => None,
            })
            .collect()
    };
    for agent in found {
        let own = names(&agent);
        // A publisher of the same name is the organisation itself.
        let same = published
            .iter()
            .any(|other| names(other).iter().any(|name| own.contains(name)));
        if same {
            continue;
        }
        let predicate = match published {
            [] => dcterms::PUBLISHER,
            _ => geodcatap::DISTRIBUTOR,
        };
        finish(draft, agent, predicate);
    }
}

/// DKAN has its publishers among the groups, by names such as `group/region`.
pub(super) fn is_publisher(package: &Fields<'_, '_>, group: &View<'_, '_>) -> bool {
    package.view().get("organization").is_null()
        && member(group, &["name"]).is_some_and(|name| name.starts_with("group/"))
}

fn organisation_of(draft: &Draft<'_>, view: &View<'_, '_>) -> Option<Entity> {
    let titles = ["title_translated", "title", "display_name", "name"]
        .into_iter()
        .map(|key| leaves(&view.get(key)))
        .find(|leaves| !leaves.is_empty())?;
    let id = member(view, &["id"]).unwrap_or_default();
    // Identifiers of CKAN are the same wherever a portal has copied an organisation.
    let key = match (is_uuid(&id), member(view, &["name"])) {
        (true, _) => format!("ckan/organizations/{id}"),
        (false, Some(name)) => format!("{}/organizations/{name}", draft.host),
        (false, None) => name_key(&titles.first()?.text)?,
    };
    let mut agent = Entity::new(EntityKind::Organisation, draft.context.minter.agent(&key));
    let iri = agent.iri.clone();
    agent.rank.clone_from(&draft.entity.rank);
    agent.set_origin(&iri, view.pointer());
    agent.add_type(&iri, foaf::AGENT);
    agent.add_type(&iri, foaf::ORGANIZATION);
    for title in &titles {
        agent.add_text(&iri, foaf::NAME, &title.text, title.language.as_deref());
    }
    for identifier in [member(view, &["identifier"]), Some(id)]
        .into_iter()
        .flatten()
    {
        agent.add_text(&iri, dcterms::IDENTIFIER, &identifier, None);
    }
    let addresses = [
        (
            foaf::LOGO,
            member(view, &["image_display_url", "image_url"]),
        ),
        (foaf::HOMEPAGE, member(view, &["url", "homepage"])),
        (
            foaf::MBOX,
            member(view, &["email"]).map(|email| mailto(&email).into()),
        ),
    ];
    for (predicate, address) in addresses {
        // A logo on the portal itself is a file name.
        if let Some(address) = address.filter(|address| address.contains(':')) {
            agent.add_iri(&iri, predicate, &address);
        }
    }
    agent.aliases.push(key);
    Some(agent)
}

fn is_uuid(id: &str) -> bool {
    id.len() == 36
        && id.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
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

/// Whom to ask: the contacts of the record, the maintainer, or else the author.
fn contacts(draft: &mut Draft<'_>, package: &Fields<'_, '_>) {
    let subject = draft.entity.iri.clone();
    let listed = package.first(&["contact", "contact_point"]);
    let mut made = listed.map_or(0, |list| of_list(draft, &subject, "contact", &list));
    if made == 0 {
        made += flat(
            draft,
            package,
            ["contact_name", "contact_email", "contact_url"],
            1,
        );
    }
    if made == 0 {
        made += flat(
            draft,
            package,
            ["contact-name", "contact-email", "contact-url"],
            2,
        );
    }
    let maintained = flat(
        draft,
        package,
        ["maintainer", "maintainer_email", "maintainer_url"],
        3,
    );
    if made + maintained == 0 {
        flat(draft, package, ["author", "author_email", "author_url"], 4);
    }
}

/// Contacts as objects; says how many there are.
pub(super) fn of_list(
    draft: &mut Draft<'_>,
    subject: &NamedNode,
    name: &str,
    list: &View<'_, '_>,
) -> usize {
    let mut made = 0;
    for contact in objects(list, MOST) {
        let text = |keys: &[&str]| member(&contact, keys).map(String::from);
        let translated = leaves(&contact.get("name_translated"));
        let mut names: Vec<(String, Option<String>)> = translated
            .into_iter()
            .map(|leaf| (leaf.text.into_owned(), leaf.language))
            .collect();
        if names.is_empty() {
            names.extend(text(&["name", "fn"]).map(|name| (name, None)));
        }
        let email = text(&["email"]);
        let url = text(&["url"]);
        let uid = text(&["identifier", "uri"]);
        if names.is_empty() && email.is_none() && url.is_none() {
            continue;
        }
        made += 1;
        let node = draft.entity.node(&format!("{name}-{made}"));
        card(
            draft,
            subject,
            &node,
            &contact,
            &names,
            email.as_deref(),
            url.as_deref(),
        );
        if let Some(uid) = uid {
            match address(&uid) {
                Some(uid) => draft.entity.add(&node, HAS_UID, uid),
                None => draft.entity.add_text(&node, HAS_UID, &uid, None),
            }
        }
    }
    made
}

/// A contact in fields of its own; says whether there is one.
fn flat(draft: &mut Draft<'_>, package: &Fields<'_, '_>, keys: [&str; 3], at: usize) -> usize {
    let [name, email, url] = keys.map(|key| package.text(key).map(String::from));
    if name.is_none() && email.is_none() {
        return 0;
    }
    let place = keys
        .into_iter()
        .map(|key| package.get(key))
        .find(|field| !field.is_null());
    let Some(place) = place else {
        return 0;
    };
    let subject = draft.entity.iri.clone();
    let node = draft.entity.node(&format!("contact-field-{at}"));
    let names: Vec<_> = name.into_iter().map(|name| (name, None)).collect();
    card(
        draft,
        &subject,
        &node,
        &place,
        &names,
        email.as_deref(),
        url.as_deref(),
    );
    1
}

fn card(
    draft: &mut Draft<'_>,
    subject: &NamedNode,
    node: &NamedNode,
    place: &View<'_, '_>,
    names: &[(String, Option<String>)],
    email: Option<&str>,
    url: Option<&str>,
) {
    let entity = &mut draft.entity;
    entity.add_type(node, vcard::KIND);
    entity.add(subject, dcat::CONTACT_POINT, node.clone());
    entity.set_origin(node, place.pointer());
    for (name, language) in names {
        entity.add_text(node, vcard::FN, name, language.as_deref());
    }
    if let Some(email) = email {
        entity.add_iri(node, vcard::HAS_EMAIL, &mailto(email));
    }
    if let Some(url) = url {
        entity.add_iri(node, vcard::HAS_URL, url);
    }
}

/// Names the agent in the record.
fn finish(draft: &mut Draft<'_>, agent: Entity, predicate: NamedNodeRef<'_>) {
    let iri = draft.entity.iri.clone();
    draft.entity.add(&iri, predicate, agent.iri.clone());
    know(draft, agent);
}

/// Keeps an agent that the record names. Of one that is named twice all is kept: one role has its address, another its home page.
pub(super) fn know(draft: &mut Draft<'_>, agent: Entity) {
    match draft.agents.iter_mut().find(|known| known.iri == agent.iri) {
        Some(known) => {
            for triple in agent.triples {
                if !known.triples.contains(&triple) {
                    known.triples.push(triple);
                }
            }
        }
        None => draft.agents.push(agent),
    }
}
