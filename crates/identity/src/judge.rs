//! Whether two records describe one dataset, and why.

use serde::{Deserialize, Serialize};

use crate::facts::{Facts, Key, KeyKind};
use crate::title::{contains, likeness};

/// By what two records are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rule {
    /// A person said so.
    Person,
    Identifier,
    Page,
    Resource,
    Title,
}

impl Rule {
    pub const ALL: [Self; 5] = [
        Self::Person,
        Self::Identifier,
        Self::Page,
        Self::Resource,
        Self::Title,
    ];

    /// The name of the rule in findings and decisions.
    pub fn name(self) -> &'static str {
        match self {
            Self::Person => "identity/person",
            Self::Identifier => "identity/identifier",
            Self::Page => "identity/page",
            Self::Resource => "identity/resource",
            Self::Title => "identity/title",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.name() == name)
    }
}

/// What speaks for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    pub rule: Rule,
    /// What both records have.
    pub shared: Vec<String>,
    /// How alike their titles are, from 0 to 1.
    pub likeness: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// Certain: they are one.
    Same(Evidence),
    /// Uncertain: a person may look.
    Perhaps(Evidence),
}

impl Verdict {
    pub fn evidence(&self) -> &Evidence {
        match self {
            Self::Same(evidence) | Self::Perhaps(evidence) => evidence,
        }
    }

    pub fn is_certain(&self) -> bool {
        matches!(self, Self::Same(_))
    }
}

/// Shared values that are told of a pair.
const TOLD: usize = 5;

/// Compares two records. `alone` says of a key that in each of their sources no other record has it: what several records of one
/// portal have names none of them.
pub fn judge(
    a: &Facts,
    b: &Facts,
    same_source: bool,
    alone: impl Fn(&Key) -> bool,
) -> Option<Verdict> {
    if a.kind != b.kind {
        return None;
    }
    let pair = Pair {
        likeness: likeness(&a.title, &b.title),
        same_title: a.title == b.title && !a.title.is_empty(),
        includes: contains(&a.title, &b.title),
        apart: matches!((&a.extent, &b.extent), (Some(a), Some(b)) if a.is_apart_from(b)),
        same_publisher: a.publisher == b.publisher && !a.publisher.is_empty(),
        no_publisher: a.publisher.is_empty() || b.publisher.is_empty(),
        same_source,
    };
    let mut best: Option<Verdict> = None;
    for (kind, rule) in [
        (KeyKind::Identifier, Rule::Identifier),
        (KeyKind::Page, Rule::Page),
        (KeyKind::Resource, Rule::Resource),
    ] {
        let shared: Vec<&Key> = a
            .keys_of(kind)
            .filter(|key| b.keys.binary_search(key).is_ok())
            .collect();
        if shared.is_empty() {
            continue;
        }
        let (own, common): (Vec<&Key>, Vec<&Key>) = shared.into_iter().partition(|key| alone(key));
        let home = own.iter().any(|key| a.is_home_of(key) || b.is_home_of(key));
        let sure = match rule {
            Rule::Identifier => pair.by_identifier(&own, &common, home),
            Rule::Page => pair.by_page(&own, home),
            _ => pair.by_resource(&own, home),
        };
        let evidence = pair.evidence(rule, own.iter().chain(&common));
        if sure {
            return Some(Verdict::Same(evidence));
        }
        // A page or a file of many records speaks for none of them.
        let speaks = !own.is_empty() || pair.likeness >= 0.5 && !pair.apart;
        if speaks && best.is_none() && (!same_source || pair.same_title) {
            best = Some(Verdict::Perhaps(evidence));
        }
    }
    best.or_else(|| {
        pair.by_title(a, b)
            .then(|| Verdict::Perhaps(pair.evidence(Rule::Title, [].iter())))
    })
}

struct Pair {
    likeness: f64,
    same_title: bool,
    /// One title says all that the other says.
    includes: bool,
    apart: bool,
    same_publisher: bool,
    no_publisher: bool,
    same_source: bool,
}

