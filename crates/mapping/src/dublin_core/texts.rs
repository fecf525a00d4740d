//! Titles, descriptions, types, subjects.

use model::ns::{dcat, dcterms, geodcatap, skos};

use super::{Mapping, is_address};
use crate::iso::codes;
use crate::iso::text::{fold_code, is_code};

impl Mapping<'_, '_> {
    /// The first title of each language; the others are alternatives.
    pub(super) fn titles(&mut self) {
        let iri = self.iri();
        let mut languages = Vec::new();
        let mut seen = Vec::new();
        for title in self.all(&["title"]) {
            let language = self.language(title);
            if seen.contains(&title.value()) {
                continue;
            }
            seen.push(title.value());
            let predicate = if languages.contains(&language) {
                dcterms::ALTERNATIVE
            } else {
                dcterms::TITLE
            };
            languages.push(language);
            self.text(&iri, predicate, title);
        }
        for title in self.all(&["alternative"]) {
            self.text(&iri, dcterms::ALTERNATIVE, title);
        }
    }

    /// Catalogues give the abstract twice, as `dct:abstract` and `dc:description`. Several texts of a language are one.
    pub(super) fn descriptions(&mut self) {
        let iri = self.iri();
        let mut texts: Vec<(Option<String>, Vec<&str>)> = Vec::new();
        for text in self.all(&["abstract", "description"]) {
            let language = self.language(text);
            match texts.iter_mut().find(|(known, _)| *known == language) {
                Some((_, known)) if known.contains(&text.value()) => {}
                Some((_, known)) => known.push(text.value()),
                None => texts.push((language, vec![text.value()])),
            }
        }
        for (language, texts) in texts {
            self.draft.entity.add_text(
                &iri,
                dcterms::DESCRIPTION,
                &texts.join("\n\n"),
                language.as_deref(),
            );
        }
    }

    pub(super) fn types(&mut self) {
        let iri = self.iri();
        let mut number = 0;
        let mut seen: Vec<String> = Vec::new();
        for kind in self.all(&["type"]).into_iter().take(20) {
            let value = kind.value();
            let folded = fold_code(value);
            if seen.contains(&folded) {
                continue;
            }
            seen.push(folded);
            let dcmi = DCMI_TYPES
                .iter()
                .find(|name| fold_code(name) == fold_code(value));
            // What is no map is a dataset all the same, as in the mapping of ISO.
            let scope = if is_code(value, "nonGeographicDataset") {
                "dataset"
            } else {
                value
            };
            if let Some(address) = codes::RESOURCE_TYPE
                .address(scope)
                .filter(|_| self.catalogue)
            {
                self.draft
                    .entity
                    .add_iri(&iri, geodcatap::RESOURCE_TYPE, &address);
            } else if let Some(name) = dcmi {
                let address = format!("http://purl.org/dc/dcmitype/{name}");
                self.draft.entity.add_iri(&iri, dcterms::TYPE, &address);
            } else if is_address(value) {
                self.draft.entity.add_iri(&iri, dcterms::TYPE, value);
            } else if value.len() < 100 && !value.starts_with("info:") {
                number += 1;
                let node = self.draft.entity.node(&format!("type-{number}"));
                self.draft.entity.set_origin(&node, kind.xpath());
                self.draft.entity.add(&iri, dcterms::TYPE, node.clone());
                self.draft.entity.add_type(&node, skos::CONCEPT);
                self.text(&node, skos::PREF_LABEL, kind);
            }
        }
    }

    /// Words are keywords, addresses of concepts are themes; catalogues put the topic categories of ISO among them.
    pub(super) fn subjects(&mut self) {
        let iri = self.iri();
        let mut seen: Vec<&str> = Vec::new();
        for subject in self.all(&["subject"]) {
            let value = subject.value();
            if seen.contains(&value) {
                continue;
            }
            seen.push(value);
            let topic = codes::TOPIC.address(value).filter(|_| self.catalogue);
            if let Some(topic) = topic {
                self.draft
                    .entity
                    .add_iri(&iri, geodcatap::TOPIC_CATEGORY, &topic);
            } else if is_address(value) {
                self.draft.entity.add_iri(&iri, dcat::THEME, value);
            } else if !value.starts_with("info:eu-repo/") {
                self.text(&iri, dcat::KEYWORD, subject);
            }
        }
    }
}

/// The types of the DCMI Type Vocabulary.
const DCMI_TYPES: [&str; 12] = [
    "Collection",
    "Dataset",
    "Event",
    "Image",
    "InteractiveResource",
    "MovingImage",
    "PhysicalObject",
    "Service",
    "Software",
    "Sound",
    "StillImage",
    "Text",
];
