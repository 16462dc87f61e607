//! The shared library is never unloaded: threads that end later still come to it, by keys and handlers that it has given
//! to the C library. Elsewhere than on Linux it says so in words only.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "linux") {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
