//! Answers of a source of the kind `inventory`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    fuzz::answers(fuzz::connector("url = \"https://source.example/a.xlsx\"", connector_inventory::Inventory::new), data);
});
