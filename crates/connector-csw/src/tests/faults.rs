//! Records that break their page, and servers that die.

use super::*;

/// Spoils a page.
type Fault = fn(String) -> Answer;

#[test]
fn one_bad_record_is_isolated_and_the_others_are_read() {
    let faults: [(&str, Fault); 4] = [
        ("stray &", |page| Ok(page.replace("&amp;", "&"))),
        ("truncated", |page| Ok(page[..page.len() - 40].to_owned())),
        ("500", |_| Err(Some(500))),
        ("timeout", |_| Err(None)),
    ];
    for (fault, spoil) in faults {
        for bad in [
            vec![1],
            vec![7],
            vec![37],
            vec![36],
            vec![11, 12],
            vec![3, 20, 21, 22, 37],
        ] {
            for size in [1, 3, 10, 50] {
                let crawl = catalogue(&format!("page_size = {size}"), |asked| {
                    let page = honest(&asked, 37);
                    let range = asked.start..asked.start + asked.size;
                    if bad.iter().any(|bad| range.contains(bad)) {
                        spoil(page)
                    } else {
                        Ok(page)
                    }
                });
                let good: Vec<String> = (1..=37)
                    .filter(|number| !bad.contains(number))
                    .map(id)
                    .collect();
                assert_eq!(
                    crawl.distinct(),
                    good,
                    "{fault} at {bad:?}, pages of {size}"
                );
                assert_eq!(crawl.ids.len(), good.len());
                assert_eq!(
                    (crawl.refused as usize, crawl.lost),
                    (bad.len(), 0),
                    "{fault} at {bad:?}, pages of {size}"
                );
            }
        }
    }
}

#[test]
fn a_server_that_dies_costs_few_requests_and_loses_the_run() {
    let deaths: [Answer; 4] = [
        Err(None),
        Err(Some(503)),
        Ok("<html>maintenance".to_owned()),
        Ok("<ExceptionReport/>".to_owned()),
    ];
    for death in deaths {
        let crawl = catalogue("", |asked| {
            if asked.start > 100 {
                death.clone()
            } else {
                Ok(honest(&asked, 60_000))
            }
        });
        assert_eq!(crawl.ids.len(), 100);
        assert!(crawl.lost >= 1, "the run must not count as complete");
        assert!(crawl.requests < 40, "{}", crawl.requests);
    }
}
