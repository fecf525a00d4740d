//! Identifiers, and what a record says of other records.

use model::ns::{adms, dcat, dcterms, owl, skos};
use model::{EntityKind, Link, LinkTarget, RecordId, check_iri};
use oxrdf::vocab::xsd;
use oxrdf::{NamedNode, NamedNodeRef};

use super::paths;
use super::text::{anchor, code, is_code};
use super::{Element, Mapping};
use crate::draft::short_hash;

impl<'t> Mapping<'_, 't> {
    /// `dct:identifier` is the source's identifier of the record; the resource's own ones are `adms:identifier`, and
    /// names by which other records may mean this one.
    pub(super) fn identifiers(&mut self) {
        let subject = self.entity.iri.clone();
        self.entity
            .add_text(&subject, dcterms::IDENTIFIER, self.record.id.as_str(), None);
        if let Some(id) = self.value(self.root, &paths::FILE_IDENTIFIER) {
            self.add_alias(id);
        }
        let mut known: Vec<String> = vec![self.record.id.as_str().to_owned()];
        for identifier in self
            .all(self.info, &paths::RESOURCE_IDENTIFIER)
            .into_iter()
            .take(200)
        {
            let Some(object) = identifier.object() else {
                continue;
            };
            let Some(code) = object
                .first("code")
                .map(|code| anchor(code).unwrap_or_else(|| code.value()))
                .filter(|code| !code.is_empty())
            else {
                continue;
            };
            let space = object.value_of("codeSpace").unwrap_or_default();
            let joined = join(space, code);
            self.add_alias(code);
            self.add_alias(&joined);
            // As many services write it.
            self.add_alias(&format!("{space}{code}"));
            self.identifier(identifier, &joined, space, &mut known);
        }
        if let Some(uri) = self.value(self.root, &paths::DATASET_URI) {
            self.add_alias(uri);
        }
    }

    fn identifier(
        &mut self,
        place: Element<'t>,
        notation: &str,
        space: &str,
        known: &mut Vec<String>,
    ) {
        if known.iter().any(|known| known == notation) {
            return;
        }
        let subject = self.entity.iri.clone();
        let node = self
            .entity
            .node(&format!("identifier-{}", short_hash(notation)));
        known.push(notation.to_owned());
        self.entity.set_origin(&node, place.xpath());
        self.entity.add(&subject, adms::IDENTIFIER, node.clone());
        self.entity.add_type(&node, adms::IDENTIFIER_CLASS);
        match check_iri(notation) {
            Some(_) => self
                .entity
                .add_typed(&node, skos::NOTATION, notation, xsd::ANY_URI),
            None => self.entity.add_text(&node, skos::NOTATION, notation, None),
        }
        if check_iri(notation).is_none() {
            self.entity
                .add_text(&node, adms::SCHEMA_AGENCY, space, None);
        }
    }

    pub(super) fn add_alias(&mut self, alias: &str) {
        let alias = alias.trim();
        if !alias.is_empty()
            && alias != self.record.id.as_str()
            && !self.entity.aliases.iter().any(|known| known == alias)
        {
            self.entity.aliases.push(alias.to_owned());
        }
    }

    /// The series that the record is a part of, and other records that it names.
    pub(super) fn associations(&mut self) {
        for parent in self.all(self.root, &paths::PARENT) {
            // A citation's first text is its title.
            let identifier = (parent.name() != "parentMetadata").then(|| parent.value());
            self.link(
                dcat::IN_SERIES,
                EntityKind::DatasetSeries,
                parent,
                identifier,
            );
        }
        for property in self
            .all(self.info, &paths::ASSOCIATION)
            .into_iter()
            .take(500)
        {
            let Some(object) = property.object() else {
                continue;
            };
            let kind = object
                .first("associationType")
                .and_then(code)
                .unwrap_or_default();
            let part = is_code(kind, "largerWorkCitation")
                || is_code(kind, "partOfSeamlessDatabase")
                || is_code(kind, "series")
                || is_code(kind, "isPartOf");
            let values = self.all(object, &paths::ASSOCIATED_CODE);
            let references = self.all(object, &paths::ASSOCIATED_REFERENCE);
            for target in values.into_iter().chain(references) {
                let code = anchor(target).or_else(|| {
                    target
                        .children()
                        .next()
                        .filter(|child| child.children().next().is_none())
                        .map(Element::text)
                });
                if part {
                    self.link(dcat::IN_SERIES, EntityKind::DatasetSeries, target, code);
                }
                let property = if is_code(kind, "source") {
                    dcterms::SOURCE
                } else {
                    dcterms::RELATION
                };
                for kind in [
                    EntityKind::Dataset,
                    EntityKind::DatasetSeries,
                    EntityKind::DataService,
                ] {
                    if kind == EntityKind::Dataset || property == dcterms::RELATION {
                        self.link(property, kind, target, code);
                    }
                }
            }
        }
    }

    /// A link to the record or the resource that a property names: by `uuidref`, by the address of its metadata
    /// (whose `id` is the record's identifier), or by an identifier.
    pub(super) fn link(
        &mut self,
        predicate: NamedNodeRef<'_>,
        kind: EntityKind,
        property: Element<'t>,
        identifier: Option<&str>,
    ) {
        let href = anchor(property)
            .or_else(|| property.attribute("href"))
            .or_else(|| {
                property
                    .object()
                    .and_then(|object| object.attribute("href"))
            });
        let uuid = property.attribute("uuidref").or_else(|| {
            property
                .object()
                .and_then(|object| object.attribute("uuidref"))
        });
        let mut targets = Vec::new();
        if let Some(href) = href {
            targets.push(record_id(href).map_or_else(
                || LinkTarget::Alias(href.to_owned()),
                |id| LinkTarget::Record(RecordId::new(id)),
            ));
        }
        targets.extend(uuid.map(|uuid| LinkTarget::Alias(uuid.to_owned())));
        targets.extend(
            identifier
                .map(str::trim)
                .filter(|id| !id.is_empty() && id.len() < 500)
                .map(|id| LinkTarget::Alias(id.to_owned())),
        );
        for target in targets {
            let itself = match &target {
                LinkTarget::Record(id) => *id == self.record.id,
                LinkTarget::Alias(alias) => alias == self.record.id.as_str(),
            };
            let link = Link {
                subject: self.entity.iri.clone(),
                predicate: predicate.into_owned(),
                target,
                kind,
            };
            if !itself && self.entity.links.len() < 5_000 && !self.entity.links.contains(&link) {
                self.entity.links.push(link);
            }
        }
    }

    /// `dct:conformsTo` of the catalogue record: the standard that the record says it follows.
    pub(super) fn metadata_standard(&mut self, record: &NamedNode) {
        let Some(name) = self.first(self.root, &paths::STANDARD_NAME) else {
            return;
        };
        let texts = self.locales.texts(name);
        let Some(first) = texts.first() else { return };
        if let Some(iri) = anchor(name).and_then(check_iri) {
            self.entity.add(record, dcterms::CONFORMS_TO, iri);
            return;
        }
        let first = first.value.to_owned();
        let node = self.entity.node("metadata-standard");
        self.entity.set_origin(&node, name.xpath());
        self.entity.add(record, dcterms::CONFORMS_TO, node.clone());
        self.entity.add_type(&node, dcterms::STANDARD);
        self.entity.add_text(
            &node,
            dcterms::TITLE,
            &first,
            self.locales.default.clone().as_deref(),
        );
        if let Some(version) = self.value(self.root, &paths::STANDARD_VERSION) {
            self.entity
                .add_text(&node, owl::VERSION_INFO, version, None);
        }
    }

    /// A concept of the record's own, for a value that no list has.
    pub(super) fn own_concept(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        local: &str,
        label: &str,
    ) -> NamedNode {
        let node = self.entity.node(local);
        self.entity.add(subject, predicate, node.clone());
        self.entity.add_type(&node, skos::CONCEPT);
        self.entity.add_text(&node, skos::PREF_LABEL, label, None);
        node
    }
}

