//! What happens.

use proptest::prelude::*;

pub const SOURCES: [&str; 3] = ["region", "ville", "national"];
/// Of this one the guard lets nothing go without a person. What is absent from the others is gone.
pub const GUARDED: usize = 1;
pub const NAMES: [&str; 4] = ["alpha", "beta", "gamma", "delta"];
pub const WORDS: [&str; 3] = ["bleu", "vert", "rouge"];

/// Sources and datasets by number.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    Appear(usize, usize),
    /// Its title changes.
    Change(usize, usize, usize),
    /// It gets another identifier, and perhaps another title.
    Rename(usize, usize, usize),
    /// The source says of it what this is.
    Mark(usize, usize, Mark),
    Vanish(usize, usize),
    /// From one source to another.
    Move(usize, usize, usize),
    Run(usize),
    /// A run that gets no page.
    Fail(usize),
    /// A run whose source announces more than it has.
    Lie(usize),
    /// A run that is cut off, and a restart.
    Crash(usize),
    /// The last run of a source is undone, and the source resumed.
    Undo(usize),
    /// A person lets go what the guard holds.
    Release(usize),
    /// A person says that a record describes another dataset than the others of its entity.
    Split(usize, usize),
    /// A person says that two datasets are one.
    Merge(usize, usize),
    Days(i64),
    /// The clock is set, and nothing else happens.
    Jump(i64),
    Rebuild,
}

impl Event {
    /// Not only the portals, nor the clock: what is published may be another thing after it.
    pub fn reaches_the_catalogue(self) -> bool {
        match self {
            Self::Appear(..)
            | Self::Change(..)
            | Self::Rename(..)
            | Self::Mark(..)
            | Self::Vanish(..)
            | Self::Move(..)
            | Self::Days(_)
            | Self::Jump(_) => false,
            Self::Run(_)
            | Self::Fail(_)
            | Self::Lie(_)
            | Self::Crash(_)
            | Self::Undo(_)
            | Self::Release(_)
            | Self::Split(..)
            | Self::Merge(..)
            | Self::Rebuild => true,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    Public,
    Private,
    Deleted,
}

pub fn event() -> impl Strategy<Value = Event> {
    let (s, d, w) = (0..SOURCES.len(), 0..NAMES.len(), 0..WORDS.len());
    let at = (s.clone(), d.clone());
    let mark = prop_oneof![Just(Mark::Public), Just(Mark::Private), Just(Mark::Deleted)];
    prop_oneof![
        8 => at.clone().prop_map(|(s, d)| Event::Appear(s, d)),
        4 => (s.clone(), d.clone(), w.clone()).prop_map(|(s, d, w)| Event::Change(s, d, w)),
        4 => (s.clone(), d.clone(), w).prop_map(|(s, d, w)| Event::Rename(s, d, w)),
        4 => (s.clone(), d.clone(), mark).prop_map(|(s, d, mark)| Event::Mark(s, d, mark)),
        6 => at.clone().prop_map(|(s, d)| Event::Vanish(s, d)),
        2 => (s.clone(), s.clone(), d.clone()).prop_map(|(a, b, d)| Event::Move(a, b, d)),
        16 => s.clone().prop_map(Event::Run),
        2 => s.clone().prop_map(Event::Fail),
        2 => s.clone().prop_map(Event::Lie),
        3 => s.clone().prop_map(Event::Crash),
        3 => s.clone().prop_map(Event::Undo),
        2 => Just(Event::Release(GUARDED)),
        2 => at.prop_map(|(s, d)| Event::Split(s, d)),
        1 => (d.clone(), d).prop_map(|(a, b)| Event::Merge(a, b)),
        6 => (1_i64..9).prop_map(Event::Days),
        1 => prop_oneof![Just(-3650_i64), Just(3650)].prop_map(Event::Jump),
        2 => Just(Event::Rebuild),
    ]
}
