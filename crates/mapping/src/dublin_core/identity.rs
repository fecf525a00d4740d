//! Identifiers, and what a record says of other resources.

use model::ns::{adms, dcat, dcterms, skos};
use model::{EntityKind, Link, LinkTarget, RecordId};
use oxrdf::NamedNodeRef;
use oxrdf::vocab::xsd;

use super::{Element, Mapping, is_address};
use crate::draft::short_hash;
use crate::iso::identity::record_id;

const MAX_LINKS: usize = 500;

/// Elements that name other resources. What is a part of another is in its series, if the other one is one.
const RELATIONS: [&str; 14] = [
    "relation",
    "isPartOf",
    "hasPart",
    "isVersionOf",
    "hasVersion",
    "replaces",
    "isReplacedBy",
    "requires",
    "isRequiredBy",
    "isFormatOf",
    "hasFormat",
    "isReferencedBy",
    "isDescribedBy",
    "conformsTo",
];

impl<'t> Mapping<'_, 't> {
    /// `dct:identifier` is the source's identifier of the record; others are `adms:identifier`, and names by which other
    /// records may mean this one.
    pub(super) fn identifiers(&mut self) {
        let iri = self.iri();
        let id = self.record.id.as_str();
        self.draft
            .entity
            .add_text(&iri, dcterms::IDENTIFIER, id, None);
        let mut known: Vec<String> = vec![id.to_owned()];
        for identifier in self.all(&["identifier"]).into_iter().take(100) {
            let notation = doi(identifier.value()).unwrap_or_else(|| identifier.value().to_owned());
            self.draft.alias(identifier.value());
            self.draft.alias(notation.as_str());
            if known.contains(&notation) {
                continue;
            }
            let node = self
                .draft
                .entity
                .node(&format!("identifier-{}", short_hash(&notation)));
            self.draft.entity.set_origin(&node, identifier.xpath());
            self.draft.entity.add(&iri, adms::IDENTIFIER, node.clone());
            self.draft.entity.add_type(&node, adms::IDENTIFIER_CLASS);
            if is_address(&notation) {
                self.draft
                    .entity
                    .add_typed(&node, skos::NOTATION, &notation, xsd::ANY_URI);
            } else {
                self.draft
                    .entity
                    .add_text(&node, skos::NOTATION, &notation, None);
            }
            known.push(notation);
        }
    }

    /// Identifiers are links to the records that have them; addresses are what [`Mapping::online`] makes of them.
    pub(super) fn relations(&mut self) {
        for relation in self.all(&RELATIONS) {
            let (name, value) = (relation.name(), relation.value());
            if name == "conformsTo" {
                let iri = self.iri();
                self.iri_or_text(&iri, dcterms::CONFORMS_TO, value);
                continue;
            }
            if name == "isPartOf" {
                self.link(dcat::IN_SERIES, EntityKind::DatasetSeries, relation);
            }
            for kind in [
                EntityKind::Dataset,
                EntityKind::DatasetSeries,
                EntityKind::DataService,
            ] {
                self.link(dcterms::RELATION, kind, relation);
            }
        }
    }

    /// `dc:source` is the resource that this one comes from, or, as catalogues fill it, a text about how it was made.
    pub(super) fn sources(&mut self) {
        let mut number = 0;
        for source in self.all(&["source", "provenance"]) {
            let value = source.value();
            if value == self.record.id.as_str() {
                continue;
            }
            let is_text = value.contains(char::is_whitespace);
            if source.name() == "source" && !is_text {
                self.link(dcterms::SOURCE, EntityKind::Dataset, source);
                if is_address(value) {
                    let iri = self.iri();
                    self.draft.entity.add_iri(&iri, dcterms::SOURCE, value);
                }
                continue;
            }
            number += 1;
            let iri = self.iri();
            let node = self.draft.entity.node(&format!("provenance-{number}"));
            self.draft.entity.set_origin(&node, source.xpath());
            self.draft
                .entity
                .add(&iri, dcterms::PROVENANCE, node.clone());
            self.draft
                .entity
                .add_type(&node, dcterms::PROVENANCE_STATEMENT);
            self.text(&node, dcterms::DESCRIPTION, source);
        }
    }

    fn link(&mut self, predicate: NamedNodeRef<'_>, kind: EntityKind, place: Element<'t>) {
        let value = place.value();
        if value.len() > 500 || value == self.record.id.as_str() {
            return;
        }
        let target = match record_id(value).filter(|_| is_address(value)) {
            Some(id) => LinkTarget::Record(RecordId::new(id)),
            None => LinkTarget::Alias(doi(value).unwrap_or_else(|| value.to_owned())),
        };
        let link = Link {
            subject: self.iri(),
            predicate: predicate.into_owned(),
            target,
            kind,
        };
        let links = &mut self.draft.entity.links;
        if links.len() < MAX_LINKS && !links.contains(&link) {
            links.push(link);
        }
    }
}

/// The address of a DOI, however it is written.
pub(super) fn doi(value: &str) -> Option<String> {
    let lower = value.to_ascii_lowercase();
    let bare = [
        "https://doi.org/",
        "http://doi.org/",
        "https://dx.doi.org/",
        "http://dx.doi.org/",
        "info:doi/",
        "doi:",
        "doi ",
    ]
    .iter()
    .find(|prefix| lower.starts_with(**prefix))
    .and_then(|prefix| value.get(prefix.len()..))
    .unwrap_or(value)
    .trim();
    let (registrant, suffix) = bare.strip_prefix("10.")?.split_once('/')?;
    let numbered = !registrant.is_empty()
        && registrant.chars().all(|c| c.is_ascii_digit() || c == '.')
        && !suffix.is_empty()
        && !suffix.contains(char::is_whitespace);
    numbered.then(|| format!("https://doi.org/{bare}"))
}

#[cfg(test)]
mod tests {
    use super::doi;

    #[test]
    fn dois_are_known_however_they_are_written() {
        for written in [
            "doi:10.5281/zenodo.1",
            "DOI: 10.5281/zenodo.1",
            "10.5281/zenodo.1",
            "http://dx.doi.org/10.5281/zenodo.1",
            "https://doi.org/10.5281/zenodo.1",
            "info:doi/10.5281/zenodo.1",
        ] {
            assert_eq!(
                doi(written).as_deref(),
                Some("https://doi.org/10.5281/zenodo.1"),
                "{written}"
            );
        }
        for other in [
            "10.5/",
            "10.a/b",
            "1.5/x",
            "doi:x",
            "",
            "10.5281/a b",
            "é10.1/x",
        ] {
            assert_eq!(doi(other), None, "{other}");
        }
    }
}
