//! `moisson harvest`

use std::path::PathBuf;

use anyhow::bail;
use archive::Archive;
use futures::TryStreamExt;
use harvest::RunOptions;
use model::{Finding, Outcome, RunReport, Severity, SourceId};

use super::plan;
use crate::chosen::chosen;
use crate::cli::Global;
use crate::instance::{Fetchers, Instance, load};
use crate::output::printable;
use crate::post::Post;
use crate::{DONE, FAILED, REFUSALS, output};

/// Findings shown to a person; `--json` has them all.
const SHOWN: usize = 20;

/// What is asked of a harvest.
pub struct Asked {
    pub full: bool,
    /// Say what would change, and write nothing.
    pub dry_run: bool,
    /// Say it of everything in full.
    pub verbose: bool,
    /// Keep what would change, to be applied.
    pub save_plan: Option<PathBuf>,
}

pub async fn harvest(global: &Global, named: &[SourceId], asked: Asked) -> anyhow::Result<u8> {
    if asked.dry_run || asked.save_plan.is_some() {
        return plan::plan(global, named, &asked).await;
    }
    let instance = Instance::open(global, load(global)?).await?;
    let options = RunOptions { full: asked.full };
    let worked = harvest_sources(&instance, named, options, global.json).await;
    instance.close_after(worked).await
}

/// Harvests sources one after the other and prints their reports. The exit code is that of the worst.
pub async fn harvest_sources(
    instance: &Instance,
    named: &[SourceId],
    options: RunOptions,
    json: bool,
) -> anyhow::Result<u8> {
    let fetchers = Fetchers::new(&instance.loaded)?;
    let mut code = DONE;
    for file in chosen(&instance.loaded.sources, named)? {
        if let Some(why) = paused(instance.archive(), &file.id).await? {
            if !named.is_empty() {
                bail!("{why}");
            }
            tracing::warn!("{why}");
            continue;
        }
        let source = fetchers.source(&instance.loaded, file)?;
        let bar = output::progress(&file.config.title, !json);
        let result = harvest::run(&instance.workshop, &source, options, |report| {
            if let Some(announced) = report.announced {
                bar.set_length(announced);
            }
            bar.set_position(report.seen);
        })
        .await?;
        bar.finish_and_clear();
        Post::new(&instance.loaded, file)
            .keep(instance.archive())
            .await;
        code = code.max(exit_code(&result.report));
        print(instance.archive(), &result.report, json).await?;
    }
    Ok(code)
}

/// Why a source is not harvested, if a person has to resume it first.
pub async fn paused(archive: &Archive, source: &SourceId) -> anyhow::Result<Option<String>> {
    let pause = archive.paused(source).await?;
    Ok(pause.map(|pause| {
        format!(
            "source `{source}` is paused: {}; `moisson resume {source}` lets it be harvested again, `--dry-run` says what that would do",
            pause.reason
        )
    }))
}

/// Prints the report of a run with its findings.
pub async fn print(archive: &Archive, report: &RunReport, json: bool) -> anyhow::Result<()> {
    match json {
        true => print_json(archive, report).await,
        false => print_text(archive, report).await,
    }
}

pub fn exit_code(report: &RunReport) -> u8 {
    match report.outcome {
        Outcome::Failed | Outcome::Running => FAILED,
        Outcome::Partial => REFUSALS,
        Outcome::Complete if report.refused > 0 => REFUSALS,
        Outcome::Complete => DONE,
    }
}

/// One JSON object on one line: the figures, then `findings`, which are streamed since they may be many.
pub async fn print_json(archive: &Archive, report: &RunReport) -> anyhow::Result<()> {
    let figures = serde_json::to_string(report)?;
    let figures = figures.strip_suffix('}').unwrap_or(&figures);
    output::print(&format!("{figures},\"findings\":["))?;
    let mut comma = "";
    let mut findings = archive.findings(report.run);
    while let Some(finding) = findings.try_next().await? {
        output::print(&format!("{comma}{}", serde_json::to_string(&finding)?))?;
        comma = ",";
    }
    output::print("]}\n")
}

pub async fn print_text(archive: &Archive, report: &RunReport) -> anyhow::Result<()> {
    let mut text = output::run_line(report);
    text.push('\n');
    let mut shown = 0;
    let mut more = 0_u64;
    let mut findings = archive.findings(report.run);
    while let Some(finding) = findings.try_next().await? {
        if finding.severity == Severity::Info {
            continue;
        }
        if shown < SHOWN {
            shown += 1;
            text.push_str(&finding_line(&finding));
        } else {
            more += 1;
        }
    }
    if more > 0 {
        text.push_str(&match report.dry_run {
            true => format!("  … and {more} more: --json has them all\n"),
            false => format!("  … and {more} more: moisson runs --run {}\n", report.run),
        });
    }
    output::print(&text)
}

/// A finding on one line, its hint on a second.
pub fn finding_line(finding: &Finding) -> String {
    let mut line = format!("  {} {}", finding.severity.as_str(), finding.rule);
    if let Some(record) = &finding.record {
        line.push_str(&format!(" [{}]", printable(record.as_str())));
    }
    line.push_str(&format!(": {}", printable(&finding.message)));
    if let Some(value) = &finding.value {
        line.push_str(&format!(" — {value:?}"));
    }
    if let Some(place) = &finding.place {
        line.push_str(&format!(" at {}", printable(place)));
    }
    line.push('\n');
    if let Some(hint) = &finding.hint {
        line.push_str(&format!("      hint: {}\n", printable(hint)));
    }
    line
}
