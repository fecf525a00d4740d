//! A small udata in memory, and an instance that harvests it.
#![allow(dead_code, reason = "each test program uses a part of what they share")]

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ::provenance::Names;
use archive::{Archive, Guard};
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use connector_udata::{Config, Udata};
use fetch::{Fetch, FetchError};
use futures::TryStreamExt;
use graph::Graph;
use harvest::plan::{Plan, PlanWriter, Saving};
use harvest::{
    Limits, Projector, Provenance, RunOptions, Source, Workshop, describe_catalogue, rebuild,
};
use model::{Base, Minter, Request, Response, RunReport, SourceId};
use serde_json::{Value, json};
use vocab::Vocab;

pub fn dataset(n: u64, title: &str) -> Value {
    json!({
        "id": format!("{n:024x}"),
        "title": format!("{title} {n}"),
        "description": "Une description assez longue pour dire de quoi il s'agit.",
        "page": format!("https://portail.example/datasets/{n}/"),
        "uri": format!("https://portail.example/api/1/datasets/{n}/"),
        "created_at": "2024-01-02T03:04:05+00:00",
        "last_modified": "2024-05-06T07:08:09+00:00",
        "last_update": "2024-05-06T07:08:09+00:00",
        "frequency": "annual",
        "license": "lov2",
        "tags": ["eau", "foret"],
        "private": false,
        "organization": {
            "id": "534fff75a3a7292c64a77de4", "name": "Région de démonstration", "slug": "region",
            "page": "https://portail.example/organizations/region/", "uri": "https://portail.example/api/1/organizations/region/"
        },
        "resources": [
            { "id": format!("00000000-0000-4000-8000-{n:012}"), "title": "Données", "url": format!("https://fichiers.example/{n}.csv"), "format": "csv", "type": "main" }
        ]
    })
}

#[derive(Debug, Clone, Copy)]
pub enum Fault {
    Forbidden,
    Html,
}

#[derive(Default)]
struct State {
    datasets: Vec<Value>,
    services: Vec<Value>,
    broken: Option<(u64, Fault)>,
    announced: Option<u64>,
    unsorted: bool,
}

/// The portal. Clones are the same portal.
#[derive(Clone, Default)]
pub struct Portal(Arc<Mutex<State>>);

fn id(n: u64) -> Value {
    format!("{n:024x}").into()
}

impl Portal {
    pub fn set(&self, datasets: impl IntoIterator<Item = Value>) {
        self.0.lock().unwrap().datasets = datasets.into_iter().collect();
    }

    /// Replaces the dataset with this identifier, or adds it.
    pub fn put(&self, dataset: Value) {
        let mut state = self.0.lock().unwrap();
        match state
            .datasets
            .iter_mut()
            .find(|known| known["id"] == dataset["id"])
        {
            Some(known) => *known = dataset,
            None => state.datasets.push(dataset),
        }
    }

    pub fn append(&self, dataset: Value) {
        self.0.lock().unwrap().datasets.push(dataset);
    }

    pub fn remove(&self, n: u64) -> Value {
        let mut state = self.0.lock().unwrap();
        let at = state
            .datasets
            .iter()
            .position(|known| known["id"] == id(n))
            .unwrap();
        state.datasets.remove(at)
    }

    pub fn serve_service(&self, datasets: &[u64]) {
        let served: Vec<Value> = datasets
            .iter()
            .map(|n| json!({ "id": id(*n), "title": "x" }))
            .collect();
        self.0.lock().unwrap().services = vec![json!({
            "id": "65f1a8a5b6b4c0b6b6b6b6b6", "title": "Une API", "description": "Elle répond.", "base_api_url": "https://api.example/",
            "self_web_url": "https://portail.example/dataservices/une-api/", "datasets": served,
        })];
    }

    pub fn break_page(&self, broken: Option<(u64, Fault)>) {
        self.0.lock().unwrap().broken = broken;
    }

    pub fn announce(&self, announced: Option<u64>) {
        self.0.lock().unwrap().announced = announced;
    }

    /// From now on the portal knows no order.
    pub fn refuse_order(&self) {
        self.0.lock().unwrap().unsorted = true;
    }

