//! A catalogue that takes records by CSW 2.0.2 (CSW-T: Transaction): GeoNetwork, pycsw.

use std::collections::{HashMap, HashSet};
use std::fmt::Write;

use archive::{ArchiveError, EntityKey};
use futures::future::BoxFuture;
use model::{EntityKind, Request, Response};
use publish::Describing;
use roxmltree::{Document, Node};
use url::Url;

use crate::failure::Failure;
use crate::sender::{Sender, text};
use crate::target::{Catalogue, Item, Target};

const CSW: &str = "http://www.opengis.net/cat/csw/2.0.2";
/// Elements and texts of an answer.
const MAX_NODES: u32 = 200_000;

pub struct CswTarget {
    /// That takes transactions.
    url: Url,
    /// That answers GetRecordById.
    read: Url,
    sender: Sender,
}

/// What a transaction did, by the server's own count.
#[derive(Debug, PartialEq, Eq)]
struct Totals {
    inserted: usize,
    updated: usize,
    deleted: usize,
}

impl CswTarget {
    pub fn new(url: Url, read: Option<Url>, sender: Sender) -> Self {
        let read = read.unwrap_or_else(|| url.clone());
        Self { url, read, sender }
    }

    async fn transaction(&self, actions: &str) -> Result<Totals, Failure> {
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<csw:Transaction xmlns:csw=\"{CSW}\" xmlns:ogc=\"http://www.opengis.net/ogc\" xmlns:gmd=\"{}\" xmlns:apiso=\"http://www.opengis.net/cat/csw/apiso/1.0\" service=\"CSW\" version=\"2.0.2\">{actions}</csw:Transaction>",
            represent::iso19139::NAMESPACE
        );
        let request = Request::post(
            self.url.as_str(),
            "application/xml",
            body,
            "application/xml",
        );
        let answer = self.sender.send_once(&request).await?;
        self.read(&answer, totals)
    }

    /// The identifiers among these that it has records of.
    async fn having(&self, identifiers: &[String]) -> Result<HashSet<String>, Failure> {
        let mut url = self.read.clone();
        url.query_pairs_mut()
            .append_pair("service", "CSW")
            .append_pair("version", "2.0.2")
            .append_pair("request", "GetRecordById")
            .append_pair("elementSetName", "brief")
            .append_pair("outputSchema", CSW)
            .append_pair("id", &identifiers.join(","));
        let request = Request::get(url.as_str(), "application/xml");
        let answer = self.sender.send(&request).await?;
        self.read(&answer, identified)
    }

    fn read<T>(&self, answer: &Response, take: Take<T>) -> Result<T, Failure> {
        read(answer, take).map_err(|failure| self.sender.without_secret(failure))
    }
}

impl Target for CswTarget {
    fn carries(&self, kind: EntityKind) -> bool {
        kind != EntityKind::Organisation
    }

    fn carries_catalogue(&self) -> bool {
        false
    }

    fn batch(&self) -> usize {
        20
    }

