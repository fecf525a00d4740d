//! Keywords: those of vocabularies under the name of their thesaurus, then the free ones.

use model::ns::{dcat, dcatap, dcterms, geodcatap, skos};

use super::identification::cite;
use super::writer::Writer;
use super::{Entity, codes};
use crate::graph::{Node, Text};

/// Concepts of a record that are written.
const MOST: usize = 1_000;

impl<'a> Entity<'a> {
    pub(super) fn keywords(&self, w: &mut Writer<'a>) {
        let concepts: Vec<Node<'a>> = [
            dcat::THEME,
            dcatap::HVD_CATEGORY,
            dcatap::APPLICABLE_LEGISLATION,
            geodcatap::SERVICE_CATEGORY,
        ]
        .iter()
        .flat_map(|property| self.node.nodes(*property))
        .take(MOST)
        .collect();
        for register in codes::REGISTERS {
            let of_register: Vec<Node<'a>> = concepts
                .iter()
                .filter(|concept| concept.iri.starts_with(register.base))
                .copied()
                .collect();
            self.of_register(w, register, &of_register);
        }
        let others = concepts.into_iter().filter(|concept| {
            let listed = |register: &codes::Register| concept.iri.starts_with(register.base);
            !codes::REGISTERS.iter().any(listed)
        });
        let said = self.of_thesauri(w, others.collect());
        let free: Vec<Text<'a>> = self
            .node
            .texts(dcat::KEYWORD)
            .into_iter()
            .filter(|text| !said.contains(text))
            .collect();
        if !free.is_empty() {
            w.path("gmd:descriptiveKeywords/gmd:MD_Keywords", |w| {
                w.each_text("gmd:keyword", &free);
            });
        }
    }

    fn of_register(&self, w: &mut Writer<'a>, register: &codes::Register, concepts: &[Node<'a>]) {
        if concepts.is_empty() {
            return;
        }
        w.path("gmd:descriptiveKeywords/gmd:MD_Keywords", |w| {
            for concept in concepts {
                let label = concept.label(w.speech.main);
                w.path("gmd:keyword", |w| w.anchor(concept.iri, label));
            }
            w.code("gmd:type", "MD_KeywordTypeCode", "theme");
            w.path("gmd:thesaurusName", |w| {
                let title = [Text {
                    value: register.title,
                    language: None,
                }];
                cite(
                    w,
                    &title,
                    Some(register.address),
                    &[(register.date, "publication")],
                );
            });
        });
    }

    /// Concepts of other vocabularies, by their schemes. Says which keywords are written with them.
    fn of_thesauri(&self, w: &mut Writer<'a>, concepts: Vec<Node<'a>>) -> Vec<Text<'a>> {
        let mut said = Vec::new();
        let mut schemes: Vec<Option<Node<'a>>> = Vec::new();
        for concept in &concepts {
            let scheme = scheme(*concept);
            if !schemes
                .iter()
                .any(|known| known.map(|s| s.iri) == scheme.map(|s| s.iri))
            {
                schemes.push(scheme);
            }
        }
        for scheme_of in schemes {
            let members = concepts
                .iter()
                .filter(|concept| scheme(**concept).map(|s| s.iri) == scheme_of.map(|s| s.iri));
            w.path("gmd:descriptiveKeywords/gmd:MD_Keywords", |w| {
                for concept in members {
                    said.extend(self.concept(w, *concept));
                }
                let Some(scheme) = scheme_of else { return };
                w.code("gmd:type", "MD_KeywordTypeCode", "theme");
                w.path("gmd:thesaurusName", |w| {
                    let issued = scheme.value(dcterms::ISSUED).unwrap_or_default();
                    let address = Some(scheme.iri).filter(|_| !scheme.is_part_of(self.node));
                    cite(w, &scheme.names(), address, &[(issued, "publication")]);
                });
            });
        }
        said
    }

    fn concept(&self, w: &mut Writer<'a>, concept: Node<'a>) -> Vec<Text<'a>> {
        let names = concept.names();
        let label = w
            .speech
            .best(&names)
            .unwrap_or(concept.label(w.speech.main));
        let address = match concept.is_part_of(self.node) {
            true => concept.first(skos::EXACT_MATCH).map(|other| other.iri),
            false => Some(concept.iri),
        };
        match address {
            Some(address) => w.path("gmd:keyword", |w| w.anchor(address, label)),
            None => w.texts("gmd:keyword", &names),
        }
        names
            .into_iter()
            .filter(|name| name.value == label || address.is_none())
            .collect()
    }
}

fn scheme(concept: Node<'_>) -> Option<Node<'_>> {
    concept
        .first(skos::IN_SCHEME)
        .filter(|scheme| !scheme.names().is_empty())
}
