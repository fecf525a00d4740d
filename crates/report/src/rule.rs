//! What the pages of the rules say, taken apart: what is wrong, what Moisson does, how to mend it.

use model::ns::{dcat, dcatap, dcterms};
use oxrdf::NamedNodeRef;
use serde::Serialize;

/// A rule as its page explains it. The pages are in French.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Explained {
    pub title: String,
    /// Markdown.
    pub wrong: String,
    pub done: String,
    pub mend: String,
}

/// The page of a rule; `None` for one that this version does not know.
pub(crate) fn explained(rule: &str) -> Option<Explained> {
    let page = normalise::explain(rule)?;
    let (title, text) = page.split_once('\n').unwrap_or((page, ""));
    let mut explained = Explained {
        title: title.trim_start_matches('#').trim().to_owned(),
        wrong: String::new(),
        done: String::new(),
        mend: String::new(),
    };
    let mut part = Part::Wrong;
    for paragraph in text
        .split("\n\n")
        .map(str::trim)
        .filter(|text| !text.is_empty())
    {
        let mut text = paragraph;
        if let Some((heading, rest)) = paragraph
            .strip_prefix("**")
            .and_then(|rest| rest.split_once("**"))
            && let Some(named) = Part::named(heading)
        {
            (part, text) = (named, rest.trim());
        }
        let into = match part {
            Part::Wrong => &mut explained.wrong,
            Part::Done => &mut explained.done,
            Part::Mend => &mut explained.mend,
        };
        if !into.is_empty() {
            into.push_str("\n\n");
        }
        into.push_str(text);
    }
    Some(explained)
}

#[derive(Clone, Copy)]
enum Part {
    Wrong,
    Done,
    Mend,
}

impl Part {
    fn named(heading: &str) -> Option<Self> {
        let heading = heading.trim().trim_end_matches('.');
        match heading {
            "Ce que fait Moisson" => Some(Self::Done),
            "À la source"
            | "À corriger à la source"
            | "Comment y remédier"
            | "Comment corriger" => Some(Self::Mend),
            _ => None,
        }
    }
}

/// The title in French, from the page.
pub(crate) fn french_title(rule: &str) -> String {
    explained(rule).map_or_else(|| rule.to_owned(), |page| page.title)
}

/// The title in English: the names of rules are written to be read.
pub(crate) fn english_title(rule: &str) -> String {
    let (topic, what) = rule.split_once('/').unwrap_or((rule, ""));
    let mut title = spelled(topic);
    if let Some(first) = title.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    if !what.is_empty() {
        let words: Vec<String> = what.split('-').map(spelled).collect();
        title.push_str(": ");
        title.push_str(&words.join(" "));
    }
    title
}

/// A word of a rule's name, with abbreviations in capitals.
fn spelled(word: &str) -> String {
    match word {
        "url" | "iri" | "hvd" | "csw" | "oai-pmh" | "tls" | "http" => word.to_ascii_uppercase(),
        word => word.to_owned(),
    }
}

/// The property of an entity that a rule is about, where it is always the same one and not one of a distribution.
pub(crate) fn predicate(rule: &str) -> Option<NamedNodeRef<'static>> {
    Some(match rule {
        "dataset/no-title" | "record/no-title" => dcterms::TITLE,
        "dataset/no-description" => dcterms::DESCRIPTION,
        "service/bad-endpoint" | "service/no-endpoint" => dcat::ENDPOINT_URL,
        "agent/no-name" | "agent/not-described" => return None,
        rule => match rule.split('/').next()? {
            "frequency" => dcterms::ACCRUAL_PERIODICITY,
            "language" => dcterms::LANGUAGE,
            "theme" => dcat::THEME,
            "keyword" => dcat::KEYWORD,
            "place" => dcterms::SPATIAL,
            "period" => dcterms::TEMPORAL,
            "contact" => dcat::CONTACT_POINT,
            "hvd" => dcatap::HVD_CATEGORY,
            "access" => dcterms::ACCESS_RIGHTS,
            _ => return None,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page whose headings are not understood would leave the owner without the remedy.
    #[test]
    fn every_page_says_what_is_done_and_how_to_mend_it() {
        for (rule, title) in normalise::rules() {
            let page = explained(rule).expect(rule);
            assert_eq!(page.title, title);
            for (part, text) in [
                ("wrong", &page.wrong),
                ("done", &page.done),
                ("mend", &page.mend),
            ] {
                assert!(!text.is_empty(), "{rule} says nothing under `{part}`");
                assert!(
                    !text.starts_with("**"),
                    "{rule} has an unknown heading under `{part}`: {text}"
                );
            }
        }
    }

    #[test]
    fn titles() {
        assert_eq!(
            english_title("distribution/bad-access-url"),
            "Distribution: bad access URL"
        );
        assert_eq!(
            french_title("distribution/bad-access-url"),
            "Adresse de ressource inutilisable"
        );
        assert_eq!(french_title("nouvelle/regle"), "nouvelle/regle");
    }
}
