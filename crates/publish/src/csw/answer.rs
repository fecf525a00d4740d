//! Answers with records: GetRecords, GetRecordById.

use std::sync::Arc;

use archive::EntityKey;
use chrono::{SecondsFormat, Utc};
use represent::Xml;
use search::{Cursor, Direction, Field, Found, Search, Snapshot};
use tokio::sync::OwnedSemaphorePermit;

use super::DECLARATION;
use super::exception::Exception;
use super::paging::{Client, Pages};
use super::records::{Page, address_of};
use super::request::{Elements, GetRecords, ResultType, Schema};
use super::scope::Scope;
use crate::router::App;

pub(super) async fn get_records(
    app: &App,
    scope: &Scope,
    index: &search::Index,
    asked: &GetRecords,
    client: &Client,
) -> Result<String, Exception> {
    let permit = Arc::new(permit(app).await?);
    let most = match asked.result {
        ResultType::Hits => 0,
        _ => asked.most,
    };
    let mut search = Search::new(scope.filter.clone().and(asked.filter.clone()), Utc::now());
    search.limit = most;
    search.sort = order(&asked.sort);
    let walk = Pages::walk(&scope.path, asked, client);
    let snapshot = app.csw.continued(index, &walk, asked.start, &mut search);
    let address = scope.address(app);
    let page = Page {
        site: &app.site,
        snapshot: &snapshot,
        address: &address,
        link: address_of,
    };
    let drawn = draw(&page, asked, search, permit).await?;
    if most == 0 {
        // Where it would be, of what was only counted; after the last one, there is none.
        let next = match asked.result {
            ResultType::Results => asked.start,
            _ => asked.start.saturating_add(asked.most),
        };
        let next = Some(next).filter(|next| *next <= drawn.total).unwrap_or(0);
        return Ok(results(asked, drawn.total, next, &[]));
    }
    let Some(cursor) = drawn.next else {
        return Ok(results(asked, drawn.total, 0, &drawn.records));
    };
    let next = asked.start.saturating_add(drawn.taken);
    let counted = asked.start.saturating_add(drawn.records.len());
    app.csw
        .remember(index, &snapshot, walk, (next, counted), Some(cursor));
    // Of another state than the page before, there may be more than were counted: clients stop at that number.
    Ok(results(asked, drawn.total.max(next), next, &drawn.records))
}

/// What is equal by what was asked for stands by its identifier, in the same direction; so does all where nothing was.
fn order(asked: &[(Field, Direction)]) -> Vec<(Field, Direction)> {
    let last = asked.last().map(|(_, direction)| *direction);
    let mut order = asked.to_vec();
    let free = order.len() < search::MAX_SORTS;
    if free && order.iter().all(|(field, _)| *field != Field::Identifier) {
        order.push((Field::Identifier, last.unwrap_or(Direction::Ascending)));
    }
    order
}

/// What a page is made of.
struct Drawn {
    records: Vec<String>,
    /// Entities that it took, those that are withdrawn meanwhile among them.
    taken: usize,
    total: usize,
    /// After the last one that it took, if there are more.
    next: Option<Cursor>,
}

/// Searches on until there is a record, or no more: clients take a page without any for the end.
async fn draw(
    page: &Page<'_>,
    asked: &GetRecords,
    mut search: Search,
    permit: Arc<OwnedSemaphorePermit>,
) -> Result<Drawn, Exception> {
    let mut before = 0;
    loop {
        let found = find(page.snapshot, search.clone(), permit.clone()).await?;
        let keys: Vec<EntityKey> = found.hits.iter().map(|hit| hit.key).collect();
        let written = page.write(&keys, asked.schema, &asked.elements).await?;
        let mut next = found.next;
        if written.taken < keys.len() {
            // The page ended early: the cursor of where it did.
            search.limit = written.taken;
            next = find(page.snapshot, search.clone(), permit.clone())
                .await?
                .next;
        }
        before += written.taken;
        match next {
            Some(next) if written.records.is_empty() => {
                search.offset = 0;
                search.after = Some(next);
            }
            next => {
                return Ok(Drawn {
                    records: written.records,
                    taken: before,
                    total: found.total,
                    next,
                });
            }
        }
    }
}

/// Each answer may hold some megabytes.
pub(super) async fn permit(app: &App) -> Result<OwnedSemaphorePermit, Exception> {
    let permit = app.feeds.clone().acquire_owned().await;
    permit.map_err(|error| Exception::internal(&error))
}

