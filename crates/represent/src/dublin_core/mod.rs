//! Dublin Core: `csw:Record` of CSW 2.0.2, brief, summary or full, and `oai_dc:dc` of OAI-PMH.
//!
//! The inverse of `mapping`'s module `dublin_core`.

use model::EntityKind;
use model::ns::{dcat, dcterms, foaf};
use vocab::place::Places;

use crate::geometry::Bounds;
use crate::graph::{Graph, Node, Text};
use crate::iso19139::{kind, scope};
use crate::speech::{self, Speech};
use crate::xml::Xml;
use crate::{Context, place};

pub const NAMESPACE: &str = "http://www.opengis.net/cat/csw/2.0.2";
pub const OAI_NAMESPACE: &str = "http://www.openarchives.org/OAI/2.0/oai_dc/";

/// Values of an element that are written.
const MOST: usize = 500;

/// How much of a record is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ElementSet {
    Brief,
    Summary,
    Full,
}

impl ElementSet {
    pub fn name(self) -> &'static str {
        match self {
            Self::Brief => "brief",
            Self::Summary => "summary",
            Self::Full => "full",
        }
    }
}

/// One statement: an element's qualified name, perhaps an attribute, and its text.
#[derive(Debug, Clone, PartialEq)]
struct Statement {
    element: &'static str,
    attribute: Option<(&'static str, String)>,
    text: String,
}

/// A record, as an element that declares its name spaces, in the order of the schema. `None` where it is no dataset, series or
/// service, or has no title.
pub fn csw_record(
    graph: &Graph<'_>,
    iri: &str,
    context: &Context<'_>,
    set: ElementSet,
) -> Option<String> {
    let record = Record::of(graph, iri, context)?;
    let name = match set {
        ElementSet::Brief => "csw:BriefRecord",
        ElementSet::Summary => "csw:SummaryRecord",
        ElementSet::Full => "csw:Record",
    };
    Some(record.element(name, &record.elements_of(set), true))
}

/// A record of chosen elements, by their qualified names as [`csw_record`] writes them: all of it that the request named.
pub fn csw_elements(
    graph: &Graph<'_>,
    iri: &str,
    context: &Context<'_>,
    wanted: &dyn Fn(&str) -> bool,
) -> Option<String> {
    let record = Record::of(graph, iri, context)?;
    let all = record.elements_of(ElementSet::Full);
    let chosen: Vec<Statement> = all
        .into_iter()
        .filter(|statement| wanted(statement.element))
        .collect();
    Some(record.element("csw:Record", &chosen, wanted("ows:BoundingBox")))
}

/// The fifteen elements of simple Dublin Core.
pub fn oai_dc(graph: &Graph<'_>, iri: &str, context: &Context<'_>) -> Option<String> {
    let record = Record::of(graph, iri, context)?;
    let mut xml = Xml::new();
    let attributes = [
        ("xmlns:oai_dc", OAI_NAMESPACE),
        ("xmlns:dc", "http://purl.org/dc/elements/1.1/"),
        ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
        (
            "xsi:schemaLocation",
            "http://www.openarchives.org/OAI/2.0/oai_dc/ http://www.openarchives.org/OAI/2.0/oai_dc.xsd",
        ),
    ];
    xml.within("oai_dc:dc", &attributes, |xml| {
        // Before the names of places: whoever reads only some of them reads these.
        for bounds in &record.bounds {
            xml.leaf("dc:coverage", &[], &dcmi_box(*bounds));
        }
        for statement in record.elements_of(ElementSet::Full) {
            let Some(element) = simple(statement.element) else {
                continue;
            };
            match &statement.attribute {
                Some((name @ "xml:lang", tag)) => {
                    xml.leaf(element, &[(name, tag)], &statement.text)
                }
                _ => xml.leaf(element, &[], &statement.text),
            }
        }
    });
    Some(xml.finish())
}

/// The element of simple Dublin Core that a term refines.
fn simple(element: &'static str) -> Option<&'static str> {
    Some(match element {
        "dct:abstract" => "dc:description",
        "dct:alternative" => "dc:title",
        "dct:issued" | "dct:created" | "dct:modified" => "dc:date",
        "dct:license" | "dct:accessRights" => "dc:rights",
        "dct:references" | "dct:isPartOf" => "dc:relation",
        "dct:spatial" | "dct:temporal" => "dc:coverage",
        "dct:rightsHolder" => "dc:contributor",
        other => other.starts_with("dc:").then_some(other)?,
    })
}

fn dcmi_box(bounds: Bounds) -> String {
    format!(
        "northlimit={}; southlimit={}; westlimit={}; eastlimit={}",
        bounds.north, bounds.south, bounds.west, bounds.east
    )
}

struct Record<'a> {
    node: Node<'a>,
    kind: EntityKind,
    context: &'a Context<'a>,
    speech: Speech<'a>,
    bounds: Vec<Bounds>,
}

impl<'a> Record<'a> {
    fn of(graph: &'a Graph<'a>, iri: &'a str, context: &'a Context<'a>) -> Option<Self> {
        let node = graph.node(iri);
        node.texts(dcterms::TITLE).first()?;
        Some(Self {
            node,
            kind: kind(node)?,
            context,
            speech: Speech::of(node, context.language),
            bounds: bounds(node),
        })
    }

