//! The pages that are no entity's: home, lists, sources, runs, rules.

use std::sync::Arc;

use archive::{Probe, PublishedEntity};
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, Response};
use minijinja::context;
use model::ns::dcterms;
use model::{EntityKind, Finding, Outcome, RunId, RunReport, Severity};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::{self, Moment};
use crate::document;
use crate::failure::Failure;
use crate::router::App;
use crate::view::{Described, answer, entity, prose, value, web_address};

type Shown = Result<Response<Body>, Failure>;

pub(crate) async fn home(State(app): State<Arc<App>>, headers: HeaderMap) -> Shown {
    let counts = app.counts().await?;
    let latest = app.site.archive.latest(EntityKind::Dataset, LATEST).await?;
    let counts = [
        ("Jeux de données", counts.datasets),
        ("Services", counts.services),
        ("Séries", counts.series),
        ("Organisations", counts.organisations),
    ]
    .map(|(name, n)| (name, clock::number(n)));
    let page = context! {
        counts => value(counts),
        latest => value(cards(&app, latest).await?),
        sources => value(sources_of(&app, 1).await?),
    };
    Ok(answer(
        app.templates.render(&app, "home.html", page)?,
        &headers,
    ))
}

#[derive(Debug, Deserialize)]
pub(crate) struct After {
    after: Option<String>,
}

impl After {
    fn read<T: std::str::FromStr>(&self) -> Result<Option<T>, Failure> {
        match self.after.as_deref().map(str::parse) {
            None => Ok(None),
            Some(Ok(after)) => Ok(Some(after)),
            Some(Err(_)) => Err(Failure::bad_request(
                "`after` has to be what the link to the next page gives",
            )),
        }
    }
}

pub(crate) async fn datasets(
    State(app): State<Arc<App>>,
    Query(after): Query<After>,
    headers: HeaderMap,
) -> Shown {
    let after: Option<Uuid> = after.read()?;
    let archive = &app.site.archive;
    let mut entities = archive.page(EntityKind::Dataset, after, LISTED + 1).await?;
    let more = entities.len() > LISTED as usize;
    entities.truncate(LISTED as usize);
    let next = entities
        .last()
        .map(|last| last.key.id.to_string())
        .filter(|_| more);
    let page = context! {
        total => clock::number(app.counts().await?.datasets),
        datasets => value(cards(&app, entities).await?),
        next,
        is_first => after.is_none(),
    };
    Ok(answer(
        app.templates.render(&app, "datasets.html", page)?,
        &headers,
    ))
}

/// What a list shows of an entity.
#[derive(Serialize)]
struct Card {
    title: String,
    path: String,
    publisher: Option<String>,
    changed: Moment,
}

async fn cards(app: &App, entities: Vec<PublishedEntity>) -> Result<Vec<Card>, Failure> {
    let base = app.site.minter.base();
    let gathered = document::gather(&app.site.archive, base, entities.clone()).await?;
    let described = Described::read(&gathered.lines.join("\n"));
    let card = |entity: PublishedEntity| {
        let iri = entity.key.iri(base);
        Card {
            title: entity::title(&described, &iri),
            path: format!(
                "{}/{}/{}",
                app.root,
                entity.key.minted.segment(),
                entity.key.id
            ),
            publisher: described
                .iri(&iri, dcterms::PUBLISHER)
                .and_then(|publisher| described.label(publisher)),
            changed: clock::moment(entity.changed),
        }
    };
    Ok(entities.into_iter().map(card).collect())
}

pub(crate) async fn sources(State(app): State<Arc<App>>, headers: HeaderMap) -> Shown {
    let page = context! { sources => value(sources_of(&app, SHOWN_RUNS).await?) };
    Ok(answer(
        app.templates.render(&app, "sources.html", page)?,
        &headers,
    ))
}

