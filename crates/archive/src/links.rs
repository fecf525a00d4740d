//! Statements between the entities of two records.

use std::collections::BTreeSet;

use sqlx::{QueryBuilder, Row};

use crate::EntityKey;
use crate::db::{ArchiveError, Db, MAX_ROWS, Transaction};
use crate::log::Log;
use crate::read::What;
use crate::rows::{entity_key, push_keys};

/// The statements between entities that hold now, and that these entities make or receive: who makes it, and its line.
pub(crate) async fn resolved_links(
    transaction: &mut Transaction,
    keys: &[EntityKey],
) -> Result<BTreeSet<ResolvedLink>, ArchiveError> {
    let mut resolved = BTreeSet::new();
    for some in keys.chunks(MAX_ROWS) {
        for side in ["link.entity", "alias.entity"] {
            let mut query = QueryBuilder::<Db>::new(
                "SELECT link.entity AS maker, maker.minted AS maker_minted, link.subject, link.predicate, alias.minted, alias.entity
                 FROM link JOIN alias ON alias.source = link.source AND alias.name = link.target AND alias.kind = link.kind
                 JOIN entity AS maker ON maker.id = link.entity WHERE ",
            );
            query.push(side).push(" IN ");
            push_keys(
                &mut query,
                some.iter().map(|key| key.id.as_bytes().as_slice()),
            );
            for row in query
                .build()
                .persistent(some.len() == MAX_ROWS)
                .fetch_all(&mut **transaction)
                .await?
            {
                resolved.insert(ResolvedLink {
                    maker: entity_key(&row, "maker_minted", "maker")?,
                    subject: row.try_get("subject")?,
                    predicate: row.try_get("predicate")?,
                    target: entity_key(&row, "minted", "entity")?,
                });
            }
        }
    }
    Ok(resolved)
}

/// A statement about the entity of another record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ResolvedLink {
    maker: EntityKey,
    subject: String,
    predicate: String,
    target: EntityKey,
}

pub(crate) fn log_links(
    log: &mut Log,
    before: &BTreeSet<ResolvedLink>,
    after: &BTreeSet<ResolvedLink>,
) {
    for (sign, links) in [
        ("-", before.difference(after)),
        ("+", after.difference(before)),
    ] {
        for link in links {
            log.add(
                link.maker,
                What::Updated,
                [format!("{sign}{}", link.line(&log.base))],
            );
        }
    }
}

impl ResolvedLink {
    pub(crate) fn line(&self, base: &str) -> String {
        format!(
            "<{}> <{}> <{}> .",
            self.subject,
            self.predicate,
            self.target.iri(base)
        )
    }
}
