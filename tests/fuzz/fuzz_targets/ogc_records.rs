//! Answers of a source of the kind `ogc-records`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    fuzz::answers(fuzz::connector("url = \"https://source.example/\"", connector_ogc_records::OgcRecords::new), data);
});
