//! The page of a dataset, a series, a service or an organisation.

use std::collections::BTreeSet;

use archive::{EntityKey, PublishedEntity};
use axum::body::Body;
use axum::http::{HeaderMap, Response};
use model::EntityKind;
use model::ns::{adms, dcat, dcterms, foaf, vcard};
use oxrdf::{NamedNodeRef, Term};
use serde::Serialize;

use super::embedded;
use super::facts::{Fact, Reader, Value};
use super::graph::Described;
use super::text::{contact_address, cut, markdown, web_address};
use crate::clock::{self, Moment};
use crate::failure::Failure;
use crate::rdf::Format;
use crate::router::App;

#[derive(Serialize)]
struct Page {
    kind: &'static str,
    title: String,
    description: Option<minijinja::Value>,
    keywords: Vec<String>,
    facts: Vec<Fact>,
    distributions: Vec<Distribution>,
    more_distributions: usize,
    contacts: Vec<Contact>,
    related_title: &'static str,
    related: Vec<Value>,
    more_related: bool,
    iri: String,
    path: String,
    formats: Vec<(&'static str, &'static str)>,
    source: Option<Value>,
    changed: Moment,
    has_original: bool,
    other_identifiers: Vec<Value>,
    /// For search engines.
    data: Option<minijinja::Value>,
}

#[derive(Serialize)]
struct Distribution {
    title: String,
    description: Option<String>,
    formats: Vec<String>,
    licence: Vec<Value>,
    size: Option<String>,
    modified: Option<String>,
    download: Option<String>,
    access: Option<String>,
}

#[derive(Serialize)]
struct Contact {
    name: Option<String>,
    organisation: Option<String>,
    links: Vec<Value>,
}

pub(crate) async fn page(
    app: &App,
    entity: &PublishedEntity,
    text: &str,
    headers: &HeaderMap,
) -> Result<Response<Body>, Failure> {
    let base = app.site.minter.base();
    let iri = entity.key.iri(base);
    let named = named_entities(app, &iri, text).await?;
    let described = Described::read(&format!("{text}{named}"));
    let reader = Reader {
        graph: &described,
        own: &iri,
        base,
        root: &app.root,
    };
    let (related_title, mut related) = related(app, entity).await?;
    let more_related = related.len() > MAX_RELATED;
    related.truncate(MAX_RELATED);
    let mut distributions = reader.distributions();
    let more_distributions = distributions.len().saturating_sub(MAX_DISTRIBUTIONS);
    distributions.truncate(MAX_DISTRIBUTIONS);
    let card = app
        .site
        .sources
        .iter()
        .find(|card| card.id == entity.source);
    let page = Page {
        kind: kind_name(entity.kind),
        title: title(&described, &iri),
        description: described
            .text(&iri, dcterms::DESCRIPTION)
            .map(|text| minijinja::Value::from_safe_string(markdown(&text))),
        keywords: reader.keywords(),
        facts: reader.facts(),
        distributions,
        more_distributions,
        contacts: reader.contacts(),
        related_title,
        related,
        more_related,
        path: format!(
            "{}/{}/{}",
            app.root,
            entity.key.minted.segment(),
            entity.key.id
        ),
        formats: Format::PUBLISHED
            .iter()
            .map(|format| (format.extension(), format.name()))
            .collect(),
        source: card.map(|card| Value {
            text: card.title.clone(),
            href: Some(format!("{}/sources#{}", app.root, card.id)),
        }),
        changed: clock::moment(entity.changed),
        has_original: entity.kind != EntityKind::Organisation,
        other_identifiers: described
            .objects(&iri, adms::IDENTIFIER)
            .filter_map(|term| reader.value(term))
            .collect(),
        data: data(app, entity, text),
        iri: iri.clone(),
    };
    let html = app
        .templates
        .render(app, "entity.html", super::value(page))?;
    Ok(super::answer(html, headers))
}

