//! A writer of telemetry and readers that may only read.

use crate::build::{Bench, Language};

const LAST: &str = "read-only: 5\nlast: 100.0 m/s, 3000 rpm, gear 21, running 0\n";

#[test]
fn a_reader_with_no_right_to_write_follows_to_the_last_frame() {
    let bench = Bench::new();
    for language in Language::ALL {
        let writer = bench.example(language, "telemetry_writer");
        let reader = bench.example(language, "telemetry_reader");
        assert_eq!(bench.run(&reader, &[]), (1, "Nobody publishes: 2\n".into()), "{language:?}");
        let mut writing = bench.start(&writer, &["200", "5"]);
        assert_eq!(writing.line(), "publishing");
        assert_eq!(bench.run(&writer, &["1", "1"]), (1, "Somebody publishes already.\n".into()));
        assert_eq!(bench.run(&reader, &[]), (0, LAST.into()), "{language:?}");
        assert_eq!(writing.finish().0, 0);
    }
}

#[test]
fn a_reader_says_that_the_writer_is_silent() {
    let bench = Bench::new();
    // Narrow and wide programs agree: what they share has no text in it.
    let writer = bench.example(Language::C, "telemetry_writer");
    let reader = bench.example(Language::CppWide, "telemetry_reader");
    let mut writing = bench.start(&writer, &["2", "4000"]);
    assert_eq!(writing.line(), "publishing");
    let expected = "read-only: 5\nno news for two seconds\nlast: 0.5 m/s, 1010 rpm, gear 1, running 1\n";
    assert_eq!(bench.run(&reader, &[]), (0, expected.into()));
    drop(writing.finish());
}
