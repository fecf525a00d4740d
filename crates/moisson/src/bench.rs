//! `moisson bench`: the whole way of the data, from a generated portal on loopback to the graph store, in figures.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use harvest::{RunOptions, RunResult, Timings};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

use crate::chosen::chosen;
use crate::cli::Global;
use crate::instance::{Fetchers, Instance, load};
use crate::{DONE, output};

const SEED: u64 = 1;

/// Serves the generated portal until its standard input is closed, and prints its address.
pub async fn portal(datasets: u64, directory: &Path) -> anyhow::Result<u8> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    output::print(&format!("http://{address}/\n"))?;
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    tokio::select! {
        served = demo::serve_world(listener, demo::World::new(datasets, SEED), directory) => served?,
        // The parent has gone.
        _ = async { while let Ok(Some(_)) = lines.next_line().await {} } => {}
    }
    Ok(DONE)
}

pub async fn bench(
    global: &Global,
    datasets: u64,
    page_size: u32,
    keep: Option<PathBuf>,
    provenance: bool,
) -> anyhow::Result<u8> {
    let temporary = tempfile::tempdir()?;
    let root = keep.unwrap_or_else(|| temporary.path().to_owned());
    if root.join("data/archive.sqlite").exists() {
        bail!(
            "{} holds an instance already; give an empty directory",
            root.display()
        );
    }
    let portal = Portal::start(datasets, &temporary.path().join("portal")).await?;
    write_configuration(&root.join("config"), &portal.url, page_size, provenance)?;
    let global = Global {
        config: root.join("config"),
        data: root.join("data"),
        json: global.json,
        log: global.log.clone(),
        log_format: global.log_format,
    };

    let instance = Instance::open(&global, load(&global)?).await?;
    let measured = measure_all(&instance, &portal, datasets, global.json).await;
    let (passes, triples) = instance.close_after(measured).await?;
    let disk = json!({ "archive": size(&root.join("data"), "archive"), "graph": size(&root.join("data"), "graph") });
    if global.json {
        let passes: Vec<Value> = passes.iter().map(Pass::json).collect();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        output::print(&format!(
            "{}\n",
            json!({ "datasets": datasets, "page_size": page_size, "cores": cores, "triples": triples, "bytes_on_disk": disk, "passes": passes })
        ))?;
    } else {
        output::print(&format!(
            "{} triples; on disk, in bytes: {disk}\n",
            triples.unwrap_or(0)
        ))?;
    }
    Ok(DONE)
}

/// The three passes, and the triples that the graph store has at their end.
async fn measure_all(
    instance: &Instance,
    portal: &Portal,
    datasets: u64,
    json: bool,
) -> anyhow::Result<(Vec<Pass>, Option<usize>)> {
    let mut passes = Vec::new();
    for (name, generation) in [("first", 0), ("unchanged", 0), ("one_percent_changed", 1)] {
        portal.turn(generation).await?;
        let pass = measure(instance, name, datasets).await?;
        if !json {
            output::print(&pass.line())?;
        }
        passes.push(pass);
    }
    let triples = instance
        .workshop
        .projector
        .as_ref()
        .map(|projector| projector.graph().count())
        .transpose()?;
    Ok((passes, triples))
}

struct Pass {
    name: &'static str,
    datasets: u64,
    took: Duration,
    peak_rss: u64,
    result: RunResult,
}

async fn measure(instance: &Instance, name: &'static str, datasets: u64) -> anyhow::Result<Pass> {
    let fetchers = Fetchers::new(&instance.loaded)?;
    let Some(file) = chosen(&instance.loaded.sources, &[])?.first().copied() else {
        bail!("the benchmark has no source")
    };
    let source = fetchers.source(&instance.loaded, file)?;
    forget_peak();
    let bar = output::progress(name, true);
    let began = Instant::now();
    let result = harvest::run(
        &instance.workshop,
        &source,
        RunOptions { full: true },
        |report| bar.set_position(report.seen),
    )
    .await?;
    let took = began.elapsed();
    bar.finish_and_clear();
    if result.report.seen != datasets {
        bail!(
            "the pass saw {} of {datasets} datasets: {}",
            result.report.seen,
            output::run_line(&result.report)
        );
    }
    Ok(Pass {
        name,
        datasets,
        took,
        peak_rss: peak_rss(),
        result,
    })
}

