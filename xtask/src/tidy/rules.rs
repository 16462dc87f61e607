//! What is excepted from a rule, each with its reason. An exception that is no longer needed is a complaint, too.

use super::{Complaint, File, code, source};

/// A path, or the beginning of one, and why the rule does not hold there.
pub(super) type Exception = (&'static str, &'static str);

/// Where the platform may be asked for.
pub(super) const PLATFORM: &[Exception] = &[
    ("crates/lasthandle/src/sys/", "this is where platforms differ"),
    (
        "crates/lasthandle/tests/",
        "tests of what one system has, such as descriptors; roots of their own where there are roots",
    ),
    ("crates/conformance/src/sync.rs", "on Windows a timer goes on telling when it would be due after a cancel"),
    ("crates/conformance/tests/platform/", "chooses the kernel and the kind of file to run the suite on"),
    ("crates/lasthandle-ffi/src/lib.rs", "Windows' own names are exported where Windows is not"),
    ("crates/lasthandle-ffi/src/kernel32/near.rs", "how a thread finds its own differs between processors"),
    ("crates/lasthandle-ffi/tests/", "programs that call Windows' names exist where those are exported"),
    ("crates/lasthandle-cli/tests/", "signals, killed processes and roots differ"),
    ("crates/lasthandle-cli/src/child.rs", "signals, and how a killed process ends, differ"),
    ("crates/lasthandle-cli/src/stream.rs", "std has no unbuffered standard streams that are the same everywhere"),
    ("crates/lasthandle-cli/src/transfer.rs", "a test that leaves out what Wine 8 gets wrong"),
    ("crates/storm/", "storms the Linux engine, and is empty elsewhere"),
];

/// Where unsafe code needs no word of its own at the top.
pub(super) const UNSAFE: &[Exception] = &[("bench/", "measures the bare calls, in a workspace of its own")];

/// Files longer than [`MOST_LINES`].
pub(super) const LONG: &[Exception] = &[];

/// Longer files are more than one idea.
pub(super) const MOST_LINES: usize = 500;

/// Whether a file is excepted.
pub(super) fn excepts(rule: &[Exception], path: &str) -> bool {
    rule.iter().any(|(place, _)| path.starts_with(place))
}

fn asks_for_platform(file: &File) -> bool {
    file.extension() == "rs" && !source::platforms(&code::without_texts(&file.text)).is_empty()
}

/// Exceptions that except nothing.
pub(super) fn unused(files: &[File]) -> Vec<Complaint> {
    let uses = |place: &str, test: fn(&File) -> bool| files.iter().any(|it| it.path.starts_with(place) && test(it));
    let platform = PLATFORM.iter().filter(|(place, _)| !uses(place, asks_for_platform));
    let long = LONG.iter().filter(|(place, _)| !uses(place, |file| file.text.lines().count() > MOST_LINES));
    let message = |(place, _): &Exception| format!("the exception for {place} is not needed");
    platform
        .chain(long)
        .map(|it| Complaint { path: "xtask/src/tidy/rules.rs".to_owned(), line: 1, message: message(it) })
        .collect()
}