/// Of a longer description, search engines are told nothing: what they read has an end, and it would be read again for each visitor.
const LARGEST_BLOCK: usize = 2 << 20;

fn data(app: &App, entity: &PublishedEntity, text: &str) -> Option<minijinja::Value> {
    if entity.kind == EntityKind::Organisation || text.len() > LARGEST_BLOCK {
        return None;
    }
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.extend(crate::feed::catalogue(app));
    let iri = entity.key.iri(app.site.minter.base());
    let block = embedded::block(crate::lines::joined(lines), &iri)?;
    Some(minijinja::Value::from_safe_string(block))
}

/// What an entity is called.
pub(crate) fn title(described: &Described, iri: &str) -> String {
    described
        .text(iri, dcterms::TITLE)
        .or_else(|| described.text(iri, foaf::NAME))
        .filter(|title| !title.trim().is_empty())
        .map_or_else(|| "Sans titre".to_owned(), |title| cut(&title, 300))
}

pub(crate) fn kind_name(kind: EntityKind) -> &'static str {
    match kind {
        EntityKind::Dataset => "Jeu de données",
        EntityKind::DatasetSeries => "Série de jeux de données",
        EntityKind::DataService => "Service de données",
        EntityKind::Organisation => "Organisation",
    }
}

/// The graphs of the entities that the page points at, for their titles.
async fn named_entities(app: &App, iri: &str, text: &str) -> Result<String, Failure> {
    let base = app.site.minter.base();
    let own = format!("<{iri}> ");
    let mut keys: Vec<EntityKey> = text
        .lines()
        .filter(|line| line.starts_with(&own))
        .filter_map(crate::lines::object_iri)
        .filter_map(|object| EntityKey::of_iri(base, object))
        .filter(|key| key.minted != EntityKind::Organisation)
        .collect();
    keys.sort_unstable();
    keys.dedup();
    keys.truncate(MAX_RELATED);
    let mut lines = String::new();
    for entity in app.site.archive.entities(&keys).await? {
        let own = format!("<{}> ", entity.key.iri(base));
        let title = dcterms::TITLE.to_string();
        for line in entity.text()?.lines() {
            if line
                .strip_prefix(&own)
                .is_some_and(|rest| rest.starts_with(&title))
            {
                lines.push_str(line);
                lines.push('\n');
            }
        }
    }
    Ok(lines)
}

/// The entities that point at this one.
async fn related(
    app: &App,
    entity: &PublishedEntity,
) -> Result<(&'static str, Vec<Value>), Failure> {
    let archive = &app.site.archive;
    let limit = u32::try_from(MAX_RELATED + 1).unwrap_or(u32::MAX);
    let (heading, found) = match entity.kind {
        EntityKind::Organisation => (
            "Fiches qui citent cette organisation",
            archive.naming(entity.key, None, limit).await?,
        ),
        EntityKind::DatasetSeries => (
            "Jeux de données de la série",
            archive.linking_to(entity.key, None, limit).await?,
        ),
        _ => (
            "Services et fiches liés",
            archive.linking_to(entity.key, None, limit).await?,
        ),
    };
    let base = app.site.minter.base();
    let mut values = Vec::with_capacity(found.len());
    for other in found {
        let described = Described::read(&other.text()?);
        values.push(Value {
            text: title(&described, &other.key.iri(base)),
            href: Some(format!(
                "{}/{}/{}",
                app.root,
                other.key.minted.segment(),
                other.key.id
            )),
        });
    }
    Ok((heading, values))
}

