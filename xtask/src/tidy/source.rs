//! Rust files: a header, no platform outside of its place, unsafe that is announced, lints with their reasons.

use regex_lite::Regex;

use super::{Complaint, File, code, rules};

const PLATFORM_WORDS: [&str; 8] =
    ["target_os", "target_family", "target_arch", "target_env", "target_vendor", "target_abi", "windows", "unix"];

pub(super) fn check(file: &File) -> Vec<Complaint> {
    let code = code::without_texts(&file.text);
    let mut complaints = Vec::new();
    if !file.text.starts_with("//!") {
        complaints.push(file.at(1, "a file begins with what it is: a `//!` comment"));
    }
    let lines = file.text.lines().count();
    if lines > rules::MOST_LINES && !rules::excepts(rules::LONG, &file.path) {
        complaints.push(file.at(lines, format!("{lines} lines are more than one idea; at most {}", rules::MOST_LINES)));
    }
    if !rules::excepts(rules::PLATFORM, &file.path) {
        let found = platforms(&code).into_iter();
        complaints.extend(found.map(|line| file.at(line, "the platform is asked for under sys/ only")));
    }
    if !rules::excepts(rules::UNSAFE, &file.path) {
        complaints.extend(unsafety(file, &code));
    }
    complaints.extend(lints(file));
    complaints
}

/// The lines with a `cfg` of any form that asks for the platform.
pub(super) fn platforms(code: &str) -> Vec<usize> {
    let start = pattern(r"\bcfg(_attr)?!?\s*\(");
    let word = pattern(&format!(r"\b({})\b", PLATFORM_WORDS.join("|")));
    let found = start.find_iter(code).filter(|found| word.is_match(parenthesized(&code[found.end()..])));
    found.map(|found| line_of(code, found.start())).collect()
}

/// What stands before the parenthesis that closes one opened before.
fn parenthesized(code: &str) -> &str {
    let mut depth = 1;
    let end = code.find(|character| {
        depth += match character {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        depth == 0
    });
    &code[..end.unwrap_or(code.len())]
}

/// A file that opts in as a whole says at its top on what its safety rests; an item's opt-in has the proof beside it.
fn unsafety(file: &File, code: &str) -> Option<Complaint> {
    let used = pattern(r"\bunsafe\s*(\{|\(|impl\b|fn\s+\w|trait\b|extern\s*\{)").find(code);
    let opted = pattern(r"#(!?)\[(allow|expect)\(([^\]]*\W)?unsafe_code").captures(code);
    let opted = opted.and_then(|found| Some((found.get(0)?.start(), !found.get(1)?.is_empty())));
    match (used, opted) {
        (Some(used), None) => {
            let message = "unsafe, and neither file nor item opts in by `allow(unsafe_code)`";
            Some(file.at(line_of(code, used.start()), message))
        }
        (None, Some((at, _))) => Some(file.at(line_of(code, at), "opts in to unsafe and has none")),
        (Some(_), Some((at, true))) if !file.text.contains("\n//! # Safety\n") => {
            Some(file.at(line_of(code, at), "unsafe without a `//! # Safety` text at the top of the file"))
        }
        _ => None,
    }
}

/// A lint is silenced for a reason, which is written there. For unsafe that is the `# Safety` text.
fn lints(file: &File) -> Vec<Complaint> {
    let silenced = pattern(r"(?m)^[ \t]*#!?\[(allow|expect)\(");
    let unexplained = silenced.find_iter(&file.text).map(|found| found.start()).filter(|&start| {
        let (before, attribute) = file.text.split_at(start);
        let end = attribute.find(']').unwrap_or(attribute.len());
        let line_end = attribute[end..].find('\n').map_or(attribute.len(), |newline| end + newline);
        let comment = before.lines().next_back().is_some_and(|line| line.trim_start().starts_with("// "));
        !comment && !["//", "reason =", "unsafe_code"].iter().any(|reason| attribute[..line_end].contains(reason))
    });
    let message = "a silenced lint needs its reason: `reason = …` or a comment";
    unexplained.map(|start| file.at(line_of(&file.text, start), message)).collect()
}

fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a valid pattern")
}

/// The number of the line that a position is in.
fn line_of(code: &str, position: usize) -> usize {
    code[..position].matches('\n').count() + 1
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
        assert!(complaints("//! A.\n#[allow(unsafe_code)]\nfn a() { unsafe { b() } }\n").is_empty());
        assert!(
            complaints("//! A.\n//! # Safety\n#![allow(unsafe_code)]\n#[unsafe(no_mangle)]\nfn a() {}\n").is_empty()
        );
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
