//! What each of several records states of the entity that they share.

use std::collections::HashMap;

use model::{Checksum, EntityKind, SourceId};
use serde::{Deserialize, Serialize};
use sqlx::{QueryBuilder, Row};

use crate::commit::{Content, NamedLink, Sealed};
use crate::db::{ArchiveError, Db, MAX_ROWS, Transaction, unknown};
use crate::entities::{Named, Put};
use crate::pack::Packed;
use crate::rows::{push_keys, record_key, rows_in};
use crate::{EntityKey, RecordKey};

/// What a record states, under the IRI that it has alone.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    pub(crate) kind: EntityKind,
    pub(crate) text: String,
    pub(crate) beside: Beside,
}

/// What stands beside the graph.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Beside {
    pub(crate) shared: Vec<String>,
    pub(crate) aliases: Vec<String>,
    pub(crate) links: Vec<Linked>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Linked {
    subject: String,
    predicate: String,
    target: String,
    kind: String,
}

impl Statement {
    /// What a record states, whatever IRI it was sealed under.
    pub(super) fn of(sealed: &Sealed, own: EntityKey, base: &str) -> Self {
        let (from, to) = (sealed.key.iri(base), own.iri(base));
        Self {
            kind: sealed.kind,
            text: rebased_lines(&sealed.content.text, &from, &to),
            beside: Beside {
                shared: rebased_all(&sealed.content.shared, &from, &to),
                aliases: sealed.aliases.clone(),
                links: sealed
                    .links
                    .iter()
                    .map(|link| Linked {
                        subject: rebased_iri(&link.subject, &from, &to),
                        predicate: link.predicate.clone(),
                        target: link.target.clone(),
                        kind: link.kind.segment().to_owned(),
                    })
                    .collect(),
            },
        }
    }

    /// Under another IRI.
    pub(super) fn rebased(&self, from: EntityKey, to: EntityKey, base: &str) -> Self {
        let (from, to) = (from.iri(base), to.iri(base));
        Self {
            kind: self.kind,
            text: rebased_lines(&self.text, &from, &to),
            beside: Beside {
                shared: rebased_all(&self.beside.shared, &from, &to),
                aliases: self.beside.aliases.clone(),
                links: self
                    .beside
                    .links
                    .iter()
                    .map(|link| Linked {
                        subject: rebased_iri(&link.subject, &from, &to),
                        ..link.clone()
                    })
                    .collect(),
            },
        }
    }

    pub(super) fn links(&self) -> Vec<NamedLink> {
        self.beside
            .links
            .iter()
            .filter_map(|link| {
                Some(NamedLink {
                    subject: link.subject.clone(),
                    predicate: link.predicate.clone(),
                    target: link.target.clone(),
                    kind: EntityKind::from_segment(&link.kind)?,
                })
            })
            .collect()
    }
}

fn rebased_lines(text: &str, from: &str, to: &str) -> String {
    if from == to {
        return text.to_owned();
    }
    let rebased = identity::rebase(text, from, to);
    let mut lines: Vec<&str> = rebased.lines().collect();
    lines.sort_unstable();
    lines.dedup();
    lines.iter().flat_map(|line| [line, "\n"]).collect()
}

fn rebased_all(lines: &[String], from: &str, to: &str) -> Vec<String> {
    let mut lines: Vec<String> = lines
        .iter()
        .map(|line| identity::rebase(line, from, to))
        .collect();
    lines.sort_unstable();
    lines.dedup();
    lines
}

fn rebased_iri(iri: &str, from: &str, to: &str) -> String {
    match iri.strip_prefix(from) {
        Some(rest) if rest.is_empty() || rest.starts_with('#') => format!("{to}{rest}"),
        _ => iri.to_owned(),
    }
}

/// A sealed entity under the IRI that it has to stand under.
pub(super) fn rebased(sealed: Sealed, to: EntityKey, base: &str) -> Sealed {
    if sealed.key == to {
        return sealed;
    }
    let statement = Statement::of(&sealed, to, base);
    let links = statement.links();
    let content = Content::new(
        statement.kind,
        statement.text,
        statement.beside.shared,
        &statement.beside.aliases,
        &links,
    );
    Sealed {
        key: to,
        content,
        links,
        ..sealed
    }
}

/// An entity made of statements, the most trusted first, each with its source; all under the entity's IRI.
pub(super) fn put(
    key: EntityKey,
    statements: &[(SourceId, String, Statement)],
    base: &str,
) -> Option<Put> {
    let (source, _, first) = statements.first()?;
    let parts: Vec<identity::Statement<'_>> = statements
        .iter()
        .map(|(_, tag, statement)| identity::Statement {
            tag: tag.clone(),
            text: &statement.text,
            shared: &statement.beside.shared,
        })
        .collect();
    let composed = identity::compose(&key.iri(base), &parts);
    let mut aliases: Vec<Named<String>> = Vec::new();
    let mut links: Vec<Named<NamedLink>> = Vec::new();
    for (at, (source, _, statement)) in statements.iter().enumerate() {
        aliases.extend(statement.beside.aliases.iter().map(|alias| Named {
            source: source.clone(),
            name: alias.clone(),
        }));
        let root = key.iri(base);
        links.extend(
            statement
                .links()
                .into_iter()
                // The nodes of a further statement may bear another name now.
                .filter(|link| at == 0 || link.subject == root)
                .map(|link| Named {
                    source: source.clone(),
                    name: link,
                }),
        );
    }
    let text_of = |aliases: &[Named<String>]| -> Vec<String> {
        aliases
            .iter()
            .map(|alias| format!("{} {}", alias.source, alias.name))
            .collect()
    };
    let all: Vec<NamedLink> = links.iter().map(|link| link.name.clone()).collect();
    let content = Content::new(
        first.kind,
        composed.text,
        composed.shared,
        &text_of(&aliases),
        &all,
    );
    Some(Put {
        key,
        kind: first.kind,
        source: source.clone(),
        content,
        aliases,
        links,
    })
}

