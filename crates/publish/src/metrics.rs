//! Figures for Prometheus: <https://prometheus.io/docs/instrumenting/exposition_formats/>

use std::time::Duration;

use prometheus::process_collector::ProcessCollector;
use prometheus::{
    GaugeVec, HistogramOpts, HistogramVec, IntCounterVec, Opts, Registry, TextEncoder,
};

use crate::failure::Failure;
use crate::router::App;

pub(crate) struct Metrics {
    registry: Registry,
    requests: Option<IntCounterVec>,
    durations: Option<HistogramVec>,
}

impl Metrics {
    pub fn new() -> Self {
        let registry = Registry::new();
        let requests = IntCounterVec::new(
            Opts::new(
                "moisson_http_requests_total",
                "Requests answered, by route and class of status",
            ),
            &["route", "status"],
        );
        let durations = HistogramVec::new(
            HistogramOpts::new(
                "moisson_http_request_duration_seconds",
                "Time to the head of an answer, by route",
            )
            .buckets(vec![0.005, 0.02, 0.1, 0.5, 2.0, 10.0, 30.0]),
            &["route"],
        );
        let metrics = Self {
            registry,
            requests: requests.ok(),
            durations: durations.ok(),
        };
        let collectors: [Option<Box<dyn prometheus::core::Collector>>; 3] = [
            metrics.requests.clone().map(|it| Box::new(it) as _),
            metrics.durations.clone().map(|it| Box::new(it) as _),
            Some(Box::new(ProcessCollector::for_self())),
        ];
        for collector in collectors.into_iter().flatten() {
            if let Err(error) = metrics.registry.register(collector) {
                tracing::error!(%error, "a figure is not measured");
            }
        }
        metrics
    }

    pub fn request(&self, route: &str, status: u16, took: Duration) {
        let class = match status {
            100..200 => "1xx",
            200..300 => "2xx",
            300..400 => "3xx",
            400..500 => "4xx",
            _ => "5xx",
        };
        if let Some(requests) = &self.requests {
            requests.with_label_values(&[route, class]).inc();
        }
        if let Some(durations) = &self.durations {
            durations
                .with_label_values(&[route])
                .observe(took.as_secs_f64());
        }
    }
}

/// All figures, those of the archive read now.
pub(crate) async fn text(app: &App) -> Result<String, Failure> {
    let now = Registry::new();
    catalogue(app, &Sheet(&now)).await?;
    sources(app, &Sheet(&now)).await?;
    let mut families = app.metrics.registry.gather();
    families.extend(now.gather());
    TextEncoder::new()
        .encode_to_string(&families)
        .map_err(|error| Failure::internal(&error))
}

async fn catalogue(app: &App, sheet: &Sheet<'_>) -> Result<(), Failure> {
    let counts = app.counts().await?;
    let entities = sheet.gauge("moisson_entities", "Published entities, by kind", &["kind"]);
    for (kind, n) in [
        ("dataset", counts.datasets),
        ("series", counts.series),
        ("dataservice", counts.services),
        ("organisation", counts.organisations),
    ] {
        set(&entities, &[kind], n as f64);
    }
    let last = app
        .site
        .archive
        .last_change()
        .await?
        .map_or(0, |(seq, _)| seq);
    let projected = app.site.archive.projected("graph").await?.unwrap_or(0);
    let lag = sheet.gauge(
        "moisson_projection_lag_changes",
        "Changes that a projection has still to follow",
        &["projection"],
    );
    set(&lag, &["graph"], (last - projected).max(0) as f64);
    Ok(())
}

async fn sources(app: &App, sheet: &Sheet<'_>) -> Result<(), Failure> {
    let archive = &app.site.archive;
    let records = sheet.gauge(
        "moisson_records",
        "Records, by source and state",
        &["source", "state"],
    );
    let outcomes = sheet.gauge(
        "moisson_last_run_outcome",
        "1 for the outcome of the last run of a source",
        &["source", "outcome"],
    );
    let finished = sheet.gauge(
        "moisson_last_run_timestamp_seconds",
        "When the last run of a source ended, or began if it goes on",
        &["source"],
    );
    let durations = sheet.gauge(
        "moisson_last_run_duration_seconds",
        "How long the last run of a source took",
        &["source"],
    );
    for card in &app.site.sources {
        let source = card.id.as_str();
        let (present, missing, withdrawn, refused) = archive.record_counts(&card.id).await?;
        for (state, n) in [
            ("present", present),
            ("missing", missing),
            ("withdrawn", withdrawn),
            ("refused", refused),
        ] {
            set(&records, &[source, state], n as f64);
        }
        if let Some(run) = archive.runs(Some(&card.id), 1).await?.first() {
            set(&outcomes, &[source, run.outcome.as_str()], 1.0);
            set(
                &finished,
                &[source],
                run.finished.unwrap_or(run.started).timestamp() as f64,
            );
            if let Some(end) = run.finished {
                set(
                    &durations,
                    &[source],
                    (end - run.started).num_seconds() as f64,
                );
            }
        }
    }
    Ok(())
}

/// Gauges that are made for one answer.
struct Sheet<'a>(&'a Registry);

impl Sheet<'_> {
    fn gauge(&self, name: &str, help: &str, labels: &[&str]) -> Option<GaugeVec> {
        let gauge = GaugeVec::new(Opts::new(name, help), labels).ok()?;
        self.0.register(Box::new(gauge.clone())).ok()?;
        Some(gauge)
    }
}

fn set(gauge: &Option<GaugeVec>, labels: &[&str], value: f64) {
    if let Some(gauge) = gauge {
        gauge.with_label_values(labels).set(value);
    }
}
