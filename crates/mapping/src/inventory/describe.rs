//! What a row says of its dataset.

use model::ns::{adms, dcat, dcterms, geodcatap, rdfs, skos, vcard};
use oxrdf::{Literal, NamedNodeRef};

use super::{parts, place};
use crate::agent;
use crate::draft::{Draft, mailto, short_hash};
use crate::json::View;

/// More of these in one cell are a text in the wrong column.
const MOST: usize = 200;

/// Texts in the language of the inventory.
const TEXTS: [(&str, NamedNodeRef<'static>); 4] = [
    ("title", dcterms::TITLE),
    ("description", dcterms::DESCRIPTION),
    ("conditions", dcterms::RIGHTS),
    ("withheld_reason", dcterms::RIGHTS),
];

/// Codes, dates and words that rules resolve.
const PLAIN: [(&str, NamedNodeRef<'static>); 6] = [
    ("identifier", dcterms::IDENTIFIER),
    ("status", dcterms::ACCESS_RIGHTS),
    ("frequency", dcterms::ACCRUAL_PERIODICITY),
    ("issued", dcterms::ISSUED),
    ("modified", dcterms::MODIFIED),
    ("spatial_level", geodcatap::SPATIAL_RESOLUTION_AS_TEXT),
];

pub(super) fn map(draft: &mut Draft<'_>, columns: View<'_, '_>, sheet: &str) {
    let iri = draft.entity.iri.clone();
    for (key, predicate) in TEXTS {
        draft.text(&iri, predicate, columns, key);
    }
    for (key, predicate) in PLAIN {
        draft.plain(&iri, predicate, columns, &[key]);
    }
    draft.iri(&iri, dcat::LANDING_PAGE, columns, "landing_page");
    if let Some(identifier) = columns.text_of("identifier") {
        draft.alias(identifier);
    }
    subjects(draft, columns);
    publisher(draft, columns, sheet);
    contact(draft, columns);
    provenance(draft, columns, sheet);
    personal_data(draft, columns);
    spatial(draft, columns, sheet);
    temporal(draft, columns, sheet);
}

/// The theme may be one of a list; categories and policies are the service's own words.
fn subjects(draft: &mut Draft<'_>, columns: View<'_, '_>) {
    let iri = draft.entity.iri.clone();
    let language = draft.language();
    if let Some(theme) = columns.text_of("theme") {
        // A theme of the list may have a comma.
        for part in parts(&theme, false).take(MOST) {
            draft.entity.add_text(&iri, dcat::THEME, part, language);
        }
    }
    for (key, commas) in [("keywords", true), ("category", false), ("policy", false)] {
        let Some(text) = columns.text_of(key) else {
            continue;
        };
        for part in parts(&text, commas).take(MOST) {
            draft.entity.add_text(&iri, dcat::KEYWORD, part, language);
        }
    }
}

/// The service, named with its administration: « Service eau » is the name of many.
fn publisher(draft: &mut Draft<'_>, columns: View<'_, '_>, sheet: &str) {
    let (direction, service) = (columns.text_of("direction"), columns.text_of("service"));
    let (name, column) = match (&direction, &service) {
        (Some(direction), Some(service)) if !service.contains(&**direction) => {
            (format!("{direction} – {service}"), "Service")
        }
        (_, Some(service)) => (service.to_string(), "Service"),
        (Some(direction), None) => (direction.to_string(), "Direction"),
        (None, None) => return,
    };
    let Some(mut agent) = agent::by_name(draft, &name, place(sheet, column)) else {
        return;
    };
    let iri = agent.iri.clone();
    if let Some(siret) = siret(columns.get("siret")) {
        let node = agent.node("siret");
        agent.add(&iri, adms::IDENTIFIER, node.clone());
        agent.add_type(&node, adms::IDENTIFIER_CLASS);
        agent.add(&node, skos::NOTATION, Literal::new_simple_literal(&siret));
        agent.add_text(&node, adms::SCHEMA_AGENCY, "INSEE", None);
        agent.aliases.push(format!("siret:{siret}"));
    }
    agent::finish(draft, agent, dcterms::PUBLISHER);
}

/// Fourteen digits. Spreadsheets take them for a number, and so drop a zero at the beginning: it is put back where the check digit
/// agrees (Luhn's formula, as INSEE has it).
fn siret(view: View<'_, '_>) -> Option<String> {
    let text = view.text()?;
    let mut digits: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '.')
        .collect();
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_number && digits.len() == 13 && luhn(&digits) {
        digits.insert(0, '0');
    }
    if is_number && digits.len() == 14 {
        return Some(digits);
    }
    view.bad("fourteen digits");
    None
}

fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, byte)| {
            let digit = u32::from(byte.saturating_sub(b'0')) * if at % 2 == 1 { 2 } else { 1 };
            digit / 10 + digit % 10
        })
        .sum();
    sum.is_multiple_of(10)
}

