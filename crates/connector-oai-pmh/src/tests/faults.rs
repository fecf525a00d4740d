//! Records that break their page, pages that are cut off, servers that die.

use super::*;

#[test]
fn one_bad_record_does_not_cost_its_page() {
    for bad in [1, 7, 10] {
        for spoilt in [
            "Étude & mares",
            "<dc:title>",
            "&nbsp;",
            "</dc:title></oai_dc:dc>",
        ] {
            let crawl =
                repository("", |asked| {
                    let good = record(bad);
                    Ok(honest(asked, 10, 27)
                        .replace(&good, &good.replace("Étude &amp; mares", spoilt)))
                });
            let others: Vec<String> = (1..=27).filter(|number| *number != bad).map(id).collect();
            assert_eq!(
                crawl.distinct(),
                others,
                "{spoilt} in {bad}: {:?}",
                crawl.findings
            );
            assert_eq!(
                (crawl.refused, crawl.lost, crawl.announced),
                (1, 0, Some(27))
            );
            assert_eq!(crawl.rules(), ["record/unreadable"]);
            let finding = &crawl.findings[0];
            assert_eq!(
                finding.record.as_ref().map(ToString::to_string),
                Some(id(bad))
            );
            assert!(
                finding
                    .place
                    .as_deref()
                    .is_some_and(|place| place.starts_with("https"))
            );
        }
    }
}

#[test]
fn formats_with_records_of_their_own_do_not_mislead_the_rescue() {
    let marc = "<record><header><identifier>m</identifier></header><metadata><record xmlns=\"http://www.loc.gov/MARC21/slim\"><leader>x</leader></record></metadata></record>";
    let broken = record(2).replace("&amp;", "&");
    let body = list(&[record(1), marc.to_owned(), broken, record(3)].concat());
    let page = read(body.as_bytes()).expect("a page");
    let ids: Vec<String> = page
        .records
        .iter()
        .map(|record| record.id.to_string())
        .collect();
    assert_eq!(ids, [id(1), id(3)]);
    let rules: Vec<&str> = page
        .findings
        .iter()
        .map(|finding| finding.rule.as_ref())
        .collect();
    assert_eq!(rules, ["record/unsupported-format", "record/unreadable"]);
    assert_eq!(page.refused, 2);
}

#[test]
fn a_page_that_is_cut_off_is_asked_for_again_and_then_lost() {
    for transient in [true, false] {
        let mut asked_twice = false;
        let crawl = repository("", |asked| {
            let page = honest(asked, 10, 37);
            if start(asked) != 11 || (asked_twice && transient) {
                return Ok(page);
            }
            asked_twice = true;
            Ok(page[..page.len() - 60].to_owned())
        });
        if transient {
            crawl.expect_all(37);
            assert!(crawl.is_whole());
        } else {
            assert_eq!((crawl.ids.len(), crawl.lost), (10, 1));
            assert!(!crawl.is_whole());
        }
    }
}

#[test]
fn a_server_that_dies_costs_few_requests_and_loses_the_run() {
    let deaths: [Answer; 4] = [
        Err(None),
        Err(Some(503)),
        Ok("<html>maintenance".to_owned()),
        Ok(error("badVerb")),
    ];
    for death in deaths {
        let crawl = repository("", |asked| {
            if start(asked) > 100 {
                death.clone()
            } else {
                Ok(honest(asked, 50, 60_000))
            }
        });
        assert_eq!(crawl.distinct().len(), 100);
        assert!(!crawl.is_whole());
        assert!(crawl.asked.len() < 12, "{}", crawl.asked.len());
    }
}
