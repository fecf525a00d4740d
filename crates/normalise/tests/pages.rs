//! Every rule that the sources name has a page.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Names of rules in a source file: strings `topic/what-is-wrong` that stand where a rule's name is passed.
fn rules_in(path: &Path, into: &mut BTreeSet<(String, String)>) {
    let Ok(text) = fs::read_to_string(path) else {
        return;
    };
    // What tests make up needs no page.
    let text = text.split("#[cfg(test)]").next().unwrap_or(&text);
    for (at, _) in text.match_indices('"') {
        let Some((name, _)) = text[at + 1..].split_once('"') else {
            continue;
        };
        let Some((topic, what)) = name.split_once('/') else {
            continue;
        };
        let kebab = |part: &str| {
            part.len() >= 2
                && part.starts_with(|c: char| c.is_ascii_lowercase())
                && part
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        if !kebab(topic) || !kebab(what) {
            continue;
        }
        let before: String = text[..at]
            .chars()
            .rev()
            .take(60)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect();
        let after: String = text[at..].chars().take(name.len() + 60).collect();
        let passed = after.contains("Severity::")
            || ["Finding::new(", "note(", "rule: ", "rule ="]
                .iter()
                .any(|call| before.contains(call));
        if passed {
            into.insert((name.to_owned(), path.display().to_string()));
        }
    }
}

fn sources(folder: &Path, into: &mut BTreeSet<(String, String)>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            let name = entry.file_name();
            if name != "target" && name != "tests" {
                sources(&path, into);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && path.file_name().is_some_and(|name| name != "tests.rs")
        {
            rules_in(&path, into);
        }
    }
}

#[test]
fn every_rule_has_a_page() {
    let mut named = BTreeSet::new();
    sources(
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")),
        &mut named,
    );
    assert!(
        named.len() > 20,
        "the sources name {} rules only",
        named.len()
    );
    let without: Vec<_> = named
        .iter()
        .filter(|(rule, _)| normalise::explain(rule).is_none())
        .collect();
    assert!(
        without.is_empty(),
        "rules without a page under crates/normalise/rules/: {without:#?}"
    );
}

#[test]
fn every_page_has_a_title_and_says_what_to_do() {
    for (rule, title) in normalise::rules() {
        assert!(!title.is_empty(), "{rule}");
        let page = normalise::explain(rule).unwrap_or_default();
        assert!(page.starts_with("# "), "{rule} begins with a title");
        assert!(
            (4..=25).contains(&page.lines().count()),
            "{rule} has 5 to 15 lines or so"
        );
    }
    assert_eq!(normalise::explain("no/such-rule"), None);
}
