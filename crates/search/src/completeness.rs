//! How much is stated of a resource.

use crate::{Document, Field};

/// How much it states of what DCAT-AP recommends and people look for.
pub(crate) fn completeness(document: &Document) -> f64 {
    let has =
        |field: &Field| document.texts.contains_key(field) || document.instants.contains_key(field);
    let stated = [
        (Field::Title, 1.0),
        (Field::Description, 1.0),
        (Field::Subject, 1.0),
        (Field::Theme, 1.0),
        (Field::Organisation, 1.0),
        (Field::Contact, 1.0),
        (Field::Licence, 2.0),
        (Field::AccessRights, 1.0),
        (Field::Format, 2.0),
        (Field::Link, 1.0),
        (Field::Frequency, 1.0),
        (Field::Modified, 1.0),
        (Field::TemporalStart, 0.5),
        (Field::Territory, 0.5),
    ];
    let long = document
        .texts
        .get(&Field::Description)
        .is_some_and(|texts| texts.iter().any(|text| text.len() >= 150));
    let extent = !document.boxes.is_empty();
    let mut points = f64::from(u8::from(long)) + f64::from(u8::from(extent));
    let mut all = 2.0;
    for (field, weight) in stated {
        all += weight;
        if has(&field) {
            points += weight;
        }
    }
    points / all
}
