//! Fields that a portal made up (`metas.custom`), as far as their names say what they are.
//!
//! A name counts without case, accents and punctuation: `Fréquence de mise à jour`, `frequence-de-mise-a-jour`. Where a
//! dataset can have one value only, what the portal made up gives way to the fields that every portal has. Names that are not
//! in the table are left out.
//!
//! | what the name says | names, among others | property |
//! | --- | --- | --- |
//! | how often it is updated | `frequence`, `periodicite`, `update_frequency` | `dct:accrualPeriodicity`, if there is none |
//! | when it was made, published | `date-de-creation`, `date-de-publication` | `dct:created`, `dct:issued`, if there is none |
//! | the level of detail | `granularite`, `echelle`, `maille`, `echelon-territorial` | `geodcat:spatialResolutionAsText`, if there is none |
//! | who made it | `producteur`, `auteur` | `dct:creator` |
//! | whom to ask | `contact`, `courriel`, `contact-email` | `dcat:contactPoint`, if there is none |
//! | where | `couverture-geographique`, `territoire` | `dct:spatial` |
//! | when | `couverture-temporelle` | `dct:temporal` |
//! | the reference system or schema | `projection`, `systeme-de-coordonnees`, `schema-de-donnees` | `dct:conformsTo` |
//! | where it comes from | `genealogie`, `provenance`, `methodologie`, `source-des-donnees` | `dct:provenance` |
//! | pages about it | `documentation` | `foaf:page` |
//! | high-value datasets | `hvd`, `high-value-dataset` (yes, or a category), `categorie-hvd` | `dcatap:applicableLegislation`, `dcatap:hvdCategory` |

use model::Severity;
use model::ns::{dcat, dcterms, geodcatap};
use oxrdf::NamedNodeRef;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::{Record, agents, coverage, dataset};
use crate::draft::Draft;
use crate::json::{Json, View};

/// What a field is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Frequency,
    Created,
    Issued,
    Granularity,
    Creator,
    ContactName,
    ContactEmail,
    Place,
    Period,
    Standard,
    Provenance,
    Page,
    HighValue,
    HvdCategory,
}

/// Names of fields, folded; sorted by what they are.
const NAMES: [(&str, Field); 56] = [
    ("frequence", Field::Frequency),
    ("frequencedemiseajour", Field::Frequency),
    ("frequencedactualisation", Field::Frequency),
    ("frequencemaj", Field::Frequency),
    ("frequencemiseajour", Field::Frequency),
    ("periodicite", Field::Frequency),
    ("updatefrequency", Field::Frequency),
    ("datecreation", Field::Created),
    ("datedecreation", Field::Created),
    ("datedepublication", Field::Issued),
    ("datepublication", Field::Issued),
    ("echelle", Field::Granularity),
    ("echelonterritorial", Field::Granularity),
    ("granularite", Field::Granularity),
    ("granulariteterritoriale", Field::Granularity),
    ("maille", Field::Granularity),
    ("niveaugeographique", Field::Granularity),
    ("auteur", Field::Creator),
    ("producteur", Field::Creator),
    ("producteurdeladonnee", Field::Creator),
    ("producteurdesdonnees", Field::Creator),
    ("contact", Field::ContactName),
    ("contactname", Field::ContactName),
    ("nomducontact", Field::ContactName),
    ("referent", Field::ContactName),
    ("adressemail", Field::ContactEmail),
    ("contactemail", Field::ContactEmail),
    ("contactmail", Field::ContactEmail),
    ("courriel", Field::ContactEmail),
    ("email", Field::ContactEmail),
    ("couverturegeographique", Field::Place),
    ("couverturespatiale", Field::Place),
    ("couvertureterritoriale", Field::Place),
    ("emprisegeographique", Field::Place),
    ("territoire", Field::Place),
    ("zonegeographique", Field::Place),
    ("couverturetemporelle", Field::Period),
    ("periodetemporelle", Field::Period),
    ("projection", Field::Standard),
    ("schemadedonnees", Field::Standard),
    ("systemedecoordonnees", Field::Standard),
    ("systemedeprojection", Field::Standard),
    ("genealogie", Field::Provenance),
    ("methodologie", Field::Provenance),
    ("origine", Field::Provenance),
    ("originedesdonnees", Field::Provenance),
    ("provenance", Field::Provenance),
    ("sourcedesdonnees", Field::Provenance),
    ("documentation", Field::Page),
    ("liendocumentation", Field::Page),
    ("donneesdefortevaleur", Field::HighValue),
    ("highvaluedataset", Field::HighValue),
    ("hvd", Field::HighValue),
    ("jeudedonneesdefortevaleur", Field::HighValue),
    ("categoriehvd", Field::HvdCategory),
    ("hvdcategory", Field::HvdCategory),
];

