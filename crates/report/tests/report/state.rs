//! Which findings hold, and what is counted of them.

use futures::TryStreamExt;
use model::{Outcome, RecordId, Severity, Stage};
use report::{Change, Lang};

use crate::fixture::{BASE, Fixture, found, licence};

fn rules(report: &report::Report) -> Vec<(&str, u64, u64)> {
    report
        .rules
        .iter()
        .map(|rule| (rule.rule.as_str(), rule.records, rule.findings))
        .collect()
}

#[tokio::test]
async fn a_finding_holds_until_its_record_is_mapped_again() {
    let fixture = Fixture::new().await;
    let report = fixture.report().await;
    // `b` was mapped again by the second run: what the first said of it is gone, and so is the page of the first run.
    assert_eq!(
        rules(&report),
        [
            ("record/duplicate-identifier", 1, 1),
            ("record/unreadable", 1, 1),
            ("fetch/timeout", 0, 1),
            ("date/unreadable", 1, 1),
            ("licence/unknown", 1, 1),
            ("frequency/unknown", 1, 1),
        ]
    );
    assert_eq!(report.findings, 6);
    let shares: Vec<_> = report.rules.iter().map(|rule| rule.share).collect();
    assert_eq!(
        shares,
        [
            Some(0.25),
            Some(0.25),
            None,
            Some(0.25),
            Some(0.25),
            Some(0.25)
        ]
    );
    assert_eq!((report.records.present, report.records.refused), (3, 1));
}

#[tokio::test]
async fn what_a_failed_run_could_not_read_is_not_forgotten() {
    let fixture = Fixture::new().await;
    let lost = found(
        "fetch/connection",
        Severity::Error,
        Stage::Fetch,
        "nobody is there",
    );
    fixture.run(3, Outcome::Failed, &[], &[], vec![lost]).await;
    let report = fixture.report().await;
    let rules: Vec<&str> = report.rules.iter().map(|rule| rule.rule.as_str()).collect();
    assert!(
        rules.contains(&"fetch/connection") && !rules.contains(&"fetch/timeout"),
        "{rules:?}"
    );
    assert!(
        rules.contains(&"record/duplicate-identifier") && rules.contains(&"licence/unknown"),
        "{rules:?}"
    );
}

#[tokio::test]
async fn what_reading_found_holds_though_only_changes_are_read() {
    let fixture = Fixture::empty().await;
    let cut = |id| {
        found(
            "record/bad-field",
            Severity::Warning,
            Stage::Read,
            "a field was left out",
        )
        .record(&RecordId::new(id))
    };
    fixture
        .run(
            0,
            Outcome::Complete,
            &["a", "b"],
            &[],
            vec![cut("a"), cut("b")],
        )
        .await;
    fixture
        .harvest(false, 1, Outcome::Complete, &["b"], &[], vec![])
        .await;
    assert_eq!(
        rules(&fixture.report().await),
        [("record/bad-field", 1, 1)],
        "`a` was not read again, `b` was"
    );
    fixture.run(2, Outcome::Complete, &[], &[], vec![]).await;
    assert_eq!(
        rules(&fixture.report().await),
        [],
        "both were read, and nothing was found"
    );
}

#[tokio::test]
async fn what_was_withdrawn_has_no_findings() {
    let fixture = Fixture::empty().await;
    fixture
        .run(
            0,
            Outcome::Complete,
            &["a", "b"],
            &[],
            vec![licence("a"), licence("b")],
        )
        .await;
    let began = fixture
        .archive
        .begin_run(&fixture.card.id, crate::fixture::at(90), true)
        .await;
    let mut run = began.expect("a run");
    let gone = [archive::RecordKey::new(
        &fixture.card.id,
        &RecordId::new("a"),
    )];
    fixture
        .archive
        .withhold(&fixture.card.id, &gone, crate::fixture::at(100), &mut run)
        .await
        .expect("withheld");
    (run.outcome, run.finished) = (Outcome::Partial, Some(crate::fixture::at(110)));
    fixture.archive.save_run(&run).await.expect("saved");
    let report = fixture.report().await;
    assert_eq!(rules(&report), [("licence/unknown", 1, 1)]);
    assert_eq!(
        (report.records.withdrawn, report.rules[0].share),
        (1, Some(1.0))
    );
}

#[tokio::test]
async fn a_source_that_was_never_harvested_has_a_report() {
    let fixture = Fixture::empty().await;
    let report = fixture.report().await;
    assert!(report.last().is_none() && report.rules.is_empty());
    assert!(
        report::note(&fixture.archive, &report)
            .await
            .expect("noted")
            .is_none()
    );
    let html = report::content(&report, Lang::Fr, "").expect("HTML");
    assert!(html.contains("Pas encore moissonnée"), "{html}");
}

