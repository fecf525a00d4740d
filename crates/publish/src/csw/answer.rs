//! Answers with records: GetRecords, GetRecordById.

use archive::EntityKey;
use chrono::{SecondsFormat, Utc};
use represent::Xml;
use search::{Direction, Field, Found, Search, Snapshot};

use super::DECLARATION;
use super::exception::Exception;
use super::records::Page;
use super::request::{Elements, GetRecords, ResultType, Schema};
use super::scope::Scope;
use crate::router::App;

pub(super) async fn get_records(
    app: &App,
    scope: &Scope,
    index: &search::Index,
    asked: &GetRecords,
) -> Result<String, Exception> {
    // Each answer may hold some megabytes.
    let _permit = app
        .feeds
        .clone()
        .acquire_owned()
        .await
        .map_err(|error| Exception::internal(&error))?;
    let most = match asked.result {
        ResultType::Hits => 0,
        _ => asked.most,
    };
    let mut search = Search::new(scope.filter.clone().and(asked.filter.clone()), Utc::now());
    search.limit = most;
    search.sort = match asked.sort.as_slice() {
        [] => vec![(Field::Identifier, Direction::Ascending)],
        sort => sort.to_vec(),
    };
    let walk = app.csw.key(&scope.path, asked);
    let snapshot = app.csw.continued(index, &walk, asked.start, &mut search);
    let found = find(&snapshot, search).await?;
    let address = scope.address(app);
    let page = Page {
        site: &app.site,
        snapshot: &snapshot,
        address: &address,
    };
    let keys: Vec<EntityKey> = found.hits.iter().map(|hit| hit.key).collect();
    let written = page.write(&keys, asked.schema, &asked.elements).await?;
    let next = asked.start.saturating_add(written.taken);
    // Where it would be, of what was only counted; after the last one, there is none.
    let next = match asked.result {
        ResultType::Results if most > 0 && written.taken == 0 => 0,
        ResultType::Results => next,
        _ => asked.start.saturating_add(asked.most),
    };
    let next = Some(next).filter(|next| *next <= found.total).unwrap_or(0);
    if next > 0 && most > 0 {
        let whole = written.taken == keys.len();
        app.csw.remember(
            index,
            &snapshot,
            walk,
            (next, asked.start + written.records.len()),
            found.next.filter(|_| whole),
        );
    }
    Ok(results(asked, found.total, next, &written.records))
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
    ids: &[String],
    schema: Schema,
    elements: &Elements,
) -> Result<String, Exception> {
    let _permit = app
        .feeds
        .clone()
        .acquire_owned()
        .await
        .map_err(|error| Exception::internal(&error))?;
    let address = scope.address(app);
    let page = Page {
        site: &app.site,
        snapshot,
        address: &address,
    };
    let mut keys: Vec<EntityKey> = Vec::new();
    for id in ids {
        keys.extend(
            page.find(id, &scope.filter)
                .await?
                .filter(|key| !keys.contains(key)),
        );
    }
    let written = page.write(&keys, schema, elements).await?;
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
pub(super) fn acknowledge(posted: Option<&str>) -> String {
    let mut xml = Xml::new();
    xml.raw(DECLARATION);
    let now = Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true);
    let attributes = [
        ("xmlns:csw", represent::dublin_core::NAMESPACE),
        ("timeStamp", &now),
    ];
    xml.within("csw:Acknowledgement", &attributes, |xml| {
        xml.within("csw:EchoedRequest", &[], |xml| {
            match posted.and_then(root) {
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
            }
        });
    });
    xml.finish()
}

/// The root element of a document that was read: what follows the declaration and comments.
fn root(document: &str) -> Option<&str> {
    let mut rest = document.trim_start();
    loop {
        rest = match rest {
            _ if rest.starts_with("<?") => rest.split_once("?>")?.1.trim_start(),
            _ if rest.starts_with("<!--") => rest.split_once("-->")?.1.trim_start(),
            _ => break,
        };
    }
    let end = rest
        .rfind("</")
        .and_then(|at| Some(at + rest.get(at..)?.find('>')? + 1))?;
    rest.get(..end)
}

/// A search may read much of the index: not where others wait.
async fn find(snapshot: &Snapshot, search: Search) -> Result<Found, Exception> {
    let snapshot = snapshot.clone();
    let found = tokio::task::spawn_blocking(move || snapshot.search(&search)).await;
    Ok(found.map_err(|error| Exception::internal(&error))??)
}
