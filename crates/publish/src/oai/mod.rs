//! OAI-PMH 2.0: <https://www.openarchives.org/OAI/openarchivesprotocol.html>

mod arguments;
mod describe;
mod error;
mod format;
mod identifier;
mod list;
mod records;
mod sets;
mod token;

use std::sync::Arc;

use archive::EntityKey;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use represent::Xml;

use crate::failure::Failure;
use crate::router::App;
use arguments::{Arguments, Request, datestamp};
use error::Refusal;
use format::Format;

/// Bytes of a request that is posted.
pub(crate) const MAX_BODY: usize = 16 * 1024;

pub(crate) async fn get(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Response<Body> {
    respond(app, query.unwrap_or_default().as_bytes()).await
}

pub(crate) async fn post(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next());
    let is_form = content_type.is_some_and(|content_type| {
        content_type
            .trim()
            .eq_ignore_ascii_case("application/x-www-form-urlencoded")
    });
    if !is_form {
        return Failure::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "a request is posted as application/x-www-form-urlencoded",
            "Ce service attend un formulaire (application/x-www-form-urlencoded).",
        )
        .into_response();
    }
    respond(app, &body).await
}

/// What comes before the verb's own element of an answer, and the whole of one without records.
struct Answer {
    head: String,
}

const END: &str = "</OAI-PMH>";

async fn respond(app: Arc<App>, encoded: &[u8]) -> Response<Body> {
    // Before anything is read: who asks from this time on misses nothing.
    let now = Utc::now();
    let arguments = match Arguments::read(encoded) {
        Ok(arguments) => arguments,
        Err(refusal) => return refused(&app, now, None, refusal),
    };
    let answered = match arguments.request() {
        Ok(request) => perform(&app, now, &arguments, request).await,
        Err(refusal) => Err(refusal),
    };
    match answered {
        Ok(body) => xml(body),
        Err(refusal) => refused(&app, now, Some(&arguments), refusal),
    }
}

async fn perform(
    app: &Arc<App>,
    now: DateTime<Utc>,
    arguments: &Arguments,
    request: Request,
) -> Result<Body, Refusal> {
    let answer = Answer::new(app, now, Some(arguments));
    match request {
        Request::Identify => {
            let earliest = app.site.archive.earliest_stamp().await?;
            Ok(answer.with(|xml| describe::identify(xml, app, earliest.unwrap_or(now))))
        }
        Request::ListMetadataFormats(of) => {
            if let Some(identifier) = of {
                let stamp = records::find(app, &identifier).await?;
                if stamp.gone {
                    return Err(Refusal::no_formats());
                }
            }
            Ok(answer.with(describe::formats))
        }
        Request::ListSets(token) => {
            let sets = describe::sets(app, token.as_deref()).await?;
            Ok(answer.with(|xml| xml.raw(&sets)))
        }
        Request::List(what, asked) => list::answer(app, what, asked, answer).await,
        Request::GetRecord(identifier, format) => {
            let stamp = records::find(app, &identifier).await?;
            let _permit = list::permit(app).await?;
            let record = records::write(app, format, &[stamp]).await?;
            if record.is_empty() {
                return Err(Refusal::format(format.prefix()));
            }
            Ok(answer.with(|xml| xml.within("GetRecord", &[], |xml| xml.raw(&record))))
        }
    }
}

impl Answer {
    fn new(app: &App, now: DateTime<Utc>, arguments: Option<&Arguments>) -> Self {
        let mut xml = Xml::new();
        xml.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        let attributes = [
            ("xmlns", "http://www.openarchives.org/OAI/2.0/"),
            ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
            (
                "xsi:schemaLocation",
                "http://www.openarchives.org/OAI/2.0/ http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd",
            ),
        ];
        xml.open("OAI-PMH", &attributes, ">");
        xml.leaf("responseDate", &[], &datestamp(now));
        let attributes: Vec<(&str, &str)> =
            arguments.into_iter().flat_map(Arguments::pairs).collect();
        xml.leaf("request", &attributes, &address(app));
        Self { head: xml.finish() }
    }

    fn with(self, write: impl FnOnce(&mut Xml)) -> Body {
        let mut xml = Xml::new();
        xml.raw(&self.head);
        write(&mut xml);
        xml.raw(END);
        Body::from(xml.finish())
    }
}

/// Of the record of an entity, under a base.
pub(crate) fn address_of(base: &str, iri: &str, _identifier: &str) -> String {
    let Some(key) = EntityKey::of_iri(base, iri) else {
        return iri.to_owned();
    };
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("verb", "GetRecord")
        .append_pair("metadataPrefix", Format::Iso19139.prefix())
        .append_pair("identifier", &identifier::identifier(base, key))
        .finish();
    format!("{base}oai?{query}")
}

fn address(app: &App) -> String {
    format!("{}oai", app.site.minter.base())
}

fn refused(
    app: &App,
    now: DateTime<Utc>,
    arguments: Option<&Arguments>,
    refusal: Refusal,
) -> Response<Body> {
    match refusal {
        Refusal::Told(code, text) => {
            let repeated = arguments.filter(|_| code.repeats());
            let answer = Answer::new(app, now, repeated);
            xml(answer.with(|xml| xml.leaf("error", &[("code", code.name())], &text)))
        }
        Refusal::Failed(failure) => failure.into_response(),
    }
}

fn xml(body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/xml; charset=utf-8"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
