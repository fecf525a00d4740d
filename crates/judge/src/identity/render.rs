//! Cards in the formats of their portals.

use std::fmt::Write as _;

use model::{RawRecord, RecordFormat, RecordId};
use serde_json::{Value, json};

use super::card::{Card, File};
use super::portals::Format;

pub fn record(card: &Card) -> RawRecord {
    let (format, body) = match card.at().format {
        Format::Udata => (RecordFormat::UdataDataset, udata(card).to_string()),
        Format::Ckan => (RecordFormat::CkanPackage, ckan(card).to_string()),
        Format::Opendatasoft => (RecordFormat::Opendatasoft, opendatasoft(card).to_string()),
        Format::Iso => (RecordFormat::Iso19139, iso(card)),
        Format::Dcat => (RecordFormat::Dcat, dcat(card)),
    };
    RawRecord {
        id: RecordId::new(record_id(card)),
        format,
        body: body.into(),
    }
}

/// What the connector of the format names records by.
pub fn record_id(card: &Card) -> String {
    match card.at().format {
        Format::Dcat => card.iri().unwrap_or_default(),
        _ => card.id.clone(),
    }
}

/// A number that is always the same for a text.
fn number(text: &str) -> String {
    model::Checksum::of(text.as_bytes()).to_string()
}

fn wfs(service: &str) -> String {
    format!("{service}?service=WFS&request=GetCapabilities")
}

/// The first and the last day of what the data are of.
fn days(card: &Card) -> Option<[String; 2]> {
    let [first, last] = card.years?;
    Some([format!("{first}-01-01"), format!("{last}-12-31")])
}

fn udata(card: &Card) -> Value {
    let host = card.at().host;
    let resources: Vec<Value> = card
        .files
        .iter()
        .enumerate()
        .map(|(n, file)| {
            let (title, url, format) = match file {
                File::Download { title, address, format } => (title.clone(), address.clone(), *format),
                File::Layer { service, name } => (name.clone(), wfs(service), "wfs"),
            };
            let mark = number(&format!("{}{n}", card.id));
            let id = format!("{}-{}-4{}-a{}-{}", &mark[..8], &mark[8..12], &mark[12..15], &mark[15..18], &mark[18..30]);
            json!({ "id": id, "title": title, "url": url, "format": format, "type": "main", "filetype": "remote" })
        })
        .collect();
    let harvest = match (&card.upstream, card.pages.first()) {
        (Some(upstream), page) => json!({
            "backend": "DCAT", "domain": upstream.host, "remote_id": upstream.identifier, "remote_url": page, "uri": upstream.iri
        }),
        (None, Some(page)) => json!({ "backend": "DCAT", "remote_url": page }),
        (None, None) => Value::Null,
    };
    let spatial = card.extent.map(
        |extent| json!({ "geom": { "type": "MultiPolygon", "coordinates": [[ring(extent)]] } }),
    );
    json!({
        "id": card.id, "slug": card.slug, "title": card.title, "description": card.description, "page": card.page(),
        "uri": format!("https://{host}/api/1/datasets/{}/", card.slug), "created_at": "2024-01-02T03:04:05+00:00",
        "last_modified": "2024-05-06T07:08:09+00:00", "frequency": "annual", "license": "lov2", "private": false,
        "organization": { "id": &number(&card.publisher)[..24], "name": card.publisher, "page": format!("https://{host}/organizations/{}/", &number(&card.publisher)[..8]) },
        "resources": resources, "harvest": harvest, "spatial": spatial, "tags": ["territoire"],
        "temporal_coverage": days(card).map(|[start, end]| json!({ "start": start, "end": end })),
    })
}

fn ring([west, south, east, north]: [f32; 4]) -> Value {
    json!([
        [west, south],
        [east, south],
        [east, north],
        [west, north],
        [west, south]
    ])
}