fn results(asked: &GetRecords, total: usize, next: usize, records: &[String]) -> String {
    let mut xml = Xml::new();
    xml.raw(DECLARATION);
    let attributes = [
        ("xmlns:csw", represent::dublin_core::NAMESPACE),
        ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
        ("version", "2.0.2"),
        (
            "xsi:schemaLocation",
            "http://www.opengis.net/cat/csw/2.0.2 http://schemas.opengis.net/csw/2.0.2/CSW-discovery.xsd",
        ),
    ];
    let numbers = [total, records.len(), next].map(|number| number.to_string());
    let mut counts = vec![
        ("numberOfRecordsMatched", numbers[0].as_str()),
        ("numberOfRecordsReturned", numbers[1].as_str()),
        ("nextRecord", numbers[2].as_str()),
        ("recordSchema", asked.schema.address()),
    ];
    if let Elements::Set(set) = asked.elements {
        counts.push(("elementSet", set.name()));
    }
    let now = Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true);
    xml.within("csw:GetRecordsResponse", &attributes, |xml| {
        xml.empty("csw:SearchStatus", &[("timestamp", &now)]);
        xml.within("csw:SearchResults", &counts, |xml| {
            for record in records {
                xml.raw(record);
            }
        });
    });
    xml.finish()
}

pub(super) async fn by_id(
    app: &App,
    scope: &Scope,
    snapshot: &Snapshot,
    (ids, whole): (&[String], Option<&str>),
    schema: Schema,
    elements: &Elements,
) -> Result<String, Exception> {
    let _permit = permit(app).await?;
    let address = scope.address(app);
    let page = Page {
        site: &app.site,
        snapshot,
        address: &address,
        link: address_of,
    };
    let mut keys: Vec<EntityKey> = Vec::new();
    if let Some(whole) = whole {
        keys.extend(page.find(whole, &scope.filter).await?);
    }
    let ids = if keys.is_empty() { ids } else { &[] };
    for id in ids {
        keys.extend(
            page.find(id, &scope.filter)
                .await?
                .filter(|key| !keys.contains(key)),
        );
    }
    let written = page.write(&keys, schema, elements).await?;
    if written.taken < keys.len() {
        return Err(Exception::invalid(
            "id",
            "these records are larger together than an answer may be: ask for fewer at once",
        ));
    }
    let mut xml = Xml::new();
    xml.raw(DECLARATION);
    xml.within(
        "csw:GetRecordByIdResponse",
        &[("xmlns:csw", represent::dublin_core::NAMESPACE)],
        |xml| {
            for record in &written.records {
                xml.raw(record);
            }
        },
    );
    Ok(xml.finish())
}

/// That a request is in order: it was read, and is given back.
pub(super) fn acknowledge(posted: Option<&str>) -> Result<String, Exception> {
    let document = match posted.map(roxmltree::Document::parse) {
        None => None,
        Some(Ok(document)) => Some(document),
        Some(Err(error)) => {
            return Err(Exception::unreadable(format!(
                "the request is no well-formed XML: {error}"
            )));
        }
    };
    // The root element alone: what is around it cannot stand in an answer.
    let echo = document
        .as_ref()
        .and_then(|document| document.input_text().get(document.root_element().range()));
    let mut xml = Xml::new();
    xml.raw(DECLARATION);
    let now = Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true);
    let attributes = [
        ("xmlns:csw", represent::dublin_core::NAMESPACE),
        ("timeStamp", &now),
    ];
    xml.within("csw:Acknowledgement", &attributes, |xml| {
        xml.within("csw:EchoedRequest", &[], |xml| match echo {
            Some(request) => xml.raw(request),
            None => xml.within(
                "csw:GetRecords",
                &[
                    ("service", "CSW"),
                    ("version", "2.0.2"),
                    ("resultType", "validate"),
                ],
                |xml| {
                    xml.within("csw:Query", &[("typeNames", "csw:Record")], |xml| {
                        xml.leaf("csw:ElementSetName", &[], "full");
                    });
                },
            ),
        });
    });
    Ok(xml.finish())
}

/// A search may read much of the index: not where others wait.
async fn find(
    snapshot: &Snapshot,
    search: Search,
    permit: Arc<OwnedSemaphorePermit>,
) -> Result<Found, Exception> {
    let snapshot = snapshot.clone();
    let found = tokio::task::spawn_blocking(move || {
        // Whoever does not wait for the answer keeps the place until the work ends.
        let _permit = permit;
        snapshot.search(&search)
    })
    .await;
    Ok(found.map_err(|error| Exception::internal(&error))??)
}
