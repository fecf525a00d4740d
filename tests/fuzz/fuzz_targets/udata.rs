//! Answers of a source of the kind `udata`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    fuzz::answers(fuzz::connector("url = \"https://source.example/\"", connector_udata::Udata::new), data);
});
