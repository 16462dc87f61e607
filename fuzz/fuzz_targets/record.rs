//! The fuzzer's way into `storm::decode`: any bytes as a record page.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| storm::decode::record(data));
