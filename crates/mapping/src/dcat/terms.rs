//! The terms of DCAT and its profiles, and how each is carried over: a table.

use std::collections::HashMap;
use std::sync::LazyLock;

use model::EntityKind;
use oxrdf::NamedNode;

/// How the objects of a property are carried over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Carry {
    /// As they are; what is described in the record becomes a node of the entity.
    Any,
    /// Text for people: without a tag it is in the language of the source.
    Text,
    /// A name: no language unless it says one.
    Name,
    Keyword,
    /// An identifier or a number, as it is written.
    Plain,
    Date,
    /// An address, or a document with one.
    Address,
    /// A value that a rule resolves: a literal as it is written, an IRI, or a node that has one of these.
    Code,
    /// Like [`Carry::Code`], each of the node's values.
    Codes,
    /// A text about rights, or a node with one.
    Rights,
    Provenance,
    /// A concept; a text becomes one of the entity's own.
    Concept,
    /// A standard: by its IRI, whatever the record says of it.
    Standard,
    Identifier,
    Checksum,
    /// An algorithm of hash functions; the digits that it gives.
    Algorithm,
    Digest,
    Agent,
    Contact,
    /// An e-mail address or a telephone number.
    Reach,
    Place,
    Geometry,
    Period,
    Distribution,
    Service,
    /// What another record may describe: a dataset or series, a series, a dataset, anything.
    Link(Target),
    /// The record in the source's catalogue.
    Record,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Any,
    Dataset,
    Series,
    Service,
}

impl Target {
    pub fn kinds(self) -> &'static [EntityKind] {
        use EntityKind::{DataService, Dataset, DatasetSeries};
        match self {
            Self::Any => &[Dataset, DatasetSeries, DataService],
            Self::Dataset => &[Dataset, DatasetSeries],
            Self::Series => &[DatasetSeries],
            Self::Service => &[DataService],
        }
    }
}

/// What a node is that properties are carried to: some mean different things there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Resource,
    Agent,
    Card,
}

pub(super) const IDENTIFIER: &str = "http://purl.org/dc/terms/identifier";
pub(super) const PARTS: [&str; 3] = [
    "http://www.w3.org/ns/dcat#accessService",
    "http://www.w3.org/ns/adms#sample",
    "http://www.w3.org/ns/dcat#distribution",
];

