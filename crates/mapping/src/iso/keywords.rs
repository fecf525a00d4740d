//! Keywords, themes and categories: what a record says by words of its own and by words of vocabularies.

use std::collections::HashSet;

use model::ns::{dcat, dcatap, dcterms, geodcatap, skos};
use model::{EntityKind, check_iri};
use oxrdf::NamedNode;

use super::codes;
use super::paths;
use super::text::{Text, anchor, code, fold_code, is_code};
use super::{Element, Mapping};
use crate::draft::short_hash;

/// Keywords of a record that are read.
const MAX_KEYWORDS: usize = 2_000;

/// Registers whose concepts are themes by their addresses.
const THEME_REGISTERS: &[&str] = &[
    "inspire.ec.europa.eu/theme/",
    "inspire.ec.europa.eu/metadata-codelist/PriorityDataset/",
    "inspire.ec.europa.eu/metadata-codelist/SpatialScope/",
    "publications.europa.eu/resource/authority/data-theme/",
];

impl<'t> Mapping<'_, 't> {
    pub(super) fn keywords(&mut self) {
        let mut seen = HashSet::new();
        let mut read = 0;
        for property in self.all(self.info, &paths::KEYWORDS) {
            for object in property.children() {
                let thesaurus = Thesaurus::of(object);
                let citation = object.first("thesaurusName").and_then(Element::object);
                for keyword in object.all("keyword") {
                    read += 1;
                    if read > MAX_KEYWORDS {
                        return;
                    }
                    self.keyword(keyword, thesaurus, citation, &mut seen);
                }
            }
        }
    }

    fn keyword(
        &mut self,
        keyword: Element<'t>,
        thesaurus: Thesaurus,
        citation: Option<Element<'t>>,
        seen: &mut HashSet<(String, Option<String>)>,
    ) {
        let subject = self.entity.iri.clone();
        let texts = self.locales.texts(keyword);
        if let Some(address) = anchor(keyword) {
            if self.known_concept(address, &texts) {
                return;
            }
            if let Some(iri) =
                check_iri(address).filter(|_| address.starts_with("http") && !texts.is_empty())
            {
                if thesaurus == Thesaurus::Place {
                    self.entity.add(&subject, dcterms::SPATIAL, iri);
                } else {
                    self.foreign_concept(keyword, iri, &texts, citation);
                }
            }
        }
        let Some(first) = texts.first() else { return };
        let first = first.value.to_owned();
        match thesaurus {
            // A label of the INSPIRE themes, for the rules to resolve.
            Thesaurus::Inspire => self.entity.add_text(
                &subject,
                dcat::THEME,
                &first,
                self.locales.default.clone().as_deref(),
            ),
            Thesaurus::ServiceCategory if self.service_category(&first) => {}
            Thesaurus::Place => {
                // A keyword, and a place where the rules find the territory that it names.
                let tag = self.locales.default.clone();
                self.entity
                    .add_text(&subject, dcterms::SPATIAL, &first, tag.as_deref());
                self.words(&texts, seen)
            }
            Thesaurus::Other | Thesaurus::ServiceCategory => self.words(&texts, seen),
        }
    }

    /// Concepts that have a property of their own, or that are themes.
    fn known_concept(&mut self, address: &str, texts: &[Text<'t>]) -> bool {
        let subject = self.entity.iri.clone();
        let rest = address
            .trim_start_matches("https://")
            .trim_start_matches("http://")
            .replacen(":80/", "/", 1);
        let Some(iri) = check_iri(&format!("http://{rest}")) else {
            return false;
        };
        if rest.starts_with("data.europa.eu/bna/") {
            self.entity.add(&subject, dcatap::HVD_CATEGORY, iri);
        } else if rest.starts_with("data.europa.eu/eli/") {
            self.entity
                .add(&subject, dcatap::APPLICABLE_LEGISLATION, iri);
        } else if let Some(category) = rest
            .split_once("/SpatialDataServiceCategory/")
            .map(|(_, code)| code)
        {
            return self.service_category(category);
        } else if rest.contains("/metadata-codelist/TopicCategory/") {
            match codes::TOPIC.address(address) {
                Some(topic) => self.entity.add(
                    &subject,
                    geodcatap::TOPIC_CATEGORY,
                    NamedNode::new_unchecked(topic),
                ),
                None => return false,
            }
        } else if THEME_REGISTERS
            .iter()
            .any(|register| rest.starts_with(register))
        {
            for text in texts {
                self.entity
                    .label(&iri, text.value, text.language.as_deref());
            }
            self.entity.add(&subject, dcat::THEME, iri);
        } else {
            return false;
        }
        true
    }

    fn service_category(&mut self, code: &str) -> bool {
        let subject = self.entity.iri.clone();
        let Some(address) = codes::SERVICE_CATEGORY
            .address(code)
            .filter(|_| self.entity.kind == EntityKind::DataService)
        else {
            return false;
        };
        // GeoDCAT-AP has one category a service.
        if self
            .entity
            .object(&subject, geodcatap::SERVICE_CATEGORY)
            .is_none()
        {
            self.entity.add(
                &subject,
                geodcatap::SERVICE_CATEGORY,
                NamedNode::new_unchecked(address),
            );
        }
        true
    }

    /// A concept of another vocabulary: described by a node of our own, since nobody else describes it here.
    fn foreign_concept(
        &mut self,
        keyword: Element<'t>,
        iri: NamedNode,
        texts: &[Text<'t>],
        citation: Option<Element<'t>>,
    ) {
        let subject = self.entity.iri.clone();
        let node = self
            .entity
            .node(&format!("concept-{}", short_hash(iri.as_str())));
        if self
            .entity
            .objects(&subject, dcat::THEME)
            .any(|theme| *theme == node.clone().into())
        {
            return;
        }
        self.entity.set_origin(&node, keyword.xpath());
        self.entity.add(&subject, dcat::THEME, node.clone());
        self.entity.add_type(&node, skos::CONCEPT);
        self.entity.add(&node, skos::EXACT_MATCH, iri);
        self.add_texts(&node, skos::PREF_LABEL, texts);
        if let Some(scheme) = citation.and_then(|citation| self.concept_scheme(citation)) {
            self.entity.add(&node, skos::IN_SCHEME, scheme);
        }
    }

    fn concept_scheme(&mut self, citation: Element<'t>) -> Option<NamedNode> {
        let titles = self.locales.texts(citation.first("title")?);
        let node = self
            .entity
            .node(&format!("scheme-{}", short_hash(titles.first()?.value)));
        if self.entity.object(&node, dcterms::TITLE).is_none() {
            self.entity.set_origin(&node, citation.xpath());
            self.entity.add_type(&node, skos::CONCEPT_SCHEME);
            self.add_texts(&node, dcterms::TITLE, &titles);
            if let Some(issued) = citation
                .all("date")
                .into_iter()
                .filter_map(Element::object)
                .find_map(|date| date.value_of("date"))
            {
                self.entity.add_text(&node, dcterms::ISSUED, issued, None);
            }
        }
        Some(node)
    }

    fn words(&mut self, texts: &[Text<'t>], seen: &mut HashSet<(String, Option<String>)>) {
        let subject = self.entity.iri.clone();
        for text in texts {
            if seen.insert((text.value.to_owned(), text.language.clone())) {
                self.entity.add_text(
                    &subject,
                    dcat::KEYWORD,
                    text.value,
                    text.language.as_deref(),
                );
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Thesaurus {
    Inspire,
    ServiceCategory,
    /// Names of places, whatever the thesaurus.
    Place,
    /// Another one, or none.
    Other,
}

impl Thesaurus {
    fn of(keywords: Element<'_>) -> Self {
        let is_of = |wanted: &str| {
            keywords
                .first("type")
                .and_then(code)
                .is_some_and(|kind| is_code(kind, wanted))
        };
        if is_of("place") {
            return Self::Place;
        }
        let Some(name) = keywords.first("thesaurusName") else {
            return if is_of("service") {
                Self::ServiceCategory
            } else {
                Self::Other
            };
        };
        let cited = name.object().and_then(|citation| citation.first("title"));
        let address = cited.and_then(anchor).unwrap_or_default();
        let title = fold_code(cited.map(Element::value).unwrap_or_default());
        let inspire_themes = (title.contains("inspire")
            && (title.contains("themes") || title.contains("thèmes")))
            || address.ends_with("inspire.ec.europa.eu/theme")
            || address.contains("gemet/inspire_themes");
        if inspire_themes {
            Self::Inspire
        } else if title.contains("12052008")
            || title.contains("servicetaxonomy")
            || title.contains("iso19119")
        {
            Self::ServiceCategory
        } else {
            Self::Other
        }
    }
}
