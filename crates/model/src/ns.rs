//! The RDF terms that Moisson writes and reads, by vocabulary.

macro_rules! namespace {
    ($(#[$doc:meta])* $module:ident = $base:literal { $($name:ident = $local:literal),* $(,)? }) => {
        $(#[$doc])*
        pub mod $module {
            use oxrdf::NamedNodeRef;
            pub const NAMESPACE: &str = $base;
            $(pub const $name: NamedNodeRef<'static> = NamedNodeRef::new_unchecked(concat!($base, $local));)*
        }
    };
}

namespace! {
    /// Data Catalog Vocabulary, version 3: <https://www.w3.org/TR/vocab-dcat-3/>
    dcat = "http://www.w3.org/ns/dcat#" {
        CATALOG_CLASS = "Catalog", CATALOG_RECORD = "CatalogRecord", DATASET_CLASS = "Dataset", DATASET_SERIES = "DatasetSeries",
        DISTRIBUTION_CLASS = "Distribution", DATA_SERVICE = "DataService", RELATIONSHIP = "Relationship", ROLE_CLASS = "Role", RESOURCE_CLASS = "Resource",
        ACCESS_SERVICE = "accessService", ACCESS_URL = "accessURL", BBOX = "bbox", BYTE_SIZE = "byteSize", CATALOG = "catalog",
        CENTROID = "centroid", COMPRESS_FORMAT = "compressFormat", CONTACT_POINT = "contactPoint", DATASET = "dataset",
        DISTRIBUTION = "distribution", DOWNLOAD_URL = "downloadURL", END_DATE = "endDate", ENDPOINT_DESCRIPTION = "endpointDescription",
        ENDPOINT_URL = "endpointURL", HAD_ROLE = "hadRole", HAS_VERSION = "hasVersion", IN_SERIES = "inSeries", IS_VERSION_OF = "isVersionOf",
        KEYWORD = "keyword", LANDING_PAGE = "landingPage", MEDIA_TYPE = "mediaType", PACKAGE_FORMAT = "packageFormat", QUALIFIED_RELATION = "qualifiedRelation",
        RECORD = "record", SERVES_DATASET = "servesDataset", SERVICE = "service", SPATIAL_RESOLUTION_IN_METERS = "spatialResolutionInMeters",
        START_DATE = "startDate", TEMPORAL_RESOLUTION = "temporalResolution", THEME = "theme", THEME_TAXONOMY = "themeTaxonomy", VERSION = "version",
    }
}

namespace! {
    /// DCMI Metadata Terms: <https://www.dublincore.org/specifications/dublin-core/dcmi-terms/>
    dcterms = "http://purl.org/dc/terms/" {
        FREQUENCY = "Frequency", LICENSE_DOCUMENT = "LicenseDocument", LINGUISTIC_SYSTEM = "LinguisticSystem", LOCATION = "Location",
        MEDIA_TYPE = "MediaType", MEDIA_TYPE_OR_EXTENT = "MediaTypeOrExtent", PERIOD_OF_TIME = "PeriodOfTime",
        PROVENANCE_STATEMENT = "ProvenanceStatement", RIGHTS_STATEMENT = "RightsStatement", STANDARD = "Standard",
        ABSTRACT = "abstract", ACCESS_RIGHTS = "accessRights", ACCRUAL_PERIODICITY = "accrualPeriodicity", ALTERNATIVE = "alternative",
        CONFORMS_TO = "conformsTo", CREATED = "created", CREATOR = "creator", DATE = "date", DESCRIPTION = "description", EXTENT = "extent", FORMAT = "format",
        HAS_PART = "hasPart", HAS_VERSION = "hasVersion", IDENTIFIER = "identifier", IS_PART_OF = "isPartOf", IS_REFERENCED_BY = "isReferencedBy",
        IS_REPLACED_BY = "isReplacedBy", IS_VERSION_OF = "isVersionOf", ISSUED = "issued", LANGUAGE = "language", LICENSE = "license", MODIFIED = "modified",
        PROVENANCE = "provenance", PUBLISHER = "publisher", REFERENCES = "references", RELATION = "relation", REPLACES = "replaces",
        REQUIRES = "requires", RIGHTS = "rights", RIGHTS_HOLDER = "rightsHolder", SOURCE = "source", SPATIAL = "spatial", SUBJECT = "subject",
        TABLE_OF_CONTENTS = "tableOfContents", TEMPORAL = "temporal", TITLE = "title", TYPE = "type", VALID = "valid",
    }
}

namespace! {
    /// Asset Description Metadata Schema: <https://www.w3.org/TR/vocab-adms/>
    adms = "http://www.w3.org/ns/adms#" {
        IDENTIFIER_CLASS = "Identifier", IDENTIFIER = "identifier", REPRESENTATION_TECHNIQUE = "representationTechnique", SAMPLE = "sample",
        SCHEMA_AGENCY = "schemaAgency", STATUS = "status", VERSION_NOTES = "versionNotes",
    }
}

namespace! {
    /// DCAT-AP: <https://semiceu.github.io/DCAT-AP/releases/3.0.0/>
    dcatap = "http://data.europa.eu/r5r/" {
        APPLICABLE_LEGISLATION = "applicableLegislation", AVAILABILITY = "availability", HVD_CATEGORY = "hvdCategory",
    }
}

namespace! {
    /// GeoDCAT-AP: <https://semiceu.github.io/GeoDCAT-AP/releases/3.0.0/>
    geodcatap = "http://data.europa.eu/930/" {
        CUSTODIAN = "custodian", DISTRIBUTOR = "distributor", ORIGINATOR = "originator", PRINCIPAL_INVESTIGATOR = "principalInvestigator",
        PROCESSOR = "processor", RESOURCE_PROVIDER = "resourceProvider", USER = "user", AUTHOR = "author", REFERENCE_SYSTEM = "referenceSystem",
        RESOURCE_TYPE = "resourceType", TOPIC_CATEGORY = "topicCategory", SERVICE_CATEGORY = "serviceCategory", SERVICE_TYPE = "serviceType",
        SERVICE_PROTOCOL = "serviceProtocol", SPATIAL_RESOLUTION_AS_TEXT = "spatialResolutionAsText", PURPOSE = "purpose",
    }
}

namespace! {
    /// FOAF: <http://xmlns.com/foaf/spec/>
    foaf = "http://xmlns.com/foaf/0.1/" {
        AGENT = "Agent", DOCUMENT = "Document", ORGANIZATION = "Organization", PERSON = "Person",
        HOMEPAGE = "homepage", IS_PRIMARY_TOPIC_OF = "isPrimaryTopicOf", LOGO = "logo", MBOX = "mbox", NAME = "name", PAGE = "page", PHONE = "phone",
        PRIMARY_TOPIC = "primaryTopic", WORKPLACE_HOMEPAGE = "workplaceHomepage", DEPICTION = "depiction",
    }
}

namespace! {
    /// vCard: <https://www.w3.org/TR/vcard-rdf/>
    vcard = "http://www.w3.org/2006/vcard/ns#" {
        ADDRESS = "Address", KIND = "Kind", INDIVIDUAL = "Individual", ORGANIZATION = "Organization",
        COUNTRY_NAME = "country-name", FN = "fn", HAS_ADDRESS = "hasAddress", HAS_EMAIL = "hasEmail", HAS_TELEPHONE = "hasTelephone", HAS_URL = "hasURL",
        LOCALITY = "locality", ORGANIZATION_NAME = "organization-name", POSTAL_CODE = "postal-code", REGION = "region", STREET_ADDRESS = "street-address", TITLE = "title",
    }
}

namespace! {
    /// SKOS: <https://www.w3.org/TR/skos-reference/>
    skos = "http://www.w3.org/2004/02/skos/core#" {
        CONCEPT = "Concept", CONCEPT_SCHEME = "ConceptScheme", ALT_LABEL = "altLabel", EXACT_MATCH = "exactMatch", IN_SCHEME = "inScheme", NOTATION = "notation", PREF_LABEL = "prefLabel",
        DEFINITION = "definition",
    }
}

namespace! {
    /// RDF Schema: <https://www.w3.org/TR/rdf-schema/>
    rdfs = "http://www.w3.org/2000/01/rdf-schema#" { COMMENT = "comment", LABEL = "label", SEE_ALSO = "seeAlso", RESOURCE = "Resource" }
}

namespace! {
    /// PROV-O: <https://www.w3.org/TR/prov-o/>
    prov = "http://www.w3.org/ns/prov#" {
        ACTIVITY = "Activity", ATTRIBUTION = "Attribution", ENTITY = "Entity", PLAN = "Plan",
        AGENT = "agent", GENERATED = "generated", HAD_PLAN = "hadPlan", QUALIFIED_ASSOCIATION = "qualifiedAssociation", QUALIFIED_ATTRIBUTION = "qualifiedAttribution",
        USED = "used", WAS_DERIVED_FROM = "wasDerivedFrom", WAS_GENERATED_BY = "wasGeneratedBy", WAS_USED_BY = "wasUsedBy", ASSOCIATION = "Association",
    }
}

namespace! {
    /// Data Quality Vocabulary: <https://www.w3.org/TR/vocab-dqv/>
    dqv = "http://www.w3.org/ns/dqv#" {
        QUALITY_MEASUREMENT = "QualityMeasurement", HAS_QUALITY_MEASUREMENT = "hasQualityMeasurement", IS_MEASUREMENT_OF = "isMeasurementOf", VALUE = "value",
    }
}

namespace! {
    /// Units of the SDMX attribute vocabulary, as GeoDCAT-AP uses them with DQV.
    sdmx_attribute = "http://purl.org/linked-data/sdmx/2009/attribute#" { UNIT_MEASURE = "unitMeasure" }
}

namespace! {
    /// ISA Programme Location Core Vocabulary: <https://www.w3.org/ns/locn>
    locn = "http://www.w3.org/ns/locn#" {
        ADDRESS_CLASS = "Address", ADDRESS = "address", ADMIN_UNIT_L1 = "adminUnitL1", ADMIN_UNIT_L2 = "adminUnitL2", GEOMETRY = "geometry",
        POST_CODE = "postCode", POST_NAME = "postName", THOROUGHFARE = "thoroughfare", GEOGRAPHIC_NAME = "geographicName",
    }
}

namespace! {
    /// GeoSPARQL: <https://www.ogc.org/standard/geosparql/>
    gsp = "http://www.opengis.net/ont/geosparql#" { WKT_LITERAL = "wktLiteral", GEO_JSON_LITERAL = "geoJSONLiteral", GML_LITERAL = "gmlLiteral", AS_WKT = "asWKT", AS_GEO_JSON = "asGeoJSON", AS_GML = "asGML" }
}

namespace! {
    /// SPDX, for checksums: <https://spdx.org/rdf/terms/>
    spdx = "http://spdx.org/rdf/terms#" { CHECKSUM_CLASS = "Checksum", ALGORITHM = "algorithm", CHECKSUM = "checksum", CHECKSUM_VALUE = "checksumValue" }
}

namespace! {
    /// European Legislation Identifier: <https://eur-lex.europa.eu/eli-register/>
    eli = "http://data.europa.eu/eli/ontology#" { LEGAL_RESOURCE = "LegalResource" }
}

namespace! {
    /// Hydra, for pages: <https://www.hydra-cg.com/spec/latest/core/>
    hydra = "http://www.w3.org/ns/hydra/core#" {
        COLLECTION = "Collection", PARTIAL_COLLECTION_VIEW = "PartialCollectionView", FIRST = "first", NEXT = "next", PREVIOUS = "previous", LAST = "last",
        TOTAL_ITEMS = "totalItems", VIEW = "view", MEMBER = "member",
    }
}

namespace! {
    /// The Organization Ontology: <https://www.w3.org/TR/vocab-org/>
    org = "http://www.w3.org/ns/org#" { MEMBER_OF = "memberOf", ORGANIZATION = "Organization", SUB_ORGANIZATION_OF = "subOrganizationOf" }
}

namespace! {
    /// OWL: <https://www.w3.org/TR/owl2-syntax/>
    owl = "http://www.w3.org/2002/07/owl#" { SAME_AS = "sameAs", VERSION_INFO = "versionInfo" }
}

namespace! {
    /// schema.org
    schema = "http://schema.org/" { START_DATE = "startDate", END_DATE = "endDate" }
}

namespace! {
    /// Representing Content in RDF: <https://www.w3.org/TR/Content-in-RDF10/>
    cnt = "http://www.w3.org/2011/content#" { CHARACTER_ENCODING = "characterEncoding" }
}
