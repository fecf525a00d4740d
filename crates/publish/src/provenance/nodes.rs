//! Sources and runs as nodes of RDF.

use chrono::{DateTime, Utc};
use model::ns::{dcat, dcterms, foaf, prov};
use model::{RunId, SourceId};
use oxrdf::vocab::{rdf, xsd};
use oxrdf::{Literal, NamedNode, NamedNodeRef};

use crate::failure::Failure;
use crate::lines::line;
use crate::router::App;
use crate::view::web_address;

pub(crate) fn time(at: DateTime<Utc>) -> Literal {
    Literal::new_typed_literal(at.format("%Y-%m-%dT%H:%M:%SZ").to_string(), xsd::DATE_TIME)
}

/// What people call a source.
pub(crate) fn source_title<'a>(app: &'a App, source: &'a SourceId) -> &'a str {
    let card = app.site.sources.iter().find(|card| card.id == *source);
    card.map_or(source.as_str(), |card| card.title.as_str())
}

/// A source is a catalogue, named by its place on the page of the sources.
pub(crate) fn source(app: &App, id: &SourceId, lines: &mut Vec<String>) -> NamedNode {
    let node = NamedNode::new_unchecked(format!("{}sources#{id}", app.site.minter.base()));
    let title = Literal::new_simple_literal(source_title(app, id));
    lines.push(line(node.as_ref(), rdf::TYPE, dcat::CATALOG_CLASS));
    lines.push(line(node.as_ref(), dcterms::TITLE, &title));
    lines.push(line(
        node.as_ref(),
        dcterms::IDENTIFIER,
        &Literal::new_simple_literal(id.as_str()),
    ));
    let card = app.site.sources.iter().find(|card| card.id == *id);
    let address = card
        .and_then(|card| card.address.as_deref())
        .and_then(web_address)
        .and_then(|address| NamedNode::new(address).ok());
    lines.extend(address.map(|address| line(node.as_ref(), foaf::HOMEPAGE, &address)));
    node
}

/// A run is an activity, named by its page.
pub(crate) async fn run(
    app: &App,
    id: RunId,
    lines: &mut Vec<String>,
) -> Result<NamedNode, Failure> {
    let node = NamedNode::new_unchecked(format!("{}runs/{}", app.site.minter.base(), id.0));
    lines.push(line(node.as_ref(), rdf::TYPE, prov::ACTIVITY));
    if let Some(run) = app.site.archive.run(id).await? {
        lines.push(line(node.as_ref(), STARTED_AT_TIME, &time(run.started)));
        lines.extend(
            run.finished
                .map(|end| line(node.as_ref(), ENDED_AT_TIME, &time(end))),
        );
    }
    Ok(node)
}

/// <https://www.w3.org/TR/prov-o/#startedAtTime>
const STARTED_AT_TIME: NamedNodeRef<'static> =
    NamedNodeRef::new_unchecked("http://www.w3.org/ns/prov#startedAtTime");
/// <https://www.w3.org/TR/prov-o/#endedAtTime>
pub(super) const ENDED_AT_TIME: NamedNodeRef<'static> =
    NamedNodeRef::new_unchecked("http://www.w3.org/ns/prov#endedAtTime");
