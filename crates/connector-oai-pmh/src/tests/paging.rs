//! Tokens, counts, and lists that do not end.

use super::*;

#[test]
fn every_record_is_read_once_whatever_the_page_size() {
    for size in [1, 2, 5, 36, 37, 50] {
        let crawl = repository("", |asked| Ok(honest(asked, size, 37)));
        crawl.expect_all(37);
        assert_eq!((crawl.ids.len(), crawl.announced), (37, Some(37)));
        assert_eq!(crawl.asked.len() as u64, 1 + 37_u64.div_ceil(size));
        assert!(crawl.findings.is_empty(), "{:?}", crawl.findings);
        assert!(crawl.is_whole());
    }
}

#[test]
fn deleted_records_are_told_and_an_empty_list_is_no_failure() {
    let crawl = repository("", |_| {
        let records = [record(1), deleted(2), record(3)].concat();
        Ok(list(&format!(
            "{records}<resumptionToken completeListSize=\"3\"/>"
        )))
    });
    assert_eq!(crawl.ids, [id(1), id(3)]);
    assert_eq!(crawl.gone, [id(2)]);
    assert!(crawl.is_whole() && crawl.findings.is_empty());
    let empty = repository("", |_| Ok(error("noRecordsMatch")));
    assert_eq!((empty.announced, empty.lost), (Some(0), 0));
    // Without a token at all the list is the whole.
    let short = repository("", |_| Ok(list(&record(1))));
    short.expect_all(1);
}

#[test]
fn a_token_that_expired_begins_the_list_anew_once() {
    for failure in [
        Ok(error("badResumptionToken")),
        Err(Some(500)),
        Err(Some(404)),
    ] as [Answer; 3]
    {
        let mut beginnings = 0;
        let crawl = repository("", |asked| {
            beginnings += u8::from(asked.token.is_none());
            if start(asked) == 21 && beginnings < 2 {
                return failure.clone();
            }
            Ok(honest(asked, 10, 37))
        });
        crawl.expect_all(37);
        assert!(
            crawl.rules().contains(&"oai-pmh/list-restarted"),
            "{:?}",
            crawl.rules()
        );
        assert!(crawl.is_whole());
    }
    let never = repository("", |asked| {
        if asked.token.is_some() {
            Ok(error("badResumptionToken"))
        } else {
            Ok(honest(asked, 10, 37))
        }
    });
    assert_eq!((never.lost, never.asked.len()), (1, 5));
    assert!(!never.is_whole());
}

#[test]
fn a_token_that_matches_nothing_is_not_the_end_of_the_list() {
    for transient in [true, false] {
        let mut beginnings = 0;
        let crawl = repository("", |asked| {
            beginnings += u8::from(asked.token.is_none());
            if start(asked) == 21 && !(transient && beginnings > 1) {
                return Ok(error("noRecordsMatch"));
            }
            Ok(honest(asked, 10, 37).replace("completeListSize=\"37\"", ""))
        });
        assert_eq!(crawl.is_whole(), transient);
        if transient {
            crawl.expect_all(37);
        }
    }
}

#[test]
fn a_server_that_wants_the_format_with_the_token_gets_it() {
    // pycsw: and it ends its lists by a token of 0.
    let crawl = repository("", |asked| {
        if asked.prefix.is_none() {
            return Ok(error("badArgument"));
        }
        let page = honest(asked, 10, 37);
        Ok(page.replace(
            "cursor=\"30\"></resumptionToken>",
            "cursor=\"-1\">0</resumptionToken>",
        ))
    });
    crawl.expect_all(37);
    assert_eq!(crawl.asked.len(), 1 + 4 + 1);
    assert!(crawl.findings.is_empty(), "{:?}", crawl.findings);
}

#[test]
fn a_token_behind_the_last_record_ends_the_list() {
    let crawl = repository("", |asked| {
        let page = honest(asked, 10, 30);
        Ok(match asked.token.as_deref() {
            Some("21") => page.replace("></resumptionToken>", ">99</resumptionToken>"),
            Some("99") => error("badResumptionToken"),
            _ => page,
        })
    });
    crawl.expect_all(30);
    assert!(
        crawl.is_whole() && crawl.findings.is_empty(),
        "{:?}",
        crawl.findings
    );
}

