//! Plans: `moisson harvest --dry-run` and `--save-plan`, and `moisson apply`.

mod shown;

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use archive::{Archive, ArchiveError};
use futures::TryStreamExt;
use harvest::plan::{Bytestream, Head, Plan, PlanError, PlanReader, PlanWriter, Saving};
use harvest::{RunOptions, Source, Workshop};
use model::{Checksum, Outcome, SourceId};
use serde_json::{Value, json};

use self::shown::Shown;
use super::harvest::{Asked, exit_code, paused, print, print_text};
use crate::chosen::{chosen, find};
use crate::cli::Global;
use crate::config::{Loaded, SourceFile};
use crate::instance::{Fetchers, Instance, Layout, Lock, load, onlooker};
use crate::post::Post;
use crate::scratch::Scratch;
use crate::{DONE, STALE, output};

/// What a plan and whoever applies it have to agree on.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Prints the plans of runs, and saves one where that is asked.
pub async fn plan(global: &Global, named: &[SourceId], asked: &Asked) -> anyhow::Result<u8> {
    if asked.save_plan.is_some() && named.len() != 1 {
        bail!("a plan is of one source: write `moisson harvest SOURCE --save-plan FILE`");
    }
    let loaded = load(global)?;
    let layout = Layout::new(&global.data)?;
    let workshop = onlooker(&layout, &loaded).await?;
    let rules = workshop.archive.rules().await?;
    if !rules.is_empty() && rules != normalise::VERSION {
        tracing::warn!(
            "the catalogue was made with other rules than this version's, so plans are of what is new or changed alone: run `moisson rebuild`"
        );
    }
    let fetchers = Fetchers::new(&loaded)?;
    let mut code = DONE;
    for file in chosen(&loaded.sources, named)? {
        let source = fetchers.source(&loaded, file)?;
        is_free(&layout, &workshop.archive, &source.id).await?;
        let scratch = Scratch::copy(&layout, &workshop.archive).await?;
        let made = plan_source(
            global,
            &workshop,
            (&loaded, file),
            &source,
            scratch.1,
            asked,
        )
        .await;
        code = code.max(made?);
    }
    workshop.archive.close().await;
    Ok(code)
}

/// Whether no run goes on that would make a plan old before it is made.
async fn is_free(layout: &Layout, archive: &Archive, source: &SourceId) -> anyhow::Result<()> {
    match archive.lease(source).await? {
        // Left by a program that is gone, if nobody has the directory.
        Some(lease) if Lock::take(layout).is_err() => {
            Err(ArchiveError::Leased(Box::new(lease)).into())
        }
        _ => Ok(()),
    }
}

async fn plan_source(
    global: &Global,
    workshop: &Workshop,
    (loaded, file): (&Loaded, &SourceFile),
    source: &Source<fetch::Fetcher>,
    copy: Archive,
    asked: &Asked,
) -> anyhow::Result<u8> {
    let target = asked.save_plan.as_deref().map(Target::new).transpose()?;
    let saving = match &target {
        Some(target) => Some(Saving {
            sink: Box::new(target.file.reopen()?),
            moisson: VERSION.to_owned(),
            config: configured(loaded, file)?,
        }),
        None => None,
    };
    let bar = output::progress(&file.config.title, !global.json);
    let options = RunOptions { full: asked.full };
    let planned = harvest::plan::plan(workshop, copy, source, options, saving, |report| {
        bar.set_position(report.seen);
    });
    let (plan, writer) = planned.await?;
    bar.finish_and_clear();
    let saved = show(global, &plan, asked.verbose, writer).await?;
    if let Some(target) = target {
        let path = target.path.display().to_string();
        if plan.report.outcome == Outcome::Failed {
            tracing::error!("{path} was not written: nothing of the source could be read");
        } else if saved {
            target.keep()?;
            if !global.json {
                output::print(&format!(
                    "\nsaved: `moisson apply {path}` does exactly this\n"
                ))?;
            }
        }
    }
    plan.copy.close().await;
    Ok(exit_code(&plan.report))
}

/// Prints a plan, and writes its entries. Gives whether it was written.
async fn show(
    global: &Global,
    plan: &Plan,
    verbose: bool,
    mut writer: Option<PlanWriter>,
) -> anyhow::Result<bool> {
    let shown = Shown::new(verbose);
    let mut walk = plan.walk(verbose).await?;
    if !global.json {
        output::print(&shown.heading(&plan.report))?;
    }
    loop {
        let entries = walk.next().await?;
        if entries.is_empty() {
            break;
        }
        let mut text = String::new();
        for entry in &entries {
            if let Some(writer) = &mut writer {
                writer.entry(entry).context("the plan cannot be written")?;
            }
            text.push_str(&match global.json {
                true => format!("{}\n", serde_json::to_string(entry)?),
                false => shown.entry(entry),
            });
        }
        output::print(&text)?;
    }
    let summary = walk.summary();
    if global.json {
        let mut findings = plan.copy.findings(plan.report.run);
        while let Some(finding) = findings.try_next().await? {
            output::print(&format!("{}\n", typed("finding", &finding)?))?;
        }
        output::print(&format!("{}\n", typed("summary", &summary)?))?;
    } else {
        output::print(&shown.summary(&summary))?;
        print_text(&plan.copy, &plan.report).await?;
    }
    let is_saved = writer.is_some();
    if let Some(writer) = writer {
        writer.finish().context("the plan cannot be written")?;
    }
    Ok(is_saved)
}

fn typed(name: &str, value: &impl serde::Serialize) -> anyhow::Result<Value> {
    let mut object = json!({ "type": name });
    if let (Value::Object(into), Value::Object(from)) = (&mut object, serde_json::to_value(value)?)
    {
        into.extend(from);
    }
    Ok(object)
}

