//! What a dataset is made of: distributions, the services behind them, checksums, identifiers.

use std::collections::HashMap;

use model::ns::{adms, dcat, dcterms, skos, spdx};
use model::{Severity, check_iri};
use oxrdf::vocab::{rdf, xsd};
use oxrdf::{Literal, NamedNode, NamedNodeRef, NamedOrBlankNode, Term};

use super::Mapping;
use super::graph::{Node, node};
use super::terms::{Role, Target};
use super::value::is_address;
use crate::draft::short_hash;

/// Distributions that are published of one dataset.
const MOST_DISTRIBUTIONS: usize = 5_000;

impl Mapping<'_> {
    pub(super) fn distribution(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        object: &Term,
    ) {
        let described = match object {
            Term::Literal(literal) if is_address(literal.value()) => {
                return self.bare_distribution(subject, predicate, literal.value().trim());
            }
            Term::Literal(literal) => return self.literal(subject, predicate, literal),
            _ => match node(object) {
                Some(described) => described,
                None => return,
            },
        };
        if !self.graph.describes(&described) {
            if predicate == adms::SAMPLE {
                return self.any(subject, predicate, object);
            }
            let value = self.text_of(object).unwrap_or_default();
            self.find(
                "distribution/not-described",
                Severity::Warning,
                "the record points at a distribution that it does not describe: it was left out",
                "describe the distribution beside its dataset: its dcat:accessURL first of all",
                &value,
                self.place(self.main),
            );
            return;
        }
        if predicate == dcat::DISTRIBUTION && !self.current.own.contains_key(&described) {
            let known = self.current.own.len();
            if known >= MOST_DISTRIBUTIONS && self.too_many(subject) {
                return;
            }
        }
        let prefix = if predicate == adms::SAMPLE {
            "sample"
        } else {
            "distribution"
        };
        let own = self.own_node(
            &described,
            prefix,
            &[dcat::DISTRIBUTION_CLASS],
            Role::Resource,
        );
        if let Some(own) = own {
            self.add(subject, predicate, own);
        }
    }

    fn too_many(&mut self, subject: &NamedNode) -> bool {
        let known = self
            .current
            .entity
            .objects(subject, dcat::DISTRIBUTION)
            .count();
        if known < MOST_DISTRIBUTIONS {
            return false;
        }
        if !self.told_of_distributions {
            self.told_of_distributions = true;
            self.find(
                "record/too-large",
                Severity::Warning,
                &format!(
                    "the dataset has more than {MOST_DISTRIBUTIONS} distributions: the others were left out"
                ),
                "divide the dataset into a series of datasets",
                "",
                self.place(self.main),
            );
        }
        true
    }

    /// An address where a distribution should be.
    fn bare_distribution(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        address: &str,
    ) {
        let own = self
            .current
            .entity
            .node(&format!("distribution-{}", short_hash(address)));
        self.add(&own, rdf::TYPE, dcat::DISTRIBUTION_CLASS.into_owned());
        self.add_iri(&own, dcat::ACCESS_URL, address);
        self.add(subject, predicate, own);
    }

    /// The service by which a distribution is accessed: a node of the dataset where it is described beside it, else
    /// what another record describes.
    pub(super) fn service(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        object: &Term,
    ) {
        match node(object).filter(|described| self.says_more_than_its_class(described)) {
            Some(described) => {
                // Services that say the same of themselves are two behind two distributions.
                let nameless = matches!(described, Node::BlankNode(_))
                    && self
                        .graph
                        .objects(&described, dcat::ENDPOINT_URL.as_str())
                        .next()
                        .is_none();
                let prefix = match subject.as_str().rsplit_once("#distribution-") {
                    Some((_, name)) if nameless => format!("service-{name}"),
                    _ => "service".to_owned(),
                };
                let own = self.own_node(&described, &prefix, &[dcat::DATA_SERVICE], Role::Resource);
                if let Some(own) = own {
                    self.add(subject, predicate, own);
                }
            }
            None => self.link(subject, predicate, object, Target::Service),
        }
    }

    /// A distribution that is had by a service only is had at the address of the service, and a service that does not say
    /// its address or title is at that of its distribution and called like it: DCAT-AP wants both.
    pub(super) fn complete_services(&mut self, dataset: &NamedNode) {
        let entity = &self.current.entity;
        let mut said: HashMap<(&str, &str), Vec<&Term>> = HashMap::new();
        let wanted = [
            dcat::ACCESS_URL,
            dcat::DOWNLOAD_URL,
            dcat::ENDPOINT_URL,
            dcterms::TITLE,
        ];
        let mut behind: Vec<(&NamedNode, &NamedNode)> = Vec::new();
        for triple in &entity.triples {
            let NamedOrBlankNode::NamedNode(subject) = &triple.subject else {
                continue;
            };
            if wanted.contains(&triple.predicate.as_ref()) {
                said.entry((subject.as_str(), triple.predicate.as_str()))
                    .or_default()
                    .push(&triple.object);
            } else if triple.predicate == dcat::ACCESS_SERVICE
                && let Term::NamedNode(service) = &triple.object
                && entity.owns(service.as_str())
            {
                behind.push((subject, service));
            }
        }
        let of = |node: &NamedNode, predicate: NamedNodeRef<'_>| -> Vec<Term> {
            let stated = said.get(&(node.as_str(), predicate.as_str()));
            stated
                .into_iter()
                .flatten()
                .map(|term| (*term).clone())
                .collect()
        };
        let mut found: Vec<(NamedNode, NamedNodeRef<'static>, Term)> = Vec::new();
        for (distribution, service) in behind {
            let mut copy = |from: Vec<Term>, to: &NamedNode, predicate: NamedNodeRef<'static>| {
                found.extend(from.into_iter().map(|term| (to.clone(), predicate, term)));
            };
            let access = of(distribution, dcat::ACCESS_URL);
            let endpoints = of(service, dcat::ENDPOINT_URL);
            if access.is_empty() && of(distribution, dcat::DOWNLOAD_URL).is_empty() {
                copy(
                    endpoints.into_iter().take(1).collect(),
                    distribution,
                    dcat::ACCESS_URL,
                );
            } else if endpoints.is_empty() {
                copy(access, service, dcat::ENDPOINT_URL);
            }
            if of(service, dcterms::TITLE).is_empty() {
                let titles = of(distribution, dcterms::TITLE);
                let titles = if titles.is_empty() {
                    of(dataset, dcterms::TITLE)
                } else {
                    titles
                };
                copy(titles, service, dcterms::TITLE);
            }
        }
        for (subject, predicate, object) in found {
            self.add(&subject, predicate, object);
        }
    }

    fn says_more_than_its_class(&self, described: &Node) -> bool {
        described != self.main
            && self
                .graph
                .of(described)
                .iter()
                .any(|(predicate, _)| *predicate != rdf::TYPE)
    }

    /// A checksum; its value alone, where a node should be.
    pub(super) fn checksum(&mut self, subject: &NamedNode, object: &Term) {
        if let Term::Literal(literal) = object {
            let value = literal.value().trim().to_owned();
            if value.is_empty() {
                return;
            }
            let own = self
                .current
                .entity
                .node(&format!("checksum-{}", short_hash(&value)));
            self.add(subject, spdx::CHECKSUM, own.clone());
            self.add(&own, rdf::TYPE, spdx::CHECKSUM_CLASS.into_owned());
            return self.digest(&own, object);
        }
        if let Some(described) = node(object) {
            if self.graph.describes(&described) {
                self.fragment(
                    subject,
                    spdx::CHECKSUM,
                    &described,
                    &[spdx::CHECKSUM_CLASS],
                    Role::Resource,
                );
            } else {
                self.any(subject, spdx::CHECKSUM, object);
            }
        }
    }

    /// `SHA-1`, `spdx:checksumAlgorithm_sha1`, or the IRI of SPDX.
    pub(super) fn algorithm(&mut self, subject: &NamedNode, object: &Term) {
        let Term::Literal(literal) = object else {
            return self.any(subject, spdx::ALGORITHM, object);
        };
        let name = literal.value().trim();
        let local = name
            .rsplit(['#', '_', ':', '/'])
            .next()
            .unwrap_or(name)
            .to_ascii_lowercase()
            .replace(['-', ' '], "");
        let known = [
            "md2", "md4", "md5", "md6", "sha1", "sha224", "sha256", "sha384", "sha512",
        ];
        if known.contains(&local.as_str()) {
            let iri = format!("{}checksumAlgorithm_{local}", spdx::NAMESPACE);
            self.add_iri(subject, spdx::ALGORITHM, &iri);
        } else {
            self.concept(subject, spdx::ALGORITHM, object);
        }
    }

    /// The digits of a checksum, typed where they are that.
    pub(super) fn digest(&mut self, subject: &NamedNode, object: &Term) {
        let Some(value) = self.text_of(object) else {
            return;
        };
        let hexadecimal =
            value.len() % 2 == 0 && value.bytes().all(|byte| byte.is_ascii_hexdigit());
        let literal = if hexadecimal {
            Literal::new_typed_literal(value.to_ascii_lowercase(), xsd::HEX_BINARY)
        } else {
            Literal::new_simple_literal(value)
        };
        self.add(subject, spdx::CHECKSUM_VALUE, literal);
    }

    /// A further identifier of the entity, by which other records may mean it.
    pub(super) fn identifier(&mut self, subject: &NamedNode, object: &Term) {
        let described = node(object).filter(|node| self.graph.describes(node));
        if let Some(described) = described {
            self.fragment(
                subject,
                adms::IDENTIFIER,
                &described,
                &[adms::IDENTIFIER_CLASS],
                Role::Resource,
            );
            let notations: Vec<String> = self
                .graph
                .objects(&described, skos::NOTATION.as_str())
                .filter_map(|notation| self.text_of(notation))
                .collect();
            if *subject == self.iri {
                notations
                    .iter()
                    .take(20)
                    .for_each(|notation| self.alias(notation));
            }
            return;
        }
        if matches!(object, Term::BlankNode(_)) {
            return;
        }
        let Some(value) = self.text_of(object) else {
            return;
        };
        let own = self
            .current
            .entity
            .node(&format!("identifier-{}", short_hash(&value)));
        self.add(subject, adms::IDENTIFIER, own.clone());
        self.add(&own, rdf::TYPE, adms::IDENTIFIER_CLASS.into_owned());
        let notation = match check_iri(&value) {
            Some(_) => Literal::new_typed_literal(value.as_str(), xsd::ANY_URI),
            None => Literal::new_simple_literal(value.as_str()),
        };
        self.add(&own, skos::NOTATION, notation);
        if *subject == self.iri {
            self.alias(&value);
        }
    }
}
