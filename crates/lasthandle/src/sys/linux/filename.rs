//! Object names as file names. Two names never meet in one file.
//!
//! A name's bytes (WTF-8) stand for themselves where they are ASCII letters, digits, `-`, `_` or a `.` that is not
//! first; any other byte is `%` and two upper-case hex digits. A name that would be too long ends in `%~` and its
//! SHA-256 instead, and the record tells which it is. `%` before anything but a hex digit is thus free for files
//! that are no objects: `%tmp.…` is a file on its way to becoming one.

use std::fmt::Write as _;

use crate::name::Name;
use crate::record::{sha256, to_wtf8};

/// Longest file name made here. Leaves room for the prefix of global names within the 255 bytes of a file name.
const LONGEST: usize = 240;
/// How much of a long name its file name shows.
const SHOWN: usize = 120;

/// What files that are on their way to becoming objects begin with.
pub(crate) const TEMPORARY: &str = "%tmp.";
/// What the life files of processes begin with.
pub(crate) const LIFE: &str = "%life.";

/// The file name for an object name, without directory and prefix.
pub fn encode(name: &Name) -> String {
    let bytes = to_wtf8(name.units());
    let mut encoded = String::with_capacity(bytes.len());
    for (at, &byte) in bytes.iter().enumerate() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') || (byte == b'.' && at > 0) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        if encoded.len() > LONGEST {
            return shortened(encoded, &bytes);
        }
    }
    encoded
}

fn shortened(mut encoded: String, bytes: &[u8]) -> String {
    encoded.truncate(SHOWN);
    encoded.push_str("%~");
    for byte in sha256(bytes) {
        let _ = write!(encoded, "{byte:02x}");
    }
    encoded
}

/// For people: the object name that a file name stands for, as far as it can be told without the record.
pub fn decode(file_name: &str) -> String {
    let (body, rest) = file_name.split_once("%~").map_or((file_name, ""), |(body, _)| (body, "…"));
    let mut bytes = Vec::with_capacity(body.len());
    let mut characters = body.as_bytes().iter();
    while let Some(&byte) = characters.next() {
        let hex = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        match (byte, characters.as_slice().get(..2).and_then(hex)) {
            (b'%', Some(decoded)) => {
                bytes.push(decoded);
                characters.nth(1);
            }
            _ => bytes.push(byte),
        }
    }
    format!("{}{rest}", String::from_utf8_lossy(&bytes))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn file(name: &str) -> String {
        encode(&Name::new(name).unwrap())
    }

    #[test]
    fn plain_names_stay_readable_and_others_cannot_escape() {
        assert_eq!(file("HelloWorld-1.2_x"), "HelloWorld-1.2_x");
        assert_eq!(file("."), "%2E");
        assert_eq!(file(".."), "%2E.");
        assert_eq!(file("../x"), "%2E.%2Fx");
        assert_eq!(file("100%"), "100%25");
        assert_eq!(file("é"), "%C3%A9");
        assert_eq!(decode(&file("a/é%\u{1F980}")), "a/é%\u{1F980}");
        assert_eq!(decode("%zz%4"), "%zz%4");
    }

    #[test]
    fn two_names_never_meet() {
        let mut names: Vec<String> = ["a", "A", "a%", "%61", "%41", "a%41", "/", "%2F", "%252F", "%tmp.x", "%~"]
            .into_iter()
            .map(String::from)
            .collect();
        for length in [79, 80, 81, 119, 120, 121, 239, 240, 241, 242, 500] {
            names.extend(["x", "é", "/", "%"].map(|unit| unit.repeat(length)));
            names.push(format!("{}y", "x".repeat(length)));
        }
        let units = |name: &String| name.clone();
        let distinct: HashSet<String> = names.iter().map(units).collect();
        let files: HashSet<String> = distinct.iter().map(|name| file(name)).collect();
        assert_eq!(files.len(), distinct.len());
        for file in files {
            assert!(file.len() <= LONGEST && !file.starts_with('.') && !file.starts_with(TEMPORARY), "{file}");
            assert!(!file.contains('/'));
        }
    }

    #[test]
    fn a_lone_surrogate_is_a_name_of_its_own() {
        let lone = Name::from_wide(&[0xD800]).unwrap();
        assert_eq!(encode(&lone), "%ED%A0%80");
        assert_ne!(encode(&lone), file("\u{FFFD}"));
    }
}
