//! Every route, and what surrounds them.

use std::sync::Arc;

use archive::{ArchiveError, Counts};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use axum::routing::{get, post};
use model::Checksum;
use tokio::sync::{Mutex, Semaphore};
use tower_http::compression::CompressionLayer;

use crate::metrics::Metrics;
use crate::reports::{self, Reports};
use crate::site::Site;
use crate::view::Templates;
use crate::{
    admin, assets, csw, entity, feed, graph_store, health, layers, ldes, oai, ogc, openapi, pages,
    proposals, provenance, queries, sitemap, sparql, void,
};

/// What the handlers share.
pub(crate) struct App {
    pub site: Site,
    /// The path of the base without the slash at its end: what links on pages begin with.
    pub root: String,
    /// Changes when what surrounds the data in answers does.
    pub edition: String,
    pub templates: Templates,
    pub metrics: Metrics,
    pub reports: Reports,
    pub csw: csw::Pages,
    /// Pages of the feed that are made or sent at once: each may hold some megabytes.
    pub feeds: Arc<Semaphore>,
    /// Whole graphs that are sent at once.
    pub graphs: Arc<Semaphore>,
    /// Other requests that are answered at once.
    pub requests: Arc<Semaphore>,
    counts: Mutex<Option<(i64, Counts)>>,
}

const FEEDS: usize = 4;
const GRAPHS: usize = 2;
const REQUESTS: usize = 128;

/// The server of a site, without a socket.
pub fn app(site: Site) -> Router {
    let app = Arc::new(App::new(site));
    let page = match app.templates.sparql(&app) {
        Ok(page) => page,
        Err(error) => {
            tracing::error!(
                error = format!("{error:#}"),
                "the page of the SPARQL endpoint cannot be made"
            );
            String::new()
        }
    };
    let sparql = sparql::router(app.site.sparql.clone().with_page(page));
    let mut routes = routes();
    if app.site.csw {
        routes = routes.merge(csw_routes());
    }
    if app.site.oai_pmh.is_some() {
        routes = routes.merge(oai_routes());
    }
    if app.site.ldes {
        routes = routes.merge(ldes_routes());
    }
    if app.site.ogc_records {
        routes = routes.merge(ogc::routes());
    }
    let bounded = match app.root.as_str() {
        "" => routes,
        // Nesting does not answer with a slash at the end.
        root => routes.route(&format!("{root}/"), get(pages::home)),
    };
    let bounded = bounded
        .with_state(app.clone())
        .layer(from_fn_with_state(app.clone(), layers::bound));
    let all = bounded
        .merge(query_routes().with_state(app.clone()))
        .merge(sparql);
    // Where the base has a path, a proxy may pass it on or cut it off.
    let all = match app.root.as_str() {
        "" => all,
        root => Router::new().nest(root, all.clone()).merge(all),
    };
    let all = all.fallback(layers::not_found);
    all.layer(from_fn_with_state(app.clone(), layers::show_failures))
        .layer(map_response(layers::fuse))
        .layer(CompressionLayer::new())
        .layer(from_fn(layers::weaken_tags))
        .layer(from_fn(layers::common_headers))
        .layer(from_fn_with_state(app, layers::measure))
}

fn routes() -> Router<Arc<App>> {
    Router::new()
        // People.
        .route("/", get(pages::home))
        .route("/datasets", get(pages::datasets))
        .route("/sources", get(pages::sources))
        .route("/sources/{id}/report", get(reports::negotiated))
        .route("/sources/{id}/report.html", get(reports::html))
        .route("/sources/{id}/report.json", get(reports::json))
        .route("/sources/{id}/report.csv", get(reports::csv))
        .route("/sources/{id}/report.atom", get(reports::atom))
        .route("/sources/{id}/report.ttl", get(reports::turtle))
        .route("/runs/{id}", get(pages::run))
        .route("/explain", get(pages::rules))
        .route("/explain/{*rule}", get(pages::rule))
        // The feed.
        .route("/catalog", get(feed::negotiated))
        .route("/catalogue", get(feed::negotiated))
        .route("/catalog.ttl", get(feed::turtle))
        .route("/catalog.rdf", get(feed::rdf_xml))
        .route("/catalog.jsonld", get(feed::json_ld))
        .route("/catalog.nt", get(feed::n_triples))
        // The whole of it.
        .route(
            "/rdf-graph-store",
            get(graph_store::get).fallback(graph_store::refuse),
        )
        .route("/.well-known/void", get(void::get))
        .route("/catalog/{name}", get(feed::named))
        .route("/catalog/{kind}/{id}", get(feed::part))
        .route("/catalog/territory/{class}/{code}", get(feed::territory))
        // Entities: an identifier, with or without the extension of a format. `sources` may have one, too.
        .route("/dataset/{id}", get(entity::dataset))
        .route("/dataset/{id}/original", get(entity::original_dataset))
        .route("/dataset/{id}/{sources}", get(provenance::dataset))
        .route("/series/{id}", get(entity::series))
        .route("/series/{id}/original", get(entity::original_series))
        .route("/series/{id}/{sources}", get(provenance::series))
        .route("/dataservice/{id}", get(entity::service))
        .route("/dataservice/{id}/original", get(entity::original_service))
        .route("/dataservice/{id}/{sources}", get(provenance::service))
        .route("/organisation/{id}", get(entity::organisation))
        // Identity.
        .route("/identity/proposals", get(proposals::negotiated))
        .route("/identity/proposals.html", get(proposals::html))
        .route("/identity/proposals.json", get(proposals::json))
        // Machines.
        .route("/api", get(openapi::document))
        .route("/api.html", get(openapi::page))
        .route("/health", get(health::health))
        .route("/ready", get(health::ready))
        .route("/metrics", get(health::metrics))
        .route("/robots.txt", get(sitemap::robots))
        .route("/sitemap.xml", get(sitemap::index))
        .route("/sitemap/{name}", get(sitemap::part))
        .route("/favicon.ico", get(assets::favicon))
        .route("/favicon.svg", get(assets::favicon))
        .route("/assets/{name}", get(assets::asset))
        // The operator.
        .route("/admin/status", get(admin::status))
        .route("/admin/sources/{id}/run", post(admin::run_now))
        .route("/admin/sources/{id}/release", post(admin::release))
        .route("/admin/sources/{id}/resume", post(admin::resume))
        .route("/admin/identity/merge", post(admin::merge))
        .route("/admin/identity/split", post(admin::split))
        .route("/admin/runs/{id}/stop", post(admin::stop))
        .route("/admin/runs/{id}/undo", post(admin::undo))
}

