use proptest::prelude::*;
use search::{Bbox, Field, Filter, Op, Relation};

use super::*;

fn text(filter: &str) -> Result<Filter, String> {
    super::filter(filter, Language::Text, false)
}

fn json(filter: &str) -> Result<Filter, String> {
    super::filter(filter, Language::Json, false)
}

fn compare(field: Field, op: Op, value: &str, match_case: bool) -> Filter {
    Filter::Compare {
        field,
        op,
        value: value.to_owned(),
        match_case,
    }
}

/// The same in both encodings.
#[test]
fn text_and_json_say_the_same() {
    for (said, written) in [
        (
            "title = 'L''eau' OR NOT (keywords <> 'x') AND hvd = TRUE",
            r#"{"op":"or","args":[{"op":"=","args":[{"property":"title"},"L'eau"]},
                {"op":"and","args":[{"op":"not","args":[{"op":"<>","args":[{"property":"keywords"},"x"]}]},{"op":"=","args":[{"property":"hvd"},true]}]}]}"#,
        ),
        (
            "CASEI(title) LIKE CASEI('%eau%')",
            r#"{"op":"like","args":[{"op":"casei","args":[{"property":"title"}]},{"op":"casei","args":["%eau%"]}]}"#,
        ),
        (
            "quality BETWEEN 0.5 AND 1",
            r#"{"op":"between","args":[{"property":"quality"},0.5,1]}"#,
        ),
        (
            "source IN ('a','b')",
            r#"{"op":"in","args":[{"property":"source"},["a","b"]]}"#,
        ),
        (
            "NOT license IS NULL",
            r#"{"op":"not","args":[{"op":"isNull","args":[{"property":"license"}]}]}"#,
        ),
        (
            "updated >= TIMESTAMP('2024-05-01T00:00:00Z')",
            r#"{"op":">=","args":[{"property":"updated"},{"timestamp":"2024-05-01T00:00:00Z"}]}"#,
        ),
        (
            "0.5 < quality",
            r#"{"op":"<","args":[0.5,{"property":"quality"}]}"#,
        ),
        (
            "S_INTERSECTS(geometry, POLYGON((1 45, 2 45, 2 46, 1 46, 1 45)))",
            r#"{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Polygon","coordinates":[[[1,45],[2,45],[2,46],[1,46],[1,45]]]}]}"#,
        ),
        (
            "S_WITHIN(geometry, BBOX(1,45,2,46))",
            r#"{"op":"s_within","args":[{"property":"geometry"},{"bbox":[1,45,2,46]}]}"#,
        ),
        (
            "T_INTERSECTS(time, INTERVAL('2020-01-01', '..'))",
            r#"{"op":"t_intersects","args":[{"property":"time"},{"interval":["2020-01-01",".."]}]}"#,
        ),
        (
            "T_AFTER(updated, DATE('2020-01-01'))",
            r#"{"op":"t_after","args":[{"property":"updated"},{"date":"2020-01-01"}]}"#,
        ),
        (
            "A_CONTAINS(keywords, ('eau', 'air'))",
            r#"{"op":"a_contains","args":[{"property":"keywords"},["eau","air"]]}"#,
        ),
    ] {
        let filter = text(said);
        assert!(filter.is_ok(), "{said}: {filter:?}");
        assert_eq!(filter, json(written), "{said}");
    }
}

#[test]
fn precedence_and_what_predicates_are() {
    assert_eq!(
        text("title = 'a' OR title = 'b' AND NOT title = 'c'"),
        Ok(Filter::Or(vec![
            Filter::eq(Field::Title, "a"),
            Filter::And(vec![
                Filter::eq(Field::Title, "b"),
                Filter::Not(Box::new(Filter::eq(Field::Title, "c")))
            ])
        ]))
    );
    assert_eq!(
        text("CASEI(title) = CASEI('Eau')"),
        Ok(compare(Field::Title, Op::Eq, "Eau", false))
    );
    assert_eq!(
        text("0.5 < quality"),
        Ok(compare(Field::Quality, Op::Gt, "0.5", true))
    );
    assert_eq!(
        text("\"title\" = 'it\\'s'"),
        Ok(Filter::eq(Field::Title, "it's"))
    );
    let etalab = "http://publications.europa.eu/resource/authority/licence/ETALAB_2_0";
    assert_eq!(
        text("license = 'etalab-2.0'"),
        Ok(Filter::Or(vec![
            Filter::eq(Field::Licence, "etalab-2.0"),
            Filter::eq(Field::Licence, etalab)
        ]))
    );
    assert_eq!(text("TRUE"), Ok(Filter::All));
    assert_eq!(text("id = 'no-uuid'"), Ok(Filter::Ids(Vec::new())));
}