impl Pass {
    fn rate(&self) -> f64 {
        self.datasets as f64 / self.took.as_secs_f64()
    }

    fn json(&self) -> Value {
        let report = &self.result.report;
        json!({
            "pass": self.name, "seconds": self.took.as_secs_f64(), "datasets_per_second": self.rate(), "peak_rss_bytes": self.peak_rss,
            "outcome": report.outcome, "created": report.created, "updated": report.updated, "unchanged": report.unchanged,
            "seconds_in": seconds(&self.result.timings),
        })
    }

    fn line(&self) -> String {
        let report = &self.result.report;
        format!(
            "{:<20} {:>8.2} s  {:>9.0} datasets/s  peak {:>5} MB  created {}, updated {}, unchanged {}\n    seconds in {}\n",
            self.name,
            self.took.as_secs_f64(),
            self.rate(),
            self.peak_rss / 1_000_000,
            report.created,
            report.updated,
            report.unchanged,
            seconds(&self.result.timings),
        )
    }
}

fn seconds(timings: &Timings) -> Value {
    let Timings {
        fetch,
        read,
        compare,
        map,
        commit,
        project,
    } = timings;
    json!({
        "fetch": fetch.as_secs_f64(), "read": read.as_secs_f64(), "compare": compare.as_secs_f64(), "map": map.as_secs_f64(),
        "commit": commit.as_secs_f64(), "project": project.as_secs_f64(),
    })
}

/// The generated portal, in a process of its own.
struct Portal {
    url: String,
    _child: Child,
}

impl Portal {
    async fn start(datasets: u64, directory: &Path) -> anyhow::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("bench-portal")
            .arg("--datasets")
            .arg(datasets.to_string())
            .arg(directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let out = child.stdout.take().context("the portal has no output")?;
        let url = BufReader::new(out)
            .lines()
            .next_line()
            .await?
            .context("the portal did not start")?;
        Ok(Self { url, _child: child })
    }

    /// Turns the portal to a generation; it answers when the pages are there.
    async fn turn(&self, generation: u32) -> anyhow::Result<()> {
        let mut settings = fetch::Settings {
            allow_private: vec!["127.0.0.1".to_owned()],
            ..fetch::Settings::default()
        };
        settings.read_timeout = Duration::from_secs(900);
        settings.total_timeout = settings.read_timeout;
        let fetcher = fetch::Fetcher::new(settings)?;
        fetch::Fetch::fetch(
            &fetcher,
            &model::Request::get(format!("{}-/generation/{generation}", self.url), "*/*"),
        )
        .await?;
        Ok(())
    }
}

fn write_configuration(
    config: &Path,
    url: &str,
    page_size: u32,
    provenance: bool,
) -> anyhow::Result<()> {
    std::fs::create_dir_all(config.join("sources"))?;
    std::fs::write(
        config.join("moisson.toml"),
        format!(
            "base = \"https://donnees.example.org/\"\n\n[fetch]\nallow_private = [\"127.0.0.1\"]\ndelay = \"0s\"\n\n[graph]\nprovenance = {provenance}\n"
        ),
    )?;
    std::fs::write(
        config.join("sources/bench.toml"),
        format!(
            "title = \"Bench\"\n\n[connector.udata]\nurl = \"{url}\"\npage_size = {page_size}\n"
        ),
    )?;
    Ok(())
}

/// The largest resident set of this process since [`forget_peak`], in bytes; 0 where the system does not tell.
fn peak_rss() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok())
        .map_or(0, |kilobytes| kilobytes * 1024)
}

fn forget_peak() {
    // Where it cannot be reset, the peak is that of all passes so far.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// The bytes of the files whose path below the root begins so.
fn size(root: &Path, prefix: &str) -> u64 {
    let Ok(entries) = std::fs::read_dir(root) else {
        return 0;
    };
    entries
        .flatten()
        .filter(|entry| {
            prefix.is_empty() || entry.file_name().to_string_lossy().starts_with(prefix)
        })
        .map(|entry| {
            if entry.path().is_dir() {
                size(&entry.path(), "")
            } else {
                entry.metadata().map_or(0, |metadata| metadata.len())
            }
        })
        .sum()
}