const NAMESPACES: &[(&str, &str)] = &[
    ("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
    ("rdfs", "http://www.w3.org/2000/01/rdf-schema#"),
    ("owl", "http://www.w3.org/2002/07/owl#"),
    ("xsd", "http://www.w3.org/2001/XMLSchema#"),
    ("dcat", "http://www.w3.org/ns/dcat#"),
    ("dct", "http://purl.org/dc/terms/"),
    ("dcterms", "http://purl.org/dc/terms/"),
    ("dc", "http://purl.org/dc/elements/1.1/"),
    ("dctype", "http://purl.org/dc/dcmitype/"),
    ("adms", "http://www.w3.org/ns/adms#"),
    ("dcatap", "http://data.europa.eu/r5r/"),
    ("geodcat", "http://data.europa.eu/930/"),
    ("geodcatap", "http://data.europa.eu/930/"),
    ("foaf", "http://xmlns.com/foaf/0.1/"),
    ("vcard", "http://www.w3.org/2006/vcard/ns#"),
    ("skos", "http://www.w3.org/2004/02/skos/core#"),
    ("prov", "http://www.w3.org/ns/prov#"),
    ("dqv", "http://www.w3.org/ns/dqv#"),
    ("locn", "http://www.w3.org/ns/locn#"),
    ("gsp", "http://www.opengis.net/ont/geosparql#"),
    ("geosparql", "http://www.opengis.net/ont/geosparql#"),
    ("spdx", "http://spdx.org/rdf/terms#"),
    ("org", "http://www.w3.org/ns/org#"),
    ("schema", "http://schema.org/"),
    ("time", "http://www.w3.org/2006/time#"),
    ("cnt", "http://www.w3.org/2011/content#"),
    ("odrl", "http://www.w3.org/ns/odrl/2/"),
    ("odrs", "http://schema.theodi.org/odrs#"),
    ("void", "http://rdfs.org/ns/void#"),
    ("hydra", "http://www.w3.org/ns/hydra/core#"),
    ("eli", "http://data.europa.eu/eli/ontology#"),
    ("rov", "http://www.w3.org/ns/regorg#"),
    ("stat", "http://data.europa.eu/m8g/"),
];

/// Other writings of these namespaces. `dc:` elements are the terms of the same name.
const VARIANTS: &[(&str, &str)] = &[
    (
        "http://purl.org/dc/elements/1.1/",
        "http://purl.org/dc/terms/",
    ),
    ("https://purl.org/dc/terms/", "http://purl.org/dc/terms/"),
    (
        "http://dublincore.org/documents/dcmi-terms/",
        "http://purl.org/dc/terms/",
    ),
    ("https://www.w3.org/ns/dcat#", "http://www.w3.org/ns/dcat#"),
    ("http://www.w3.org/ns/dcat/", "http://www.w3.org/ns/dcat#"),
    ("http://vocab.deri.ie/dcat#", "http://www.w3.org/ns/dcat#"),
    ("https://www.w3.org/ns/adms#", "http://www.w3.org/ns/adms#"),
    ("https://schema.org/", "http://schema.org/"),
    ("http://data.europa.eu/903/", "http://data.europa.eu/930/"),
    (
        "https://www.w3.org/2006/vcard/ns#",
        "http://www.w3.org/2006/vcard/ns#",
    ),
    ("https://xmlns.com/foaf/0.1/", "http://xmlns.com/foaf/0.1/"),
    ("http://www.w3.org/ns/dqv/", "http://www.w3.org/ns/dqv#"),
    ("http://www.w3.org/ns/dqvNS#", "http://www.w3.org/ns/dqv#"),
    (
        "http://www.opengis.net/rdf#",
        "http://www.opengis.net/ont/geosparql#",
    ),
];

/// Classes of entities, the narrowest first; the last ones are read where nothing else is said.
const KINDS: &[(&str, EntityKind)] = &[
    ("dcat:DatasetSeries", EntityKind::DatasetSeries),
    ("dcat:Dataset", EntityKind::Dataset),
    ("dcat:DataService", EntityKind::DataService),
    ("foaf:Agent", EntityKind::Organisation),
    ("foaf:Organization", EntityKind::Organisation),
    ("foaf:Person", EntityKind::Organisation),
    ("foaf:Group", EntityKind::Organisation),
    ("org:Organization", EntityKind::Organisation),
    ("org:FormalOrganization", EntityKind::Organisation),
    ("org:OrganizationalUnit", EntityKind::Organisation),
    ("prov:Agent", EntityKind::Organisation),
    ("prov:Organization", EntityKind::Organisation),
    ("prov:Person", EntityKind::Organisation),
    ("schema:Organization", EntityKind::Organisation),
    ("schema:GovernmentOrganization", EntityKind::Organisation),
    ("schema:Person", EntityKind::Organisation),
    ("dct:Agent", EntityKind::Organisation),
    ("rov:RegisteredOrganization", EntityKind::Organisation),
    ("vcard:Organization", EntityKind::Organisation),
    ("vcard:Individual", EntityKind::Organisation),
    ("vcard:Kind", EntityKind::Organisation),
    ("vcard:VCard", EntityKind::Organisation),
    ("dctype:Dataset", EntityKind::Dataset),
    ("void:Dataset", EntityKind::Dataset),
    ("schema:Dataset", EntityKind::Dataset),
    ("dcat:Resource", EntityKind::Dataset),
    ("dctype:Service", EntityKind::DataService),
];

/// Properties, and what they are carried over as; the second name where the profile has another one.
const PROPERTIES: &[(&str, &str, Carry)] = &[
    // Texts.
    ("dct:title", "", Carry::Text),
    ("dct:description", "", Carry::Text),
    ("dct:alternative", "", Carry::Text),
    ("dct:abstract", "", Carry::Text),
    ("dct:tableOfContents", "", Carry::Text),
    ("skos:altLabel", "", Carry::Text),
    ("skos:prefLabel", "", Carry::Text),
    ("skos:definition", "", Carry::Text),
    ("rdfs:label", "", Carry::Text),
    ("rdfs:comment", "", Carry::Text),
    ("adms:versionNotes", "", Carry::Text),
    ("geodcat:purpose", "", Carry::Text),
    ("geodcat:spatialResolutionAsText", "", Carry::Text),
    ("locn:geographicName", "", Carry::Text),
    ("dcat:keyword", "", Carry::Keyword),
    ("schema:keywords", "dcat:keyword", Carry::Keyword),
    // Identifiers, numbers, versions.
    ("dct:identifier", "", Carry::Plain),
    ("adms:identifier", "", Carry::Identifier),
    ("skos:notation", "", Carry::Plain),
    ("dcat:version", "", Carry::Plain),
    ("owl:versionInfo", "dcat:version", Carry::Plain),
    ("adms:version", "dcat:version", Carry::Plain),
    ("dcat:byteSize", "", Carry::Plain),
    ("dcat:size", "dcat:byteSize", Carry::Plain),
    ("dcat:bytes", "dcat:byteSize", Carry::Plain),
    ("dcat:spatialResolutionInMeters", "", Carry::Plain),
    ("dcat:temporalResolution", "", Carry::Plain),
    // Dates.
    ("dct:issued", "", Carry::Date),
    ("dct:modified", "", Carry::Date),
    ("dct:created", "", Carry::Date),
    ("dct:date", "", Carry::Date),
    ("dct:valid", "", Carry::Date),
    ("dcat:startDate", "", Carry::Date),
    ("dcat:endDate", "", Carry::Date),
    ("schema:startDate", "dcat:startDate", Carry::Date),
    ("schema:endDate", "dcat:endDate", Carry::Date),
    // Codes.
    ("dct:license", "", Carry::Code),
    ("schema:license", "dct:license", Carry::Code),
    ("dct:accessRights", "", Carry::Rights),
    ("dct:rights", "", Carry::Rights),
    ("dct:accrualPeriodicity", "", Carry::Code),
    ("dct:language", "", Carry::Code),
    ("dct:format", "", Carry::Codes),
    ("dcat:mediaType", "", Carry::Codes),
    ("dcat:compressFormat", "", Carry::Code),
    ("dcat:packageFormat", "", Carry::Code),
    ("dct:conformsTo", "", Carry::Code),
    ("geodcat:referenceSystem", "", Carry::Standard),
    ("geodcat:serviceProtocol", "", Carry::Standard),
    ("dcat:theme", "", Carry::Codes),
    ("geodcat:topicCategory", "", Carry::Codes),
    ("adms:status", "", Carry::Code),
    ("dcatap:availability", "", Carry::Code),
    ("dcatap:hvdCategory", "", Carry::Code),
    ("dct:type", "", Carry::Concept),
    ("geodcat:resourceType", "", Carry::Concept),
    ("geodcat:serviceType", "", Carry::Concept),
    ("geodcat:serviceCategory", "", Carry::Concept),
    ("dct:provenance", "", Carry::Provenance),
    // Addresses and documents.
    ("dcat:landingPage", "", Carry::Address),
    ("foaf:page", "", Carry::Address),
    ("foaf:homepage", "", Carry::Address),
    ("dcat:accessURL", "", Carry::Address),
    ("dcat:downloadURL", "", Carry::Address),
    ("dcat:endpointURL", "", Carry::Address),
    ("dcat:endpointDescription", "", Carry::Address),
    ("dcatap:applicableLegislation", "", Carry::Address),
    ("schema:url", "dcat:landingPage", Carry::Address),
    // Agents.
    ("dct:publisher", "", Carry::Agent),
    ("dct:creator", "", Carry::Agent),
    ("dct:contributor", "", Carry::Agent),
    ("dct:rightsHolder", "", Carry::Agent),
    ("geodcat:custodian", "", Carry::Agent),
    ("geodcat:distributor", "", Carry::Agent),
    ("geodcat:originator", "", Carry::Agent),
    ("geodcat:principalInvestigator", "", Carry::Agent),
    ("geodcat:processor", "", Carry::Agent),
    ("geodcat:resourceProvider", "", Carry::Agent),
    ("geodcat:user", "", Carry::Agent),
    ("geodcat:author", "", Carry::Agent),
    ("prov:agent", "", Carry::Agent),
    ("prov:wasAttributedTo", "", Carry::Agent),
    ("org:memberOf", "", Carry::Agent),
    ("org:subOrganizationOf", "", Carry::Agent),
    ("foaf:maker", "dct:creator", Carry::Agent),
    ("schema:publisher", "dct:publisher", Carry::Agent),
    ("schema:creator", "dct:creator", Carry::Agent),
    ("dcat:contactPoint", "", Carry::Contact),
    ("adms:contactPoint", "dcat:contactPoint", Carry::Contact),
    // Places and times.
    ("dct:spatial", "", Carry::Place),
    ("dct:coverage", "dct:spatial", Carry::Place),
    ("locn:geometry", "", Carry::Geometry),
    ("dcat:bbox", "", Carry::Geometry),
    ("dcat:centroid", "", Carry::Geometry),
    ("gsp:asWKT", "locn:geometry", Carry::Geometry),
    ("gsp:asGeoJSON", "locn:geometry", Carry::Geometry),
    ("gsp:asGML", "locn:geometry", Carry::Geometry),
    ("gsp:hasGeometry", "locn:geometry", Carry::Geometry),
    ("dct:temporal", "", Carry::Period),
    // Parts.
    ("dcat:distribution", "", Carry::Distribution),
    ("adms:sample", "", Carry::Distribution),
    ("dcat:accessService", "", Carry::Service),
    ("spdx:checksum", "", Carry::Checksum),
    ("spdx:algorithm", "", Carry::Algorithm),
    ("spdx:checksumValue", "", Carry::Digest),
    ("foaf:isPrimaryTopicOf", "", Carry::Record),
    // Other records.
    ("dct:relation", "", Carry::Link(Target::Any)),
    ("dct:source", "", Carry::Link(Target::Any)),
    ("dct:references", "", Carry::Link(Target::Any)),
    ("dct:isReferencedBy", "", Carry::Link(Target::Any)),
    ("dct:requires", "", Carry::Link(Target::Any)),
    ("dct:isRequiredBy", "", Carry::Link(Target::Any)),
    ("dct:hasPart", "", Carry::Link(Target::Any)),
    ("dct:isPartOf", "", Carry::Link(Target::Any)),
    ("dct:replaces", "", Carry::Link(Target::Any)),
    ("dct:isReplacedBy", "", Carry::Link(Target::Any)),
    ("dcat:replaces", "dct:replaces", Carry::Link(Target::Any)),
    (
        "dct:hasVersion",
        "dcat:hasVersion",
        Carry::Link(Target::Any),
    ),
    ("dcat:hasVersion", "", Carry::Link(Target::Any)),
    (
        "dct:isVersionOf",
        "dcat:isVersionOf",
        Carry::Link(Target::Any),
    ),
    ("dcat:isVersionOf", "", Carry::Link(Target::Any)),
    ("dcat:previousVersion", "", Carry::Link(Target::Any)),
    ("dcat:hasCurrentVersion", "", Carry::Link(Target::Any)),
    ("prov:wasDerivedFrom", "", Carry::Link(Target::Any)),
    ("dcat:inSeries", "", Carry::Link(Target::Series)),
    ("dcat:seriesMember", "", Carry::Link(Target::Dataset)),
    ("dcat:prev", "", Carry::Link(Target::Dataset)),
    ("dcat:next", "", Carry::Link(Target::Dataset)),
    ("dcat:first", "", Carry::Link(Target::Dataset)),
    ("dcat:last", "", Carry::Link(Target::Dataset)),
    ("dcat:servesDataset", "", Carry::Link(Target::Dataset)),
];

/// What an agent says of itself, in the words of each vocabulary.
const OF_AGENTS: &[(&str, &str, Carry)] = &[
    ("foaf:name", "", Carry::Name),
    ("vcard:fn", "foaf:name", Carry::Name),
    ("vcard:organization-name", "foaf:name", Carry::Name),
    ("vcard:hasOrganizationName", "foaf:name", Carry::Name),
    ("schema:name", "foaf:name", Carry::Name),
    ("schema:legalName", "foaf:name", Carry::Name),
    ("rov:legalName", "foaf:name", Carry::Name),
    ("skos:prefLabel", "foaf:name", Carry::Name),
    ("rdfs:label", "foaf:name", Carry::Name),
    ("dct:title", "foaf:name", Carry::Name),
    ("skos:altLabel", "", Carry::Name),
    ("foaf:mbox", "", Carry::Reach),
    ("vcard:hasEmail", "foaf:mbox", Carry::Reach),
    ("vcard:email", "foaf:mbox", Carry::Reach),
    ("schema:email", "foaf:mbox", Carry::Reach),
    ("foaf:phone", "", Carry::Reach),
    ("vcard:hasTelephone", "foaf:phone", Carry::Reach),
    ("vcard:tel", "foaf:phone", Carry::Reach),
    ("schema:telephone", "foaf:phone", Carry::Reach),
    ("foaf:homepage", "", Carry::Address),
    ("foaf:workplaceHomepage", "", Carry::Address),
    ("vcard:hasURL", "foaf:homepage", Carry::Address),
    ("vcard:url", "foaf:homepage", Carry::Address),
    ("schema:url", "foaf:homepage", Carry::Address),
    ("foaf:logo", "", Carry::Address),
    ("foaf:member", "", Carry::Agent),
    ("dct:spatial", "", Carry::Place),
];

/// What a contact says.
const OF_CARDS: &[(&str, &str, Carry)] = &[
    ("vcard:fn", "", Carry::Name),
    ("vcard:hasFN", "vcard:fn", Carry::Name),
    ("foaf:name", "vcard:fn", Carry::Name),
    ("schema:name", "vcard:fn", Carry::Name),
    ("rdfs:label", "vcard:fn", Carry::Name),
    ("skos:prefLabel", "vcard:fn", Carry::Name),
    ("dct:title", "vcard:fn", Carry::Name),
    ("vcard:organization-name", "", Carry::Name),
    (
        "vcard:hasOrganizationName",
        "vcard:organization-name",
        Carry::Name,
    ),
    (
        "vcard:organizationName",
        "vcard:organization-name",
        Carry::Name,
    ),
    ("vcard:title", "", Carry::Name),
    ("vcard:role", "", Carry::Name),
    ("vcard:hasEmail", "", Carry::Reach),
    ("vcard:email", "vcard:hasEmail", Carry::Reach),
    ("foaf:mbox", "vcard:hasEmail", Carry::Reach),
    ("schema:email", "vcard:hasEmail", Carry::Reach),
    ("vcard:hasTelephone", "", Carry::Reach),
    ("vcard:telephone", "vcard:hasTelephone", Carry::Reach),
    ("vcard:tel", "vcard:hasTelephone", Carry::Reach),
    ("foaf:phone", "vcard:hasTelephone", Carry::Reach),
    ("schema:telephone", "vcard:hasTelephone", Carry::Reach),
    ("vcard:hasURL", "", Carry::Address),
    ("vcard:url", "vcard:hasURL", Carry::Address),
    ("foaf:homepage", "vcard:hasURL", Carry::Address),
    ("foaf:page", "vcard:hasURL", Carry::Address),
    ("foaf:workplaceHomepage", "vcard:hasURL", Carry::Address),
    ("schema:url", "vcard:hasURL", Carry::Address),
    ("vcard:adr", "vcard:hasAddress", Carry::Any),
    ("vcard:hasUID", "", Carry::Plain),
];

/// Names that are in no vocabulary, and what they mean.
const MISSPELT: &[(&str, &str)] = &[
    ("dcat:accessUrl", "dcat:accessURL"),
    ("dcat:accessurl", "dcat:accessURL"),
    ("dcat:AccessURL", "dcat:accessURL"),
    ("dcat:downloadUrl", "dcat:downloadURL"),
    ("dcat:downloadurl", "dcat:downloadURL"),
    ("dcat:DownloadURL", "dcat:downloadURL"),
    ("dcat:endpointUrl", "dcat:endpointURL"),
    ("dcat:endPointURL", "dcat:endpointURL"),
    ("dcat:landingpage", "dcat:landingPage"),
    ("dct:landingPage", "dcat:landingPage"),
    ("dct:contactPoint", "dcat:contactPoint"),
    ("dcat:mediatype", "dcat:mediaType"),
    ("dct:mediaType", "dcat:mediaType"),
    ("dcat:format", "dct:format"),
    ("dcat:bytesize", "dcat:byteSize"),
    ("dct:byteSize", "dcat:byteSize"),
    ("dcat:license", "dct:license"),
    ("dct:licence", "dct:license"),
    ("dcat:licence", "dct:license"),
    ("dcat:title", "dct:title"),
    ("dcat:description", "dct:description"),
    ("dcat:publisher", "dct:publisher"),
    ("dcat:creator", "dct:creator"),
    ("dcat:identifier", "dct:identifier"),
    ("dcat:issued", "dct:issued"),
    ("dcat:modified", "dct:modified"),
    ("dcat:language", "dct:language"),
    ("dcat:spatial", "dct:spatial"),
    ("dcat:temporal", "dct:temporal"),
    ("dct:updated", "dct:modified"),
    ("dct:keyword", "dcat:keyword"),
    ("dcat:keywords", "dcat:keyword"),
    ("dct:theme", "dcat:theme"),
    ("dct:distribution", "dcat:distribution"),
    ("dct:accrualperiodicity", "dct:accrualPeriodicity"),
    ("dcat:accrualPeriodicity", "dct:accrualPeriodicity"),
    ("dct:AccrualPeriodicity", "dct:accrualPeriodicity"),
];

/// A property, as the profile has it.
pub(super) struct Rule {
    pub predicate: NamedNode,
    pub carry: Carry,
    /// Whether the name that was written is in no vocabulary.
    pub misspelt: bool,
}

type Rules = HashMap<String, Rule>;

static RULES: LazyLock<[Rules; 3]> =
    LazyLock::new(|| [rules(&[]), rules(OF_AGENTS), rules(OF_CARDS)]);

fn rules(own: &[(&str, &str, Carry)]) -> Rules {
    let mut rules = Rules::new();
    for (name, wanted, carry) in PROPERTIES.iter().chain(own) {
        let wanted = if wanted.is_empty() { name } else { wanted };
        let rule = Rule {
            predicate: NamedNode::new_unchecked(expand(wanted)),
            carry: *carry,
            misspelt: false,
        };
        rules.insert(expand(name), rule);
    }
    for (name, wanted) in MISSPELT {
        let wanted = expand(wanted);
        let carry = rules.get(&wanted).map_or(Carry::Any, |rule| rule.carry);
        let rule = Rule {
            predicate: NamedNode::new_unchecked(wanted),
            carry,
            misspelt: true,
        };
        rules.insert(expand(name), rule);
    }
    rules
}

/// How a property is carried over; `None` where it is not in the table.
pub(super) fn rule(role: Role, predicate: &str) -> Option<&'static Rule> {
    let [resource, agent, card] = &*RULES;
    let rules = match role {
        Role::Resource => resource,
        Role::Agent => agent,
        Role::Card => card,
    };
    rules.get(predicate)
}

