//! The changes of one transaction, for the change log.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use model::RunId;
use sqlx::QueryBuilder;

use crate::EntityKey;
use crate::db::{ArchiveError, Db, MAX_ROWS, Transaction, seconds};
use crate::pack::Packed;
use crate::read::{Change, What};

/// The changes of one transaction.
pub(crate) struct Log {
    pub(crate) base: Arc<str>,
    run: RunId,
    pub(crate) at: DateTime<Utc>,
    seq: i64,
    changes: BTreeMap<EntityKey, (What, Vec<String>)>,
}

impl Log {
    pub(crate) async fn begin(
        transaction: &mut Transaction,
        base: &Arc<str>,
        run: RunId,
        at: DateTime<Utc>,
    ) -> Result<Self, ArchiveError> {
        let (seq,): (i64,) = sqlx::query_as("SELECT COALESCE(MAX(seq), 0) FROM change")
            .fetch_one(&mut **transaction)
            .await?;
        Ok(Self {
            base: base.clone(),
            run,
            at,
            seq,
            changes: BTreeMap::new(),
        })
    }

    pub(crate) fn what(&self, key: EntityKey) -> Option<What> {
        self.changes
            .get(&key)
            .filter(|(what, lines)| *what != What::Updated || !lines.is_empty())
            .map(|(what, _)| *what)
    }

    /// Adds `-line` and `+line` to what happened to an entity. A creation is not overruled by an update.
    pub(crate) fn add(
        &mut self,
        key: EntityKey,
        what: What,
        lines: impl IntoIterator<Item = String>,
    ) {
        let entry = self.changes.entry(key).or_insert((what, Vec::new()));
        if what != What::Updated {
            entry.0 = what;
        }
        entry.1.extend(lines);
    }

    /// A line that one entity stopped to state and another began to state, in one transaction, came or went: as it stands in the
    /// end. Changes are written in the order of entities, not in that of time.
    async fn agree(&mut self, transaction: &mut Transaction) -> Result<(), ArchiveError> {
        if self.changes.len() < 2 {
            return Ok(());
        }
        // Of what an entity says of itself, what is added holds.
        let foreign = |sign: char| -> HashSet<&str> {
            self.changes
                .iter()
                .flat_map(|(key, (_, lines))| {
                    let own = format!("<{}", key.iri(&self.base));
                    lines
                        .iter()
                        .filter_map(move |line| line.strip_prefix(sign))
                        .filter(move |line| !line.starts_with(&own))
                })
                .collect()
        };
        let gone = foreign('-');
        if gone.is_empty() {
            return Ok(());
        }
        let both: Vec<String> = foreign('+')
            .intersection(&gone)
            .map(|line| (*line).to_owned())
            .collect();
        for line in both {
            let stated = sqlx::query("SELECT 1 FROM shared WHERE line = $1 LIMIT 1")
                .bind(&line)
                .fetch_optional(&mut **transaction)
                .await?
                .is_some();
            let wrong = format!("{}{line}", if stated { '-' } else { '+' });
            for (_, lines) in self.changes.values_mut() {
                lines.retain(|line| *line != wrong);
            }
        }
        Ok(())
    }

    pub(crate) async fn write(
        mut self,
        transaction: &mut Transaction,
    ) -> Result<Vec<Change>, ArchiveError> {
        for (_, lines) in self.changes.values_mut() {
            settle_lines(lines);
        }
        self.agree(transaction).await?;
        let mut seq = self.seq;
        let changes: Vec<Change> = self
            .changes
            .into_iter()
            .filter(|(_, (what, lines))| *what != What::Updated || !lines.is_empty())
            .map(|(key, (what, lines))| {
                seq += 1;
                Change {
                    seq,
                    run: self.run,
                    at: self.at,
                    key,
                    what,
                    lines,
                }
            })
            .collect();
        for some in changes.chunks(MAX_ROWS) {
            let mut query = QueryBuilder::<Db>::new(
                "INSERT INTO change (seq, run, at, minted, entity, what, diff) ",
            );
            query.push_values(some, |mut row, change| {
                let diff = (!change.what.is_whole())
                    .then(|| Packed::new(change.lines.join("\n").as_bytes()).0);
                row.push_bind(change.seq)
                    .push_bind(change.run.0)
                    .push_bind(seconds(change.at))
                    .push_bind(change.key.minted.segment())
                    .push_bind(change.key.id.as_bytes().to_vec())
                    .push_bind(change.what.as_str())
                    .push_bind(diff);
            });
            query
                .build()
                .persistent(some.len() == MAX_ROWS)
                .execute(&mut **transaction)
                .await?;
        }
        Ok(changes)
    }
}

