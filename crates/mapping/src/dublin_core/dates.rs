//! Dates: those that say what they are of, and `dc:date`, which does not.

use model::ns::dcterms;
use oxrdf::NamedNodeRef;

use super::{Element, Mapping};

/// Elements by what they date.
const DATES: [(NamedNodeRef<'static>, &[&str]); 3] = [
    (dcterms::ISSUED, &["issued", "available", "dateSubmitted"]),
    (dcterms::MODIFIED, &["modified", "updated"]),
    (dcterms::CREATED, &["created"]),
];

impl<'t> Mapping<'_, 't> {
    /// Of several bare dates the earliest is that of publication and the latest that of change: repositories write one an
    /// event. A single one is that of publication; in a record of CSW it is that of change, as the catalogues that make such
    /// records of ISO have it.
    pub(super) fn dates(&mut self) {
        let mut found: [Option<&'t str>; 3] = [None; 3];
        for ((_, names), slot) in DATES.iter().zip(&mut found) {
            // In the order of the names: what was submitted is issued only where nothing else says so.
            *slot = names
                .iter()
                .find_map(|name| self.all(&[name]).first().map(|date| date.value()));
        }
        let [issued, modified, created] = found;
        let mut bare: Vec<&str> = self
            .all(&["date"])
            .into_iter()
            .map(Element::value)
            .collect();
        bare.sort_unstable();
        bare.dedup();
        let (first, last) = (bare.first().copied(), bare.last().copied());
        let several = first != last;
        let issued = issued.or(first.filter(|_| several || !self.catalogue));
        let modified = modified.or(last.filter(|_| several || self.catalogue));
        let iri = self.iri();
        for (predicate, date) in [
            (dcterms::ISSUED, issued),
            (dcterms::MODIFIED, modified),
            (dcterms::CREATED, created),
        ] {
            if let Some(date) = date {
                self.draft.entity.add_text(&iri, predicate, date, None);
            }
        }
        let rank = modified.or(issued).or(created).unwrap_or_default();
        self.draft.entity.rank = crate::draft::rank(rank);
    }
}
