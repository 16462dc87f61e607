//! The fuzzer's way into `storm::decode`: any bytes as a name of a file in the root.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| storm::decode::file_name(data));
