//! Where: names, codes and addresses of territories become those of the authorities, with the box of the territory.
//!
//! What is published of a territory: `dct:spatial` with the authority's address (what data portals compare and count), and a
//! `dct:Location` of the entity with the address as `dct:identifier` (GeoDCAT-AP), the name, and a box (what maps and udata
//! read). Nothing is said of the authority's address itself: it is not ours to describe.

use std::collections::{HashMap, HashSet};

use model::ns::{dcat, dcterms, gsp, locn, owl, skos};
use model::{EntityKind, Severity};
use oxrdf::vocab::{rdf, rdfs, xsd};
use oxrdf::{Literal, NamedNode, NamedNodeRef, NamedOrBlankNode, Term, Triple};
use vocab::place::{Bounds, Kind, Places, Reading, Territory};

use crate::desk::{Desk, Outcome, is_void, note, slug, subject_of, text_of};
use crate::geometry::{self, GEOMETRIES};
use crate::text::plain;

const NAMES: [NamedNodeRef<'static>; 4] = [
    skos::PREF_LABEL,
    rdfs::LABEL,
    dcterms::TITLE,
    locn::GEOGRAPHIC_NAME,
];
const CODES: [NamedNodeRef<'static>; 2] = [dcterms::IDENTIFIER, skos::NOTATION];
const ADDRESSES: [NamedNodeRef<'static>; 2] = [skos::EXACT_MATCH, owl::SAME_AS];
/// Hosts whose addresses of places need no table of ours.
const GAZETTEERS: [&str; 8] = [
    "id.insee.fr",
    "rdf.insee.fr",
    "sws.geonames.org",
    "www.geonames.org",
    "publications.europa.eu",
    "data.europa.eu",
    "www.wikidata.org",
    "dbpedia.org",
];
const HINT: &str = "name the place by its INSEE code (59350, 59, R32), or by its name with the département: Saint-Denis (93)";
/// Places of a record that are resolved.
const MOST: usize = 1_000;

pub fn resolve(desk: &mut Desk<'_>) {
    if desk.entity.kind == EntityKind::Organisation || !desk.has(&[dcterms::SPATIAL]) {
        return;
    }
    let mut work = Work {
        places: Places::bundled(),
        located: located(desk),
        boxes: Vec::new(),
        said: Vec::new(),
        nodes: Vec::new(),
        told: HashSet::new(),
        held: HashSet::new(),
        drawn: HashSet::new(),
        complete: true,
        is_its_own: true,
    };
    let literals = literals(desk);
    geometry::sane(desk);
    work.boxes = work.stated_boxes(desk);
    let stated = desk.take_all(&[dcterms::SPATIAL]);
    // What the record describes comes before what it only names: a place is told once.
    let (own, named): (Vec<Triple>, Vec<Triple>) = stated
        .into_iter()
        .partition(|triple| desk.entity.owns(text_of(&triple.object)));
    for (at, triple) in own.into_iter().chain(named).enumerate() {
        work.is_its_own = subject_of(&triple) == desk.entity.iri.as_str();
        match &triple.object {
            Term::NamedNode(node) if at < MOST && desk.entity.owns(node.as_str()) => {
                let node = node.clone();
                desk.entity.triples.push(triple.clone());
                work.node(desk, &triple, &node);
            }
            Term::NamedNode(node) if at < MOST => {
                let node = node.clone();
                work.address(desk, triple, &node);
            }
            _ => desk.entity.triples.push(triple),
        }
    }
    for (at, (triple, text)) in literals.into_iter().enumerate() {
        work.is_its_own = subject_of(&triple) == desk.entity.iri.as_str();
        if at < MOST {
            work.literal(desk, triple, &text);
        } else {
            keep(desk, &triple, &text);
        }
    }
    work.compare(desk);
    work.draw(desk);
}

/// The territories that nodes of the entity stand for already, by their addresses.
fn located(desk: &Desk<'_>) -> HashMap<String, NamedNode> {
    let mut located = HashMap::new();
    for triple in &desk.entity.triples {
        if triple.predicate == dcterms::IDENTIFIER
            && let Term::Literal(address) = &triple.object
            && address.datatype() == xsd::ANY_URI
            && let NamedOrBlankNode::NamedNode(node) = &triple.subject
        {
            located.insert(address.value().to_owned(), node.clone());
        }
    }
    located
}

/// The literals of `dct:spatial`, as texts to resolve. Geometries among them become places of their own.
fn literals(desk: &mut Desk<'_>) -> Vec<(Triple, String)> {
    let mut names = Vec::new();
    for triple in desk.take_literals(&[dcterms::SPATIAL]) {
        let value = plain(text_of(&triple.object));
        let NamedOrBlankNode::NamedNode(subject) = triple.subject.clone() else {
            continue;
        };
        // « {{extent:computeSpatialProperty}} » is a form that nobody filled.
        if is_void(&value) || value.starts_with("{{") {
            desk.decide("place", &value, || Outcome::Void);
        } else if let Some((bounds, name)) = geometry::bounds_as_text(&value) {
            geometry::locate(desk, &subject, &value, bounds);
            if !name.is_empty() {
                names.push((triple, name));
            }
        } else if geometry::shape(&value).is_some() {
            let node = desk.entity.node(&format!("spatial-{}", slug(&value)));
            let datatype = if value.starts_with('{') {
                gsp::GEO_JSON_LITERAL
            } else {
                gsp::WKT_LITERAL
            };
            desk.entity.add_type(&node, dcterms::LOCATION);
            desk.entity.add(&subject, dcterms::SPATIAL, node.clone());
            desk.entity
                .add_typed(&node, locn::GEOMETRY, &value, datatype);
        } else {
            names.push((triple, value));
        }
    }
    names
}

struct Work {
    places: &'static Places,
    located: HashMap<String, NamedNode>,
    /// The boxes that the record states of the entity itself. What its distributions state is not held against it: they
    /// may yet be left out.
    boxes: Vec<Bounds>,
    /// The boxes of the territories that it names for the entity itself.
    said: Vec<Bounds>,
    /// The places that are territories.
    nodes: Vec<(NamedNode, &'static Territory)>,
    /// The territories that were told.
    told: HashSet<(Kind, &'static str)>,
    /// Those whose boxes are in `said`.
    held: HashSet<(Kind, &'static str)>,
    drawn: HashSet<String>,
    /// Every place that the record names for the entity itself is a territory whose box is known.
    complete: bool,
    /// The place that is looked at is one of the entity itself.
    is_its_own: bool,
}

/// What came of a text.
enum Told {
    /// With what of a list was not understood.
    Found(Vec<&'static Territory>, Vec<String>),
    /// It is known, and was not stated.
    Left,
    Unknown,
}

impl Work {
    /// A place that the record describes.
    fn node(&mut self, desk: &mut Desk<'_>, triple: &Triple, node: &NamedNode) {
        let texts = texts(desk, node);
        let Some(first) = texts.first().cloned() else {
            return;
        };
        let best = texts
            .iter()
            .find(|text| matches!(self.places.resolve(text), Reading::Found { .. }))
            .or_else(|| {
                let is_one_of =
                    |text: &&String| matches!(self.places.resolve(text), Reading::Ambiguous(_));
                texts.iter().find(is_one_of)
            })
            .unwrap_or(&first);
        match self.tell(desk, best, node, false) {
            Told::Found(territories, _) => match territories.as_slice() {
                [one] => self.state(desk, triple, Some(node), one),
                several => {
                    for territory in several {
                        self.state(desk, triple, None, territory);
                    }
                }
            },
            Told::Left | Told::Unknown => {}
        }
    }

    /// An address.
    fn address(&mut self, desk: &mut Desk<'_>, triple: Triple, node: &NamedNode) {
        let address = node.as_str();
        let Reading::Found { territories, .. } = self.places.resolve(address) else {
            let host = address
                .split_once("://")
                .and_then(|(_, rest)| rest.split('/').next())
                .unwrap_or_default();
            desk.decide("place", address, || {
                if GAZETTEERS.contains(&host) {
                    Outcome::Resolved {
                        to: address.to_owned(),
                        certain: true,
                    }
                } else {
                    Outcome::Unresolved
                }
            });
            desk.entity.triples.push(triple);
            return;
        };
        desk.decide("place", address, || resolved(&territories, true));
        let authority = territories.iter().filter_map(|territory| territory.iri());
        // An address of another authority says something of its own; `https` for `http`, or the code of an udata, does not.
        let same = |iri: NamedNode| {
            iri == *node || vocab::fold_iri(iri.as_str()) != vocab::fold_iri(address)
        };
        if address.contains("://") && authority.into_iter().all(same) {
            desk.entity.triples.push(triple.clone());
        }
        for territory in territories {
            self.state(desk, &triple, None, territory);
        }
    }

    fn literal(&mut self, desk: &mut Desk<'_>, triple: Triple, text: &str) {
        let subject = subject_of(&triple).to_owned();
        let is_keyword = desk
            .entity
            .triples
            .iter()
            .any(|other| other.predicate == dcat::KEYWORD && text_of(&other.object) == text);
        let Some(iri) = model::check_iri(&subject) else {
            return;
        };
        match self.tell(desk, text, &iri, is_keyword) {
            Told::Found(territories, rest) => {
                for territory in territories {
                    self.state(desk, &triple, None, territory);
                }
                for part in rest {
                    keep(desk, &triple, &part);
                }
            }
            // A keyword stands among the keywords.
            _ if is_keyword => {}
            _ => match model::repair_iri(text) {
                Ok((address, _)) if text.contains("://") => desk.put(triple, address),
                _ => keep(desk, &triple, text),
            },
        }
    }

    /// Reads a text, and tells what came of it.
    fn tell(&mut self, desk: &mut Desk<'_>, text: &str, node: &NamedNode, quiet: bool) -> Told {
        let topic = if quiet { "place-keyword" } else { "place" };
        if is_void(text) {
            desk.decide(topic, text, || Outcome::Void);
            return Told::Unknown;
        }
        let find = |desk: &mut Desk<'_>, rule, severity, message: String| {
            if !quiet {
                let predicate = if *node == desk.entity.iri {
                    dcterms::SPATIAL
                } else {
                    dcat::BBOX
                };
                desk.find(
                    note(rule, severity, message, HINT),
                    node.as_str(),
                    predicate,
                    text,
                );
            }
        };
        let (told, outcome) = match self.places.resolve(text) {
            Reading::Found {
                territories,
                certain,
                ..
            } if self.elsewhere(text, &territories, certain) => {
                let message = "the box of the record lies elsewhere than the place of this name: the name was kept, and no territory stated";
                find(
                    desk,
                    "place/contradiction",
                    Severity::Warning,
                    message.to_owned(),
                );
                (Told::Left, Outcome::Unresolved)
            }
            Reading::Found {
                territories,
                certain,
                rest,
            } => {
                if !certain {
                    let message = format!("read as {}", names(&territories));
                    find(desk, "place/doubtful", Severity::Info, message);
                }
                for part in &rest {
                    let message =
                        format!("`{part}` is no place that is known: the others were kept");
                    find(desk, "place/unknown", Severity::Info, message);
                }
                let outcome = resolved(&territories, certain);
                (Told::Found(territories, rest), outcome)
            }
            Reading::Ambiguous(candidates) => match self.by_box(&candidates) {
                Some(one) => {
                    let message = format!(
                        "{} places bear this name: {} lies where the box of the record does",
                        candidates.len(),
                        one.full_name()
                    );
                    find(desk, "place/doubtful", Severity::Info, message);
                    (Told::Found(vec![one], Vec::new()), resolved(&[one], false))
                }
                None => {
                    let message = format!(
                        "{} places bear this name ({}): none was chosen",
                        candidates.len(),
                        names(&candidates)
                    );
                    find(desk, "place/ambiguous", Severity::Warning, message);
                    (Told::Left, Outcome::Unresolved)
                }
            },
            Reading::Unknown => {
                let message = "no territory has this name or code: it was kept as it stands";
                find(desk, "place/unknown", Severity::Info, message.to_owned());
                (Told::Unknown, Outcome::Unresolved)
            }
        };
        desk.decide(topic, text, || outcome);
        self.complete &=
            !self.is_its_own || quiet || matches!(&told, Told::Found(_, rest) if rest.is_empty());
        told
    }

    /// Whether a name means a commune or an intercommunality that lies outside of every box of the record: most likely one of
    /// the same name that is no more. A code means what it means.
    fn elsewhere(&self, text: &str, territories: &[&Territory], certain: bool) -> bool {
        let by_name = !certain || !text.bytes().any(|byte| byte.is_ascii_digit());
        let [territory] = territories else {
            return false;
        };
        let small = !matches!(
            territory.kind,
            Kind::World
                | Kind::Continent
                | Kind::Country
                | Kind::Zone
                | Kind::Region
                | Kind::Department
        );
        by_name
            && small
            && !self.boxes.is_empty()
            && territory.bounds.is_some_and(|known| {
                self.boxes
                    .iter()
                    .all(|stated| !stated.meets(&known) && !geometry::turned(stated).meets(&known))
            })
    }

    /// The one candidate that a box of the record is like.
    fn by_box(&self, candidates: &[&'static Territory]) -> Option<&'static Territory> {
        let mut like = candidates.iter().filter(|candidate| {
            candidate.bounds.is_some_and(|known| {
                self.boxes
                    .iter()
                    .any(|stated| stated.likeness(&known) > 0.25)
            })
        });
        like.next().copied().filter(|_| like.next().is_none())
    }

    /// States a territory: its address, and a node with name and box.
    fn state(
        &mut self,
        desk: &mut Desk<'_>,
        triple: &Triple,
        node: Option<&NamedNode>,
        territory: &'static Territory,
    ) {
        let NamedOrBlankNode::NamedNode(subject) = &triple.subject else {
            return;
        };
        let iri = territory.iri();
        // More places than these are no place: they keep their addresses, and are not drawn.
        if self.nodes.len() >= MOST {
            self.complete &= !self.is_its_own;
            if let Some(iri) = iri {
                desk.entity.add(subject, dcterms::SPATIAL, iri);
            }
            return;
        }
        if self.told.insert((territory.kind, territory.code))
            && let Some(iri) = &iri
        {
            label(desk, iri, territory);
        }
        if self.is_its_own && self.held.insert((territory.kind, territory.code)) {
            let boxes = self.places.boxes(territory);
            self.complete &= !boxes.is_empty();
            self.said.extend(boxes);
        }
        if let Some(iri) = &iri {
            desk.entity.add(subject, dcterms::SPATIAL, iri.clone());
            if let Some(known) = self.located.get(iri.as_str()).cloned()
                && node.is_none_or(|node| *node == known)
            {
                // Whoever else points at the node may yet be left out.
                desk.entity.add(subject, dcterms::SPATIAL, known.clone());
                if self.drawn.insert(known.as_str().to_owned()) {
                    self.succeeded(desk, &known, territory);
                    self.nodes.push((known, territory));
                }
                return;
            }
        }
        let node = match node {
            Some(node) => node.clone(),
            None => {
                let local = format!("place-{:?}-{}", territory.kind, territory.code);
                let node = desk.entity.node(&local.to_lowercase());
                desk.entity.add(subject, dcterms::SPATIAL, node.clone());
                node
            }
        };
        if desk.entity.object(&node, rdf::TYPE).is_none() {
            desk.entity.add_type(&node, dcterms::LOCATION);
        }
        if desk.entity.object(&node, skos::PREF_LABEL).is_none() {
            desk.entity
                .add_text(&node, skos::PREF_LABEL, territory.name, Some("fr"));
        }
        if let Some(iri) = iri {
            desk.entity
                .add_typed(&node, dcterms::IDENTIFIER, iri.as_str(), xsd::ANY_URI);
            self.located.insert(iri.into_string(), node.clone());
        }
        self.drawn.insert(node.as_str().to_owned());
        self.succeeded(desk, &node, territory);
        self.nodes.push((node, territory));
    }

    /// The boxes that the record gives, without those that are ours.
    fn stated_boxes(&self, desk: &Desk<'_>) -> Vec<Bounds> {
        let ours: HashSet<&str> = self
            .located
            .iter()
            .filter_map(|(address, node)| Some((self.places.by_iri(address)?, node)))
            .filter(|(territory, node)| has_our_box(desk, node, self.places, territory))
            .map(|(_, node)| node.as_str())
            .collect();
        geometry::bounds(desk, &of_the_entity(desk), &ours)
    }

    /// The geometries of the record against the territories that it names.
    fn compare(&self, desk: &mut Desk<'_>) {
        if !self.complete {
            return;
        }
        let ours: HashSet<String> = self
            .nodes
            .iter()
            .filter(|(node, territory)| has_our_box(desk, node, self.places, territory))
            .map(|(node, _)| node.as_str().to_owned())
            .collect();
        let its_own = of_the_entity(desk);
        geometry::against(desk, &self.said, &its_own, &ours);
    }

    /// Gives its box to each territory that the record does not draw.
    fn draw(&self, desk: &mut Desk<'_>) {
        for (node, territory) in &self.nodes {
            let drawn = GEOMETRIES.iter().any(|predicate| {
                let mut all = desk.entity.objects(node, *predicate);
                // An address that is none is left out by a rule further on.
                all.any(|term| !matches!(term, Term::Literal(literal) if literal.datatype() == xsd::ANY_URI))
            });
            let boxes = self.places.boxes(territory);
            let Some(hull) = hull(&boxes).filter(|_| !drawn) else {
                continue;
            };
            desk.entity
                .add_typed(node, dcat::BBOX, &hull.wkt(), gsp::WKT_LITERAL);
            if boxes.len() > 1 {
                let rings: Vec<String> = boxes
                    .iter()
                    .map(|part| format!("({})", part.ring()))
                    .collect();
                let wkt = format!("MULTIPOLYGON({})", rings.join(","));
                desk.entity
                    .add_typed(node, locn::GEOMETRY, &wkt, gsp::WKT_LITERAL);
            }
        }
    }

    /// What took the place of a territory that is no more.
    fn succeeded(&self, desk: &mut Desk<'_>, node: &NamedNode, territory: &Territory) {
        let Some(successor) = self.places.successor(territory) else {
            return;
        };
        let Some(iri) = successor.iri() else { return };
        desk.entity.add(node, dcterms::IS_REPLACED_BY, iri.clone());
        label(desk, &iri, successor);
        let message = format!(
            "{} is no more: {} took its place. Both are told",
            territory.name,
            successor.full_name()
        );
        desk.find(
            note(
                "place/former",
                Severity::Info,
                message,
                "name the territory of today, unless the data are of that time",
            ),
            node.as_str(),
            dcat::BBOX,
            territory.code,
        );
    }
}

/// A text that names no territory: the name of a place of the entity.
fn keep(desk: &mut Desk<'_>, triple: &Triple, text: &str) {
    let label = match &triple.object {
        Term::Literal(literal) => match literal.language() {
            Some(tag) => Literal::new_language_tagged_literal_unchecked(text, tag),
            None => Literal::new_simple_literal(text),
        },
        _ => Literal::new_simple_literal(text),
    };
    let node = desk.own_node("spatial", &[dcterms::LOCATION], skos::PREF_LABEL, &label);
    desk.put(triple.clone(), node);
}

/// The entity, and the places that it has itself.
fn of_the_entity(desk: &Desk<'_>) -> HashSet<String> {
    let iri = &desk.entity.iri;
    let places = desk.entity.objects(iri, dcterms::SPATIAL);
    places
        .map(|place| text_of(place).to_owned())
        .chain([iri.as_str().to_owned()])
        .collect()
}

fn hull(boxes: &[Bounds]) -> Option<Bounds> {
    boxes.iter().copied().reduce(|a, b| Bounds {
        west: a.west.min(b.west),
        south: a.south.min(b.south),
        east: a.east.max(b.east),
        north: a.north.max(b.north),
    })
}

/// Whether the box of a node is the one of the table: then it says nothing about the source.
fn has_our_box(desk: &Desk<'_>, node: &NamedNode, places: &Places, territory: &Territory) -> bool {
    let Some(hull) = hull(&places.boxes(territory)) else {
        return false;
    };
    let wkt = hull.wkt();
    desk.entity
        .objects(node, dcat::BBOX)
        .any(|stated| text_of(stated) == wkt)
}

fn label(desk: &mut Desk<'_>, iri: &NamedNode, territory: &Territory) {
    let known = desk.entity.labels.iter().any(|(known, _)| known == iri);
    if !known {
        desk.entity.label(iri, territory.name, Some("fr"));
    }
}

/// The texts by which a place is known: addresses, then codes, then names, the French ones first.
fn texts(desk: &Desk<'_>, node: &NamedNode) -> Vec<String> {
    let mut texts: Vec<(usize, String)> = Vec::new();
    for triple in &desk.entity.triples {
        if subject_of(triple) != node.as_str() {
            continue;
        }
        let predicate = triple.predicate.as_ref();
        let rank = match &triple.object {
            Term::NamedNode(_) if ADDRESSES.contains(&predicate) => 0,
            Term::Literal(literal) if CODES.contains(&predicate) => {
                usize::from(literal.datatype() != xsd::ANY_URI)
            }
            Term::Literal(literal) if NAMES.contains(&predicate) => {
                2 + usize::from(!literal.language().is_none_or(|tag| tag.starts_with("fr")))
            }
            _ => continue,
        };
        texts.push((rank, text_of(&triple.object).trim().to_owned()));
    }
    texts.sort();
    let mut seen = HashSet::new();
    texts
        .into_iter()
        .map(|(_, text)| text)
        .filter(|text| !text.is_empty() && seen.insert(text.clone()))
        .take(20)
        .collect()
}

fn names(territories: &[&Territory]) -> String {
    const SHOWN: usize = 6;
    let mut names: Vec<String> = territories
        .iter()
        .take(SHOWN)
        .map(|territory| territory.full_name())
        .collect();
    if territories.len() > SHOWN {
        names.push("…".to_owned());
    }
    names.join(", ")
}

fn resolved(territories: &[&Territory], certain: bool) -> Outcome {
    let to: Vec<String> = territories
        .iter()
        .map(|territory| {
            territory
                .iri()
                .map_or_else(|| territory.name.to_owned(), NamedNode::into_string)
        })
        .collect();
    Outcome::Resolved {
        to: to.join(" "),
        certain,
    }
}
