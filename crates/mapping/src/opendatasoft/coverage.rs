//! Where and when.

use model::Severity;
use model::ns::{dcat, dcterms, gsp, rdfs, skos};

use super::{MOST, Record, first, numbered, texts, web};
use crate::draft::{Draft, local_name};
use crate::geojson;
use crate::json::View;

pub(super) fn map(draft: &mut Draft<'_>, record: &Record<'_, '_>) {
    outline(draft, record);
    territories(draft, record);
    inspire_box(draft, record);
    for name in texts(record.dcat, "spatial") {
        place(draft, record, &name, record.dcat.get("spatial"));
    }
    for template in &record.national {
        if let Some(text) = first(&[*template], &["spatial_bbox"]) {
            let sides: Vec<&str> = text
                .split([',', ' '])
                .filter(|side| !side.is_empty())
                .collect();
            match sides.as_slice() {
                [west, south, east, north] => {
                    let sides = [*west, *south, *east, *north];
                    bounds(draft, sides, template.get("spatial_bbox"));
                }
                _ => template.get("spatial_bbox").bad("four numbers"),
            }
        }
    }
    periods(draft, record);
}

/// `geographic_area`, which the portal was given, or else `bbox`, which it computed: a feature or a geometry in GeoJSON.
fn outline(draft: &mut Draft<'_>, record: &Record<'_, '_>) {
    let area = record.default.get("geographic_area");
    let field = if area.is_null() {
        record.default.get("bbox")
    } else {
        area
    };
    let Some(field) = field.object() else { return };
    if first(&[field], &["type"]).as_deref() == Some("Feature") {
        geojson::geometry(draft, field.get("geometry"));
    } else {
        geojson::geometry(draft, field);
    }
}

/// `geographic_reference` has codes such as `fr_40_32`, and `territory` their names, if both are of one length.
fn territories(draft: &mut Draft<'_>, record: &Record<'_, '_>) {
    let codes = texts(record.default, "geographic_reference");
    let names = texts(record.default, "territory");
    let paired = codes.len() == names.len();
    for (at, code) in codes.iter().enumerate() {
        let node = draft.entity.node(&format!("spatial-{}", local_name(code)));
        if !draft.claim(&node) {
            continue;
        }
        let field = record.default.get("geographic_reference");
        draft.open(&node, dcterms::LOCATION, dcterms::SPATIAL, &field);
        draft
            .entity
            .add_text(&node, dcterms::IDENTIFIER, code, None);
        if let Some(name) = names.get(at).filter(|_| paired) {
            record.text(draft, &node, skos::PREF_LABEL, name);
        }
    }
    if !paired {
        for name in names {
            place(draft, record, &name, record.default.get("territory"));
        }
    }
}

/// A place by its address or by its name.
pub(super) fn place(
    draft: &mut Draft<'_>,
    record: &Record<'_, '_>,
    name: &str,
    field: View<'_, '_>,
) {
    if let Some(address) = web(name) {
        let iri = draft.entity.iri.clone();
        draft.entity.add_iri(&iri, dcterms::SPATIAL, address);
        return;
    }
    let Some(node) = numbered(draft, "location") else {
        return;
    };
    draft.open(&node, dcterms::LOCATION, dcterms::SPATIAL, &field);
    record.text(draft, &node, skos::PREF_LABEL, name);
}

fn inspire_box(draft: &mut Draft<'_>, record: &Record<'_, '_>) {
    let sides = [
        "extend_bounding_box_westbound_longitude",
        "extend_bounding_box_southbound_latitude",
        "extend_bounding_box_eastbound_longitude",
        "extend_bounding_box_northbound_latitude",
    ];
    // Numbers are as good as texts here.
    let sides = sides.map(|side| match record.inspire.get(side).value() {
        crate::json::Json::Number(number) => number.to_string(),
        _ => first(&[record.inspire], &[side])
            .unwrap_or_default()
            .into_owned(),
    });
    let given = sides.iter().any(|side| !side.is_empty());
    let [west, south, east, north] = &sides;
    let node = given
        .then(|| bounds(draft, [west, south, east, north], record.inspire))
        .flatten();
    let Some(description) = first(&[record.inspire], &["extend_description"]) else {
        return;
    };
    match node {
        Some(node) => record.text(draft, &node, skos::PREF_LABEL, &description),
        None => place(
            draft,
            record,
            &description,
            record.inspire.get("extend_description"),
        ),
    }
}

