//! The fuzzer's way into `storm::decode`: any bytes as an object's name.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| storm::decode::name(data));