#[test]
fn a_count_that_is_that_of_the_page_does_not_end_the_list() {
    for failure in [Ok(error("badResumptionToken")), Err(Some(404))] as [Answer; 2] {
        let crawl = repository("", |asked| match start(asked) {
            31 => failure.clone(),
            _ => Ok(honest(asked, 10, 37).replace("Size=\"37\"", "Size=\"10\"")),
        });
        assert!(!crawl.is_whole());
    }
    // Nor does a server that breaks down where the count is reached.
    let dead = repository("", |asked| match asked.token.as_deref() {
        Some("11") => Err(Some(500)),
        _ => Ok(honest(asked, 10, 37).replace("Size=\"37\"", "Size=\"10\"")),
    });
    assert!(!dead.is_whole());
}

/// What the count says on the page that begins at the first number, of a list as long as the second.
type Count = fn(u64, u64) -> String;

#[test]
fn counts_are_not_trusted_to_end_a_list() {
    let cases: [(&str, Count, bool, bool); 5] = [
        ("missing", |_, _| String::new(), true, false),
        (
            "too low",
            |_, _| "completeListSize=\"5\"".to_owned(),
            true,
            true,
        ),
        (
            "no number",
            |_, _| "completeListSize=\"beaucoup\"".to_owned(),
            true,
            false,
        ),
        // Something is missing, or the count lies: nothing is deleted on such evidence.
        (
            "too high",
            |_, total| format!("completeListSize=\"{}\"", total + 5),
            false,
            true,
        ),
        // Estimates, which the protocol allows.
        (
            "changing",
            |start, total| format!("completeListSize=\"{}\"", total + 100 - start),
            true,
            true,
        ),
    ];
    for (case, count, whole, told) in cases {
        let crawl = repository("", |asked| {
            let page = honest(asked, 10, 37);
            Ok(page.replace("completeListSize=\"37\"", &count(start(asked), 37)))
        });
        crawl.expect_all(37);
        assert_eq!(crawl.is_whole(), whole, "{case}: {:?}", crawl.announced);
        let tells = crawl.rules().contains(&"paging/counts-disagree");
        assert_eq!(tells, told, "{case}: {:?}", crawl.findings);
    }
}

/// The first record of a page and the token of the next, from the token that was sent.
type Tokens = fn(u64) -> (u64, u64);

#[test]
fn lists_that_go_in_circles_end() {
    let cases: [(&str, Tokens); 4] = [
        ("the same token", |_| (1, 2)),
        ("the same records under new tokens", |token| (1, token + 1)),
        ("a circle of three pages", |token| {
            (1 + 10 * (token % 3), token % 3 + 1)
        }),
        ("a circle behind a tail", |token| {
            (token * 10, if token < 9 { token + 1 } else { 5 })
        }),
    ];
    for (case, tokens) in cases {
        for size in [10, 1] {
            let crawl = repository("", |asked| {
                let (first, next) = tokens(start(asked));
                let records: String = (first..first + size).map(record).collect();
                Ok(list(&format!(
                    "{records}<resumptionToken>{next}</resumptionToken>"
                )))
            });
            // Of records one a page, new tokens may be a list: there the engine's limit of requests ends it.
            assert!(crawl.asked.len() < 40, "{case}: {}", crawl.asked.len());
            assert_eq!(
                crawl.rules(),
                ["paging/repeated-page"],
                "{case}, pages of {size}"
            );
            assert!(!crawl.is_whole());
            if case.starts_with("the same records") {
                break;
            }
        }
    }
}

#[test]
fn endless_and_empty_lists_end() {
    let endless = repository("", |asked| {
        let start = start(asked);
        let records: String = (start..start + 500).map(record).collect();
        Ok(list(&format!(
            "{records}<resumptionToken completeListSize=\"1000\">{}</resumptionToken>",
            start + 500
        )))
    });
    assert!(endless.rules().contains(&"paging/endless"));
    assert!(endless.asked.len() < 40 && !endless.is_whole());
    let hole = repository("", |asked| {
        Ok(if start(asked) == 11 {
            list("<resumptionToken>21</resumptionToken>")
        } else {
            honest(asked, 10, 37)
        })
    });
    assert_eq!((hole.ids.len(), hole.lost), (27, 0));
    assert!(!hole.is_whole(), "the count tells that records are missing");
    let empty = repository("", |asked| {
        Ok(list(&format!(
            "<resumptionToken>{}</resumptionToken>",
            start(asked) + 1
        )))
    });
    assert_eq!(empty.rules(), ["paging/empty-pages"]);
    assert!(empty.asked.len() < 15);
}
