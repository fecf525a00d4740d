//! The daemon: each source on its schedule, and the server.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use archive::Archive;
use chrono::{DateTime, TimeDelta, Utc};
use graph::{Access, Graph, QueryService};
use harvest::{Indexer, Projector, RunOptions, Workshop};
use model::{Minter, SourceId};
use provenance::Names;
use publish::sparql::{SparqlService, SparqlSettings};
use publish::{Readiness, Site, SourceCard};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{Notify, Semaphore, watch};

use crate::admin::Administrator;
use crate::cli::Global;
use crate::config::{Loaded, SourceFile};
use crate::instance::{Fetchers, Instance, Layout, delta, load};
use crate::plans::Plans;
use crate::post::Post;
use crate::supply::Supply;
use crate::{DONE, output};

pub async fn listen(address: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("cannot listen at {address}; is another program there? Set another `listen`")
    })
}

/// `moisson run`, and without harvesting `moisson serve`.
pub async fn run(global: &Global, harvesting: bool) -> anyhow::Result<u8> {
    let loaded = load(global)?;
    let listener = listen(&loaded.listen.to_string()).await?;
    let instance = Instance::open(global, loaded).await?;
    serve(instance, listener, harvesting, global).await
}

/// Serves, and harvests on schedule, until a signal ends it.
pub async fn serve(
    instance: Instance,
    listener: TcpListener,
    harvesting: bool,
    global: &Global,
) -> anyhow::Result<u8> {
    let worked = work(&instance, listener, harvesting, global).await;
    instance.close_after(worked.map(|()| DONE)).await
}

async fn work(
    instance: &Instance,
    listener: TcpListener,
    harvesting: bool,
    global: &Global,
) -> anyhow::Result<()> {
    let mut ending = Ending::listen().context("signals cannot be heard")?;
    let address = listener.local_addr()?;
    let runs = Arc::new(Runs::new(&instance.loaded));
    let token = admin_token(instance)?;
    let administrator = harvesting.then(|| {
        Arc::new(Administrator::new(
            instance.workshop.clone(),
            Arc::clone(&runs),
            &instance.loaded,
        )) as Arc<dyn publish::Administration>
    });
    let site = site(instance, administrator, token)?;
    let (stop, stopping) = watch::channel(false);
    let server = tokio::spawn(publish::serve(listener, site, stopped(stopping.clone())));
    let mut schedulers = tokio::task::JoinSet::new();
    let keep = delta(instance.loaded.main.history.keep.0);
    schedulers.spawn(prune(instance.archive().clone(), keep));
    if harvesting {
        let shared = Arc::new(Shared {
            workshop: instance.workshop.clone(),
            fetchers: Fetchers::new(&instance.loaded)?,
            runs: Arc::clone(&runs),
            parallel: Semaphore::new(instance.loaded.main.schedule.parallel),
        });
        let enabled = |file: &&SourceFile| file.config.enabled;
        for file in instance.loaded.sources.iter().filter(enabled) {
            let source = Arc::new(shared.fetchers.source(&instance.loaded, file));
            if let Err(error) = &*source {
                tracing::error!(source = %file.id, %error, "this source cannot be harvested");
                continue;
            }
            schedulers.spawn(attend(
                Arc::clone(&shared),
                Post::new(&instance.loaded, file),
                Plans::new(&instance.loaded, file),
                source,
                stopping.clone(),
            ));
        }
    }
    if harvesting {
        let enabled = instance
            .loaded
            .targets
            .iter()
            .filter(|file| file.config.enabled);
        for file in enabled {
            let target = Supply::new(instance, file);
            schedulers.spawn(supply(target, runs.ended.subscribe(), stopping.clone()));
        }
    }
    // What a crash or a deploy cut off is taken up at once.
    instance
        .interrupted
        .iter()
        .for_each(|source| runs.wake(source));
    let told = instance.layout.admin_address();
    std::fs::write(&told, address.to_string()).with_context(|| told.display().to_string())?;
    tracing::info!(%address, harvesting, sources = instance.loaded.sources.len(), "the catalogue is open");
    if !global.json {
        output::print(&format!(
            "moisson: the catalogue is open at http://{address}/\n"
        ))?;
    }
    notify(&[sd_notify::NotifyState::Ready]);
    let watchdog = tokio::spawn(keep_alive());
    let reason = ending.wait().await;
    tracing::info!(
        reason,
        "ending; what runs have written is kept, and they go on at the next start"
    );
    notify(&[sd_notify::NotifyState::Stopping]);
    // Receivers see it, or have gone.
    let _ = stop.send(true);
    schedulers.shutdown().await;
    // Nobody asks an address that is another's by then.
    let _ = std::fs::remove_file(&told);
    watchdog.abort();
    let served = tokio::time::timeout(Duration::from_secs(10), server).await;
    if let Ok(Ok(Err(error))) = served {
        tracing::error!(%error, "the server failed");
    }
    Ok(())
}

