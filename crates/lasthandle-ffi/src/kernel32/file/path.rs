//! What Windows' paths mean here.
//!
//! Backslashes separate, as slashes do; names are otherwise the system's own: case matters, any character goes. There are
//! no drives and no network names. A narrow path is bytes, whatever they mean; a wide one must be UTF-16.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use rustix::io::Errno;

use super::failure::code;
use crate::kernel32::code::Code;
use crate::kernel32::pointer::{Narrow, Wide};
use crate::kernel32::text::Unit;

/// Windows' longest path, in units; longer ones need not be read.
const LONGEST: usize = 32_767;

impl Narrow {
    /// The path that the text stands for.
    pub(crate) fn path(self) -> Result<PathBuf, Code> {
        meant(self.bytes().unwrap_or_default())
    }
}

impl Wide {
    /// The path that the text stands for.
    pub(crate) fn path(self) -> Result<PathBuf, Code> {
        meant(&self.units(LONGEST + 1).unwrap_or_default())
    }
}

/// The path that a text stands for.
pub(super) fn meant<U: Unit>(text: &[U]) -> Result<PathBuf, Code> {
    if text.len() > LONGEST {
        return Err(Code::FILENAME_EXCED_RANGE);
    }
    translate(&U::to_bytes(text).ok_or(Code::INVALID_NAME)?)
}

fn translate(text: &[u8]) -> Result<PathBuf, Code> {
    let (text, literal) = text.strip_prefix(br"\\?\").map_or((text, false), |rest| (rest, true));
    match text {
        [] => return Err(Code::PATH_NOT_FOUND),
        [b'\\', b'\\', b'.', b'\\', ..] => return Err(Code::FILE_NOT_FOUND), // a device of Windows
        [b'\\', b'\\', ..] => return Err(Code::BAD_NETPATH),
        [drive, b':', ..] if drive.is_ascii_alphabetic() => return Err(Code::PATH_NOT_FOUND),
        _ => {}
    }
    if let Some(device) = device(text).filter(|_| !literal) {
        return Ok(device.into());
    }
    let path = text.iter().map(|byte| if *byte == b'\\' { b'/' } else { *byte }).collect();
    Ok(OsString::from_vec(path).into())
}

/// Names that mean devices in every directory.
fn device(text: &[u8]) -> Option<&'static str> {
    let is = |name: &str| text.eq_ignore_ascii_case(name.as_bytes());
    if is("NUL") {
        Some("/dev/null")
    } else if is("CON") || is("CONIN$") || is("CONOUT$") {
        Some("/dev/tty")
    } else {
        None
    }
}

/// Why a call by path failed: a directory that is not there is another error than a file that is not.
pub(super) fn refused(path: &Path, errno: Errno) -> Code {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    match folder {
        Some(folder) if errno == Errno::NOENT && rustix::fs::stat(folder).is_err() => Code::PATH_NOT_FOUND,
        _ => code(errno),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backslashes_separate_and_there_are_no_drives() {
        let path = |text: &str| translate(text.as_bytes()).map(|path| path.to_str().unwrap_or_default().to_owned());
        assert_eq!(path(r"a\b/c"), Ok("a/b/c".into()));
        assert_eq!(path(r"\tmp\x"), Ok("/tmp/x".into()));
        assert_eq!(path(r"\\?\/tmp\x"), Ok("/tmp/x".into()));
        assert_eq!(path("nul"), Ok("/dev/null".into()));
        assert_eq!(path(r"\\?\nul"), Ok("nul".into()));
        assert_eq!(path("ab:c"), Ok("ab:c".into()));
        for (text, code) in [
            ("", 3),
            (r"\\?\", 3),
            (r"C:\x", 3),
            (r"\\?\z:\x", 3),
            ("c:x", 3),
            (r"\\host\share", 53),
            (r"\\.\pipe\x", 2),
        ] {
            assert_eq!(path(text), Err(Code(code)), "{text}");
        }
        assert_eq!(translate(b"\xFF\xFE"), Ok(OsString::from_vec(vec![0xFF, 0xFE]).into()));
    }
}