static CLASSES: LazyLock<Vec<(String, EntityKind)>> = LazyLock::new(|| {
    KINDS
        .iter()
        .map(|(name, kind)| (expand(name), *kind))
        .collect()
});

/// What a node of these classes is, if it is an entity.
pub(super) fn kind_of<'c>(classes: impl IntoIterator<Item = &'c str>) -> Option<EntityKind> {
    classes
        .into_iter()
        .filter_map(|class| CLASSES.iter().position(|(known, _)| known == class))
        .min()
        .and_then(|at| CLASSES.get(at))
        .map(|(_, kind)| *kind)
}

pub(super) fn namespace(prefix: &str) -> Option<&'static str> {
    NAMESPACES
        .iter()
        .find(|(known, _)| *known == prefix)
        .map(|(_, iri)| *iri)
}

/// `dct:title`, for people; the IRI itself in another namespace.
pub(super) fn short(iri: &str) -> String {
    NAMESPACES
        .iter()
        .find_map(|(prefix, namespace)| Some(format!("{prefix}:{}", iri.strip_prefix(namespace)?)))
        .unwrap_or_else(|| format!("<{iri}>"))
}

/// The IRI of a term in a namespace that is written in another way.
pub(super) fn canonical(iri: &str) -> Option<String> {
    VARIANTS.iter().find_map(|(variant, namespace)| {
        let local = iri.strip_prefix(variant)?;
        Some(format!("{namespace}{local}"))
    })
}

pub(super) fn expand(name: &str) -> String {
    match name.split_once(':') {
        Some((prefix, local)) => format!("{}{local}", namespace(prefix).unwrap_or_default()),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_the_tables_is_an_iri() {
        for rules in RULES.iter() {
            for (name, rule) in rules {
                assert!(NamedNode::new(name.as_str()).is_ok(), "{name}");
                assert!(NamedNode::new(rule.predicate.as_str()).is_ok(), "{name}");
            }
        }
        assert!(CLASSES.iter().all(|(class, _)| class.starts_with("http")));
    }

    #[test]
    fn a_misspelt_name_is_carried_as_the_right_one() {
        for (name, wanted) in MISSPELT {
            let right = rule(Role::Resource, &expand(wanted)).expect(wanted);
            let wrong = rule(Role::Resource, &expand(name)).expect(name);
            assert_eq!(wrong.carry, right.carry, "{name}");
            assert!(wrong.misspelt && !right.misspelt, "{name}");
        }
    }
}