    fn answer(&self, request: &Request) -> Result<Response, FetchError> {
        let state = self.0.lock().unwrap();
        let query: HashMap<&str, &str> = request
            .url
            .split_once('?')
            .map(|(_, query)| query)
            .unwrap_or_default()
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .collect();
        let number = |key, default| {
            query
                .get(key)
                .and_then(|value: &&str| value.parse::<u64>().ok())
                .unwrap_or(default)
        };
        if state.unsorted && query.contains_key("sort") {
            return Err(refused(request, 400));
        }
        let (page, size) = (number("page", 1), number("page_size", 20));
        let services = request.url.contains("/dataservices/");
        let items = if services {
            &state.services
        } else {
            &state.datasets
        };
        let total = if services {
            items.len() as u64
        } else {
            state.announced.unwrap_or(items.len() as u64)
        };
        let whole_page = size >= 20;
        if let Some((broken, fault)) = state.broken
            && !services
            && (broken == page || !whole_page)
        {
            return match fault {
                Fault::Forbidden => Err(refused(request, 403)),
                Fault::Html => Ok(response(
                    request,
                    "<html><body>En maintenance</body></html>".to_owned(),
                    "text/html",
                )),
            };
        }
        let data: Vec<&Value> = items
            .iter()
            .skip(((page - 1) * size) as usize)
            .take(size as usize)
            .collect();
        let more = page * size < items.len() as u64;
        let next = more.then(|| {
            format!(
                "{}?page={}&page_size={size}",
                request.url.split('?').next().unwrap_or_default(),
                page + 1
            )
        });
        Ok(response(request, json!({ "data": data, "page": page, "page_size": size, "total": total, "next_page": next }).to_string(), "application/json"))
    }
}

fn refused(request: &Request, status: u16) -> FetchError {
    FetchError::HttpStatus {
        url: request.url.clone(),
        status,
        excerpt: String::new(),
        retry_after: None,
    }
}

fn response(request: &Request, body: String, content_type: &str) -> Response {
    Response {
        request: request.clone(),
        url: request.url.clone(),
        status: 200,
        content_type: Some(content_type.to_owned()),
        etag: None,
        last_modified: None,
        body: Bytes::from(body),
    }
}

impl Fetch for Portal {
    async fn fetch(&self, request: &Request) -> Result<Response, FetchError> {
        self.answer(request)
    }
}

/// A portal that is a source.
pub struct Place {
    pub portal: Portal,
    pub source: Source<Portal>,
}

/// A new, empty portal, at the host of this name under `.example`.
pub fn place(name: &str) -> Place {
    let portal = Portal::default();
    let config: Config = serde_json::from_value(
        json!({ "url": format!("https://{name}.example/"), "page_size": 20 }),
    )
    .unwrap();
    let source = Source {
        id: SourceId::new(name).unwrap(),
        connector: Arc::new(Udata::new(config).unwrap()),
        fetcher: portal.clone(),
        guard: Guard {
            share: 0.2,
            agree: 3,
            grace: TimeDelta::days(7),
        },
        limits: Limits::default(),
        language: "fr".to_owned(),
        full_every: TimeDelta::days(7),
        full_at: None,
        resume_within: TimeDelta::hours(6),
    };
    Place { portal, source }
}

/// A portal, and an instance with its archive on disk, its graph in memory and a clock of its own.
pub struct World {
    pub portal: Portal,
    pub id: SourceId,
    pub workshop: Workshop,
    source: Source<Portal>,
    now: Arc<Mutex<DateTime<Utc>>>,
    copies: Mutex<u32>,
    directory: tempfile::TempDir,
}

impl World {
    pub async fn new() -> Self {
        Self::with_patience(Duration::from_secs(30)).await
    }

