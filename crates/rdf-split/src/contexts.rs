//! The contexts of JSON-LD that catalogues refer to, in our words: the terms that DCAT has, under the names that those contexts give them.

use serde_json::{Map, Value, json};

use crate::prefixes;

const DCAT: &str = "http://www.w3.org/ns/dcat#";

/// The document for the address of a context, and whether it is the one that is meant.
pub fn of(url: &str) -> (String, bool) {
    let lower = url.to_ascii_lowercase();
    let (context, known) = if lower.contains("project-open-data.cio.gov/v1.1/schema") {
        (dcat_us(), true)
    } else if lower.contains("semiceu")
        || (lower.contains("dcat-ap") && lower.contains("europa.eu"))
    {
        (terms(true), true)
    } else if lower.contains("/ns/hydra") {
        (hydra(), true)
    } else if ["http://", "https://", "http://www.", "https://www."]
        .iter()
        .any(|start| {
            lower
                .strip_prefix(start)
                .is_some_and(|rest| rest.starts_with("schema.org"))
        })
    {
        (json!({ "@vocab": "http://schema.org/" }), true)
    } else if lower.contains("/ns/dcat")
        || lower.ends_with("dcat.jsonld")
        || lower.ends_with("dcat3.jsonld")
    {
        (terms(false), true)
    } else {
        (Value::Object(prefixed()), false)
    };
    (json!({ "@context": context }).to_string(), known)
}

fn prefixed() -> Map<String, Value> {
    prefixes::all()
        .map(|(prefix, iri)| (prefix.to_owned(), Value::from(iri)))
        .collect()
}

fn id(iri: &str) -> Value {
    json!({ "@id": iri, "@type": "@id" })
}

fn typed(iri: &str, datatype: &str) -> Value {
    json!({ "@id": iri, "@type": format!("xsd:{datatype}") })
}

/// DCAT-US 1.1 (Project Open Data). Texts that are meant for people stay texts.
fn dcat_us() -> Value {
    let mut context = prefixed();
    context.insert("@vocab".to_owned(), DCAT.into());
    context.insert("dc".to_owned(), "http://purl.org/dc/terms/".into());
    context.insert(
        "pod".to_owned(),
        "https://project-open-data.cio.gov/v1.1/schema#".into(),
    );
    for term in [
        "accessLevel",
        "bureauCode",
        "dataQuality",
        "describedByType",
        "primaryITInvestmentUII",
        "programCode",
        "systemOfRecords",
        "isPartOf",
    ] {
        context.insert(term.to_owned(), format!("pod:{term}").into());
    }
    for (term, name) in [
        ("title", "dct:title"),
        ("description", "dct:description"),
        ("identifier", "dct:identifier"),
        ("language", "dct:language"),
        ("license", "dct:license"),
        ("rights", "dct:rights"),
        ("spatial", "dct:spatial"),
        ("temporal", "dct:temporal"),
        ("format", "dct:format"),
        ("accrualPeriodicity", "dct:accrualPeriodicity"),
        ("publisher", "dct:publisher"),
        ("name", "foaf:name"),
        ("fn", "vcard:fn"),
        ("subOrganizationOf", "org:subOrganizationOf"),
        ("issued", "dct:issued"),
        ("modified", "dct:modified"),
    ] {
        context.insert(term.to_owned(), name.into());
    }
    for (term, name) in [
        ("accessURL", "dcat:accessURL"),
        ("downloadURL", "dcat:downloadURL"),
        ("landingPage", "dcat:landingPage"),
        ("conformsTo", "dct:conformsTo"),
        ("references", "dct:references"),
        (
            "describedBy",
            "http://www.w3.org/2007/05/powder-s#describedby",
        ),
        ("hasEmail", "vcard:hasEmail"),
        ("homepage", "foaf:homepage"),
    ] {
        context.insert(term.to_owned(), id(name));
    }
    Value::Object(context)
}

