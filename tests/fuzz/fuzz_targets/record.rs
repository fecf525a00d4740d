//! A record of any format; the first byte says which.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model::{RawRecord, RecordFormat, RecordId};

fuzz_target!(|data: &[u8]| {
    let Some((first, body)) = data.split_first() else {
        return;
    };
    let format = RecordFormat::ALL[usize::from(*first) % RecordFormat::ALL.len()];
    fuzz::record(&RawRecord {
        id: RecordId::new("1"),
        format,
        body: body.to_vec().into(),
    });
});
