//! From the statements of an entity to its document.

use std::collections::{BTreeMap, BTreeSet};

use model::ns::{adms, dcat, dcatap, dcterms, foaf, locn, prov, vcard};
use model::{EntityKey, EntityKind};
use oxrdf::{NamedNodeRef, Term};
use vocab::place::Places;

use crate::completeness::completeness;
use crate::document::{Context, Document, MAX_PROSE};
use crate::lines::Lines;
use crate::properties::{
    COMMON, DATES, DESCRIPTION, ORGANISATION, OTHER, PARTIES, QUIET, SUBJECT, TITLE,
};
use crate::spatial::Rect;
use crate::{Field, analysis, extent, instant};

/// More values of one field than this are left out.
const MAX_VALUES: usize = 500;
/// More boxes than this are left out.
const MAX_BOXES: usize = 64;

pub(crate) struct Gather<'a> {
    context: &'a Context<'a>,
    lines: &'a Lines,
    iri: String,
    document: Document,
    /// How much text there is of each weight.
    length: [usize; 6],
}

/// What a value is called.
struct Called {
    /// Its IRI; or its first name, if it has none but a node of the entity.
    identity: Option<String>,
    names: Vec<String>,
}

impl<'a> Gather<'a> {
    pub(crate) fn new(
        context: &'a Context<'a>,
        lines: &'a Lines,
        agents: BTreeSet<EntityKey>,
    ) -> Self {
        Self {
            context,
            lines,
            iri: context.key.iri(context.base),
            document: Document {
                key: context.key,
                agents,
                texts: BTreeMap::new(),
                instants: BTreeMap::new(),
                facets: BTreeMap::new(),
                boxes: Vec::new(),
                quality: 0.0,
                weighed: Default::default(),
            },
            length: [0; 6],
        }
    }

    pub(crate) fn gather(mut self) -> Document {
        let iri = self.iri.clone();
        self.texts(&iri);
        self.identifiers(&iri);
        self.common(&iri);
        self.parties(&iri);
        self.places(&iri);
        self.times(&iri);
        self.value(Field::Kind, self.context.kind.segment());
        self.facet(Field::Kind, self.context.kind.segment());
        for source in self.context.sources {
            self.value(Field::Source, source);
            self.facet(Field::Source, source);
        }
        let hvd = self
            .lines
            .objects(&iri, dcatap::HVD_CATEGORY)
            .next()
            .is_some();
        self.value(Field::Hvd, if hvd { "true" } else { "false" });
        self.facet(Field::Hvd, if hvd { "true" } else { "false" });
        let quality = self
            .context
            .quality
            .unwrap_or_else(|| completeness(&self.document));
        self.document.quality = if quality.is_finite() {
            quality.clamp(0.0, 1.0)
        } else {
            0.0
        };
        self.document
    }

    fn texts(&mut self, iri: &str) {
        let lines = self.lines;
        let title = match self.context.kind {
            EntityKind::Organisation => foaf::NAME,
            _ => dcterms::TITLE,
        };
        for property in [title, dcterms::ALTERNATIVE] {
            for text in lines.texts(iri, property) {
                self.value(Field::Title, text);
                self.weigh(TITLE, text);
            }
        }
        for property in [dcterms::DESCRIPTION, dcterms::ABSTRACT] {
            for text in lines.texts(iri, property) {
                self.value(Field::Description, text);
                self.weigh(DESCRIPTION, text);
            }
        }
        for text in lines.texts(iri, dcat::KEYWORD) {
            self.value(Field::Subject, text);
            self.facet(Field::Subject, text);
            self.weigh(SUBJECT, text);
        }
        for distribution in lines.nodes(iri, dcat::DISTRIBUTION) {
            for property in [dcterms::TITLE, dcterms::DESCRIPTION] {
                for text in lines.texts(distribution, property) {
                    self.weigh(OTHER, text);
                }
            }
        }
    }

    fn identifiers(&mut self, iri: &str) {
        let lines = self.lines;
        self.value(Field::Iri, iri);
        let mut found: Vec<&str> = lines.texts(iri, dcterms::IDENTIFIER);
        for node in lines.nodes(iri, adms::IDENTIFIER) {
            found.extend(lines.texts(node, model::ns::skos::NOTATION));
            if !self.is_own(node) {
                found.push(node);
            }
        }
        for record in lines.instances(dcat::CATALOG_RECORD) {
            found.extend(lines.texts(record, dcterms::IDENTIFIER));
        }
        found.push(iri);
        for identifier in found {
            self.value(Field::Identifier, identifier);
            let weight = if identifier.contains("://") {
                QUIET
            } else {
                OTHER
            };
            self.weigh(weight, identifier);
        }
    }