async fn stopped(mut stopping: watch::Receiver<bool>) {
    // A sender that is gone has stopped too.
    let _ = stopping.wait_for(|stop| *stop).await;
}

/// The signals that end the program in good order, from the moment on when this is made.
struct Ending {
    interrupt: Signal,
    terminate: Signal,
}

impl Ending {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Waits for one of them, and names it.
    async fn wait(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "interrupt",
            _ = self.terminate.recv() => "terminate",
        }
    }
}

/// Tells systemd, where it is there.
fn notify(states: &[sd_notify::NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "systemd was not told");
    }
}

async fn keep_alive() {
    let every = sd_notify::watchdog_enabled().map_or(Duration::from_secs(30), |limit| limit / 3);
    loop {
        tokio::time::sleep(every).await;
        notify(&[sd_notify::NotifyState::Watchdog]);
    }
}

/// Forgets, once a day, how the catalogue was before runs that are too old to be undone.
async fn prune(archive: Archive, keep: TimeDelta) {
    loop {
        tokio::time::sleep(Duration::from_secs(86_400)).await;
        match archive.prune_history(Utc::now() - keep).await {
            Ok(0) => {}
            Ok(runs) => tracing::info!(runs, "runs that are too old to be undone were forgotten"),
            Err(error) => tracing::error!(%error, "the history of records cannot be pruned"),
        }
    }
}

/// What is known of the runs of this process.
pub struct Runs {
    sources: HashMap<SourceId, Attention>,
    /// How many runs have ended.
    ended: watch::Sender<u64>,
}

struct Attention {
    wake: Notify,
    state: Mutex<RunState>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RunState {
    pub running: bool,
    /// Not harvested until a person resumes it.
    pub paused: bool,
    pub next: Option<DateTime<Utc>>,
}

impl Runs {
    fn new(loaded: &Loaded) -> Self {
        let sources = loaded
            .sources
            .iter()
            .filter(|file| file.config.enabled)
            .map(|file| {
                (
                    file.id.clone(),
                    Attention {
                        wake: Notify::new(),
                        state: Mutex::default(),
                    },
                )
            })
            .collect();
        Self {
            sources,
            ended: watch::Sender::new(0),
        }
    }

    pub fn state(&self, source: &SourceId) -> Option<RunState> {
        self.sources.get(source).map(|attention| {
            *attention
                .state
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        })
    }

    pub fn states(&self) -> impl Iterator<Item = (&SourceId, RunState)> {
        self.sources
            .keys()
            .filter_map(|id| Some((id, self.state(id)?)))
    }

    /// Wakes the source's scheduler; its run begins when a place is free.
    pub fn wake(&self, source: &SourceId) {
        if let Some(attention) = self.sources.get(source) {
            attention.wake.notify_one();
        }
    }

    fn set(&self, source: &SourceId, change: impl FnOnce(&mut RunState)) {
        if let Some(attention) = self.sources.get(source) {
            change(
                &mut attention
                    .state
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner),
            );
        }
    }

