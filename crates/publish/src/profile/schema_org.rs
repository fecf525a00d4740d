//! schema.org, for search engines of the web and of datasets, after SEMIC's mapping of DCAT-AP:
//! <https://semiceu.github.io/DCAT-AP/releases/3.0.0/> to <https://schema.org/Dataset>.

mod place;

use std::collections::BTreeSet;

use model::ns::{dcat, dcterms, foaf, hydra, org, rdfs, schema, skos, vcard};
use oxrdf::vocab::rdf;
use oxrdf::{Literal, NamedNodeRef};
use represent::{Graph, Node, Object};

use super::parts;

type Terms = &'static [(NamedNodeRef<'static>, &'static str)];

const RESOURCE_OF: NamedNodeRef<'static> =
    NamedNodeRef::new_unchecked("http://www.w3.org/ns/dcat#resource");

/// What is said of whatever has a description of its own.
const RESOURCE: Terms = &[
    (dcterms::TITLE, "name"),
    (dcterms::ALTERNATIVE, "alternateName"),
    (dcterms::DESCRIPTION, "description"),
    (dcterms::IDENTIFIER, "identifier"),
];

const WORK: Terms = &[
    (dcterms::ISSUED, "datePublished"),
    (dcterms::MODIFIED, "dateModified"),
    (dcterms::CREATED, "dateCreated"),
    (dcterms::LANGUAGE, "inLanguage"),
    (dcterms::PUBLISHER, "publisher"),
    (dcterms::CREATOR, "creator"),
    (dcterms::LICENSE, "license"),
    (dcterms::SPATIAL, "spatialCoverage"),
];

const DATASET: Terms = &[
    (dcat::KEYWORD, "keywords"),
    (dcat::THEME, "about"),
    (dcat::CONTACT_POINT, "contactPoint"),
    (dcat::DISTRIBUTION, "distribution"),
    (dcat::LANDING_PAGE, "url"),
    (dcat::VERSION, "version"),
    (dcat::IN_SERIES, "isPartOf"),
    (dcterms::IS_PART_OF, "isPartOf"),
    (dcterms::HAS_PART, "hasPart"),
    (dcterms::SOURCE, "isBasedOn"),
];

const CATALOG: Terms = &[
    (dcat::CATALOG, "hasPart"),
    (dcterms::IS_PART_OF, "isPartOf"),
];

const DISTRIBUTION: Terms = &[
    (dcat::ACCESS_URL, "url"),
    (dcat::DOWNLOAD_URL, "contentUrl"),
];

const SERVICE: Terms = &[
    (dcat::ENDPOINT_URL, "url"),
    (dcat::ENDPOINT_DESCRIPTION, "documentation"),
    (dcat::THEME, "category"),
    (dcterms::PUBLISHER, "provider"),
    (dcterms::LICENSE, "termsOfService"),
    (dcterms::SPATIAL, "areaServed"),
];

const AGENT: Terms = &[
    (foaf::NAME, "name"),
    (foaf::HOMEPAGE, "url"),
    (foaf::LOGO, "logo"),
    (dcterms::IDENTIFIER, "identifier"),
    (org::SUB_ORGANIZATION_OF, "parentOrganization"),
];

const CONTACT: Terms = &[(vcard::FN, "name"), (vcard::HAS_URL, "url")];

/// Of agents and contacts: addresses that are text without their scheme.
const ADDRESSES: Terms = &[
    (foaf::MBOX, "email"),
    (foaf::PHONE, "telephone"),
    (vcard::HAS_EMAIL, "email"),
    (vcard::HAS_TELEPHONE, "telephone"),
];

/// What it says of N-Triples lines. The links between the pages of a feed stay.
pub(super) fn of(text: &str) -> Vec<String> {
    let graph = Graph::read(text);
    let mut told = Told(paging(text));
    for catalog in graph.instances(dcat::CATALOG_CLASS) {
        told.is_a(catalog, "DataCatalog");
        told.all(catalog, &[RESOURCE, WORK, CATALOG]);
        // DCAT 3 lists series as resources; here they are datasets.
        let series = catalog.nodes(RESOURCE_OF);
        let series = series.filter(|resource| resource.is(dcat::DATASET_SERIES));
        for dataset in catalog.nodes(dcat::DATASET).chain(series) {
            told.links(catalog.iri, "dataset", dataset.iri);
            told.links(dataset.iri, "includedInDataCatalog", catalog.iri);
        }
    }
    let series = graph.instances(dcat::DATASET_SERIES);
    for dataset in graph.instances(dcat::DATASET_CLASS).chain(series) {
        told.dataset(dataset);
    }
    for distribution in graph.instances(dcat::DISTRIBUTION_CLASS) {
        told.distribution(distribution);
    }
    // A service that is only a part of a dataset is known by the addresses of its distributions.
    let services = graph.instances(dcat::DATA_SERVICE);
    for service in services.filter(|service| !service.iri.contains('#')) {
        told.is_a(service, "WebAPI");
        told.all(service, &[RESOURCE, SERVICE]);
        told.named(service, &[dcat::THEME, dcterms::SPATIAL]);
    }
    told.parties(&graph);
    told.0
}

/// The statements of Hydra.
fn paging(text: &str) -> Vec<String> {
    let is_hydra = |line: &&str| {
        let Some((_, predicate, object)) = parts(line) else {
            return false;
        };
        let is_type = predicate == rdf::TYPE.as_str();
        predicate.starts_with(hydra::NAMESPACE) || is_type && object.contains(hydra::NAMESPACE)
    };
    text.lines().filter(is_hydra).map(str::to_owned).collect()
}

/// Lines that are written.
struct Told(Vec<String>);