fn ckan(card: &Card) -> Value {
    let resources: Vec<Value> = card
        .files
        .iter()
        .enumerate()
        .map(|(n, file)| {
            let id = number(&format!("{}{n}", card.id));
            match file {
                File::Download {
                    title,
                    address,
                    format,
                } => json!({ "id": id, "name": title, "url": address, "format": format }),
                File::Layer { service, name } => {
                    json!({ "id": id, "name": name, "url": wfs(service), "format": "WFS" })
                }
            }
        })
        .collect();
    let mut extras = Vec::new();
    let mut extra = |key: &str, value: &str| extras.push(json!({ "key": key, "value": value }));
    if let Some(upstream) = &card.upstream {
        extra(
            "guid",
            upstream.iri.as_deref().unwrap_or(&upstream.identifier),
        );
        extra("identifier", &upstream.identifier);
        extra("harvest_source_title", upstream.title);
        if let Some(iri) = &upstream.iri {
            extra("uri", iri);
        }
    }
    if let Some([start, end]) = days(card) {
        extra("temporal_start", &start);
        extra("temporal_end", &end);
    }
    if let Some(extent) = card.extent {
        extra(
            "spatial",
            &json!({ "type": "Polygon", "coordinates": [ring(extent)] }).to_string(),
        );
    }
    json!({
        "id": card.id, "name": card.slug, "title": card.title, "notes": card.description, "type": "dataset", "state": "active", "private": false,
        "url": card.pages.first(), "license_id": "lov2", "metadata_created": "2021-03-04T05:06:07", "metadata_modified": "2025-01-02T03:04:05",
        "organization": { "id": number(&card.publisher), "name": super::words::slug(&card.publisher), "title": card.publisher, "state": "active" },
        "tags": [{ "name": "territoire" }], "extras": extras, "resources": resources,
    })
}

fn opendatasoft(card: &Card) -> Value {
    // Its harvesters keep the identifier of geographic catalogues; of portals of its own kind, where the dataset is.
    let upstream = card.upstream.as_ref();
    let own = upstream.filter(|upstream| upstream.page.contains("/explore/dataset/"));
    let inspire = upstream.filter(|upstream| upstream.iri.is_none());
    let bbox = card.extent.map(|extent| json!({ "type": "Feature", "geometry": { "type": "Polygon", "coordinates": [ring(extent)] }, "properties": {} }));
    json!({
        "portal": format!("https://{}", card.at().host),
        "dataset": {
            "visibility": "domain", "dataset_id": card.slug, "dataset_uid": format!("da_{}", &number(&card.page())[..6]), "has_records": true,
            "features": ["analyze"], "attachments": [], "alternative_exports": [], "data_visible": true, "fields": [],
            "metas": {
                "default": {
                    "title": card.title, "description": card.description, "license": "Licence Ouverte v2.0 (Etalab)", "language": "fr",
                    "modified": "2025-03-14T12:18:58+00:00", "publisher": card.publisher, "references": card.pages.first(), "bbox": bbox,
                    "records_count": 120, "federated": own.is_some(), "source_dataset": own.map(|upstream| &upstream.identifier),
                    "source_domain_address": own.map(|upstream| upstream.host), "source_domain_title": own.map(|upstream| upstream.title),
                },
                "inspire": { "file_identifier": inspire.map(|upstream| &upstream.identifier) },
                "dcat": { "created": null, "temporal": days(card).map(|[start, end]| format!("{start}/{end}")) }, "custom": {},
            }
        }
    })
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}

fn characters(name: &str, text: &str) -> String {
    format!(
        "<gmd:{name}><gco:CharacterString>{}</gco:CharacterString></gmd:{name}>",
        escape(text)
    )
}

fn online(address: &str, protocol: &str, name: &str, function: &str) -> String {
    format!(
        "<gmd:onLine><gmd:CI_OnlineResource><gmd:linkage><gmd:URL>{}</gmd:URL></gmd:linkage>{}{}<gmd:function><gmd:CI_OnLineFunctionCode codeList=\"#o\" codeListValue=\"{function}\"/></gmd:function></gmd:CI_OnlineResource></gmd:onLine>",
        escape(address),
        characters("protocol", protocol),
        characters("name", name)
    )
}

