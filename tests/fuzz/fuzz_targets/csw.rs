//! Answers of a source of the kind `csw`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    fuzz::answers(fuzz::connector("url = \"https://source.example/\"", connector_csw::Csw::new), data);
});
