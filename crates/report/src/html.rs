//! The report for people: as what stands on a page, as a page of its own, and as plain text. From templates that escape whatever
//! they are given.

use std::sync::OnceLock;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Error, Output, State, Value, context};

use crate::ReportError;
use crate::change::Change;
use crate::gather::Report;
use crate::rule::{english_title, french_title};
use crate::shown::{Shown, ShownChange};
use crate::text::escaped;
use crate::words::Lang;

/// What stands on a page between its head and its foot. `root` is what links begin with, without a slash at its end.
pub fn content(report: &Report, lang: Lang, root: &str) -> Result<String, ReportError> {
    render("report.html", report, None, lang, root)
}

/// A page that stands alone, as in a file. `root` is the address of the site, without a slash at its end.
pub fn page(report: &Report, lang: Lang, root: &str) -> Result<String, ReportError> {
    render("page.html", report, None, lang, root)
}

/// Plain text, with what changed if that is given.
pub fn plain(
    report: &Report,
    change: Option<&Change>,
    lang: Lang,
    root: &str,
) -> Result<String, ReportError> {
    render("report.txt", report, change, lang, root)
}

/// The page of a mail.
pub(crate) fn mail(
    report: &Report,
    change: &Change,
    lang: Lang,
    root: &str,
) -> Result<String, ReportError> {
    render("mail.html", report, Some(change), lang, root)
}

const TEMPLATES: &[(&str, &str)] = &[
    ("report.html", include_str!("../templates/report.html")),
    ("page.html", include_str!("../templates/page.html")),
    ("mail.html", include_str!("../templates/mail.html")),
    ("report.txt", include_str!("../templates/report.txt")),
];

fn render(
    template: &str,
    report: &Report,
    change: Option<&Change>,
    lang: Lang,
    root: &str,
) -> Result<String, ReportError> {
    let root = root.trim_end_matches('/');
    let context = context! {
        lang => lang.as_str(),
        root,
        it => Value::from(Serde(Shown::of(report, lang, root))),
        change => change.map(|change| Value::from(Serde(ShownChange::of(change, lang)))),
    };
    let mut text = environment()?.get_template(template)?.render(context)?;
    text.push('\n');
    Ok(text)
}

fn environment() -> Result<&'static Environment<'static>, Error> {
    static ENVIRONMENT: OnceLock<Environment<'static>> = OnceLock::new();
    if let Some(environment) = ENVIRONMENT.get() {
        return Ok(environment);
    }
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|name| match name.ends_with(".html") {
        true => AutoEscape::Html,
        false => AutoEscape::None,
    });
    environment.set_formatter(write);
    let mut syntax = SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true);
    environment.set_syntax(syntax.build()?);
    environment.add_function(
        "t",
        |state: &State<'_, '_>, french: String, english: String| {
            let is_english = state
                .lookup("lang")
                .is_some_and(|lang| lang.as_str() == Some("en"));
            if is_english { english } else { french }
        },
    );
    for (name, source) in TEMPLATES {
        environment.add_template(name, source)?;
    }
    Ok(ENVIRONMENT.get_or_init(|| environment))
}

/// Escapes what is not marked as safe. minijinja's own way escapes slashes too, which are in every address.
fn write(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    match value.as_str() {
        Some(text) if *state.auto_escape() == AutoEscape::Html && !value.is_safe() => {
            Ok(out.write_str(&escaped(text))?)
        }
        _ => minijinja::escape_formatter(out, state, value),
    }
}

/// What a rule is called.
pub(crate) fn title(rule: &str, lang: Lang) -> String {
    match lang {
        Lang::Fr => french_title(rule),
        Lang::En => english_title(rule),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_well_formed() {
        for (name, _) in TEMPLATES {
            assert!(
                environment()
                    .and_then(|environment| environment.get_template(name))
                    .is_ok(),
                "{name}"
            );
        }
    }
}