impl Told {
    fn says(&mut self, subject: &str, property: &str, object: &str) {
        let line = format!("<{subject}> <{}{property}> {object} .", schema::NAMESPACE);
        self.0.push(line);
    }

    fn links(&mut self, subject: &str, property: &str, object: &str) {
        self.says(subject, property, &format!("<{object}>"));
    }

    fn text(&mut self, subject: &str, property: &str, text: &str) {
        self.says(
            subject,
            property,
            &Literal::new_simple_literal(text).to_string(),
        );
    }

    fn is_a(&mut self, node: Node<'_>, class: &str) {
        self.class(node.iri, class);
    }

    fn class(&mut self, iri: &str, class: &str) {
        let line = format!("<{iri}> {} <{}{class}> .", rdf::TYPE, schema::NAMESPACE);
        self.0.push(line);
    }

    fn all(&mut self, node: Node<'_>, tables: &[Terms]) {
        for (from, to) in tables.iter().copied().flatten() {
            for object in node.objects(*from) {
                self.says(node.iri, to, &written(object));
            }
        }
    }

    fn dataset(&mut self, dataset: Node<'_>) {
        self.is_a(dataset, "Dataset");
        self.all(dataset, &[RESOURCE, WORK, DATASET]);
        self.named(dataset, &[dcat::THEME, dcterms::SPATIAL]);
        if dataset.first(dcat::LANDING_PAGE).is_none() {
            self.links(dataset.iri, "url", dataset.iri);
        }
        for period in dataset.nodes(dcterms::TEMPORAL) {
            let bound = |of: NamedNodeRef<'_>, too| period.value(of).or(period.value(too));
            let start = bound(dcat::START_DATE, schema::START_DATE);
            let end = bound(dcat::END_DATE, schema::END_DATE);
            if start.is_some() || end.is_some() {
                let interval = format!("{}/{}", start.unwrap_or(".."), end.unwrap_or(".."));
                self.text(dataset.iri, "temporalCoverage", &interval);
            }
        }
        if dataset.first(dcterms::LICENSE).is_none() {
            // Search engines look for it here, DCAT-AP has it at the distributions: what all say is of the whole.
            let licences: BTreeSet<Option<&str>> = dataset
                .nodes(dcat::DISTRIBUTION)
                .map(|file| file.first(dcterms::LICENSE).map(|licence| licence.iri))
                .collect();
            if let (1, Some(Some(licence))) = (licences.len(), licences.first()) {
                self.links(dataset.iri, "license", licence);
            }
        }
    }

    fn distribution(&mut self, distribution: Node<'_>) {
        self.is_a(distribution, "DataDownload");
        self.all(distribution, &[RESOURCE, WORK, DISTRIBUTION]);
        if let Some(size) = distribution.value(dcat::BYTE_SIZE) {
            self.text(distribution.iri, "contentSize", &format!("{size} B"));
        }
        let media = distribution.value(dcat::MEDIA_TYPE);
        let media = media.and_then(|iri| iri.split_once("/media-types/"));
        let format = distribution.first(dcterms::FORMAT);
        let format = format.map(|format| format.iri.rsplit(['/', '#']).next().unwrap_or(""));
        let encoding = media.map(|(_, media)| media).or(format);
        if let Some(encoding) = encoding.filter(|encoding| !encoding.is_empty()) {
            self.text(distribution.iri, "encodingFormat", encoding);
        }
    }

    /// What concepts and places are called that a resource names.
    fn named(&mut self, resource: Node<'_>, properties: &[NamedNodeRef<'_>]) {
        for property in properties {
            for node in resource.nodes(*property) {
                if *property == dcterms::SPATIAL {
                    place::tell(self, node);
                } else if node.is_described() {
                    self.class(node.iri, "DefinedTerm");
                    self.all(
                        node,
                        &[&[
                            (skos::PREF_LABEL, "name"),
                            (rdfs::LABEL, "name"),
                            (skos::NOTATION, "termCode"),
                            (skos::IN_SCHEME, "inDefinedTermSet"),
                        ]],
                    );
                }
            }
        }
    }

    fn parties(&mut self, graph: &Graph<'_>) {
        let organisations = graph
            .instances(foaf::AGENT)
            .chain(graph.instances(foaf::ORGANIZATION))
            .chain(graph.instances(org::ORGANIZATION));
        for agent in organisations {
            if !agent.is(foaf::PERSON) {
                self.party(agent, "Organization", AGENT);
            }
        }
        for person in graph.instances(foaf::PERSON) {
            self.party(person, "Person", AGENT);
        }
        for class in [vcard::KIND, vcard::ORGANIZATION, vcard::INDIVIDUAL] {
            for contact in graph.instances(class) {
                self.party(contact, "ContactPoint", CONTACT);
            }
        }
    }

    fn party(&mut self, party: Node<'_>, class: &str, terms: Terms) {
        self.is_a(party, class);
        self.all(party, &[terms]);
        for (from, to) in ADDRESSES {
            for object in party.objects(*from) {
                let address = object.as_str();
                let scheme = ["mailto:", "tel:"]
                    .into_iter()
                    .find_map(|scheme| address.strip_prefix(scheme));
                self.text(party.iri, to, scheme.unwrap_or(address));
            }
        }
    }
}

/// As N-Triples.
fn written(object: &Object<'_>) -> String {
    match object {
        Object::Iri(iri) => format!("<{iri}>"),
        Object::Literal {
            value,
            language,
            datatype,
        } => {
            let literal = match language {
                Some(language) => {
                    Literal::new_language_tagged_literal_unchecked(value.as_ref(), *language)
                }
                None => Literal::new_typed_literal(
                    value.as_ref(),
                    NamedNodeRef::new_unchecked(datatype),
                ),
            };
            literal.to_string()
        }
    }
}

#[cfg(test)]
mod tests;