    async fn woken(&self, source: &SourceId) {
        match self.sources.get(source) {
            Some(attention) => attention.wake.notified().await,
            None => std::future::pending().await,
        }
    }
}

struct Shared {
    workshop: Workshop,
    fetchers: Fetchers,
    runs: Arc<Runs>,
    parallel: Semaphore,
}

type PreparedSource = Arc<anyhow::Result<harvest::Source<fetch::Fetcher>>>;

/// Harvests one source whenever it is due, one run after the other, so that its runs never overlap.
async fn attend(
    shared: Arc<Shared>,
    post: Post,
    plans: Plans,
    source: PreparedSource,
    stopping: watch::Receiver<bool>,
) {
    let Ok(source) = &*source else { return };
    let id = source.id.clone();
    let mut failed = 0;
    loop {
        while is_paused(&shared.workshop.archive, &id).await {
            shared.runs.set(&id, |state| {
                *state = RunState {
                    paused: true,
                    ..RunState::default()
                }
            });
            tokio::select! {
                // Another program may have resumed it.
                () = tokio::time::sleep(Duration::from_secs(30)) => {}
                () = shared.runs.woken(&id) => {}
                () = stopped(stopping.clone()) => return,
            }
        }
        let due = plans.next_due(&shared.workshop.archive, &id).await;
        shared.runs.set(&id, |state| {
            *state = RunState {
                next: due,
                ..RunState::default()
            }
        });
        tokio::select! {
            reached = reach(due) => match reached {
                Reached::Due => {}
                // What is due is another time now.
                Reached::ClockWasSet => continue,
            },
            () = shared.runs.woken(&id) => {}
            () = stopped(stopping.clone()) => return,
        }
        let Ok(place) = shared.parallel.acquire().await else {
            return;
        };
        if is_paused(&shared.workshop.archive, &id).await {
            continue;
        }
        shared.runs.set(&id, |state| state.running = true);
        let ran = harvest::run(&shared.workshop, source, RunOptions::default(), |_| {}).await;
        // A slow mail server holds no other source up.
        drop(place);
        post.tell(&shared.workshop.archive).await;
        shared.runs.ended.send_modify(|ended| *ended += 1);
        match ran {
            Ok(_) => failed = 0,
            Err(error) => {
                let pause = pause_after(failed);
                failed = failed.saturating_add(1);
                shared.runs.set(&id, |state| state.running = false);
                tracing::error!(source = %id, %error, "the run could not be carried out; it is tried again in {} min", pause.as_secs() / 60);
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    () = shared.runs.woken(&id) => {}
                    () = stopped(stopping.clone()) => return,
                }
                shared.runs.wake(&id);
            }
        }
    }
}

/// Pushes to one target whenever it is due, one push after the other.
async fn supply(supply: Supply, mut ended: watch::Receiver<u64>, stopping: watch::Receiver<bool>) {
    if !supply.is_scheduled() {
        return;
    }
    loop {
        let due = supply.next_due();
        tokio::select! {
            reached = reach(due) => if reached == Reached::ClockWasSet { continue },
            changed = ended.changed(), if supply.follows_runs() => if changed.is_err() { return },
            () = stopped(stopping.clone()) => return,
        }
        // It is dropped where it is when the program ends: what is noted of each batch lets the next push go on.
        tokio::select! {
            () = supply.push() => {}
            () = stopped(stopping.clone()) => return,
        }
    }
}

/// How long to wait after so many runs before this one that could not be carried out either: five minutes, and up to an hour.
fn pause_after(failed: u32) -> Duration {
    Duration::from_secs(300_u64.saturating_mul(2_u64.saturating_pow(failed)))
        .min(Duration::from_secs(3600))
}

