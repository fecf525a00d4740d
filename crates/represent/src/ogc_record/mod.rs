//! Records of OGC API - Records, Part 1 (20-004r1), as GeoJSON features.
//!
//! The inverse of `mapping`'s module `ogc_records`.

mod links;
mod space;
#[cfg(test)]
mod tests;
mod themes;
mod time;

use std::collections::{BTreeSet, HashSet};

use model::ns::{adms, dcat, dcterms, rdfs, skos};
use serde_json::{Map, Value, json};
use vocab::Vocab;

use crate::Context;
use crate::graph::{Graph, Node};
use crate::iso19139::{kind, scope};
use crate::parties::{Party, parties};
use crate::speech::{self, Speech};

/// Values of a property that are written.
const MOST: usize = 500;

/// The record of an entity, without the links that its place in a catalogue gives it. `None` where it is no dataset, series or service, or
/// has no title.
pub fn record(graph: &Graph<'_>, iri: &str, context: &Context<'_>) -> Option<Map<String, Value>> {
    let node = graph.node(iri);
    node.texts(dcterms::TITLE).first()?;
    let record = Record {
        node,
        context,
        speech: Speech::of(node, context.language),
    };
    let mut properties = Map::new();
    properties.insert("type".into(), json!(scope(kind(node)?)));
    record.texts(&mut properties);
    record.dates(&mut properties);
    record.languages(&mut properties);
    put_list(
        &mut properties,
        "themes",
        themes::of(node, record.speech.main),
    );
    record.rights(&mut properties);
    put_list(&mut properties, "formats", record.formats());
    put_list(&mut properties, "contacts", record.contacts());
    put_list(&mut properties, "externalIds", record.identifiers());
    let mut feature = Map::new();
    feature.insert("id".into(), json!(context.identifier));
    feature.insert("type".into(), json!("Feature"));
    feature.insert("conformsTo".into(), json!([CONFORMANCE]));
    feature.insert("time".into(), time::of(node));
    feature.insert("geometry".into(), space::of(node));
    feature.insert("properties".into(), Value::Object(properties));
    feature.insert("links".into(), Value::Array(links::of(&record)));
    Some(feature)
}

/// The identifiers of a resource that others gave, each with its scheme if it says one.
pub fn external_ids<'a>(node: Node<'a>) -> Vec<(Option<&'a str>, &'a str)> {
    let stated = node
        .objects(dcterms::IDENTIFIER)
        .map(|identifier| (None, identifier.as_str()));
    let others = node.nodes(adms::IDENTIFIER).filter_map(|identifier| {
        let agency = identifier.value(adms::SCHEMA_AGENCY);
        Some((agency, identifier.value(skos::NOTATION)?))
    });
    let mut found: Vec<(Option<&str>, &str)> = Vec::new();
    for (scheme, value) in others.chain(stated).take(MOST) {
        let known = found
            .iter()
            .any(|(other, known)| *known == value && (scheme.is_none() || *other == scheme));
        if !value.trim().is_empty() && !known {
            found.push((scheme, value));
        }
    }
    found
}

const CONFORMANCE: &str = "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-core";

struct Record<'a> {
    node: Node<'a>,
    context: &'a Context<'a>,
    speech: Speech<'a>,
}

impl<'a> Record<'a> {
    fn texts(&self, into: &mut Map<String, Value>) {
        for (name, property) in [
            ("title", dcterms::TITLE),
            ("description", dcterms::DESCRIPTION),
        ] {
            if let Some(text) = self.speech.best(&self.node.texts(property)) {
                into.insert(name.into(), json!(text));
            }
        }
        let keywords: BTreeSet<&str> = self
            .node
            .texts(dcat::KEYWORD)
            .iter()
            .map(|keyword| keyword.value)
            .take(MOST)
            .collect();
        put_list(
            into,
            "keywords",
            keywords.into_iter().map(|word| json!(word)).collect(),
        );
    }

    /// `created` and `updated` are of the record; those of the resource go by the names of their terms.
    fn dates(&self, into: &mut Map<String, Value>) {
        let issued = speech::record(self.node).and_then(|record| record.value(dcterms::ISSUED));
        if let Some(created) = issued.and_then(time::moment) {
            into.insert("created".into(), json!(created));
        }
        if let Some(changed) = self.context.changed {
            into.insert("updated".into(), json!(changed));
        }
        for (name, property) in [("issued", dcterms::ISSUED), ("modified", dcterms::MODIFIED)] {
            if let Some(date) = self.node.value(property) {
                into.insert(name.into(), json!(date));
            }
        }
    }

    fn languages(&self, into: &mut Map<String, Value>) {
        into.insert("language".into(), json!({ "code": self.speech.main }));
        let mut codes: Vec<&str> = Vec::new();
        for language in self.node.objects(dcterms::LANGUAGE).take(MOST) {
            codes.extend(speech::tag(language.as_str()).filter(|tag| !codes.contains(tag)));
        }
        let codes = codes.into_iter().map(|code| json!({ "code": code }));
        put_list(into, "resourceLanguages", codes.collect());
    }

    /// A licence by its code of SPDX where there is one licence and it has one; else `other`: then links of the relation say which.
    fn rights(&self, into: &mut Map<String, Value>) {
        let licences = self.licences();
        if let [(_, Some(code))] = licences.as_slice() {
            into.insert("license".into(), json!(code));
        } else if licences.iter().any(|(address, _)| address.is_some()) {
            into.insert("license".into(), json!("other"));
        }
        let addresses: HashSet<&str> = licences.iter().filter_map(|(it, _)| *it).collect();
        let rights: BTreeSet<&str> = self
            .bearers()
            .flat_map(|bearer| bearer.objects(dcterms::RIGHTS))
            .chain(
                self.bearers()
                    .flat_map(|bearer| bearer.objects(dcterms::LICENSE)),
            )
            .take(MOST)
            .filter_map(|object| self.said(object, &addresses))
            .collect();
        if !rights.is_empty() {
            let all: Vec<&str> = rights.into_iter().collect();
            into.insert("rights".into(), json!(all.join("\n")));
        }
        if let Some(access) = self.node.value(dcterms::ACCESS_RIGHTS) {
            into.insert("accessRights".into(), json!(access));
        }
    }

