//! Which program a command line means, and which arguments: by the rules of Windows and of its C library.
//!
//! Texts are bytes here: UTF-8, or whatever a narrow caller gave.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};

use crate::kernel32::code::Code;

/// The first word of a command line, and where the rest begins. In it quotes only hide blanks.
fn first_word(line: &[u8]) -> (Vec<u8>, usize) {
    let mut quoted = false;
    let end = line.iter().position(|&byte| {
        quoted ^= byte == b'"';
        !quoted && is_blank(byte)
    });
    let end = end.unwrap_or(line.len());
    (line[..end].iter().copied().filter(|&byte| byte != b'"').collect(), end)
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// The arguments as a C program sees them, its own name first.
pub(super) fn split(line: &[u8]) -> Vec<Vec<u8>> {
    let (program, end) = first_word(line);
    let mut words = vec![program];
    let mut rest = &line[end..];
    loop {
        let blanks = rest.iter().take_while(|&&byte| is_blank(byte)).count();
        rest = &rest[blanks..];
        if rest.is_empty() {
            return words;
        }
        let (word, length) = next_word(rest);
        words.push(word);
        rest = &rest[length..];
    }
}

/// Backslashes before a quote stand for half as many, and an odd one makes the quote a character; two quotes within
/// quotes are one. Backslashes elsewhere are themselves.
fn next_word(text: &[u8]) -> (Vec<u8>, usize) {
    let (mut word, mut quoted, mut at) = (Vec::new(), false, 0);
    while let Some(&byte) = text.get(at).filter(|&&byte| quoted || !is_blank(byte)) {
        let backslashes = text[at..].iter().take_while(|&&byte| byte == b'\\').count();
        if backslashes > 0 {
            at += backslashes;
            let before_quote = text.get(at) == Some(&b'"');
            word.resize(word.len() + if before_quote { backslashes / 2 } else { backslashes }, b'\\');
            if before_quote && backslashes % 2 == 1 {
                word.push(b'"');
                at += 1;
            }
        } else if byte == b'"' {
            if quoted && text.get(at + 1) == Some(&b'"') {
                word.push(b'"');
                at += 1;
            } else {
                quoted = !quoted;
            }
            at += 1;
        } else {
            word.push(byte);
            at += 1;
        }
    }
    (word, at)
}

/// The program that is named as such: relative to the current directory, never searched for.
pub(super) fn named(name: &[u8]) -> Result<PathBuf, Code> {
    spellings(name).find(|path| path.is_file()).ok_or_else(|| missing(&path(name)))
}

/// The program that a command line begins with. Without quotes, each blank may be the end of its name or a part of it.
pub(super) fn found(line: &[u8]) -> Result<PathBuf, Code> {
    if line.first() == Some(&b'"') {
        return search(&first_word(line).0);
    }
    let blanks = line.iter().enumerate().filter(|(_, byte)| is_blank(**byte)).map(|(at, _)| at);
    let mut candidates = blanks.chain([line.len()]).filter(|&at| at > 0);
    let first = candidates.next().ok_or(Code::INVALID_PARAMETER)?;
    let error = match search(&line[..first]) {
        Ok(found) => return Ok(found),
        Err(error) => error,
    };
    candidates.find_map(|at| search(&line[..at]).ok()).ok_or(error)
}

/// A name without a directory is looked for beside this program, in the current directory, and in `PATH`.
fn search(name: &[u8]) -> Result<PathBuf, Code> {
    if name.iter().any(|byte| b"/\\".contains(byte)) {
        return named(name);
    }
    let beside = std::env::current_exe().ok().and_then(|path| path.parent().map(Path::to_owned));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let directories = beside.into_iter().chain([PathBuf::from(".")]).chain(std::env::split_paths(&path));
    let mut files = directories.flat_map(|directory| spellings(name).map(move |file| directory.join(file)));
    files.find(|file| file.is_file() && access(file, Access::EXEC_OK).is_ok()).ok_or(Code::FILE_NOT_FOUND)
}

/// A name as it is, and as programs for Windows spell it: with backslashes, without `.exe`.
fn spellings(name: &[u8]) -> impl Iterator<Item = PathBuf> + use<> {
    let slashes: Vec<u8> = name.iter().map(|&byte| if byte == b'\\' { b'/' } else { byte }).collect();
    let with_ending = [slashes.as_slice(), b".exe"].concat();
    [name.to_vec(), slashes, with_ending]
        .into_iter()
        .map(|name| path(&name))
        .filter(|path| !path.as_os_str().is_empty())
}

pub(super) fn path(name: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::from_bytes(name))
}

/// A directory as programs spell it.
pub(super) fn directory(name: &[u8]) -> Result<PathBuf, Code> {
    spellings(name).find(|path| path.is_dir()).ok_or(Code::DIRECTORY)
}

fn missing(file: &Path) -> Code {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() && !parent.is_dir() => Code::PATH_NOT_FOUND,
        _ if file.is_dir() => Code::ACCESS_DENIED,
        _ => Code::FILE_NOT_FOUND,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        split(line.as_bytes()).into_iter().map(|word| String::from_utf8(word).unwrap()).collect()
    }

    #[test]
    fn arguments_are_split_as_c_programs_on_windows_do() {
        assert_eq!(words("a b  c\t d "), ["a", "b", "c", "d"]);
        assert_eq!(words(r#""a b" "c d" e"f g"h"#), ["a b", "c d", "ef gh"]);
        assert_eq!(words(r#"p "a\"b" c\\d "e\\" f\\\"g h"#), ["p", "a\"b", "c\\\\d", "e\\", "f\\\"g", "h"]);
        assert_eq!(words(r#"p "" "a""b" c"#), ["p", "", "a\"b", "c"]);
        assert_eq!(words(r#""p\" x"#), ["p\\", "x"], "in the program's name a backslash is one");
        assert_eq!(words(r#"p "never closed \\"#), ["p", r"never closed \\"]);
        assert_eq!(words(" x"), ["", "x"]);
    }

    #[test]
    fn a_program_is_searched_for_with_blanks_in_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("a program.exe");
        std::fs::copy("/bin/true", &program).unwrap();
        let line = |text: &str| format!("{}/{text}", folder.path().display()).into_bytes();
        assert_eq!(found(&line("a program with words")).unwrap(), program);
        assert_eq!(found(&line("a program.exe x")).unwrap(), program);
        assert_eq!(found(&[b"\"".as_slice(), &line("a program\" x")].concat()).unwrap(), program);
        assert_eq!(found(&line("no program")).unwrap_err(), Code::FILE_NOT_FOUND);
        assert_eq!(found(&line("no/program")).unwrap_err(), Code::PATH_NOT_FOUND);
        assert_eq!(found(b"no_such_program_anywhere").unwrap_err(), Code::FILE_NOT_FOUND);
        assert_eq!(found(b"").unwrap_err(), Code::INVALID_PARAMETER);
        assert!(found(b"true and more").is_ok(), "PATH is searched");
    }
}
