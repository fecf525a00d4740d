//! A page: activities, each with what is said of its object in a named graph.

use std::sync::Arc;

use archive::{EntityKey, LastChange, What};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Response, header};
use model::Checksum;
use oxrdf::NamedNode;
use oxrdf::vocab::rdf;

use super::terms::{activity, tree};
use super::{
    Asked, Node, PAGE, chosen, last, numbered, permit, relation, stream_iri, stream_lines, time,
};
use crate::cache::Validators;
use crate::document::Texts;
use crate::failure::Failure;
use crate::lines::{joined, line};
use crate::rdf::Format;
use crate::router::App;

/// A page that is left behind. What is withdrawn leaves caches after a day.
const SETTLED: HeaderValue = HeaderValue::from_static("public, max-age=86400, immutable");

/// `/feed/page/N`
pub(crate) async fn page(
    State(app): State<Arc<App>>,
    Path(number): Path<String>,
    headers: HeaderMap,
) -> Result<Response<Body>, Failure> {
    let number = numbered(&number)?;
    let (last, _) = last(&app).await?;
    // After a full page there is one, be it empty.
    if number * PAGE > last {
        return Err(Failure::not_found());
    }
    let permit = permit(&app).await?;
    let page = Page::of(&app, number, last).await?;
    let format = chosen(&headers)?;
    let asked = Asked {
        format,
        validators: Validators::new(page.checksum(&app, format), None),
    };
    let mut response = match asked.validators.hold(&headers) {
        true => asked.validators.not_modified(),
        false => asked.answer(page.text(&app, format), permit)?,
    };
    if page.closed {
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, SETTLED);
    }
    Ok(response)
}

struct Page {
    number: i64,
    /// Nothing will enter it any more.
    closed: bool,
    /// Each with what is said of its object, and of the agents that this names.
    members: Vec<(LastChange, String)>,
    /// The next page with members; of the last full page, the one that is going to have some.
    next: Option<i64>,
}

impl Page {
    async fn of(app: &App, number: i64, last: i64) -> Result<Self, Failure> {
        let archive = &app.site.archive;
        let (after, to) = (number * PAGE, (number + 1) * PAGE);
        let limit = u32::try_from(PAGE).unwrap_or(u32::MAX);
        let changes = archive.last_changes(after, to, limit).await?;
        let present: Vec<EntityKey> = changes
            .iter()
            .filter(|change| !change.gone)
            .map(|change| change.key)
            .collect();
        let base = app.site.minter.base();
        let texts = Texts::read(archive, base, &present).await?;
        // What has changed meanwhile is told by a later activity, and not by this one.
        let still = archive.last_changes(after, to, limit).await?;
        let members = changes
            .into_iter()
            .filter(|change| still.contains(change))
            .filter_map(|change| match change.gone {
                true => Some((change, String::new())),
                false => {
                    let document = texts.documents.get(&change.key)?;
                    let text = texts.of(base, document);
                    Some((change, text))
                }
            })
            .collect();
        let closed = to <= last;
        let next = match closed {
            false => None,
            true => {
                let later = archive.last_changes(to, i64::MAX, 1).await?;
                Some(
                    later
                        .first()
                        .map_or(number + 1, |change| (change.seq - 1) / PAGE),
                )
            }
        };
        Ok(Self {
            number,
            closed,
            members,
            next,
        })
    }

    fn checksum(&self, app: &App, format: Format) -> Checksum {
        let mut what = format!(
            "{}\n{}\n{:?}\n{}\n{}",
            self.number,
            self.closed,
            self.next,
            format.extension(),
            app.edition
        );
        // An agent may change, and who names it need not.
        for (change, description) in &self.members {
            let told = Checksum::of(description.as_bytes());
            what.push_str(&format!("\n{} {told}", change.seq));
        }
        Checksum::of(what.as_bytes())
    }

    /// As N-Triples, or as N-Quads where the format has named graphs: there, a description is in the graph of its activity.
    fn text(&self, app: &App, format: Format) -> String {
        let node = Node::Page(self.number);
        let (stream, own) = (stream_iri(app), node.iri(app));
        let base = app.site.minter.base();
        let mut lines = stream_lines(app);
        lines.push(line(own.as_ref(), rdf::TYPE, tree::NODE));
        if let (Some(next), Some((latest, _))) = (self.next, self.members.last()) {
            lines.extend(relation(
                app,
                node,
                Node::Page(next),
                tree::GREATER_THAN_OR_EQUAL_TO,
                latest.at,
            ));
        }
        let mut told = String::new();
        for (change, description) in &self.members {
            let member = NamedNode::new_unchecked(format!("{}#{}", own.as_str(), change.seq));
            let object = NamedNode::new_unchecked(change.key.iri(base));
            let kind = match change.what {
                _ if change.gone => activity::DELETE,
                What::Created | What::Restored => activity::CREATE,
                What::Updated | What::Withdrawn => activity::UPDATE,
            };
            lines.push(line(stream.as_ref(), tree::MEMBER, &member));
            lines.push(line(member.as_ref(), rdf::TYPE, kind));
            lines.push(line(member.as_ref(), activity::OBJECT, &object));
            lines.push(line(member.as_ref(), activity::PUBLISHED, &time(change.at)));
            if !format.has_graphs() {
                lines.extend(description.lines().map(str::to_owned));
                continue;
            }
            for statement in description
                .lines()
                .filter_map(|line| line.strip_suffix(" ."))
            {
                told.push_str(&format!("{statement} {member} .\n"));
            }
        }
        joined(lines) + &told
    }
}