    /// The words of a statement that has no address of its own.
    fn said(&self, object: &'a crate::Object<'a>, licences: &HashSet<&str>) -> Option<&'a str> {
        match object {
            crate::Object::Literal { value, .. } => Some(value),
            crate::Object::Iri(iri) => {
                let node: Node<'a> = self.node.graph.node(iri);
                let own = node.is_part_of(self.node);
                let said = own.then(|| self.speech.best(&node.names()));
                // A right by its address is told by it.
                said.unwrap_or_else(|| (!licences.contains(iri)).then_some(*iri))
            }
        }
    }

    /// The addresses of the licences of the resource and of its distributions, and their codes of SPDX.
    fn licences(&self) -> Vec<(Option<&'a str>, Option<&'static str>)> {
        let mut found = Vec::new();
        for licence in self
            .bearers()
            .flat_map(|bearer| bearer.nodes(dcterms::LICENSE))
            .take(MOST)
        {
            let own = licence.is_part_of(self.node);
            let licence = (
                Some(licence.iri).filter(|_| !own),
                spdx(licence.iri).filter(|_| !own),
            );
            if licence.0.is_some() && !found.contains(&licence) {
                found.push(licence);
            }
        }
        found
    }

    fn bearers(&self) -> impl Iterator<Item = Node<'a>> {
        let node = self.node;
        std::iter::once(node).chain(node.nodes(dcat::DISTRIBUTION).take(MOST))
    }

    fn formats(&self) -> Vec<Value> {
        let mut formats: Vec<Value> = Vec::new();
        for file in self.node.nodes(dcat::DISTRIBUTION).take(MOST) {
            let name = file.first(dcterms::FORMAT).map(|format| {
                let stated = format.value(rdfs::LABEL);
                stated.unwrap_or_else(|| format.label(self.speech.main))
            });
            let mut format = Map::new();
            format.extend(name.map(|name| ("name".to_owned(), json!(name))));
            format.extend(
                links::media_type(file).map(|media| ("mediaType".to_owned(), json!(media))),
            );
            let format = Value::Object(format);
            if format != json!({}) && !formats.contains(&format) {
                formats.push(format);
            }
        }
        formats
    }

    fn contacts(&self) -> Vec<Value> {
        let mut contacts: Vec<Value> = Vec::new();
        for (party, role) in parties(self.node).into_iter().take(MOST) {
            contacts.extend(self.contact(&party, role));
        }
        contacts
    }

    fn contact(&self, party: &Party<'a>, role: &str) -> Option<Value> {
        let mut contact = Map::new();
        let organisation = self.speech.best(&party.organisation);
        for (name, value) in [("name", party.individual), ("organization", organisation)] {
            contact.extend(value.map(|value| (name.to_owned(), json!(value))));
        }
        if contact.is_empty() {
            return None;
        }
        let emails = party.emails.iter().filter(|email| email.contains('@'));
        let emails: Vec<Value> = emails.map(|email| json!({ "value": email })).collect();
        put_list(&mut contact, "emails", emails);
        let telephone = party.telephone.and_then(telephone);
        let phones = telephone.map(|number| json!({ "value": number }));
        put_list(&mut contact, "phones", phones.into_iter().collect());
        let page = party.page.filter(|page| page.starts_with("http"));
        let links = page.map(|page| json!({ "rel": "about", "type": "text/html", "href": page }));
        put_list(&mut contact, "links", links.into_iter().collect());
        put_list(&mut contact, "roles", vec![json!(role)]);
        Some(Value::Object(contact))
    }

    /// Those of the owner, and our IRI: by it, what comes back through another catalogue is known.
    fn identifiers(&self) -> Vec<Value> {
        let mut ids = external_ids(self.node);
        if !ids.iter().any(|(_, value)| *value == self.node.iri) {
            ids.push((None, self.node.iri));
        }
        ids.into_iter()
            .map(|(scheme, value)| match scheme {
                Some(scheme) => json!({ "scheme": scheme, "value": value }),
                None => json!({ "value": value }),
            })
            .collect()
    }
}

/// The standard has lists of one value at least.
fn put_list(into: &mut Map<String, Value>, name: &str, list: Vec<Value>) {
    if !list.is_empty() {
        into.insert(name.to_owned(), Value::Array(list));
    }
}

/// The identifier of a licence in SPDX's list.
fn spdx(iri: &str) -> Option<&'static str> {
    let licences = Vocab::bundled().scheme(vocab::Scheme::Licence);
    let found = licences.by_iri(iri)?;
    found.concept.exact.iter().find_map(|address| {
        let (_, code) = address.as_str().split_once("spdx.org/licenses/")?;
        Some(code.strip_suffix(".html").unwrap_or(code))
    })
}

/// As E.164 has it; what is written otherwise is no number for programs.
fn telephone(text: &str) -> Option<String> {
    let number: String = text
        .chars()
        .filter(|c| !matches!(c, ' ' | '.' | '-' | '(' | ')' | '\u{a0}'))
        .collect();
    let digits = number.strip_prefix('+')?;
    let fits = (4..=15).contains(&digits.len()) && !digits.starts_with('0');
    (fits && digits.bytes().all(|digit| digit.is_ascii_digit())).then_some(number)
}
