//! Whether two records describe one dataset, and why.

use serde::{Deserialize, Serialize};

use crate::facts::{Facts, Key, KeyKind};
use crate::pair::Pair;

/// By what two records are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rule {
    /// A person said so.
    Person,
    Identifier,
    Page,
    Resource,
    /// Title, publisher and description.
    Description,
    Title,
}

impl Rule {
    pub const ALL: [Self; 6] = [
        Self::Person,
        Self::Identifier,
        Self::Page,
        Self::Resource,
        Self::Description,
        Self::Title,
    ];

    /// The name of the rule in findings and decisions.
    pub fn name(self) -> &'static str {
        match self {
            Self::Person => "identity/person",
            Self::Identifier => "identity/identifier",
            Self::Page => "identity/page",
            Self::Resource => "identity/resource",
            Self::Description => "identity/description",
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

/// Compares two records. `alone` says of a key that in each of their sources no other record has it: what several records of one
/// portal have names none of them. `form` says that more organisations have it than one, and a portal that puts itself in its place.
pub fn judge(
    a: &Facts,
    b: &Facts,
    same_source: bool,
    alone: impl Fn(&Key) -> bool,
    form: impl Fn(&Key) -> bool,
) -> Option<Verdict> {
    if a.kind != b.kind {
        return None;
    }
    let pair = Pair::of(a, b, same_source, &alone, &form);
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
            _ => {
                let all = [a, b].into_iter().any(|facts| {
                    let mut files = facts.keys_of(KeyKind::Resource);
                    files.all(|file| own.contains(&file) && !form(file))
                });
                pair.by_resource(&own, home, all)
            }
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
    if pair.by_description() {
        return Some(Verdict::Same(pair.evidence(Rule::Description, [].iter())));
    }
    if best.is_none() && pair.perhaps_by_description() {
        best = Some(Verdict::Perhaps(
            pair.evidence(Rule::Description, [].iter()),
        ));
    }
    best.or_else(|| {
        pair.by_title()
            .then(|| Verdict::Perhaps(pair.evidence(Rule::Title, [].iter())))
    })
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
            siren: None,
            extent: None,
            period: None,
            text: crate::text::Text::default(),
            own: Vec::new(),
            elsewhere: Vec::new(),
        }
    }

