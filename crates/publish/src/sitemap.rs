//! The addresses of the public pages, for those who index the web: <https://www.sitemaps.org/protocol.html>
//!
//! The pages of a kind are parted by the first digits of their identifiers, which are spread evenly: an entity stays in its part, whatever
//! comes and goes, and no part comes near what the protocol allows.

use std::io;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Response, header};
use bytes::Bytes;
use chrono::SecondsFormat;
use model::{Checksum, EntityKind};
use tokio::sync::mpsc::{Sender, channel};
use tokio::time::timeout;
use uuid::Uuid;

use crate::assets;
use crate::cache::Validators;
use crate::failure::Failure;
use crate::router::App;
use crate::stream::{self, TRANSFER};

type Shown = Result<Response<Body>, Failure>;

/// What robots may not read, and where the list of what they may is.
pub(crate) async fn robots(State(app): State<Arc<App>>) -> Response<Body> {
    assets::robots(&app.root, app.site.minter.base())
}

/// `/sitemap.xml`: the parts.
pub(crate) async fn index(State(app): State<Arc<App>>, headers: HeaderMap) -> Shown {
    let validators = validators(&app, "index").await?;
    if validators.hold(&headers) {
        return Ok(validators.not_modified());
    }
    let base = app.site.minter.base();
    let counts = app.counts().await?;
    let mut text = format!("{DECLARATION}<sitemapindex xmlns=\"{NAMESPACE}\">\n");
    let mut names = vec!["pages".to_owned()];
    // What became a series keeps the address of a dataset, and the other way round.
    let datasets = counts.datasets + counts.series;
    for (kind, count) in [
        (EntityKind::Dataset, datasets),
        (EntityKind::DatasetSeries, datasets),
        (EntityKind::DataService, counts.services),
        (EntityKind::Organisation, counts.organisations),
    ] {
        let (first, last) = (Uuid::nil(), Uuid::max());
        let any = app.site.archive.changed_between(kind, first, last, 1);
        if any.await?.is_empty() {
            continue;
        }
        names.extend(parts(count).map(|part| format!("{}{part}", kind.segment())));
    }
    for name in names {
        let address = escaped(&format!("{base}sitemap/{name}.xml"));
        text.push_str(&format!("<sitemap><loc>{address}</loc></sitemap>\n"));
    }
    text.push_str("</sitemapindex>\n");
    Ok(answer(Body::from(text), &validators))
}

/// `/sitemap/dataset-3a.xml`: the addresses of a part.
pub(crate) async fn part(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Shown {
    let name = name.strip_suffix(".xml").ok_or_else(Failure::not_found)?;
    let part = match name {
        "pages" => None,
        name => Some(Part::parse(name).ok_or_else(Failure::not_found)?),
    };
    let validators = validators(&app, name).await?;
    if validators.hold(&headers) {
        return Ok(validators.not_modified());
    }
    let Some(part) = part else {
        return Ok(answer(
            Body::from(pages(app.site.minter.base())),
            &validators,
        ));
    };
    Ok(answer(streamed(app, part), &validators))
}

async fn validators(app: &App, name: &str) -> Result<Validators, Failure> {
    // Read before the data: an answer may be newer than its tag says, never older.
    let (seq, changed) = match app.site.archive.last_change().await? {
        Some((seq, at)) => (seq, Some(at)),
        None => (0, None),
    };
    let state = format!("sitemap\n{name}\n{seq}\n{}", app.edition);
    Ok(Validators::new(Checksum::of(state.as_bytes()), changed))
}

fn answer(body: Body, validators: &Validators) -> Response<Body> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/xml"),
    );
    validators.set(headers);
    response
}

/// The pages that are no entity's.
fn pages(base: &str) -> String {
    let mut text = format!("{DECLARATION}<urlset xmlns=\"{NAMESPACE}\">\n");
    for page in ["", "datasets", "sources", "explain", "api.html"] {
        let address = escaped(&format!("{base}{page}"));
        text.push_str(&format!("<url><loc>{address}</loc></url>\n"));
    }
    text.push_str("</urlset>\n");
    text
}

/// The ends of the names of the parts of so many: none, or `-` and hexadecimal digits.
fn parts(count: u64) -> impl Iterator<Item = String> {
    let enough = |digits: &u32| count.div_ceil(1 << (4 * digits)) <= USUAL;
    let digits = (0..MAX_DIGITS).find(enough).unwrap_or(MAX_DIGITS);
    let digits = Some(digits).filter(|_| count > 0);
    digits.into_iter().flat_map(|digits| {
        (0..1_u32 << (4 * digits)).map(move |n| match digits {
            0 => String::new(),
            digits => format!("-{n:0width$x}", width = digits as usize),
        })
    })
}

