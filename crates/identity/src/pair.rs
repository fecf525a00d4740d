//! Two records side by side: what each kind of evidence wants beside itself.

use crate::facts::{Facts, Key, KeyKind};
use crate::identifier::global;
use crate::judge::{Evidence, Rule};
use crate::organisation::is_proper;
use crate::title::{contains, is_telling, likeness};

/// Shared values that are told of a pair.
const TOLD: usize = 5;

pub(crate) struct Pair<'f> {
    a: &'f Facts,
    b: &'f Facts,
    pub(crate) likeness: f64,
    pub(crate) same_title: bool,
    /// One title says all that the other says.
    includes: bool,
    pub(crate) apart: bool,
    /// Both say where, and that is the same.
    same_place: bool,
    /// Both say where, and that differs.
    other_place: bool,
    same_publisher: bool,
    no_publisher: bool,
    same_source: bool,
    /// One description says what the other says, and it is no form.
    same_text: bool,
    /// They are of different years: editions.
    other_years: bool,
    /// Both say which time they are of, and that differs.
    other_times: bool,
}

impl<'f> Pair<'f> {
    pub(crate) fn of(
        a: &'f Facts,
        b: &'f Facts,
        same_source: bool,
        alone: impl Fn(&Key) -> bool,
        form: impl Fn(&Key) -> bool,
    ) -> Self {
        let shared = |kind: KeyKind| {
            a.keys_of(kind)
                .filter(|key| b.keys.binary_search(key).is_ok())
                .any(&alone)
        };
        let places = a.extent.as_ref().zip(b.extent.as_ref());
        let place = places.map(|(a, b)| a.likeness(b));
        let publisher = !a.publisher.is_empty() && a.publisher == b.publisher;
        Self {
            a,
            b,
            likeness: match a.title.is_empty() || b.title.is_empty() {
                true => 0.0,
                false => likeness(&a.title, &b.title),
            },
            same_title: a.title == b.title && !a.title.is_empty(),
            includes: contains(&a.title, &b.title),
            apart: places.is_some_and(|(a, b)| a.is_apart_from(b)),
            same_place: place.is_some_and(|likeness| likeness > 0.6),
            other_place: place.is_some_and(|likeness| likeness < 0.5),
            same_publisher: publisher && !differ(&a.siren, &b.siren),
            no_publisher: a.publisher.is_empty() || b.publisher.is_empty(),
            same_source,
            same_text: shared(KeyKind::Text)
                && !a.keys_of(KeyKind::Text).any(form)
                && a.text.says_what(&b.text),
            other_years: are_parted(a, b) || a.text.is_of_other_years(&b.text),
            other_times: are_of_other_times(a, b),
        }
    }

    /// Neither description says what the other does not: both under one title may have the file of their common form.
    fn agree(&self) -> bool {
        self.a.text.agrees_with(&self.b.text) && !differ(&self.a.siren, &self.b.siren)
    }

    /// Both titles say what they are about.
    fn is_telling(&self) -> bool {
        is_telling(&self.a.title) && is_telling(&self.b.title)
    }

    /// Their title and publisher can be those of one dataset, and nothing of what both state differs.
    fn is_named(&self) -> bool {
        is_proper(&self.a.publisher)
            && is_telling(&self.a.title)
            && !self.other_times
            && !have_other_names(self.a, self.b)
    }

