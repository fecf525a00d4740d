//! The pages about rules.

/// Rule and page, sorted by rule.
const PAGES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// The page about a rule, in Markdown.
pub fn explain(rule: &str) -> Option<&'static str> {
    PAGES
        .binary_search_by(|(name, _)| (*name).cmp(rule))
        .ok()
        .and_then(|at| PAGES.get(at))
        .map(|(_, page)| *page)
}

/// Every rule that has a page, with its title, sorted.
pub fn rules() -> impl Iterator<Item = (&'static str, &'static str)> {
    PAGES.iter().map(|(name, page)| {
        let title = page.lines().next().unwrap_or_default();
        (*name, title.trim_start_matches('#').trim())
    })
}
