//! Pages that say other things than they carry.

use model::Severity;

use super::*;

#[test]
fn every_record_is_read_once_whatever_the_page_size() {
    for size in [1, 2, 3, 10, 37, 50] {
        let crawl = catalogue(&format!("page_size = {size}"), |asked| {
            Ok(honest(&asked, 37))
        });
        crawl.expect_all(37);
        assert_eq!((crawl.ids.len(), crawl.announced), (37, Some(37)));
        assert_eq!(crawl.requests as u64, 1 + 37_u64.div_ceil(size));
        assert!(crawl.findings.is_empty(), "{:?}", crawl.findings);
    }
}

/// Each writes the attributes of SearchResults from the page's start, what it carries, and the total.
type Attributes = fn(u64, u64, u64) -> String;

#[test]
fn what_a_page_says_of_paging_is_not_trusted() {
    let quirks: [(&str, Attributes, bool); 9] = [
        (
            "nextRecord missing",
            |_, carried, total| {
                format!("numberOfRecordsMatched=\"{total}\" numberOfRecordsReturned=\"{carried}\"")
            },
            false,
        ),
        (
            "0 too early",
            |_, carried, total| {
                format!(
                    "numberOfRecordsMatched=\"{total}\" numberOfRecordsReturned=\"{carried}\" nextRecord=\"0\""
                )
            },
            true,
        ),
        (
            "beyond the count",
            |_, _, total| {
                format!(
                    "numberOfRecordsMatched=\"{total}\" nextRecord=\"{}\"",
                    total + 500
                )
            },
            true,
        ),
        (
            "going back",
            |start, _, total| format!("numberOfRecordsMatched=\"{total}\" nextRecord=\"{start}\""),
            true,
        ),
        (
            "one too far at the end",
            |start, carried, total| {
                format!(
                    "numberOfRecordsMatched=\"{total}\" nextRecord=\"{}\"",
                    start + carried
                )
            },
            false,
        ),
        (
            "returned wrong",
            |start, carried, total| {
                format!(
                    "numberOfRecordsMatched=\"{total}\" numberOfRecordsReturned=\"{}\" nextRecord=\"{}\"",
                    carried + 9,
                    start + carried
                )
            },
            true,
        ),
        (
            "no number",
            |_, _, _| "nextRecord=\"bientôt\"".to_owned(),
            false,
        ),
        ("nothing at all", |_, _, _| String::new(), false),
        (
            "count absurdly low",
            |_, _, _| "numberOfRecordsMatched=\"0\"".to_owned(),
            true,
        ),
    ];
    for (quirk, attributes, told) in quirks {
        for cap in [3, 10, 1000] {
            let crawl = catalogue("page_size = 10", |asked| {
                let size = asked.size.min(cap);
                let carried = size.min(38_u64.saturating_sub(asked.start));
                Ok(results(
                    &attributes(asked.start, carried, 37),
                    &span(asked.start, size, 37),
                ))
            });
            crawl.expect_all(37);
            assert_eq!(crawl.ids.len(), 37, "{quirk}: every record once");
            assert_eq!(
                crawl.rules().contains(&"paging/counts-disagree"),
                told,
                "{quirk}: {:?}",
                crawl.findings
            );
        }
    }
}

#[test]
fn more_records_than_asked_for_are_taken() {
    // The server ignores maxRecords, also where one record is asked for.
    let crawl = catalogue("page_size = 5", |asked| {
        Ok(honest(&Asked { size: 12, ..asked }, 37))
    });
    crawl.expect_all(37);
    assert_eq!((crawl.ids.len(), crawl.requests), (37, 5));
}

#[test]
fn records_held_back_cost_an_overlap_and_no_loss() {
    // Positions are counted before the private records (multiples of 4) are taken out.
    let crawl = catalogue("page_size = 10", |asked| {
        let shown: String = (asked.start..(asked.start + asked.size).min(38))
            .filter(|number| number % 4 != 0)
            .map(record)
            .collect();
        Ok(results(
            "numberOfRecordsMatched=\"37\" numberOfRecordsReturned=\"10\"",
            &shown,
        ))
    });
    let public: Vec<String> = (1..=37).filter(|number| number % 4 != 0).map(id).collect();
    assert_eq!(crawl.distinct(), public);
    assert_eq!(crawl.lost, 0);
}

#[test]
fn an_empty_page_before_the_end_is_skipped() {
    let hole = |asked: Asked| {
        Ok(if asked.start == 11 {
            results(
                "numberOfRecordsMatched=\"37\" numberOfRecordsReturned=\"10\" nextRecord=\"21\"",
                "",
            )
        } else {
            honest(&asked, 37)
        })
    };
    let skipped = catalogue("page_size = 10", hole);
    assert_eq!(skipped.ids.len(), 27);
    let emptied = catalogue("page_size = 10", |asked| {
        Ok(if asked.start > 1 {
            results("numberOfRecordsMatched=\"900\"", "")
        } else {
            honest(&asked, 900)
        })
    });
    assert_eq!((emptied.ids.len(), emptied.requests), (10, 5));
    assert!(
        emptied
            .findings
            .iter()
            .any(|finding| finding.rule == "paging/empty-pages"
                && finding.severity == Severity::Error)
    );
}

#[test]
fn an_empty_catalogue_is_read() {
    let crawl = catalogue("", |_| {
        Ok(results(
            "numberOfRecordsMatched=\"0\" numberOfRecordsReturned=\"0\" nextRecord=\"0\"",
            "",
        ))
    });
    assert_eq!(
        (crawl.announced, crawl.lost, crawl.requests),
        (Some(0), 0, 2)
    );
}

#[test]
fn a_count_that_falls_on_the_way_does_not_hide_what_lacks() {
    let crawl = catalogue("page_size = 10", |asked| {
        Ok(if asked.start > 30 {
            results("numberOfRecordsMatched=\"0\"", "")
        } else {
            honest(&asked, 37)
        })
    });
    assert_eq!((crawl.ids.len(), crawl.announced), (30, Some(37)));
}

#[test]
fn endless_catalogues_end() {
    let repeated = catalogue("page_size = 10", |_| {
        Ok(results(
            "numberOfRecordsMatched=\"1000000000\"",
            &span(1, 10, 1000),
        ))
    });
    assert!(repeated.requests <= 4 && repeated.rules().contains(&"paging/repeated-page"));
    let grows = catalogue("page_size = 1000", |asked| {
        Ok(results(
            &format!("numberOfRecordsMatched=\"{}\"", asked.start + 5000),
            &span(asked.start, asked.size, u64::MAX - 1),
        ))
    });
    assert!(
        grows.rules().contains(&"paging/endless"),
        "{:?}",
        grows.rules()
    );
}
