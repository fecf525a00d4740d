//! Where and when: bounding boxes, polygons, named places, periods.

use model::ns::{dcat, dcterms, gsp, locn, skos};
use model::{Severity, check_iri};
use oxrdf::NamedNode;

use super::geometry::{Bounds, polygon_rings};
use super::paths;
use super::text::{Text, anchor, is_code};
use super::{Element, Mapping};

/// Extents, boxes and periods of a record that are read.
const MAX_EXTENTS: usize = 500;
impl<'t> Mapping<'_, 't> {
    pub(super) fn extents(&mut self) {
        let mut places = 0;
        let mut periods = 0;
        for extent in self
            .all(self.info, &paths::EXTENT)
            .into_iter()
            .take(MAX_EXTENTS)
            .filter_map(Element::object)
        {
            self.places(extent, &mut places);
            for time in extent
                .all("temporalElement/extent")
                .into_iter()
                .take(MAX_EXTENTS)
                .filter_map(Element::object)
            {
                self.period(time, &mut periods);
            }
        }
    }

    fn places(&mut self, extent: Element<'t>, number: &mut usize) {
        let description = extent
            .child("description")
            .map(|description| self.locales.texts(description))
            .unwrap_or_default();
        let elements: Vec<Element<'t>> = extent
            .all("geographicElement")
            .into_iter()
            .take(MAX_EXTENTS)
            .filter_map(Element::object)
            .collect();
        let mut described = false;
        for element in elements {
            match element.name() {
                name if name.ends_with("EX_GeographicBoundingBox") => {
                    let label = if described { &[][..] } else { &description };
                    described |= self.bounding_box(element, label, number);
                }
                name if name.ends_with("EX_BoundingPolygon") => self.polygons(element, number),
                name if name.ends_with("EX_GeographicDescription") => {
                    self.named_place(element, number)
                }
                _ => {}
            }
        }
        // A description alone is the name of the place; where the place has an address of its own, that says it.
        if !described
            && !description.is_empty()
            && extent.first("geographicElement").is_none()
            && extent.first("temporalElement").is_none()
        {
            let node = self.location(extent, number);
            self.add_texts(&node, skos::PREF_LABEL, &description);
        }
    }

    fn location(&mut self, place: Element<'t>, number: &mut usize) -> NamedNode {
        *number += 1;
        let subject = self.entity.iri.clone();
        let node = self.entity.node(&format!("location-{number}"));
        self.entity.set_origin(&node, place.xpath());
        self.entity.add(&subject, dcterms::SPATIAL, node.clone());
        self.entity.add_type(&node, dcterms::LOCATION);
        node
    }

    fn bounding_box(
        &mut self,
        element: Element<'t>,
        label: &[Text<'t>],
        number: &mut usize,
    ) -> bool {
        let sides = [
            "westBoundLongitude",
            "southBoundLatitude",
            "eastBoundLongitude",
            "northBoundLatitude",
        ];
        let written: Vec<&str> = sides
            .iter()
            .map(|side| element.value_of(side).unwrap_or_default())
            .collect();
        if written.iter().all(|side| side.is_empty()) {
            return false;
        }
        let bounds = match Bounds::read(&written) {
            Ok((bounds, swapped)) => {
                if swapped {
                    self.find(
                        "place/swapped-bounds",
                        Severity::Warning,
                        element,
                        &written.join(" "),
                        "opposite bounds stand in each other's place; they were put right",
                        "Give the western longitude as westBoundLongitude and the southern latitude as southBoundLatitude.",
                    );
                }
                bounds
            }
            Err(reason) => {
                self.find(
                    "place/absurd-coordinates",
                    Severity::Warning,
                    element,
                    &written.join(" "),
                    format!("{reason}; the box was left out"),
                    "Give the bounds in decimal degrees of longitude (-180 to 180) and latitude (-90 to 90), not in the dataset's projection.",
                );
                return false;
            }
        };
        let node = self.location(element, number);
        let property = if bounds.is_point() {
            dcat::CENTROID
        } else {
            dcat::BBOX
        };
        self.entity
            .add_typed(&node, property, &bounds.wkt(), gsp::WKT_LITERAL);
        self.add_texts(&node, skos::PREF_LABEL, label);
        true
    }

    /// GML polygons. GML 3.2 and the coordinate reference systems of EPSG give the latitude first, unless the system is
    /// named in the old manner (`EPSG:4326`) or is CRS84.
    fn polygons(&mut self, element: Element<'t>, number: &mut usize) {
        let mut rings = Vec::new();
        let mut failed = false;
        for polygon in element
            .all("polygon")
            .into_iter()
            .take(MAX_EXTENTS)
            .filter_map(Element::object)
        {
            match polygon_rings(polygon) {
                Some(polygon) => rings.extend(polygon),
                None => failed |= !polygon.value().is_empty(),
            }
        }
        if failed {
            self.find(
                "place/absurd-coordinates",
                Severity::Warning,
                element,
                "",
                "the polygon has no readable coordinates in degrees; it was left out",
                "Give polygons as gml:Polygon with gml:posList, in decimal degrees.",
            );
        }
        let wkt = match rings.as_slice() {
            [] => return,
            [one] => format!("POLYGON({one})"),
            several => format!(
                "MULTIPOLYGON({})",
                several
                    .iter()
                    .map(|rings| format!("({rings})"))
                    .collect::<Vec<_>>()
                    .join(",")
            ),
        };
        let node = self.location(element, number);
        self.entity
            .add_typed(&node, locn::GEOMETRY, &wkt, gsp::WKT_LITERAL);
    }

    fn named_place(&mut self, element: Element<'t>, number: &mut usize) {
        let subject = self.entity.iri.clone();
        for code in element
            .all("geographicIdentifier/code")
            .into_iter()
            .take(MAX_EXTENTS)
        {
            let address = anchor(code).unwrap_or_else(|| code.value());
            if let Some(iri) = check_iri(address).filter(|_| address.starts_with("http")) {
                self.entity.add(&subject, dcterms::SPATIAL, iri);
                continue;
            }
            let texts = self.locales.texts(code);
            if !texts.is_empty() {
                let node = self.location(element, number);
                self.add_texts(&node, skos::PREF_LABEL, &texts);
            }
        }
    }

    fn period(&mut self, time: Element<'t>, number: &mut usize) {
        let instant = time.value_of("timePosition");
        let start = time
            .value_of("beginPosition")
            .or_else(|| time.value_of("begin/timePosition"))
            .or(instant);
        let end = time
            .value_of("endPosition")
            .or_else(|| time.value_of("end/timePosition"))
            .or(instant);
        let stated = |date: Option<&'t str>| {
            date.filter(|date| {
                !["now", "unknown", "inconnu", "after", "before"]
                    .iter()
                    .any(|word| is_code(date, word))
            })
        };
        let (start, end) = (stated(start), stated(end));
        if start.is_none() && end.is_none() {
            return;
        }
        *number += 1;
        let subject = self.entity.iri.clone();
        let node = self.entity.node(&format!("period-{number}"));
        self.entity.set_origin(&node, time.xpath());
        self.entity.add(&subject, dcterms::TEMPORAL, node.clone());
        self.entity.add_type(&node, dcterms::PERIOD_OF_TIME);
        self.entity
            .add_text(&node, dcat::START_DATE, start.unwrap_or_default(), None);
        self.entity
            .add_text(&node, dcat::END_DATE, end.unwrap_or_default(), None);
    }
}
