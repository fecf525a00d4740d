//! Distributions: their formats, the services that give access, and what a landing page leads to.

use model::Severity;
use model::ns::{dcat, dcterms};
use oxrdf::{NamedNode, Term};

use super::{Element, Mapping};
use crate::iso::online::{Service, data_extension};
use crate::iso::transfer::Online;

/// Distributions made of a landing page.
const MAX_BY_LANDING: usize = 10;

impl<'t> Mapping<'_, 't> {
    pub(super) fn distribution(&mut self, online: &Online<'t>) {
        let key = online.key();
        let node = self.open_distribution(&key, online.place);
        for text in &online.names {
            let language = text.language.as_deref();
            self.draft
                .entity
                .add_text(&node, dcterms::TITLE, text.value, language);
        }
        for text in &online.descriptions {
            let language = text.language.as_deref();
            self.draft
                .entity
                .add_text(&node, dcterms::DESCRIPTION, text.value, language);
        }
        self.draft
            .entity
            .add_iri(&node, dcat::ACCESS_URL, online.address);
        match online.service {
            Some(service) => self.access_service(&node, online, service, &key),
            None => {
                if data_extension(online.address).is_some() {
                    self.draft
                        .entity
                        .add_iri(&node, dcat::DOWNLOAD_URL, online.address);
                }
                if let Some(format) = self.format_of(online) {
                    self.format(&node, &format);
                }
            }
        }
    }

    fn open_distribution(&mut self, key: &str, place: Element<'t>) -> NamedNode {
        let iri = self.iri();
        let node = self.draft.entity.node(&format!("distribution-{key}"));
        self.draft.entity.set_origin(&node, place.xpath());
        self.draft
            .entity
            .add(&iri, dcat::DISTRIBUTION, node.clone());
        self.draft.entity.add_type(&node, dcat::DISTRIBUTION_CLASS);
        node
    }

    /// The formats are the record's: among several, the one that the address or the name tells of.
    fn format_of(&mut self, online: &Online<'t>) -> Option<String> {
        let words = |text: &str| -> Vec<String> {
            text.to_lowercase()
                .split(|c: char| !c.is_alphanumeric())
                .filter(|word| word.len() > 2)
                .map(str::to_owned)
                .collect()
        };
        let name = online.names.first().map_or("", |text| text.value);
        let told = words(&format!("{} {name}", online.address));
        let tells = |format: &&String| words(format).iter().any(|word| told.contains(word));
        match online.formats.as_slice() {
            [] => None,
            [one] => Some(one.clone()),
            several => {
                let matching = several.iter().find(tells);
                if matching.is_none() {
                    self.find(
                        "distribution/ambiguous-format",
                        Severity::Info,
                        online.place,
                        format!("the record gives several formats ({}), and nothing says which one this file has; the first was kept", named(several)),
                        "Describe the dataset in DCAT or ISO, where each distribution has its own format.",
                    );
                }
                matching.or(several.first()).cloned()
            }
        }
    }

    fn format(&mut self, node: &NamedNode, format: &str) {
        let mime = format.contains('/') && !format.contains([' ', ':']);
        let property = if mime {
            dcat::MEDIA_TYPE
        } else {
            dcterms::FORMAT
        };
        self.draft.entity.add_text(node, property, format, None);
    }

    fn access_service(
        &mut self,
        distribution: &NamedNode,
        online: &Online<'t>,
        service: &'static Service,
        key: &str,
    ) {
        let iri = self.iri();
        let node = self.draft.entity.node(&format!("service-{key}"));
        let entity = &mut self.draft.entity;
        entity.set_origin(&node, online.place.xpath());
        entity.add_text(distribution, dcterms::FORMAT, service.label, None);
        entity.add(distribution, dcat::ACCESS_SERVICE, node.clone());
        entity.add_type(&node, dcat::DATA_SERVICE);
        match online.names.first() {
            Some(name) => {
                entity.add_text(&node, dcterms::TITLE, name.value, name.language.as_deref());
            }
            None => entity.add_text(&node, dcterms::TITLE, service.label, None),
        }
        entity.add(&node, dcat::SERVES_DATASET, iri);
        self.endpoint(&node, online.address, Some(service));
    }

    /// Files that only the landing page leads to: DCAT has it for their access URL.
    pub(super) fn by_landing_page(&mut self, formats: &[String]) {
        let iri = self.iri();
        let landing = match self.draft.entity.object(&iri, dcat::LANDING_PAGE) {
            Some(Term::NamedNode(page)) => page.as_str().to_owned(),
            _ => return,
        };
        for (at, format) in formats.iter().take(MAX_BY_LANDING).enumerate() {
            let root = self.root;
            let node = self.open_distribution(&format!("landing-{}", at + 1), root);
            self.draft.entity.add_iri(&node, dcat::ACCESS_URL, &landing);
            self.format(&node, format);
        }
    }
}

/// The first of them, for a message: each distribution has one.
fn named(formats: &[String]) -> String {
    const MOST: usize = 10;
    formats.get(..MOST).unwrap_or(formats).join(", ")
}