#[derive(Serialize)]
struct Source {
    id: String,
    title: String,
    address: Option<String>,
    connector: String,
    schedule: Option<String>,
    enabled: bool,
    /// Label and number of records.
    records: Vec<(&'static str, String)>,
    changes: Option<Changes>,
    runs: Vec<Run>,
}

/// What is known of how a source tells what changed.
#[derive(Serialize)]
struct Changes {
    asked: Moment,
    /// Whether it takes account of the date.
    honoured: bool,
    total: Option<String>,
    past: Option<String>,
    future: Option<String>,
    compared: Option<Compared>,
}

#[derive(Serialize)]
struct Compared {
    at: Moment,
    changes: String,
    missed: String,
}

impl Changes {
    fn of(probe: Probe) -> Self {
        Self {
            asked: clock::moment(probe.at),
            honoured: probe.fault.is_none(),
            total: probe.total.map(clock::number),
            past: probe.past.map(clock::number),
            future: probe.future.map(clock::number),
            compared: probe.compared.map(|compared| Compared {
                at: clock::moment(compared.at),
                changes: clock::number(compared.changes),
                missed: clock::number(compared.missed),
            }),
        }
    }
}

async fn sources_of(app: &App, runs: u32) -> Result<Vec<Source>, Failure> {
    let mut sources = Vec::with_capacity(app.site.sources.len());
    for card in &app.site.sources {
        let archive = &app.site.archive;
        let (present, missing, withdrawn, refused) = archive.record_counts(&card.id).await?;
        let records = [
            ("présents", present),
            ("manquants", missing),
            ("retirés", withdrawn),
            ("refusés", refused),
        ];
        sources.push(Source {
            id: card.id.to_string(),
            title: card.title.clone(),
            address: card
                .address
                .as_deref()
                .and_then(web_address)
                .map(str::to_owned),
            connector: card.connector.clone(),
            schedule: card.schedule.clone(),
            enabled: card.enabled,
            records: records
                .into_iter()
                .map(|(name, n)| (name, clock::number(n)))
                .collect(),
            changes: archive.probe(&card.id).await?.map(Changes::of),
            runs: archive
                .runs(Some(&card.id), runs)
                .await?
                .into_iter()
                .map(Run::of)
                .collect(),
        });
    }
    Ok(sources)
}

/// A run in words.
#[derive(Serialize)]
struct Run {
    id: i64,
    source: String,
    outcome: &'static str,
    /// The class under which the style sheet knows it.
    class: &'static str,
    started: Moment,
    took: Option<String>,
    full: bool,
    figures: Vec<(&'static str, String)>,
    reason: Option<String>,
}

impl Run {
    fn of(report: RunReport) -> Self {
        let outcome = match report.outcome {
            Outcome::Running => "en cours",
            Outcome::Complete => "complet",
            Outcome::Partial => "partiel",
            Outcome::Failed => "échoué",
        };
        let mut figures = Vec::with_capacity(10);
        figures.extend(report.announced.map(|n| ("annoncés", n)));
        figures.extend([
            ("reçus", report.seen),
            ("nouveaux", report.created),
            ("modifiés", report.updated),
            ("inchangés", report.unchanged),
            ("refusés", report.refused),
            ("manquants", report.missing),
            ("retirés", report.withdrawn),
            ("retenus", report.held),
        ]);
        figures.extend((report.resumed > 0).then_some(("reprises", report.resumed)));
        Self {
            id: report.run.0,
            source: report.source.to_string(),
            outcome,
            class: report.outcome.as_str(),
            started: clock::moment(report.started),
            took: report
                .finished
                .map(|end| clock::duration(report.started, end)),
            full: report.full,
            figures: figures
                .into_iter()
                .map(|(name, n)| (name, clock::number(n)))
                .collect(),
            reason: report.reason,
        }
    }
}

pub(crate) async fn run(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Query(after): Query<After>,
    headers: HeaderMap,
) -> Shown {
    let id = id.parse().map(RunId).map_err(|_| Failure::not_found())?;
    let after: Option<i64> = after.read()?;
    let archive = &app.site.archive;
    let report = archive.run(id).await?.ok_or_else(Failure::not_found)?;
    let counts: Vec<_> = archive
        .finding_counts(id)
        .await?
        .into_iter()
        .map(|(rule, severity, n)| {
            let explained = normalise::explain(&rule).is_some();
            context! { rule, severity => severity_name(&severity), class => severity, n => clock::number(u64::try_from(n).unwrap_or(0)), explained }
        })
        .collect();
    let mut findings = archive
        .findings_page(id, after.unwrap_or(0).max(0), FINDINGS + 1)
        .await?;
    let more = findings.len() > FINDINGS as usize;
    findings.truncate(FINDINGS as usize);
    let next = findings.last().map(|(n, _)| *n).filter(|_| more);
    let card = app
        .site
        .sources
        .iter()
        .find(|card| card.id == report.source);
    let page = context! {
        has_report => card.is_some(),
        source_title => card.map_or(report.source.as_str(), |card| card.title.as_str()),
        counts,
        findings => findings.into_iter().map(|(_, finding)| found(finding)).collect::<Vec<_>>(),
        next,
        is_first => after.is_none(),
        run => value(Run::of(report.clone())),
    };
    Ok(answer(
        app.templates.render(&app, "run.html", page)?,
        &headers,
    ))
}

fn found(finding: Finding) -> minijinja::Value {
    let severity = match finding.severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    context! {
        explained => normalise::explain(&finding.rule).is_some(),
        rule => finding.rule,
        severity => severity_name(severity),
        class => severity,
        record => finding.record.map(|record| record.to_string()),
        place => finding.place,
        value => finding.value,
        message => finding.message,
        hint => finding.hint,
    }
}

fn severity_name(severity: &str) -> &'static str {
    match severity {
        "error" => "erreur",
        "warning" => "avertissement",
        _ => "information",
    }
}

pub(crate) async fn rules(State(app): State<Arc<App>>, headers: HeaderMap) -> Shown {
    let mut topics: Vec<(&str, Vec<(&str, &str)>)> = Vec::new();
    for (rule, title) in normalise::rules() {
        let topic = rule.split('/').next().unwrap_or(rule);
        match topics.last_mut() {
            Some((known, rules)) if *known == topic => rules.push((rule, title)),
            _ => topics.push((topic, vec![(rule, title)])),
        }
    }
    let html = app
        .templates
        .render(&app, "rules.html", context! { topics => value(topics) })?;
    Ok(answer(html, &headers))
}

pub(crate) async fn rule(
    State(app): State<Arc<App>>,
    Path(rule): Path<String>,
    headers: HeaderMap,
) -> Shown {
    let source = normalise::explain(&rule).ok_or_else(Failure::not_found)?;
    let (title, text) = source.split_once('\n').unwrap_or((source, ""));
    let page = context! {
        rule,
        title => title.trim_start_matches('#').trim(),
        text => minijinja::Value::from_safe_string(prose(text)),
    };
    Ok(answer(
        app.templates.render(&app, "rule.html", page)?,
        &headers,
    ))
}

const LATEST: u32 = 8;
const LISTED: u32 = 50;
const SHOWN_RUNS: u32 = 5;
const FINDINGS: u32 = 200;