/// The entities of a kind whose identifiers begin with some digits.
#[derive(Debug, PartialEq)]
struct Part {
    kind: EntityKind,
    first: Uuid,
    last: Uuid,
}

impl Part {
    fn parse(name: &str) -> Option<Self> {
        let (segment, digits) = name.split_once('-').unwrap_or((name, ""));
        let kind = EntityKind::from_segment(segment)?;
        let is_digit = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
        let is_whole = digits.len() <= MAX_DIGITS as usize && digits.chars().all(is_digit);
        if !is_whole || name.ends_with('-') {
            return None;
        }
        let filled = |with: &str| {
            let rest = with.repeat(32_usize.saturating_sub(digits.len()));
            Uuid::try_parse(&format!("{digits}{rest}")).ok()
        };
        Some(Self {
            kind,
            first: filled("0")?,
            last: filled("f")?,
        })
    }
}

fn streamed(app: Arc<App>, part: Part) -> Body {
    let (sender, receiver) = channel(2);
    tokio::spawn(async move {
        let failed = match timeout(TRANSFER, write(&app, &part, &sender)).await {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error,
            Err(_) => io::ErrorKind::TimedOut.into(),
        };
        // Breaks the connection off, so that nobody takes a part of a list for the whole.
        let _ = sender.try_send(Err(failed));
    });
    stream::of_parts(receiver)
}

async fn write(app: &App, part: &Part, to: &Sender<io::Result<Bytes>>) -> io::Result<()> {
    let base = app.site.minter.base();
    let mut text = format!("{DECLARATION}<urlset xmlns=\"{NAMESPACE}\">\n");
    let (mut from, mut room) = (Some(part.first), MOST);
    while let Some(first) = from {
        let archive = &app.site.archive;
        let limit = room.min(AT_ONCE);
        let found = archive.changed_between(part.kind, first, part.last, limit);
        let found = found.await.map_err(io::Error::other)?;
        let found_all = found.len() < limit as usize;
        room -= u32::try_from(found.len()).unwrap_or(limit).min(room);
        let next = found
            .last()
            .map(|(key, _)| key.id.as_u128().saturating_add(1));
        from = next.map(Uuid::from_u128).filter(|_| !found_all && room > 0);
        for (key, changed) in found {
            let address = escaped(&key.iri(base));
            let changed = changed.to_rfc3339_opts(SecondsFormat::Secs, true);
            text.push_str(&format!(
                "<url><loc>{address}</loc><lastmod>{changed}</lastmod></url>\n"
            ));
        }
        if from.is_none() {
            text.push_str("</urlset>\n");
        }
        let sent = to.send(Ok(std::mem::take(&mut text).into())).await;
        sent.map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
    }
    Ok(())
}

fn escaped(address: &str) -> String {
    address
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
const NAMESPACE: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";
/// Addresses of a list: the protocol allows no more.
const MOST: u32 = 50_000;
/// Identifiers are spread by chance: a part that should have so many never has twice as many.
const USUAL: u64 = 25_000;
/// Parts are then so many that an index still lists them.
const MAX_DIGITS: u32 = 3;
const AT_ONCE: u32 = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_identifier_is_in_one_part() {
        for (count, digits) in [
            (1, 0),
            (25_000, 0),
            (25_001, 1),
            (399_999, 1),
            (2_000_000, 2),
        ] {
            let names: Vec<String> = parts(count).collect();
            assert_eq!(names.len(), 1 << (4 * digits), "{count}");
            let mut after = 0;
            for name in names {
                let part = Part::parse(&format!("series{name}")).expect("a part");
                assert_eq!(
                    (part.kind, part.first.as_u128()),
                    (EntityKind::DatasetSeries, after)
                );
                after = part.last.as_u128().wrapping_add(1);
            }
            assert_eq!(after, 0);
        }
        assert_eq!(parts(0).count(), 0);
        assert_eq!(parts(u64::MAX).count(), 4096);
    }

    #[test]
    fn what_names_no_part_is_none() {
        for name in [
            "",
            "datasets",
            "dataset-",
            "dataset-A",
            "dataset-0000",
            "dataset-g",
            "record",
            "-",
        ] {
            assert_eq!(Part::parse(name), None, "{name}");
        }
    }
}