    fn write<'a>(
        &'a self,
        catalogue: &'a Catalogue,
        keys: &'a [EntityKey],
    ) -> BoxFuture<'a, Result<Vec<(EntityKey, String)>, ArchiveError>> {
        let describing = Describing {
            base: &catalogue.base,
            language: &catalogue.language,
            publisher: &catalogue.publisher,
        };
        Box::pin(publish::iso19139(&catalogue.archive, describing, keys))
    }

    fn find<'a>(
        &'a self,
        items: &'a [Item],
    ) -> BoxFuture<'a, Result<HashMap<EntityKey, String>, Failure>> {
        Box::pin(async move {
            let names: Vec<String> = items.iter().map(name).collect();
            let there = match self.having(&names).await {
                Ok(there) => there,
                // Some servers refuse the whole request for one record that they do not have.
                Err(failure) if failure.sure && !failure.fatal => {
                    let mut there = HashSet::new();
                    for one in &names {
                        match self.having(std::slice::from_ref(one)).await {
                            Ok(found) => there.extend(found),
                            Err(failure) if failure.sure && !failure.fatal => {}
                            Err(failure) => return Err(failure),
                        }
                    }
                    there
                }
                Err(failure) => return Err(failure),
            };
            let found = items.iter().map(|item| (item.key, name(item)));
            Ok(found.filter(|(_, name)| there.contains(name)).collect())
        })
    }

    fn put<'a>(&'a self, items: &'a [Item]) -> BoxFuture<'a, Result<Vec<String>, Failure>> {
        Box::pin(async move {
            let (new, known): (Vec<&Item>, Vec<&Item>) =
                items.iter().partition(|item| item.remote.is_none());
            let mut actions = String::new();
            if !new.is_empty() {
                let records: String = new.iter().map(|item| item.text.as_str()).collect();
                // Writing to a text does not fail.
                let _ = write!(actions, "<csw:Insert>{records}</csw:Insert>");
            }
            for item in &known {
                let _ = write!(actions, "<csw:Update>{}</csw:Update>", item.text);
            }
            let totals = self.transaction(&actions).await?;
            if (totals.inserted, totals.updated) != (new.len(), known.len()) {
                return Err(Failure::unconfirmed(format!(
                    "the target was sent {} new records and {} changed ones, and says that it inserted {} and updated {}",
                    new.len(),
                    known.len(),
                    totals.inserted,
                    totals.updated
                )));
            }
            Ok(items.iter().map(name).collect())
        })
    }

    fn delete<'a>(&'a self, items: &'a [Item]) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            let actions: String = items
                .iter()
                .filter(|item| item.remote.is_some())
                .map(|item| deletion(&name(item)))
                .collect();
            if actions.is_empty() {
                return Ok(());
            }
            let totals = self.transaction(&actions).await?;
            if totals.deleted < items.len() {
                // Someone else may have deleted them there.
                let left = self.find(items).await?;
                if !left.is_empty() {
                    return Err(Failure::unconfirmed(format!(
                        "the target was to delete {} records and says that it deleted {}; {} are still there",
                        items.len(),
                        totals.deleted,
                        left.len()
                    )));
                }
            }
            Ok(())
        })
    }
}

/// By which it is known there: `gmd:fileIdentifier`.
fn name(item: &Item) -> String {
    item.key.id.to_string()
}

fn deletion(identifier: &str) -> String {
    format!(
        "<csw:Delete typeName=\"gmd:MD_Metadata\"><csw:Constraint version=\"1.1.0\"><ogc:Filter><ogc:PropertyIsEqualTo><ogc:PropertyName>apiso:Identifier</ogc:PropertyName><ogc:Literal>{identifier}</ogc:Literal></ogc:PropertyIsEqualTo></ogc:Filter></csw:Constraint></csw:Delete>"
    )
}

type Take<T> = fn(Node<'_, '_>, &Response) -> Result<T, Failure>;

fn read<T>(answer: &Response, take: Take<T>) -> Result<T, Failure> {
    let options = roxmltree::ParsingOptions {
        allow_dtd: false,
        nodes_limit: MAX_NODES,
        ..roxmltree::ParsingOptions::default()
    };
    let document = Document::parse_with_options(text(answer)?, options).map_err(|error| {
        Failure::unexpected(format!(
            "{} does not answer in XML ({error}): is it the address of a CSW that takes transactions?",
            answer.url
        ))
    })?;
    let root = document.root_element();
    if root.tag_name().name() == "ExceptionReport" {
        return Err(exception(root));
    }
    take(root, answer)
}

fn totals(root: Node<'_, '_>, answer: &Response) -> Result<Totals, Failure> {
    let is_one = root.tag_name().name() == "TransactionResponse";
    let summary = root
        .descendants()
        .find(|node| node.tag_name().name() == "TransactionSummary");
    let Some(summary) = summary.filter(|_| is_one) else {
        return Err(Failure::unexpected(format!(
            "{} answers with `{}` instead of a csw:TransactionResponse with its summary",
            answer.url,
            root.tag_name().name()
        )));
    };
    let total = |name| {
        let node = summary
            .children()
            .find(|node| node.tag_name().name() == name);
        node.and_then(|node| node.text()?.trim().parse().ok())
            .unwrap_or(0)
    };
    Ok(Totals {
        inserted: total("totalInserted"),
        updated: total("totalUpdated"),
        deleted: total("totalDeleted"),
    })
}

