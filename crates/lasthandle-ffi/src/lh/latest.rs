//! Latest values: one writes, any number read the newest.
//!
//! # Safety
//! As in `message.rs` and `taking.rs`; of a handle of an end nothing is asked, as it is not followed.
#![allow(unsafe_code)]

use std::ffi::{c_char, c_void};

use lasthandle::channel::{LatestOptions, LatestReader, LatestWriter, Version};
use lasthandle::{ErrorKind, Name, Result};

use super::ends::LATEST;
use super::message::{bytes, copied, in_time, of_size, room};
use super::object::{Target, lh_object};
use super::taking::{self, Kind};
use super::wait::after;
use super::{code_of, hand_out, place, write};

/// Who writes a latest value, or reads it. It is checked, and used by one thread at a time, as an lh_channel.
pub struct lh_latest {
    _number: (),
}

/// How a latest value is made, if there is none of the name yet; the type must be the same for all. All zeros are what null
/// in place of it means.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct lh_latest_options {
    /// The longest value in bytes, less than 2 GiB; 0: 16,384, or the type's size.
    pub max_value: usize,
    /// How many readers may wait at a time, at most 60; 0: 16. Any number may read.
    pub waiting_readers: u32,
    /// The type of all values: as of a channel, see lh_channel_options.
    pub type_alignment: u32,
    /// See above.
    pub type_size: usize,
    /// A name for the type, in UTF-8; null: none.
    pub type_name: *const c_char,
}

/// Opens the latest value of that name to write it; it is made if there is none. One writes at a time: 231, if a living
/// process does. Leave it with lh_latest_close; the end of the process leaves it, too, however it ends, and who waits for a
/// value learns of it at once. A process that is killed while it writes leaves the value before. 1629: it is of another type,
/// or of another shape; 6: another object has the name, or a mapping in which there is no latest value; 87: the options make
/// no sense.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_latest_writer_create(
    name: *const c_char,
    options: *const lh_latest_options,
    end: *mut *mut lh_latest,
) -> u32 {
    // SAFETY: the contract is the same.
    unsafe { take(name, options, end, |options, name| Ok((Some(options.writer(name)?), None))) }
}

/// The same, where the value must be there: 2 if nothing has the name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_latest_writer_open(
    name: *const c_char,
    options: *const lh_latest_options,
    end: *mut *mut lh_latest,
) -> u32 {
    // SAFETY: the contract is the same.
    unsafe { take(name, options, end, |options, name| Ok((Some(options.open_writer(name)?), None))) }
}

/// Opens the latest value of that name to read it; it is made if there is none. Any number may read. Otherwise as
/// lh_latest_writer_create.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_latest_reader_create(
    name: *const c_char,
    options: *const lh_latest_options,
    end: *mut *mut lh_latest,
) -> u32 {
    // SAFETY: the contract is the same.
    unsafe { take(name, options, end, |options, name| Ok((None, Some(options.reader(name)?)))) }
}

/// The same, where the value must be there: 2 if nothing has the name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_latest_reader_open(
    name: *const c_char,
    options: *const lh_latest_options,
    end: *mut *mut lh_latest,
) -> u32 {
    // SAFETY: the contract is the same.
    unsafe { take(name, options, end, |options, name| Ok((None, Some(options.open_reader(name)?)))) }
}

/// Stops writing, or reading. The value stays as long as anybody has it open. Null: nothing happens. 6: it was closed
/// before; 170: another thread is using it, and it stays open.
#[unsafe(no_mangle)]
pub extern "C" fn lh_latest_close(end: *mut lh_latest) -> u32 {
    code_of(|| LATEST.close(end.addr()))
}

/// Replaces the value; never waits. `version`, which may be null, becomes its version: how many values were written, by all
/// writers. 24: the value is longer than is taken, or not of its type's size; 6: the end only reads; 170: another thread is
/// writing there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_latest_write(
    end: *mut lh_latest,
    value: *const c_void,
    length: usize,
    version: *mut u64,
) -> u32 {
    code_of(|| {
        let mut claim = LATEST.sending(end.addr())?;
        // SAFETY: so many bytes lie there.
        let value = unsafe { bytes(value, length) }?;
        of_size(claim.size, value.len())?;
        let written = claim.get().write(value)?;
        // SAFETY: a place, or null.
        unsafe { write(version, written) };
        Ok(())
    })
}

/// Copies the current value to `into`, whole, whether it was read before or not; waits for nobody. `length` and `version`,
/// which may be null, become its bytes and its version. LH_TIME_IS_UP: nothing was written yet. 234: it has more bytes than
/// `capacity`; `length` says how many. 6: the end only writes; 170: another thread is reading there, or the value is replaced
/// faster than it can be copied; 1392: a hostile peer spoiled the value's memory.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_latest_read(
    end: *mut lh_latest,
    into: *mut c_void,
    capacity: usize,
    length: *mut usize,
    version: *mut u64,
) -> u32 {
    let result = Place { into, capacity, length, version };
    // SAFETY: the contract is the same.
    in_time(|| unsafe { copy(end, &result, |reader, into, fits| reader.read_if(into, fits)) })
}

