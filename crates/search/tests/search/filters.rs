//! Each kind of filter.

use search::{Bbox, Field, Filter, Op, Pattern, Relation, SearchError};

use crate::catalogue::{Dataset, index, key, set};

fn compare(field: Field, op: Op, value: &str, match_case: bool) -> Filter {
    Filter::Compare {
        field,
        op,
        value: value.to_owned(),
        match_case,
    }
}

fn like(field: Field, pattern: &str, match_case: bool) -> Filter {
    Filter::Like {
        field,
        pattern: Pattern::parse(pattern, '%', Some('_'), Some('\\')).unwrap(),
        match_case,
    }
}

fn none() -> [u128; 0] {
    []
}

#[test]
fn text_is_compared_as_a_whole_with_and_without_case() {
    let all = [
        Dataset::titled(1, "Eau potable"),
        Dataset::titled(2, "eau potable"),
        Dataset::titled(3, "Eau"),
        Dataset::default(),
    ];
    let index = index(&all);
    let snapshot = index.snapshot();
    let title = |op, value: &str, case| set(&snapshot, compare(Field::Title, op, value, case));
    assert_eq!(title(Op::Eq, "Eau potable", true), [1]);
    assert_eq!(title(Op::Eq, "EAU POTABLE", false), [1, 2]);
    assert_eq!(title(Op::Eq, "potable", true), none());
    assert_eq!(title(Op::Ne, "Eau potable", true), [2, 3]);
    assert_eq!(title(Op::Lt, "Eau potable", true), [3]);
    assert_eq!(title(Op::Ge, "Eau potable", true), [1, 2]);
    assert_eq!(set(&snapshot, Filter::IsNull(Field::Title)), [0]);
    let without = Filter::Not(Box::new(compare(Field::Title, Op::Eq, "Eau", true)));
    assert_eq!(set(&snapshot, without), [0, 1, 2]);
}

#[test]
fn any_of_several_values_will_do() {
    let index = index(&[Dataset {
        keywords: vec!["haie".to_owned(), "bocage".to_owned()],
        ..Dataset::titled(1, "Haies")
    }]);
    let snapshot = index.snapshot();
    for filter in [
        Filter::eq(Field::Subject, "haie"),
        Filter::eq(Field::Subject, "bocage"),
        compare(Field::Subject, Op::Ne, "haie", true),
        like(Field::Subject, "%cag%", true),
    ] {
        assert_eq!(set(&snapshot, filter.clone()), [1], "{filter:?}");
    }
}

#[test]
fn dates_are_compared_by_instant() {
    let all: Vec<Dataset> = [
        "2010",
        "2010-05-01T00:00:00+02:00",
        "2010-05",
        "2011-01-01",
        "hier",
    ]
    .iter()
    .zip(1..)
    .map(|(modified, number)| Dataset {
        modified: Some((*modified).to_owned()),
        ..Dataset::titled(number, "x")
    })
    .collect();
    let index = index(&all);
    let snapshot = index.snapshot();
    let modified = |op, value: &str| set(&snapshot, compare(Field::Modified, op, value, true));
    assert_eq!(modified(Op::Eq, "2010"), [1, 2, 3]);
    assert_eq!(modified(Op::Eq, "2010-05"), [3]);
    assert_eq!(modified(Op::Eq, "2010-04-30"), [2]);
    assert_eq!(modified(Op::Ne, "2010"), [4]);
    assert_eq!(modified(Op::Lt, "2010-05"), [1, 2]);
    assert_eq!(modified(Op::Le, "2010"), [1, 2, 3]);
    assert_eq!(modified(Op::Gt, "2010"), [4]);
    assert_eq!(modified(Op::Ge, "2010-05-01T00:00:00Z"), [3, 4]);
    let between = |low: &str, high: &str| Filter::Between {
        field: Field::Modified,
        low: low.to_owned(),
        high: high.to_owned(),
    };
    assert_eq!(set(&snapshot, between("2010-05", "2011")), [3, 4]);
    assert_eq!(set(&snapshot, between("2012", "2011")), none());
    assert_eq!(set(&snapshot, Filter::IsNull(Field::Modified)), [5]);
    let search = search::Search::new(
        compare(Field::Modified, Op::Eq, "demain", true),
        crate::catalogue::now(),
    );
    assert!(matches!(
        snapshot.search(&search),
        Err(SearchError::NoDate(_))
    ));
}