    fn element(&self, name: &str, statements: &[Statement], boxes: bool) -> String {
        let mut xml = Xml::new();
        let attributes = [
            ("xmlns:csw", NAMESPACE),
            ("xmlns:dc", "http://purl.org/dc/elements/1.1/"),
            ("xmlns:dct", "http://purl.org/dc/terms/"),
            ("xmlns:ows", "http://www.opengis.net/ows"),
        ];
        xml.within(name, &attributes, |xml| {
            for statement in statements {
                // The schema of CSW has no language.
                match &statement.attribute {
                    Some((name @ "scheme", value)) => {
                        xml.leaf(statement.element, &[(name, value)], &statement.text);
                    }
                    _ => xml.leaf(statement.element, &[], &statement.text),
                }
            }
            for bounds in self.bounds.iter().filter(|_| boxes) {
                // Of EPSG's system: the latitude comes first.
                xml.within(
                    "ows:BoundingBox",
                    &[("crs", "urn:ogc:def:crs:EPSG::4326")],
                    |xml| {
                        xml.leaf(
                            "ows:LowerCorner",
                            &[],
                            &format!("{} {}", bounds.south, bounds.west),
                        );
                        xml.leaf(
                            "ows:UpperCorner",
                            &[],
                            &format!("{} {}", bounds.north, bounds.east),
                        );
                    },
                );
            }
        });
        xml.finish()
    }

    fn elements_of(&self, set: ElementSet) -> Vec<Statement> {
        let mut into = Statements(Vec::new());
        into.plain("dc:identifier", self.context.identifier);
        self.titles(&mut into);
        into.plain("dc:type", scope(self.kind));
        if set != ElementSet::Brief {
            self.summary(&mut into);
        }
        if set == ElementSet::Full {
            self.rest(&mut into);
        }
        into.0
    }

    /// The one in the record's language first: many programs read no other.
    fn titles(&self, into: &mut Statements) {
        let titles = self.node.texts(dcterms::TITLE);
        let (main, others): (Vec<Text<'a>>, Vec<Text<'a>>) = titles
            .into_iter()
            .partition(|title| self.speech.is_main(title));
        for title in main.iter().chain(&others).take(MOST) {
            into.text("dc:title", title);
        }
    }

    /// What a summary has, in the order of its schema.
    fn summary(&self, into: &mut Statements) {
        for keyword in self.node.texts(dcat::KEYWORD).iter().take(MOST) {
            into.text("dc:subject", keyword);
        }
        for theme in self.node.nodes(dcat::THEME).take(MOST) {
            into.plain("dc:subject", theme.label(self.speech.main));
        }
        for distribution in self.node.nodes(dcat::DISTRIBUTION).take(MOST) {
            if let Some(format) = distribution.first(dcterms::FORMAT) {
                into.plain("dc:format", format.label(self.speech.main));
            }
        }
        for related in self.node.nodes(dcterms::RELATION).take(MOST) {
            into.plain("dc:relation", &self.identifier_of(related.iri));
        }
        into.plain("dct:modified", &self.stamp());
        for text in self.node.texts(dcterms::DESCRIPTION).iter().take(MOST) {
            into.text("dct:abstract", text);
        }
        for place in self.node.nodes(dcterms::SPATIAL).take(MOST) {
            if let Some(name) = self.place_name(place) {
                into.plain("dct:spatial", &name);
            }
        }
    }

    fn rest(&self, into: &mut Statements) {
        for text in self.node.texts(dcterms::ALTERNATIVE).iter().take(MOST) {
            into.text("dct:alternative", text);
        }
        for (property, element) in [
            (dcterms::CREATOR, "dc:creator"),
            (dcterms::PUBLISHER, "dc:publisher"),
            (dcterms::RIGHTS_HOLDER, "dct:rightsHolder"),
        ] {
            for agent in self.node.nodes(property).take(MOST) {
                if let Some(name) = self.speech.best(&agent.texts(foaf::NAME)) {
                    into.plain(element, name);
                }
            }
        }
        for (property, element) in [
            (dcterms::CREATED, "dct:created"),
            (dcterms::ISSUED, "dct:issued"),
        ] {
            if let Some(date) = self.node.value(property) {
                into.plain(element, date);
            }
        }
        for language in self.node.nodes(dcterms::LANGUAGE).take(MOST) {
            into.plain("dc:language", &speech::code(language.iri));
        }
        for source in self.node.nodes(dcterms::SOURCE).take(MOST) {
            into.plain("dc:source", &self.identifier_of(source.iri));
        }
        for series in self.node.nodes(dcat::IN_SERIES).take(MOST) {
            into.plain("dct:isPartOf", &self.identifier_of(series.iri));
        }
        self.periods(into);
        self.rights(into);
        self.references(into);
    }

