//! Lineage, and conformity to specifications.

use model::ns::{dcterms, prov};
use model::{EntityKind, check_iri};
use oxrdf::NamedNode;

use super::codes;
use super::paths;
use super::text::{anchor, code, is_code};
use super::{Element, Mapping};

const MAX_STATEMENTS: usize = 200;

impl<'t> Mapping<'_, 't> {
    /// A statement each: the general one, then the steps of the process and the sources.
    pub(super) fn lineage(&mut self) {
        let mut number = 0;
        let mut seen: Vec<&str> = Vec::new();
        for lineage in self
            .all(self.root, &paths::LINEAGE)
            .into_iter()
            .take(MAX_STATEMENTS)
            .filter_map(Element::object)
        {
            for path in [
                "statement",
                "processStep/description",
                "processStep/source/description",
                "source/description",
            ] {
                for statement in lineage.all(path).into_iter().take(MAX_STATEMENTS) {
                    let texts = self.locales.texts(statement);
                    let Some(first) = texts.first() else { continue };
                    if number >= MAX_STATEMENTS || seen.contains(&first.value) {
                        continue;
                    }
                    seen.push(first.value);
                    number += 1;
                    let subject = self.entity.iri.clone();
                    let node = self.entity.node(&format!("provenance-{number}"));
                    self.entity.set_origin(&node, statement.xpath());
                    self.entity.add(&subject, dcterms::PROVENANCE, node.clone());
                    self.entity.add_type(&node, dcterms::PROVENANCE_STATEMENT);
                    self.add_texts(&node, dcterms::DESCRIPTION, &texts);
                }
            }
        }
    }

    pub(super) fn conformity(&mut self) {
        let results = self
            .all(self.root, &paths::CONFORMANCE)
            .into_iter()
            .flat_map(Element::children);
        let results: Vec<Element<'t>> = results
            .filter(|result| result.name().ends_with("DQ_ConformanceResult"))
            .take(MAX_STATEMENTS)
            .collect();
        for (at, result) in results.into_iter().enumerate() {
            self.conformance(result, at + 1);
        }
    }

    /// `dct:conformsTo` where the resource conforms; the result of the test whatever it is, as GeoDCAT-AP's chain of
    /// PROV-O from the resource to the specification.
    fn conformance(&mut self, result: Element<'t>, number: usize) {
        let subject = self.entity.iri.clone();
        let Some(specification) = self.specification(result, number) else {
            return;
        };
        let degree = match result
            .first("pass")
            .map(|pass| pass.value().to_ascii_lowercase())
            .as_deref()
        {
            Some("true" | "1") => "conformant",
            Some("false" | "0") => "notConformant",
            _ => "notEvaluated",
        };
        if degree == "conformant" {
            self.entity
                .add(&subject, dcterms::CONFORMS_TO, specification.clone());
        }
        let local = format!("conformity-{number}");
        let activity = self.entity.node(&local);
        let [outcome, association, plan] = ["result", "association", "plan"]
            .map(|part| self.entity.node(&format!("{local}-{part}")));
        self.entity.set_origin(&activity, result.xpath());
        for (node, class) in [
            (&activity, prov::ACTIVITY),
            (&outcome, prov::ENTITY),
            (&association, prov::ASSOCIATION),
            (&plan, prov::PLAN),
        ] {
            self.entity.add_type(node, class);
        }
        self.entity
            .add(&subject, prov::WAS_USED_BY, activity.clone());
        self.entity.add_type(&subject, prov::ENTITY);
        self.entity.add(&activity, prov::USED, subject);
        self.entity.add(&activity, prov::GENERATED, outcome.clone());
        self.entity
            .add(&activity, prov::QUALIFIED_ASSOCIATION, association.clone());
        self.entity.add(&association, prov::HAD_PLAN, plan.clone());
        self.entity
            .add(&plan, prov::WAS_DERIVED_FROM, specification);
        if let Some(address) = codes::CONFORMITY.address(degree) {
            self.entity
                .add(&outcome, dcterms::TYPE, NamedNode::new_unchecked(address));
        }
        let explanation = result
            .first("explanation")
            .map(|explanation| self.locales.texts(explanation))
            .unwrap_or_default();
        self.add_texts(&outcome, dcterms::DESCRIPTION, &explanation);
    }

    /// The address of a specification: its anchor's, its own identifier, that of the European act with its number; else
    /// a node of our own.
    fn specification(&mut self, result: Element<'t>, number: usize) -> Option<NamedNode> {
        let citation = result.first("specification")?.object()?;
        let title = citation.first("title")?;
        let texts = self.locales.texts(title);
        let name = texts.first()?.value;
        let act = codes::ACTS
            .iter()
            .find(|(act, _)| contains_number(name, act))
            .map(|(_, address)| *address);
        let stated = anchor(title)
            .or_else(|| citation.value_of("identifier/code"))
            .filter(|address| address.starts_with("http"));
        let bare = Some(name).filter(|name| name.starts_with("http"));
        let eli = stated.filter(|address| address.contains("/eli/"));
        if let Some(iri) = eli.or(act).or(stated).or(bare).and_then(check_iri) {
            return Some(iri);
        }
        let node = self.entity.node(&format!("specification-{number}"));
        self.entity.set_origin(&node, citation.xpath());
        self.entity.add_type(&node, dcterms::STANDARD);
        self.entity.add_type(&node, prov::ENTITY);
        self.add_texts(&node, dcterms::TITLE, &texts);
        let dates: Vec<Element<'t>> = citation
            .all("date")
            .into_iter()
            .filter_map(Element::object)
            .collect();
        for (property, kind) in [
            (dcterms::ISSUED, "publication"),
            (dcterms::MODIFIED, "revision"),
            (dcterms::CREATED, "creation"),
        ] {
            let date = dates
                .iter()
                .find(|date| {
                    date.first("dateType")
                        .and_then(code)
                        .is_some_and(|given| is_code(given, kind))
                })
                .and_then(|date| date.value_of("date"));
            self.entity
                .add_text(&node, property, date.unwrap_or_default(), None);
        }
        Some(node)
    }

    /// Whether the entity is one that can be distributed.
    pub(super) fn has_distributions(&self) -> bool {
        self.entity.kind != EntityKind::DataService
    }
}

/// Whether a title has this number of an act, and not one that ends or begins with it.
fn contains_number(title: &str, act: &str) -> bool {
    title.match_indices(act).any(|(at, _)| {
        let before = title.get(..at).and_then(|text| text.chars().next_back());
        let after = title
            .get(at + act.len()..)
            .and_then(|text| text.chars().next());
        !before.is_some_and(|c| c.is_ascii_digit()) && !after.is_some_and(|c| c.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acts_are_known_by_their_whole_number() {
        assert!(contains_number(
            "Règlement (UE) n° 1089/2010 de la Commission",
            "1089/2010"
        ));
        assert!(!contains_number("21089/2010", "1089/2010"));
        assert!(!contains_number("Règlement (UE) No 1088/2010", "1089/2010"));
    }
}
