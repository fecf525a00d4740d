//! Pairs of entities that are perhaps one, for whoever runs the platform to look at. What is shown is public already.

use std::sync::Arc;

use archive::{Decided, Proposed};
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use minijinja::context;
use serde::Deserialize;
use serde_json::json;

use crate::failure::Failure;
use crate::lang::{self, Wanted};
use crate::negotiate;
use crate::router::App;
use crate::view::pair::{Pair, pairs};
use crate::view::{answer, value};

type Shown = Result<Response<Body>, Failure>;

#[derive(Debug, Clone, Copy)]
enum Shape {
    Html,
    Json,
}

const OFFERS: &[(&str, Shape)] = &[
    ("text/html", Shape::Html),
    ("application/xhtml+xml", Shape::Html),
    ("application/json", Shape::Json),
];

#[derive(Debug, Deserialize)]
pub(crate) struct After {
    after: Option<String>,
}

pub(crate) async fn negotiated(
    state: State<Arc<App>>,
    after: Query<After>,
    wanted: Query<Wanted>,
    headers: HeaderMap,
) -> Shown {
    match negotiate::best(&headers, OFFERS).ok_or_else(not_acceptable)? {
        Shape::Html => html(state, after, wanted, headers).await,
        Shape::Json => json(state, after).await,
    }
}

fn not_acceptable() -> Failure {
    Failure::new(
        StatusCode::NOT_ACCEPTABLE,
        "this is offered as text/html and application/json",
        "Cette page existe en HTML et en JSON.",
    )
    .with(header::VARY, "accept, accept-language")
}

pub(crate) async fn html(
    State(app): State<Arc<App>>,
    Query(after): Query<After>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Shown {
    let lang = lang::asked(&wanted, &headers)?;
    let (pairs, next) = page(&app, &after).await?;
    let page = context! {
        lang => lang.as_str(), pairs => value(pairs), next, is_first => after.after.is_none(),
    };
    let mut response = answer(
        app.templates.render(&app, "proposals.html", page)?,
        &headers,
    );
    lang::mark(lang, &mut response);
    Ok(response)
}

pub(crate) async fn json(State(app): State<Arc<App>>, Query(after): Query<After>) -> Shown {
    let (pairs, next) = page(&app, &after).await?;
    let list: Vec<serde_json::Value> = pairs
        .iter()
        .map(|pair| {
            let mut told = pair.json();
            told["commands"] = json!({ "merge": pair.merge, "split": pair.split });
            told
        })
        .collect();
    let next = next.map(|next| format!("{}/identity/proposals.json?after={next}", app.root));
    let mut response = Response::new(Body::from(
        json!({ "proposals": list, "next": next }).to_string(),
    ));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(response)
}

/// A page of the list, and the place of the next one.
async fn page(app: &App, after: &After) -> Result<(Vec<Pair>, Option<String>), Failure> {
    let after: Option<Proposed> = match after.after.as_deref().map(str::parse) {
        None => None,
        Some(Ok(after)) => Some(after),
        Some(Err(())) => {
            return Err(Failure::bad_request(
                "`after` has to be what the link to the next page gives",
            ));
        }
    };
    let mut decided: Vec<Decided> = app.site.archive.proposals(after, LISTED + 1).await?;
    let more = decided.len() > LISTED as usize;
    decided.truncate(LISTED as usize);
    let next = decided
        .last()
        .filter(|_| more)
        .map(|last| Proposed::of(last).to_string());
    Ok((pairs(app, &decided).await?, next))
}

const LISTED: u32 = 25;