    fn common(&mut self, iri: &str) {
        let lines = self.lines;
        let distributions: Vec<&str> = lines.nodes(iri, dcat::DISTRIBUTION).collect();
        for (property, field, everywhere, weight) in COMMON {
            let others = distributions.iter().copied().filter(|_| *everywhere);
            for subject in std::iter::once(iri).chain(others) {
                for object in lines.objects(subject, *property) {
                    let called = self.called(object);
                    self.take(*field, *property, &called, *weight);
                }
            }
        }
    }

    fn take(&mut self, field: Field, property: NamedNodeRef<'_>, called: &Called, weight: usize) {
        for name in &called.names {
            match field {
                // Names of themes are subjects, and so are their IRIs.
                Field::Theme => self.value(Field::Subject, name),
                field => self.value(field, name),
            }
            if field != Field::Link {
                self.weigh(weight, name);
            }
        }
        let Some(identity) = &called.identity else {
            return;
        };
        self.value(field, identity);
        match field {
            Field::Theme => self.value(Field::Subject, identity),
            // A media type is told of only where there is no file type.
            Field::Format if property == dcat::MEDIA_TYPE && self.has_facet(field) => return,
            Field::Link => self.weigh(QUIET, identity),
            Field::ConformsTo if identity.contains("/def/crs/") => {
                self.value(Field::CoordinateSystem, identity);
                self.facet(Field::CoordinateSystem, identity);
                if let Some((_, number)) = identity.rsplit_once("/EPSG/0/") {
                    self.value(Field::CoordinateSystem, &format!("EPSG:{number}"));
                }
            }
            _ => {}
        }
        if field != Field::Theme || property == dcat::THEME {
            self.facet(field, identity);
        }
    }

    fn parties(&mut self, iri: &str) {
        let lines = self.lines;
        for node in lines.nodes(iri, dcterms::PUBLISHER) {
            self.value(Field::OrganisationIri, node);
            self.facet(Field::OrganisationIri, node);
            for (at, name) in self.names(node).iter().enumerate() {
                self.value(Field::Organisation, name);
                self.weigh(ORGANISATION, name);
                if at == 0 {
                    self.facet(Field::Organisation, name);
                }
            }
        }
        for property in PARTIES {
            for node in lines.nodes(iri, property) {
                for name in self.names(node) {
                    if property == dcterms::CREATOR {
                        self.value(Field::Creator, &name);
                    }
                    self.weigh(OTHER, &name);
                }
            }
        }
        for attribution in lines.nodes(iri, prov::QUALIFIED_ATTRIBUTION) {
            for node in lines.nodes(attribution, prov::AGENT) {
                for name in self.names(node) {
                    self.weigh(OTHER, &name);
                }
            }
        }
        for contact in lines.nodes(iri, dcat::CONTACT_POINT) {
            for text in lines.labels(contact) {
                self.value(Field::Contact, text);
                self.weigh(OTHER, text);
            }
            for property in [vcard::HAS_EMAIL, vcard::HAS_URL] {
                for address in lines.nodes(contact, property) {
                    let address = address.trim_start_matches("mailto:");
                    self.value(Field::Contact, address);
                    self.weigh(QUIET, address);
                }
            }
        }
    }

    fn places(&mut self, iri: &str) {
        let lines = self.lines;
        let mut known = Vec::new();
        for object in lines.objects(iri, dcterms::SPATIAL) {
            let called = self.called(object);
            for name in &called.names {
                self.value(Field::Territory, name);
                self.weigh(OTHER, name);
            }
            let Term::NamedNode(node) = object else {
                continue;
            };
            if let Some(territory) = Places::bundled().by_iri(node.as_str()) {
                self.value(Field::Territory, territory.name);
                self.weigh(OTHER, territory.name);
                let around = Places::bundled().around(territory);
                for place in around.into_iter().chain([territory]) {
                    if let Some(iri) = place.iri() {
                        self.value(Field::Within, iri.as_str());
                    }
                }
                known.extend(Places::bundled().boxes(territory));
            }
            if let Some(identity) = &called.identity {
                self.value(Field::Territory, identity);
                self.facet(Field::Territory, identity);
            }
            for property in [dcat::BBOX, locn::GEOMETRY, dcat::CENTROID] {
                let found: Vec<Rect> = lines
                    .texts(node.as_str(), property)
                    .into_iter()
                    .flat_map(extent::rects)
                    .collect();
                if !found.is_empty() {
                    self.document.boxes.extend(found);
                    break;
                }
            }
        }
        if self.document.boxes.is_empty() {
            // It says where, and others know where that is.
            let known = known.iter().filter_map(extent::rect);
            self.document.boxes.extend(known);
        }
        self.document.boxes.truncate(MAX_BOXES);
    }

