//! Records of entities in each schema.

use std::collections::{BTreeSet, HashMap};

use archive::{Archive, Document, EntityKey};
use chrono::SecondsFormat;
use model::ns::{dcat, dcterms};
use model::{EntityKind, RecordFormat};
use oxrdf::NamedNodeRef;
use represent::{Context, Graph, Linked, dublin_core, iso19139};
use search::{Field, Filter, Search, Snapshot};

use super::exception::Exception;
use super::raw;
use super::request::{Elements, Schema};
use crate::document::Texts;
use crate::site::Site;
use crate::{lines, rdf};

/// Entities of one identifier that are looked at.
const SAME: usize = 20;
/// Bytes of the records of one answer: a page ends early before it grows beyond.
const MOST_BYTES: usize = 32 * 1024 * 1024;

/// What the records of a page need besides themselves.
pub(super) struct Page<'a> {
    pub site: &'a Site,
    pub snapshot: &'a Snapshot,
    /// The address of the service, and of another record in it, by its IRI and its identifier.
    pub address: &'a str,
    pub link: fn(address: &str, iri: &str, identifier: &str) -> String,
}

/// The elements of the records of these entities in their order, without those that are withdrawn; and how many entities they are
/// made of, where not all.
pub(super) struct Written {
    pub records: Vec<String>,
    /// Their entities.
    pub keys: Vec<EntityKey>,
    pub taken: usize,
}