#[test]
fn geometries_of_wkt_and_of_systems_that_have_the_latitude_first() {
    let spatial = |bbox: [f64; 4]| {
        let [west, south, east, north] = bbox;
        Ok(Filter::Spatial {
            relation: Relation::Intersects,
            bbox: Bbox::new(west, south, east, north).unwrap(),
        })
    };
    for (geometry, bbox) in [
        ("POINT(1 45)", [1.0, 45.0, 1.0, 45.0]),
        ("POINT Z (1 45 300)", [1.0, 45.0, 1.0, 45.0]),
        ("LINESTRING(1 45, 2 46)", [1.0, 45.0, 2.0, 46.0]),
        (
            "MULTIPOLYGON(((1 45, 2 45, 2 46, 1 45)),((3 47, 4 47, 4 48, 3 47)))",
            [1.0, 45.0, 4.0, 48.0],
        ),
        (
            "GEOMETRYCOLLECTION(POINT(1 45), LINESTRING(2 46, 3 47))",
            [1.0, 45.0, 3.0, 47.0],
        ),
        ("BBOX(1,45,0,2,46,100)", [1.0, 45.0, 2.0, 46.0]),
        ("BBOX(177,-20,-178,-10)", [177.0, -20.0, -178.0, -10.0]),
    ] {
        assert_eq!(
            text(&format!("S_INTERSECTS(geometry, {geometry})")),
            spatial(bbox),
            "{geometry}"
        );
    }
    assert_eq!(
        super::filter("S_INTERSECTS(geometry, POINT(45 1))", Language::Text, true),
        spatial([1.0, 45.0, 1.0, 45.0])
    );
}

#[test]
fn what_is_no_filter_says_why() {
    let deep = "(".repeat(20_000);
    let nots = "NOT ".repeat(6_000);
    let cases = "CASEI(".repeat(4_000);
    let wide = format!("source IN ({})", vec!["'a'"; 600].join(","));
    for filter in [
        "",
        "title",
        "title =",
        "title = 'x",
        "title LIKE",
        "title LIKE 5",
        "nom = 'x'",
        "title = 5",
        "quality = 'x'",
        "hvd = 'x'",
        "updated = 'hier'",
        "updated = DATE('2024-02-30')",
        "title = keywords",
        "'a' = 'b'",
        "title = 'x' title",
        "title = UPPER('x')",
        "geometry = 'x'",
        "time = DATE('2020-01-01')",
        "id < 'x'",
        "updated LIKE '2024%'",
        "S_INTERSECTS(title, POINT(1 2))",
        "S_INTERSECTS(geometry, POINT(1))",
        "S_INTERSECTS(geometry, POINT(a b))",
        "S_INTERSECTS(geometry, CIRCLE(1 2))",
        "S_INTERSECTS(geometry, POINT(1 200))",
        "S_FOO(geometry, POINT(1 2))",
        "T_FOO(time, DATE('2020-01-01'))",
        "T_AFTER(title, DATE('2020-01-01'))",
        "T_AFTER(time, INTERVAL('2021-01-01','2020-01-01'))",
        "A_FOO(keywords, ('a'))",
        "title IN ('a'",
        "& = 1",
        &deep,
        &nots,
        &cases,
        &wide,
    ] {
        assert!(
            text(filter).is_err(),
            "{}",
            filter.get(..60).unwrap_or(filter)
        );
    }
    let deep = format!(
        "{}{}",
        r#"{"op":"not","args":["#.repeat(1_000),
        "]}".repeat(1_000)
    );
    for filter in [
        "",
        "3",
        "{}",
        r#"{"op":"and","args":[]}"#,
        r#"{"op":"not","args":[true,true]}"#,
        r#"{"op":"=","args":["a","b"]}"#,
        r#"{"op":"+","args":[{"property":"title"},1]}"#,
        r#"{"op":"é","args":[{"property":"title"},1]}"#,
        r#"{"op":"s_intersects","args":[{"property":"geometry"},{"coordinates":[[1],["x",2]]}]}"#,
        &deep,
    ] {
        assert!(
            json(filter).is_err(),
            "{}",
            filter.get(..60).unwrap_or(filter)
        );
    }
}

/// What looks like CQL2 more often than arbitrary text does.
fn pieces() -> impl Strategy<Value = String> {
    let words = [
        "title",
        "quality",
        "geometry",
        "time",
        "updated",
        "'x'",
        "'%a_'",
        "5",
        "-1.5",
        "TRUE",
        "AND",
        "OR",
        "NOT",
        "LIKE",
        "BETWEEN",
        "IN",
        "IS",
        "NULL",
        "(",
        ")",
        ",",
        "=",
        "<>",
        "<=",
        "CASEI(",
        "DATE('2024-01-01')",
        "INTERVAL('..','2024-01-01')",
        "S_INTERSECTS(",
        "T_AFTER(",
        "A_CONTAINS(",
        "POINT(1 2)",
        "BBOX(1,2,3,4)",
        "é",
    ];
    proptest::collection::vec(proptest::sample::select(words.to_vec()), 0..30)
        .prop_map(|words| words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn nothing_breaks_the_parser(filter in "\\PC{0,300}") {
        let _ = (text(&filter), json(&filter));
    }

    #[test]
    fn what_is_like_a_filter_breaks_nothing_and_is_bounded(filter in pieces()) {
        if let Ok(filter) = text(&filter) {
            // Deeper or wider ones are refused with their limit, not evaluated.
            let _ = filter.check();
        }
    }
}