    fn periods(&self, into: &mut Statements) {
        for period in self.node.nodes(dcterms::TEMPORAL).take(MOST) {
            let sides = [("start", dcat::START_DATE), ("end", dcat::END_DATE)];
            let written: Vec<String> = sides
                .iter()
                .filter_map(|(name, property)| Some(format!("{name}={}", period.value(*property)?)))
                .collect();
            into.plain("dct:temporal", &written.join("; "));
        }
    }

    /// By their addresses where they have one: those say surely what is meant.
    fn rights(&self, into: &mut Statements) {
        let statement = |object: &crate::Object<'_>| {
            let node = match object {
                crate::Object::Literal { value, .. } => return value.to_string(),
                crate::Object::Iri(iri) => self.node.graph.node(iri),
            };
            match node.is_part_of(self.node) {
                true => self
                    .speech
                    .best(&node.names())
                    .unwrap_or_default()
                    .to_owned(),
                false => node.iri.to_owned(),
            }
        };
        let mut bearers = vec![self.node];
        bearers.extend(self.node.nodes(dcat::DISTRIBUTION).take(MOST));
        for object in self.node.objects(dcterms::ACCESS_RIGHTS) {
            into.plain("dct:accessRights", &statement(object));
        }
        for (property, element) in [
            (dcterms::LICENSE, "dct:license"),
            (dcterms::RIGHTS, "dc:rights"),
        ] {
            for object in bearers
                .iter()
                .flat_map(|bearer| bearer.objects(property))
                .take(MOST)
            {
                into.plain(element, &statement(object));
            }
        }
    }

    /// Where the data are to be had, and pages about them.
    fn references(&self, into: &mut Statements) {
        for distribution in self.node.nodes(dcat::DISTRIBUTION).take(MOST) {
            let address = distribution
                .value(dcat::DOWNLOAD_URL)
                .or(distribution.value(dcat::ACCESS_URL));
            if let Some(address) = address {
                into.with(
                    "dct:references",
                    ("scheme", crate::iso19139::protocol(distribution)),
                    address,
                );
            }
        }
        for property in [
            dcat::ENDPOINT_URL,
            dcat::ENDPOINT_DESCRIPTION,
            dcat::LANDING_PAGE,
            foaf::PAGE,
        ] {
            for page in self.node.objects(property).take(MOST) {
                into.plain("dct:references", page.as_str());
            }
        }
    }

    fn identifier_of(&self, iri: &str) -> String {
        (self.context.linked)(iri).map_or_else(|| iri.to_owned(), |linked| linked.identifier)
    }

    fn place_name(&self, place: Node<'a>) -> Option<String> {
        let names = place.names();
        let named = self.speech.best(&names).map(str::to_owned);
        let territory = || {
            Places::bundled()
                .by_iri(place.iri)
                .map(|found| found.full_name())
        };
        let address = || (!place.is_part_of(self.node)).then(|| place.iri.to_owned());
        named.or_else(territory).or_else(address)
    }

    /// The date of the record, by which harvesters know that it changed.
    fn stamp(&self) -> String {
        crate::stamp(self.node, self.context)
    }
}

fn bounds(node: Node<'_>) -> Vec<Bounds> {
    node.nodes(dcterms::SPATIAL)
        .take(MOST)
        .filter_map(|place| place::wkt(place).and_then(Bounds::of))
        .collect()
}

/// Each statement once.
struct Statements(Vec<Statement>);

impl Statements {
    fn plain(&mut self, element: &'static str, text: &str) {
        self.push(element, None, text);
    }

    fn text(&mut self, element: &'static str, text: &Text<'_>) {
        let language = text.language.map(|tag| ("xml:lang", tag.to_owned()));
        self.push(element, language, text.value);
    }

    fn with(&mut self, element: &'static str, attribute: (&'static str, String), text: &str) {
        self.push(element, Some(attribute), text);
    }

    fn push(
        &mut self,
        element: &'static str,
        attribute: Option<(&'static str, String)>,
        text: &str,
    ) {
        let known = |statement: &Statement| statement.element == element && statement.text == text;
        if !text.is_empty() && !self.0.iter().any(known) {
            self.0.push(Statement {
                element,
                attribute,
                text: text.to_owned(),
            });
        }
    }
}
