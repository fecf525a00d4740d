//! `spatial`: a geometry in GeoJSON, zones by their GeoID, and the granularity.

use model::ns::{dcterms, geodcatap, skos};

use crate::draft::{Draft, short_hash};
use crate::geojson;
use crate::json::{Json, View};

/// More zones than this say "the world".
const MOST_ZONES: usize = 500;

pub(super) fn map(draft: &mut Draft<'_>, spatial: View<'_, '_>) {
    let Some(spatial) = spatial.object() else {
        return;
    };
    geojson::geometry(draft, spatial.get("geom"));
    zones(draft, spatial.get("zones"));
    // `other` says nothing.
    if let Some(granularity) = spatial
        .text_of("granularity")
        .filter(|text| text != "other")
    {
        let iri = draft.entity.iri.clone();
        draft.entity.add_text(
            &iri,
            geodcatap::SPATIAL_RESOLUTION_AS_TEXT,
            &granularity,
            None,
        );
    }
}

fn zones(draft: &mut Draft<'_>, zones: View<'_, '_>) {
    for zone in zones.items().take(MOST_ZONES) {
        let (code, name) = match zone.value() {
            Json::Object(_) => (zone.first_of(&["id", "code"]), zone.text_of("name")),
            _ => (zone.text(), None),
        };
        let Some(code) = code else { continue };
        let local = match code.len() {
            0..=64 => format!("spatial-{code}"),
            _ => format!("spatial-{}", short_hash(&code)),
        };
        let node = draft.entity.node(&local);
        if !draft.claim(&node) {
            continue;
        }
        draft.open(&node, dcterms::LOCATION, dcterms::SPATIAL, &zone);
        draft
            .entity
            .add_text(&node, dcterms::IDENTIFIER, &code, None);
        if let Some(name) = name {
            let language = draft.language();
            draft
                .entity
                .add_text(&node, skos::PREF_LABEL, &name, language);
        }
    }
}
