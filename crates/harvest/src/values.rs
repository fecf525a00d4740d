//! What the rules make of the values that records state: counted, for a look at the rules and at the sources.

use std::collections::{BTreeMap, HashMap, HashSet};

use archive::{Archive, RawRow, RecordState};
use model::{Minter, RawRecord, SourceId};
use normalise::{Decision, Outcome};
use oxrdf::NamedNode;
use rayon::prelude::*;
use vocab::Vocab;

use crate::HarvestError;
use crate::prepare::Bench;
use crate::project::blocking;
use crate::rebuild::unpack;

/// More different values of one topic are counted, and not told apart.
const MOST_VALUES: usize = 50_000;
const BATCH: u32 = 500;

/// The values of one topic (`licence`, `format`, `place`...).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Topic {
    /// Values that were understood without a doubt.
    pub certain: u64,
    /// Values that were understood, with a finding that says so.
    pub doubtful: u64,
    /// Values that say that there is none.
    pub void: u64,
    pub unresolved: u64,
    /// In how many records each value stands, with what became of it.
    pub values: HashMap<(String, Outcome), u64>,
}

/// What [`values`] counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values {
    pub records: u64,
    /// Records that could not be mapped: their values are not counted.
    pub unmapped: u64,
    pub topics: BTreeMap<&'static str, Topic>,
}

impl Topic {
    /// Values that say something.
    pub fn stated(&self) -> u64 {
        self.certain + self.doubtful + self.unresolved
    }

    /// The share of the stated values that were understood, from 0 to 1; `None` where there are none.
    pub fn share(&self) -> Option<f64> {
        let stated = self.stated();
        (stated > 0).then(|| (self.certain + self.doubtful) as f64 / stated as f64)
    }

    /// The values for which `wanted` holds, the most frequent first.
    pub fn most_frequent(&self, wanted: impl Fn(&Outcome) -> bool) -> Vec<(&str, &Outcome, u64)> {
        let mut list: Vec<_> = self
            .values
            .iter()
            .filter(|((_, outcome), _)| wanted(outcome))
            .map(|((value, outcome), times)| (value.as_str(), outcome, *times))
            .collect();
        list.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| a.0.cmp(b.0)));
        list
    }

    fn count(&mut self, value: String, outcome: Outcome) {
        match &outcome {
            Outcome::Resolved { certain: true, .. } => self.certain += 1,
            Outcome::Resolved { certain: false, .. } => self.doubtful += 1,
            Outcome::Void => self.void += 1,
            Outcome::Unresolved => self.unresolved += 1,
        }
        let full = self.values.len() >= MOST_VALUES;
        let key = (value, outcome);
        match self.values.get_mut(&key) {
            Some(times) => *times += 1,
            None if full => {}
            None => {
                self.values.insert(key, 1);
            }
        }
    }
}

/// Maps the records that are kept of the wanted sources once more, writes nothing, and counts what the rules decided.
pub async fn values(
    archive: &Archive,
    minter: &Minter,
    vocab: &'static Vocab,
    wanted: impl Fn(&SourceId) -> bool,
    language: impl Fn(&SourceId) -> String,
    progress: impl Fn(&Values),
) -> Result<Values, HarvestError> {
    let mut values = Values::default();
    let mut after = None;
    loop {
        let rows = archive.raw_records(after, BATCH).await?;
        let Some((last, _)) = rows.last() else { break };
        after = Some(*last);
        let work: Vec<(Bench, RawRow)> = rows
            .into_iter()
            .filter(|(_, row)| row.state != RecordState::Withdrawn && wanted(&row.source))
            .map(|(_, row)| {
                let bench = Bench {
                    source: row.source.clone(),
                    language: language(&row.source),
                    minter: minter.clone(),
                    vocab,
                };
                (bench, row)
            })
            .collect();
        let decided = blocking(move || {
            work.par_iter()
                .map(|(bench, row)| decisions(bench, row))
                .collect::<Result<Vec<_>, _>>()
        })
        .await?;
        for decisions in decided {
            values.add(decisions);
        }
        progress(&values);
    }
    Ok(values)
}

impl Values {
    fn add(&mut self, decisions: Option<Vec<Decision>>) {
        self.records += 1;
        let Some(decisions) = decisions else {
            self.unmapped += 1;
            return;
        };
        // A licence that is stated once, and stands on every distribution, is one value.
        let mut seen = HashSet::new();
        for decision in decisions {
            if !seen.insert((decision.topic, decision.value.clone())) {
                continue;
            }
            self.topics
                .entry(decision.topic)
                .or_default()
                .count(decision.value, decision.outcome);
        }
    }
}

/// `None` where the record cannot be mapped.
fn decisions(bench: &Bench, row: &RawRow) -> Result<Option<Vec<Decision>>, HarvestError> {
    let record = RawRecord {
        id: row.id.clone(),
        format: row.format,
        body: unpack(&row.body)?,
    };
    let minted = row
        .entity
        .map(|entity| NamedNode::new_unchecked(entity.iri(bench.minter.base())));
    let Ok(mut mapped) = bench.map(&record, minted.as_ref()) else {
        return Ok(None);
    };
    let context = bench.context(&record.id, row.fetched);
    Ok(Some(normalise::normalise_and_tell(&mut mapped, &context)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_nothing_does_not_count_against_the_rules() {
        let mut topic = Topic::default();
        assert_eq!(topic.share(), None);
        let resolved = |certain| Outcome::Resolved {
            to: "x".to_owned(),
            certain,
        };
        topic.count("a".to_owned(), resolved(true));
        topic.count("a".to_owned(), resolved(true));
        topic.count("b".to_owned(), resolved(false));
        topic.count("c".to_owned(), Outcome::Unresolved);
        topic.count("n/a".to_owned(), Outcome::Void);
        assert_eq!((topic.stated(), topic.share()), (4, Some(0.75)));
        let unresolved = topic.most_frequent(|outcome| *outcome == Outcome::Unresolved);
        assert_eq!(unresolved, [("c", &Outcome::Unresolved, 1)]);
        assert_eq!(topic.most_frequent(|_| true)[0].0, "a");
    }
}
