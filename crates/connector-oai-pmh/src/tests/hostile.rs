//! Whatever bytes come, whatever the tokens say: no panic, no loop.

use proptest::prelude::*;

use super::*;

#[test]
fn broken_pages_cost_their_length_and_no_more() {
    let began = std::time::Instant::now();
    let words = "header ".repeat(500_000);
    let tags = "> <header".repeat(300_000);
    let heads = format!("{}{}", " ".repeat(1_000_000), record(1).repeat(2_000));
    for hostile in [words, tags, heads] {
        let _ = read(list(&format!("{hostile}&")).as_bytes());
        let _ = read(list(&format!("{}{hostile}&", record(1))).as_bytes());
    }
    let taken = began.elapsed();
    assert!(taken.as_secs() < 60, "{taken:?}");
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), cut in 0_usize..2500, at in 0_usize..2500) {
        let page = list(&[record(1), deleted(2), record(3)].concat()).into_bytes();
        let _ = read(&bytes);
        let _ = read(page.get(..cut).unwrap_or(&page));
        let mut spoilt = page.clone();
        let at = at.min(spoilt.len());
        spoilt.splice(at..at, bytes.iter().copied());
        let _ = read(&spoilt);
        let connector = oai("incremental = true");
        for first in [connector.start(None), connector.start(Some(&checkpoint()))] {
            let _ = connector.read(&response(&first[0], bytes.clone()));
        }
    }

    /// However many records a broken page has, each is read or refused.
    #[test]
    fn no_record_of_a_broken_page_is_lost(spoilt in prop::collection::vec(0_u8..4, 1..12)) {
        let records: String = spoilt.iter().enumerate().map(|(index, how)| {
            let good = record(index as u64);
            match how {
                0 => good.replace("&amp;", "&"),
                1 => good.replace("<dc:title>", "<dc:title"),
                _ => good,
            }
        }).collect();
        let page = read(list(&records).as_bytes()).expect("a page");
        prop_assert_eq!(page.records.len() as u64 + page.refused, spoilt.len() as u64);
        prop_assert_eq!(page.refused, spoilt.iter().filter(|how| **how < 2).count() as u64);
    }

    #[test]
    fn no_tokens_make_it_loop(next in prop::collection::vec(0_usize..12, 12), sizes in prop::collection::vec(0_u64..4, 12), count in prop::option::of(0_u64..40), fails in prop::collection::vec(0_u8..12, 12)) {
        let page = |asked: &Asked| -> Answer {
            let at = asked.token.as_deref().and_then(|token| token.parse::<usize>().ok()).unwrap_or(0).min(11);
            match fails[at] {
                0 => return Ok(error("badResumptionToken")),
                1 => return Err(Some(500)),
                2 => return Ok("<OAI-PMH><ListRecords>".to_owned()),
                _ => {}
            }
            let records: String = (0..sizes[at]).map(|number| record(at as u64 * 10 + number)).collect();
            let count = count.map(|count| format!("completeListSize=\"{count}\"")).unwrap_or_default();
            Ok(list(&format!("{records}<resumptionToken {count}>{}</resumptionToken>", next[at])))
        };
        let crawl = repository("", page);
        prop_assert!(crawl.asked.len() < 500, "{}", crawl.asked.len());
    }
}
