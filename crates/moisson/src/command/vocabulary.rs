//! `moisson vocab` and `moisson values`: what the controlled vocabularies know, and what sources ask of them.

use anyhow::bail;
use harvest::{Topic, Values};
use model::SourceId;
use normalise::Outcome;
use serde_json::{Value, json};
use vocab::{Concept, Match, Scheme, Vocab};

use crate::chosen::find;
use crate::cli::Global;
use crate::instance::{Layout, load, open_archive};
use crate::output::printable;
use crate::{DONE, REFUSALS, output};

/// Looks a value up, or lists a vocabulary or all of them.
pub fn vocab(global: &Global, value: Option<&str>, scheme: Option<&str>) -> anyhow::Result<u8> {
    let vocab = Vocab::bundled();
    let scheme = scheme.map(named).transpose()?;
    match value {
        Some(value) => look_up(global, vocab, value, scheme),
        None => list(global, vocab, scheme),
    }
}

fn name(scheme: Scheme) -> &'static str {
    scheme.file().trim_end_matches(".tsv")
}

fn named(wanted: &str) -> anyhow::Result<Scheme> {
    let found = Scheme::ALL
        .iter()
        .copied()
        .find(|scheme| name(*scheme) == wanted);
    match found {
        Some(scheme) => Ok(scheme),
        None => bail!("there is no vocabulary `{wanted}`; `moisson vocab` lists them"),
    }
}

fn list(global: &Global, vocab: &Vocab, scheme: Option<Scheme>) -> anyhow::Result<u8> {
    let (rows, json): (Vec<Vec<String>>, Vec<Value>) = match scheme {
        Some(scheme) => vocab
            .scheme(scheme)
            .concepts()
            .iter()
            .map(concept_row)
            .unzip(),
        None => Scheme::ALL
            .iter()
            .map(|scheme| scheme_row(vocab, *scheme))
            .unzip(),
    };
    output::print(&if global.json {
        format!("{}\n", serde_json::to_string(&json)?)
    } else {
        output::table(&rows)
    })?;
    Ok(DONE)
}

fn scheme_row(vocab: &Vocab, scheme: Scheme) -> (Vec<String>, Value) {
    let table = vocab.scheme(scheme);
    let count = table.concepts().len();
    let row = vec![
        name(scheme).to_owned(),
        count.to_string(),
        table.version.clone(),
        table.title_fr.clone(),
    ];
    let json = json!({
        "scheme": name(scheme), "concepts": count, "version": table.version,
        "title": { "fr": table.title_fr, "en": table.title_en }, "iri": table.iri.as_ref().map(|iri| iri.as_str()),
    });
    (row, json)
}

fn concept_row(concept: &Concept) -> (Vec<String>, Value) {
    let row = vec![
        concept.code.clone(),
        concept.label().to_owned(),
        concept.iri.as_str().to_owned(),
    ];
    (row, concept_json(concept))
}

fn concept_json(concept: &Concept) -> Value {
    json!({
        "scheme": name(concept.scheme), "code": concept.code, "iri": concept.iri.as_str(),
        "label": { "fr": concept.fr, "en": concept.en },
        "exactMatch": concept.exact.iter().map(|iri| iri.as_str()).collect::<Vec<_>>(),
    })
}

/// Where a value is known; the exit code says whether it is at all.
fn look_up(
    global: &Global,
    vocab: &Vocab,
    value: &str,
    wanted: Option<Scheme>,
) -> anyhow::Result<u8> {
    let mut found: Vec<Match<'_>> = Vec::new();
    for scheme in Scheme::ALL {
        let here = match scheme {
            Scheme::Licence => vocab.licence(value),
            Scheme::PublicAccess => vocab.public_access(value),
            _ => vocab.scheme(*scheme).resolve_nearly(value),
        };
        found.extend(here);
    }
    if let Some(format) = vocab.format(value) {
        for concept in [format.file_type, format.media_type].into_iter().flatten() {
            if found.iter().all(|known| known.concept.iri != concept.iri) {
                found.push(Match {
                    concept,
                    how: vocab::How::Pattern,
                    confidence: format.confidence,
                });
            }
        }
    }
    found.retain(|found| wanted.is_none_or(|scheme| found.concept.scheme == scheme));
    found.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    let crs = wanted
        .is_none_or(|scheme| scheme == Scheme::Crs)
        .then(|| vocab.crs(value))
        .flatten()
        .filter(|iri| found.iter().all(|known| known.concept.iri != *iri));
    let code = if found.is_empty() && crs.is_none() {
        REFUSALS
    } else {
        DONE
    };
    output::print(&if global.json {
        let list = found.iter().map(match_json).chain(crs.iter().map(
            |iri| json!({ "scheme": name(Scheme::Crs), "iri": iri.as_str(), "confidence": 1.0 }),
        ));
        format!("{}\n", serde_json::to_string(&list.collect::<Vec<_>>())?)
    } else if code == DONE {
        let rows = found.iter().map(match_row).chain(crs.iter().map(|iri| {
            vec![
                name(Scheme::Crs).to_owned(),
                String::new(),
                String::new(),
                iri.as_str().to_owned(),
            ]
        }));
        output::table(&rows.collect::<Vec<_>>())
    } else {
        format!("« {} » is in no vocabulary\n", printable(value))
    })?;
    Ok(code)
}

