//! What portals list among the files of a dataset: OGC services, recognised by format or address, and files.

use model::ns::{dcat, dcterms};
use oxrdf::{NamedNode, NamedNodeRef};

use crate::draft::Draft;
use crate::json::View;

/// OGC services by what portals write as `format`, with the standard by which udata itself knows them.
const OGC: [(&str, NamedNodeRef<'static>); 6] = [
    (
        "wms",
        NamedNodeRef::new_unchecked("http://www.opengeospatial.org/standards/wms"),
    ),
    (
        "wmts",
        NamedNodeRef::new_unchecked("http://www.opengeospatial.org/standards/wmts"),
    ),
    (
        "wfs",
        NamedNodeRef::new_unchecked("http://www.opengeospatial.org/standards/wfs"),
    ),
    (
        "wcs",
        NamedNodeRef::new_unchecked("http://www.opengeospatial.org/standards/wcs"),
    ),
    (
        "csw",
        NamedNodeRef::new_unchecked("http://www.opengeospatial.org/standards/cat"),
    ),
    (
        "wps",
        NamedNodeRef::new_unchecked("http://www.opengeospatial.org/standards/wps"),
    ),
];

/// Formats of files: the address of one is an address to download.
pub(crate) const FILES: [&str; 36] = [
    "csv", "tsv", "xls", "xlsx", "ods", "odt", "doc", "docx", "pdf", "txt", "json", "geojson",
    "ndjson", "jsonl", "xml", "gml", "kml", "kmz", "shp", "gpkg", "dxf", "dwg", "zip", "7z", "gz",
    "tar", "rar", "gtfs", "netex", "parquet", "rdf", "ttl", "jsonld", "tif", "tiff", "geotiff",
];

/// The OGC service that a format names, or that the query of an address asks for its capabilities.
pub(crate) fn ogc_service(format: &str, url: &str) -> Option<NamedNodeRef<'static>> {
    let named = format.trim().trim_start_matches("ogc:");
    let known = OGC.iter().find(|(name, _)| *name == named);
    known
        .or_else(|| {
            let query = url.split_once('?')?.1.to_ascii_lowercase();
            // A GetFeature is a file; only the service itself is a service.
            query.contains("request=getcapabilities").then_some(())?;
            OGC.iter().find(|(name, _)| {
                query
                    .split('&')
                    .any(|pair| pair.strip_prefix("service=") == Some(name))
            })
        })
        .map(|(_, standard)| *standard)
}

/// The service by which the distribution is accessed: a node of the dataset, since the portal has no page for it.
pub(crate) fn service(
    draft: &mut Draft<'_>,
    distribution: &NamedNode,
    resource: View<'_, '_>,
    url: &str,
    standard: Option<NamedNodeRef<'_>>,
) {
    let local = distribution
        .as_str()
        .rsplit('#')
        .next()
        .unwrap_or_default()
        .replacen("distribution", "service", 1);
    let node = draft.entity.node(&local);
    let dataset = draft.entity.iri.clone();
    draft.entity.add_type(&node, dcat::DATA_SERVICE);
    draft
        .entity
        .add(distribution, dcat::ACCESS_SERVICE, node.clone());
    draft.entity.set_origin(&node, resource.pointer());
    draft.entity.add(&node, dcat::SERVES_DATASET, dataset);
    let title = ["title", "name"]
        .into_iter()
        .find(|key| resource.text_of(key).is_some());
    match title {
        Some(title) => draft.text(&node, dcterms::TITLE, resource, title),
        None => draft.entity.add_text(&node, dcterms::TITLE, url, None),
    }
    let capabilities = url.to_ascii_lowercase().contains("request=getcapabilities");
    let endpoint = match url.split_once('?') {
        Some((endpoint, query)) if standard.is_some() => with_map(endpoint, query),
        _ => url.to_owned(),
    };
    draft.entity.add_iri(&node, dcat::ENDPOINT_URL, &endpoint);
    if capabilities {
        draft.entity.add_iri(&node, dcat::ENDPOINT_DESCRIPTION, url);
    }
    if let Some(standard) = standard {
        draft
            .entity
            .add(&node, dcterms::CONFORMS_TO, standard.into_owned());
    }
}

/// The endpoint of an OGC service: its address without the parameters of a request. `map`, the file that a MapServer
/// is to read, is a part of the address.
fn with_map(endpoint: &str, query: &str) -> String {
    let map = query.split('&').find(|pair| {
        pair.get(..4)
            .is_some_and(|key| key.eq_ignore_ascii_case("map="))
    });
    match map {
        Some(map) => format!("{endpoint}?{map}"),
        None => endpoint.to_owned(),
    }
}
