//! Answers of a source of the kind `ldes`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    fuzz::answers(fuzz::connector("url = \"https://source.example/\"", connector_ldes::Ldes::new), data);
});