/// A code in its name space. A name space that is an address makes an address of the code; an address needs none.
fn join(space: &str, code: &str) -> String {
    let is_address = |text: &str| {
        text.starts_with("http://") || text.starts_with("https://") || text.starts_with("urn:")
    };
    if !is_address(space) || is_address(code) || code.starts_with("doi:") {
        return code.to_owned();
    }
    if space.ends_with(['/', '#', '=', ':']) || code.starts_with('/') {
        return format!("{space}{code}");
    }
    let separator = if space.starts_with("urn:") { ':' } else { '/' };
    format!("{space}{separator}{code}")
}

/// The record that an address of metadata asks for: `...?request=GetRecordById&id=ID`, `...?uuid=ID`,
/// `.../catalog.search#/metadata/ID`, `.../api/records/ID`.
pub(crate) fn record_id(address: &str) -> Option<String> {
    if let Some((_, query)) = address.split_once('?') {
        let query = query.split('#').next().unwrap_or(query);
        let found = query.split(['&', ';']).find_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            (name.eq_ignore_ascii_case("id") || name.eq_ignore_ascii_case("uuid")).then_some(value)
        });
        let asks = ["getrecordbyid", "metadata", "uuid="]
            .iter()
            .any(|word| address.to_ascii_lowercase().contains(word));
        if let Some(id) = found.filter(|id| asks && !id.is_empty()) {
            return Some(percent_decode(id));
        }
    }
    let after = ["#/metadata/", "/api/records/", "/metadata.show/"]
        .iter()
        .find_map(|mark| address.split_once(mark))
        .map(|(_, rest)| rest)?;
    let id = after.split(['/', '?', '#', '&']).next().unwrap_or_default();
    Some(percent_decode(id)).filter(|id| !id.is_empty())
}

fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let hex = (*byte == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        decoded.push(hex.unwrap_or(*byte));
        at += if hex.is_some() { 3 } else { 1 };
    }
    String::from_utf8(decoded).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_in_their_name_spaces() {
        for (space, code, joined) in [
            ("http://a.example", "x", "http://a.example/x"),
            ("http://a.example/", "x", "http://a.example/x"),
            ("http://a.example/id#", "x", "http://a.example/id#x"),
            (
                "http://a.example",
                "http://b.example/x",
                "http://b.example/x",
            ),
            ("", "x", "x"),
            ("fr-1", "x", "x"),
            ("urn:a", "x", "urn:a:x"),
        ] {
            assert_eq!(join(space, code), joined);
        }
    }

    #[test]
    fn the_record_that_an_address_asks_for() {
        for (address, id) in [
            (
                "https://a.example/csw?SERVICE=CSW&REQUEST=GetRecordById&ID=fr-1-jdd%3A2&x=y",
                Some("fr-1-jdd:2"),
            ),
            ("https://a.example/srv/xml_iso19139?uuid=abc", Some("abc")),
            (
                "https://a.example/srv/fre/catalog.search#/metadata/abc",
                Some("abc"),
            ),
            (
                "https://a.example/geonetwork/srv/api/records/abc/formatters/xml",
                Some("abc"),
            ),
            ("https://a.example/page?id=3", None),
            ("https://a.example/%zz", None),
        ] {
            assert_eq!(record_id(address).as_deref(), id, "{address}");
        }
    }
}