fn iso(card: &Card) -> String {
    let party = |role: &str| {
        format!(
            "<gmd:CI_ResponsibleParty>{}<gmd:role><gmd:CI_RoleCode codeList=\"#r\" codeListValue=\"{role}\"/></gmd:role></gmd:CI_ResponsibleParty>",
            characters("organisationName", &card.publisher)
        )
    };
    let mut codes = card.codes.clone();
    if let Some(upstream) = card
        .upstream
        .as_ref()
        .filter(|upstream| upstream.identifier != card.id)
    {
        codes.push(
            upstream
                .iri
                .clone()
                .unwrap_or_else(|| upstream.identifier.clone()),
        );
    }
    let identifiers: String = codes
        .iter()
        .map(|code| {
            format!(
                "<gmd:identifier><gmd:MD_Identifier>{}</gmd:MD_Identifier></gmd:identifier>",
                characters("code", code)
            )
        })
        .collect();
    let extent: String = card.extent.map_or_else(String::new, |[west, south, east, north]| {
        let bound = |name: &str, degree: f32| format!("<gmd:{name}><gco:Decimal>{degree}</gco:Decimal></gmd:{name}>");
        format!(
            "<gmd:extent><gmd:EX_Extent><gmd:geographicElement><gmd:EX_GeographicBoundingBox>{}{}{}{}</gmd:EX_GeographicBoundingBox></gmd:geographicElement></gmd:EX_Extent></gmd:extent>",
            bound("westBoundLongitude", west),
            bound("eastBoundLongitude", east),
            bound("southBoundLatitude", south),
            bound("northBoundLatitude", north)
        )
    });
    let period = days(card).map_or_else(String::new, |[start, end]| {
        format!(
            "<gmd:extent><gmd:EX_Extent><gmd:temporalElement><gmd:EX_TemporalExtent><gmd:extent><gml:TimePeriod xmlns:gml=\"http://www.opengis.net/gml\" gml:id=\"t\"><gml:beginPosition>{start}</gml:beginPosition><gml:endPosition>{end}</gml:endPosition></gml:TimePeriod></gmd:extent></gmd:EX_TemporalExtent></gmd:temporalElement></gmd:EX_Extent></gmd:extent>"
        )
    });
    let mut links = String::new();
    if card.says_page {
        links.push_str(&online(
            &card.page(),
            "WWW:LINK-1.0-http--link",
            "Fiche",
            "information",
        ));
    }
    for page in &card.pages {
        links.push_str(&online(
            page,
            "WWW:LINK-1.0-http--link",
            "Page des données",
            "information",
        ));
    }
    for file in &card.files {
        links.push_str(&match file {
            File::Download { title, address, .. } => online(
                address,
                "WWW:DOWNLOAD-1.0-http--download",
                title,
                "download",
            ),
            File::Layer { service, name } => online(&wfs(service), "OGC:WFS", name, "download"),
        });
    }
    format!(
        "<gmd:MD_Metadata xmlns:gmd=\"http://www.isotc211.org/2005/gmd\" xmlns:gco=\"http://www.isotc211.org/2005/gco\">{}<gmd:hierarchyLevel><gmd:MD_ScopeCode codeList=\"#s\" codeListValue=\"dataset\"/></gmd:hierarchyLevel><gmd:contact>{}</gmd:contact><gmd:dateStamp><gco:Date>2024-02-03</gco:Date></gmd:dateStamp><gmd:identificationInfo><gmd:MD_DataIdentification><gmd:citation><gmd:CI_Citation>{}<gmd:date><gmd:CI_Date><gmd:date><gco:Date>2019-05-01</gco:Date></gmd:date><gmd:dateType><gmd:CI_DateTypeCode codeList=\"#d\" codeListValue=\"publication\"/></gmd:dateType></gmd:CI_Date></gmd:date>{identifiers}</gmd:CI_Citation></gmd:citation>{}<gmd:pointOfContact>{}</gmd:pointOfContact>{extent}{period}</gmd:MD_DataIdentification></gmd:identificationInfo><gmd:distributionInfo><gmd:MD_Distribution><gmd:transferOptions><gmd:MD_DigitalTransferOptions>{links}</gmd:MD_DigitalTransferOptions></gmd:transferOptions></gmd:MD_Distribution></gmd:distributionInfo></gmd:MD_Metadata>",
        characters("fileIdentifier", &card.id),
        party("pointOfContact"),
        characters("title", &card.title),
        characters("abstract", &card.description),
        party("publisher"),
    )
}

