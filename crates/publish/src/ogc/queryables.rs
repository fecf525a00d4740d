//! What can be asked for and sorted by, under the names that records have them under.

use search::Field;
use serde_json::{Map, Value, json};
use vocab::{Scheme, Vocab};

/// What a property of a filter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Queryable {
    Id,
    /// The kind of resource, which has names of its own in each standard.
    Type,
    Geometry,
    Time,
    /// Concepts: by their addresses, codes or labels.
    Themes,
    Field(Field),
}

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Text,
    Texts,
    Instant,
    Number,
    Truth,
    Geometry,
    Period,
}

struct Known {
    name: &'static str,
    queryable: Queryable,
    shape: Shape,
    title: &'static str,
    sorts: bool,
}

const fn known(
    name: &'static str,
    queryable: Queryable,
    shape: Shape,
    sorts: bool,
    title: &'static str,
) -> Known {
    Known {
        name,
        queryable,
        shape,
        title,
        sorts,
    }
}

use Queryable::Field as F;

#[rustfmt::skip]
const QUERYABLES: &[Known] = &[
    known("id", Queryable::Id, Shape::Text, true, "Identifiant de la fiche"),
    known("type", Queryable::Type, Shape::Text, true, "Type de ressource : dataset, series, service"),
    known("geometry", Queryable::Geometry, Shape::Geometry, false, "Emprise"),
    known("time", Queryable::Time, Shape::Period, false, "Période couverte"),
    known("title", F(Field::Title), Shape::Text, true, "Titre"),
    known("description", F(Field::Description), Shape::Text, false, "Description"),
    known("anytext", F(Field::AnyText), Shape::Text, false, "N’importe quel texte de la fiche"),
    known("keywords", F(Field::Subject), Shape::Texts, false, "Mots clés et thèmes"),
    known("themes", Queryable::Themes, Shape::Texts, false, "Thèmes"),
    known("updated", F(Field::Changed), Shape::Instant, true, "Dernière modification de la fiche"),
    known("issued", F(Field::Issued), Shape::Instant, true, "Publication de la ressource"),
    known("modified", F(Field::Modified), Shape::Instant, true, "Dernière modification de la ressource"),
    known("resourceLanguages", F(Field::Language), Shape::Texts, false, "Langues de la ressource"),
    known("externalIds", F(Field::Identifier), Shape::Texts, false, "Identifiants donnés par d’autres"),
    known("formats", F(Field::Format), Shape::Texts, false, "Formats"),
    known("contacts", F(Field::Contact), Shape::Texts, false, "Contacts"),
    known("publisher", F(Field::Organisation), Shape::Text, true, "Organisation qui publie"),
    known("creator", F(Field::Creator), Shape::Texts, false, "Auteurs"),
    known("license", F(Field::Licence), Shape::Texts, false, "Licence"),
    known("rights", F(Field::Rights), Shape::Text, false, "Droits"),
    known("accessRights", F(Field::AccessRights), Shape::Text, false, "Droits d’accès"),
    known("territory", F(Field::Territory), Shape::Texts, false, "Territoires"),
    known("crs", F(Field::CoordinateSystem), Shape::Texts, false, "Systèmes de coordonnées"),
    known("conformsTo", F(Field::ConformsTo), Shape::Texts, false, "Normes suivies"),
    known("inSeries", F(Field::ParentSeries), Shape::Texts, false, "Série"),
    known("frequency", F(Field::Frequency), Shape::Text, false, "Fréquence de mise à jour"),
    known("links", F(Field::Link), Shape::Texts, false, "Adresses des pages, fichiers et services"),
    known("source", F(Field::Source), Shape::Texts, true, "Source moissonnée"),
    known("hvd", F(Field::Hvd), Shape::Truth, false, "Donnée de forte valeur"),
    known("quality", F(Field::Quality), Shape::Number, true, "Qualité de la fiche, de 0 à 1"),
];

impl Queryable {
    pub fn named(name: &str) -> Option<Self> {
        let found = QUERYABLES.iter().find(|known| known.name == name);
        found.map(|known| known.queryable)
    }

    /// The field to sort by.
    pub fn sortable(name: &str) -> Option<Field> {
        let found = QUERYABLES
            .iter()
            .find(|known| known.name == name && known.sorts)?;
        match found.queryable {
            Self::Id => Some(Field::Iri),
            Self::Type => Some(Field::Kind),
            Self::Field(field) => Some(field),
            Self::Geometry | Self::Time | Self::Themes => None,
        }
    }

