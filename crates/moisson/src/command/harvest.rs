//! `moisson harvest`

use anyhow::bail;
use archive::Archive;
use futures::TryStreamExt;
use harvest::{RunOptions, RunResult};
use model::{Finding, Outcome, RunReport, Severity, SourceId};

use crate::cli::Global;
use crate::instance::{Fetchers, Instance, chosen, load};
use crate::output::printable;
use crate::post::Post;
use crate::{DONE, FAILED, REFUSALS, output};

/// Findings shown to a person; `--json` has them all.
const SHOWN: usize = 20;

pub async fn harvest(
    global: &Global,
    named: &[SourceId],
    dry_run: bool,
    full: bool,
) -> anyhow::Result<u8> {
    let instance = Instance::open(global, load(global)?).await?;
    let options = RunOptions { dry_run, full };
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
    for file in chosen(&instance.loaded, named)? {
        if let Some(pause) = instance.archive().paused(&file.id).await?
            && !options.dry_run
        {
            let why = format!(
                "source `{}` is paused: {}; `moisson resume {}` lets it be harvested again, `--dry-run` says what that would do",
                file.id, pause.reason, file.id
            );
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
        if !result.report.dry_run {
            Post::new(&instance.loaded, file)
                .keep(instance.archive())
                .await;
        }
        code = code.max(exit_code(&result.report));
        if json {
            print_json(instance.archive(), &result).await?;
        } else {
            print_text(instance.archive(), &result).await?;
        }
    }
    Ok(code)
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
pub async fn print_json(archive: &Archive, result: &RunResult) -> anyhow::Result<()> {
    let figures = serde_json::to_string(&result.report)?;
    let figures = figures.strip_suffix('}').unwrap_or(&figures);
    output::print(&format!("{figures},\"findings\":["))?;
    let mut first = true;
    let mut put = |finding: &Finding| -> anyhow::Result<()> {
        let comma = if std::mem::replace(&mut first, false) {
            ""
        } else {
            ","
        };
        output::print(&format!("{comma}{}", serde_json::to_string(finding)?))
    };
    if result.report.dry_run {
        result.findings.iter().try_for_each(&mut put)?;
    } else {
        let mut findings = archive.findings(result.report.run);
        while let Some(finding) = findings.try_next().await? {
            put(&finding)?;
        }
    }
    output::print("]}\n")
}

pub async fn print_text(archive: &Archive, result: &RunResult) -> anyhow::Result<()> {
    let report = &result.report;
    let mut text = output::run_line(report);
    text.push('\n');
    let mut shown = 0;
    let mut more = 0_u64;
    let mut put = |finding: &Finding| {
        if finding.severity == Severity::Info {
            return;
        }
        if shown < SHOWN {
            shown += 1;
            text.push_str(&finding_line(finding));
        } else {
            more += 1;
        }
    };
    if report.dry_run {
        result.findings.iter().for_each(&mut put);
    } else {
        let mut findings = archive.findings(report.run);
        while let Some(finding) = findings.try_next().await? {
            put(&finding);
        }
    }
    if more > 0 {
        text.push_str(&format!(
            "  … and {more} more: moisson runs --run {}\n",
            report.run
        ));
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