/// The same for the next value that is newer than the one that was read last at this end; waits for it for so many
/// nanoseconds. Values in between may have been replaced: the version tells. LH_TIME_IS_UP: there was none. 109: the writer
/// has gone, and there is nothing new; another that comes makes it good again. 231: it must wait, and as many readers as may
/// do so.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_latest_next(
    end: *mut lh_latest,
    into: *mut c_void,
    capacity: usize,
    length: *mut usize,
    version: *mut u64,
    timeout: u64,
) -> u32 {
    let result = Place { into, capacity, length, version };
    // SAFETY: the contract is the same.
    in_time(|| unsafe { copy(end, &result, |reader, into, fits| reader.next_if(into, after(timeout), fits)) })
}

/// The version of the newest value; 0: nothing was written yet. For both ends.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_latest_version(end: *mut lh_latest, version: *mut u64) -> u32 {
    code_of(|| {
        let version = place(version)?;
        let newest = match LATEST.sending(end.addr()) {
            Ok(mut writer) => writer.get().version(),
            Err(error) if error.kind() == ErrorKind::Busy => return Err(error),
            Err(_) => LATEST.receiving(end.addr())?.get().version(),
        };
        // SAFETY: a place.
        unsafe { write(version, newest) };
        Ok(())
    })
}

/// The longest value in bytes that the end writes. 6: it only reads.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_latest_max_value(end: *mut lh_latest, bytes: *mut usize) -> u32 {
    code_of(|| {
        let bytes = place(bytes)?;
        let longest = LATEST.sending(end.addr())?.get().max_value();
        // SAFETY: a place.
        unsafe { write(bytes, longest) };
        Ok(())
    })
}

/// Makes an object to wait for, as lh_channel_readable: signaled while there is a newer value than the one that was read
/// last at this end, and when the writer has gone. It counts as two of the 64 objects of a wait. 6: the end only writes; 231:
/// as many readers wait as may.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_latest_readable(end: *mut lh_latest, readable: *mut *mut lh_object) -> u32 {
    code_of(|| {
        let readable = place(readable)?;
        LATEST.receiving(end.addr())?.get().readable()?;
        // SAFETY: a place.
        unsafe { write(readable, hand_out(lh_object::new(Target::Reader(end.addr())))) };
        Ok(())
    })
}

/// Where a value, its length and its version go.
struct Place {
    into: *mut c_void,
    capacity: usize,
    length: *mut usize,
    version: *mut u64,
}

type Fits<'a> = &'a mut dyn FnMut(usize) -> Result<()>;

/// # Safety
/// See the top of the file.
unsafe fn copy(
    end: *mut lh_latest,
    to: &Place,
    copy: impl FnOnce(&mut LatestReader, &mut [u8], Fits<'_>) -> Result<Option<Version<usize>>>,
) -> Result<bool> {
    let mut claim = LATEST.receiving(end.addr())?;
    // SAFETY: there is so much room.
    let into = unsafe { room(to.into, to.capacity) }?;
    let (size, reader) = (claim.size, claim.get());
    // SAFETY: a place, or null.
    let tell = |found| unsafe { write(to.length, found) };
    let Some(found) = copied(size, to.capacity, tell, |fits| copy(reader, into, fits))? else { return Ok(false) };
    // SAFETY: a place, or null.
    unsafe { write(to.version, found.number) };
    Ok(true)
}

/// # Safety
/// See the top of the file.
unsafe fn take(
    name: *const c_char,
    options: *const lh_latest_options,
    end: *mut *mut lh_latest,
    take: impl FnOnce(&LatestOptions, Name) -> Result<(Option<LatestWriter>, Option<LatestReader>)>,
) -> u32 {
    let enter = |options: Option<&lh_latest_options>, name| {
        // SAFETY: the contract is the same.
        let halves = take(&unsafe { translated(options) }?, name)?;
        LATEST.enter(options.map_or(0, |options| options.type_size), halves)
    };
    // SAFETY: the contract is the same.
    unsafe { taking::take(name, options, end, enter) }
}

/// # Safety
/// See the top of the file.
unsafe fn translated(options: Option<&lh_latest_options>) -> Result<LatestOptions> {
    let mut made = LatestOptions::new();
    let Some(options) = options else { return Ok(made) };
    if options.max_value != 0 {
        made = made.max_value(options.max_value);
    }
    if options.waiting_readers != 0 {
        made = made.waiting_readers(options.waiting_readers);
    }
    // SAFETY: the contract is the same.
    let kind = unsafe { Kind::new(options.type_size, options.type_alignment, options.type_name) }?;
    Ok(kind.set(made, LatestOptions::foreign_type, LatestOptions::type_name))
}