#[test]
fn a_period_ends_when_its_last_year_does() {
    let index = index(&[Dataset {
        period: Some(("2017".to_owned(), "2018".to_owned())),
        ..Dataset::titled(1, "x")
    }]);
    let snapshot = index.snapshot();
    let holds = |field, op, value| set(&snapshot, compare(field, op, value, true)) == [1];
    assert!(holds(Field::TemporalEnd, Op::Ge, "2018-12-31"));
    assert!(holds(Field::TemporalStart, Op::Le, "2017-01-01"));
    assert!(!holds(Field::TemporalStart, Op::Gt, "2017"));
}

#[test]
fn patterns_match_whole_values() {
    let index = index(&[
        Dataset::titled(1, "Forêt de Compiègne"),
        Dataset::titled(2, "forêt"),
        Dataset::titled(3, "100% bio_logique"),
    ]);
    let snapshot = index.snapshot();
    let title = |pattern: &str, case| set(&snapshot, like(Field::Title, pattern, case));
    assert_eq!(title("Forêt%", true), [1]);
    assert_eq!(title("FOR_T%", false), [1, 2]);
    assert_eq!(title("forêt", true), [2]);
    assert_eq!(title("%compi_gne", false), [1]);
    assert_eq!(title("foret%", false), none());
    assert_eq!(title("100\\%%\\_%", true), [3]);
    assert_eq!(title("%", true), [1, 2, 3]);
    assert_eq!(title("", true), none());
}

#[test]
fn prose_is_found_by_any_part_of_it() {
    let described = |number, description: &str| Dataset {
        description: description.to_owned(),
        ..Dataset::titled(number, &format!("Jeu {number}"))
    };
    let index = index(&[
        described(1, "Réseaux d'eau potable, en MNT."),
        described(2, "eau potable"),
        described(3, "eau, potable"),
        described(4, "peau potablement"),
    ]);
    let snapshot = index.snapshot();
    let any = |pattern: &str, case| set(&snapshot, like(Field::AnyText, pattern, case));
    assert_eq!(any("%eau%", false), [1, 2, 3, 4]);
    assert_eq!(any("%RÉSEAUX%", false), [1]);
    assert_eq!(any("%RESEAUX%", false), none());
    assert_eq!(any("%RÉSEAUX%", true), none());
    assert_eq!(any("%eau potable%", false), [1, 2, 4]);
    assert_eq!(any("%'eau po%", false), [1]);
    assert_eq!(any("eau%e", true), [2, 3]);
    assert_eq!(any("%eau, _otable", true), [3]);
    assert_eq!(any("jeu 2", false), [2]);
    let described = |pattern: &str| set(&snapshot, like(Field::Description, pattern, false));
    assert_eq!(described("jeu%"), none());
    assert_eq!(described("%MNT."), [1]);
    let equal = compare(Field::Description, Op::Eq, "EAU POTABLE", false);
    assert_eq!(set(&snapshot, equal), [2]);
    let other = compare(Field::Description, Op::Ne, "eau potable", true);
    assert_eq!(set(&snapshot, other), [1, 3, 4]);
    assert_eq!(
        set(&snapshot, compare(Field::AnyText, Op::Eq, "Jeu 3", true)),
        [3]
    );
}

#[test]
fn boxes_are_compared_and_what_has_none_is_in_no_relation() {
    let boxed = |number, boxes: Vec<[f64; 4]>| Dataset {
        boxes,
        ..Dataset::titled(number, "x")
    };
    let index = index(&[
        boxed(1, vec![[2.0, 49.0, 3.0, 50.0]]),
        boxed(2, vec![[-62.0, 15.0, -61.0, 17.0], [2.0, 49.0, 3.0, 50.0]]),
        boxed(
            3,
            vec![[179.0, -20.0, 180.0, -10.0], [-180.0, -20.0, -179.0, -10.0]],
        ),
        boxed(4, vec![]),
    ]);
    let snapshot = index.snapshot();
    let related = |relation, [w, s, e, n]: [f64; 4]| {
        let bbox = Bbox::new(w, s, e, n).unwrap();
        set(&snapshot, Filter::Spatial { relation, bbox })
    };
    let oise = [1.0, 48.0, 4.0, 51.0];
    assert_eq!(related(Relation::Bbox, oise), [1, 2]);
    assert_eq!(related(Relation::Within, oise), [1]);
    assert_eq!(related(Relation::Contains, [2.4, 49.4, 2.5, 49.5]), [1, 2]);
    assert_eq!(related(Relation::Disjoint, oise), [3]);
    assert_eq!(
        related(Relation::Intersects, [170.0, -30.0, -170.0, 0.0]),
        [3]
    );
    assert_eq!(related(Relation::Within, [170.0, -30.0, -170.0, 0.0]), [3]);
    let bbox = Bbox::new(1.0, 48.0, 4.0, 51.0).unwrap();
    let relation = Relation::Bbox;
    let not = Filter::Not(Box::new(Filter::Spatial { relation, bbox }));
    assert_eq!(set(&snapshot, not), [3, 4]);
}

