//! Where and when: boxes, `dc:coverage`, `dct:spatial`, `dct:temporal`.

use model::Severity;
use model::ns::{dcat, dcterms, geodcatap, gsp, skos};
use oxrdf::NamedNode;

use super::encodings::Coverage;
use super::places::corners;
use super::{Element, Mapping, is_address};
use crate::iso::geometry::Bounds;

/// Places and periods of a record that are read.
const MAX_PLACES: usize = 200;

/// The places and periods that are described, so that none is twice.
#[derive(Default)]
struct Seen {
    places: Vec<String>,
    periods: Vec<(Option<String>, Option<String>)>,
}

impl<'t> Mapping<'_, 't> {
    pub(super) fn coverages(&mut self) {
        let mut seen = Seen::default();
        let boxes = ["BoundingBox", "WGS84BoundingBox"];
        for bbox in self.all(&boxes).into_iter().take(MAX_PLACES) {
            self.corners(bbox, &mut seen);
        }
        let words = ["coverage", "spatial", "temporal"];
        for coverage in self.all(&words).into_iter().take(MAX_PLACES) {
            self.coverage(coverage, &mut seen);
        }
    }

    fn corners(&mut self, element: Element<'t>, seen: &mut Seen) {
        let corner = |name: &str| element.child(name).map(Element::text).unwrap_or_default();
        let (lower, upper) = (corner("LowerCorner"), corner("UpperCorner"));
        let system = element.attribute("crs").unwrap_or_default();
        let sides = corners(lower, upper, system).map(|sides| sides.map(|side| side.to_string()));
        match sides {
            Some([west, south, east, north]) => {
                self.bounds(element, [&west, &south, &east, &north], None, seen);
            }
            None => self.find(
                "place/bad-geometry",
                Severity::Warning,
                element,
                "the corners of the box are no pairs of numbers: left out",
                "Write LowerCorner and UpperCorner as two numbers each.",
            ),
        }
    }

    fn coverage(&mut self, element: Element<'t>, seen: &mut Seen) {
        let value = element.value();
        if let Some(system) = reference_system(value) {
            let iri = self.iri();
            let property = geodcatap::REFERENCE_SYSTEM;
            if self.draft.entity.object(&iri, property).is_none() {
                self.draft.entity.add_iri(&iri, property, &system);
            }
            return;
        }
        if is_address(value) && element.name() != "temporal" {
            if !seen.places.iter().any(|known| known == value) {
                seen.places.push(value.to_owned());
                let iri = self.iri();
                self.draft.entity.add_iri(&iri, dcterms::SPATIAL, value);
            }
            return;
        }
        // A place may be called like a date is written; a period is never a box.
        match (Coverage::read(value), element.name()) {
            (Coverage::Box(sides, name), _) => {
                self.bounds(element, sides, name, seen);
            }
            (Coverage::Point([east, north], name), _) => {
                self.bounds(element, [east, north, east, north], name, seen);
            }
            (Coverage::Period(start, end, name), "coverage" | "temporal") => {
                self.period(element, (start, end, name), seen);
            }
            (_, "temporal") => self.period(element, (None, None, Some(value)), seen),
            _ => self.place(element, value, seen),
        }
    }

    fn bounds(
        &mut self,
        element: Element<'t>,
        sides: [&str; 4],
        name: Option<&str>,
        seen: &mut Seen,
    ) {
        let bounds = match Bounds::read(&sides) {
            Ok((bounds, swapped)) => {
                if swapped {
                    self.find(
                        "place/swapped-bounds",
                        Severity::Warning,
                        element,
                        "opposite bounds stand in each other's place; they were put right",
                        "Give the western longitude as the western bound and the southern latitude as the southern one.",
                    );
                }
                bounds
            }
            Err(reason) => {
                self.find(
                    "place/absurd-coordinates",
                    Severity::Warning,
                    element,
                    format!("{reason}; the box was left out"),
                    "Give the bounds in decimal degrees of longitude (-180 to 180) and latitude (-90 to 90), not in the dataset's projection.",
                );
                return;
            }
        };
        let wkt = bounds.wkt();
        if seen.places.contains(&wkt) {
            return;
        }
        let node = self.location(element, seen);
        let property = if bounds.is_point() {
            dcat::CENTROID
        } else {
            dcat::BBOX
        };
        self.draft
            .entity
            .add_typed(&node, property, &wkt, gsp::WKT_LITERAL);
        seen.places.push(wkt);
        if let Some(name) = name {
            let language = self.language(element);
            self.draft
                .entity
                .add_text(&node, skos::PREF_LABEL, name, language.as_deref());
        }
    }

    fn place(&mut self, element: Element<'t>, name: &str, seen: &mut Seen) {
        if seen.places.iter().any(|known| known == name) {
            return;
        }
        let node = self.location(element, seen);
        seen.places.push(name.to_owned());
        self.text(&node, skos::PREF_LABEL, element);
    }

    fn location(&mut self, element: Element<'t>, seen: &Seen) -> NamedNode {
        let node = self
            .draft
            .entity
            .node(&format!("location-{}", seen.places.len() + 1));
        let iri = self.iri();
        self.draft.entity.set_origin(&node, element.xpath());
        self.draft.entity.add(&iri, dcterms::SPATIAL, node.clone());
        self.draft.entity.add_type(&node, dcterms::LOCATION);
        node
    }

    fn period(
        &mut self,
        element: Element<'t>,
        (start, end, name): (Option<&str>, Option<&str>, Option<&str>),
        seen: &mut Seen,
    ) {
        let key = (start.or(name).map(str::to_owned), end.map(str::to_owned));
        if seen.periods.contains(&key) {
            return;
        }
        seen.periods.push(key);
        let node = self
            .draft
            .entity
            .node(&format!("period-{}", seen.periods.len()));
        let iri = self.iri();
        self.draft.entity.set_origin(&node, element.xpath());
        self.draft.entity.add(&iri, dcterms::TEMPORAL, node.clone());
        self.draft.entity.add_type(&node, dcterms::PERIOD_OF_TIME);
        for (predicate, text) in [(dcat::START_DATE, start), (dcat::END_DATE, end)] {
            let text = text.unwrap_or_default();
            self.draft.entity.add_text(&node, predicate, text, None);
        }
        if let Some(name) = name {
            let language = self.language(element);
            self.draft
                .entity
                .add_text(&node, skos::PREF_LABEL, name, language.as_deref());
        }
    }
}

/// pycsw writes the coordinate reference system among the places: `urn:ogc:def:crs:EPSG::2154`.
fn reference_system(value: &str) -> Option<String> {
    let rest = value
        .strip_prefix("urn:ogc:def:crs:EPSG:")
        .or_else(|| value.strip_prefix("urn:x-ogc:def:crs:EPSG:"))?;
    let code = rest.rsplit(':').next()?;
    let numbered = !code.is_empty() && code.len() < 8 && code.bytes().all(|b| b.is_ascii_digit());
    numbered.then(|| format!("http://www.opengis.net/def/crs/EPSG/0/{code}"))
}