    /// Its archive waits so long for other programs.
    pub async fn with_patience(patience: Duration) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let minter = Minter::new(Base::new("https://donnees.example.org/").unwrap());
        let file = directory.path().join("archive.sqlite");
        let archive = Archive::open_with(&file, minter.base(), patience)
            .await
            .unwrap();
        let vocab = Vocab::bundled();
        let now = Arc::new(Mutex::new(
            "2026-03-01T03:00:00Z".parse::<DateTime<Utc>>().unwrap(),
        ));
        let lines = describe_catalogue(
            &minter,
            vocab,
            "Catalogue",
            "Une description",
            "Une région",
            "fr",
        );
        let began = *now.lock().unwrap();
        archive.describe_catalogue(lines, began).await.unwrap();
        let told = provenance(&minter);
        let projector =
            Projector::start_telling(archive.clone(), Graph::memory().unwrap(), Some(told))
                .await
                .unwrap();
        let Place { portal, source } = place("portail");
        let id = source.id.clone();
        let clock = {
            let now = Arc::clone(&now);
            Arc::new(move || *now.lock().unwrap())
        };
        let workshop = Workshop {
            archive,
            projector: Some(projector),
            minter,
            vocab,
            clock,
        };
        Self {
            portal,
            id,
            workshop,
            source,
            now,
            copies: Mutex::new(0),
            directory,
        }
    }

    /// Where the archive is.
    pub fn file(&self) -> PathBuf {
        self.directory.path().join("archive.sqlite")
    }

    /// What a restart does: the graph store catches up with the archive.
    pub async fn restart(&mut self) {
        if let Some(projector) = self.workshop.projector.take() {
            let graph = projector.graph().clone();
            projector.stop().await.unwrap();
            let told = provenance(&self.workshop.minter);
            let archive = self.workshop.archive.clone();
            let again = Projector::start_telling(archive, graph, Some(told)).await;
            self.workshop.projector = Some(again.unwrap());
        }
    }

    /// The source as it is harvested here, through another fetcher.
    pub fn through<F>(&self, fetcher: F, limits: Limits) -> Source<F> {
        Source {
            id: self.id.clone(),
            connector: Arc::clone(&self.source.connector),
            fetcher,
            guard: self.source.guard,
            limits,
            language: self.source.language.clone(),
            full_every: self.source.full_every,
            full_at: self.source.full_at.clone(),
            resume_within: self.source.resume_within,
        }
    }

    /// Lets time pass.
    pub fn advance(&self, by: TimeDelta) {
        *self.now.lock().unwrap() += by;
    }

    pub async fn try_run(&self) -> Result<RunReport, harvest::HarvestError> {
        let result =
            harvest::run(&self.workshop, &self.source, RunOptions::default(), |_| {}).await;
        result.map(|result| result.report)
    }

    pub async fn run(&self) -> RunReport {
        self.run_of(&self.source).await
    }

    /// Harvests a portal that is perhaps another than the world's own.
    pub async fn run_of(&self, source: &Source<Portal>) -> RunReport {
        self.advance(TimeDelta::minutes(1));
        let result = harvest::run(&self.workshop, source, RunOptions::default(), |_| {})
            .await
            .unwrap();
        let stored = self
            .workshop
            .archive
            .run(result.report.run)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            stored, result.report,
            "what is kept of a run is what was reported"
        );
        assert_eq!(
            stored.seen,
            stored.created + stored.updated + stored.unchanged + stored.refused
        );
        result.report
    }

    pub async fn dry_run(&self) -> RunReport {
        self.plan_of(&self.source).await.report
    }

    /// The plan of a run that sees every record.
    pub async fn plan_of(&self, source: &Source<Portal>) -> Plan {
        self.saved_plan_of(source, None).await.0
    }

    pub async fn saved_plan_of(
        &self,
        source: &Source<Portal>,
        saving: Option<Saving>,
    ) -> (Plan, Option<PlanWriter>) {
        let options = RunOptions::default();
        let copy = self.copy().await;
        harvest::plan::plan(&self.workshop, copy, source, options, saving, |_| {})
            .await
            .unwrap()
    }

    /// A copy of the archive, to plan in.
    pub async fn copy(&self) -> Archive {
        let copy = {
            let mut copies = self.copies.lock().unwrap();
            *copies += 1;
            *copies
        };
        let path = self.directory.path().join(format!("copy-{copy}.sqlite"));
        self.workshop.archive.copy_to(&path).await.unwrap()
    }

    pub async fn rebuild(&self) {
        rebuild(&self.workshop, |_| "fr".to_owned(), |_| {})
            .await
            .unwrap();
    }

    /// The rules of a run's findings.
    pub async fn findings(&self, report: &RunReport) -> Vec<String> {
        self.workshop
            .archive
            .findings(report.run)
            .map_ok(|finding| finding.rule.into_owned())
            .try_collect()
            .await
            .unwrap()
    }

    pub async fn dump(&self) -> String {
        dump(&self.workshop.archive).await
    }

    /// The dump is sorted and canonical, and the graph store says the same, also when it is filled from nothing.
    pub async fn check(&self) {
        let dump = self.dump().await;
        let mut lines: Vec<&str> = dump.lines().collect();
        let count = lines.len();
        lines.sort_unstable();
        lines.dedup();
        assert_eq!(lines.len(), count, "each line once");
        assert_eq!(lines.join("\n") + "\n", dump, "in order");

        let projector = self.workshop.projector.as_ref().unwrap();
        projector.flush().await.unwrap();
        let fresh = Graph::memory().unwrap();
        let archive = self.workshop.archive.clone();
        let followed = projector.graph().sorted_lines().unwrap();
        fresh.load_lines(&dump).unwrap();
        let filled = fresh.sorted_lines().unwrap();
        if followed != filled {
            let missing: Vec<_> = filled
                .iter()
                .filter(|line| !followed.contains(line))
                .take(5)
                .collect();
            let added: Vec<_> = followed
                .iter()
                .filter(|line| !filled.contains(line))
                .take(5)
                .collect();
            panic!("the store lacks {missing:?} and has besides {added:?}");
        }
        self.check_provenance(projector, archive).await;
    }

    /// What is told of provenance is what would be told from nothing.
    async fn check_provenance(&self, projector: &Projector, archive: Archive) {
        let told = provenance(&self.workshop.minter);
        let name = told.names.graph();
        let lines = |graph: &Graph| -> BTreeSet<String> {
            let all = graph.named(&name, None, None);
            all.map(|triple| triple.unwrap().to_string()).collect()
        };
        let followed = lines(projector.graph());
        // All is followed: that another one starts changes nothing in the archive.
        let fresh = Graph::memory().unwrap();
        let other = Projector::start_telling(archive, fresh.clone(), Some(told));
        other.await.unwrap().stop().await.unwrap();
        let filled = lines(&fresh);
        let lacking: Vec<_> = filled.difference(&followed).take(5).collect();
        let besides: Vec<_> = followed.difference(&filled).take(5).collect();
        assert!(
            lacking.is_empty() && besides.is_empty(),
            "provenance lacks {lacking:#?} and has besides {besides:#?}"
        );
    }
}

