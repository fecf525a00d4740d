//! Commands about identity: `merge`, `split`, `decisions`.

use anyhow::Context;
use archive::{Decided, Party, Relation};
use publish::{Merge, Split};
use serde::Serialize;
use serde_json::{Value, json};

use crate::ask::Daemon;
use crate::cli::{Global, Shown};
use crate::instance::{Instance, Layout, Lock, load, open_archive};
use crate::output::printable;
use crate::{DONE, identity, output};

/// Makes entities one.
pub async fn merge(global: &Global, entities: &[String], reason: &str) -> anyhow::Result<u8> {
    let said = Merge {
        entities: entities.to_vec(),
        reason: reason.to_owned(),
    };
    if let Some(entity) = of_the_daemon(global, "/admin/identity/merge", &said).await? {
        return told(global, &entity);
    }
    let instance = Instance::open(global, load(global)?).await?;
    let merged = identity::merge(&instance.workshop, &said).await;
    let entity = instance.close_after(merged.map_err(Into::into)).await?;
    told(global, &entity)
}

/// Parts a record from its entity.
pub async fn split(
    global: &Global,
    entity: &str,
    record: &str,
    reason: &str,
) -> anyhow::Result<u8> {
    let said = Split {
        entity: entity.to_owned(),
        record: record.to_owned(),
        reason: reason.to_owned(),
    };
    if let Some(entity) = of_the_daemon(global, "/admin/identity/split", &said).await? {
        return told(global, &entity);
    }
    let instance = Instance::open(global, load(global)?).await?;
    let parted = identity::split(&instance.workshop, &said).await;
    let entity = instance.close_after(parted.map_err(Into::into)).await?;
    told(global, &entity)
}

/// What the daemon made of it; `None` where no daemon has the data directory.
async fn of_the_daemon(
    global: &Global,
    path: &str,
    said: &impl Serialize,
) -> anyhow::Result<Option<String>> {
    let loaded = load(global)?;
    let layout = Layout::new(&global.data)?;
    let Err(_in_use) = Lock::take(&layout) else {
        return Ok(None);
    };
    let Some(daemon) = Daemon::of(&layout, &loaded)? else {
        return Ok(None);
    };
    let Some(answer) = daemon.ask(path, said).await? else {
        return Ok(None);
    };
    let entity = answer["entity"].as_str();
    entity
        .map(|entity| Some(entity.to_owned()))
        .context("the daemon gives an answer that is none: it is perhaps of another version")
}

fn told(global: &Global, iri: &str) -> anyhow::Result<u8> {
    output::print(&if global.json {
        format!("{}\n", json!({ "entity": iri }))
    } else {
        format!("{iri}\n")
    })?;
    Ok(DONE)
}

/// Lists what was decided: of one entity, or of all.
pub async fn decisions(
    global: &Global,
    entity: Option<&str>,
    shown: Shown,
    limit: u32,
) -> anyhow::Result<u8> {
    let loaded = load(global)?;
    let base = loaded.base.as_str().to_owned();
    let archive = open_archive(&Layout::new(&global.data)?, &loaded).await?;
    let decided = match entity {
        Some(entity) => {
            let key = identity::key(&base, entity).map_err(anyhow::Error::msg)?;
            archive.decisions_about(key).await?
        }
        None => {
            let relation = match shown {
                Shown::Proposed => Relation::Perhaps,
                Shown::Same => Relation::Same,
                Shown::Apart => Relation::Apart,
            };
            archive.decisions(relation, limit).await?
        }
    };
    archive.close().await;
    if global.json {
        let list: Vec<Value> = decided
            .iter()
            .map(|decided| as_json(&base, decided))
            .collect();
        output::print(&format!("{}\n", serde_json::to_string(&list)?))?;
        return Ok(DONE);
    }
    if decided.is_empty() {
        output::print("nothing was decided\n")?;
    }
    for decided in &decided {
        output::print(&as_text(&base, decided))?;
    }
    Ok(DONE)
}

fn as_text(base: &str, decided: &Decided) -> String {
    let name = |party: &Party| format!("{}/{}", party.source, printable(party.record.as_str()));
    // A person does not say how alike titles are, but why.
    let grounds = match (decided.is_of_person(), &decided.reason) {
        (true, Some(reason)) => format!("a person: {}", printable(reason)),
        (true, None) => "a person, who gave no reason".to_owned(),
        _ => format!("titles alike {:.0} %", decided.likeness * 100.0),
    };
    let mut text = format!(
        "{:8} {}  {}  {grounds}\n         {}  {}\n         {}  {}\n",
        decided.relation.as_str(),
        decided.rule.name(),
        decided.at.format("%Y-%m-%d"),
        decided.a.entity.iri(base),
        name(&decided.a),
        decided.b.entity.iri(base),
        name(&decided.b),
    );
    for shared in &decided.shared {
        text.push_str(&format!("         both: {}\n", printable(shared)));
    }
    text
}

fn as_json(base: &str, decided: &Decided) -> Value {
    let party = |party: &Party| json!({ "source": party.source, "record": party.record, "entity": party.entity.iri(base) });
    json!({
        "relation": decided.relation.as_str(), "rule": decided.rule.name(), "at": decided.at,
        "likeness": (!decided.is_of_person()).then_some(decided.likeness),
        "shared": decided.shared, "reason": decided.reason, "records": [party(&decided.a), party(&decided.b)],
    })
}
