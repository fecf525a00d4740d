//! Records as they were before a run, entities made of them, and what was remembered of their source.

use model::RunId;
use model::RunReport;
use sqlx::QueryBuilder;

use crate::RecordKey;
use crate::agents::describe_agents;
use crate::db::{Archive, ArchiveError, Db, MAX_ROWS, Transaction};
use crate::history::forget_run;
use crate::identity::{Arrival, place, settle_moved, standing_before};
use crate::lifecycle::withdraw;
use crate::log::Log;
use crate::read::{Change, What};
use crate::rows::push_keys;
use crate::runs::save_run;
use crate::undo::{Restored, Undoing};

impl Archive {
    /// Has records as they were before the run that is undone, and makes the entities of some again.
    pub async fn undo_restore(
        &self,
        undoing: &Undoing,
        restored: Restored,
        report: &mut RunReport,
    ) -> Result<Vec<Change>, ArchiveError> {
        let mut transaction = self.writing().await?;
        let mut log = Log::begin(&mut transaction, &self.base, report.run, undoing.at).await?;
        let before = standing_before(&mut transaction, &restored.keys).await?;
        restore_rows(&mut transaction, undoing.undone, &restored.keys).await?;
        let mut figures = report.clone();
        figures.unchanged +=
            (restored.keys.len() - restored.made.len().min(restored.keys.len())) as u64;
        let (mut arrivals, mut descriptions) = (Vec::new(), Vec::new());
        for (key, primary, agents) in restored.made {
            arrivals.push(Arrival {
                record: key,
                sealed: primary,
            });
            descriptions.push((key, agents));
        }
        let made: Vec<RecordKey> = arrivals.iter().map(|arrival| arrival.record).collect();
        let placed = place(
            &mut transaction,
            &self.trust,
            &undoing.source,
            arrivals,
            &before,
            false,
            &mut log,
        )
        .await?;
        settle_moved(&mut transaction, &self.trust, &restored.keys, &mut log).await?;
        describe_agents(
            &mut transaction,
            &undoing.source,
            descriptions,
            false,
            &mut log,
        )
        .await?;
        for record in made {
            match placed.heads.get(&record).and_then(|head| log.what(*head)) {
                Some(What::Created | What::Restored) => figures.created += 1,
                Some(_) => figures.updated += 1,
                None => figures.unchanged += 1,
            }
        }
        figures.seen = figures.created + figures.updated + figures.unchanged + figures.refused;
        let changes = log.write(&mut transaction).await?;
        save_run(&mut transaction, &figures).await?;
        transaction.commit().await?;
        *report = figures;
        Ok(changes)
    }

    /// Takes records out of the catalogue that were not in it before the run that is undone: those that came with it, and those
    /// that it brought back. And those that were in it but are `refused` by today's rules. A transaction of its own, since an entity may not leave and come back in one.
    pub async fn undo_withdraw(
        &self,
        undoing: &Undoing,
        keys: &[RecordKey],
        refused: bool,
        report: &mut RunReport,
    ) -> Result<Vec<Change>, ArchiveError> {
        let mut transaction = self.writing().await?;
        let mut log = Log::begin(&mut transaction, &self.base, report.run, undoing.at).await?;
        withdraw(&mut transaction, &self.trust, keys, &mut log).await?;
        restore_rows(&mut transaction, undoing.undone, keys).await?;
        for some in keys.chunks(MAX_ROWS) {
            let mut query = QueryBuilder::<Db>::new("UPDATE record SET ");
            query.push(match refused {
                true => "accepted = 0",
                false => "created_run = 0",
            });
            query.push(" WHERE key IN ");
            push_keys(&mut query, some.iter().map(RecordKey::as_bytes));
            query
                .build()
                .persistent(some.len() == MAX_ROWS)
                .execute(&mut *transaction)
                .await?;
        }
        let mut figures = report.clone();
        figures.withdrawn += keys.len() as u64;
        let changes = log.write(&mut transaction).await?;
        save_run(&mut transaction, &figures).await?;
        transaction.commit().await?;
        *report = figures;
        Ok(changes)
    }

    /// Ends the undoing of a run: what is remembered of the source is as before it, and the run itself says that it was undone.
    pub async fn finish_undo(
        &self,
        undoing: &Undoing,
        report: &RunReport,
    ) -> Result<(), ArchiveError> {
        let mut transaction = self.writing().await?;
        restore_source(&mut transaction, undoing).await?;
        forget_run(&mut transaction, undoing.undone).await?;
        sqlx::query("UPDATE record SET created_run = 0 WHERE source = $1 AND created_run = $2")
            .bind(undoing.source.as_str())
            .bind(undoing.undone.0)
            .execute(&mut *transaction)
            .await?;
        sqlx::query("UPDATE run SET reason = CASE WHEN reason IS NULL THEN $1 ELSE reason || '; ' || $1 END WHERE id = $2")
            .bind(format!("undone by run {}", report.run))
            .bind(undoing.undone.0)
            .execute(&mut *transaction)
            .await?;
        save_run(&mut transaction, report).await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// Gives records the rows and bodies that they had before a run, and forgets these.
async fn restore_rows(
    transaction: &mut Transaction,
    run: RunId,
    keys: &[RecordKey],
) -> Result<(), ArchiveError> {
    const STEPS: [&str; 3] = [
        "UPDATE record SET format = history.format, checksum = history.checksum, state = history.state, accepted = history.accepted,
         fetched = history.fetched, seen_run = history.seen_run, mapped_run = history.mapped_run, missing_since = history.missing_since
         FROM history WHERE history.key = record.key AND history.run = ",
        "UPDATE body SET zstd = history.body FROM history WHERE history.key = body.key AND history.body IS NOT NULL AND history.run = ",
        "DELETE FROM history WHERE history.run = ",
    ];
    for some in keys.chunks(MAX_ROWS) {
        for step in STEPS {
            let mut query = QueryBuilder::<Db>::new(step);
            query.push_bind(run.0).push(" AND history.key IN ");
            push_keys(&mut query, some.iter().map(RecordKey::as_bytes));
            query
                .build()
                .persistent(some.len() == MAX_ROWS)
                .execute(&mut **transaction)
                .await?;
        }
    }
    Ok(())
}

/// What the source is asked for next has to include what was undone; what the guard held is as it was if no run came after.
async fn restore_source(
    transaction: &mut Transaction,
    undoing: &Undoing,
) -> Result<(), ArchiveError> {
    let (id, run) = (undoing.source.as_str(), undoing.undone.0);
    sqlx::query(
        "UPDATE source SET last_full = CASE WHEN source.last_full > point.last_full THEN point.last_full WHEN point.last_full IS NULL THEN NULL ELSE source.last_full END,
         last_complete = CASE WHEN source.last_complete > point.last_complete THEN point.last_complete WHEN point.last_complete IS NULL THEN NULL ELSE source.last_complete END,
         held_set = NULL, held_runs = 0, released = 0, released_because = NULL FROM undo_point AS point WHERE source.id = $1 AND point.run = $2",
    )
    .bind(id)
    .bind(run)
    .execute(&mut **transaction)
    .await?;
    sqlx::query(
        "UPDATE source SET held_set = point.held_set, held_runs = point.held_runs FROM undo_point AS point WHERE source.id = $1 AND point.run = $2
         AND NOT EXISTS (SELECT 1 FROM run WHERE run.source = $1 AND run.id > $2 AND run.purpose = 'harvest')",
    )
    .bind(id)
    .bind(run)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
