//! What a source may write to hurt whoever reads its report.

use model::{Finding, Outcome, RecordId, Severity, Stage};
use report::{Change, Lang};

use crate::fixture::{BASE, Fixture, ROOT, at, found};
use crate::whole;

const SCRIPT: &str = "<script>alert(1)</script>";

fn hostile() -> Vec<Finding> {
    let mut large = found(
        "date/unreadable",
        Severity::Warning,
        Stage::Normalise,
        "large",
    )
    .record(&RecordId::new("a"));
    // Not through `Finding::value`, which cuts.
    large.value = Some("9".repeat(1 << 20));
    large.message = "m".repeat(1 << 20);
    large.hint = Some("h".repeat(1 << 20));
    large.place = Some("p".repeat(1 << 20));
    let record = RecordId::new("a\"><img src=x onerror=alert(2)>\r\nBcc: tous@valmer.example\u{0}");
    vec![
        large,
        found("licence/unknown", Severity::Error, Stage::Reconcile, SCRIPT)
            .record(&record)
            .value(SCRIPT)
            .place("\" onmouseover=\"alert(3)")
            .hint("]]></content>"),
        found(
            "theme/unknown",
            Severity::Info,
            Stage::Fetch,
            "=cmd|' /C calc'!A0",
        )
        .value("@SUM(1)\u{1b}[2J\u{202e}\n.\n")
        .place("-1+1"),
    ]
}

async fn forms() -> Vec<(&'static str, String)> {
    let mut fixture = Fixture::empty().await;
    fixture.card.title = format!("{SCRIPT}\r\nBcc: tous@valmer.example");
    fixture
        .run(0, Outcome::Complete, &["a"], &[], hostile())
        .await;
    let report = fixture.report().await;
    let noted = report::note(&fixture.archive, &report)
        .await
        .expect("noted")
        .expect("a run");
    let letter =
        report::letter(&report, &Change::between(None, &noted), Lang::Fr, ROOT).expect("a letter");
    let (archive, card) = (&fixture.archive, &fixture.card);
    vec![
        (
            "content",
            report::content(&report, Lang::Fr, ROOT).expect("HTML"),
        ),
        ("page", report::page(&report, Lang::En, ROOT).expect("HTML")),
        ("mail", letter.html),
        (
            "atom",
            report::atom(archive, card, SCRIPT, Lang::Fr, BASE, at(0))
                .await
                .expect("Atom"),
        ),
        ("subject", letter.subject),
        ("text", letter.text),
        ("json", report::json(&report, BASE).expect("JSON")),
        (
            "csv",
            whole(
                report::csv(archive, card, Lang::En, BASE)
                    .await
                    .expect("CSV"),
            )
            .await,
        ),
        (
            "turtle",
            whole(report::turtle(archive, card, BASE).await.expect("Turtle")).await,
        ),
    ]
}

#[tokio::test]
async fn nothing_of_a_source_runs_or_steers() {
    for (form, text) in forms().await {
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{0}']), "{form}");
        if ["content", "page", "mail", "atom"].contains(&form) {
            for bad in ["<script", "<img", "onmouseover=\"", "]]>"] {
                assert!(!text.contains(bad), "{form}: {bad} in\n{text}");
            }
        }
    }
}

#[tokio::test]
async fn nothing_is_longer_than_a_reader_bears() {
    for (form, text) in forms().await {
        assert!(text.len() < 40_000, "{form} has {} bytes", text.len());
        assert!(
            !text.contains(&"9".repeat(301)) && !text.contains(&"h".repeat(1_001)),
            "{form}"
        );
    }
}

#[tokio::test]
async fn a_subject_is_one_line_and_csv_a_line_each() {
    for (form, text) in forms().await {
        match form {
            "subject" => assert!(!text.contains(['\r', '\n']), "{text}"),
            "csv" => {
                assert_eq!(text.lines().count(), 4, "{text}");
                for formula in ["'=cmd", "'@SUM", "'-1+1"] {
                    assert!(text.contains(formula), "{formula} in\n{text}");
                }
                assert!(
                    !text.contains(",=") && !text.contains(",@") && !text.contains(",-"),
                    "{text}"
                );
            }
            _ => {}
        }
    }
}