fn identified(root: Node<'_, '_>, answer: &Response) -> Result<HashSet<String>, Failure> {
    if root.tag_name().name() != "GetRecordByIdResponse" {
        return Err(Failure::unexpected(format!(
            "{} answers with `{}` instead of a csw:GetRecordByIdResponse",
            answer.url,
            root.tag_name().name()
        )));
    }
    let named = root
        .descendants()
        .filter(|node| matches!(node.tag_name().name(), "identifier" | "CharacterString"));
    Ok(named
        .filter_map(|node| Some(node.text()?.trim().to_owned()))
        .collect())
}

/// The exceptions in the server's words, with their codes and locators.
fn exception(root: Node<'_, '_>) -> Failure {
    let exceptions = root
        .descendants()
        .filter(|node| node.tag_name().name() == "Exception");
    let told: Vec<String> = exceptions
        .map(|node| {
            let code = node.attribute("exceptionCode").unwrap_or("no code");
            let locator = node.attribute("locator").unwrap_or("none");
            let words: String = node
                .descendants()
                .filter(Node::is_text)
                .filter_map(|node| node.text())
                .collect();
            let words: Vec<&str> = words.split_whitespace().collect();
            let words = words.join(" ");
            format!("{code} (locator {locator}): {words}")
        })
        .take(5)
        .collect();
    let fatal = told
        .iter()
        .any(|told| told.starts_with("OperationNotSupported") || told.contains("not allowed"));
    // What it says of a parameter, it says before it does anything.
    let sure = !told.is_empty()
        && told
            .iter()
            .all(|told| told.starts_with("InvalidParameterValue "));
    Failure {
        fatal,
        sure,
        ..Failure::refused(format!("the target reports {}", told.join("; ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(body: &str) -> Response {
        Response {
            request: Request::get("https://geo.example/csw", ""),
            url: "https://geo.example/csw".to_owned(),
            status: 200,
            content_type: None,
            etag: None,
            last_modified: None,
            body: body.to_owned().into(),
        }
    }

    fn counted(body: &str) -> Result<Totals, Failure> {
        let answer = answer(body);
        read(&answer, totals)
    }

    #[test]
    fn the_summary_counts() {
        let body = format!(
            "<csw:TransactionResponse xmlns:csw=\"{CSW}\"><csw:TransactionSummary><csw:totalInserted>2</csw:totalInserted><csw:totalUpdated> 1 </csw:totalUpdated></csw:TransactionSummary></csw:TransactionResponse>"
        );
        let totals = Totals {
            inserted: 2,
            updated: 1,
            deleted: 0,
        };
        assert_eq!(counted(&body), Ok(totals));
    }

    #[test]
    fn an_exception_is_told_with_code_and_locator() {
        let body = "<ows:ExceptionReport xmlns:ows=\"http://www.opengis.net/ows\"><ows:Exception exceptionCode=\"InvalidParameterValue\" locator=\"Insert\"><ows:ExceptionText>le titre\n manque</ows:ExceptionText></ows:Exception></ows:ExceptionReport>";
        let failure = counted(body).expect_err("an exception");
        assert!(!failure.fatal);
        assert_eq!(
            failure.message,
            "the target reports InvalidParameterValue (locator Insert): le titre manque"
        );
        let off = counted(&body.replace("InvalidParameterValue", "OperationNotSupported"));
        assert!(off.expect_err("an exception").fatal);
    }

    #[test]
    fn what_is_no_answer_of_a_csw_confirms_nothing() {
        for body in [
            "<html><body>Connexion</body></html>",
            "",
            "{}",
            "<!DOCTYPE html><html></html>",
            "<csw:TransactionResponse xmlns:csw=\"x\"/>",
        ] {
            let failure = counted(body).expect_err(body);
            assert!(failure.fatal && failure.rule == "push/unexpected", "{body}");
        }
    }
}