#[test]
fn a_territory_that_is_known_has_its_box() {
    let place = "<http://id.insee.fr/geo/departement/60>".to_owned();
    let spatial = "http://purl.org/dc/terms/spatial".to_owned();
    let index = index(&[Dataset {
        more: vec![(spatial, place)],
        ..Dataset::titled(1, "Bocages")
    }]);
    let snapshot = index.snapshot();
    let bbox = Bbox::new(2.4, 49.4, 2.5, 49.5).unwrap();
    let relation = Relation::Contains;
    assert_eq!(set(&snapshot, Filter::Spatial { relation, bbox }), [1]);
    assert_eq!(set(&snapshot, Filter::eq(Field::Territory, "Oise")), [1]);
    assert_eq!(set(&snapshot, Filter::Text("oise".to_owned())), [1]);
}

#[test]
fn identifiers_of_every_kind() {
    let identifier = "http://purl.org/dc/terms/identifier".to_owned();
    let index = index(&[Dataset {
        more: vec![(identifier, "\"fr-200000000-haies\"".to_owned())],
        ..Dataset::titled(1, "Haies")
    }]);
    let snapshot = index.snapshot();
    let iri = key(1).iri(crate::catalogue::BASE);
    for id in ["fr-200000000-haies", &iri] {
        assert_eq!(set(&snapshot, Filter::eq(Field::Identifier, id)), [1]);
    }
    assert_eq!(set(&snapshot, Filter::Ids(vec![key(1), key(9)])), [1]);
    assert_eq!(set(&snapshot, Filter::Ids(vec![])), none());
}

#[test]
fn parts_are_combined() {
    let index = index(&[
        Dataset::titled(1, "a"),
        Dataset::titled(2, "b"),
        Dataset::titled(3, "c"),
    ]);
    let snapshot = index.snapshot();
    let is = |title: &str| Filter::eq(Field::Title, title);
    assert_eq!(set(&snapshot, Filter::All), [1, 2, 3]);
    assert_eq!(set(&snapshot, Filter::And(vec![])), [1, 2, 3]);
    assert_eq!(set(&snapshot, Filter::Or(vec![])), none());
    assert_eq!(set(&snapshot, Filter::Or(vec![is("a"), is("c")])), [1, 3]);
    assert_eq!(set(&snapshot, Filter::And(vec![is("a"), is("c")])), none());
    let not = Filter::Not(Box::new(Filter::Or(vec![
        is("a"),
        Filter::Text("b".to_owned()),
    ])));
    assert_eq!(set(&snapshot, not), [3]);
}

#[test]
fn what_makes_no_sense_is_refused() {
    let snapshot = index(&[Dataset::titled(1, "a")]).snapshot();
    let ask = |filter| snapshot.search(&search::Search::new(filter, crate::catalogue::now()));
    for filter in [
        like(Field::Modified, "2010%", true),
        compare(Field::Score, Op::Eq, "1", true),
        compare(Field::Quality, Op::Eq, "good", true),
        compare(Field::Quality, Op::Eq, "NaN", true),
        Filter::Text("mot ".repeat(65)),
        Filter::IsNull(Field::Score),
    ] {
        let refused = ask(filter.clone()).unwrap_err();
        assert!(refused.is_refusal(), "{filter:?}: {refused}");
    }
}

/// A pattern or a text may be anything: each has an answer.
#[test]
fn hostile_constants_are_answered() {
    let index = index(&[
        Dataset::titled(1, &"a".repeat(5_000)),
        Dataset::titled(2, "😀\u{0}\u{ffff}"),
        Dataset::titled(3, &"é".repeat(70_000)),
    ]);
    let snapshot = index.snapshot();
    for pattern in [
        "%a".repeat(190),
        "_".repeat(190),
        "%_".repeat(130),
        "\\".repeat(399),
        "İ".repeat(190),
    ] {
        for field in [Field::Title, Field::AnyText] {
            for case in [true, false] {
                set(&snapshot, like(field, &pattern, case));
            }
        }
    }
    for text in [
        "\"",
        "\"\"\"",
        "l'",
        "'''",
        "\u{301}",
        "a\"b",
        "é".repeat(4_000).as_str(),
        "😀",
    ] {
        set(&snapshot, Filter::Text(text.to_owned()));
    }
}
