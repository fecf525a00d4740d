//! The geometry of a place.

use model::ns::{dcat, gsp, locn};
use oxrdf::NamedNodeRef;

use crate::graph::{Node, Object};

/// Its box or its point, else its shape.
pub(crate) fn wkt(place: Node<'_>) -> Option<&str> {
    wkt_of(place, &[dcat::BBOX, dcat::CENTROID, locn::GEOMETRY])
}

/// The first of these geometries of a place that is well-known text.
pub fn wkt_of<'a>(place: Node<'a>, properties: &[NamedNodeRef<'_>]) -> Option<&'a str> {
    properties
        .iter()
        .flat_map(|property| place.objects(*property))
        .find_map(|object| match object {
            Object::Literal {
                value, datatype, ..
            } if *datatype == gsp::WKT_LITERAL.as_str() => Some(value.as_ref()),
            _ => None,
        })
}