/// Of a line that was added and removed in turn, what came last.
fn settle_lines(lines: &mut Vec<String>) {
    let turns = lines.iter().any(|line| line.starts_with('-'))
        && lines.iter().any(|line| line.starts_with('+'));
    if !turns {
        return;
    }
    let mut last: HashSet<&str> = HashSet::with_capacity(lines.len());
    let mut keep: Vec<bool> = lines
        .iter()
        .rev()
        .map(|line| last.insert(line.get(1..).unwrap_or_default()))
        .collect();
    keep.reverse();
    let mut keep = keep.into_iter();
    lines.retain(|_| keep.next().unwrap_or(true));
}

/// The lines that two sorted texts do not share, with `-` and `+`; and, beside the removal of a typed literal, `+` for
/// the typed literals of the same property that stay: a store may hold `"1"^^xsd:int` and `"1"^^xsd:integer` as one.
pub(crate) fn text_diff(before: &str, after: &str) -> Vec<String> {
    let (mut old, mut new) = (before.lines().peekable(), after.lines().peekable());
    let mut diff = Vec::new();
    let mut typed = HashSet::new();
    loop {
        match (old.peek(), new.peek()) {
            (Some(a), Some(b)) if a == b => {
                old.next();
                new.next();
            }
            (Some(a), b) if b.is_none_or(|b| a < b) => {
                typed.extend(typed_property(a));
                diff.extend(old.next().map(|line| format!("-{line}")));
            }
            (_, Some(_)) => diff.extend(new.next().map(|line| format!("+{line}"))),
            (_, None) => break,
        }
    }
    if !typed.is_empty() {
        let same =
            |line: &&str| typed_property(line).is_some_and(|property| typed.contains(property));
        diff.extend(after.lines().filter(same).map(|line| format!("+{line}")));
    }
    diff
}

/// Subject and predicate of a triple whose object is a typed literal.
fn typed_property(line: &str) -> Option<&str> {
    let quote = line.find(" \"")?;
    line.ends_with("> .").then(|| line.get(..quote)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_last_of_a_line_holds() {
        let mut lines: Vec<String> = ["-a", "+b", "+a", "-b", "+c"].map(str::to_owned).to_vec();
        settle_lines(&mut lines);
        assert_eq!(lines, ["+a", "-b", "+c"]);
    }

    #[test]
    fn the_diff_of_sorted_texts_says_what_differs() {
        assert_eq!(text_diff("a\nb\nd\n", "b\nc\nd\ne\n"), ["-a", "+c", "+e"]);
        assert!(text_diff("", "").is_empty());
        assert_eq!(text_diff("", "a"), ["+a"]);
        assert_eq!(text_diff("a\nb", ""), ["-a", "-b"]);
    }

    #[test]
    fn what_a_store_may_hold_as_one_is_inserted_again() {
        let (int, integer) = ("<s> <p> \"1\"^^<int> .", "<s> <p> \"1\"^^<integer> .");
        let both = format!("{int}\n{integer}\n");
        assert_eq!(
            text_diff(&both, integer),
            [format!("-{int}"), format!("+{integer}")]
        );
        assert_eq!(text_diff(integer, &both), [format!("+{int}")]);
    }
}
