//! What the owner of a source is told, in every form.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use chrono::{DateTime, Utc};
use futures::StreamExt;
use minijinja::context;
use model::{Checksum, Outcome, RunId, SourceId};
use report::{Card, Lang, Parts, Report, ReportError};
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::cache::Validators;
use crate::failure::Failure;
use crate::negotiate;
use crate::router::App;
use crate::view::answer;

type Shown = Result<Response<Body>, Failure>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Html,
    Json,
    Csv,
    Atom,
    Turtle,
}

const FORMS: [Form; 5] = [Form::Html, Form::Json, Form::Csv, Form::Atom, Form::Turtle];

/// What is offered, best first.
const OFFERS: &[(&str, Form)] = &[
    ("text/html", Form::Html),
    ("application/xhtml+xml", Form::Html),
    ("application/json", Form::Json),
    ("text/csv", Form::Csv),
    ("application/atom+xml", Form::Atom),
    ("text/turtle", Form::Turtle),
];

impl Form {
    fn extension(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Atom => "atom",
            Self::Turtle => "ttl",
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Html => "text/html; charset=utf-8",
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Atom => "application/atom+xml; charset=utf-8",
            Self::Turtle => "text/turtle; charset=utf-8",
        }
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Wanted {
    lang: Option<String>,
}

/// `/sources/ID/report`: in the form that the client prefers; a page for one without preference.
pub(crate) async fn negotiated(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Shown {
    let form = negotiate::best(&headers, OFFERS).ok_or_else(not_acceptable)?;
    show(&app, &id, form, &wanted, &headers).await
}

macro_rules! in_form {
    ($($name:ident = $form:ident),*) => {$(
        pub(crate) async fn $name(
            State(app): State<Arc<App>>,
            Path(id): Path<String>,
            Query(wanted): Query<Wanted>,
            headers: HeaderMap,
        ) -> Shown {
            show(&app, &id, Form::$form, &wanted, &headers).await
        }
    )*};
}

in_form! { html = Html, json = Json, csv = Csv, atom = Atom, turtle = Turtle }

fn not_acceptable() -> Failure {
    Failure::new(
        StatusCode::NOT_ACCEPTABLE,
        "this is offered as text/html, application/json, text/csv, application/atom+xml and text/turtle",
        "Ce rapport existe en HTML, JSON, CSV, Atom et Turtle.",
    )
    .with(header::VARY, "accept, accept-language")
}

async fn show(app: &Arc<App>, id: &str, form: Form, wanted: &Wanted, headers: &HeaderMap) -> Shown {
    let card = app.site.sources.iter().find(|card| card.id.as_str() == id);
    let card = card.ok_or_else(Failure::not_found)?;
    let lang = match &wanted.lang {
        Some(lang) => lang.parse().map_err(Failure::bad_request)?,
        None => negotiate::language(headers),
    };
    let card = Card {
        id: card.id.clone(),
        title: card.title.clone(),
    };
    let mut response = present(app, &card, form, lang, headers).await?;
    let path = |form: Form| format!("{}/sources/{id}/report.{}", app.root, form.extension());
    let set = response.headers_mut();
    let put = |set: &mut HeaderMap, name, value: &str| {
        set.extend(HeaderValue::from_str(value).ok().map(|value| (name, value)));
    };
    put(set, header::CONTENT_LOCATION, &path(form));
    put(set, header::VARY, "accept-language");
    // The other forms say things in both languages.
    if matches!(form, Form::Html | Form::Csv | Form::Atom) {
        put(set, header::CONTENT_LANGUAGE, lang.as_str());
    }
    for other in FORMS {
        let media_type = other.content_type().split(';').next().unwrap_or_default();
        let link = format!(
            "<{}>; rel=\"alternate\"; type=\"{media_type}\"",
            path(other)
        );
        if let Ok(link) = HeaderValue::from_str(&link) {
            set.append(header::LINK, link);
        }
    }
    Ok(response)
}

async fn present(
    app: &Arc<App>,
    card: &Card,
    form: Form,
    lang: Lang,
    headers: &HeaderMap,
) -> Shown {
    let (archive, base) = (&app.site.archive, app.site.minter.base());
    match form {
        Form::Html => {
            let report = app.reports.get(app, card).await?;
            let page = context! {
                lang => lang.as_str(),
                title => &card.title,
                feed => format!("{}/sources/{}/report.atom", app.root, card.id),
                content => minijinja::Value::from_safe_string(report::content(&report, lang, &app.root)?),
            };
            Ok(answer(
                app.templates.render(app, "report.html", page)?,
                headers,
            ))
        }
        Form::Json => {
            let report = app.reports.get(app, card).await?;
            Ok(document(report::json(&report, base)?, form, headers))
        }
        Form::Atom => {
            let author = &app.site.publisher;
            // Without an entry, the time is that of the beginning: an answer that is the same has the same tag.
            let feed = report::atom(
                archive,
                card,
                author,
                lang,
                base,
                DateTime::<Utc>::UNIX_EPOCH,
            )
            .await?;
            Ok(document(feed, form, headers))
        }
        Form::Csv => {
            let permit = app.reports.place()?;
            Ok(streamed(
                report::csv(archive, card, lang, base).await?,
                form,
                permit,
            ))
        }
        Form::Turtle => {
            let permit = app.reports.place()?;
            Ok(streamed(
                report::turtle(archive, card, base).await?,
                form,
                permit,
            ))
        }
    }
}

fn document(text: String, form: Form, request: &HeaderMap) -> Response<Body> {
    let validators = Validators::new(Checksum::of(text.as_bytes()), None);
    if validators.hold(request) {
        return validators.not_modified();
    }
    let mut response = Response::new(Body::from(text));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(form.content_type()),
    );
    validators.set(headers);
    response
}

/// An answer that is written while it is read. What fails breaks the connection off, so that no client takes a part for the whole.
fn streamed(parts: Parts, form: Form, permit: OwnedSemaphorePermit) -> Response<Body> {
    let until = Instant::now() + TRANSFER;
    let parts = parts.map(move |part| {
        // Held as long as there is something to send.
        let _held = &permit;
        match part {
            Ok(_) if Instant::now() > until => Err(std::io::ErrorKind::TimedOut.into()),
            Ok(part) => Ok(part),
            Err(error) => {
                tracing::error!(%error, "a report was broken off");
                Err(std::io::Error::other(error))
            }
        }
    });
    let mut response = Response::new(Body::from_stream(parts));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(form.content_type()),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// The time for a whole answer that has all findings, when the client reads slowly.
const TRANSFER: Duration = Duration::from_secs(900);
/// Such answers at once.
const STREAMS: usize = 4;
/// How old a report may be while a run goes on.
const AGE: Duration = Duration::from_secs(60);

/// Reports that were made: making one may take seconds, and holds until the next run.
pub(crate) struct Reports {
    slots: Mutex<HashMap<SourceId, Slot>>,
    streams: Arc<Semaphore>,
}

type Slot = Arc<tokio::sync::Mutex<Option<Made>>>;

struct Made {
    of: Option<(RunId, Outcome, Option<DateTime<Utc>>)>,
    at: Instant,
    report: Arc<Report>,
}

impl Reports {
    pub fn new() -> Self {
        Self {
            slots: Mutex::default(),
            streams: Arc::new(Semaphore::new(STREAMS)),
        }
    }

    fn place(&self) -> Result<OwnedSemaphorePermit, Failure> {
        Arc::clone(&self.streams)
            .try_acquire_owned()
            .map_err(|_| Failure::busy())
    }

    /// The report of a source. It is made once for all who ask, and to its end though the first of them gives up.
    async fn get(&self, app: &Arc<App>, card: &Card) -> Result<Arc<Report>, Failure> {
        let slot = Arc::clone(
            self.slots
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .entry(card.id.clone())
                .or_default(),
        );
        let (archive, card) = (app.site.archive.clone(), card.clone());
        let making = tokio::spawn(async move {
            let mut slot = slot.lock().await;
            let last = archive.runs(Some(&card.id), 1).await?;
            let of = last.first().map(|run| (run.run, run.outcome, run.finished));
            let is_running = last
                .first()
                .is_some_and(|run| run.outcome == Outcome::Running);
            if let Some(made) = &*slot
                && made.of == of
                && (!is_running || made.at.elapsed() < AGE)
            {
                return Ok(Arc::clone(&made.report));
            }
            let report = Arc::new(report::gather(&archive, &card, Utc::now()).await?);
            *slot = Some(Made {
                of,
                at: Instant::now(),
                report: Arc::clone(&report),
            });
            Ok::<_, ReportError>(report)
        });
        Ok(making.await.map_err(|error| Failure::internal(&error))??)
    }
}
