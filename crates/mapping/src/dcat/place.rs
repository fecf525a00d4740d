//! Places: IRIs, locations with geometries, boxes in a text, names.

use model::Severity;
use model::ns::{dcat, dcterms, gsp, locn, skos};
use oxrdf::vocab::rdf;
use oxrdf::{Literal, NamedNode, NamedNodeRef, NamedOrBlankNode, Term};

use super::Mapping;
use super::geometry::{Encoding, Reading, bounds_of_text, read};
use super::graph::{Node, node};
use super::node::is_skolem;
use super::terms::Role;
use super::value::is_address;
use crate::draft::short_hash;

impl Mapping<'_> {
    pub(super) fn spatial(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        object: &Term,
    ) {
        let described = match object {
            Term::Literal(literal) => return self.place_of_text(subject, predicate, literal),
            _ => node(object),
        };
        let Some(described) = described else { return };
        if let Node::NamedNode(iri) = &described {
            let known = self.only_named(&described) && !is_skolem(iri.as_str());
            if !self.graph.describes(&described) || known {
                return self.foreign(subject, predicate, iri);
            }
            // The IRI is what others know the place by; what is said of it is said of a node of the entity.
            if !is_skolem(iri.as_str()) && !self.current.own.contains_key(&described) {
                self.iri(subject, predicate, iri);
            }
        }
        let written = self.current.entity.triples.len();
        if let Some(own) = self.own_node(&described, "place", &[dcterms::LOCATION], Role::Resource)
        {
            for geometry in [dcat::BBOX, dcat::CENTROID, locn::GEOMETRY] {
                self.one_geometry(&own, geometry, written);
            }
            self.add(subject, predicate, own);
        }
    }

    /// Of one geometry in several encodings, the one that most can read: WKT, GeoJSON, GML. What is said of the place stands
    /// behind the first `written` statements.
    fn one_geometry(&mut self, place: &NamedNode, predicate: NamedNodeRef<'_>, written: usize) {
        let rank = |object: &Term| match object {
            Term::Literal(literal) => [gsp::WKT_LITERAL, gsp::GEO_JSON_LITERAL, gsp::GML_LITERAL]
                .iter()
                .position(|known| *known == literal.datatype())
                .unwrap_or(3),
            _ => 4,
        };
        let subject = NamedOrBlankNode::NamedNode(place.clone());
        let said = self.current.entity.triples.get(written..);
        let mut stated: Vec<Term> = said
            .unwrap_or_default()
            .iter()
            .filter(|triple| triple.predicate == predicate && triple.subject == subject)
            .map(|triple| triple.object.clone())
            .collect();
        stated.sort_by_key(|object| (rank(object), object.to_string()));
        stated.dedup();
        let Some((kept, others)) = stated
            .split_first()
            .filter(|(_, others)| !others.is_empty())
        else {
            return;
        };
        let triples = &mut self.current.entity.triples;
        let mut said = triples.split_off(written.min(triples.len()));
        said.retain(|triple| {
            triple.predicate != predicate || triple.object == *kept || triple.subject != subject
        });
        triples.append(&mut said);
        for other in others {
            let value = self.text_of(other).unwrap_or_default();
            let origin = self.origin_of(place);
            self.find(
                "value/several",
                Severity::Info,
                "a place has one geometry of a kind: another one, or another encoding of it, was kept",
                "give one geometry, in WKT",
                &value,
                origin,
            );
        }
    }

    /// A box, a geometry, an address or a name.
    fn place_of_text(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        literal: &Literal,
    ) {
        let text = literal.value().trim();
        if text.is_empty() {
            return;
        }
        if text.starts_with("{{") {
            return self.template(subject, text);
        }
        if is_address(text) {
            return self.add_iri(subject, predicate, text);
        }
        let own = self
            .current
            .entity
            .node(&format!("place-{}", short_hash(text)));
        let written = self.current.entity.triples.len();
        if let Some(bounds) = bounds_of_text(text) {
            match bounds {
                Ok(wkt) => self.add(
                    &own,
                    dcat::BBOX,
                    Literal::new_typed_literal(wkt, gsp::WKT_LITERAL),
                ),
                Err(()) => self.bad_geometry(subject, text),
            }
        } else if Encoding::of(literal).is_some() {
            self.geometry_text(&own, locn::GEOMETRY, literal);
        } else {
            self.name(&own, skos::PREF_LABEL, &Term::Literal(literal.clone()));
        }
        if self.current.entity.triples.len() > written {
            self.add(&own, rdf::TYPE, dcterms::LOCATION.into_owned());
            self.add(subject, predicate, own);
        }
    }

    /// A geometry of a place: a text, or a node with one.
    pub(super) fn geometry(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        object: &Term,
    ) {
        if let Term::Literal(literal) = object {
            return self.geometry_text(subject, predicate, literal);
        }
        let Some(described) = node(object) else {
            return;
        };
        let graph = self.graph;
        let mut found = false;
        for name in [
            "http://www.opengis.net/ont/geosparql#asWKT",
            "http://www.opengis.net/ont/geosparql#asGeoJSON",
            "http://www.opengis.net/ont/geosparql#asGML",
            "http://www.w3.org/ns/locn#geometry",
            "http://www.w3.org/1999/02/22-rdf-syntax-ns#value",
            "http://www.w3.org/2000/01/rdf-schema#label",
        ] {
            for value in graph.objects(&described, name) {
                if let Term::Literal(literal) = value
                    && Encoding::of(literal).is_some()
                {
                    found = true;
                    self.geometry_text(subject, predicate, literal);
                }
            }
        }
        if found {
            self.read.insert(described);
        } else {
            self.any(subject, predicate, object);
        }
    }

    fn geometry_text(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        literal: &Literal,
    ) {
        let text = literal.value().trim();
        if text.is_empty() {
            return;
        }
        if text.starts_with("{{") {
            return self.template(subject, text);
        }
        let Some(encoding) = Encoding::of(literal) else {
            return match bounds_of_text(text) {
                Some(Ok(wkt)) => self.add(
                    subject,
                    dcat::BBOX,
                    Literal::new_typed_literal(wkt, gsp::WKT_LITERAL),
                ),
                _ => self.bad_geometry(subject, text),
            };
        };
        match read(encoding, text) {
            Reading::Kept => self.add(
                subject,
                predicate,
                Literal::new_typed_literal(text, encoding.datatype()),
            ),
            Reading::Absurd => self.bad_geometry(subject, text),
            Reading::Large(bbox) => {
                let place = self.origin_of(subject);
                self.find(
                    "place/large-geometry",
                    Severity::Info,
                    "the geometry is very large: its bounding box is published",
                    "generalise the geometry: a catalogue needs the outline only",
                    text,
                    place,
                );
                if let Some(wkt) = bbox
                    && self.current.entity.object(subject, dcat::BBOX).is_none()
                {
                    let literal = Literal::new_typed_literal(wkt, gsp::WKT_LITERAL);
                    self.add(subject, dcat::BBOX, literal);
                }
            }
        }
    }

    fn bad_geometry(&mut self, subject: &NamedNode, text: &str) {
        let place = self.origin_of(subject);
        self.find(
            "place/bad-geometry",
            Severity::Warning,
            "the geometry cannot be read, or is not in degrees of longitude and latitude: left out",
            "write WKT or GeoJSON in WGS 84, longitude before latitude",
            text,
            place,
        );
    }

    fn origin_of(&self, subject: &NamedNode) -> String {
        self.current
            .entity
            .origin(subject.as_str())
            .unwrap_or_default()
            .to_owned()
    }
}