/// More fields than this no portal makes up.
const MOST_FIELDS: usize = 200;
/// Nor so many texts in all of them.
const MOST_TEXTS: usize = 500;

pub(super) fn map(draft: &mut Draft<'_>, record: &Record<'_, '_>) {
    let Json::Object(members) = record.custom.value() else {
        return;
    };
    let (mut name, mut email) = (None, None);
    let mut left = MOST_TEXTS;
    for (key, _) in members.iter().take(MOST_FIELDS) {
        let view = record.custom.get(key);
        let Some(field) = known(key).filter(|_| !view.is_null()) else {
            continue;
        };
        match field {
            Field::ContactName => name = name.or_else(|| view.texts().next()),
            Field::ContactEmail => email = email.or_else(|| view.texts().next()),
            _ => {
                let Some(rest) = left.checked_sub(view.len().clamp(1, super::MOST)) else {
                    view.find(
                        "record/bad-field",
                        Severity::Warning,
                        format!("the fields of the portal's own have more than {MOST_TEXTS} texts: left out"),
                        "put lists into the data",
                    );
                    continue;
                };
                left = rest;
                apply(draft, record, field, view);
            }
        }
    }
    // A contact without a name is often an address.
    if name.as_deref().is_some_and(|name| name.contains('@')) && email.is_none() {
        email = name.take();
    }
    let stated = draft
        .entity
        .objects(&draft.entity.iri, dcat::CONTACT_POINT)
        .next()
        .is_some();
    if !stated && (name.is_some() || email.is_some()) {
        let place = record.custom;
        agents::card(draft, "contact", name.as_deref(), email.as_deref(), place);
    }
}

fn apply(draft: &mut Draft<'_>, record: &Record<'_, '_>, field: Field, view: View<'_, '_>) {
    match field {
        Field::Frequency => alone(draft, dcterms::ACCRUAL_PERIODICITY, view),
        Field::Created => alone(draft, dcterms::CREATED, view),
        Field::Issued => alone(draft, dcterms::ISSUED, view),
        Field::Granularity => alone(draft, geodcatap::SPATIAL_RESOLUTION_AS_TEXT, view),
        Field::HighValue => high_value(draft, view),
        Field::Page => dataset::references(draft, view, record),
        _ => {
            for text in view.texts().take(super::MOST) {
                each(draft, record, field, view, &text);
            }
        }
    }
}

/// Fields that may have several values.
fn each(
    draft: &mut Draft<'_>,
    record: &Record<'_, '_>,
    field: Field,
    view: View<'_, '_>,
    text: &str,
) {
    match field {
        Field::Creator => agents::named(draft, text, view, dcterms::CREATOR),
        Field::Place => coverage::place(draft, record, text, view),
        Field::Period => coverage::period(draft, record, text, view),
        Field::Provenance => dataset::provenance(draft, record, text, view),
        Field::HvdCategory => dataset::hvd_category(draft, text),
        Field::Standard => {
            let iri = draft.entity.iri.clone();
            draft
                .entity
                .add_text(&iri, dcterms::CONFORMS_TO, text, None);
        }
        _ => {}
    }
}

/// A property of one value, unless it has one already.
fn alone(draft: &mut Draft<'_>, predicate: NamedNodeRef<'_>, view: View<'_, '_>) {
    let iri = draft.entity.iri.clone();
    if draft.entity.object(&iri, predicate).is_some() {
        return;
    }
    if let Some(text) = view.texts().next() {
        draft.entity.add_text(&iri, predicate, &text, None);
    }
}

/// Yes or no; or the categories themselves.
fn high_value(draft: &mut Draft<'_>, view: View<'_, '_>) {
    const YES: [&str; 5] = ["oui", "true", "yes", "vrai", "1"];
    const NO: [&str; 6] = ["non", "false", "no", "faux", "0", "-"];
    if let Json::Bool(value) = view.value() {
        if *value {
            dataset::hvd(draft);
        }
        return;
    }
    for text in view.texts().take(super::MOST) {
        let is_one_of = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
        if is_one_of(&YES) {
            dataset::hvd(draft);
        } else if !is_one_of(&NO) {
            dataset::hvd_category(draft, &text);
        }
    }
}

fn known(key: &str) -> Option<Field> {
    const LONGEST: usize = 80;
    let folded: String = key
        .nfd()
        .take(LONGEST)
        .filter(|c| !is_combining_mark(*c) && c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    let found = NAMES.iter().find(|(name, _)| *name == folded);
    found.map(|(_, field)| *field)
}

/// Whether each name of the table is one that [`known`] can find.
#[cfg(test)]
pub(super) fn names_are_folded() -> bool {
    NAMES
        .iter()
        .all(|(name, field)| known(name) == Some(*field))
}
