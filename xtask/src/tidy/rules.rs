//! What is excepted from a rule, each with its reason. An exception that is no longer needed is a complaint, too.

use super::{Complaint, File, source};

/// A path, or the beginning of one, and why the rule does not hold there.
pub(super) type Exception = (&'static str, &'static str);

/// Where the platform may be asked for: under `sys/`, and here.
pub(super) const PLATFORM: &[Exception] = &[
    ("crates/lasthandle/src/sys/", "this is where platforms differ"),
    ("crates/lasthandle/tests/common/mod.rs", "each test has a root of its own, where the system has roots"),
    ("crates/lasthandle/tests/mapping.rs", "Windows knows sizes in whole pages only"),
    ("crates/lasthandle/tests/passing.rs", "descriptors and their inheritance exist on Linux only"),
    ("crates/lasthandle/tests/view.rs", "runs machine code"),
];

/// Files longer than [`MOST_LINES`].
pub(super) const LONG: &[Exception] = &[];

/// Longer files are more than one idea.
pub(super) const MOST_LINES: usize = 500;

/// Whether a file is excepted.
pub(super) fn excepts(rule: &[Exception], path: &str) -> bool {
    rule.iter().any(|(place, _)| path.starts_with(place))
}

/// Exceptions that except nothing.
pub(super) fn unused(files: &[File]) -> Vec<Complaint> {
    let uses = |place: &str, test: fn(&File) -> bool| files.iter().any(|it| it.path.starts_with(place) && test(it));
    let platform = PLATFORM.iter().filter(|(place, _)| !uses(place, |file| source::platforms(file).next().is_some()));
    let long = LONG.iter().filter(|(place, _)| !uses(place, |file| file.text.lines().count() > MOST_LINES));
    let message = |(place, _): &Exception| format!("the exception for {place} is not needed");
    platform
        .chain(long)
        .map(|it| Complaint { path: "xtask/src/tidy/rules.rs".to_owned(), line: 1, message: message(it) })
        .collect()
}