fn provenance(minter: &Minter) -> Provenance {
    Provenance {
        names: Names::new(minter.base()),
        sources: Vec::new(),
        told: true,
    }
}

pub async fn dump(archive: &Archive) -> String {
    let whole = Mutex::new(String::new());
    archive
        .dump(|piece| {
            whole.lock().unwrap().push_str(&piece);
            async { Ok::<_, archive::ArchiveError>(()) }
        })
        .await
        .unwrap();
    whole.into_inner().unwrap()
}

/// What only tests want of a graph.
trait Lines {
    fn sorted_lines(&self) -> Result<Vec<String>, graph::GraphError>;
    fn load_lines(&self, text: &str) -> Result<(), graph::GraphError>;
}

impl Lines for Graph {
    fn sorted_lines(&self) -> Result<Vec<String>, graph::GraphError> {
        let mut lines = self
            .triples()
            .map(|triple| Ok(format!("{} .", triple?)))
            .collect::<Result<Vec<_>, graph::GraphError>>()?;
        lines.sort_unstable();
        Ok(lines)
    }

    fn load_lines(&self, text: &str) -> Result<(), graph::GraphError> {
        let insert = oxttl::NTriplesParser::new()
            .for_slice(text.as_bytes())
            .map(|triple| triple.expect("the dump is N-Triples"))
            .collect();
        self.apply(&[graph::Change {
            remove: Vec::new(),
            insert,
        }])
    }
}
