//! Pages for people: French, without a script, from templates that escape whatever they are given.

mod embedded;
pub(crate) mod entity;
pub(crate) mod facts;
mod graph;
pub(crate) mod pair;
mod text;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, header};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Output, State, Value, context};
use model::Checksum;
use serde::Serialize;

use crate::assets;
use crate::cache::Validators;
use crate::failure::Failure;
use crate::router::App;

pub(crate) use graph::Described;
pub(crate) use text::{cut, prose, web_address};

macro_rules! templates {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../templates/", $name)))),*]
    };
}

const TEMPLATES: &[(&str, &str)] = templates![
    "layout.html",
    "home.html",
    "datasets.html",
    "entity.html",
    "gone.html",
    "provenance.html",
    "proposals.html",
    "failure.html",
    "sources.html",
    "run.html",
    "report.html",
    "rules.html",
    "rule.html",
    "sparql.html",
    "queries.html",
    "query.html",
    "ogc.html",
    "openapi.html",
];

pub(crate) struct Templates(Environment<'static>);

impl Templates {
    pub fn new() -> Self {
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        environment.set_syntax(syntax());
        environment.set_formatter(write);
        for (name, source) in TEMPLATES {
            if let Err(error) = environment.add_template(name, source) {
                tracing::error!(
                    name,
                    error = format!("{error:#}"),
                    "a template is malformed"
                );
            }
        }
        Self(environment)
    }

    /// A page. Whatever it shows of its own is under `page`.
    pub fn render(
        &self,
        app: &App,
        template: &str,
        page: impl Into<Value>,
    ) -> Result<String, minijinja::Error> {
        let site = &app.site;
        self.0.get_template(template)?.render(context! {
            page => page.into(),
            root => &app.root,
            base => site.minter.base(),
            style => assets::style_name(),
            site => context! { title => &site.title, description => &site.description, publisher => &site.publisher },
        })
    }

    pub fn failure(&self, app: &App, failure: &Failure) -> Result<String, minijinja::Error> {
        let page = context! {
            heading => failure.heading(), status => failure.status.as_u16(),
            explanation => &failure.explanation, detail => &failure.detail,
        };
        self.render(app, "failure.html", page)
    }

    pub fn sparql(&self, app: &App) -> Result<String, minijinja::Error> {
        // Shown only where it can be asked.
        let graph = ::provenance::Names::new(app.site.minter.base()).graph();
        let provenance = app.site.sparql.names(graph.as_str());
        self.render(
            app,
            "sparql.html",
            context! { provenance => provenance.then(|| graph.into_string()) },
        )
    }
}

/// What a template sees of something; strings that are marked as safe stay so.
pub(crate) fn value(of: impl Serialize) -> Value {
    Value::from(Serde(of))
}

/// Escapes what is not marked as safe. minijinja's own way escapes slashes too, which are in every address.
fn write(
    out: &mut Output<'_>,
    state: &mut State<'_, '_>,
    value: &Value,
) -> Result<(), minijinja::Error> {
    match value.as_str() {
        Some(text) if !value.is_safe() => Ok(out.write_str(&text::escaped(text))?),
        _ => minijinja::escape_formatter(out, state, value),
    }
}

/// Tags on lines of their own leave no lines.
fn syntax() -> SyntaxConfig {
    let mut syntax = SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true);
    syntax.build().unwrap_or_default()
}

/// A page as an answer.
pub(crate) fn answer(html: String, request: &HeaderMap) -> Response<Body> {
    let validators = Validators::new(Checksum::of(html.as_bytes()), None);
    if validators.hold(request) {
        return validators.not_modified();
    }
    let mut response = Response::new(Body::from(html));
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    validators.set(response.headers_mut());
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_well_formed() {
        let mut environment = Environment::new();
        environment.set_syntax(syntax());
        for (name, source) in TEMPLATES {
            environment.add_template(name, source).expect(name);
        }
    }
}
