use super::*;

const E: &str = "https://m.example/dataset/1";

fn text(lines: &[&str]) -> String {
    let mut lines: Vec<String> = lines
        .iter()
        .map(|line| {
            line.replace("dct:", "http://purl.org/dc/terms/")
                .replace("dcat:", "http://www.w3.org/ns/dcat#")
                .replace("adms:", "http://www.w3.org/ns/adms#")
                .replace("E#", &format!("{E}#"))
                .replace("<E>", &format!("<{E}>"))
        })
        .collect();
    lines.sort();
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn of(statements: &[String]) -> Composed {
    let statements: Vec<Statement<'_>> = statements
        .iter()
        .enumerate()
        .map(|(at, text)| Statement {
            tag: format!("s{at}"),
            text,
            shared: &[],
        })
        .collect();
    compose(E, &statements)
}

#[test]
fn one_statement_is_itself() {
    let only = text(&[
        "<E> <dct:title> \"Mares\"@fr .",
        "<E> <dcat:contactPoint> <E#c> .",
        "<E#c> <http://x/fn> \"DREAL\" .",
    ]);
    let composed = of(std::slice::from_ref(&only));
    assert_eq!(composed.text, only);
}

#[test]
fn each_property_is_that_of_the_most_trusted_that_has_it() {
    let owner = text(&["<E> <dct:title> \"Mares\"@fr ."]);
    let copy = text(&[
        "<E> <dct:title> \"MARES (copie)\"@fr .",
        "<E> <dct:license> <http://licence.example/lo> .",
    ]);
    let composed = of(&[owner, copy]);
    assert_eq!(
        composed.text,
        text(&[
            "<E> <dct:license> <http://licence.example/lo> .",
            "<E> <dct:title> \"Mares\"@fr ."
        ])
    );
    assert_eq!(composed.origins["http://purl.org/dc/terms/title"], [0]);
    assert_eq!(composed.origins["http://purl.org/dc/terms/license"], [1]);
}

#[test]
fn files_come_together_each_once() {
    let file = |node: &str, address: &str, title: &str| {
        [
            format!("<E> <dcat:distribution> <E#{node}> ."),
            format!("<E#{node}> <dcat:accessURL> <{address}> ."),
            format!("<E#{node}> <dct:title> \"{title}\" ."),
        ]
    };
    let join = |files: &[[String; 3]]| {
        text(
            &files
                .iter()
                .flatten()
                .map(String::as_str)
                .collect::<Vec<_>>(),
        )
    };
    let owner = join(&[file("d1", "https://a.example/mares.csv", "CSV")]);
    let copy = join(&[
        file("d1", "https://a.example/mares.zip", "Autre fichier"),
        file("d2", "http://www.a.example/mares.csv", "Le même fichier"),
    ]);
    let composed = of(&[owner, copy]);
    let files = composed.text.matches("ns/dcat#distribution>").count();
    assert_eq!(files, 2, "{}", composed.text);
    assert!(
        composed
            .text
            .contains("#d1-s1> <http://purl.org/dc/terms/title> \"Autre fichier\""),
        "{}",
        composed.text
    );
    assert!(!composed.text.contains("Le même fichier"));
}

#[test]
fn identifiers_of_all_are_kept() {
    let owner = text(&["<E> <dct:identifier> \"a-1\" ."]);
    let copy = text(&[
        "<E> <dct:identifier> \"b-9\" .",
        "<E> <adms:identifier> <E#identifier-1> .",
        "<E#identifier-1> <http://www.w3.org/2004/02/skos/core#notation> \"A-1\" .",
    ]);
    let composed = of(&[owner, copy]);
    assert!(
        composed.text.contains("notation> \"b-9\""),
        "{}",
        composed.text
    );
    // The first one's own is not repeated.
    assert!(!composed.text.contains("\"A-1\""), "{}", composed.text);
    assert_eq!(composed.text.matches("terms/identifier>").count(), 1);
}

#[test]
fn the_records_of_all_sources_are_in_the_catalogue() {
    let record = |date: &str| {
        text(&[
            "<E#record> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <dcat:CatalogRecord> .",
            &format!("<E#record> <dct:modified> \"{date}\" ."),
        ])
    };
    let (a, b) = (record("2024"), record("2025"));
    let shared = vec![format!(
        "<https://m.example/catalogue> <http://www.w3.org/ns/dcat#record> <{E}#record> ."
    )];
    let composed = compose(
        E,
        &[
            Statement {
                tag: "a".to_owned(),
                text: &a,
                shared: &shared,
            },
            Statement {
                tag: "b".to_owned(),
                text: &b,
                shared: &shared,
            },
        ],
    );
    assert!(
        composed
            .text
            .contains("#record> <http://purl.org/dc/terms/modified> \"2024\"")
    );
    assert!(
        composed
            .text
            .contains("#record-b> <http://purl.org/dc/terms/modified> \"2025\""),
        "{}",
        composed.text
    );
    assert_eq!(composed.shared.len(), 2, "{:?}", composed.shared);
}

#[test]
fn a_circle_of_nodes_ends() {
    let owner = text(&["<E> <dct:title> \"Mares\" ."]);
    let copy = text(&[
        "<E> <dct:relation> <E#a> .",
        "<E#a> <dct:relation> <E#b> .",
        "<E#b> <dct:relation> <E#a> .",
    ]);
    let composed = of(&[owner, copy]);
    assert_eq!(composed.text.lines().count(), 4);
}

#[test]
fn an_entity_gets_another_iri() {
    let text = "<https://m.example/dataset/1> <p> <https://m.example/dataset/1#a> .\n<https://m.example/dataset/12> <p> \"x\" .\n";
    let other = rebase(
        text,
        "https://m.example/dataset/1",
        "https://m.example/dataset/9",
    );
    assert_eq!(
        other,
        "<https://m.example/dataset/9> <p> <https://m.example/dataset/9#a> .\n<https://m.example/dataset/12> <p> \"x\" .\n"
    );
}
