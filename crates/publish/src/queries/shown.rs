//! Queries as people and programs see them.

use graph::Results;
use minijinja::context;
use serde::Serialize;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::SavedQuery;
use super::parameter::{BOM, Given};
use crate::router::App;
use crate::view::value;

pub(super) fn list(app: &App) -> Result<String, minijinja::Error> {
    let queries: Vec<_> = app
        .site
        .queries
        .iter()
        .map(|query| context! { name => &query.name, title => &query.title, description => &query.description })
        .collect();
    app.templates
        .render(app, "queries.html", context! { queries })
}

/// The list for programs.
pub(super) fn json(app: &App) -> Value {
    let base = app.site.minter.base();
    let query = |query: &SavedQuery| {
        let address = format!("{base}queries/{}", query.name);
        let parameters: Vec<Value> = query
            .parameters
            .iter()
            .map(|it| json!({ "name": it.name, "type": it.kind.name(), "default": it.default }))
            .collect();
        let results: serde_json::Map<String, Value> = formats(query.results)
            .iter()
            .map(|(_, extension)| {
                (
                    (*extension).to_owned(),
                    format!("{address}.{extension}").into(),
                )
            })
            .collect();
        json!({
            "name": query.name,
            "title": query.title,
            "description": query.description,
            "url": address,
            "query": format!("{address}.rq"),
            "parameters": parameters,
            "results": results,
        })
    };
    json!({ "queries": app.site.queries.iter().map(query).collect::<Vec<_>>() })
}

/// A parameter as a field of the form.
#[derive(Serialize)]
struct Field<'a> {
    name: &'a str,
    kind: &'static str,
    field: &'static str,
    value: &'a str,
    required: bool,
}

pub(super) fn page(
    app: &App,
    query: &SavedQuery,
    given: &Given<'_>,
) -> Result<String, minijinja::Error> {
    let fields: Vec<Field<'_>> = given
        .fields
        .iter()
        .map(|(parameter, value)| Field {
            name: &parameter.name,
            kind: parameter.kind.name(),
            field: parameter.kind.field(),
            value: value.as_ref().map_or("", |(text, _)| text),
            required: parameter.default.is_none(),
        })
        .collect();
    let formats: Vec<_> = formats(query.results)
        .iter()
        .map(|(name, extension)| context! { name => *name, extension => *extension, href => address(app, query, extension, given, false) })
        .collect();
    let tabular = query.results == Results::Solutions;
    let page = context! {
        name => &query.name, title => &query.title, description => &query.description, text => &query.text,
        fields => value(fields), formats,
        spreadsheet => tabular.then(|| address(app, query, "csv", given, true)),
        is_complete => given.fields.iter().all(|(_, value)| value.is_some()),
    };
    app.templates.render(app, "query.html", page)
}

/// Where the results are, for the values that the client gave.
fn address(app: &App, query: &SavedQuery, extension: &str, given: &Given<'_>, bom: bool) -> String {
    let mut address = format!("{}/queries/{}.{extension}", app.root, query.name);
    let mut parameters = form_urlencoded::Serializer::new(String::new());
    parameters.extend_pairs(&given.named);
    if bom {
        parameters.append_pair(BOM, "1");
    }
    let parameters = parameters.finish();
    if !parameters.is_empty() {
        address.push('?');
        address.push_str(&parameters);
    }
    address
}

/// The name of each format, and its extension.
fn formats(results: Results) -> &'static [(&'static str, &'static str)] {
    match results {
        Results::Solutions => &[
            ("CSV", "csv"),
            ("JSON", "json"),
            ("XML", "xml"),
            ("TSV", "tsv"),
        ],
        Results::Boolean => &[
            ("JSON", "json"),
            ("XML", "xml"),
            ("CSV", "csv"),
            ("TSV", "tsv"),
        ],
        Results::Graph => &[
            ("Turtle", "ttl"),
            ("RDF/XML", "rdf"),
            ("JSON-LD", "jsonld"),
            ("N-Triples", "nt"),
        ],
    }
}
