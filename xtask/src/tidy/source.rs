//! Rust files: a header, no platform outside of its place, unsafe that is announced, lints with their reasons.

use regex_lite::Regex;

use super::{Complaint, File, rules};

const PLATFORM_WORDS: [&str; 8] =
    ["target_os", "target_family", "target_arch", "target_env", "target_vendor", "target_abi", "windows", "unix"];

pub(super) fn check(file: &File) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    if !file.text.starts_with("//!") {
        complaints.push(file.at(1, "a file begins with what it is: a `//!` comment"));
    }
    let lines = file.text.lines().count();
    if lines > rules::MOST_LINES && !rules::excepts(rules::LONG, &file.path) {
        complaints.push(file.at(lines, format!("{lines} lines are more than one idea; at most {}", rules::MOST_LINES)));
    }
    if !rules::excepts(rules::PLATFORM, &file.path) {
        let found = platforms(file).map(|line| file.at(line, "the platform is asked for under sys/ only"));
        complaints.extend(found);
    }
    complaints.extend(unsafety(file));
    complaints.extend(lints(file));
    complaints
}

/// The lines with a `cfg` of any form that asks for the platform.
pub(super) fn platforms(file: &File) -> impl Iterator<Item = usize> {
    let start = Regex::new(r"\bcfg(_attr)?!?\s*\(").expect("a valid pattern");
    let word = Regex::new(&format!(r"\b({})\b", PLATFORM_WORDS.join("|"))).expect("a valid pattern");
    let found: Vec<usize> = start
        .find_iter(&file.text)
        .filter(|found| !in_comment(&file.text, found.start()))
        .filter(|found| word.is_match(parenthesized(&file.text[found.end()..])))
        .map(|found| file.line_of(found.start()))
        .collect();
    found.into_iter()
}

/// What stands before the parenthesis that closes one opened before.
fn parenthesized(text: &str) -> &str {
    let mut depth = 1;
    let end = text.find(|character| {
        depth += match character {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        depth == 0
    });
    &text[..end.unwrap_or(text.len())]
}

/// Whether a line comment begins earlier in the same line. A `//` in a text counts as one: no harm.
fn in_comment(text: &str, position: usize) -> bool {
    let line = text[..position].rfind('\n').map_or(0, |newline| newline + 1);
    text[line..position].contains("//")
}

/// Each file opts in for itself, and says on what its safety rests.
fn unsafety(file: &File) -> Vec<Complaint> {
    let unsafe_code =
        Regex::new(r#"\bunsafe\s*(\{|impl\b|fn\s+\w|trait\b|extern\s*("C")?\s*\{)"#).expect("a valid pattern");
    let opt_in = Regex::new(r"#!?\[(allow|expect)\(([^\]]*\W)?unsafe_code").expect("a valid pattern");
    let first =
        |pattern: &Regex| pattern.find_iter(&file.text).map(|it| it.start()).find(|&at| !in_comment(&file.text, at));
    match (first(&unsafe_code), first(&opt_in)) {
        (None, None) => Vec::new(),
        (Some(used), None) => {
            vec![file.at(file.line_of(used), "unsafe, and the file does not opt in by `#![allow(unsafe_code)]`")]
        }
        (None, Some(opted)) => vec![file.at(file.line_of(opted), "opts in to unsafe and has none")],
        (Some(_), Some(opted)) if !file.text.contains("//! # Safety") => {
            vec![file.at(file.line_of(opted), "unsafe without a `//! # Safety` text at the top of the file")]
        }
        (Some(_), Some(opted)) if !file.text[opted..].starts_with("#![") => {
            vec![file.at(
                file.line_of(opted),
                "opt in for the whole file: `#![allow(unsafe_code)]` under its `# Safety` text",
            )]
        }
        _ => Vec::new(),
    }
}

/// A lint is silenced for a reason, which is written there. For unsafe that is the `# Safety` text.
fn lints(file: &File) -> Vec<Complaint> {
    let silenced = Regex::new(r"^\s*#!?\[(allow|expect)\(").expect("a valid pattern");
    let mut before = "";
    let mut complaints = Vec::new();
    for (number, line) in file.lines() {
        let reason = line.contains("//") || line.contains("reason =") || before.trim_start().starts_with("// ");
        if silenced.is_match(line) && !reason && !line.contains("unsafe_code") {
            complaints.push(file.at(number, "a silenced lint needs its reason: `reason = …` or a comment"));
        }
        before = line;
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(text: &str) -> Vec<String> {
        check(&File::test("crates/x/src/a.rs", text)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_platform_is_found_in_every_form_of_cfg_and_nowhere_else() {
        for cfg in ["#[cfg(unix)]", "#![cfg(not(\n    windows\n))]", "if cfg!(any(test, target_os = \"linux\")) {}"] {
            assert_eq!(complaints(&format!("//! A.\n{cfg}\n")).len(), 1, "{cfg}");
        }
        for fine in ["#[cfg(test)]\nmod windows;", "#[cfg(miri)] use std::os::unix::fs;", "// #[cfg(unix)]"] {
            assert!(complaints(&format!("//! A.\n{fine}\n")).is_empty(), "{fine}");
        }
    }

    #[test]
    fn platform_is_allowed_where_platforms_differ() {
        let file = File::test("crates/lasthandle/src/sys/mod.rs", "//! A.\n#[cfg(unix)]\nmod linux;\n");
        assert!(check(&file).is_empty());
    }

    #[test]
    fn unsafe_is_announced_or_not_there() {
        assert_eq!(complaints("//! A.\nfn a() { unsafe { b() } }\n").len(), 1);
        assert_eq!(complaints("//! A.\n#![allow(unsafe_code)]\nfn a() { unsafe { b() } }\n").len(), 1);
        assert_eq!(complaints("//! A.\n//! # Safety\n#![allow(unsafe_code)]\nfn a() {}\n").len(), 1);
        assert_eq!(complaints("//! A.\n//! # Safety\n#[allow(unsafe_code)]\nfn a() { unsafe { b() } }\n").len(), 1);
        assert!(complaints("//! A.\n//! # Safety\n#![allow(unsafe_code)]\nfn a() { unsafe { b() } }\n").is_empty());
    }

    #[test]
    fn a_header_a_length_and_reasons_are_asked_for() {
        assert_eq!(complaints("fn a() {}\n").len(), 1);
        assert_eq!(complaints(&format!("//! A.\n{}", "fn a() {}\n".repeat(500))).len(), 1);
        assert_eq!(complaints("//! A.\n#[allow(dead_code)]\nfn a() {}\n").len(), 1);
        assert!(complaints("//! A.\n#[expect(dead_code, reason = \"soon\")]\nfn a() {}\n").is_empty());
        assert!(complaints("//! A.\n#[allow(dead_code)] // used by the next file\nfn a() {}\n").is_empty());
    }
}
