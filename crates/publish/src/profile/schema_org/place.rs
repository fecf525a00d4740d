//! Where a dataset is about.

use model::ns::{dcat, dcterms, locn, rdfs, skos};
use represent::{Bounds, Node, wkt_of};

use super::{Terms, Told};

const NAMES: Terms = &[
    (locn::GEOGRAPHIC_NAME, "name"),
    (skos::PREF_LABEL, "name"),
    (rdfs::LABEL, "name"),
    (dcterms::TITLE, "name"),
];

pub(super) fn tell(told: &mut Told, place: Node<'_>) {
    told.class(place.iri, "Place");
    told.all(place, &[NAMES]);
    let wkt = wkt_of(place, &[dcat::BBOX, locn::GEOMETRY, dcat::CENTROID]);
    // A name is made under our own entities only: a territory of an authority is known by its own.
    let Some(bounds) = wkt.and_then(Bounds::of).filter(|_| place.iri.contains('#')) else {
        return;
    };
    let Bounds {
        west,
        south,
        east,
        north,
    } = bounds;
    let geometry = format!("{}-geo", place.iri);
    told.links(place.iri, "geo", &geometry);
    if (west, south) == (east, north) {
        told.class(&geometry, "GeoCoordinates");
        told.text(&geometry, "latitude", &south.to_string());
        told.text(&geometry, "longitude", &west.to_string());
    } else {
        told.class(&geometry, "GeoShape");
        told.text(&geometry, "box", &format!("{south} {west} {north} {east}"));
    }
}
