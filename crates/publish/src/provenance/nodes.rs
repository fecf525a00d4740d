//! Sources and runs as nodes of RDF.

use ::provenance::{Names, SourceName};
use model::ns::foaf;
use model::{RunId, SourceId};
use oxrdf::{NamedNode, Triple};

use crate::failure::Failure;
use crate::lines::line;
use crate::router::App;
use crate::view::web_address;

pub(crate) fn names(app: &App) -> Names {
    Names::new(app.site.minter.base())
}

pub(crate) fn put(triples: Vec<Triple>, lines: &mut Vec<String>) {
    lines.extend(triples.iter().map(|triple| format!("{triple} .")));
}

/// What people call a source.
pub(crate) fn source_title<'a>(app: &'a App, source: &'a SourceId) -> &'a str {
    let card = app.site.sources.iter().find(|card| card.id == *source);
    card.map_or(source.as_str(), |card| card.title.as_str())
}

/// A source, with the address that people know.
pub(crate) fn source(app: &App, id: &SourceId, lines: &mut Vec<String>) -> NamedNode {
    let names = names(app);
    let node = names.source(id);
    let name = SourceName {
        id: id.clone(),
        title: source_title(app, id).to_owned(),
    };
    put(::provenance::source(&names, &name), lines);
    let card = app.site.sources.iter().find(|card| card.id == *id);
    let address = card
        .and_then(|card| card.address.as_deref())
        .and_then(web_address)
        .and_then(|address| NamedNode::new(address).ok());
    lines.extend(address.map(|address| line(node.as_ref(), foaf::HOMEPAGE, &address)));
    node
}

pub(crate) async fn run(
    app: &App,
    id: RunId,
    lines: &mut Vec<String>,
) -> Result<NamedNode, Failure> {
    let names = names(app);
    let before = RunId(id.0.saturating_sub(1));
    let runs = app.site.archive.traced_runs(before, 1).await?;
    for run in runs.iter().filter(|run| run.run == id) {
        put(::provenance::run(&names, run), lines);
    }
    Ok(names.run(id))
}