/// A checksum of all that is configured and that what comes of a source depends on.
fn configured(loaded: &Loaded, file: &SourceFile) -> anyhow::Result<String> {
    let path = (file.directory.join("sources")).join(format!("{}.toml", file.id));
    let mut all = std::fs::read(&path).with_context(|| path.display().to_string())?;
    all.extend_from_slice(loaded.language_of(&file.id).as_bytes());
    for source in loaded.trust() {
        all.extend_from_slice(format!("\0{source}").as_bytes());
    }
    Ok(Checksum::of(&all).to_string())
}

/// A file that is there once it is whole.
struct Target {
    path: PathBuf,
    file: tempfile::NamedTempFile,
}

impl Target {
    fn new(path: &Path) -> anyhow::Result<Self> {
        if path.exists() {
            bail!("{} exists; nothing is overwritten", path.display());
        }
        let directory = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let file = tempfile::NamedTempFile::new_in(directory)
            .with_context(|| format!("{} cannot be written", path.display()))?;
        Ok(Self {
            path: path.to_owned(),
            file,
        })
    }

    fn keep(self) -> anyhow::Result<()> {
        self.file.as_file().sync_all()?;
        let kept = self.file.persist_noclobber(&self.path);
        kept.map_err(|error| error.error)
            .with_context(|| format!("{} cannot be written", self.path.display()))?;
        Ok(())
    }
}

/// Does what a plan says.
pub async fn apply(
    global: &Global,
    path: &Path,
    dry_run: bool,
    verbose: bool,
) -> anyhow::Result<u8> {
    let saved = Saved::open(path)?;
    let loaded = load(global)?;
    let applied = if dry_run {
        let layout = Layout::new(&global.data)?;
        let workshop = onlooker(&layout, &loaded).await?;
        look(global, &workshop, (&layout, &loaded), &saved, verbose).await
    } else {
        let instance = Instance::open(global, loaded).await?;
        let applied = apply_to(global, &instance, &saved).await;
        instance.close_after(applied).await
    };
    match applied {
        Err(error) if matches!(error.downcast_ref(), Some(PlanError::Stale(..))) => {
            output::failure(&error);
            Ok(STALE)
        }
        applied => applied,
    }
}

/// Shows a plan that is still true.
async fn look(
    global: &Global,
    workshop: &Workshop,
    (layout, loaded): (&Layout, &Loaded),
    saved: &Saved,
    verbose: bool,
) -> anyhow::Result<u8> {
    let file = find(loaded, &saved.head.source)?;
    let source = Fetchers::new(loaded)?.source(loaded, file)?;
    let (_scratch, plan) = again(workshop, (layout, loaded), file, &source, saved).await?;
    show(global, &plan, verbose, None).await?;
    plan.copy.close().await;
    Ok(exit_code(&plan.report))
}

async fn apply_to(global: &Global, instance: &Instance, saved: &Saved) -> anyhow::Result<u8> {
    let (workshop, loaded) = (&instance.workshop, &instance.loaded);
    let file = find(loaded, &saved.head.source)?;
    if let Some(why) = paused(instance.archive(), &file.id).await? {
        bail!("{why}");
    }
    let source = Fetchers::new(loaded)?.source(loaded, file)?;
    let (scratch, plan) = again(workshop, (&instance.layout, loaded), file, &source, saved).await?;
    plan.copy.close().await;
    drop(scratch);
    let bar = output::progress(&file.config.title, !global.json);
    let read = (saved.reader()?, &saved.head);
    let done = harvest::plan::apply(workshop, &source, read, |report| {
        bar.set_position(report.seen);
    })
    .await?;
    bar.finish_and_clear();
    Post::new(loaded, file).keep(instance.archive()).await;
    print(instance.archive(), &done.report, global.json).await?;
    Ok(exit_code(&done.report))
}

/// Makes a plan again, to see whether it is still true.
async fn again(
    workshop: &Workshop,
    (layout, loaded): (&Layout, &Loaded),
    file: &SourceFile,
    source: &Source<fetch::Fetcher>,
    saved: &Saved,
) -> anyhow::Result<(Scratch, Plan)> {
    let head = &saved.head;
    let config = configured(loaded, file)?;
    is_free(layout, &workshop.archive, &head.source).await?;
    harvest::plan::check(&workshop.archive, head, VERSION, &config).await?;
    let (scratch, copy) = Scratch::copy(layout, &workshop.archive).await?;
    let (read, shown) = ((saved.reader()?, head), saved.reader()?);
    let plan = harvest::plan::again(workshop, copy, source, read, shown).await?;
    Ok((scratch, plan))
}

/// A plan in its file, which was found whole.
struct Saved {
    file: Arc<File>,
    head: Head,
}

impl Saved {
    fn open(path: &Path) -> anyhow::Result<Self> {
        let shown = || path.display().to_string();
        let file = Arc::new(File::open(path).with_context(shown)?);
        let head = PlanReader::check(stream(&file)).with_context(shown)?;
        Ok(Self { file, head })
    }

    /// From the beginning; the head is read.
    fn reader(&self) -> anyhow::Result<PlanReader> {
        Ok(PlanReader::begin(stream(&self.file))?.0)
    }
}

/// The bytes of a file, whoever else reads it.
fn stream(file: &Arc<File>) -> Bytestream {
    Box::new(From0 {
        file: Arc::clone(file),
        at: 0,
    })
}

struct From0 {
    file: Arc<File>,
    at: u64,
}

impl std::io::Read for From0 {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.file.read_at(into, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}