async fn is_paused(archive: &Archive, id: &SourceId) -> bool {
    match archive.paused(id).await {
        Ok(pause) => pause.is_some(),
        Err(error) => {
            tracing::error!(source = %id, %error, "nobody knows whether the source is paused");
            false
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Reached {
    Due,
    /// It was set back, so that the time we wait for may be years away.
    ClockWasSet,
}

/// Waits for a time of the clock, which may be set while we wait.
async fn reach(due: Option<DateTime<Utc>>) -> Reached {
    let Some(due) = due else {
        return std::future::pending().await;
    };
    let mut latest = Utc::now();
    loop {
        let now = Utc::now();
        if let Some(reached) = look(due, latest, now) {
            return reached;
        }
        latest = latest.max(now);
        let left = (due - now).to_std().unwrap_or_default();
        tokio::time::sleep(left.min(Duration::from_secs(30))).await;
    }
}

/// What the clock says now, where `latest` is the latest time that it showed.
fn look(due: DateTime<Utc>, latest: DateTime<Utc>, now: DateTime<Utc>) -> Option<Reached> {
    if now >= due {
        Some(Reached::Due)
    } else if now < latest - SET_BACK {
        Some(Reached::ClockWasSet)
    } else {
        None
    }
}

/// What a clock that is kept right goes back at most at once.
const SET_BACK: TimeDelta = TimeDelta::minutes(1);

fn site(
    instance: &Instance,
    administration: Option<Arc<dyn publish::Administration>>,
    token: String,
) -> anyhow::Result<Site> {
    let catalogue = &instance.loaded.main.catalogue;
    let minter = Minter::new(instance.loaded.base.clone());
    let projector = instance
        .workshop
        .projector
        .clone()
        .context("the graph store is not open")?;
    let settings = &instance.loaded.main.sparql;
    let sparql = SparqlSettings {
        timeout: settings.timeout.0,
        max_result_bytes: settings.max_result,
        workers: settings.workers,
        worker_memory: settings.worker_memory,
        queue: settings.queue,
        ..SparqlSettings::default()
    };
    let told = instance.loaded.main.graph.provenance;
    let provenance = told.then(|| Names::new(minter.base()).graph().into_string());
    let access = Access {
        catalogue: Some(minter.catalogue().into_string()),
        public: provenance.iter().cloned().collect(),
    };
    let queries = query_service(projector.graph().clone(), access, &instance.layout, &sparql)?;
    let service = SparqlService::new(queries, &format!("{}sparql", minter.base()), &sparql)
        .with_graphs(provenance.as_slice());
    Ok(Site {
        archive: instance.archive().clone(),
        title: catalogue.title.clone(),
        description: catalogue.description.clone(),
        publisher: catalogue.publisher.clone(),
        language: catalogue.language.clone(),
        sources: instance.loaded.sources.iter().map(card).collect(),
        sparql: service,
        queries: instance.loaded.queries.clone(),
        csw: instance.loaded.main.csw.enabled,
        oai_pmh: instance.loaded.main.oai_pmh.served(),
        ldes: instance.loaded.main.ldes.enabled,
        ogc_records: instance.loaded.main.ogc_records.enabled,
        search: instance
            .indexer
            .as_ref()
            .map(|indexer| indexer.index().clone()),
        readiness: Some(Arc::new(Following {
            archive: instance.archive().clone(),
            projector,
            indexer: instance.indexer.clone(),
        })),
        administration,
        token: Some(token),
        minter,
    })
}

fn card(file: &SourceFile) -> SourceCard {
    SourceCard {
        id: file.id.clone(),
        title: file.config.title.clone(),
        address: None,
        connector: file.config.connector.get_ref().name().to_owned(),
        schedule: file
            .config
            .schedule
            .as_ref()
            .map(|schedule| schedule.get_ref().clone()),
        enabled: file.config.enabled,
    }
}

/// Queries run in processes of their own, which can be killed, on checkpoints of the store.
#[cfg(feature = "rocksdb")]
fn query_service(
    graph: Graph,
    access: Access,
    layout: &Layout,
    sparql: &SparqlSettings,
) -> anyhow::Result<QueryService> {
    let checkpoints = layout.checkpoints();
    std::fs::create_dir_all(&checkpoints)?;
    let arguments = vec!["sparql-worker".into(), checkpoints.clone().into_os_string()];
    let mut settings = graph::PoolSettings::new(std::env::current_exe()?, arguments, checkpoints);
    // Else the allocator would take a gigabyte at once, which counts against the worker's limit.
    settings.environment = vec![("MIMALLOC_ARENA_EAGER_COMMIT", "0")];
    settings.workers = sparql.workers;
    settings.memory = sparql.worker_memory;
    settings.access = access;
    Ok(QueryService::Workers(graph::Pool::new(graph, settings)?))
}

#[cfg(not(feature = "rocksdb"))]
fn query_service(
    graph: Graph,
    access: Access,
    _layout: &Layout,
    _sparql: &SparqlSettings,
) -> anyhow::Result<QueryService> {
    Ok(QueryService::local(graph, access))
}

/// Ready when neither graph store nor search index is far behind the archive.
struct Following {
    archive: Archive,
    projector: Projector,
    indexer: Option<Indexer>,
}

/// How many changes a store may be behind: what a run delivers within seconds.
const BEHIND: i64 = 50_000;

impl Readiness for Following {
    fn ready(&self) -> futures::future::BoxFuture<'_, Result<(), String>> {
        Box::pin(async {
            let last = self
                .archive
                .last_change()
                .await
                .map_err(|error| error.to_string())?
                .map_or(0, |(seq, _)| seq);
            let status = self.projector.status();
            if let Some(why) = status.failure {
                return Err(format!(
                    "the graph store does not follow the archive, and tries again: {why}"
                ));
            }
            let indexed = self.indexer.as_ref().map(Indexer::applied);
            for (store, applied) in [
                ("graph store", Some(status.applied)),
                ("search index", indexed),
            ] {
                let behind = applied.map_or(0, |applied| last - applied);
                if behind > BEHIND {
                    return Err(format!(
                        "the {store} is {behind} changes behind the archive"
                    ));
                }
            }
            Ok(())
        })
    }
}

/// The token of the administration routes: configured, or made once and kept in a file that only the owner can read.
fn admin_token(instance: &Instance) -> anyhow::Result<String> {
    if let Some(secret) = &instance.loaded.main.server.admin_token {
        return secret
            .read()
            .map_err(|error| anyhow::anyhow!("the administration token: {error}"));
    }
    let path = instance.layout.admin_token();
    if let Ok(token) = std::fs::read_to_string(&path)
        && !token.trim().is_empty()
    {
        return Ok(token.trim().to_owned());
    }
    let token = format!(
        "{}{}",
        uuid::Uuid::new_v4().simple(),
        uuid::Uuid::new_v4().simple()
    );
    write_private(&path, &token).with_context(|| path.display().to_string())?;
    Ok(token)
}

fn write_private(path: &std::path::Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_back_does_not_put_a_run_off_for_years() {
        let now: DateTime<Utc> = "2026-03-01T03:00:00Z".parse().unwrap();
        let due = now + TimeDelta::days(1);
        assert_eq!(look(due, now, now), None);
        assert_eq!(look(due, now, due), Some(Reached::Due));
        assert_eq!(
            look(due, now, now - TimeDelta::days(3650)),
            Some(Reached::ClockWasSet)
        );
        // What a time server corrects is no reason to begin anew.
        assert_eq!(look(due, now, now - TimeDelta::seconds(2)), None);
        assert_eq!(
            look(due, now, now + TimeDelta::days(3650)),
            Some(Reached::Due)
        );
    }

    #[test]
    fn runs_that_fail_again_and_again_are_tried_more_and_more_seldom() {
        let minutes = |failed| pause_after(failed).as_secs() / 60;
        assert_eq!((minutes(0), minutes(1), minutes(9)), (5, 10, 60));
        assert_eq!(minutes(u32::MAX), 60);
    }
}
