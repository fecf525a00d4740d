//! What a person decides about runs: `release`, `stop`, `undo`, `resume`.

use anyhow::bail;
use archive::{Again, StopRequest, UndoPlan};
use chrono::Utc;
use model::{RunId, SourceId};
use serde_json::json;

use crate::chosen::find;
use crate::cli::Global;
use crate::instance::{Instance, Layout, Lock, load, open_archive};
use crate::{DONE, output};

pub async fn release(
    global: &Global,
    source: &SourceId,
    reason: Option<&str>,
) -> anyhow::Result<u8> {
    let loaded = load(global)?;
    find(&loaded, source)?;
    let archive = open_archive(&Layout::new(&global.data)?, &loaded).await?;
    if !archive.release(source, reason).await? {
        bail!("the deletion guard holds nothing of source `{source}`");
    }
    output::print(&if global.json {
        format!(
            "{}\n",
            json!({ "source": source, "released": true, "reason": reason })
        )
    } else {
        format!("released: the next complete run of `{source}` may remove what it does not see\n")
    })?;
    Ok(DONE)
}

pub async fn stop(global: &Global, run: i64) -> anyhow::Result<u8> {
    let loaded = load(global)?;
    let layout = Layout::new(&global.data)?;
    let archive = open_archive(&layout, &loaded).await?;
    let run = RunId(run);
    match archive.ask_to_stop(run).await? {
        StopRequest::Asked => {}
        StopRequest::Ended(outcome) => bail!("run {run} has ended: {}", outcome.as_str()),
        StopRequest::Unknown => bail!("there is no run {run}; `moisson runs` lists them"),
    }
    // Whoever carries a run out has the directory: if nobody has, the run is only left from one.
    let alive = match Lock::take(&layout) {
        Ok(_lock) => {
            archive.close_interrupted_runs(Utc::now()).await?;
            false
        }
        Err(_) => true,
    };
    output::print(&if global.json {
        format!(
            "{}\n",
            json!({ "run": run, "asked": alive, "ended": !alive })
        )
    } else if alive {
        format!("asked: run {run} ends within some seconds; `moisson runs --run {run}` shows it\n")
    } else {
        format!("ended: the program that carried out run {run} was gone already\n")
    })?;
    Ok(DONE)
}

pub async fn undo(global: &Global, run: i64, dry_run: bool) -> anyhow::Result<u8> {
    let loaded = load(global)?;
    let run = RunId(run);
    if dry_run {
        let archive = open_archive(&Layout::new(&global.data)?, &loaded).await?;
        let plan = archive.undo_plan(run).await?;
        output::print(&if global.json {
            format!("{}\n", plan_json(&plan))
        } else {
            plan_text(&plan)
        })?;
        return Ok(DONE);
    }
    let instance = Instance::open(global, loaded).await?;
    let worked = undo_run(&instance, global, run).await;
    instance.close_after(worked).await
}

async fn undo_run(instance: &Instance, global: &Global, run: RunId) -> anyhow::Result<u8> {
    let plan = instance.archive().undo_plan(run).await?;
    let language = instance.loaded.language_of(&plan.source);
    let bar = output::progress("undo", !global.json);
    let report = harvest::undo(&instance.workshop, run, &language, |report| {
        bar.set_position(report.seen + report.withdrawn);
    })
    .await?;
    bar.finish_and_clear();
    output::print(&if global.json {
        format!("{}\n", serde_json::to_string(&report)?)
    } else {
        format!(
            "{}\nsource `{}` is paused: `moisson resume {}` lets it be harvested again\n",
            output::run_line(&report),
            plan.source,
            plan.source
        )
    })?;
    Ok(DONE)
}

fn plan_json(plan: &UndoPlan) -> serde_json::Value {
    json!({
        "run": plan.run, "source": plan.source, "dry_run": true,
        "return": plan.count(Again::Return), "earlier": plan.count(Again::Remake), "noted": plan.count(Again::Note),
        "withdraw": plan.count(Again::Withdraw) + plan.created.len() as u64, "withheld": plan.count(Again::Withheld),
    })
}

fn plan_text(plan: &UndoPlan) -> String {
    let mut text = format!(
        "undoing run {} of {} would (dry run, nothing written):\n",
        plan.run, plan.source
    );
    for (figure, what) in [
        (plan.count(Again::Return), "bring back that it withdrew"),
        (
            plan.count(Again::Remake),
            "give the form that they had before it",
        ),
        (
            plan.count(Again::Note),
            "note as they were, such as present and not missing",
        ),
        (
            plan.count(Again::Withdraw) + plan.created.len() as u64,
            "withdraw that it brought",
        ),
        (
            plan.count(Again::Withheld),
            "leave out, since their source keeps them from the public",
        ),
    ] {
        if figure > 0 {
            text.push_str(&format!("  {figure} records: {what}\n"));
        }
    }
    text
}

pub async fn resume(global: &Global, source: &SourceId) -> anyhow::Result<u8> {
    let loaded = load(global)?;
    find(&loaded, source)?;
    let archive = open_archive(&Layout::new(&global.data)?, &loaded).await?;
    if !archive.resume(source).await? {
        bail!("source `{source}` is not paused");
    }
    output::print(&if global.json {
        format!("{}\n", json!({ "source": source, "resumed": true }))
    } else {
        format!("resumed: `{source}` is harvested on its schedule again\n")
    })?;
    Ok(DONE)
}
