//! ListRecords and ListIdentifiers, in the order of changes.

use std::io;
use std::sync::Arc;

use archive::{Place, Stamp};
use axum::body::Body;
use bytes::Bytes;
use represent::Xml;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc::{Sender, channel};
use tokio::time::{Instant, timeout_at};

use super::arguments::{Asked, Listing, What};
use super::error::Refusal;
use super::format::Format;
use super::token::{Continued, Token};
use super::{Answer, END, records};
use crate::failure::Failure;
use crate::router::App;
use crate::stream;

/// Records of an answer, and identifiers.
const RECORDS: u32 = 100;
const IDENTIFIERS: u32 = 500;
/// Records that are in memory at once, for each answer.
const AT_ONCE: usize = 10;

pub(super) async fn answer(
    app: &Arc<App>,
    what: What,
    asked: Asked,
    answer: Answer,
) -> Result<Body, Refusal> {
    let permit = permit(app).await?;
    let page = Page::of(app, what, asked).await?;
    if what == What::Identifiers {
        let headers = records::headers(app, &page.stamps).await?;
        return Ok(answer.with(|xml| {
            xml.within("ListIdentifiers", &[], |xml| {
                xml.raw(&headers);
                xml.raw(&page.token);
            });
        }));
    }
    if page.format == Format::Iso19139 && app.site.search.is_none() {
        return Err(Failure::busy().into());
    }
    Ok(streamed(app.clone(), permit, answer.head, page))
}

/// Each answer may hold some megabytes, and read much of an index.
pub(super) async fn permit(app: &App) -> Result<OwnedSemaphorePermit, Refusal> {
    let permit = app.feeds.clone().acquire_owned().await;
    permit.map_err(|error| Failure::internal(&error).into())
}

struct Page {
    format: Format,
    stamps: Vec<Stamp>,
    /// `<resumptionToken>`, where there is one.
    token: String,
}

impl Page {
    async fn of(app: &App, what: What, asked: Asked) -> Result<Self, Refusal> {
        let salt = app.site.minter.base();
        let (listing, after, given, total): (Listing, Option<Place>, u64, Option<u64>) = match asked
        {
            Asked::Anew(listing) => (listing, None, 0, None),
            Asked::Resumed(text) => match Token::read(&text, salt) {
                Some(Token {
                    what: Continued::Records(listing, place),
                    given,
                    total,
                }) => (listing, Some(place), given, Some(total)),
                _ => return Err(Refusal::token()),
            },
        };
        let size = match what {
            What::Records => RECORDS,
            What::Identifiers => IDENTIFIERS,
        };
        let archive = &app.site.archive;
        let window = listing.window();
        if let Some(part) = &window.part
            && !archive.has_part(part).await?
        {
            return Err(Refusal::nothing());
        }
        let mut stamps = archive.stamps(&window, after, size + 1).await?;
        let more = stamps.len() > size as usize;
        stamps.truncate(size as usize);
        let Some(last) = stamps.last().map(|stamp| stamp.place) else {
            // What was left of a list changed meanwhile, and stands in none of its bounds: it is begun anew.
            return Err(match after {
                Some(_) => Refusal::token(),
                None => Refusal::nothing(),
            });
        };
        let format = listing.format;
        let so_far = given.saturating_add(stamps.len() as u64);
        let token = if more {
            let total = match total {
                Some(total) => total,
                None => archive.count_stamps(&window).await?,
            };
            let next = Token {
                what: Continued::Records(listing, last),
                given: so_far,
                total,
            };
            // What changed since the list began comes again at its end: then nobody knows how many come.
            resumption(given, (so_far < total).then_some(total), &next.write(salt))
        } else if after.is_some() {
            resumption(given, Some(so_far), "")
        } else {
            String::new()
        };
        Ok(Self {
            format,
            stamps,
            token,
        })
    }
}

fn resumption(cursor: u64, total: Option<u64>, token: &str) -> String {
    let (cursor, total) = (cursor.to_string(), total.map(|total| total.to_string()));
    let mut attributes = vec![("cursor", cursor.as_str())];
    attributes.extend(total.as_deref().map(|total| ("completeListSize", total)));
    let mut xml = Xml::new();
    xml.leaf("resumptionToken", &attributes, token);
    xml.finish()
}

/// Records are written while they are sent. A client that is too slow is left, so that others have their turn.
fn streamed(app: Arc<App>, permit: OwnedSemaphorePermit, head: String, page: Page) -> Body {
    let (sender, receiver) = channel(2);
    tokio::spawn(async move {
        let until = Instant::now() + stream::TRANSFER;
        let failed = match timeout_at(until, send(&app, &sender, head, page)).await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error),
            Err(_) => Some(io::ErrorKind::TimedOut.into()),
        };
        if let Some(error) = failed {
            // Breaks the connection off, so that no client takes a part of an answer for the whole.
            let _ = sender.try_send(Err(error));
        }
        drop(permit);
    });
    stream::of_parts(receiver)
}

async fn send(
    app: &App,
    sender: &Sender<io::Result<Bytes>>,
    head: String,
    page: Page,
) -> io::Result<()> {
    let left = |_| io::Error::from(io::ErrorKind::BrokenPipe);
    let mut part = format!("{head}<ListRecords>");
    for stamps in page.stamps.chunks(AT_ONCE) {
        let records = records::write(app, page.format, stamps).await;
        part.push_str(&records.map_err(|_| io::Error::other("the records cannot be read"))?);
        sender
            .send(Ok(std::mem::take(&mut part).into()))
            .await
            .map_err(left)?;
    }
    let end = format!("{}</ListRecords>{END}", page.token);
    sender.send(Ok(end.into())).await.map_err(left)
}