fn match_row(found: &Match<'_>) -> Vec<String> {
    vec![
        name(found.concept.scheme).to_owned(),
        found.concept.label().to_owned(),
        sureness(found),
        found.concept.iri.as_str().to_owned(),
    ]
}

fn match_json(found: &Match<'_>) -> Value {
    let mut json = concept_json(found.concept);
    if let Value::Object(members) = &mut json {
        members.insert("how".to_owned(), json!(how(found)));
        members.insert("confidence".to_owned(), json!(found.confidence));
    }
    json
}

fn how(found: &Match<'_>) -> &'static str {
    match found.how {
        vocab::How::Iri => "iri",
        vocab::How::Code => "code",
        vocab::How::Label => "label",
        vocab::How::Alias => "alias",
        vocab::How::Pattern => "pattern",
        vocab::How::Fuzzy => "fuzzy",
    }
}

fn sureness(found: &Match<'_>) -> String {
    let doubt = if found.is_certain() { "" } else { ", doubtful" };
    format!("by {}{doubt}", how(found))
}

/// What `moisson values` shows.
#[derive(Debug, Clone)]
pub struct Shown {
    pub topic: Option<String>,
    pub limit: usize,
    pub resolved: bool,
}

pub async fn values(global: &Global, named: &[SourceId], shown: Shown) -> anyhow::Result<u8> {
    let loaded = load(global)?;
    for source in named {
        find(&loaded, source)?;
    }
    let archive = open_archive(&Layout::new(&global.data)?, &loaded).await?;
    let bar = output::progress("values", !global.json);
    let values = harvest::values(
        &archive,
        &model::Minter::new(loaded.base.clone()),
        Vocab::bundled(),
        |source| named.is_empty() || named.contains(source),
        |source| loaded.language_of(source),
        |values| bar.set_position(values.records),
    )
    .await?;
    bar.finish_and_clear();
    if let Some(topic) = &shown.topic
        && !values.topics.contains_key(topic.as_str())
    {
        let known: Vec<_> = values.topics.keys().copied().collect();
        bail!(
            "no record states a value of the topic `{topic}`; topics here: {}",
            known.join(", ")
        );
    }
    output::print(&if global.json {
        format!("{}\n", serde_json::to_string(&as_json(&values, &shown))?)
    } else {
        as_text(&values, &shown)
    })?;
    Ok(DONE)
}

fn topics<'v>(
    values: &'v Values,
    shown: &'v Shown,
) -> impl Iterator<Item = (&'static str, &'v Topic)> {
    values
        .topics
        .iter()
        .map(|(name, topic)| (*name, topic))
        .filter(|(name, _)| shown.topic.as_deref().is_none_or(|wanted| wanted == *name))
}

fn is_shown(outcome: &Outcome, shown: &Shown) -> bool {
    match outcome {
        Outcome::Resolved { .. } => shown.resolved,
        Outcome::Unresolved => !shown.resolved,
        Outcome::Void => false,
    }
}

fn as_text(values: &Values, shown: &Shown) -> String {
    let mut rows = vec![
        [
            "topic",
            "stated",
            "understood",
            "of these doubtful",
            "not",
            "void",
            "share",
        ]
        .map(str::to_owned)
        .to_vec(),
    ];
    for (name, topic) in topics(values, shown) {
        rows.push(vec![
            name.to_owned(),
            topic.stated().to_string(),
            (topic.certain + topic.doubtful).to_string(),
            topic.doubtful.to_string(),
            topic.unresolved.to_string(),
            topic.void.to_string(),
            topic
                .share()
                .map_or_else(|| "–".to_owned(), |share| format!("{:.1} %", 100.0 * share)),
        ]);
    }
    let mut text = format!(
        "{} records, {} of them refused by their mapping\n\n{}",
        values.records,
        values.unmapped,
        output::table(&rows)
    );
    for (name, topic) in topics(values, shown) {
        let list = topic.most_frequent(|outcome| is_shown(outcome, shown));
        if list.is_empty() {
            continue;
        }
        text.push_str(&format!("\n{name}\n"));
        for (value, outcome, times) in list.iter().take(shown.limit) {
            let value = printable(&value.chars().take(120).collect::<String>());
            text.push_str(&match outcome {
                Outcome::Resolved { to, certain } => {
                    let doubt = if *certain { "" } else { "  (doubtful)" };
                    format!("  {times:>6}  {value}  →  {}{doubt}\n", printable(to))
                }
                _ => format!("  {times:>6}  {value}\n"),
            });
        }
        if list.len() > shown.limit {
            text.push_str(&format!(
                "          and {} more\n",
                list.len() - shown.limit
            ));
        }
    }
    text
}

fn as_json(values: &Values, shown: &Shown) -> Value {
    let topics: Vec<Value> = topics(values, shown)
        .map(|(name, topic)| {
            let list: Vec<Value> = topic
                .most_frequent(|outcome| is_shown(outcome, shown))
                .into_iter()
                .take(shown.limit)
                .map(|(value, outcome, times)| match outcome {
                    Outcome::Resolved { to, certain } => {
                        json!({ "value": value, "times": times, "to": to, "certain": certain })
                    }
                    _ => json!({ "value": value, "times": times }),
                })
                .collect();
            json!({
                "topic": name, "stated": topic.stated(), "certain": topic.certain, "doubtful": topic.doubtful,
                "unresolved": topic.unresolved, "void": topic.void, "share": topic.share(), "values": list,
            })
        })
        .collect();
    json!({ "records": values.records, "refused": values.unmapped, "topics": topics })
}