fn contact(draft: &mut Draft<'_>, columns: View<'_, '_>) {
    let name = columns.text_of("contact_name");
    let email = columns.text_of("contact_email");
    let phone = columns.text_of("contact_phone");
    // Many tables have one column for whom to ask.
    let (name, email) = match (name, email) {
        (Some(only), None) if only.contains('@') && !only.contains(' ') => (None, Some(only)),
        both => both,
    };
    if name.is_none() && email.is_none() && phone.is_none() {
        return;
    }
    let iri = draft.entity.iri.clone();
    let node = draft.entity.node("contact");
    draft.entity.add_type(&node, vcard::KIND);
    draft.entity.add(&iri, dcat::CONTACT_POINT, node.clone());
    if let Some(name) = name {
        draft.entity.add_text(&node, vcard::FN, &name, None);
    }
    if let Some(email) = email {
        for email in parts(&email, true).take(MOST) {
            draft
                .entity
                .add_iri(&node, vcard::HAS_EMAIL, &mailto(email));
        }
    }
    if let Some(phone) = phone {
        draft
            .entity
            .add_text(&node, vcard::HAS_TELEPHONE, &phone, None);
    }
}

fn provenance(draft: &mut Draft<'_>, columns: View<'_, '_>, sheet: &str) {
    let (origin, from) = (columns.text_of("origin"), columns.text_of("acquired_from"));
    let text = match (origin, from) {
        (Some(origin), Some(from)) => format!("{origin} : {from}"),
        (Some(origin), None) => origin.into_owned(),
        (None, Some(from)) => format!("auprès de : {from}"),
        (None, None) => return,
    };
    let iri = draft.entity.iri.clone();
    let node = draft.entity.node("provenance");
    let language = draft.language();
    draft.entity.add_type(&node, dcterms::PROVENANCE_STATEMENT);
    draft.entity.add(&iri, dcterms::PROVENANCE, node.clone());
    draft.entity.add_text(&node, rdfs::LABEL, &text, language);
    draft.entity.set_origin(&node, place(sheet, "Origine"));
}

/// A statement of rights: what the data may be used for depends on it.
fn personal_data(draft: &mut Draft<'_>, columns: View<'_, '_>) {
    let said = [
        ("personal_data", "Données à caractère personnel"),
        ("legal_basis", "Base légale (RGPD)"),
        ("dpia", "Analyse d'impact (AIPD)"),
    ];
    let said: Vec<String> = said
        .iter()
        .filter_map(|(key, label)| Some(format!("{label} : {}", columns.text_of(key)?)))
        .collect();
    let iri = draft.entity.iri.clone();
    draft
        .entity
        .add_text(&iri, dcterms::RIGHTS, &said.join(" ; "), Some("fr"));
}

/// Names of places, or codes: `80`, `2A`, `fr:region:32`.
fn spatial(draft: &mut Draft<'_>, columns: View<'_, '_>, sheet: &str) {
    let Some(text) = columns.text_of("spatial") else {
        return;
    };
    for part in parts(&text, false).take(MOST) {
        let node = draft.entity.node(&format!("spatial-{}", short_hash(part)));
        if !draft.claim(&node) {
            continue;
        }
        let iri = draft.entity.iri.clone();
        draft.entity.add_type(&node, dcterms::LOCATION);
        draft.entity.add(&iri, dcterms::SPATIAL, node.clone());
        draft
            .entity
            .set_origin(&node, place(sheet, "Couverture géographique"));
        let code = part.len() <= 40
            && part.bytes().any(|byte| byte.is_ascii_digit())
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b':');
        if code {
            draft
                .entity
                .add_text(&node, dcterms::IDENTIFIER, part, None);
        } else {
            let language = draft.language();
            draft
                .entity
                .add_text(&node, skos::PREF_LABEL, part, language);
        }
    }
}

