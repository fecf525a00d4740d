//! Whatever bytes come, whatever the pages say: no panic, no loop.

use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), cut in 0_usize..2000, at in 0_usize..2000) {
        let page = results("numberOfRecordsMatched=\"3\"", &span(1, 3, 3)).into_bytes();
        let _ = read(&bytes);
        let _ = read(page.get(..cut).unwrap_or(&page));
        let mut spoilt = page.clone();
        let at = at.min(spoilt.len());
        spoilt.splice(at..at, bytes.iter().copied());
        let _ = read(&spoilt);
        let connector = csw("");
        let first = connector.start(None).remove(0);
        let _ = connector.read(&response(&first, bytes));
        let _ = connector.read(&response(&first, CAPABILITIES.as_bytes().get(..cut).unwrap_or_default().to_vec()));
    }

    #[test]
    fn no_paging_makes_it_loop(total in 0_u64..80, claimed in prop::option::of(0_u64..200), next in prop::option::of(0_u64..200), size in 1_u64..30, cap in 0_u64..30, bad in prop::collection::vec(1_u64..80, 0..6), shift in 0_u64..3) {
        catalogue(&format!("page_size = {size}"), |asked| {
            let range = asked.start..asked.start + asked.size;
            if bad.iter().any(|bad| range.contains(bad)) {
                return Err(Some(500));
            }
            let matched = claimed.map(|claimed| format!("numberOfRecordsMatched=\"{claimed}\" ")).unwrap_or_default();
            let next = next.map(|next| format!("nextRecord=\"{next}\"")).unwrap_or_default();
            Ok(results(&(matched + &next), &span(asked.start.saturating_sub(shift).max(1), asked.size.min(cap), total)))
        });
    }
}
