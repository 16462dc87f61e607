//! `bench`: that it measures something, and leaves nothing. How fast is not a test's to say.

use crate::common::Sandbox;

#[test]
fn a_bench_tells_the_machine_and_sound_figures_and_leaves_nothing() {
    let sandbox = Sandbox::new();
    let report = sandbox.run(["bench", "--json"]).json();
    assert!(report["machine"]["processors"].as_u64().unwrap() > 0, "{report}");
    let line = report["cache_line_ns"].as_f64().unwrap();
    let figures = report["figures"].as_array().unwrap();
    assert!(figures.len() == 6 && line > 0.0, "{report}");
    for figure in figures {
        let [median, p99, ratio] = ["median", "p99", "median_ratio"].map(|field| figure[field].as_f64().unwrap());
        assert!(median > 0.0 && p99 >= median && (ratio - median / line).abs() < 1e-6 * ratio, "{figure}");
    }
    let left = sandbox.run(["ls", "--json"]).text();
    assert!(!left.contains("lasthandle-bench"), "{left}");
}

#[test]
fn a_bench_for_people_begins_with_the_machine() {
    let sandbox = Sandbox::new();
    let told = sandbox.run(["bench"]).assert_code(0).text();
    let lines: Vec<&str> = told.lines().collect();
    assert!(lines[0].contains(" processors; ") && lines[1].starts_with("FIGURE"), "{told}");
    assert!(lines[2].contains("cache line") && lines[2].contains("1.00"), "{told}");
}