/// Two columns, or one: `2010-2020`, `2010/2020`, `de 2010 à 2020`, `2015`, `depuis 2015`.
fn temporal(draft: &mut Draft<'_>, columns: View<'_, '_>, sheet: &str) {
    let mut start = columns.text_of("temporal_start").map(String::from);
    let mut end = columns.text_of("temporal_end").map(String::from);
    if start.is_none() && end.is_none() {
        let Some(text) = columns.text_of("temporal") else {
            return;
        };
        (start, end) = period(&text);
    }
    let iri = draft.entity.iri.clone();
    let node = draft.entity.node("temporal");
    draft.entity.add_type(&node, dcterms::PERIOD_OF_TIME);
    draft.entity.add(&iri, dcterms::TEMPORAL, node.clone());
    draft.entity.set_origin(&node, place(sheet, "Période"));
    for (predicate, date) in [(dcat::START_DATE, start), (dcat::END_DATE, end)] {
        if let Some(date) = date {
            draft.entity.add_text(&node, predicate, &date, None);
        }
    }
}

fn period(text: &str) -> (Option<String>, Option<String>) {
    let text = text.trim();
    let own = |side: &str| {
        let side = side.trim();
        (!side.is_empty() && side != "..").then(|| side.to_owned())
    };
    let lower = text.to_lowercase();
    if let Some(since) = ["depuis ", "à partir de ", "since "]
        .iter()
        .find_map(|word| lower.strip_prefix(word))
    {
        return (own(since), None);
    }
    let years = |(start, end): (&str, &str)| {
        let is_year = |side: &str| {
            side.trim().len() == 4 && side.trim().bytes().all(|byte| byte.is_ascii_digit())
        };
        (is_year(start) && is_year(end)).then(|| (own(start), own(end)))
    };
    let bare = lower.strip_prefix("de ").unwrap_or(&lower);
    let sides = [" à ", " au ", " - ", " – ", " to "]
        .iter()
        .find_map(|between| bare.split_once(between));
    // « 01/2015 » is a month.
    let slash = text.split_once('/').filter(|(start, end)| {
        let whole = start.contains('-') || start.trim().len() >= 4 || start.trim().is_empty();
        whole && !end.contains('/')
    });
    if let Some((start, end)) = sides {
        return (own(start.trim_start_matches("du ")), own(end));
    }
    if let Some(found) = ['-', '–']
        .iter()
        .find_map(|between| years(text.split_once(*between)?))
    {
        return found;
    }
    match slash {
        Some((start, end)) => (own(start), own(end)),
        None => (own(text), own(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_read_as_people_write_them() {
        let cases = [
            ("2010-2020", ("2010", "2020")),
            ("2010 – 2020", ("2010", "2020")),
            ("de 2010 à 2020", ("2010", "2020")),
            ("du 01/02/2010 au 03/04/2020", ("01/02/2010", "03/04/2020")),
            ("2010-01-01/2020-12-31", ("2010-01-01", "2020-12-31")),
            ("2015", ("2015", "2015")),
            ("2015-03", ("2015-03", "2015-03")),
            ("Depuis 2015", ("2015", "")),
            ("2015/..", ("2015", "")),
            ("01/02/2010", ("01/02/2010", "01/02/2010")),
        ];
        for (text, (start, end)) in cases {
            let found = period(text);
            assert_eq!(
                (found.0.unwrap_or_default(), found.1.unwrap_or_default()),
                (start.to_owned(), end.to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn a_lost_zero_is_put_back_where_the_check_digit_agrees() {
        assert!(luhn("73282932000074"));
        assert!(!luhn("73282932000075"));
    }
}
