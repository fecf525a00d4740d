//! Words as people in France write them.

use search::Filter;

use crate::catalogue::{Dataset, find, index, numbers, set};

fn finds(title: &str, asked: &str) -> bool {
    let index = index(&[Dataset::titled(1, title), Dataset::titled(2, "Rien de tel")]);
    let found = find(&index.snapshot(), Filter::Text(asked.to_owned()));
    found.corrected.is_empty() && numbers(&found) == [1]
}

#[test]
fn articles_that_are_elided_do_not_matter() {
    for title in [
        "Qualité de l'eau",
        "Qualité de l’eau",
        "QUALITÉ DE L'EAU",
        "Prix d'eau",
        "ce qu'eau veut dire",
        "jusqu'eau",
        "lorsqu’eau",
    ] {
        assert!(finds(title, "eau"), "{title}");
        assert!(finds(title, "l'eau"), "{title}");
        assert!(finds(title, "d’Eau"), "{title}");
    }
    assert!(finds("Presqu'île de Giens", "presqu’ile"));
    assert!(!finds("Presqu'île de Giens", "aujourd'hui"));
    assert!(finds("Conseil de prud'hommes", "prud’homme"));
}

#[test]
fn accents_case_and_endings_do_not_matter() {
    for (title, asked) in [
        ("Données des départements", "donnée departement"),
        ("Donnees", "données"),
        ("Forêts communales", "foret communal"),
        ("Œuvres d'art", "oeuvre"),
        ("Établissements recevant du public", "ETABLISSEMENT"),
        ("Zones humides", "zone humide"),
        ("e\u{301}coles", "école"),
        ("Réseau ferré à l’été", "été"),
        ("Sud-Est", "est"),
        ("zones_inondables_2020.shp", "inondable 2020"),
    ] {
        assert!(finds(title, asked), "{title} / {asked}");
    }
}

#[test]
fn words_have_to_be_there_all_and_stop_words_need_not() {
    let index = index(&[
        Dataset::titled(1, "Qualité de l'air à Amiens"),
        Dataset::titled(2, "Qualité des eaux"),
        Dataset::titled(3, "Le la les de du"),
    ]);
    let snapshot = index.snapshot();
    let text = |text: &str| set(&snapshot, Filter::Text(text.to_owned()));
    assert_eq!(text("la qualité de l'air"), [1]);
    assert_eq!(text("qualité"), [1, 2]);
    assert_eq!(text("qualité air eaux"), [0u128; 0]);
    // Nothing but stop words: they are meant.
    assert_eq!(text("les"), [3]);
    assert_eq!(text(""), [0u128; 0]);
    assert_eq!(text("!!!"), [0u128; 0]);
}

/// The base of IRIs is https://donnees.example/, and they have `dataset` in them.
#[test]
fn addresses_are_no_words() {
    let index = index(&[Dataset::titled(1, "Haies")]);
    for word in ["donnees", "dataset", "https", "example"] {
        let found = find(&index.snapshot(), Filter::Text(word.to_owned()));
        assert_eq!(numbers(&found), [0u128; 0], "{word}");
    }
}

#[test]
fn what_is_in_quotes_follows_each_other() {
    let index = index(&[
        Dataset::titled(1, "Plan local d'urbanisme"),
        Dataset::titled(2, "Urbanisme : plan de zone local"),
    ]);
    let snapshot = index.snapshot();
    let text = |text: &str| set(&snapshot, Filter::Text(text.to_owned()));
    assert_eq!(text("plan local urbanisme"), [1, 2]);
    assert_eq!(text("\"plan local d’urbanisme\""), [1]);
    assert_eq!(text("« plan local »"), [1]);
    assert_eq!(text("\"plan local"), [1]);
}

#[test]
fn slips_are_forgiven_only_where_a_word_is_unknown() {
    let index = index(&[
        Dataset::titled(1, "Biodiversité des haies"),
        Dataset::titled(2, "Haines"),
        Dataset::titled(3, "Cadastre"),
    ]);
    let snapshot = index.snapshot();
    let found = |text: &str| find(&snapshot, Filter::Text(text.to_owned()));
    let answer = found("biodivresitée");
    assert_eq!(numbers(&answer), [1]);
    assert_eq!(
        answer.corrected,
        [("biodivresitee".to_owned(), vec!["biodiversite".to_owned()])]
    );
    assert_eq!(numbers(&found("cadaster")), [3]);
    // The beginning of a word, as while it is typed.
    assert_eq!(numbers(&found("biodi")), [1]);
    // Known as it is.
    assert_eq!(numbers(&found("haies")), [1]);
    assert_eq!(numbers(&found("xyz")), [0u128; 0]);
    assert_eq!(numbers(&found("cad 4711")), [0u128; 0]);
}

#[test]
fn the_title_that_was_asked_for_comes_first() {
    let long = "Sites classés, sites inscrits et autres sites, dans tous les départements ; sites remarquables";
    let index = index(&[
        Dataset {
            description: "Sites. Sites classés. Les sites classés.".to_owned(),
            ..Dataset::titled(1, long)
        },
        Dataset::titled(2, "Sites classés"),
        Dataset {
            description: "Sites classés".to_owned(),
            ..Dataset::titled(3, "Paysages")
        },
    ]);
    let found = find(&index.snapshot(), Filter::Text("sites classes".to_owned()));
    assert_eq!(numbers(&found), [2, 1, 3]);
}

#[test]
fn of_what_answers_alike_the_better_and_fresher_comes_first() {
    let made = |number, quality, modified: &str| Dataset {
        quality: Some(quality),
        modified: Some(modified.to_owned()),
        ..Dataset::titled(number, "Stations de mesure")
    };
    let index = index(&[
        made(1, 0.1, "2012"),
        made(2, 0.1, "2025-12-31"),
        made(3, 0.9, "2025-12-31"),
        made(4, 0.9, "2012"),
    ]);
    let found = find(&index.snapshot(), Filter::Text("station".to_owned()));
    assert_eq!(numbers(&found), [3, 4, 2, 1]);
}
