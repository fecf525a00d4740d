//! Places and periods that a text states.

use model::Severity;
use model::ns::{dcat, dcterms, gsp, skos};

use crate::draft::{Draft, short_hash};
use crate::geojson;
use crate::json::{self, Report, View};

/// Adds the place that a text is about: a bounding box (`west,south,east,north`, in degrees), a geometry in GeoJSON, or else a name.
pub(crate) fn place(draft: &mut Draft<'_>, view: View<'_, '_>) {
    let Some(text) = view.text() else { return };
    // ArcGIS Hub publishes its template where an extent could not be computed.
    if text.starts_with("{{") {
        return view.find(
            "place/bad-geometry",
            Severity::Info,
            "the portal's template stands where a place should: left out",
            "give the dataset an extent",
        );
    }
    if text.starts_with('{') {
        let report = Report::default();
        match json::document(&text, |_| false) {
            Ok(document) => geojson::geometry(draft, View::root(&document, &report)),
            Err(_) => view.find(
                "place/bad-geometry",
                Severity::Warning,
                "the geometry is not JSON: left out",
                "write GeoJSON (RFC 7946)",
            ),
        }
        for mut finding in report.into_findings() {
            finding.place = Some(view.pointer());
            view.report(finding);
        }
        return;
    }
    if let Some(wkt) = bbox(&text) {
        return outline(draft, &view, &wkt);
    }
    let node = draft.entity.node(&format!("spatial-{}", short_hash(&text)));
    if draft.claim(&node) {
        draft.open(&node, dcterms::LOCATION, dcterms::SPATIAL, &view);
        let language = draft.language();
        draft
            .entity
            .add_text(&node, skos::PREF_LABEL, &text, language);
    }
}

/// Adds the place of a bounding box, in Well-Known Text.
pub(crate) fn outline(draft: &mut Draft<'_>, view: &View<'_, '_>, wkt: &str) {
    let node = draft.entity.node(&format!("spatial-{}", short_hash(wkt)));
    if draft.claim(&node) {
        draft.open(&node, dcterms::LOCATION, dcterms::SPATIAL, view);
        draft
            .entity
            .add_typed(&node, dcat::BBOX, wkt, gsp::WKT_LITERAL);
    }
}

/// Four numbers in the order of GeoJSON: west, south, east, north.
pub(crate) fn bbox(text: &str) -> Option<String> {
    let numbers: Vec<f64> = text
        .split([',', ' ', ';'])
        .filter(|part| !part.is_empty())
        .take(5)
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    let &[west, south, east, north] = numbers.as_slice() else {
        return None;
    };
    wkt([west, south, east, north])
}

/// A box as a polygon; none where the numbers are no degrees.
pub(crate) fn wkt([west, south, east, north]: [f64; 4]) -> Option<String> {
    let within = |x: f64, most: f64| (-most..=most).contains(&x);
    if !within(west, 180.0) || !within(east, 180.0) || !within(south, 90.0) || !within(north, 90.0)
    {
        return None;
    }
    Some(format!(
        "POLYGON(({west} {south},{east} {south},{east} {north},{west} {north},{west} {south}))"
    ))
}

/// Adds the period that a text states as `start/end`; either side may be left out (`..`). `at` numbers the periods of a record.
pub(crate) fn period(draft: &mut Draft<'_>, view: View<'_, '_>, at: usize) {
    let Some(text) = view.text() else { return };
    let (start, end) = text.split_once('/').unwrap_or((&text, &text));
    let side = |side: &'_ str| Some(side.trim().to_owned()).filter(|side| !is_open(side));
    let (start, end) = (side(start), side(end));
    interval(draft, &view, at, start.as_deref(), end.as_deref());
}

fn is_open(side: &str) -> bool {
    matches!(side, "" | "..")
}

/// Adds a period, of which either side may be open. `at` numbers the periods of a record.
pub(crate) fn interval(
    draft: &mut Draft<'_>,
    view: &View<'_, '_>,
    at: usize,
    start: Option<&str>,
    end: Option<&str>,
) {
    if start.is_none() && end.is_none() {
        return;
    }
    let node = draft.entity.node(&match at {
        0 => "temporal".to_owned(),
        at => format!("temporal-{}", at + 1),
    });
    if !draft.claim(&node) {
        return;
    }
    draft.open(&node, dcterms::PERIOD_OF_TIME, dcterms::TEMPORAL, view);
    for (predicate, side) in [(dcat::START_DATE, start), (dcat::END_DATE, end)] {
        if let Some(side) = side {
            draft.entity.add_text(&node, predicate, side, None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::bbox;

    #[test]
    fn four_numbers_in_degrees_are_a_box() {
        assert_eq!(
            bbox("2.1,49.8, 3.2,50.4").as_deref(),
            Some("POLYGON((2.1 49.8,3.2 49.8,3.2 50.4,2.1 50.4,2.1 49.8))")
        );
        for none in [
            "2.1,49.8,3.2",
            "1,2,3,4,5",
            "Somme",
            "652000,6860000,660000,6870000",
            "",
            "NaN,1,2,3",
        ] {
            assert_eq!(bbox(none), None, "{none}");
        }
    }
}
