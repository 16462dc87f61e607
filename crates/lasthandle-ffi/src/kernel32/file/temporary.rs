//! Temporary names.

use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use rustix::fs::{FileType, Mode, OFlags, Stat};
use rustix::io::Errno;
use rustix::time::{ClockId, clock_gettime};

use super::path::{meant, refused};
use crate::kernel32::call::{call, export};
use crate::kernel32::code::Code;
use crate::kernel32::pointer::{Narrow, Out, Wide};
use crate::kernel32::text::{Unit, length};

/// Units of a path with its NUL, as programs have room for.
const MAX_PATH: usize = 260;
/// Units for a separator, the prefix, the number, the ending and the NUL.
const ROOM: usize = 14;

export! {
    /// The directory for temporary files, with a separator at its end: `TMPDIR`, else `/tmp/`.
    fn GetTempPathA(room: u32, buffer: Out<u8>) -> u32 {
        temporary_path(room, buffer)
    }

    /// The same.
    fn GetTempPathW(room: u32, buffer: Out<u16>) -> u32 {
        temporary_path(room, buffer)
    }

    /// A name for a temporary file; with number 0, one that was free, and is that of an empty file now.
    fn GetTempFileNameA(folder: Narrow, prefix: Narrow, number: u32, buffer: Out<u8>) -> u32 {
        call(0, || temporary_name(folder.bytes(), prefix.bytes(), number, buffer))
    }

    /// The same.
    fn GetTempFileNameW(folder: Wide, prefix: Wide, number: u32, buffer: Out<u16>) -> u32 {
        let (folder, prefix) = (folder.units(MAX_PATH), prefix.units(MAX_PATH));
        call(0, || temporary_name(folder.as_deref(), prefix.as_deref(), number, buffer))
    }
}

/// Units written without the NUL; if there is no room, those needed with it.
fn temporary_path<U: Unit>(room: u32, buffer: Out<U>) -> u32 {
    call(0, || {
        let folder = std::env::temp_dir();
        let mut path = folder.as_os_str().as_bytes().to_vec();
        if path.last() != Some(&b'/') {
            path.push(b'/');
        }
        let text = U::from_narrow(&path);
        if length(&text) >= room {
            return Ok(length(&text) + 1);
        }
        buffer.required()?.text(&text);
        Ok(length(&text))
    })
}

fn temporary_name<U: Unit>(
    folder: Option<&[U]>,
    prefix: Option<&[U]>,
    number: u32,
    buffer: Out<U>,
) -> Result<u32, Code> {
    let (Some(folder), Ok(buffer)) = (folder, buffer.required()) else {
        return Err(Code::INVALID_PARAMETER);
    };
    if folder.len() > MAX_PATH - ROOM {
        return Err(Code::BUFFER_OVERFLOW);
    }
    let is_folder = |found: Stat| FileType::from_raw_mode(found.st_mode) == FileType::Directory;
    if !rustix::fs::stat(&meant(folder)?).is_ok_and(is_folder) {
        return Err(Code::DIRECTORY);
    }
    let ends = folder.last().is_some_and(|last| [U::from(b'/'), U::from(b'\\')].contains(last));
    let separator: &[U] = if ends { &[] } else { &[U::from(b'/')] };
    let prefix = prefix.unwrap_or_default();
    let stem = [folder, separator, &prefix[..prefix.len().min(3)]].concat();
    let name = |number: u16| [&stem, &*U::from_narrow(format!("{number:X}.TMP").as_bytes())].concat();
    let number = match lower_half(number.into()) {
        0 => create(|number| meant(&name(number)))?,
        given => given,
    };
    buffer.text(&name(number));
    Ok(number.into())
}

/// Only so many bits count.
fn lower_half(number: u64) -> u16 {
    u16::try_from(number & u64::from(u16::MAX)).unwrap_or(0)
}

/// Creates a file under the first number whose name is free, and returns that. Nobody else may read the file.
fn create(path: impl Fn(u16) -> Result<PathBuf, Code>) -> Result<u16, Code> {
    let start = lower_half(clock_gettime(ClockId::Monotonic).tv_nsec.unsigned_abs() >> 10);
    for number in (0..=u16::MAX).map(|step| start.wrapping_add(step)).filter(|number| *number != 0) {
        let path = path(number)?;
        let how = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        match rustix::fs::open(&path, how, Mode::RUSR | Mode::WUSR) {
            Ok(_) => return Ok(number),
            Err(Errno::EXIST) => {}
            Err(errno) => return Err(refused(&path, errno)),
        }
    }
    Err(Code::FILE_EXISTS)
}