    fn certain(a: &Facts, b: &Facts, same_source: bool, alone: bool) -> Option<bool> {
        judge(a, b, same_source, |_| alone, |_| false).map(|verdict| verdict.is_certain())
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

    const SAID: &str = "Relevés de terrain menés par le bureau d’études, calés sur le parcellaire et contrôlés par échantillon.";

    /// As a hand enters it anew: title, publisher and description.
    fn by_hand(title: &str, publisher: &str, said: &str) -> Facts {
        let mut facts = facts(title, &[]);
        facts.publisher = crate::organisation::organisation(publisher);
        let (text, mark) = crate::text::Text::of(said, &[&facts.title, &facts.publisher]);
        facts.text = text;
        let name = format!("{} / {}", facts.title, facts.publisher);
        let text = mark.map(|mark| Key {
            kind: KeyKind::Text,
            value: mark.to_string(),
        });
        facts.keys = text
            .into_iter()
            .chain([Key {
                kind: KeyKind::Title,
                value: name,
            }])
            .collect();
        facts.keys.sort_unstable();
        facts
    }

    #[test]
    fn title_publisher_and_description_are_certain_together_where_one_record_of_each_portal_has_them()
     {
        let a = by_hand("Zones humides", "Département de la Sorne", SAID);
        let b = by_hand("ZONES HUMIDES", "Conseil départemental de la Sorne", SAID);
        assert_eq!(certain(&a, &b, false, true), Some(true));
        // A second record has them, or others have the description.
        assert_eq!(certain(&a, &b, false, false), Some(false));
        let but = |kind: KeyKind| judge(&a, &b, false, |key| key.kind != kind, |_| false);
        assert!(!but(KeyKind::Text).expect("a proposal").is_certain());
        let form = judge(&a, &b, false, |_| true, |key| key.kind == KeyKind::Text);
        assert!(!form.expect("a proposal").is_certain());
        // The description tells which of several that bear the name.
        assert!(but(KeyKind::Title).expect("a verdict").is_certain());
        assert_eq!(certain(&a, &b, true, true), None);
    }

    #[test]
    fn what_speaks_against_a_namesake() {
        let a = by_hand("Zones humides", "Département de la Sorne", SAID);
        let is_certain = |b: &Facts| {
            let (one, other) = (certain(&a, b, false, true), certain(b, &a, false, true));
            assert_eq!(one, other);
            one == Some(true)
        };
        let mut whole = a.clone();
        (whole.extent, whole.siren) = (Some(BOX), Some("130025265".to_owned()));
        whole.period = Some(["2022".to_owned(), "2022".to_owned()]);
        whole.elsewhere = vec!["10.5281/zenodo.17".to_owned()];
        assert!(is_certain(&whole));
        type Change = fn(&mut Facts);
        let against: [(&str, Change); 4] = [
            ("extent", |facts| {
                facts.extent = Some(Extent { west: 2.95, ..BOX })
            }),
            ("period", |facts| {
                facts.period = Some(["2021".to_owned(), "2021-12-31".to_owned()])
            }),
            ("organisation", |facts| {
                facts.siren = Some("552081317".to_owned())
            }),
            ("identifier", |facts| {
                facts.elsewhere = vec!["10.5281/zenodo.18".to_owned()]
            }),
        ];
        for (what, change) in against {
            let mut other = whole.clone();
            change(&mut other);
            assert_ne!(certain(&whole, &other, false, true), Some(true), "{what}");
        }
        for other in [
            by_hand("Zones humides", "Département de la Sorne", "Zones humides."),
            by_hand(
                "Zones humides",
                "Département de la Sorne",
                &format!("{SAID} État de 2015."),
            ),
            by_hand("Zones humides", "Département de la Brume", SAID),
            by_hand("Zones humides 2", "Département de la Sorne", SAID),
        ] {
            assert!(!is_certain(&other), "{other:?}");
        }
        for (title, publisher) in [
            ("Zones humides", "Service urbanisme"),
            ("Arrêtés", "Département de la Sorne"),
        ] {
            let named = by_hand(title, publisher, SAID);
            assert_eq!(
                certain(&named, &named, false, true),
                Some(false),
                "{title} {publisher}"
            );
        }
    }

    const BOX: Extent = Extent {
        west: 2.2,
        south: 49.8,
        east: 3.0,
        north: 49.95,
    };

    #[test]
    fn editions_under_one_page_are_not_merged() {
        let (mut a, mut b) = (
            facts("Budget primitif", &[(Page, "x.example/budget")]),
            facts("Budget primitif", &[(Page, "x.example/budget")]),
        );
        assert_eq!(certain(&a, &b, false, true), Some(true));
        for (facts, year) in [(&mut a, "2022"), (&mut b, "2023")] {
            facts.period = Some([format!("{year}-01-01"), year.to_owned()]);
        }
        assert_eq!(certain(&a, &b, false, true), Some(false));
    }

    #[test]
    fn a_portal_that_puts_itself_in_the_publishers_place_gives_no_file_but_those_of_the_dataset() {
        let all = [
            (Resource, "a.example/zh.zip"),
            (Resource, "a.example/zh.csv"),
        ];
        let a = facts("Zones humides", &all);
        let mut b = facts("Zones humides", &all[..1]);
        b.publisher = "plateforme".to_owned();
        assert_eq!(certain(&a, &b, false, true), Some(true));
        // More organisations have the file: it is that of their common schema, or of the whole country.
        let verdict = judge(&a, &b, false, |_| true, |_| true).expect("a proposal");
        assert!(!verdict.is_certain());
        type Change = fn(&mut Facts);
        let against: [(&str, Change); 3] = [
            ("file", |facts| {
                facts.keys.push(Key {
                    kind: Resource,
                    value: "b.example/autre.csv".to_owned(),
                });
                facts.keys.sort_unstable();
            }),
            ("title", |facts| {
                facts.title = fold_title("Zones inondables")
            }),
            ("extent", |facts| {
                facts.extent = Some(Extent { west: 2.95, ..BOX })
            }),
        ];
        let (mut one, mut other) = (a, b);
        one.extent = Some(BOX);
        one.keys.retain(|key| key.value.ends_with("zip"));
        one.keys.push(Key {
            kind: Resource,
            value: "a.example/zh.gml".to_owned(),
        });
        one.keys.sort_unstable();
        other.extent = Some(BOX);
        assert_eq!(certain(&one, &other, false, true), Some(true));
        for (what, change) in against {
            let mut other = other.clone();
            change(&mut other);
            assert_ne!(certain(&one, &other, false, true), Some(true), "{what}");
        }
    }

    #[test]
    fn a_dataset_that_is_twice_on_one_portal_has_title_description_and_files_in_common() {
        let mut a = by_hand("Zones humides", "Département de la Sorne", SAID);
        a.keys.push(Key {
            kind: Resource,
            value: "a.example/zh.zip".to_owned(),
        });
        a.keys.sort_unstable();
        assert_eq!(certain(&a, &a.clone(), true, true), Some(true));
        let mut other = a.clone();
        other.text = crate::text::Text::default();
        assert_ne!(certain(&a, &other, true, true), Some(true));
        for differs in [
            |other: &mut Facts| other.title = fold_title("Zones inondables"),
            |other: &mut Facts| other.publisher = "plateforme".to_owned(),
        ] {
            let mut other = a.clone();
            differs(&mut other);
            assert_ne!(certain(&a, &other, true, true), Some(true));
        }
    }

    #[test]
    fn one_form_under_one_title_of_two_publishers_does_not_make_them_one() {
        let file = |publisher: &str, text: &str| {
            let mut facts = by_hand("Catalogue des subventions", publisher, text);
            facts.keys.push(Key {
                kind: Resource,
                value: "national.example/modele.csv".to_owned(),
            });
            facts.keys.sort_unstable();
            facts
        };
        let said = "Subventions que la commune a versées aux associations sportives.";
        let a = file("Commune de Brive", said);
        let copy = file("Plateforme", said);
        assert_eq!(certain(&a, &copy, false, true), Some(true));
        let other = file(
            "Commune de Sorne",
            "Aides au logement, par quartier et par bailleur, depuis la dernière assemblée.",
        );
        assert_ne!(certain(&a, &other, false, true), Some(true));
    }

    #[test]
    fn what_may_have_come_twice() {
        let a = by_hand("Zones humides", "Département de la Sorne", SAID);
        let b = by_hand("Zones humides", "Plateforme", SAID);
        let short = by_hand(
            "Zones humides",
            "Plateforme",
            "Zones humides. Mares du Valmer.",
        );
        let year = format!("{SAID} État de 2015.");
        let year = by_hand("Zones humides", "Plateforme", &year);
        let twice = |a: &Facts, b: &Facts, rule| crate::may_be_twice(a, b, rule);
        assert!(twice(&a, &b, Rule::Page));
        assert!(!twice(&a, &short, Rule::Page));
        assert!(!twice(&a, &year, Rule::Page));
        assert!(twice(&a, &short, Rule::Identifier));
        assert!(!twice(&a, &b, Rule::Description));
        let c = by_hand("Zones inondables", "Plateforme", SAID);
        assert!(!twice(&a, &c, Rule::Identifier));
        // Who says nothing of publisher and content says nothing that is the same.
        let silent = by_hand("Zones humides", "", "");
        assert!(!twice(&silent, &silent.clone(), Rule::Resource));
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