/// A bounding box: west, south, east, north.
fn bounds(
    draft: &mut Draft<'_>,
    sides: [&str; 4],
    field: View<'_, '_>,
) -> Option<oxrdf::NamedNode> {
    let number = |side: &str| side.trim().replace(',', ".").parse::<f64>().ok();
    let read = sides.map(number);
    let [
        Some(mut west),
        Some(mut south),
        Some(mut east),
        Some(mut north),
    ] = read
    else {
        field.find(
            "place/absurd-coordinates",
            Severity::Warning,
            format!(
                "the bounds are no four numbers ({}): left out",
                sides.join(", ")
            ),
            "give four bounds in decimal degrees",
        );
        return None;
    };
    let good = |bound: f64, most: f64| (-most..=most).contains(&bound);
    if !(good(west, 180.0) && good(east, 180.0) && good(south, 90.0) && good(north, 90.0)) {
        field.find(
            "place/absurd-coordinates",
            Severity::Warning,
            format!("the bounds are no degrees ({}): left out", sides.join(", ")),
            "give the bounds in degrees of longitude and latitude, not in the dataset's projection",
        );
        return None;
    }
    // A box across the antimeridian has its west in the east, nearly round the world.
    let swapped = south > north || (west > east && west - east < 180.0);
    if swapped {
        (west, east) = (west.min(east), west.max(east));
        (south, north) = (south.min(north), south.max(north));
        field.find(
            "place/swapped-bounds",
            Severity::Warning,
            format!(
                "opposite bounds stand in each other's place ({}): they were put right",
                sides.join(", ")
            ),
            "give the western longitude as the west, the southern latitude as the south",
        );
    }
    let node = numbered(draft, "location")?;
    draft.open(&node, dcterms::LOCATION, dcterms::SPATIAL, &field);
    let (property, wkt) = if west == east && south == north {
        (dcat::CENTROID, format!("POINT({west} {south})"))
    } else {
        let ring =
            format!("{west} {south},{east} {south},{east} {north},{west} {north},{west} {south}");
        (dcat::BBOX, format!("POLYGON(({ring}))"))
    };
    draft
        .entity
        .add_typed(&node, property, &wkt, gsp::WKT_LITERAL);
    Some(node)
}

fn periods(draft: &mut Draft<'_>, record: &Record<'_, '_>) {
    let bounds = [
        ("temporal_coverage_start", "temporal_coverage_end"),
        ("temporal_startDate", "temporal_endDate"),
    ];
    for template in record.profiles() {
        for (start, end) in bounds {
            let (start, end) = (first(&[template], &[start]), first(&[template], &[end]));
            if start.is_some() || end.is_some() {
                interval(draft, start.as_deref(), end.as_deref(), template);
            }
        }
    }
    for text in texts(record.dcat, "temporal").iter().take(MOST) {
        period(draft, record, text, record.dcat.get("temporal"));
    }
}

fn interval(draft: &mut Draft<'_>, start: Option<&str>, end: Option<&str>, field: View<'_, '_>) {
    let Some(node) = numbered(draft, "period") else {
        return;
    };
    draft.open(&node, dcterms::PERIOD_OF_TIME, dcterms::TEMPORAL, &field);
    for (predicate, date) in [(dcat::START_DATE, start), (dcat::END_DATE, end)] {
        if let Some(date) = date {
            draft.entity.add_text(&node, predicate, date, None);
        }
    }
}

/// A period in a text: `2010/2020`, `2010-2020`, `2019`, or words.
pub(super) fn period(
    draft: &mut Draft<'_>,
    record: &Record<'_, '_>,
    text: &str,
    field: View<'_, '_>,
) {
    let text = text.trim();
    let year = |text: &str| text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    let date = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_digit() || b"-:TZ+.".contains(&byte))
    };
    let parts = ["/", " - ", " – ", " à ", "-", "–"]
        .iter()
        .filter_map(|sign| text.split_once(sign))
        .map(|(start, end)| (start.trim(), end.trim()))
        .find(|(start, end)| {
            (year(start) && year(end))
                || (text.contains('/') && date(start) && date(end) && start.len() > 4)
        });
    if let Some((start, end)) = parts {
        interval(draft, Some(start), Some(end), field);
    } else if date(text) && text.len() >= 4 {
        interval(draft, Some(text), Some(text), field);
    } else if let Some(address) = web(text) {
        let iri = draft.entity.iri.clone();
        draft.entity.add_iri(&iri, dcterms::TEMPORAL, address);
    } else if let Some(node) = numbered(draft, "period") {
        draft.open(&node, dcterms::PERIOD_OF_TIME, dcterms::TEMPORAL, &field);
        record.text(draft, &node, rdfs::LABEL, text);
    }
}