    fn times(&mut self, iri: &str) {
        let lines = self.lines;
        for (property, field) in DATES {
            for text in lines.texts(iri, property) {
                self.instant(field, text, false);
            }
        }
        if !self.document.instants.contains_key(&Field::Modified) {
            for record in lines.instances(dcat::CATALOG_RECORD) {
                for text in lines.texts(record, dcterms::MODIFIED) {
                    self.instant(Field::Modified, text, false);
                }
            }
        }
        for period in lines.nodes(iri, dcterms::TEMPORAL) {
            for text in lines.texts(period, dcat::START_DATE) {
                self.instant(Field::TemporalStart, text, false);
            }
            for text in lines.texts(period, dcat::END_DATE) {
                self.instant(Field::TemporalEnd, text, true);
            }
        }
        let changed = self.context.changed.timestamp_millis();
        self.document.instants.insert(Field::Changed, vec![changed]);
        for (field, instants) in &mut self.document.instants {
            instants.sort_unstable();
            instants.dedup();
            // It is sorted by the latest of what ends or changes, and by the earliest of what begins.
            if matches!(field, Field::Modified | Field::TemporalEnd) {
                instants.reverse();
            }
        }
    }

    fn instant(&mut self, field: Field, text: &str, last: bool) {
        let Some(interval) = instant::interval(text) else {
            return;
        };
        let instants = self.document.instants.entry(field).or_default();
        if instants.len() < MAX_VALUES {
            instants.push(if last { interval.last } else { interval.first });
        }
    }

    /// The names of an agent, here or in the entity of its own.
    fn names(&self, node: &str) -> Vec<String> {
        let known = EntityKey::of_iri(self.context.base, node)
            .and_then(|key| self.context.agents.get(&key))
            .map(|agent| agent.names.clone());
        known.unwrap_or_else(|| owned(self.lines.labels(node)))
    }

    fn called(&self, object: &Term) -> Called {
        let node = match object {
            Term::NamedNode(node) => node.as_str(),
            Term::Literal(literal) => {
                return Called {
                    identity: Some(literal.value().to_owned()),
                    names: vec![literal.value().to_owned()],
                };
            }
            _ => {
                return Called {
                    identity: None,
                    names: Vec::new(),
                };
            }
        };
        let mut names = owned(self.lines.labels(node));
        if let Some(concept) = self.context.vocab.concept(node) {
            names.push(concept.code.clone());
            names.extend(concept.fr.iter().chain(&concept.en).cloned());
        }
        let identity = match self.is_own(node) {
            true => names.first().cloned(),
            false => Some(node.to_owned()),
        };
        Called { identity, names }
    }

    fn is_own(&self, node: &str) -> bool {
        node.strip_prefix(&self.iri)
            .is_some_and(|rest| rest.starts_with('#'))
    }

    fn value(&mut self, field: Field, value: &str) {
        let value = analysis::cut(value.trim(), MAX_PROSE);
        let values = self.document.texts.entry(field).or_default();
        if !value.is_empty()
            && values.len() < MAX_VALUES
            && !values.iter().any(|known| known == value)
        {
            values.push(value.to_owned());
        }
        if values.is_empty() {
            self.document.texts.remove(&field);
        }
    }

    fn facet(&mut self, field: Field, value: &str) {
        let value = value.trim();
        if !field.is_facet() || value.is_empty() {
            return;
        }
        let values = self.document.facets.entry(field).or_default();
        if values.len() < MAX_VALUES {
            values.insert(value.to_owned());
        }
    }

    fn has_facet(&self, field: Field) -> bool {
        self.document.facets.contains_key(&field)
    }

    fn weigh(&mut self, weight: usize, text: &str) {
        let (Some(texts), Some(length)) = (
            self.document.weighed.get_mut(weight),
            self.length.get_mut(weight),
        ) else {
            return;
        };
        let text = analysis::cut(text.trim(), MAX_PROSE.saturating_sub(*length));
        if !text.is_empty() && texts.len() < MAX_VALUES && !texts.iter().any(|known| known == text)
        {
            *length += text.len();
            texts.push(text.to_owned());
        }
    }
}

fn owned(texts: Vec<&str>) -> Vec<String> {
    texts.into_iter().map(str::to_owned).collect()
}
