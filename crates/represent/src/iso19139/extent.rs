//! Where and when: `EX_Extent`.

use std::fmt::Write as _;

use model::ns::{dcat, dcterms, locn};
use vocab::place::Places;

use super::Entity;
use super::writer::Writer;
use crate::geometry::{Bounds, polygons};
use crate::graph::Node;
use crate::place::{wkt, wkt_of};

/// Places and periods of a record that are written.
const MOST: usize = 200;

impl<'a> Entity<'a> {
    pub(super) fn extents(&self, w: &mut Writer<'a>, property: &str) {
        let places: Vec<Node<'a>> = self.node.nodes(dcterms::SPATIAL).take(MOST).collect();
        let mut bounded = false;
        for (number, place) in places.iter().enumerate() {
            bounded |= self.place(w, property, *place, number + 1);
        }
        if !bounded {
            self.bounds_of_names(w, property, &places);
        }
        let periods = self.node.nodes(dcterms::TEMPORAL).take(MOST);
        for (number, period) in periods.enumerate() {
            let start = period.value(dcat::START_DATE);
            let end = period.value(dcat::END_DATE);
            if start.is_some() || end.is_some() {
                period_of(w, property, start, end, number + 1);
            }
        }
    }

    /// Says whether the place has bounds.
    fn place(&self, w: &mut Writer<'a>, property: &str, place: Node<'a>, number: usize) -> bool {
        let own = place.is_part_of(self.node);
        let geometry = wkt_of(place, &[locn::GEOMETRY]);
        let bounds = wkt(place).and_then(Bounds::of);
        let shape = geometry
            .and_then(polygons)
            .filter(|shape| shape.iter().flatten().any(|ring| ring.len() > 3));
        if bounds.is_none() && shape.is_none() {
            self.named(w, property, place, own);
            return false;
        }
        let names = match own {
            true => place.names(),
            false => Vec::new(),
        };
        w.path(&format!("{property}/gmd:EX_Extent"), |w| {
            w.texts("gmd:description", &names);
            if let Some(bounds) = bounds {
                w.path("gmd:geographicElement/gmd:EX_GeographicBoundingBox", |w| {
                    sides(w, bounds);
                });
            }
            if let Some(shape) = shape {
                w.path("gmd:geographicElement/gmd:EX_BoundingPolygon", |w| {
                    for (at, rings) in shape.iter().enumerate() {
                        w.path("gmd:polygon", |w| {
                            polygon(w, rings, &format!("polygon-{number}-{at}"))
                        });
                    }
                });
            }
        });
        bounds.is_some()
    }

    /// A place by its address or its name.
    fn named(&self, w: &mut Writer<'a>, property: &str, place: Node<'a>, own: bool) {
        let names = place.names();
        if own && names.is_empty() {
            return;
        }
        let path = format!(
            "{property}/gmd:EX_Extent/gmd:geographicElement/gmd:EX_GeographicDescription/gmd:geographicIdentifier/gmd:MD_Identifier"
        );
        w.path(&path, |w| match own {
            true => w.texts("gmd:code", &names),
            false => {
                let territory = Places::bundled().by_iri(place.iri);
                let name = w.speech.best(&names).map(str::to_owned);
                let name = name
                    .or_else(|| territory.map(|territory| territory.full_name()))
                    .unwrap_or_else(|| place.label(w.speech.main).to_owned());
                w.path("gmd:code", |w| w.anchor(place.iri, &name));
            }
        });
    }

    /// INSPIRE wants a box: that of the territories which the record names, where it gives none.
    fn bounds_of_names(&self, w: &mut Writer<'a>, property: &str, places: &[Node<'a>]) {
        let known = Places::bundled();
        let territories = places.iter().filter_map(|place| known.by_iri(place.iri));
        for bounds in territories
            .flat_map(|territory| known.boxes(territory))
            .take(MOST)
        {
            let bounds = Bounds {
                west: bounds.west,
                south: bounds.south,
                east: bounds.east,
                north: bounds.north,
            };
            let path = format!(
                "{property}/gmd:EX_Extent/gmd:geographicElement/gmd:EX_GeographicBoundingBox"
            );
            w.path(&path, |w| sides(w, bounds));
        }
    }
}

fn sides(w: &mut Writer<'_>, bounds: Bounds) {
    for (property, side) in [
        ("gmd:westBoundLongitude", bounds.west),
        ("gmd:eastBoundLongitude", bounds.east),
        ("gmd:southBoundLatitude", bounds.south),
        ("gmd:northBoundLatitude", bounds.north),
    ] {
        w.path(property, |w| w.leaf("gco:Decimal", &format!("{side}")));
    }
}

/// In longitude and latitude, as CRS84 has it.
fn polygon(w: &mut Writer<'_>, rings: &[Vec<(f64, f64)>], id: &str) {
    let attributes = [
        ("gml:id", id),
        ("srsName", "http://www.opengis.net/def/crs/OGC/1.3/CRS84"),
    ];
    w.within_with("gml:Polygon", &attributes, |w| {
        for (at, ring) in rings.iter().enumerate() {
            let side = match at {
                0 => "gml:exterior",
                _ => "gml:interior",
            };
            let mut list = String::with_capacity(ring.len() * 16);
            for (x, y) in ring {
                let _ = write!(list, "{x} {y} ");
            }
            w.path(&format!("{side}/gml:LinearRing"), |w| {
                w.leaf("gml:posList", list.trim_end())
            });
        }
    });
}

fn period_of(
    w: &mut Writer<'_>,
    property: &str,
    start: Option<&str>,
    end: Option<&str>,
    number: usize,
) {
    let path =
        format!("{property}/gmd:EX_Extent/gmd:temporalElement/gmd:EX_TemporalExtent/gmd:extent");
    w.path(&path, |w| {
        let id = format!("period-{number}");
        w.within_with("gml:TimePeriod", &[("gml:id", &id)], |w| {
            for (name, date) in [("gml:beginPosition", start), ("gml:endPosition", end)] {
                match date {
                    Some(date) => w.leaf(name, date),
                    None => w.empty(name, &[("indeterminatePosition", "unknown")]),
                }
            }
        });
    });
}
