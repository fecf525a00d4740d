//! Commands about identity: `merge`, `split`, `decisions`.

use anyhow::{Context, bail};
use archive::{Decided, EntityKey, Party, Relation};
use harvest::DecideError;
use model::{RecordId, SourceId};
use serde_json::{Value, json};

use crate::cli::{Global, Shown};
use crate::instance::{Instance, Layout, load, open_archive};
use crate::output::printable;
use crate::{DONE, FAILED, output};

/// Makes entities one.
pub async fn merge(global: &Global, entities: &[String], reason: &str) -> anyhow::Result<u8> {
    let instance = Instance::open(global, load(global)?).await?;
    let worked = async {
        let base = instance.workshop.minter.base();
        let keys = entities
            .iter()
            .map(|entity| key(base, entity))
            .collect::<anyhow::Result<Vec<_>>>()?;
        told(
            global,
            base,
            harvest::merge(&instance.workshop, &keys, reason).await,
        )
    };
    let worked = worked.await;
    instance.close_after(worked).await
}

/// Parts a record from its entity.
pub async fn split(
    global: &Global,
    entity: &str,
    record: &str,
    reason: &str,
) -> anyhow::Result<u8> {
    let Some((source, record)) = record.split_once('/') else {
        bail!(
            "`{record}` names no record: write SOURCE/IDENTIFIER, as `moisson decisions ENTITY` shows them"
        );
    };
    let (source, record) = (SourceId::new(source)?, RecordId::new(record));
    let instance = Instance::open(global, load(global)?).await?;
    let worked = async {
        let base = instance.workshop.minter.base();
        let key = key(base, entity)?;
        let split = harvest::split(&instance.workshop, key, &source, &record, reason).await;
        told(global, base, split)
    };
    let worked = worked.await;
    instance.close_after(worked).await
}

fn told(global: &Global, base: &str, result: Result<EntityKey, DecideError>) -> anyhow::Result<u8> {
    match result {
        Ok(entity) => {
            let iri = entity.iri(base);
            output::print(&if global.json {
                format!("{}\n", json!({ "entity": iri }))
            } else {
                format!("{iri}\n")
            })?;
            Ok(DONE)
        }
        Err(DecideError::Refused(why)) => {
            output::failure(&anyhow::anyhow!(why));
            Ok(FAILED)
        }
        Err(DecideError::Harvest(error)) => Err(error.into()),
    }
}

/// An entity by its IRI, or by what follows the base in it.
fn key(base: &str, entity: &str) -> anyhow::Result<EntityKey> {
    let path = entity
        .strip_prefix(base)
        .unwrap_or(entity)
        .trim_start_matches('/');
    EntityKey::of_iri(base, &format!("{base}{path}")).with_context(|| {
        format!("`{entity}` is no entity of this catalogue: write its IRI, such as {base}dataset/513f7218-d62e-584f-9bbc-3438ea7ac371")
    })
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
        Some(entity) => archive.decisions_about(key(&base, entity)?).await?,
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
