//! The DCAT-AP feed of the catalogue and of its parts, in pages: <https://www.hydra-cg.com/spec/latest/core/#collections>

mod about;
mod asked;
mod list;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use model::{Checksum, EntityKind};

use crate::cache::Validators;
use crate::csw::scope::{Scope, no_part};
use crate::document;
use crate::failure::Failure;
use crate::layers::alternates;
use crate::negotiate::{self, Form};
use crate::profile::Profile;
use crate::rdf::Format;
use crate::router::App;
use crate::stream;
pub(crate) use about::catalogue;
use asked::{Asked, Wanted};
use list::Listing;

/// The kinds that are listed, in the order of their IRIs.
const LISTED: [EntityKind; 3] = [
    EntityKind::DataService,
    EntityKind::Dataset,
    EntityKind::DatasetSeries,
];

/// `/catalog` and the catalogue's own IRI: in the form that the client prefers.
pub(crate) async fn negotiated(
    State(app): State<Arc<App>>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Result<Response<Body>, Failure> {
    let form = negotiate::choose(&headers).ok_or_else(Failure::not_acceptable)?;
    shown(&app, Scope::whole(), form, &wanted, &headers).await
}

macro_rules! in_format {
    ($($name:ident = $format:ident),*) => {$(
        pub(crate) async fn $name(
            State(app): State<Arc<App>>,
            Query(wanted): Query<Wanted>,
            headers: HeaderMap,
        ) -> Result<Response<Body>, Failure> {
            shown(&app, Scope::whole(), Form::Rdf(Format::$format), &wanted, &headers).await
        }
    )*};
}

in_format! { turtle = Turtle, rdf_xml = RdfXml, json_ld = JsonLd, n_triples = NTriples }

/// `/catalog/hvd`, with or without the extension of a format.
pub(crate) async fn named(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Result<Response<Body>, Failure> {
    let (name, form) = form_of(&name, &headers)?;
    if name != "hvd" {
        return Err(no_part());
    }
    shown(&app, Scope::hvd(), form, &wanted, &headers).await
}

/// `/catalog/source/ID`, `/catalog/organisation/UUID`, `/catalog/theme/CODE`, `/catalog/territory/CODE`, with or without the extension of a format.
pub(crate) async fn part(
    State(app): State<Arc<App>>,
    Path((kind, id)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Result<Response<Body>, Failure> {
    let (id, form) = form_of(&id, &headers)?;
    // A part has one IRI, and what is in it needs no escape.
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
    let is_uuid = kind != "organisation" || id.len() == UUID;
    let is_coded = ["theme", "territory"].contains(&kind.as_str());
    if !(is_coded || is_uuid && id.chars().all(is_plain)) {
        return Err(Failure::not_found());
    }
    let scope = Scope::part(&app, &kind, id).await?;
    shown(&app, scope, form, &wanted, &headers).await
}

/// `/catalog/territory/departement/60`: the same by the end of the authority's address.
pub(crate) async fn territory(
    State(app): State<Arc<App>>,
    Path((class, code)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Result<Response<Body>, Failure> {
    let (code, form) = form_of(&code, &headers)?;
    let scope = Scope::part(&app, "territory", &format!("{class}-{code}")).await?;
    shown(&app, scope, form, &wanted, &headers).await
}

/// Characters of a UUID as IRIs have it.
const UUID: usize = 36;

/// The name without the extension of a format, and the form: of the extension, else the one that the client prefers.
fn form_of<'n>(name: &'n str, headers: &HeaderMap) -> Result<(&'n str, Form), Failure> {
    let Some((name, extension)) = name.rsplit_once('.') else {
        let form = negotiate::choose(headers).ok_or_else(Failure::not_acceptable)?;
        return Ok((name, form));
    };
    let form = Form::parse(extension).filter(|form| *form != Form::Html);
    Ok((name, form.ok_or_else(Failure::not_found)?))
}

async fn shown(
    app: &App,
    scope: Scope,
    form: Form,
    wanted: &Wanted,
    headers: &HeaderMap,
) -> Result<Response<Body>, Failure> {
    match form {
        Form::Html => {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::SEE_OTHER;
            let home = format!("{}/", app.root);
            response.headers_mut().extend(
                HeaderValue::from_str(&home)
                    .ok()
                    .map(|home| (header::LOCATION, home)),
            );
            Ok(response)
        }
        Form::Rdf(format) => {
            let profile = Profile::asked(wanted.profile.as_deref(), headers)?;
            let asked = Asked::of(&scope, wanted, profile)?;
            feed(app, &asked, format, headers).await
        }
    }
}

async fn feed(
    app: &App,
    asked: &Asked<'_>,
    format: Format,
    headers: &HeaderMap,
) -> Result<Response<Body>, Failure> {
    let base = app.site.minter.base();
    // Read before the data: an answer may be newer than its tag says, never older.
    let (seq, changed) = match app.site.archive.last_change().await? {
        Some((seq, at)) => (seq, Some(at)),
        None => (0, None),
    };
    let listing = Listing::of(app, asked)?;
    let address = asked.address(base, format);
    let state = format!("{seq} {}", listing.state());
    let validators = Validators::new(
        Checksum::of(format!("{state}\n{address}\n{}", app.edition).as_bytes()),
        // The index follows the archive: what it finds may change later than the archive did.
        changed.filter(|_| !listing.is_of_index()),
    );
    if validators.hold(headers) {
        let mut response = validators.not_modified();
        Profile::varies(response.headers_mut());
        return Ok(response);
    }
    let permit = app.feeds.clone().acquire_owned().await;
    let permit = permit.map_err(|error| Failure::internal(&error))?;
    let listed = listing.list(app, asked).await?;
    let mut page = document::gather(&app.site.archive, base, listed.entities).await?;
    about::in_part(&mut page.lines, app, asked);
    page.lines.extend(about::catalogues(app, asked));
    page.lines
        .extend(listed.followed.map(|at| about::modified(app, asked, at)));
    let view = about::view(app, asked, listed.next, format, listed.total);
    page.lines.extend(view);
    let mut response = Response::new(stream::body(
        asked.profile.of(page.into_text()),
        format,
        Some(permit),
    ));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(format.content_type()),
    );
    let location = asked.address(&format!("{}/", app.root), format);
    headers.extend(
        HeaderValue::from_str(&location)
            .ok()
            .map(|location| (header::CONTENT_LOCATION, location)),
    );
    alternates(headers, |form| match form {
        Form::Html => None,
        Form::Rdf(format) => Some(asked.address(&format!("{}/", app.root), format)),
    });
    asked.profile.links(headers, format, |profile| {
        let asked = asked.in_profile(profile);
        Some(asked.address(&format!("{}/", app.root), format))
    });
    validators.set(headers);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kinds_are_in_the_order_of_their_iris() {
        assert!(LISTED.is_sorted_by_key(|kind| kind.segment()));
    }
}
