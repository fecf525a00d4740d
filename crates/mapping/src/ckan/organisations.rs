//! The organisations of a portal: who publishes there.

use std::collections::HashSet;

use model::ns::{dcterms, foaf};
use model::{Entity, EntityKind};
use oxrdf::Term;
use oxrdf::vocab::rdf;

use super::agents::MOST;
use super::fields::{Fields, leaves};
use super::statements::{member, objects};
use crate::agent::name_key;
use crate::draft::{Draft, mailto};
use crate::json::View;

/// An organisation of the portal, and whether the record names it in a role.
pub(super) struct Organisation {
    pub(super) agent: Entity,
    pub(super) named: bool,
    /// Its names, folded.
    names: HashSet<String>,
}

/// CKAN has one organisation a package; DKAN has its publishers among the groups.
pub(super) fn of(draft: &Draft<'_>, package: &Fields<'_, '_>) -> Vec<Organisation> {
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
    found
        .into_iter()
        .map(|agent| Organisation {
            names: names(&agent).collect(),
            agent,
            named: false,
        })
        .collect()
}

/// The organisation of that name, which then has what was said of the agent; or the agent itself.
pub(super) fn known_as(agent: Entity, organisations: &mut [Organisation]) -> Entity {
    let own: Vec<String> = names(&agent).collect();
    // What has an address of its own is known by that.
    let by_name_only = agent.aliases.iter().all(|alias| alias.starts_with("name:"));
    let same = organisations
        .iter_mut()
        .filter(|_| by_name_only)
        .find(|organisation| own.iter().any(|name| organisation.names.contains(name)));
    let Some(organisation) = same else {
        return agent;
    };
    organisation.named = true;
    let iri = organisation.agent.iri.clone();
    for triple in agent.triples {
        if triple.predicate != foaf::NAME && triple.predicate != rdf::TYPE {
            organisation
                .agent
                .add(&iri, triple.predicate.as_ref(), triple.object);
        }
    }
    organisation.agent.clone()
}

fn names(agent: &Entity) -> impl Iterator<Item = String> {
    agent
        .objects(&agent.iri, foaf::NAME)
        .filter_map(|name| match name {
            Term::Literal(name) => name_key(name.value()),
            _ => None,
        })
}

/// DKAN has its publishers among the groups, by names such as `group/region`.
pub(super) fn is_publisher(package: &Fields<'_, '_>, group: &View<'_, '_>) -> bool {
    package.view().get("organization").is_null()
        && member(group, &["name"]).is_some_and(|name| name.starts_with("group/"))
}

fn organisation_of(draft: &Draft<'_>, view: &View<'_, '_>) -> Option<Entity> {
    let mut titles = ["title_translated", "title", "display_name", "name"]
        .into_iter()
        .map(|key| leaves(&view.get(key)))
        .find(|leaves| !leaves.is_empty())?;
    titles.truncate(MOST);
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
