//! Online resources: distributions, services that give access, pages.

use std::collections::HashSet;

use model::ns::{adms, cnt, dcat, dcterms, foaf, geodcatap};
use model::{EntityKind, Severity};
use oxrdf::NamedNode;
use oxrdf::vocab::xsd;

use super::Mapping;
use super::codes;
use super::online::{Service, data_extension, endpoint};
use super::paths;
use super::text::{code, fold_code};
use super::transfer::{Online, Use};

impl<'t> Mapping<'_, 't> {
    pub(super) fn distributions(&mut self) {
        let resources = self.online_resources();
        let mut seen = HashSet::new();
        for online in &resources {
            let subject = self.entity.iri.clone();
            match online.purpose() {
                Use::Data if self.has_distributions() => {
                    if seen.insert(online.key()) {
                        self.distribution(online);
                    }
                }
                Use::Page if self.entity.kind != EntityKind::DataService => {
                    self.entity.add_iri(&subject, foaf::PAGE, online.address)
                }
                Use::Page | Use::Landing | Use::Data => {
                    self.entity
                        .add_iri(&subject, dcat::LANDING_PAGE, online.address)
                }
            }
        }
    }

    fn distribution(&mut self, online: &Online<'t>) {
        let subject = self.entity.iri.clone();
        let key = online.key();
        let node = self.entity.node(&format!("distribution-{key}"));
        self.entity.set_origin(&node, online.place.xpath());
        self.entity.add(&subject, dcat::DISTRIBUTION, node.clone());
        self.entity.add_type(&node, dcat::DISTRIBUTION_CLASS);
        self.add_texts(&node, dcterms::TITLE, &online.names);
        self.add_texts(&node, dcterms::DESCRIPTION, &online.descriptions);
        self.entity.add_iri(&node, dcat::ACCESS_URL, online.address);
        match online.service {
            Some(service) => self.access_service(&node, online, service, &key),
            None => self.file(&node, online),
        }
        if let Some(megabytes) = online.megabytes {
            let bytes = (megabytes * 1e6).round();
            self.entity.add_typed(
                &node,
                dcat::BYTE_SIZE,
                &format!("{bytes}"),
                xsd::NON_NEGATIVE_INTEGER,
            );
        }
        if let Some(representation) = self
            .all(self.info, &paths::REPRESENTATION)
            .into_iter()
            .find_map(|property| codes::REPRESENTATION.address(code(property)?))
        {
            self.entity.add(
                &node,
                adms::REPRESENTATION_TECHNIQUE,
                NamedNode::new_unchecked(representation),
            );
        }
        if let Some(charset) = self.code(self.info, &paths::RESOURCE_CHARSET) {
            self.entity
                .add_text(&node, cnt::CHARACTER_ENCODING, charset_name(charset), None);
        }
    }

    /// The format of a file is that of the record, if it has one; among several, the one that the address or the name
    /// tells of. A distribution has one format (DCAT-AP 3.0.1).
    fn file(&mut self, node: &NamedNode, online: &Online<'t>) {
        if data_extension(online.address).is_some() {
            self.entity
                .add_iri(node, dcat::DOWNLOAD_URL, online.address);
        }
        if let Some(mime) = online.mime {
            self.entity.add_text(node, dcat::MEDIA_TYPE, mime, None);
        }
        let told = format!(
            "{} {}",
            online.address,
            online
                .names
                .first()
                .map(|text| text.value)
                .unwrap_or_default()
        )
        .to_lowercase();
        let words = |format: &str| {
            format
                .to_lowercase()
                .split(|c: char| !c.is_alphanumeric())
                .filter(|word| word.len() > 2)
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        let told_words: HashSet<String> = words(&told).into_iter().collect();
        let format = match online.formats.as_slice() {
            [] => None,
            [one] => Some(one),
            several => {
                let matching = several
                    .iter()
                    .find(|format| words(format).iter().any(|word| told_words.contains(word)));
                if matching.is_none() {
                    self.find(
                        "distribution/ambiguous-format",
                        Severity::Info,
                        online.place,
                        &several.join(", "),
                        "the record gives several formats, and nothing says which one this file has; the first was kept",
                        "Give each distribution its own format (MD_Distributor with its distributorFormat and its transfer options).",
                    );
                }
                matching.or(several.first())
            }
        };
        if let Some(format) = format {
            self.entity.add_text(node, dcterms::FORMAT, format, None);
        }
    }

    fn access_service(
        &mut self,
        distribution: &NamedNode,
        online: &Online<'t>,
        service: &'static Service,
        key: &str,
    ) {
        let subject = self.entity.iri.clone();
        let node = self.entity.node(&format!("service-{key}"));
        self.entity.set_origin(&node, online.place.xpath());
        self.entity
            .add_text(distribution, dcterms::FORMAT, service.label, None);
        self.entity
            .add(distribution, dcat::ACCESS_SERVICE, node.clone());
        self.entity.add_type(&node, dcat::DATA_SERVICE);
        if online.names.is_empty() {
            self.entity
                .add_text(&node, dcterms::TITLE, service.label, None);
        } else {
            self.add_texts(&node, dcterms::TITLE, &online.names);
        }
        self.endpoint(&node, online.address, Some(service));
        // A service serves datasets; a series is none.
        if self.entity.kind == EntityKind::Dataset {
            self.entity.add(&node, dcat::SERVES_DATASET, subject);
        }
    }

    /// The endpoint of a service, what describes it, and the standard it speaks.
    pub(super) fn endpoint(
        &mut self,
        node: &NamedNode,
        address: &str,
        service: Option<&'static Service>,
    ) {
        let (endpoint, description) = endpoint(address);
        self.entity.add_iri(node, dcat::ENDPOINT_URL, &endpoint);
        if let Some(description) = description {
            self.entity
                .add_iri(node, dcat::ENDPOINT_DESCRIPTION, description);
        }
        if let Some(standard) = service.and_then(|service| service.standard) {
            self.entity.add(
                node,
                dcterms::CONFORMS_TO,
                NamedNode::new_unchecked(standard),
            );
            self.entity.add(
                node,
                geodcatap::SERVICE_PROTOCOL,
                NamedNode::new_unchecked(standard),
            );
        }
    }
}

/// The name that IANA gives a character set.
fn charset_name(code: &str) -> &str {
    match fold_code(code).as_str() {
        "utf8" => "UTF-8",
        "utf16" => "UTF-16",
        "8859part1" | "iso88591" => "ISO-8859-1",
        "8859part15" | "iso885915" => "ISO-8859-15",
        "usascii" => "US-ASCII",
        _ => code,
    }
}
