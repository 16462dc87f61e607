//! The fuzzer's way into `storm::channel_bytes`: any bytes as what a hostile peer writes into a channel. Needs a
//! `LASTHANDLE_ROOT` of its own.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    storm::channel_bytes::run(data);
});
