//! What is online: references, relations and identifiers that are addresses become distributions, services and pages.

use std::collections::HashSet;

use model::ns::{dcat, dcterms, foaf, geodcatap};
use model::{EntityKind, Severity};
use oxrdf::NamedNode;

use super::identity::doi;
use super::{Element, Mapping, is_address};
use crate::iso::online::{Service, endpoint, is_intranet};
use crate::iso::text::Text;
use crate::iso::transfer::{Online, Use};

/// Formats of a record that are read.
const MAX_FORMATS: usize = 50;
/// Bytes of the name of a format: each address has a copy.
const LONGEST_FORMAT: usize = 200;

/// Where an address stands, which says what it is for where nothing else does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// `dct:references`, GeoNetwork's `dc:URI`.
    Reference,
    Relation,
    Identifier,
    /// An address behind a format, as DSpace writes it.
    File,
}

impl<'t> Mapping<'_, 't> {
    pub(super) fn online(&mut self) {
        let formats = self.formats();
        let found = self.addresses(&formats);
        if self.draft.entity.kind == EntityKind::DataService {
            self.service(&found);
            return;
        }
        let mut seen = HashSet::new();
        for (role, online) in &found {
            let data = *role == Role::File || online.purpose() == Use::Data;
            if data && self.draft.entity.kind == EntityKind::Dataset {
                if seen.insert(online.key()) {
                    self.distribution(online);
                }
            } else {
                self.page(*role, online);
            }
        }
        self.doi_page();
        if seen.is_empty() && self.draft.entity.kind == EntityKind::Dataset {
            self.by_landing_page(&formats);
        }
    }

    /// Distinct formats, without sizes; and no address behind them.
    fn formats(&mut self) -> Vec<String> {
        let mut formats: Vec<String> = Vec::new();
        for format in self
            .all(&["format", "medium"])
            .into_iter()
            .take(MAX_FORMATS)
        {
            let value = format.value();
            let name = value.split("http").next().unwrap_or(value).trim();
            let lower = name.to_ascii_lowercase();
            let size = name.chars().next().is_some_and(|c| c.is_ascii_digit())
                && (name.chars().all(|c| c.is_ascii_digit())
                    || ["byte", "octet", " ko", " mo", " kb", " mb", "page", " p."]
                        .iter()
                        .any(|unit| lower.contains(unit)));
            let known = formats.iter().any(|known| known.eq_ignore_ascii_case(name));
            if name.len() > LONGEST_FORMAT {
                self.find(
                    "format/not-a-format",
                    Severity::Warning,
                    format,
                    "this is a text, and no name of a format; it was left out",
                    "Give the name of the format alone, and what else is to be said in the description.",
                );
            } else if !name.is_empty() && !size && !known {
                formats.push(name.to_owned());
            }
        }
        formats
    }

    /// Every address, once.
    fn addresses(&mut self, formats: &[String]) -> Vec<(Role, Online<'t>)> {
        let mut found: Vec<(Role, Online<'t>)> = Vec::new();
        let names = [
            (Role::Reference, &["references", "URI"][..]),
            (Role::File, &["format"]),
            (Role::Relation, &["relation", "isReferencedBy", "hasFormat"]),
            (Role::Identifier, &["identifier"]),
        ];
        for (role, names) in names {
            for element in self.all(names) {
                let address = match role {
                    Role::File => element.value().split_whitespace().find(|w| is_address(w)),
                    Role::Reference => Some(element.value()),
                    Role::Relation | Role::Identifier => {
                        Some(element.value()).filter(|value| is_address(value))
                    }
                };
                let Some(address) = address else { continue };
                if found.iter().any(|(_, known)| known.address == address) {
                    continue;
                }
                if let Some(mut online) = self.online_of(element, address) {
                    online.formats = match role {
                        Role::File => element
                            .value()
                            .split_whitespace()
                            .next()
                            .filter(|format| *format != address)
                            .map(str::to_owned)
                            .into_iter()
                            .collect(),
                        _ => formats.to_vec(),
                    };
                    found.push((role, online));
                }
            }
        }
        found
    }

    fn online_of(&mut self, element: Element<'t>, address: &'t str) -> Option<Online<'t>> {
        let protocol = element
            .attribute("protocol")
            .or(element.attribute("scheme"))
            .unwrap_or_default();
        let name = element.attribute("name").unwrap_or_default();
        let preview = name.contains("thumbnail")
            || protocol.contains("thumbnail")
            || protocol.ends_with("Metadata:Thumbnail");
        if preview {
            if is_address(address) {
                let iri = self.iri();
                self.draft.entity.add_iri(&iri, foaf::DEPICTION, address);
            }
            return None;
        }
        if is_intranet(address) {
            self.find(
                "distribution/intranet-url",
                Severity::Info,
                element,
                "only an internal network reaches this address; it was left out of the public catalogue",
                "Publish the resource on the Internet, or keep the internal address out of the public record.",
            );
            return None;
        }
        let language = self.language(element);
        let text = |value: Option<&'t str>| {
            value
                .map(|value| Text {
                    value,
                    language: language.clone(),
                })
                .into_iter()
                .collect::<Vec<_>>()
        };
        Some(Online {
            place: element,
            address,
            protocol,
            names: text(element.attribute("name")),
            descriptions: text(element.attribute("description")),
            // Esri's catalogues give the address of the record's own document.
            function: if protocol.ends_with("Metadata:Document") {
                "information".to_owned()
            } else {
                String::new()
            },
            service: Service::detect(protocol, address),
            mime: None,
            formats: Vec::new(),
            megabytes: None,
        })
    }

    /// What is not data.
    fn page(&mut self, role: Role, online: &Online<'t>) {
        let iri = self.iri();
        let property = match (role, online.purpose()) {
            (Role::Relation, _) => dcterms::RELATION,
            (_, Use::Page) => foaf::PAGE,
            _ => dcat::LANDING_PAGE,
        };
        self.draft.entity.add_iri(&iri, property, online.address);
    }

    pub(super) fn endpoint(
        &mut self,
        node: &NamedNode,
        address: &str,
        service: Option<&'static Service>,
    ) {
        let entity = &mut self.draft.entity;
        let (endpoint, description) = endpoint(address);
        entity.add_iri(node, dcat::ENDPOINT_URL, &endpoint);
        if let Some(description) = description {
            entity.add_iri(node, dcat::ENDPOINT_DESCRIPTION, description);
        }
        if let Some(standard) = service.and_then(|service| service.standard) {
            entity.add_iri(node, dcterms::CONFORMS_TO, standard);
            entity.add_iri(node, geodcatap::SERVICE_PROTOCOL, standard);
        }
    }

    /// The endpoint of a service is the address that speaks its protocol, else the first that is for data; else the first
    /// reference that does not say what it is for.
    fn service(&mut self, found: &[(Role, Online<'t>)]) {
        let iri = self.iri();
        let speaking = found.iter().find(|(_, online)| online.service.is_some());
        let data = || {
            found
                .iter()
                .find(|(_, online)| online.purpose() == Use::Data)
        };
        let unsaid = || {
            found
                .iter()
                .find(|(role, online)| *role == Role::Reference && online.says_nothing())
        };
        let chosen = speaking.or_else(data).or_else(unsaid);
        if let Some((_, online)) = chosen {
            self.endpoint(&iri, online.address, online.service);
        }
        for (role, online) in found {
            if chosen.is_none_or(|(_, chosen)| chosen.address != online.address) {
                self.page(*role, online);
            }
        }
    }

    /// A DOI leads to the landing page, where nothing else does.
    fn doi_page(&mut self) {
        let iri = self.iri();
        let page = self.draft.entity.object(&iri, dcat::LANDING_PAGE).is_none();
        let doi = self
            .all(&["identifier"])
            .into_iter()
            .find_map(|identifier| doi(identifier.value()));
        if let Some(doi) = doi.filter(|_| page) {
            self.draft.entity.add_iri(&iri, dcat::LANDING_PAGE, &doi);
        }
    }
}