/// The names of DCAT-AP. In its own contexts, the keys under titles are languages.
fn terms(languages: bool) -> Value {
    let mut context = prefixed();
    context.insert("@vocab".to_owned(), DCAT.into());
    for (class, iri) in [
        ("DatasetMemberOfADatasetSeries", "dcat:Dataset"),
        ("Agent", "foaf:Agent"),
        ("Organization", "foaf:Organization"),
        ("PeriodOfTime", "dct:PeriodOfTime"),
        ("Location", "dct:Location"),
        ("LicenceDocument", "dct:LicenseDocument"),
        ("RightsStatement", "dct:RightsStatement"),
        ("Kind", "vcard:Kind"),
        ("Checksum", "spdx:Checksum"),
        ("Standard", "dct:Standard"),
        ("Identifier", "adms:Identifier"),
        ("Document", "foaf:Document"),
    ] {
        context.insert(class.to_owned(), iri.into());
    }
    for (term, iri) in [
        ("title", "dct:title"),
        ("description", "dct:description"),
        ("keyword", "dcat:keyword"),
        ("versionNotes", "adms:versionNotes"),
    ] {
        let value = if languages {
            json!({ "@id": iri, "@container": ["@language", "@set"] })
        } else {
            iri.into()
        };
        context.insert(term.to_owned(), value);
    }
    for (term, iri) in [
        ("identifier", "dct:identifier"),
        ("name", "foaf:name"),
        ("byteSize", "dcat:byteSize"),
        ("version", "dcat:version"),
        ("checksumValue", "spdx:checksumValue"),
        ("fn", "vcard:fn"),
        ("format", "dct:format"),
        ("bbox", "dcat:bbox"),
        ("centroid", "dcat:centroid"),
        ("notation", "skos:notation"),
        ("prefLabel", "skos:prefLabel"),
    ] {
        context.insert(term.to_owned(), iri.into());
    }
    for (term, iri, datatype) in [
        ("issued", "dct:issued", "date"),
        ("releaseDate", "dct:issued", "date"),
        ("modified", "dct:modified", "date"),
        ("modificationDate", "dct:modified", "date"),
        ("startDate", "dcat:startDate", "date"),
        ("endDate", "dcat:endDate", "date"),
        ("temporalResolution", "dcat:temporalResolution", "duration"),
    ] {
        context.insert(term.to_owned(), typed(iri, datatype));
    }
    for (term, iri) in [
        ("publisher", "dct:publisher"),
        ("creator", "dct:creator"),
        ("frequency", "dct:accrualPeriodicity"),
        ("accrualPeriodicity", "dct:accrualPeriodicity"),
        ("geographicalCoverage", "dct:spatial"),
        ("spatial", "dct:spatial"),
        ("temporalCoverage", "dct:temporal"),
        ("temporal", "dct:temporal"),
        ("datasetDistribution", "dcat:distribution"),
        ("distribution", "dcat:distribution"),
        ("contactPoint", "dcat:contactPoint"),
        ("inSeries", "dcat:inSeries"),
        ("seriesMember", "dcat:seriesMember"),
        ("first", "dcat:first"),
        ("last", "dcat:last"),
        ("next", "dcat:next"),
        ("previous", "dcat:prev"),
        ("accessURL", "dcat:accessURL"),
        ("downloadURL", "dcat:downloadURL"),
        ("accessService", "dcat:accessService"),
        ("accessRights", "dct:accessRights"),
        ("licence", "dct:license"),
        ("license", "dct:license"),
        ("rights", "dct:rights"),
        ("conformsTo", "dct:conformsTo"),
        ("endpointURL", "dcat:endpointURL"),
        ("endpointDescription", "dcat:endpointDescription"),
        ("servesDataset", "dcat:servesDataset"),
        ("landingPage", "dcat:landingPage"),
        ("theme", "dcat:theme"),
        ("language", "dct:language"),
        ("mediaType", "dcat:mediaType"),
        ("dataset", "dcat:dataset"),
        ("service", "dcat:service"),
        ("catalog", "dcat:catalog"),
        ("record", "dcat:record"),
        ("primaryTopic", "foaf:primaryTopic"),
        ("page", "foaf:page"),
        ("homepage", "foaf:homepage"),
        ("hasEmail", "vcard:hasEmail"),
        ("hasURL", "vcard:hasURL"),
        ("applicableLegislation", "dcatap:applicableLegislation"),
        ("hvdCategory", "dcatap:hvdCategory"),
        ("availability", "dcatap:availability"),
        ("type", "dct:type"),
        ("checksum", "spdx:checksum"),
        ("algorithm", "spdx:algorithm"),
        ("isReferencedBy", "dct:isReferencedBy"),
        ("source", "dct:source"),
        ("relation", "dct:relation"),
        ("hasVersion", "dcat:hasVersion"),
        ("isVersionOf", "dcat:isVersionOf"),
    ] {
        context.insert(term.to_owned(), id(iri));
    }
    Value::Object(context)
}

fn hydra() -> Value {
    let mut context = prefixed();
    for term in [
        "Collection",
        "PagedCollection",
        "PartialCollectionView",
        "totalItems",
        "itemsPerPage",
    ] {
        context.insert(term.to_owned(), format!("hydra:{term}").into());
    }
    for term in [
        "first",
        "next",
        "previous",
        "last",
        "view",
        "member",
        "nextPage",
        "firstPage",
        "lastPage",
        "previousPage",
    ] {
        context.insert(term.to_owned(), id(&format!("hydra:{term}")));
    }
    Value::Object(context)
}
