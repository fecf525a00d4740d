//! Random filters over random datasets, against an evaluator that knows no index.

use proptest::prelude::*;
use search::{Bbox, Field, Filter, Op, Pattern, Piece, Relation};

use crate::catalogue::{Dataset, index, key, set};

/// Few values, so that filters meet them.
fn word() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "eau", "Eau", "eaux", "l'eau", "été", "Été", "zone", "a b", "a-b", "b", "",
    ])
    .prop_map(str::to_owned)
}

fn year() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "2009",
        "2010",
        "2010-05",
        "2010-05-02",
        "2011-01-01T00:00:00Z",
    ])
    .prop_map(str::to_owned)
}

fn rect() -> impl Strategy<Value = [f64; 4]> {
    (0..4i8, 0..3i8, 0..3i8, 0..3i8).prop_map(|(west, south, width, height)| {
        let [west, south] = [west, south].map(f64::from);
        [
            west,
            south,
            west + f64::from(width),
            south + f64::from(height),
        ]
    })
}

prop_compose! {
    fn dataset()(
        words in prop::collection::vec(word(), 1..4),
        description in word(),
        keywords in prop::collection::vec(word(), 0..3),
        modified in prop::option::of(year()),
        boxes in prop::collection::vec(rect(), 0..3),
    ) -> Dataset {
        let keywords = keywords.into_iter().filter(|word| !word.is_empty()).collect();
        Dataset {
            title: words.join(" ").trim().to_owned(),
            description,
            keywords,
            modified,
            boxes,
            ..Dataset::default()
        }
    }
}

fn field() -> impl Strategy<Value = Field> {
    prop::sample::select(vec![
        Field::Title,
        Field::Subject,
        Field::Description,
        Field::AnyText,
    ])
}

fn op() -> impl Strategy<Value = Op> {
    prop::sample::select(vec![Op::Eq, Op::Ne, Op::Lt, Op::Le, Op::Gt, Op::Ge])
}

fn pattern() -> impl Strategy<Value = Pattern> {
    let piece = prop_oneof![
        prop::sample::select(vec!["e", "eau", "E", "é", " ", "'", "u z", "b", "-"])
            .prop_map(|text| Piece::Literal(text.to_owned())),
        Just(Piece::AnyString),
        Just(Piece::AnyChar),
    ];
    prop::collection::vec(piece, 0..5).prop_map(|pieces| Pattern::new(pieces).unwrap())
}

fn relation() -> impl Strategy<Value = Relation> {
    use Relation::*;
    prop::sample::select(vec![
        Bbox, Intersects, Within, Contains, Disjoint, Equals, Touches,
    ])
}

fn filter() -> impl Strategy<Value = Filter> {
    let leaf = prop_oneof![
        Just(Filter::All),
        (field(), op(), word(), any::<bool>()).prop_map(|(field, op, value, match_case)| {
            Filter::Compare {
                field,
                op,
                value,
                match_case,
            }
        }),
        (op(), year()).prop_map(|(op, value)| Filter::Compare {
            field: Field::Modified,
            op,
            value,
            match_case: true
        }),
        (field(), word(), word()).prop_map(|(field, low, high)| Filter::Between {
            field,
            low,
            high
        }),
        (field(), pattern(), any::<bool>()).prop_map(|(field, pattern, match_case)| Filter::Like {
            field,
            pattern,
            match_case
        }),
        prop_oneof![field(), Just(Field::Modified)].prop_map(Filter::IsNull),
        (relation(), rect()).prop_map(|(relation, [w, s, e, n])| Filter::Spatial {
            relation,
            bbox: Bbox::new(w, s, e, n).unwrap()
        }),
        prop::collection::vec(0..6u128, 0..3)
            .prop_map(|all| Filter::Ids(all.into_iter().map(key).collect())),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Filter::And),
            prop::collection::vec(inner.clone(), 0..3).prop_map(Filter::Or),
            inner.prop_map(|filter| Filter::Not(Box::new(filter))),
        ]
    })
}

fn values(dataset: &Dataset, field: Field) -> Vec<String> {
    let some = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let own = match field {
        Field::Title => some(&dataset.title).into_iter().collect(),
        Field::Description => some(&dataset.description).into_iter().collect(),
        Field::Subject => dataset.keywords.clone(),
        _ => {
            let mut all = dataset.keywords.clone();
            all.extend(some(&dataset.title));
            all.extend(some(&dataset.description));
            all.push(key(dataset.number).iri(crate::catalogue::BASE));
            all
        }
    };
    own.into_iter()
        .map(|value: String| value.trim().to_owned())
        .collect()
}

/// First and last second.
fn interval(text: &str) -> (&'static str, &'static str) {
    match text {
        "2009" => ("2009-01-01 00", "2009-12-31 23"),
        "2010" => ("2010-01-01 00", "2010-12-31 23"),
        "2010-05" => ("2010-05-01 00", "2010-05-31 23"),
        "2010-05-02" => ("2010-05-02 00", "2010-05-02 23"),
        _ => ("2011-01-01 00", "2011-01-01 00"),
    }
}