#[tokio::test]
async fn only_runs_that_changed_something_are_kept() {
    let fixture = Fixture::new().await;
    let noted = report::note(&fixture.archive, &fixture.report().await)
        .await
        .expect("noted")
        .expect("a run");
    let lost = found(
        "fetch/timeout",
        Severity::Error,
        Stage::Fetch,
        "another page did not come",
    );
    let twice = found(
        "record/duplicate-identifier",
        Severity::Error,
        Stage::Reconcile,
        "again",
    )
    .record(&RecordId::new("a"));
    fixture
        .run(3, Outcome::Partial, &[], &[], vec![lost, twice])
        .await;
    report::note(&fixture.archive, &fixture.report().await)
        .await
        .expect("noted");
    assert_eq!(
        fixture
            .archive
            .reports(&fixture.card.id, None, 10)
            .await
            .expect("reports")
            .len(),
        1
    );
    fixture.run(4, Outcome::Complete, &["b"], &[], vec![]).await;
    let last = report::note(&fixture.archive, &fixture.report().await)
        .await
        .expect("noted")
        .expect("a run");
    let kept = fixture
        .archive
        .reports(&fixture.card.id, None, 10)
        .await
        .expect("reports");
    assert_eq!(
        kept.iter().map(|row| row.run).collect::<Vec<_>>(),
        [last.run, noted.run]
    );
    assert_eq!(
        kept.first(),
        Some(&last),
        "what is read is what was written"
    );
    let change = Change::between(Some(&noted), &last);
    assert_eq!(
        change.summary(Lang::Fr),
        "moissonnage de nouveau complet, 3 résolus"
    );
}

#[tokio::test]
async fn a_run_that_goes_on_does_not_change_what_the_last_one_left() {
    let fixture = Fixture::new().await;
    let (archive, source) = (&fixture.archive, &fixture.card.id);
    let noted = report::note(archive, &fixture.report().await)
        .await
        .expect("noted")
        .expect("a run");
    archive
        .begin_run(source, crate::fixture::at(400_000), true)
        .await
        .expect("a run");
    let more = found("paging/loop", Severity::Warning, Stage::Read, "a loop");
    archive
        .add_findings(source, noted.run, &[more])
        .await
        .expect("written");
    let between = report::note(archive, &fixture.report().await)
        .await
        .expect("noted")
        .expect("a run");
    assert_ne!(between.digest, noted.digest);
    assert_eq!(
        archive.reports(source, None, 10).await.expect("reports"),
        [noted]
    );
}

/// By number, not by time: what is held at once does not grow with the findings.
#[tokio::test]
async fn a_hundred_thousand_findings_are_not_held_at_once() {
    let fixture = Fixture::empty().await;
    let findings = (0..100_000)
        .map(|n| {
            let rule = if n % 2 == 0 {
                "fetch/timeout"
            } else {
                "paging/loop"
            };
            found(rule, Severity::Warning, Stage::Fetch, "late").value(&"é".repeat(500))
        })
        .collect();
    fixture
        .run(0, Outcome::Complete, &["a"], &[], findings)
        .await;
    let report = fixture.report().await;
    assert_eq!(report.findings, 100_000);
    let examples: usize = report.rules.iter().map(|rule| rule.examples.len()).sum();
    assert_eq!((report.rules.len(), examples), (2, 20));
    let (mut lines, mut parts) = (0, 0);
    let mut csv = report::csv(&fixture.archive, &fixture.card, Lang::Fr, BASE)
        .await
        .expect("CSV");
    while let Some(part) = csv.try_next().await.expect("a part") {
        parts += 1;
        assert!(part.len() < 2 << 20, "a part of {} bytes", part.len());
        lines += part.iter().filter(|byte| **byte == b'\n').count();
    }
    assert_eq!((lines, parts), (100_001, 101));
    let mut turtle = report::turtle(&fixture.archive, &fixture.card, BASE)
        .await
        .expect("Turtle");
    let mut parts = 0;
    while let Some(part) = turtle.try_next().await.expect("a part") {
        parts += 1;
        assert!(part.len() < 4 << 20, "a part of {} bytes", part.len());
    }
    assert_eq!(parts, 102);
}

#[tokio::test]
async fn a_record_counts_once_for_each_rule() {
    let fixture = Fixture::empty().await;
    let findings = vec![
        licence("a"),
        licence("a"),
        licence("a"),
        licence("a"),
        licence("b"),
    ];
    fixture
        .run(0, Outcome::Complete, &["a", "b", "c"], &[], findings)
        .await;
    let report = fixture.report().await;
    assert_eq!(rules(&report), [("licence/unknown", 2, 5)]);
    let of_a = report
        .rules
        .iter()
        .flat_map(|rule| &rule.examples)
        .filter(|example| example.finding.record == Some(RecordId::new("a")));
    assert_eq!(
        of_a.count(),
        3,
        "one record does not take the places of others"
    );
}