pub(super) async fn load(
    transaction: &mut Transaction,
    records: &[RecordKey],
) -> Result<HashMap<RecordKey, Statement>, ArchiveError> {
    let mut found = HashMap::with_capacity(records.len());
    let keys: Vec<&[u8]> = records.iter().map(RecordKey::as_bytes).collect();
    for row in rows_in(
        transaction,
        "SELECT * FROM statement WHERE record IN ",
        &keys,
    )
    .await?
    {
        found.insert(record_key(&row, "record")?, statement(&row)?);
    }
    Ok(found)
}

pub(crate) fn statement(row: &sqlx::sqlite::SqliteRow) -> Result<Statement, ArchiveError> {
    let (kind, beside): (String, String) = (row.try_get("kind")?, row.try_get("beside")?);
    let Some(kind) = EntityKind::from_segment(&kind) else {
        return unknown("statement.kind", &kind);
    };
    let Ok(beside) = serde_json::from_str(&beside) else {
        return unknown("statement.beside", &beside);
    };
    Ok(Statement {
        kind,
        text: Packed::from_stored(row.try_get("graph")?).unpack_text()?,
        beside,
    })
}

pub(super) async fn store(
    transaction: &mut Transaction,
    statements: &[(RecordKey, Statement)],
) -> Result<(), ArchiveError> {
    for some in statements.chunks(MAX_ROWS) {
        let mut query =
            QueryBuilder::<Db>::new("INSERT INTO statement (record, kind, graph, beside) ");
        query.push_values(some, |mut row, (record, statement)| {
            row.push_bind(record.as_bytes())
                .push_bind(statement.kind.segment())
                .push_bind(Packed::new(statement.text.as_bytes()).0)
                // Strings alone cannot fail to be written.
                .push_bind(serde_json::to_string(&statement.beside).unwrap_or_default());
        });
        query
            .push(" ON CONFLICT (record) DO UPDATE SET kind = excluded.kind, graph = excluded.graph, beside = excluded.beside")
            .build()
            .persistent(some.len() == MAX_ROWS)
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

pub(super) async fn drop(
    transaction: &mut Transaction,
    records: &[RecordKey],
) -> Result<(), ArchiveError> {
    for some in records.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new("DELETE FROM statement WHERE record IN ");
        push_keys(&mut query, some.iter().map(RecordKey::as_bytes));
        query
            .build()
            .persistent(some.len() == MAX_ROWS)
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

/// What the records that were alone state: their entities, as they stand.
pub(super) async fn of_entities(
    transaction: &mut Transaction,
    entities: &[(RecordKey, EntityKey, EntityKey)],
    base: &str,
) -> Result<HashMap<RecordKey, Statement>, ArchiveError> {
    let mut found = HashMap::new();
    for (record, head, own) in entities {
        let Some(row) = sqlx::query("SELECT kind, graph FROM entity WHERE id = $1")
            .bind(head.id.as_bytes().to_vec())
            .fetch_optional(&mut **transaction)
            .await?
        else {
            continue;
        };
        let kind: String = row.try_get("kind")?;
        let Some(kind) = EntityKind::from_segment(&kind) else {
            return unknown("entity.kind", &kind);
        };
        let text = Packed::from_stored(row.try_get("graph")?).unpack_text()?;
        let id = head.id.as_bytes().to_vec();
        let shared: Vec<(String,)> =
            sqlx::query_as("SELECT line FROM shared WHERE entity = $1 ORDER BY line")
                .bind(id.clone())
                .fetch_all(&mut **transaction)
                .await?;
        let aliases: Vec<(String,)> =
            sqlx::query_as("SELECT name FROM alias WHERE entity = $1 ORDER BY name")
                .bind(id.clone())
                .fetch_all(&mut **transaction)
                .await?;
        let links: Vec<(String, String, String, String)> = sqlx::query_as(
            "SELECT subject, predicate, target, kind FROM link WHERE entity = $1 ORDER BY subject, predicate, target",
        )
        .bind(id)
        .fetch_all(&mut **transaction)
        .await?;
        let statement = Statement {
            kind,
            text,
            beside: Beside {
                shared: shared.into_iter().map(|(line,)| line).collect(),
                aliases: aliases.into_iter().map(|(name,)| name).collect(),
                links: links
                    .into_iter()
                    .map(|(subject, predicate, target, kind)| Linked {
                        subject,
                        predicate,
                        target,
                        kind,
                    })
                    .collect(),
            },
        };
        found.insert(*record, statement.rebased(*head, *own, base));
    }
    Ok(found)
}

impl Content {
    /// The content of an entity, with the checksum of all that is kept of it.
    pub fn new(
        kind: EntityKind,
        text: String,
        shared: Vec<String>,
        aliases: &[String],
        links: &[NamedLink],
    ) -> Self {
        let mut all = String::with_capacity(text.len() + 1024);
        all.push_str(kind.segment());
        all.push('\n');
        all.push_str(&text);
        for line in shared.iter().chain(aliases) {
            all.push_str(line);
            all.push('\n');
        }
        for link in links {
            for part in [
                &link.subject,
                &link.predicate,
                &link.target,
                link.kind.segment(),
            ] {
                all.push_str(part);
                all.push('\n');
            }
        }
        Self {
            checksum: Checksum::of(all.as_bytes()),
            graph: Packed::new(text.as_bytes()),
            text,
            shared,
        }
    }
}