/// Queries that are kept. Like the endpoint they have a gate of their own, and a query may take as long as other requests may wait.
fn query_routes() -> Router<Arc<App>> {
    Router::new()
        .route("/queries", get(queries::list))
        .route("/queries/{name}", get(queries::named))
}

/// Other catalogues: OGC's CSW, for all and for parts.
fn csw_routes() -> Router<Arc<App>> {
    Router::new()
        .route(
            "/csw",
            get(csw::get)
                .post(csw::post)
                .layer(DefaultBodyLimit::max(csw::MAX_BODY)),
        )
        .route(
            "/csw/{kind}/{id}",
            get(csw::get_part)
                .post(csw::post_part)
                .layer(DefaultBodyLimit::max(csw::MAX_BODY)),
        )
}

/// Harvesters of libraries and archives: OAI-PMH.
fn oai_routes() -> Router<Arc<App>> {
    Router::new().route(
        "/oai",
        get(oai::get)
            .post(oai::post)
            .layer(DefaultBodyLimit::max(oai::MAX_BODY)),
    )
}

/// Those who keep a copy of the catalogue: an event stream, LDES.
fn ldes_routes() -> Router<Arc<App>> {
    Router::new()
        .route("/feed", get(ldes::root))
        .route("/feed/index/{number}", get(ldes::index))
        .route("/feed/page/{number}", get(ldes::page))
}

impl App {
    fn new(site: Site) -> Self {
        let root = root(site.minter.base());
        let edition = Checksum::of(
            [
                env!("CARGO_PKG_VERSION"),
                site.minter.base(),
                &site.title,
                &site.description,
                &site.publisher,
                &site.language,
            ]
            .join("\n")
            .as_bytes(),
        );
        Self {
            site,
            root,
            edition: edition.to_string(),
            templates: Templates::new(),
            metrics: Metrics::new(),
            reports: Reports::new(),
            csw: csw::Pages::default(),
            feeds: Arc::new(Semaphore::new(FEEDS)),
            graphs: Arc::new(Semaphore::new(GRAPHS)),
            requests: Arc::new(Semaphore::new(REQUESTS)),
            counts: Mutex::new(None),
        }
    }

    /// How many entities there are: counted once for each state of the archive.
    pub async fn counts(&self) -> Result<Counts, ArchiveError> {
        let seq = self
            .site
            .archive
            .last_change()
            .await?
            .map_or(0, |(seq, _)| seq);
        let mut known = self.counts.lock().await;
        if let Some((at, counts)) = &*known
            && *at == seq
        {
            return Ok(counts.clone());
        }
        let counts = self.site.archive.counts().await?;
        *known = Some((seq, counts.clone()));
        Ok(counts)
    }
}

/// The path of a base, without the slash at its end.
fn root(base: &str) -> String {
    let path = base
        .split_once("://")
        .and_then(|(_, rest)| rest.split_once('/'))
        .map_or("", |(_, path)| path.trim_end_matches('/'));
    // A brace would be read as a parameter of a route.
    if path.is_empty() || path.contains(['{', '}']) {
        String::new()
    } else {
        format!("/{path}")
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_root_is_the_path_of_the_base() {
        assert_eq!(super::root("https://a.example/"), "");
        assert_eq!(super::root("https://a.example/x/y/"), "/x/y");
    }
}