    pub(crate) fn evidence<'k>(
        &self,
        rule: Rule,
        shared: impl Iterator<Item = &'k &'k Key>,
    ) -> Evidence {
        Evidence {
            rule,
            shared: shared.take(TOLD).map(|key| key.value.clone()).collect(),
            likeness: self.likeness,
        }
    }

    pub(crate) fn by_identifier(&self, own: &[&Key], common: &[&Key], home: bool) -> bool {
        if self.same_source {
            // A portal that copies a dataset twice; or a form that somebody filled in from an older one, with other titles.
            return !(own.is_empty() && common.is_empty())
                && self.same_title
                && self.same_publisher
                && !self.apart;
        }
        if own.is_empty() {
            return self.same_title && self.same_publisher && !self.apart;
        }
        let is_like = self.likeness >= 0.3 || self.includes;
        if own.iter().all(|key| key.value.starts_with("code:")) {
            // Only its catalogue understands it, and another may have given it to something else.
            return self.by_page(own, false);
        }
        if !home {
            // Neither is known by it: both name what they were made from, or a form that both were filled in from.
            return is_like && !self.apart;
        }
        // An address may be that of a series or of a specification, and a code something else by now.
        let is_drawn = own.iter().any(|key| {
            ["uuid:", "doi:", "hex:"]
                .iter()
                .any(|form| key.value.starts_with(form))
        });
        is_like || is_drawn && !self.apart
    }

    pub(crate) fn by_page(&self, own: &[&Key], home: bool) -> bool {
        !own.is_empty()
            && !self.same_source
            && !self.apart
            && !self.other_years
            && (self.likeness >= 0.75
                || self.includes && self.likeness > 0.0
                || self.same_text && self.likeness >= 0.5)
            && (home || self.is_of_one_hand())
    }

    /// `all` says that one has no file but those of the other, which few have: then a portal put itself in the publisher's place.
    pub(crate) fn by_resource(&self, own: &[&Key], home: bool, all: bool) -> bool {
        let is_like = self.same_title || self.includes && self.likeness >= 0.85;
        let is_copy = all
            && is_like
            && !self.other_place
            && !self.other_times
            && self.agree()
            && self.is_telling();
        if own.is_empty() || self.apart || self.other_years {
            return false;
        }
        if self.same_source {
            // Entered twice, or taken by two ways.
            return is_copy && self.same_title && self.same_publisher && self.same_text;
        }
        (self.likeness >= 0.85 || self.same_text && self.likeness >= 0.5)
            && (home || self.is_of_one_hand() || is_copy)
    }

    /// What many publishers have under one title, each for itself, may have the page of their common schema, or the file of all.
    fn is_of_one_hand(&self) -> bool {
        self.same_publisher || self.no_publisher || self.same_text
    }

    pub(crate) fn by_description(&self) -> bool {
        !self.same_source
            && self.same_title
            && self.same_publisher
            && self.same_text
            && !self.other_place
            && !self.other_years
            && self.is_named()
    }

    pub(crate) fn perhaps_by_description(&self) -> bool {
        !self.same_source
            && self.same_text
            && !self.other_place
            && !self.other_years
            && (self.likeness >= 0.5 || self.includes)
    }

    pub(crate) fn by_title(&self) -> bool {
        if self.same_source || self.apart || self.other_years {
            return false;
        }
        (self.likeness >= 0.8 || self.includes && self.likeness >= 0.66) && self.same_publisher
            || self.same_title && (self.same_place || self.same_publisher)
    }
}

/// Whether what two records state of themselves says that they are two datasets: that nothing else is known of them does not make
/// them one, nor those that each of them is one with.
pub fn contradict(a: &Facts, b: &Facts) -> bool {
    let places = a.extent.as_ref().zip(b.extent.as_ref());
    places.is_some_and(|(a, b)| a.likeness(b) < 0.5)
        || are_of_other_times(a, b)
        || a.text.is_of_other_years(&b.text)
        || differ(&a.siren, &b.siren)
        || likeness(&a.title, &b.title) == 0.0
}

/// Whether two records of one portal, which are both one with a third by a rule, can be one dataset that came there by two ways: the
/// title is the same, and nothing speaks against it. Pages and files are those of two datasets at times: then the descriptions have to
/// say the same, too, or the publishers to be the same and the descriptions to say nothing that differs.
pub fn may_be_twice(a: &Facts, b: &Facts, rule: Rule) -> bool {
    let says_same = || {
        a.text.says_what(&b.text)
            || !a.publisher.is_empty() && a.publisher == b.publisher && a.text.agrees_with(&b.text)
    };
    let is_sure = match rule {
        Rule::Identifier => true,
        Rule::Page | Rule::Resource => says_same(),
        _ => false,
    };
    is_sure && a.title == b.title && is_telling(&a.title) && !contradict(a, b)
}

/// Whether both say something, and not the same.
fn differ<T: PartialEq>(a: &Option<T>, b: &Option<T>) -> bool {
    matches!((a, b), (Some(a), Some(b)) if a != b)
}

/// Whether both say which time they are of, and one begins or ends when the other does not. « 2019 » is also its first day and its last.
fn are_of_other_times(a: &Facts, b: &Facts) -> bool {
    let (Some(a), Some(b)) = (&a.period, &b.period) else {
        return false;
    };
    let fit = |(one, other): (&String, &String)| {
        one.starts_with(other.as_str()) || other.starts_with(one.as_str())
    };
    !a.iter().zip(b).all(fit)
}

/// Whether the data of one end before those of the other begin.
fn are_parted(a: &Facts, b: &Facts) -> bool {
    let (Some(a), Some(b)) = (&a.period, &b.period) else {
        return false;
    };
    let before = |[_, end]: &[String; 2], [start, _]: &[String; 2]| {
        let both = end.len().min(start.len());
        both > 0 && end.get(..both) < start.get(..both)
    };
    before(a, b) || before(b, a)
}

/// Whether both were given a name elsewhere, in one form, and have none in common: a DOI each, the address of a resource each.
fn have_other_names(a: &Facts, b: &Facts) -> bool {
    let forms = |facts: &Facts| -> Vec<String> {
        facts
            .elsewhere
            .iter()
            .flat_map(|name| global(name))
            .collect()
    };
    let (a, b) = (forms(a), forms(b));
    let form = |name: &String| name.split(':').next().unwrap_or_default().to_owned();
    !a.iter().any(|name| b.contains(name))
        && a.iter()
            .any(|one| b.iter().any(|other| form(one) == form(other)))
}