impl Pair {
    fn evidence<'k>(&self, rule: Rule, shared: impl Iterator<Item = &'k &'k Key>) -> Evidence {
        Evidence {
            rule,
            shared: shared.take(TOLD).map(|key| key.value.clone()).collect(),
            likeness: self.likeness,
        }
    }

    fn by_identifier(&self, own: &[&Key], common: &[&Key], home: bool) -> bool {
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

    fn by_page(&self, own: &[&Key], home: bool) -> bool {
        !own.is_empty()
            && !self.same_source
            && !self.apart
            && (self.likeness >= 0.75 || self.includes && self.likeness > 0.0)
            && (home || self.is_of_one_hand())
    }

    fn by_resource(&self, own: &[&Key], home: bool) -> bool {
        !own.is_empty()
            && !self.same_source
            && !self.apart
            && self.likeness >= 0.85
            && (home || self.is_of_one_hand())
    }

    /// What many publishers have under one title, each for itself, may have the page of their common schema, or the file of all.
    fn is_of_one_hand(&self) -> bool {
        self.same_publisher || self.no_publisher
    }

    fn by_title(&self, a: &Facts, b: &Facts) -> bool {
        if self.same_source || self.apart || a.title.is_empty() {
            return false;
        }
        let same_place =
            matches!((&a.extent, &b.extent), (Some(a), Some(b)) if a.likeness(b) > 0.6);
        (self.likeness >= 0.8 || self.includes && self.likeness >= 0.66) && self.same_publisher
            || self.same_title && (same_place || self.same_publisher)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extent::Extent;
    use crate::title::fold_title;

    fn facts(title: &str, keys: &[(KeyKind, &str)]) -> Facts {
        let mut keys: Vec<Key> = keys
            .iter()
            .map(|(kind, value)| Key {
                kind: *kind,
                value: (*value).to_owned(),
            })
            .collect();
        keys.sort_unstable();
        Facts {
            kind: "dataset".to_owned(),
            keys,
            title: fold_title(title),
            publisher: "dreal".to_owned(),
            extent: None,
            own: Vec::new(),
            elsewhere: Vec::new(),
        }
    }

    fn certain(a: &Facts, b: &Facts, same_source: bool, alone: bool) -> Option<bool> {
        judge(a, b, same_source, |_| alone).map(|verdict| verdict.is_certain())
    }

    use KeyKind::{Identifier, Page, Resource};

    const UUID: &str = "4b112795-181a-4af5-9f66-c0837f50cbfa";

    #[test]
    fn an_identifier_is_certain_also_where_the_title_was_edited() {
        let mut a = facts("Zones humides de l'Oise", &[(Identifier, "uuid:1")]);
        let b = facts("ZH 60 – inventaire", &[(Identifier, "uuid:1")]);
        // Neither is known by it: it may have come with a form.
        assert_eq!(certain(&a, &b, false, true), Some(false));
        a.keys = vec![Key {
            kind: Identifier,
            value: format!("uuid:{UUID}"),
        }];
        a.own = vec![UUID.to_owned()];
        let b = facts(
            "ZH 60 – inventaire",
            &[(Identifier, &format!("uuid:{UUID}"))],
        );
        assert_eq!(certain(&a, &b, false, true), Some(true));
        // Several records of a portal have it: a form that was copied.
        assert_eq!(certain(&a, &b, false, false), None);
        assert_eq!(certain(&a, &b, true, true), None);
        let again = a.clone();
        assert_eq!(certain(&a, &again, true, false), Some(true));
    }

    #[test]
    fn an_address_as_identifier_wants_a_like_title() {
        let a = facts(
            "Zones humides de l'Oise",
            &[(Identifier, "iri:a.example/serie")],
        );
        let b = facts("Arrêts de bus", &[(Identifier, "iri:a.example/serie")]);
        assert_eq!(certain(&a, &b, false, true), Some(false));
    }

    #[test]
    fn false_friends_are_not_merged() {
        let amiens = Extent {
            west: 2.2,
            south: 49.8,
            east: 2.35,
            north: 49.95,
        };
        let lille = Extent {
            west: 2.97,
            south: 50.6,
            east: 3.12,
            north: 50.66,
        };
        let mut a = facts("Plan local d'urbanisme", &[(Page, "geo.example/plu")]);
        let mut b = a.clone();
        (a.extent, b.extent) = (Some(amiens), Some(lille));
        assert_eq!(certain(&a, &b, false, true), Some(false));
        (a.keys, b.keys) = (Vec::new(), Vec::new());
        assert_eq!(certain(&a, &b, false, true), None);
        let (c, d) = (
            facts("Budget 2022", &[(Page, "x.example/budget")]),
            facts("Budget 2023", &[(Page, "x.example/budget")]),
        );
        assert_eq!(certain(&c, &d, false, true), Some(false));
    }

    #[test]
    fn a_file_alone_proposes_and_with_the_title_decides() {
        let a = facts("Zones humides", &[(Resource, "a.example/zh.zip")]);
        assert_eq!(
            certain(
                &a,
                &facts("Zones humides", &[(Resource, "a.example/zh.zip")]),
                false,
                true
            ),
            Some(true)
        );
        assert_eq!(
            certain(
                &a,
                &facts("Milieux aquatiques", &[(Resource, "a.example/zh.zip")]),
                false,
                true
            ),
            Some(false)
        );
        assert_eq!(
            certain(
                &a,
                &facts("Zones humides", &[(Resource, "b.example/zh.zip")]),
                false,
                true
            ),
            Some(false)
        );
        let mut service = facts("Zones humides", &[(Resource, "a.example/zh.zip")]);
        service.kind = "dataservice".to_owned();
        assert_eq!(certain(&a, &service, false, true), None);
    }
}
