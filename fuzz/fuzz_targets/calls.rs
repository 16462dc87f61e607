//! The fuzzer's way into `storm::calls`: any bytes as a program of kernel32 calls. Needs a `LASTHANDLE_ROOT` of its own.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| storm::calls::run(data));