fn holds(op: Op, value: &str, first: &str, last: &str) -> bool {
    match op {
        Op::Eq => first <= value && value <= last,
        Op::Ne => value < first || value > last,
        Op::Lt => value < first,
        Op::Le => value <= last,
        Op::Gt => value > last,
        Op::Ge => value >= first,
    }
}

fn like(pieces: &[Piece], text: &str) -> bool {
    let Some((first, rest)) = pieces.split_first() else {
        return text.is_empty();
    };
    match first {
        Piece::Literal(literal) => text
            .strip_prefix(literal.as_str())
            .is_some_and(|text| like(rest, text)),
        Piece::AnyChar => {
            let mut characters = text.chars();
            characters.next().is_some() && like(rest, characters.as_str())
        }
        Piece::AnyString => text
            .char_indices()
            .map(|(at, _)| at)
            .chain([text.len()])
            .any(|at| like(rest, &text[at..])),
    }
}

fn lower(pattern: &Pattern) -> Vec<Piece> {
    pattern
        .pieces()
        .iter()
        .map(|piece| match piece {
            Piece::Literal(text) => Piece::Literal(text.to_lowercase()),
            other => other.clone(),
        })
        .collect()
}

/// By sampling: boxes have whole corners, so that quarters tell insides from edges.
fn related(relation: Relation, own: &[[f64; 4]], asked: [f64; 4]) -> bool {
    let meets =
        |a: &[f64; 4], b: &[f64; 4]| a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3];
    let covers =
        |a: &[f64; 4], b: &[f64; 4]| a[0] <= b[0] && a[1] <= b[1] && a[2] >= b[2] && a[3] >= b[3];
    let inside = |r: &[f64; 4], x: f64, y: f64| {
        let within = |low: f64, high: f64, v: f64| {
            if low == high {
                v == low
            } else {
                low < v && v < high
            }
        };
        within(r[0], r[2], x) && within(r[1], r[3], y)
    };
    let shares = |a: &[f64; 4]| {
        (0..40).any(|x| {
            (0..40).any(|y| {
                let (x, y) = (f64::from(x) / 4.0, f64::from(y) / 4.0);
                inside(a, x, y) && inside(&asked, x, y)
            })
        })
    };
    let some = own.iter().any(|rect| meets(rect, &asked));
    let shared = own.iter().any(shares);
    let within = shared && own.iter().all(|rect| covers(&asked, rect));
    let contains = shared && own.iter().any(|rect| covers(rect, &asked));
    !own.is_empty()
        && match relation {
            Relation::Bbox | Relation::Intersects => some,
            Relation::Disjoint => !some,
            Relation::Within => within,
            Relation::Contains => contains,
            Relation::Equals => within && contains,
            Relation::Touches => some && !shared,
            Relation::Overlaps | Relation::Crosses => unreachable!(),
        }
}

fn evaluate(filter: &Filter, dataset: &Dataset) -> bool {
    let cased = |text: &str, match_case: bool| {
        if match_case {
            text.to_owned()
        } else {
            text.to_lowercase()
        }
    };
    match filter {
        Filter::All => true,
        Filter::And(all) => all.iter().all(|filter| evaluate(filter, dataset)),
        Filter::Or(all) => all.iter().any(|filter| evaluate(filter, dataset)),
        Filter::Not(filter) => !evaluate(filter, dataset),
        Filter::Compare {
            field: Field::Modified,
            op,
            value,
            ..
        } => {
            let (first, last) = interval(value);
            dataset
                .modified
                .as_ref()
                .is_some_and(|own| holds(*op, interval(own).0, first, last))
        }
        Filter::Compare {
            field,
            op,
            value,
            match_case,
        } => {
            let value = cased(value, *match_case);
            values(dataset, *field)
                .iter()
                .any(|own| holds(*op, &cased(own, *match_case), &value, &value))
        }
        Filter::Between { field, low, high } => values(dataset, *field)
            .iter()
            .any(|own| low <= own && own <= high),
        Filter::Like {
            field,
            pattern,
            match_case,
        } => {
            let pieces = if *match_case {
                pattern.pieces().to_vec()
            } else {
                lower(pattern)
            };
            values(dataset, *field)
                .iter()
                .any(|own| like(&pieces, &cased(own, *match_case)))
        }
        Filter::IsNull(Field::Modified) => dataset.modified.is_none(),
        Filter::IsNull(field) => values(dataset, *field).is_empty(),
        Filter::Spatial { relation, bbox } => related(
            *relation,
            &dataset.boxes,
            [bbox.west(), bbox.south(), bbox.east(), bbox.north()],
        ),
        Filter::Ids(keys) => keys.contains(&key(dataset.number)),
        Filter::Text(_) => unreachable!(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn the_index_finds_what_a_reader_would(
        datasets in prop::collection::vec(dataset(), 1..7),
        filters in prop::collection::vec(filter(), 40),
    ) {
        let mut datasets = datasets;
        for (dataset, number) in datasets.iter_mut().zip(0..) {
            dataset.number = number;
        }
        let snapshot = index(&datasets).snapshot();
        for filter in filters {
            let expected: Vec<u128> = datasets.iter().filter(|dataset| evaluate(&filter, dataset)).map(|dataset| dataset.number).collect();
            prop_assert_eq!(set(&snapshot, filter.clone()), expected, "{:?}", filter);
        }
    }
}
