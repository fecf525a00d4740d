//! What a page says of the others, in the words of Hydra.

use std::collections::BTreeSet;

use rdf_split::Graph;

const HYDRA: &str = "http://www.w3.org/ns/hydra/core#";

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Paging {
    /// The address of the next page, as written.
    pub next: Option<String>,
    /// Several next pages are named, and none of them by the page that was asked for.
    pub ambiguous: bool,
    /// The number of datasets of the whole catalogue.
    pub total: Option<u64>,
    /// Whether the document speaks of pages at all.
    pub paged: bool,
}

impl Paging {
    /// `here` are the addresses of the page itself.
    pub fn of(graph: &Graph, here: [&str; 2]) -> Self {
        let next: BTreeSet<(&str, &str)> = ["next", "nextPage"]
            .iter()
            .flat_map(|name| graph.pairs(&format!("{HYDRA}{name}")))
            .filter(|(_, next)| !next.trim().is_empty())
            .collect();
        let own: BTreeSet<&str> = next
            .iter()
            .filter(|(page, _)| here.contains(page))
            .map(|(_, next)| *next)
            .collect();
        let all: BTreeSet<&str> = next.iter().map(|(_, next)| *next).collect();
        let candidates = if own.is_empty() { &all } else { &own };
        let views =
            ["PartialCollectionView", "PagedCollection"].map(|class| format!("{HYDRA}{class}"));
        Self {
            next: candidates.iter().next().map(|next| next.trim().to_owned()),
            ambiguous: candidates.len() > 1,
            total: total(graph, &views),
            paged: !next.is_empty()
                || types(graph).any(|(_, class)| views.iter().any(|view| view == class)),
        }
    }
}

fn types(graph: &Graph) -> impl Iterator<Item = (&str, &str)> {
    graph.pairs("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
}

/// The total that a catalogue or a collection states; none where several differ, since one of them counts something else.
fn total(graph: &Graph, views: &[String]) -> Option<u64> {
    let stated: BTreeSet<(&str, u64)> = graph
        .pairs(&format!("{HYDRA}totalItems"))
        .filter_map(|(subject, total)| Some((subject, total.trim().parse().ok()?)))
        .collect();
    if stated.is_empty() {
        return None;
    }
    let collection = format!("{HYDRA}Collection");
    let counts: BTreeSet<&str> = types(graph)
        .filter(|(_, class)| {
            *class == "http://www.w3.org/ns/dcat#Catalog"
                || *class == collection
                || views.iter().any(|view| view == class)
        })
        .map(|(subject, _)| subject)
        .collect();
    let totals: BTreeSet<u64> = stated
        .iter()
        .filter(|(subject, _)| counts.contains(subject))
        .map(|(_, total)| *total)
        .collect();
    totals.first().copied().filter(|_| totals.len() == 1)
}