impl Page<'_> {
    pub async fn write(
        &self,
        keys: &[EntityKey],
        schema: Schema,
        elements: &Elements,
    ) -> Result<Written, Exception> {
        let base = self.site.minter.base();
        let texts = Texts::read(&self.site.archive, base, keys).await?;
        let identifiers = self.identifiers(&texts.documents, schema).await?;
        let mut written = Written {
            records: Vec::with_capacity(texts.documents.len()),
            keys: Vec::with_capacity(texts.documents.len()),
            taken: keys.len(),
        };
        let mut bytes = 0;
        for (at, key) in keys.iter().enumerate() {
            let Some(document) = texts.documents.get(key) else {
                continue;
            };
            let owner = match schema {
                Schema::Iso => self.owner(document, &identifiers).await?,
                _ => None,
            };
            let record = match owner {
                Some(record) => Some(record),
                None => self.made(document, &texts, &identifiers, schema, elements)?,
            };
            let Some(record) = record else { continue };
            bytes += record.len();
            written.records.push(record);
            written.keys.push(*key);
            if bytes > MOST_BYTES {
                written.taken = at + 1;
                break;
            }
        }
        Ok(written)
    }

    /// The identifiers of the entities, and of those of the catalogue that their records name.
    async fn identifiers(
        &self,
        documents: &HashMap<EntityKey, Document>,
        schema: Schema,
    ) -> Result<HashMap<String, String>, Exception> {
        if matches!(schema, Schema::Dcat | Schema::GeoDcat) {
            return Ok(HashMap::new());
        }
        let base = self.site.minter.base();
        let links = [
            dcat::IN_SERIES,
            dcat::SERVES_DATASET,
            dcterms::RELATION,
            dcterms::SOURCE,
        ]
        .map(|link| format!("> {link} <"));
        let keys: BTreeSet<EntityKey> = documents
            .values()
            .flat_map(|document| document.text.lines())
            .filter(|line| links.iter().any(|link| line.contains(link.as_str())))
            .filter_map(|line| EntityKey::of_iri(base, lines::object_iri(line)?))
            .filter(|key| !documents.contains_key(key))
            .collect();
        let keys: Vec<EntityKey> = keys.into_iter().collect();
        let mut stating = Vec::new();
        for entity in self.site.archive.entities(&keys).await? {
            let iri = entity.key.iri(base);
            stating.push((entity.key, stated_identifier(&entity.text()?, &iri)));
        }
        for document in documents.values() {
            let key = document.entity.key;
            stating.push((key, stated_identifier(&document.text, &key.iri(base))));
        }
        self.identified(stating).await
    }

    /// By IRI the owner's identifier, unless another entity has it, too: then the one that we gave.
    async fn identified(
        &self,
        stating: Vec<(EntityKey, Option<String>)>,
    ) -> Result<HashMap<String, String>, Exception> {
        let base = self.site.minter.base();
        let own = |key: EntityKey| (key.iri(base), key.id.to_string());
        let mut found: HashMap<String, String> = stating.iter().map(|(key, _)| own(*key)).collect();
        let stated: Vec<(EntityKey, String)> = stating
            .into_iter()
            .filter_map(|(key, stated)| Some((key, stated?)))
            .filter(|(_, stated)| stated.len() <= search::MAX_CONSTANT)
            .collect();
        let identifiers = stated.iter().map(|(_, stated)| stated.clone()).collect();
        let having = self.having(identifiers).await?;
        for ((key, stated), having) in stated.into_iter().zip(having) {
            if having.iter().all(|other| *other == key) {
                found.insert(key.iri(base), stated);
            }
        }
        Ok(found)
    }

    /// The entities whose `dct:identifier` each of these is.
    async fn having(&self, identifiers: Vec<String>) -> Result<Vec<Vec<EntityKey>>, Exception> {
        let searches = identifiers
            .iter()
            .map(|identifier| {
                let filter = Filter::eq(Field::Identifier, identifier.as_str());
                let filter = super::scope::resources().and(filter);
                let mut search = Search::new(filter, chrono::Utc::now());
                search.limit = SAME;
                search
            })
            .collect();
        let mut all = Vec::with_capacity(identifiers.len());
        for (identifier, found) in identifiers.iter().zip(self.search(searches).await?) {
            all.push(match found.as_slice() {
                [] | [_] => found,
                _ => self.stating(identifier, &found).await?,
            });
        }
        Ok(all)
    }

    /// Those of the entities that say it themselves: others may only say that it is one of theirs.
    async fn stating(
        &self,
        identifier: &str,
        keys: &[EntityKey],
    ) -> Result<Vec<EntityKey>, Exception> {
        let base = self.site.minter.base();
        let mut having = Vec::new();
        for entity in self.site.archive.entities(keys).await? {
            if stated_identifier(&entity.text()?, &entity.key.iri(base)).as_deref()
                == Some(identifier)
            {
                having.push(entity.key);
            }
        }
        Ok(having)
    }

    /// What each search finds. It may read much of the index: not where others wait.
    async fn search(&self, searches: Vec<Search>) -> Result<Vec<Vec<EntityKey>>, Exception> {
        let snapshot = self.snapshot.clone();
        let found = tokio::task::spawn_blocking(move || {
            let keys = |search: &Search| {
                let found = snapshot.search(search)?;
                Ok(found.hits.iter().map(|hit| hit.key).collect())
            };
            searches
                .iter()
                .map(keys)
                .collect::<Result<_, search::SearchError>>()
        });
        let found = found.await.map_err(|error| Exception::internal(&error))?;
        Ok(found?)
    }

    /// The entity of a record, by its identifier, or by the one that we gave, as an IRI or alone.
    pub async fn find(
        &self,
        identifier: &str,
        within: &Filter,
    ) -> Result<Option<EntityKey>, Exception> {
        if identifier.len() > search::MAX_CONSTANT {
            return Ok(None);
        }
        let base = self.site.minter.base();
        let mut candidates: Vec<EntityKey> =
            EntityKey::of_iri(base, identifier).into_iter().collect();
        if let Ok(id) = uuid::Uuid::try_parse(identifier) {
            let kinds = [
                EntityKind::Dataset,
                EntityKind::DataService,
                EntityKind::DatasetSeries,
            ];
            candidates.extend(kinds.map(|minted| EntityKey { minted, id }));
        }
        let own = self.within(candidates, within).await?;
        if let Some(key) = own.first() {
            return Ok(Some(*key));
        }
        let having = self.having(vec![identifier.to_owned()]).await?;
        // Where several have it, each is known by our own.
        match having.concat().as_slice() {
            [one] => Ok(self.within(vec![*one], within).await?.first().copied()),
            _ => Ok(None),
        }
    }

    async fn within(
        &self,
        keys: Vec<EntityKey>,
        filter: &Filter,
    ) -> Result<Vec<EntityKey>, Exception> {
        if keys.is_empty() {
            return Ok(keys);
        }
        let search = Search::new(filter.clone().and(Filter::Ids(keys)), chrono::Utc::now());
        Ok(self.search(vec![search]).await?.concat())
    }

    /// The record that the entity is made of, if it is one of ISO 19139 that can stand in an answer.
    async fn owner(
        &self,
        document: &Document,
        identifiers: &HashMap<String, String>,
    ) -> Result<Option<String>, Exception> {
        let key = document.entity.key;
        let archive: &Archive = &self.site.archive;
        let Some(row) = archive.original(key, None).await? else {
            return Ok(None);
        };
        if row.format != RecordFormat::Iso19139 {
            return Ok(None);
        }
        let body = row
            .body
            .unpack()
            .map_err(|error| Exception::internal(&error))?;
        let iri = key.iri(self.site.minter.base());
        let identifier = identifiers
            .get(&iri)
            .cloned()
            .unwrap_or_else(|| key.id.to_string());
        Ok(raw::record(&body, &identifier))
    }

    /// A record made of the entity's graph and of the agents that it names.
    fn made(
        &self,
        document: &Document,
        texts: &Texts,
        identifiers: &HashMap<String, String>,
        schema: Schema,
        elements: &Elements,
    ) -> Result<Option<String>, Exception> {
        let base = self.site.minter.base();
        let iri = document.entity.key.iri(base);
        let text = texts.of(base, document);
        if matches!(schema, Schema::Dcat | Schema::GeoDcat) {
            return rdf_xml(&text).map(Some);
        }
        let identifier = identifiers
            .get(&iri)
            .cloned()
            .unwrap_or_else(|| document.entity.key.id.to_string());
        let changed = document
            .entity
            .changed
            .to_rfc3339_opts(SecondsFormat::Secs, true);
        let linked = |iri: &str| {
            let identifier = identifiers.get(iri)?.clone();
            let address = Some((self.link)(self.address, iri, &identifier));
            Some(Linked {
                identifier,
                address,
            })
        };
        let context = Context {
            identifier: &identifier,
            changed: Some(&changed),
            language: &self.site.language,
            publisher: &self.site.publisher,
            home: base,
            linked: &linked,
        };
        let graph = Graph::read(&text);
        Ok(match (schema, elements) {
            (Schema::Iso, _) => iso19139::record(&graph, &iri, &context),
            (_, Elements::Set(set)) => dublin_core::csw_record(&graph, &iri, &context, *set),
            (_, Elements::Named(names)) => {
                dublin_core::csw_elements(&graph, &iri, &context, &|element| {
                    let local = element
                        .rsplit(':')
                        .next()
                        .unwrap_or(element)
                        .to_ascii_lowercase();
                    names.contains(&local)
                })
            }
        })
    }
}

