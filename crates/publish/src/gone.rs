//! What is left of an entity that is published no more: where it is now, or that it was here, until when, and why it left.

use archive::{Cause, Departure, EntityKey, PublishedEntity};
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use minijinja::context;
use model::EntityKind;
use model::ns::{adms, dcterms, prov, rdfs};
use oxrdf::vocab::rdf;
use oxrdf::{Literal, NamedNode, NamedNodeRef};

use crate::failure::Failure;
use crate::lines::{joined, line};
use crate::negotiate::Form;
use crate::provenance::nodes;
use crate::router::App;
use crate::{clock, stream, view};

/// Leads to the entity that an entity is a part of, since its record is one with another's. `rest` is what follows the IRI. Records
/// that are one may be parted again: the answer is not to be kept.
pub(crate) async fn moved(
    app: &App,
    key: EntityKey,
    rest: &str,
) -> Result<Option<Response<Body>>, Failure> {
    let Some(into) = app.site.archive.merged_into(key).await? else {
        return Ok(None);
    };
    let address = format!("{}/{}/{}{rest}", app.root, into.minted.segment(), into.id);
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::MOVED_PERMANENTLY;
    let headers = response.headers_mut();
    headers.insert(
        header::LOCATION,
        HeaderValue::from_str(&address).map_err(|error| Failure::internal(&error))?,
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(Some(response))
}

/// For what belonged to an entity that was withdrawn.
pub(crate) fn failure() -> Failure {
    Failure::new(
        StatusCode::GONE,
        "this entity was withdrawn from the catalogue",
        "Cette fiche a été retirée du catalogue.",
    )
}

/// Says where the provenance of an entity is told: <https://www.w3.org/TR/prov-aq/#resource-accessed-by-http>
pub(crate) fn has_provenance(app: &App, key: EntityKey, headers: &mut HeaderMap) {
    let link = format!(
        "<{}/{}/{}/sources>; rel=\"http://www.w3.org/ns/prov#has_provenance\"",
        app.root,
        key.minted.segment(),
        key.id
    );
    if let Ok(link) = HeaderValue::from_str(&link) {
        headers.append(header::LINK, link);
    }
}

/// Nothing of the old description: what a source withdrew may have been published by mistake.
pub(crate) async fn tombstone(
    app: &App,
    entity: &PublishedEntity,
    form: Form,
) -> Result<Response<Body>, Failure> {
    let archive = &app.site.archive;
    let departures = archive.departures(entity.key, entity.changed).await?;
    let mut response = match form {
        Form::Rdf(format) => {
            let text = joined(lines(app, entity, &departures).await?);
            let mut response = Response::new(stream::body(text, format, None));
            response.headers_mut().insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static(format.content_type()),
            );
            response
        }
        Form::Html => {
            let page = context! {
                at => view::value(clock::moment(entity.changed)),
                reasons => reasons(app, entity, &departures).into_iter().map(|(french, _)| french).collect::<Vec<_>>(),
                runs => departures.iter().filter_map(|departure| departure.run).map(|run| run.0).collect::<Vec<_>>(),
            };
            let html = app.templates.render(app, "gone.html", page)?;
            axum::response::Html(html).into_response()
        }
    };
    *response.status_mut() = StatusCode::GONE;
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(response)
}

async fn lines(
    app: &App,
    entity: &PublishedEntity,
    departures: &[Departure],
) -> Result<Vec<String>, Failure> {
    let node = NamedNode::new_unchecked(entity.key.iri(app.site.minter.base()));
    let mut lines = vec![
        line(node.as_ref(), rdf::TYPE, prov::ENTITY),
        line(node.as_ref(), adms::STATUS, WITHDRAWN),
        line(
            node.as_ref(),
            INVALIDATED_AT_TIME,
            &::provenance::time(entity.changed),
        ),
    ];
    for (french, english) in reasons(app, entity, departures) {
        for (text, tag) in [(french, "fr"), (english, "en")] {
            let text = Literal::new_language_tagged_literal_unchecked(text, tag);
            lines.push(line(node.as_ref(), rdfs::COMMENT, &text));
        }
    }
    for departure in departures {
        let source = nodes::source(app, &departure.source, &mut lines);
        lines.push(line(node.as_ref(), dcterms::SOURCE, &source));
        if let Some(run) = departure.run {
            let run = nodes::run(app, run, &mut lines).await?;
            lines.push(line(node.as_ref(), WAS_INVALIDATED_BY, &run));
        }
    }
    Ok(lines)
}

/// Why it left, in French and in English.
fn reasons(app: &App, entity: &PublishedEntity, departures: &[Departure]) -> Vec<(String, String)> {
    if departures.is_empty() {
        let (french, english) = match entity.kind {
            EntityKind::Organisation => (
                "Plus aucune fiche du catalogue ne cite cette organisation.",
                "No record of the catalogue names this organisation any more.",
            ),
            _ => (
                "Plus aucune source ne publie cette fiche.",
                "No source publishes this record any more.",
            ),
        };
        return vec![(french.to_owned(), english.to_owned())];
    }
    departures
        .iter()
        .map(|departure| reason(nodes::source_title(app, &departure.source), departure.cause))
        .collect()
}

fn reason(source: &str, cause: Cause) -> (String, String) {
    match cause {
        Cause::Missing(since) => (
            format!(
                "Source « {source} » : la fiche n’y est plus trouvée depuis le {}, et le délai de grâce est passé.",
                clock::moment(since).text
            ),
            format!(
                "Source “{source}”: the record has not been found there since {}, and the period of grace is over.",
                since.format("%Y-%m-%d %H:%M UTC")
            ),
        ),
        Cause::Withheld => (
            format!("Source « {source} » : la source indique que la fiche n’est pas publique."),
            format!("Source “{source}”: the source says that the record is not public."),
        ),
        Cause::Deleted => (
            format!(
                "Source « {source} » : la source indique elle-même qu’elle ne publie plus la fiche."
            ),
            format!(
                "Source “{source}”: the source itself says that it does not publish the record any more."
            ),
        ),
        Cause::Refused => (
            format!(
                "Source « {source} » : la fiche y est encore, mais les règles du catalogue la refusent."
            ),
            format!(
                "Source “{source}”: the record is still there, but the rules of the catalogue refuse it."
            ),
        ),
    }
}

const WITHDRAWN: NamedNodeRef<'static> = NamedNodeRef::new_unchecked(
    "http://publications.europa.eu/resource/authority/dataset-status/WITHDRAWN",
);
/// <https://www.w3.org/TR/prov-o/#invalidatedAtTime>
const INVALIDATED_AT_TIME: NamedNodeRef<'static> =
    NamedNodeRef::new_unchecked("http://www.w3.org/ns/prov#invalidatedAtTime");
/// <https://www.w3.org/TR/prov-o/#wasInvalidatedBy>
const WAS_INVALIDATED_BY: NamedNodeRef<'static> =
    NamedNodeRef::new_unchecked("http://www.w3.org/ns/prov#wasInvalidatedBy");
