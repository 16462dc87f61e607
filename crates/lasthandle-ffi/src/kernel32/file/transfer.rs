//! Reading and writing. Every transfer is complete when its call returns, also of files opened as overlapped ones.

use std::mem::MaybeUninit;

use rustix::fs::SeekFrom;
use rustix::io::{Errno, ReadWriteFlags, retry_on_intr};

use super::failure::code;
use super::{APPEND_DATA, File, Kind, READ_DATA, WRITE_DATA, opened};
use crate::kernel32::call::{export, succeeds};
use crate::kernel32::code::Code;
use crate::kernel32::pointer::{In, InOut, Out};
use crate::kernel32::table;
use crate::kernel32::types::{BOOL, HANDLE, Overlapped};

/// How transfers ended, as a program finds it in its `OVERLAPPED`.
const STATUS_SUCCESS: usize = 0;
const STATUS_UNSUCCESSFUL: usize = 0xC000_0001;
const STATUS_END_OF_FILE: usize = 0xC000_0011;

export! {
    /// Reads from the file pointer on, or from where `overlapped` says; the pointer stands behind it afterwards.
    fn ReadFile(
        file: HANDLE,
        buffer: Out<u8>,
        length: u32,
        read: Out<u32>,
        overlapped: InOut<Overlapped>,
    ) -> BOOL {
        succeeds(|| {
            read.write(0);
            let file = opened(file, READ_DATA)?;
            let mut room = buffer;
            let room = room.bytes(length as usize)?;
            transfer(&file, read, overlapped, |at| file.read(room, at))
        })
    }

    /// Writes the same way; an offset of all ones is the end of the file.
    fn WriteFile(
        file: HANDLE,
        buffer: In<u8>,
        length: u32,
        written: Out<u32>,
        overlapped: InOut<Overlapped>,
    ) -> BOOL {
        succeeds(|| {
            written.write(0);
            let file = opened(file, WRITE_DATA | APPEND_DATA)?;
            let from = buffer.bytes(length as usize)?;
            transfer(&file, written, overlapped, |at| file.write(from, at))
        })
    }

    /// What became of a transfer: it is complete.
    fn GetOverlappedResult(file: HANDLE, overlapped: InOut<Overlapped>, count: Out<u32>, _wait: BOOL) -> BOOL {
        succeeds(|| {
            table::with(file, |entry| entry.object.file().map(|_| ()))?;
            let ended = overlapped.get().ok_or(Code::NOACCESS)?;
            count.required()?.write(u32::try_from(ended.internal_high).unwrap_or(u32::MAX));
            match ended.internal {
                STATUS_SUCCESS => Ok(()),
                STATUS_END_OF_FILE => Err(Code::HANDLE_EOF),
                _ => Err(Code::GEN_FAILURE),
            }
        })
    }

    /// Waits until all that was written is on the disk.
    fn FlushFileBuffers(file: HANDLE) -> BOOL {
        succeeds(|| {
            let file = opened(file, WRITE_DATA | APPEND_DATA)?;
            match rustix::fs::fsync(&file) {
                // Terminals keep nothing back; Windows says of them that they are the wrong handle.
                Err(Errno::INVAL) => Err(Code::INVALID_HANDLE),
                flushed => flushed.map_err(code),
            }
        })
    }
}

/// Bytes transferred before it ended, and how it ended.
type Ended = (usize, Result<(), Code>);

/// Does a transfer and says what became of it wherever the program looks for that.
fn transfer(
    file: &File,
    count: Out<u32>,
    overlapped: InOut<Overlapped>,
    body: impl FnOnce(Option<u64>) -> Ended,
) -> Result<(), Code> {
    let number = |done: usize| u32::try_from(done).unwrap_or(u32::MAX); // no more than was asked for, in 32 bits
    let Some(asked) = overlapped.get() else {
        if file.0.overlapped {
            return Err(Code::INVALID_PARAMETER);
        }
        let (done, ended) = body(None);
        count.write(number(done));
        return ended;
    };
    let event = |set: bool| match asked.event {
        none if none.is_null() => Ok(()),
        event => table::with(event, |entry| {
            let event = entry.object.event()?;
            let changed = if set { event.set() } else { event.reset() };
            Ok(changed?)
        }),
    };
    event(false)?;
    let (done, ended) = body(Some(u64::from(asked.offset_high) << 32 | u64::from(asked.offset)));
    count.write(number(done));
    let status = match ended {
        Ok(()) => STATUS_SUCCESS,
        Err(Code::HANDLE_EOF) => STATUS_END_OF_FILE,
        Err(_) => STATUS_UNSUCCESSFUL,
    };
    overlapped.write(Overlapped { internal: status, internal_high: done, ..asked });
    ended.and_then(|()| event(true))
}

impl File {
    /// Reads what there is, as far as there is room.
    fn read(&self, into: &mut [MaybeUninit<u8>], at: Option<u64>) -> Ended {
        let asked = into.len();
        let place = at.filter(|_| self.0.kind == Kind::Disk);
        let mut done = 0;
        while done < asked {
            let rest = &mut into[done..];
            match retry_on_intr(|| self.read_some(rest, place.map(|at| at.saturating_add(done as u64)))) {
                Ok(read) if read > 0 => done += read,
                Err(errno) if done == 0 => return (0, Err(code(errno))),
                _ => break,
            }
            if self.0.kind != Kind::Disk {
                break;
            }
        }
        let ended = match self.0.kind {
            _ if done > 0 || asked == 0 => Ok(()),
            Kind::Pipe => Err(Code::BROKEN_PIPE), // nobody writes to it any more
            _ if at.is_some() => Err(Code::HANDLE_EOF),
            _ => Ok(()),
        };
        (done, self.move_behind(place, done).and(ended))
    }

    fn read_some(&self, into: &mut [MaybeUninit<u8>], at: Option<u64>) -> Result<usize, Errno> {
        let (read, _) = match at {
            Some(at) => rustix::io::pread(self, into, at)?,
            None => rustix::io::read(self, into)?,
        };
        Ok(read.len())
    }

    /// Writes all.
    fn write(&self, from: &[u8], at: Option<u64>) -> Ended {
        let place = at.filter(|_| self.0.kind == Kind::Disk);
        let mut done = 0;
        while done < from.len() {
            match retry_on_intr(|| self.write_some(&from[done..], place.map(|at| (at, done as u64)))) {
                Ok(written) => done += written,
                Err(errno) => return (done, Err(code(errno))),
            }
        }
        (done, self.move_behind(place, done))
    }

    fn write_some(&self, from: &[u8], place: Option<(u64, u64)>) -> Result<usize, Errno> {
        match place {
            None => rustix::io::write(self, from),
            Some((u64::MAX, _)) => {
                rustix::io::pwritev2(self, &[std::io::IoSlice::new(from)], u64::MAX, ReadWriteFlags::APPEND)
            }
            Some((at, done)) => rustix::io::pwrite(self, from, at.saturating_add(done)),
        }
    }

    /// The pointer of a synchronous file stands behind a transfer that said where it began.
    fn move_behind(&self, place: Option<u64>, done: usize) -> Result<(), Code> {
        let Some(at) = place.filter(|_| !self.0.overlapped) else {
            return Ok(());
        };
        let behind = if at == u64::MAX { SeekFrom::End(0) } else { SeekFrom::Start(at.saturating_add(done as u64)) };
        rustix::fs::seek(self, behind).map(|_| ()).map_err(code)
    }
}
