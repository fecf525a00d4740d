//! What has to be.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use crate::event::{Event, GUARDED, Mark, NAMES};

pub const GRACE: TimeDelta = TimeDelta::days(7);

/// A record: source, dataset, and how often the dataset got another identifier there.
pub type Record = (usize, usize, usize);

/// A record as a source lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listed {
    pub generation: usize,
    pub word: usize,
    pub mark: Mark,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Present,
    Missing {
        since: DateTime<Utc>,
        /// By the time that really passes, whatever the clock says.
        truly: DateTime<Utc>,
    },
    Withdrawn,
}

/// When a run decides on what is absent.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    pub now: DateTime<Utc>,
    pub truly: DateTime<Utc>,
    /// Nobody saw the clock jump since the source was last seen whole.
    pub watched: bool,
}

#[derive(Default)]
pub struct Model {
    pub listed: BTreeMap<(usize, usize), Listed>,
    generations: BTreeMap<(usize, usize), usize>,
    /// Of each record that was ever seen.
    pub records: BTreeMap<Record, State>,
    /// Those of which the source said last that they are not for the public.
    withheld: BTreeSet<Record>,
    /// Whether the guard holds something, and whether a person released it.
    pub held: bool,
    pub released: bool,
}

/// The records of a source, and what the guard held, before a run.
pub struct Before {
    records: BTreeMap<Record, State>,
    held: bool,
}

impl Model {
    pub fn apply(&mut self, event: Event) {
        match event {
            Event::Appear(s, d) => {
                let generation = *self.generations.entry((s, d)).or_default();
                self.listed.entry((s, d)).or_insert(Listed {
                    generation,
                    word: 0,
                    mark: Mark::Public,
                });
            }
            Event::Change(s, d, word) => {
                if let Some(listed) = self.listed.get_mut(&(s, d)) {
                    listed.word = word;
                }
            }
            Event::Mark(s, d, mark) => {
                if let Some(listed) = self.listed.get_mut(&(s, d)) {
                    listed.mark = mark;
                }
            }
            Event::Rename(s, d, word) => {
                if let Some(listed) = self.listed.get_mut(&(s, d)) {
                    let generation = self.generations.entry((s, d)).or_default();
                    *generation += 1;
                    *listed = Listed {
                        generation: *generation,
                        word,
                        mark: Mark::Public,
                    };
                }
            }
            Event::Vanish(s, d) => {
                self.listed.remove(&(s, d));
            }
            Event::Move(from, to, d) if self.listed.remove(&(from, d)).is_some() => {
                self.apply(Event::Appear(to, d));
            }
            _ => {}
        }
    }

    /// What a run that got every page saw.
    pub fn seen(&mut self, s: usize) {
        for ((_, d), listed) in self.listed.iter().filter(|((source, _), _)| *source == s) {
            let record = (s, *d, listed.generation);
            match listed.mark {
                Mark::Public => {
                    self.withheld.remove(&record);
                    self.records.insert(record, State::Present);
                }
                Mark::Private => {
                    if let Some(state) = self.records.get_mut(&record) {
                        *state = State::Withdrawn;
                        self.withheld.insert(record);
                    }
                }
                // Believed of a complete run only.
                Mark::Deleted => {}
            }
        }
    }

    /// What a complete run means for the records that it did not see.
    pub fn absent(&mut self, s: usize, at: Moment) {
        let mark = |(source, d, generation): &Record| {
            self.listed
                .get(&(*source, *d))
                .filter(|listed| listed.generation == *generation)
                .map(|listed| listed.mark)
        };
        let mut absent = Vec::new();
        let mut deleted = Vec::new();
        for (record, state) in self.records.iter().filter(|((source, ..), _)| *source == s) {
            match (mark(record), state) {
                (_, State::Withdrawn) => {}
                (Some(Mark::Deleted), _) => deleted.push(*record),
                (None, State::Present) => absent.push(*record),
                _ => {}
            }
        }
        self.begin_anew(s, at);
        let newly = !absent.is_empty() || !deleted.is_empty();
        if s == GUARDED && newly && !self.released {
            self.held = true;
            return;
        }
        if s == GUARDED {
            (self.held, self.released) = (false, false);
        }
        for record in absent {
            let missing = State::Missing {
                since: at.now,
                truly: at.truly,
            };
            self.records.insert(record, missing);
        }
        for record in deleted {
            self.records.insert(record, State::Withdrawn);
        }
        for ((source, ..), state) in &mut self.records {
            if let State::Missing { since, truly } = *state
                && *source == s
                && since <= at.now - GRACE
            {
                let days = at.truly - truly;
                assert!(days >= GRACE, "withdrawn after {days}");
                *state = State::Withdrawn;
            }
        }
    }

    /// The period of grace where the clock cannot be believed.
    fn begin_anew(&mut self, s: usize, at: Moment) {
        for ((source, ..), state) in &mut self.records {
            if let State::Missing { since, .. } = state
                && *source == s
                && (!at.watched || *since > at.now)
            {
                *since = at.now;
            }
        }
    }

    pub fn before(&self, s: usize) -> Before {
        let own = self.records.iter().filter(|((source, ..), _)| *source == s);
        Before {
            records: own.map(|(record, state)| (*record, *state)).collect(),
            held: self.held,
        }
    }

    /// What undoing a run makes of the records of its source.
    pub fn undo(&mut self, s: usize, before: Before) {
        for (record, state) in self
            .records
            .iter_mut()
            .filter(|((source, ..), _)| *source == s)
        {
            *state = match before.records.get(record) {
                Some(_) if self.withheld.contains(record) => State::Withdrawn,
                Some(earlier) => *earlier,
                None => State::Withdrawn,
            };
        }
        if s == GUARDED {
            self.held = before.held;
        }
    }

    /// The datasets that are in the catalogue, each with how often it may be there: a source that renamed a record seems to have
    /// two, until a complete run says that the first is gone.
    pub fn published(&self) -> BTreeMap<usize, usize> {
        let mut published = BTreeMap::new();
        for d in 0..NAMES.len() {
            let mut there: BTreeMap<(usize, Option<DateTime<Utc>>), usize> = BTreeMap::new();
            let mut any = false;
            for ((source, dataset, _), state) in &self.records {
                if *dataset != d {
                    continue;
                }
                // What stood beside each other at a source, and is absent since the same run, was not one that got another identifier.
                let since = match state {
                    State::Present => None,
                    State::Missing { truly, .. } => Some(*truly),
                    State::Withdrawn => continue,
                };
                any = true;
                *there.entry((*source, since)).or_default() += 1;
            }
            if any {
                published.insert(d, there.into_values().max().unwrap_or(1).max(1));
            }
        }
        published
    }

    /// A record of the dataset that is in the catalogue, of this source where it matters.
    pub fn a_record(&self, s: Option<usize>, d: usize) -> Option<Record> {
        let mut own = self.records.iter().filter(|((source, dataset, _), state)| {
            *dataset == d && **state != State::Withdrawn && s.is_none_or(|s| s == *source)
        });
        own.next_back().map(|(record, _)| *record)
    }
}
