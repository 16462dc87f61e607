//! The protocol of debug output: a mapping opened for write only, events opened with single rights.

use crate::build::{Bench, Language};

#[test]
fn debug_output_reaches_the_monitor() {
    let bench = Bench::new();
    for language in [Language::C, Language::Cpp] {
        let viewer = bench.example(language, "debug_viewer");
        let output = bench.example(language, "debug_output");
        assert_eq!(bench.run(&output, &["unheard"]), (1, "nobody listens\n".into()));
        let mut listening = bench.start(&viewer, &["3"]);
        assert_eq!(listening.line(), "listening");
        assert_eq!(bench.run(&viewer, &["1"]), (1, "Another monitor is running.\n".into()));
        assert_eq!(bench.run(&output, &["one", "two"]), (0, String::new()));
        assert_eq!(bench.run(&output, &["three"]), (0, String::new()));
        assert_eq!(listening.finish(), (0, "[other] one\n[other] two\n[other] three\n".into()));
        assert_eq!(bench.run(&output, &["unheard"]), (1, "nobody listens\n".into()), "the names end with the monitor");
    }
}