/// Of a record of the CSW at an address.
pub(super) fn address_of(address: &str, _iri: &str, identifier: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("service", "CSW")
        .append_pair("version", "2.0.2")
        .append_pair("request", "GetRecordById")
        .append_pair("outputSchema", Schema::Iso.address())
        .append_pair("elementSetName", "full")
        .append_pair("id", identifier)
        .finish();
    format!("{address}?{query}")
}

/// The first `dct:identifier` of the lines about an entity.
fn stated_identifier(text: &str, iri: &str) -> Option<String> {
    let property: NamedNodeRef<'_> = dcterms::IDENTIFIER;
    let start = format!("<{iri}> {property} ");
    let lines: String = text
        .lines()
        .filter(|line| line.starts_with(&start))
        .flat_map(|line| [line, "\n"])
        .collect();
    let graph = Graph::read(&lines);
    let identifier = graph.node(iri).value(property).map(str::to_owned);
    identifier.filter(|identifier| !identifier.trim().is_empty())
}

/// `rdf:RDF`, with the concepts that the lines name.
fn rdf_xml(text: &str) -> Result<String, Exception> {
    let mut all: Vec<String> = text.lines().map(str::to_owned).collect();
    lines::with_concepts(&mut all);
    rdf::element(&lines::joined(all)).map_err(|error| Exception::internal(&error))
}