/// N-Quads, as a graph is taken apart: each record in a graph that its entity names.
fn dcat(card: &Card) -> String {
    let iri = card.iri().unwrap_or_default();
    let mut quads = String::new();
    let mut say = |subject: &str, predicate: &str, object: &str| {
        let predicate = match predicate.split_once(':') {
            Some(("dct", name)) => format!("http://purl.org/dc/terms/{name}"),
            Some(("dcat", name)) => format!("http://www.w3.org/ns/dcat#{name}"),
            Some(("adms", name)) => format!("http://www.w3.org/ns/adms#{name}"),
            Some(("skos", name)) => format!("http://www.w3.org/2004/02/skos/core#{name}"),
            Some(("foaf", name)) => format!("http://xmlns.com/foaf/0.1/{name}"),
            _ => "http://www.w3.org/1999/02/22-rdf-syntax-ns#type".to_owned(),
        };
        let _ = writeln!(quads, "{subject} <{predicate}> {object} <{iri}> .");
    };
    let main = format!("<{iri}>");
    let class = |name: &str| format!("<http://www.w3.org/ns/dcat#{name}>");
    say(&main, "a", &class("Dataset"));
    say(&main, "dct:title", &format!("{}@fr", literal(&card.title)));
    say(
        &main,
        "dct:description",
        &format!("{}@fr", literal(&card.description)),
    );
    say(&main, "dct:identifier", &literal(&card.id));
    say(&main, "dcat:landingPage", &format!("<{}>", card.page()));
    for page in &card.pages {
        say(&main, "dcat:landingPage", &format!("<{page}>"));
    }
    for source in &card.sources {
        say(&main, "dct:source", &format!("<{source}>"));
    }
    let publisher = format!(
        "<https://{}/id/organisation/{}>",
        card.at().host,
        super::words::slug(&card.publisher)
    );
    say(&main, "dct:publisher", &publisher);
    say(&publisher, "a", "<http://xmlns.com/foaf/0.1/Organization>");
    say(&publisher, "foaf:name", &literal(&card.publisher));
    if let Some(upstream) = &card.upstream {
        say(&main, "adms:identifier", "_:upstream");
        say("_:upstream", "a", "<http://www.w3.org/ns/adms#Identifier>");
        say(
            "_:upstream",
            "skos:notation",
            &literal(&upstream.identifier),
        );
        say("_:upstream", "adms:schemaAgency", &literal(upstream.host));
        if let Some(iri) = &upstream.iri {
            say(&main, "dct:source", &format!("<{iri}>"));
        }
    }
    if let Some([west, south, east, north]) = card.extent {
        let wkt = format!(
            "POLYGON(({west} {south},{east} {south},{east} {north},{west} {north},{west} {south}))"
        );
        say(&main, "dct:spatial", "_:place");
        say("_:place", "a", "<http://purl.org/dc/terms/Location>");
        say(
            "_:place",
            "dcat:bbox",
            &format!(
                "{}^^<http://www.opengis.net/ont/geosparql#wktLiteral>",
                literal(&wkt)
            ),
        );
    }
    if let Some([start, end]) = days(card) {
        let day = |day: &str| format!("\"{day}\"^^<http://www.w3.org/2001/XMLSchema#date>");
        say(&main, "dct:temporal", "_:period");
        say("_:period", "a", "<http://purl.org/dc/terms/PeriodOfTime>");
        say("_:period", "dcat:startDate", &day(&start));
        say("_:period", "dcat:endDate", &day(&end));
    }
    for (n, file) in card.files.iter().enumerate() {
        let node = format!("<{iri}/distribution/{n}>");
        say(&main, "dcat:distribution", &node);
        say(&node, "a", &class("Distribution"));
        match file {
            File::Download {
                title,
                address,
                format,
            } => {
                say(&node, "dct:title", &literal(title));
                say(&node, "dct:format", &literal(format));
                say(&node, "dcat:accessURL", &format!("<{address}>"));
                say(&node, "dcat:downloadURL", &format!("<{address}>"));
            }
            File::Layer { service, name } => {
                say(&node, "dct:title", &literal(name));
                say(&node, "dcat:accessURL", &format!("<{}>", wfs(service)));
            }
        }
    }
    quads
}

fn literal(text: &str) -> String {
    oxrdf::Literal::new_simple_literal(text).to_string()
}
