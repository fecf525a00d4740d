//! A world behind a udata's API, served from page files that were rendered before, so that a benchmark measures the
//! harvester and not this server.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::{Path as Segment, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use tokio::net::TcpListener;

use super::{Order, World};
use crate::DemoError;

/// The page size that is rendered in advance; others are rendered when they are first asked for.
const PAGE_SIZE: u64 = 100;
const LARGEST_PAGE: u64 = 1_000;
const JSON: (header::HeaderName, &str) = (header::CONTENT_TYPE, "application/json");

struct Served {
    world: World,
    dir: PathBuf,
    generation: AtomicU32,
}

/// Serves `/api/1/datasets/` and an empty `/api/1/dataservices/` until it is dropped. Page files are kept in `dir`,
/// and used again for the same world. A request of `/-/generation/N`, by whatever method, turns the world to its
/// generation N: its answer comes when the pages are ready.
///
/// # Errors
/// When the directory cannot be written, or the listener fails.
pub async fn serve_world(listener: TcpListener, world: World, dir: &Path) -> Result<(), DemoError> {
    let served = Arc::new(Served {
        world,
        dir: dir.join(format!("world-{}-{}", world.datasets, world.seed)),
        generation: AtomicU32::new(0),
    });
    tokio::fs::create_dir_all(&served.dir).await?;
    prepare(&served, 0).await?;
    let router = Router::new()
        .route("/api/1/datasets/", get(datasets))
        .route("/api/1/dataservices/", get(dataservices))
        .route("/-/generation/{generation}", any(turn))
        .with_state(served);
    axum::serve(listener, router).await?;
    Ok(())
}

async fn datasets(
    State(served): State<Arc<Served>>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let number = |key: &str, default: u64| match query.get(key) {
        Some(value) => value.parse::<u64>().ok().filter(|number| *number > 0),
        None => Some(default),
    };
    let (Some(page), Some(size)) = (number("page", 1), number("page_size", 20)) else {
        return (StatusCode::BAD_REQUEST, [JSON], "{\"message\":\"page\"}").into_response();
    };
    let order = match query.get("sort").map(String::as_str) {
        Some("-last_update") => Order::LastUpdate,
        _ => Order::Created,
    };
    let size = size.min(LARGEST_PAGE);
    if page > 1 && (page - 1).saturating_mul(size) >= served.world.datasets {
        return (
            StatusCode::NOT_FOUND,
            [JSON],
            "{\"message\":\"no such page\"}",
        )
            .into_response();
    }
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or("localhost");
    let url = format!("http://{host}/api/1/datasets/");
    let generation = served.generation.load(Ordering::Relaxed);
    match page_file(&served, page, size, generation, order).await {
        Ok(mut body) => {
            served.world.page_tail(page, size, order, &url, &mut body);
            ([JSON], Body::from(body)).into_response()
        }
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn dataservices() -> Response {
    let empty = "{\"data\":[],\"next_page\":null,\"page\":1,\"page_size\":20,\"previous_page\":null,\"total\":0}";
    ([JSON], empty).into_response()
}

async fn turn(State(served): State<Arc<Served>>, Segment(generation): Segment<u32>) -> Response {
    if let Err(error) = prepare(&served, generation).await {
        return (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response();
    }
    served.generation.store(generation, Ordering::Relaxed);
    StatusCode::NO_CONTENT.into_response()
}

/// Renders the pages of a generation that are not there yet.
async fn prepare(served: &Arc<Served>, generation: u32) -> std::io::Result<()> {
    let served = Arc::clone(served);
    let rendering = tokio::task::spawn_blocking(move || {
        for page in 1..=served.world.datasets.div_ceil(PAGE_SIZE).max(1) {
            let file = served.file(page, PAGE_SIZE, generation, Order::Created);
            if !file.exists() {
                let body = served
                    .world
                    .page_data(page, PAGE_SIZE, generation, Order::Created);
                write(&file, &body)?;
            }
        }
        Ok(())
    });
    rendering.await.map_err(std::io::Error::other)?
}

async fn page_file(
    served: &Arc<Served>,
    page: u64,
    size: u64,
    generation: u32,
    order: Order,
) -> std::io::Result<Vec<u8>> {
    let served = Arc::clone(served);
    let reading = tokio::task::spawn_blocking(move || {
        let file = served.file(page, size, generation, order);
        match std::fs::read(&file) {
            Ok(mut body) => {
                body.reserve(512);
                Ok(body)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let body = served.world.page_data(page, size, generation, order);
                write(&file, &body)?;
                Ok(body)
            }
            Err(error) => Err(error),
        }
    });
    reading.await.map_err(std::io::Error::other)?
}

/// Whole or not at all: a server that is killed leaves no half page.
fn write(file: &Path, body: &[u8]) -> std::io::Result<()> {
    let unfinished = file.with_extension(format!("{}.part", std::process::id()));
    std::fs::write(&unfinished, body)?;
    std::fs::rename(&unfinished, file)
}

impl Served {
    fn file(&self, page: u64, size: u64, generation: u32, order: Order) -> PathBuf {
        let order = match order {
            Order::Created => "created",
            Order::LastUpdate => "last-update",
        };
        self.dir
            .join(format!("{generation}-{order}-{size}-{page}.json"))
    }
}
