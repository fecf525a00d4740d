//! Making the entities again from the records that are kept, and what is said of the catalogue itself.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use model::{EntityKind, Finding, RunId, SourceId};
use sqlx::QueryBuilder;
use uuid::Uuid;

use crate::agents::describe_agents;
use crate::commit::{Sealed, mark_mapped, set_accepted};
use crate::db::{Archive, ArchiveError, Db, MAX_ROWS};
use crate::entities::{log_dropped, take_shared};
use crate::identity::{Arrival, place, settle_heads, settle_moved, standing_before};
use crate::log::Log;
use crate::read::{Change, What};
use crate::runs::insert_findings;
use crate::{EntityKey, RecordKey};

/// What states the lines about the catalogue itself.
pub const CATALOGUE: EntityKey = EntityKey {
    minted: EntityKind::Organisation,
    id: Uuid::nil(),
};

/// Records of one source that were mapped again.
#[derive(Debug)]
pub struct Remake {
    pub source: SourceId,
    pub run: RunId,
    pub at: DateTime<Utc>,
    pub accepted: Vec<(RecordKey, Sealed, Vec<Sealed>)>,
    /// Records that today's rules refuse, with the entity that they had.
    pub refused: Vec<(RecordKey, Option<EntityKey>)>,
    pub findings: Vec<Finding>,
}

impl Archive {
    /// Makes the entities of records stand as given, whatever the archive thinks that it has of them.
    pub async fn remake(&self, remake: Remake) -> Result<Vec<Change>, ArchiveError> {
        let mut transaction = self.writing().await?;
        let mut log = Log::begin(&mut transaction, &self.base, remake.run, remake.at).await?;
        let mut arrivals = Vec::with_capacity(remake.accepted.len());
        let mut descriptions = Vec::with_capacity(remake.accepted.len());
        let mut keys: Vec<RecordKey> = remake.refused.iter().map(|(key, _)| *key).collect();
        let accepted: Vec<RecordKey> = remake.accepted.iter().map(|(key, ..)| *key).collect();
        let before = standing_before(&mut transaction, &accepted).await?;
        for (key, primary, agents) in remake.accepted {
            set_accepted(&mut transaction, key, Some(primary.key)).await?;
            keys.push(key);
            arrivals.push(Arrival {
                record: key,
                sealed: primary,
            });
            descriptions.push((key, agents));
        }
        let (mut lost, mut left) = (Vec::new(), Vec::new());
        for (key, entity) in remake.refused {
            set_accepted(&mut transaction, key, None).await?;
            descriptions.push((key, Vec::new()));
            left.extend(entity.map(|_| key));
            lost.extend(entity);
        }
        place(
            &mut transaction,
            &self.trust,
            &remake.source,
            arrivals,
            &before,
            true,
            &mut log,
        )
        .await?;
        settle_heads(&mut transaction, &self.trust, &lost, &mut log).await?;
        settle_moved(&mut transaction, &self.trust, &left, &mut log).await?;
        describe_agents(
            &mut transaction,
            &remake.source,
            descriptions,
            true,
            &mut log,
        )
        .await?;
        mark_mapped(&mut transaction, &keys, remake.run).await?;
        insert_findings(
            &mut transaction,
            &remake.source,
            remake.run,
            &remake.findings,
        )
        .await?;
        let changes = log.write(&mut transaction).await?;
        transaction.commit().await?;
        Ok(changes)
    }

    /// Takes away what belongs to no published entity or to no record, such as a fault of an earlier version left.
    pub async fn sweep(&self) -> Result<(), ArchiveError> {
        let mut transaction = self.writing().await?;
        for table in ["shared", "alias", "link"] {
            let mut query = QueryBuilder::<Db>::new("DELETE FROM ");
            query
                .push(table)
                .push(" WHERE entity <> ")
                .push_bind(CATALOGUE.id.as_bytes().to_vec());
            query.push(" AND entity NOT IN (SELECT id FROM entity WHERE state = 'public')");
            query
                .build()
                .persistent(false)
                .execute(&mut *transaction)
                .await?;
        }
        sqlx::query("DELETE FROM description WHERE record NOT IN (SELECT key FROM record WHERE state <> 'withdrawn' AND accepted = 1)")
            .execute(&mut *transaction)
            .await?;
        sqlx::query("DELETE FROM content WHERE checksum NOT IN (SELECT checksum FROM description)")
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Makes these lines all that is said of the catalogue itself.
    pub async fn describe_catalogue(
        &self,
        lines: Vec<String>,
        at: DateTime<Utc>,
    ) -> Result<Vec<Change>, ArchiveError> {
        let after: BTreeSet<String> = lines.into_iter().collect();
        // At each start but the first after an upgrade, nothing changes.
        let stated: Vec<(String,)> =
            sqlx::query_as("SELECT line FROM shared WHERE entity = $1 ORDER BY line")
                .bind(CATALOGUE.id.as_bytes().to_vec())
                .fetch_all(&self.readers)
                .await?;
        if stated.iter().map(|(line,)| line).eq(&after) {
            return Ok(Vec::new());
        }
        let mut transaction = self.writing().await?;
        let mut log = Log::begin(&mut transaction, &self.base, RunId(0), at).await?;
        let before = take_shared(&mut transaction, &[CATALOGUE])
            .await?
            .remove(&CATALOGUE.id)
            .unwrap_or_default();
        let all: Vec<&String> = after.iter().collect();
        for some in all.chunks(MAX_ROWS) {
            let mut query = QueryBuilder::<Db>::new("INSERT INTO shared (entity, line) ");
            query.push_values(some, |mut row, line| {
                row.push_bind(CATALOGUE.id.as_bytes().to_vec())
                    .push_bind(line.as_str());
            });
            query
                .build()
                .persistent(some.len() == MAX_ROWS)
                .execute(&mut *transaction)
                .await?;
        }
        log_dropped(
            &mut transaction,
            before
                .difference(&after)
                .map(|line| (CATALOGUE, line.clone()))
                .collect(),
            &mut log,
        )
        .await?;
        log.add(
            CATALOGUE,
            What::Updated,
            after.difference(&before).map(|line| format!("+{line}")),
        );
        let changes = log.write(&mut transaction).await?;
        transaction.commit().await?;
        Ok(changes)
    }
}
