//! What the repository says of itself: Identify, ListMetadataFormats, ListSets.

use archive::EntityKey;
use chrono::{DateTime, Utc};
use model::EntityKind;
use model::ns::foaf;
use represent::Xml;
use uuid::Uuid;

use super::arguments::datestamp;
use super::error::Refusal;
use super::format::Format;
use super::identifier::repository;
use super::token::{Continued, Token};
use super::{address, sets};
use crate::router::App;

/// Organisations of one answer to ListSets.
const PAGE: u32 = 100;

pub(super) fn identify(xml: &mut Xml, app: &App, earliest: DateTime<Utc>) {
    let site = &app.site;
    xml.within("Identify", &[], |xml| {
        xml.leaf("repositoryName", &[], &site.title);
        xml.leaf("baseURL", &[], &address(app));
        xml.leaf("protocolVersion", &[], "2.0");
        let email = site.oai_pmh.as_ref().map(|oai| oai.admin_email.as_str());
        xml.leaf("adminEmail", &[], email.unwrap_or_default());
        xml.leaf("earliestDatestamp", &[], &datestamp(earliest));
        // No row of an entity is ever taken away.
        xml.leaf("deletedRecord", &[], "persistent");
        xml.leaf("granularity", &[], "YYYY-MM-DDThh:mm:ssZ");
        xml.leaf("compression", &[], "gzip");
        if let Some(host) = repository(site.minter.base()) {
            xml.within("description", &[], |xml| naming(xml, host));
        }
    });
}

fn naming(xml: &mut Xml, host: &str) {
    let attributes = [
        (
            "xmlns",
            "http://www.openarchives.org/OAI/2.0/oai-identifier",
        ),
        (
            "xsi:schemaLocation",
            "http://www.openarchives.org/OAI/2.0/oai-identifier http://www.openarchives.org/OAI/2.0/oai-identifier.xsd",
        ),
    ];
    let sample = format!("oai:{host}:dataset/{}", Uuid::nil());
    xml.within("oai-identifier", &attributes, |xml| {
        xml.leaf("scheme", &[], "oai");
        xml.leaf("repositoryIdentifier", &[], host);
        xml.leaf("delimiter", &[], ":");
        xml.leaf("sampleIdentifier", &[], &sample);
    });
}

pub(super) fn formats(xml: &mut Xml) {
    xml.within("ListMetadataFormats", &[], |xml| {
        for format in Format::ALL {
            xml.within("metadataFormat", &[], |xml| {
                xml.leaf("metadataPrefix", &[], format.prefix());
                xml.leaf("schema", &[], format.schema());
                xml.leaf("metadataNamespace", &[], format.namespace());
            });
        }
    });
}

/// Sources and themes, then organisations by the page.
pub(super) async fn sets(app: &App, token: Option<&str>) -> Result<String, Refusal> {
    let salt = app.site.minter.base();
    let (after, given) = match token {
        None => (None, 0),
        Some(text) => match Token::read(text, salt) {
            Some(Token {
                what: Continued::Sets(after),
                given,
                ..
            }) => (Some(after), given),
            _ => return Err(Refusal::token()),
        },
    };
    let mut listed: Vec<(String, String)> = match after {
        None => fixed(app),
        Some(_) => Vec::new(),
    };
    let mut organisations = app.site.archive.publishers(after, PAGE + 1).await?;
    let more = organisations.len() > PAGE as usize;
    organisations.truncate(PAGE as usize);
    listed.extend(named(app, &organisations).await?);
    if listed.is_empty() {
        // What the token named is the last one, since.
        return Err(Refusal::token());
    }
    let last = organisations.last().filter(|_| more);
    let next = last.map(|last| {
        Token {
            what: Continued::Sets(*last),
            given: given.saturating_add(listed.len() as u64),
            total: 0,
        }
        .write(salt)
    });
    let mut xml = Xml::new();
    xml.within("ListSets", &[], |xml| {
        for (spec, name) in &listed {
            xml.within("set", &[], |xml| {
                xml.leaf("setSpec", &[], spec);
                xml.leaf("setName", &[], name);
            });
        }
        if next.is_some() || token.is_some() {
            let cursor = given.to_string();
            xml.leaf(
                "resumptionToken",
                &[("cursor", &cursor)],
                next.as_deref().unwrap_or_default(),
            );
        }
    });
    Ok(xml.finish())
}

fn fixed(app: &App) -> Vec<(String, String)> {
    let mut listed = vec![("source".to_owned(), "Sources".to_owned())];
    listed.extend(
        app.site
            .sources
            .iter()
            .map(|card| (format!("source:{}", card.id), card.title.clone())),
    );
    listed.push(("theme".to_owned(), "Thèmes".to_owned()));
    listed.extend(sets::themes().map(|concept| {
        (
            format!("theme:{}", concept.code),
            concept.label().to_owned(),
        )
    }));
    listed.push(("organisation".to_owned(), "Organisations".to_owned()));
    listed
}

/// Organisations with their names; what was withdrawn is told by its identifier alone.
async fn named(app: &App, ids: &[Uuid]) -> Result<Vec<(String, String)>, Refusal> {
    let base = app.site.minter.base();
    let keys: Vec<EntityKey> = ids
        .iter()
        .map(|id| EntityKey {
            minted: EntityKind::Organisation,
            id: *id,
        })
        .collect();
    let mut names = std::collections::HashMap::new();
    for entity in app.site.archive.entities(&keys).await? {
        let text = entity.text()?;
        let graph = represent::Graph::read(&text);
        let iri = entity.key.iri(base);
        if let Some(name) = graph.node(&iri).value(foaf::NAME) {
            names.insert(entity.key.id, name.to_owned());
        }
    }
    Ok(ids
        .iter()
        .map(|id| {
            let name = names.remove(id).unwrap_or_else(|| id.to_string());
            (format!("organisation:{id}"), name)
        })
        .collect())
}