impl Reader<'_> {
    fn keywords(&self) -> Vec<String> {
        let keywords: BTreeSet<String> = self
            .graph
            .objects(self.own, dcat::KEYWORD)
            .filter_map(|term| match term {
                Term::Literal(literal) => Some(cut(literal.value(), 100)),
                _ => None,
            })
            .take(MAX_KEYWORDS)
            .collect();
        keywords.into_iter().collect()
    }

    fn distributions(&self) -> Vec<Distribution> {
        let mut nodes: Vec<&str> = self
            .graph
            .objects(self.own, dcat::DISTRIBUTION)
            .filter_map(|term| match term {
                Term::NamedNode(node) => Some(node.as_str()),
                _ => None,
            })
            .collect();
        nodes.sort_unstable();
        let mut found: Vec<Distribution> = nodes
            .into_iter()
            .map(|node| self.distribution(node))
            .collect();
        found.sort_by(|a, b| a.title.cmp(&b.title));
        found
    }

    fn distribution(&self, node: &str) -> Distribution {
        let graph = self.graph;
        let address = |property| {
            let iri = graph.iri(node, property)?;
            web_address(iri).map(str::to_owned)
        };
        let download = address(dcat::DOWNLOAD_URL);
        let access = address(dcat::ACCESS_URL);
        let file_name = download
            .as_deref()
            .and_then(|url| url.split(['?', '#']).next()?.rsplit('/').next())
            .filter(|name| !name.is_empty());
        let size = graph
            .text(node, dcat::BYTE_SIZE)
            .and_then(|bytes| bytes.parse().ok())
            .map(clock::size);
        Distribution {
            title: graph
                .text(node, dcterms::TITLE)
                .map(|title| cut(&title, 300))
                .or_else(|| file_name.map(str::to_owned))
                .unwrap_or_else(|| "Ressource".to_owned()),
            description: graph
                .text(node, dcterms::DESCRIPTION)
                .map(|text| cut(&text, 300)),
            formats: self.names(node, &[dcterms::FORMAT, dcat::MEDIA_TYPE]),
            licence: graph
                .objects(node, dcterms::LICENSE)
                .filter_map(|term| self.value(term))
                .collect(),
            size,
            modified: graph
                .text(node, dcterms::MODIFIED)
                .map(|date| clock::date(&date)),
            access: access.filter(|access| download.as_deref() != Some(access)),
            download,
        }
    }

    /// The names of the values of the first of some properties that has any.
    fn names(&self, node: &str, properties: &[NamedNodeRef<'_>]) -> Vec<String> {
        properties
            .iter()
            .map(|property| {
                let values = self.graph.objects(node, *property);
                values
                    .filter_map(|term| self.value(term))
                    .map(|value| cut(&value.text, 60))
                    .collect::<Vec<_>>()
            })
            .find(|names| !names.is_empty())
            .unwrap_or_default()
    }

    fn contacts(&self) -> Vec<Contact> {
        self.graph
            .objects(self.own, dcat::CONTACT_POINT)
            .filter_map(|term| match term {
                Term::NamedNode(node) => Some(self.contact(node.as_str())),
                _ => None,
            })
            .take(MAX_CONTACTS)
            .collect()
    }

    fn contact(&self, node: &str) -> Contact {
        let links = [vcard::HAS_EMAIL, vcard::HAS_TELEPHONE, vcard::HAS_URL]
            .into_iter()
            .flat_map(|property| self.graph.objects(node, property))
            .filter_map(|term| match term {
                Term::NamedNode(iri) => contact_address(iri.as_str()),
                _ => None,
            })
            .map(|address| Value {
                text: address
                    .trim_start_matches("mailto:")
                    .trim_start_matches("tel:")
                    .to_owned(),
                href: Some(address.to_owned()),
            })
            .collect();
        let name = self.graph.text(node, vcard::FN);
        let organisation = self.graph.text(node, vcard::ORGANIZATION_NAME);
        Contact {
            organisation: organisation.filter(|organisation| Some(organisation) != name.as_ref()),
            name,
            links,
        }
    }
}

const MAX_DISTRIBUTIONS: usize = 200;
const MAX_RELATED: usize = 50;
const MAX_KEYWORDS: usize = 60;
const MAX_CONTACTS: usize = 20;
