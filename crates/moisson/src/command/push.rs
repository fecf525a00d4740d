//! `moisson push`

use std::fs::{File, OpenOptions, TryLockError};

use anyhow::{Context, bail};
use archive::Archive;
use chrono::Utc;
use model::{Outcome, SourceId};
use push::{Catalogue, Job, Report};

use crate::chosen::chosen;
use crate::cli::Global;
use crate::config::{Fetch, Loaded, TargetFile};
use crate::instance::{Layout, load, open_archive};
use crate::output::printable;
use crate::{DONE, FAILED, REFUSALS, output};

/// Findings and entities of a plan that a person is shown; `--json` has them all.
const SHOWN: usize = 50;

pub async fn push(global: &Global, named: &[SourceId], dry_run: bool) -> anyhow::Result<u8> {
    let loaded = load(global)?;
    let layout = Layout::new(&global.data)?;
    let catalogue = catalogue(open_archive(&layout, &loaded).await?, &loaded);
    let mut code = DONE;
    for file in chosen(&loaded.targets, named)? {
        let bar = output::progress(&file.config.title, !global.json);
        let report = push_to(
            &layout,
            &loaded.main.fetch,
            &catalogue,
            file,
            dry_run,
            |report| {
                bar.set_position(
                    report.created + report.updated + report.deleted + report.unchanged,
                );
            },
        )
        .await?;
        bar.finish_and_clear();
        code = code.max(exit_code(report.outcome));
        output::print(&match global.json {
            true => format!("{}\n", serde_json::to_string(&report)?),
            false => shown(&report),
        })?;
    }
    Ok(code)
}

pub async fn release(global: &Global, target: &SourceId, reason: &str) -> anyhow::Result<u8> {
    let loaded = load(global)?;
    chosen(&loaded.targets, std::slice::from_ref(target))?;
    let archive = open_archive(&Layout::new(&global.data)?, &loaded).await?;
    let pushes = archive.last_pushes().await?;
    let last = pushes.iter().find(|row| row.target == target.as_str());
    let report: Option<Report> = last.and_then(|row| serde_json::from_str(&row.report).ok());
    if report.is_none_or(|report| report.held == 0) {
        bail!("the last push to `{target}` held nothing back");
    }
    archive.release_push(target.as_str(), reason).await?;
    output::print(&match global.json {
        true => format!(
            "{}\n",
            serde_json::json!({ "target": target, "released": true, "reason": reason })
        ),
        false => format!("released: the next push to `{target}` may delete what it holds back\n"),
    })?;
    Ok(DONE)
}

pub fn catalogue(archive: Archive, loaded: &Loaded) -> Catalogue {
    Catalogue {
        archive,
        base: loaded.base.as_str().to_owned(),
        language: loaded.main.catalogue.language.clone(),
        publisher: loaded.main.catalogue.publisher.clone(),
    }
}

/// One push, which no other to the same target runs beside; its report is kept.
pub async fn push_to(
    layout: &Layout,
    fetch: &Fetch,
    catalogue: &Catalogue,
    file: &TargetFile,
    dry_run: bool,
    progress: impl Fn(&Report),
) -> anyhow::Result<Report> {
    let _lease = match dry_run {
        true => None,
        false => Some(lease(layout, &file.id)?),
    };
    let job = Job {
        name: file.id.to_string(),
        address: file.config.target.get_ref().address(),
        target: file.target(fetch)?,
        selection: file.selection.clone(),
        guard: file.guard(),
    };
    let started = Utc::now();
    let report = push::push(catalogue, &job, dry_run, progress).await?;
    if !dry_run {
        let kept = serde_json::to_string(&report)?;
        catalogue
            .archive
            .save_push(&job.name, started, &kept)
            .await?;
    }
    Ok(report)
}

/// The right to push to a target, until the process that has it ends, however it ends.
fn lease(layout: &Layout, target: &SourceId) -> anyhow::Result<File> {
    let path = layout.root.join(format!("push-{target}.lock"));
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .with_context(|| path.display().to_string())?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            bail!("a push to `{target}` is going on in another moisson; wait for its end")
        }
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("{} cannot be locked", path.display()))
        }
    }
}

fn exit_code(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Complete => DONE,
        Outcome::Partial => REFUSALS,
        Outcome::Failed | Outcome::Running => FAILED,
    }
}

fn shown(report: &Report) -> String {
    let mut text = format!(
        "{}: {}{}; {} created, {} updated, {} deleted, {} unchanged, {} refused, {} held\n",
        report.target,
        report.outcome.as_str(),
        if report.dry_run {
            " (dry run, nothing sent)"
        } else {
            ""
        },
        report.created,
        report.updated,
        report.deleted,
        report.unchanged,
        report.refused,
        report.held,
    );
    let actions = report.plan.iter();
    list(
        &mut text,
        actions.map(|action| format!("  {} {}\n", action.what.sign(), printable(&action.entity))),
    );
    let findings = report.findings.iter();
    list(
        &mut text,
        findings.map(|told| {
            let entity = told.entity.as_deref();
            let entity = entity.map(|iri| format!(" [{}]", printable(iri)));
            format!(
                "  {}{}: {}\n",
                told.rule,
                entity.unwrap_or_default(),
                printable(&told.message)
            )
        }),
    );
    if let Some(reason) = &report.released {
        text.push_str(&format!("  released: {}\n", printable(reason)));
    }
    text
}

fn list(text: &mut String, mut lines: impl Iterator<Item = String>) {
    text.extend(lines.by_ref().take(SHOWN));
    let more = lines.count();
    if more > 0 {
        text.push_str(&format!("  … and {more} more: --json has them all\n"));
    }
}
