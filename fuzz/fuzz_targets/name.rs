#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| storm::decode::name(data));