    pub fn name_of(field: Field) -> Option<&'static str> {
        let found = QUERYABLES
            .iter()
            .find(|known| known.queryable == Self::Field(field));
        found.map(|known| known.name)
    }

    /// The field that a value is compared in: addresses of concepts stand apart from their names.
    pub fn field_for(self, value: &str) -> Field {
        match self {
            Self::Themes if value.contains("://") => Field::Theme,
            Self::Themes => Field::Subject,
            Self::Field(field) => field,
            Self::Id | Self::Type | Self::Geometry | Self::Time => Field::Identifier,
        }
    }
}

/// The address of a concept that records are written with the code of: licences by SPDX, languages by ISO 639.
pub(super) fn synonym(field: Field, value: &str) -> Option<String> {
    let vocab = Vocab::bundled();
    let found = match field {
        Field::Licence => vocab.scheme(Scheme::Licence).resolve(value),
        Field::Language => vocab.language(value),
        _ => None,
    }?;
    let iri = found.concept.iri.as_str();
    (found.is_exact() && iri != value).then(|| iri.to_owned())
}

/// The names of what can be sorted by, for messages.
pub(super) fn sortables() -> String {
    let names: Vec<&str> = QUERYABLES
        .iter()
        .filter(|known| known.sorts)
        .map(|known| known.name)
        .collect();
    names.join(", ")
}

/// Name and title of each, for people.
pub(super) fn listed(sortable: bool) -> impl Iterator<Item = (&'static str, &'static str)> {
    QUERYABLES
        .iter()
        .filter(move |known| known.sorts || !sortable)
        .map(|known| (known.name, known.title))
}

/// A JSON Schema whose properties they are (OGC 19-079r2, 6.2; 20-004r1, 7.4).
pub(super) fn schema(address: &str, title: &str, sortable: bool) -> Value {
    let properties: Map<String, Value> = QUERYABLES
        .iter()
        .filter(|known| known.sorts || !sortable)
        .map(|known| (known.name.to_owned(), described(known)))
        .collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": address,
        "type": "object",
        "title": title,
        "properties": properties,
        "additionalProperties": false,
    })
}

fn described(known: &Known) -> Value {
    let shape = match known.shape {
        Shape::Text => json!({ "type": "string" }),
        Shape::Texts => json!({ "type": "array", "items": { "type": "string" } }),
        Shape::Instant => json!({ "type": "string", "format": "date-time" }),
        Shape::Number => json!({ "type": "number", "minimum": 0, "maximum": 1 }),
        Shape::Truth => json!({ "type": "boolean" }),
        Shape::Geometry => json!({ "format": "geometry-any" }),
        Shape::Period => {
            json!({ "type": "array", "items": { "type": "string" }, "minItems": 2, "maxItems": 2 })
        }
    };
    let mut described = json!({ "title": known.title });
    if let (Some(into), Value::Object(shape)) = (described.as_object_mut(), shape) {
        into.extend(shape);
    }
    described
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_known_and_what_sorts_can_be_sorted_by() {
        for known in QUERYABLES {
            assert_eq!(Queryable::named(known.name), Some(known.queryable));
            assert_eq!(
                Queryable::sortable(known.name).is_some(),
                known.sorts,
                "{}",
                known.name
            );
            if let Some(field) = Queryable::sortable(known.name) {
                assert_ne!(field.kind(), search::ValueKind::Prose, "{}", known.name);
            }
        }
        assert_eq!(Queryable::named("nom"), None);
        assert_eq!(Queryable::sortable("description"), None);
    }

    #[test]
    fn licences_and_languages_are_known_by_the_codes_that_records_have() {
        let etalab = "http://publications.europa.eu/resource/authority/licence/ETALAB_2_0";
        assert_eq!(
            synonym(Field::Licence, "etalab-2.0").as_deref(),
            Some(etalab)
        );
        assert_eq!(synonym(Field::Licence, etalab), None);
        let french = "http://publications.europa.eu/resource/authority/language/FRA";
        assert_eq!(synonym(Field::Language, "fr").as_deref(), Some(french));
        assert_eq!(synonym(Field::Title, "fr"), None);
    }
}
