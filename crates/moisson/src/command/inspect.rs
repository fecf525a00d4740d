//! Commands that look: `check`, `sources`, `runs`, `explain`.

use anyhow::bail;
use archive::Archive;
use chrono::Utc;
use model::{RunId, SourceId};
use serde_json::json;

use super::harvest::{finding_line, print_json};
use crate::chosen::find;
use crate::cli::Global;
use crate::config::{Loaded, SourceFile};
use crate::instance::{Layout, load, open_archive};
use crate::plans::Plans;
use crate::{DONE, FAILED, config, output};

pub fn check(global: &Global) -> anyhow::Result<u8> {
    let faults = match config::load(&global.config) {
        Ok(loaded) => {
            if global.json {
                output::print("[]\n")?;
            } else {
                let enabled = loaded
                    .sources
                    .iter()
                    .filter(|source| source.config.enabled)
                    .count();
                output::print(&format!(
                    "{}: no fault; {} sources, {enabled} enabled; {} queries\n",
                    global.config.display(),
                    loaded.sources.len(),
                    loaded.queries.len()
                ))?;
                if let Some(mail) = &loaded.main.mail
                    && let Err(error) = mail.settings()
                {
                    output::print(&format!("note: no mail can be sent from here: {error}\n"))?;
                }
                for source in &loaded.sources {
                    if let Some(credentials) = &source.config.credentials
                        && let Err(error) = credentials.secret.read()
                    {
                        output::print(&format!(
                            "note: source `{}` cannot be harvested from here: {error}\n",
                            source.id
                        ))?;
                    }
                }
            }
            return Ok(DONE);
        }
        Err(faults) => faults,
    };
    if global.json {
        let list: Vec<_> = faults
            .iter()
            .map(|fault| json!({ "file": fault.file, "line": fault.at.map(|at| at.0), "column": fault.at.map(|at| at.1), "message": fault.message }))
            .collect();
        output::print(&format!("{}\n", serde_json::to_string(&list)?))?;
    } else {
        for fault in &faults {
            output::print(&format!("{fault}\n"))?;
        }
    }
    Ok(FAILED)
}

pub fn next_run(loaded: &Loaded, file: &SourceFile) -> Option<chrono::DateTime<Utc>> {
    let plans = Plans::new(loaded, file);
    let next = plans.next(&file.id, Utc::now());
    next.filter(|_| file.config.enabled)
}

pub async fn sources(global: &Global) -> anyhow::Result<u8> {
    let loaded = load(global)?;
    let archive = open_archive(&Layout::new(&global.data)?, &loaded).await?;
    let mut list = Vec::new();
    let mut rows = vec![
        [
            "source",
            "connector",
            "state",
            "records",
            "reads",
            "last run",
            "next run",
        ]
        .map(str::to_owned)
        .to_vec(),
    ];
    for file in &loaded.sources {
        let last = archive.runs(Some(&file.id), 1).await?.into_iter().next();
        let (present, missing, withdrawn, refused) = archive.record_counts(&file.id).await?;
        let next = next_run(&loaded, file);
        let paused = archive.paused(&file.id).await?;
        let connector = file.config.connector.get_ref().name();
        let changes = changes(&archive, file).await?;
        rows.push(vec![
            file.id.to_string(),
            connector.to_owned(),
            match &paused {
                _ if !file.config.enabled => "disabled",
                Some(_) => "paused",
                None => "enabled",
            }
            .to_owned(),
            present.to_string(),
            changes.shown,
            last.as_ref().map_or_else(
                || "never".to_owned(),
                |run| {
                    format!(
                        "{} {}",
                        run.outcome.as_str(),
                        run.started.format("%Y-%m-%d %H:%M")
                    )
                },
            ),
            match (&paused, next) {
                (Some(pause), _) => format!(
                    "after `moisson resume {}` (paused {}: {})",
                    file.id,
                    pause.since.format("%Y-%m-%d"),
                    output::printable(&pause.reason)
                ),
                (None, None) => "on demand".to_owned(),
                (None, Some(next)) => next.format("%Y-%m-%d %H:%M UTC").to_string(),
            },
        ]);
        list.push(json!({
            "source": file.id, "title": file.config.title, "connector": connector, "enabled": file.config.enabled,
            "schedule": file.config.schedule.as_ref().map(|schedule| schedule.get_ref().clone()), "next": next.filter(|_| paused.is_none()),
            "full": file.config.full.as_ref().map(|full| full.get_ref().clone()), "changes": changes.told,
            "paused": paused.as_ref().map(|pause| json!({ "since": pause.since, "reason": pause.reason })),
            "records": { "present": present, "missing": missing, "withdrawn": withdrawn, "refused": refused }, "last": last,
        }));
    }
    output::print(&if global.json {
        format!("{}\n", serde_json::to_string(&list)?)
    } else {
        output::table(&rows)
    })?;
    Ok(DONE)
}

