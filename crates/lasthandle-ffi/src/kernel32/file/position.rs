//! The pointer, the size and the end of a file.

use rustix::fs::SeekFrom;

use super::failure::code;
use super::{File, Kind, WRITE_DATA, opened};
use crate::kernel32::call::{call, export, set_last_error, succeeds};
use crate::kernel32::code::Code;
use crate::kernel32::pointer::{InOut, Out};
use crate::kernel32::table;
use crate::kernel32::types::{BOOL, HANDLE};

/// What the 32-bit forms return when they fail; and when they succeed, too, if those are the low bits.
const INVALID: u32 = u32::MAX;

export! {
    /// Moves the pointer, by a distance in two halves; returns where it stands in the same way. Without a place for the
    /// upper half, it may not go beyond 32 bits.
    fn SetFilePointer(file: HANDLE, low: i32, high: InOut<i32>, method: u32) -> u32 {
        call(INVALID, || {
            let file = opened(file, 0)?;
            let upper = high.get();
            let lower = i64::from(0_u32.wrapping_add_signed(low));
            let distance = upper.map_or(low.into(), |upper| i64::from(upper) << 32 | lower);
            let target = file.target(distance, method)?;
            if upper.is_none() && target > u64::from(INVALID - 1) {
                return Err(Code::INVALID_PARAMETER);
            }
            file.seek(target)?;
            high.write(0_i32.wrapping_add_unsigned(upper_half(target)));
            Ok(lower_half(target))
        })
    }

    /// Moves the pointer, and tells where it stands then.
    fn SetFilePointerEx(file: HANDLE, distance: i64, place: Out<u64>, method: u32) -> BOOL {
        succeeds(|| {
            let file = opened(file, 0)?;
            let target = file.target(distance, method)?;
            file.seek(target)?;
            place.write(target);
            Ok(())
        })
    }

    /// Cuts the file, or extends it with zeros, where its pointer stands.
    fn SetEndOfFile(file: HANDLE) -> BOOL {
        succeeds(|| {
            let file = opened(file, WRITE_DATA)?;
            let end = rustix::fs::tell(&file).map_err(code)?;
            rustix::fs::ftruncate(&file, end).map_err(code)
        })
    }

    /// The size in bytes, in two halves.
    fn GetFileSize(file: HANDLE, high: Out<u32>) -> u32 {
        call(INVALID, || {
            let size = opened(file, 0)?.size()?;
            high.write(upper_half(size));
            Ok(lower_half(size))
        })
    }

    /// The size in bytes.
    fn GetFileSizeEx(file: HANDLE, size: Out<u64>) -> BOOL {
        succeeds(|| {
            let file = opened(file, 0)?;
            size.required()?.write(file.size()?);
            Ok(())
        })
    }

    /// Whether it is a disk's file, a terminal or another device of its kind, or a pipe.
    fn GetFileType(file: HANDLE) -> u32 {
        call(Kind::Unknown as u32, || table::with(file, |entry| Ok(entry.object.file()?.0.kind as u32)))
    }
}

impl File {
    /// Where a move by that distance leads.
    fn target(&self, distance: i64, method: u32) -> Result<u64, Code> {
        let from = match method {
            0 => 0,
            1 => rustix::fs::tell(self).map_err(code)?,
            2 => self.size()?,
            _ => return Err(Code::INVALID_PARAMETER),
        };
        let negative = if distance < 0 { Code::NEGATIVE_SEEK } else { Code::INVALID_PARAMETER };
        from.checked_add_signed(distance).filter(|target| i64::try_from(*target).is_ok()).ok_or(negative)
    }

    fn seek(&self, target: u64) -> Result<(), Code> {
        rustix::fs::seek(self, SeekFrom::Start(target)).map(|_| ()).map_err(code)
    }

    fn size(&self) -> Result<u64, Code> {
        if self.0.kind != Kind::Disk {
            return Err(Code::INVALID_FUNCTION);
        }
        let status = rustix::fs::fstat(self).map_err(code)?;
        Ok(status.st_size.unsigned_abs())
    }
}

fn upper_half(number: u64) -> u32 {
    u32::try_from(number >> 32).unwrap_or(0)
}

/// The lower half. If it looks like a failure, the last error says that it is none.
fn lower_half(number: u64) -> u32 {
    let low = u32::try_from(number & u64::from(u32::MAX)).unwrap_or(0);
    if low == INVALID {
        set_last_error(Code::SUCCESS);
    }
    low
}
