//! One text in the place of every value that the rules read.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| fuzz::values(text));