/// Whether a source is asked for changes only.
struct Changes {
    shown: String,
    /// `null` where the connector or the configuration does not.
    told: serde_json::Value,
}

async fn changes(archive: &Archive, file: &SourceFile) -> anyhow::Result<Changes> {
    let incremental = file.connector.incremental();
    if !incremental.asks() {
        return Ok(Changes {
            shown: "everything".to_owned(),
            told: serde_json::Value::Null,
        });
    }
    let probe = archive.probe(&file.id).await?;
    let distrust = match &probe {
        Some(probe) => probe.distrust(incremental),
        None => Some("the source was not asked yet".to_owned()),
    };
    let figures = probe.as_ref().map(|probe| {
        let compared = probe.compared.as_ref().map(|compared| {
            json!({ "at": compared.at, "changes": compared.changes, "missed": compared.missed })
        });
        json!({ "at": probe.at, "total": probe.total, "since_1970": probe.past, "since_a_time_to_come": probe.future, "compared": compared })
    });
    let shown = match (&distrust, &probe) {
        (None, _) => "changes".to_owned(),
        (Some(_), None) => "everything".to_owned(),
        (Some(why), Some(_)) => format!("everything: {}", output::printable(why)),
    };
    Ok(Changes {
        shown,
        told: json!({ "asked": distrust.is_none(), "why_not": distrust, "probe": figures }),
    })
}

pub async fn runs(
    global: &Global,
    source: Option<&SourceId>,
    run: Option<i64>,
    limit: u32,
) -> anyhow::Result<u8> {
    let loaded = load(global)?;
    let archive = open_archive(&Layout::new(&global.data)?, &loaded).await?;
    if let Some(id) = run {
        let Some(report) = archive.run(RunId(id)).await? else {
            bail!("there is no run {id}; `moisson runs` lists them")
        };
        if global.json {
            print_json(&archive, &report).await?;
            return Ok(DONE);
        }
        output::print(&format!("{}\n", output::run_line(&report)))?;
        let mut findings = archive.findings(report.run);
        while let Some(finding) = futures::TryStreamExt::try_next(&mut findings).await? {
            output::print(&finding_line(&finding))?;
        }
        return Ok(DONE);
    }
    if let Some(id) = source {
        find(&loaded, id)?;
    }
    let reports = archive.runs(source, limit).await?;
    if global.json {
        output::print(&format!("{}\n", serde_json::to_string(&reports)?))?;
    } else if reports.is_empty() {
        output::print("no run yet; `moisson harvest SOURCE` makes one\n")?;
    } else {
        for report in &reports {
            output::print(&format!(
                "{} {}\n",
                report.started.format("%Y-%m-%d %H:%M"),
                output::run_line(report)
            ))?;
        }
    }
    Ok(DONE)
}

pub fn explain(global: &Global, rule: Option<&str>) -> anyhow::Result<u8> {
    match rule {
        Some(name) => {
            let Some(page) = normalise::explain(name) else {
                bail!("there is no rule `{name}`; `moisson explain` lists them")
            };
            output::print(&if global.json {
                format!("{}\n", json!({ "rule": name, "page": page }))
            } else {
                format!("{}\n", page.trim_end())
            })?;
        }
        None if global.json => {
            let list: Vec<_> = normalise::rules()
                .map(|(rule, title)| json!({ "rule": rule, "title": title }))
                .collect();
            output::print(&format!("{}\n", serde_json::to_string(&list)?))?;
        }
        None => {
            let rows: Vec<_> = normalise::rules()
                .map(|(rule, title)| vec![rule.to_owned(), title.to_owned()])
                .collect();
            output::print(&output::table(&rows))?;
        }
    }
    Ok(DONE)
}
