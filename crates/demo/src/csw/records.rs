//! The bundled records: a table, rendered by a template.

use minijinja::{AutoEscape, Environment, context};
use toml::{Table, Value};

use crate::DemoError;

const TABLE: &str = include_str!("../../data/csw.toml");
const TEMPLATE: &str = include_str!("../../data/iso19139.xml");
const FEATURE_CATALOGUE: &str = include_str!("../../data/feature-catalogue.xml");

#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub id: String,
    pub title: String,
    /// The abstract.
    pub summary: String,
    pub kind: String,
    pub xml: String,
}

/// Every record of the catalogue, in its order.
pub(crate) fn records() -> Result<Vec<Record>, DemoError> {
    let fault = |error: &dyn std::fmt::Display| DemoError::Data(format!("data/csw.toml: {error}"));
    let table: Table = TABLE.parse().map_err(|error| fault(&error))?;
    let contacts = table
        .get("contact")
        .and_then(Value::as_table)
        .ok_or_else(|| fault(&"no contacts"))?;
    let mut environment = Environment::new();
    // Values are escaped when they are read: the template's own syntax would escape `/` too.
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment
        .add_template("iso19139", TEMPLATE)
        .map_err(|error| fault(&error))?;
    let template = environment
        .get_template("iso19139")
        .map_err(|error| fault(&error))?;
    let mut records = Vec::new();
    for (number, value) in array(&table, "record").iter().enumerate() {
        let mut record = value
            .as_table()
            .cloned()
            .ok_or_else(|| fault(&"a record is no table"))?;
        let number = i64::try_from(number + 1).map_err(|error| fault(&error))?;
        record.insert("number".to_owned(), Value::Integer(number));
        complete(&mut record);
        let contact = |key: &str| {
            let known = contacts.get(key).cloned().map(rendered);
            known.ok_or_else(|| fault(&format!("no contact {key}")))
        };
        let mut parties = Vec::new();
        for party in array(&record, "parties") {
            let pair = party.as_array().map(Vec::as_slice).unwrap_or_default();
            if let [Value::String(role), Value::String(key)] = pair {
                parties.push(context! { role => role, contact => contact(key)? });
            }
        }
        let metadata_contact = contact(&text(&record, "contact"))?;
        let xml = template
            .render(context! {
                r => rendered(Value::Table(record.clone())), contact => metadata_contact, parties => parties,
            })
            .map_err(|error| fault(&format!("{}: {error:#}", text(&record, "id"))))?;
        records.push(Record {
            id: text(&record, "id"),
            title: text(&record, "title"),
            summary: text(&record, "abstract"),
            kind: text(&record, "kind"),
            xml,
        });
    }
    let middle = records.len() / 2;
    records.insert(
        middle,
        Record {
            id: "catalogue-attributs-zones-humides".to_owned(),
            title: "Catalogue d'attributs des zones humides".to_owned(),
            summary: String::new(),
            kind: "featureCatalogue".to_owned(),
            xml: FEATURE_CATALOGUE.to_owned(),
        },
    );
    Ok(records)
}

/// What most records share.
fn complete(record: &mut Table) {
    let parties = Value::Array(vec![Value::Array(vec![
        Value::String("pointOfContact".to_owned()),
        Value::String(text(record, "contact")),
    ])]);
    record.entry("parties").or_insert(parties);
    record
        .entry("kind")
        .or_insert(Value::String("dataset".to_owned()));
    record
        .entry("stamp")
        .or_insert(Value::String("2024-03-12T09:30:00".to_owned()));
}

fn array<'t>(table: &'t Table, key: &str) -> &'t [Value] {
    table
        .get(key)
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}

fn text(table: &Table, key: &str) -> String {
    table
        .get(key)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// For the template, with every text escaped.
fn rendered(value: Value) -> minijinja::Value {
    match value {
        Value::String(text) => escape(&text).into(),
        Value::Integer(number) => number.into(),
        Value::Float(number) => number.into(),
        Value::Boolean(value) => value.into(),
        Value::Datetime(time) => time.to_string().into(),
        Value::Array(items) => items.into_iter().map(rendered).collect(),
        Value::Table(table) => minijinja::Value::from_pairs(
            table.into_iter().map(|(key, value)| (key, rendered(value))),
        ),
    }
}

pub(super) fn escape(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}
