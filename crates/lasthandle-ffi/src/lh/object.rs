//! Events, mutexes, semaphores and timers: objects that can be waited for.
//!
//! # Safety
//! As in `mod.rs`.
#![allow(unsafe_code)]

use std::ffi::c_char;
use std::time::{Duration, SystemTime};

use lasthandle::{Due, Error, ErrorKind, Event, Mutex, Name, Result, Semaphore, Timer};

use super::{code_of, hand_out, object, optional_name, place, required_name, take_back, write};
use crate::sync::Sync;

/// A handle of an event, mutex, semaphore or timer; or an end of a channel, broadcast or latest value to be waited for.
pub struct lh_object(Target);

/// What is waited for: an end by its handle, as it may be closed meanwhile.
pub(super) enum Target {
    Sync(Sync),
    /// Of a channel, what receives.
    Readable(usize),
    /// Of a channel, what sends.
    Writable(usize),
    /// Of a broadcast.
    Subscriber(usize),
    /// Of a latest value.
    Reader(usize),
}

impl From<Sync> for Target {
    fn from(object: Sync) -> Self {
        Self::Sync(object)
    }
}

impl lh_object {
    pub(super) fn new(target: impl Into<Target>) -> Self {
        Self(target.into())
    }

    pub(super) fn target(&self) -> &Target {
        &self.0
    }

    /// The event, mutex, semaphore or timer.
    pub(super) fn sync(&self) -> Result<&Sync> {
        let Target::Sync(sync) = &self.0 else { return kind(None) };
        Ok(sync)
    }
}

/// Creates an event, or opens the one that has the name, as it is; `existed`, which may be null, says which. A
/// `manual_reset` event stays set until it is reset; any other lets one waiter go for each set. Close it with
/// lh_object_close, as all objects.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_event_create(
    name: *const c_char,
    manual_reset: bool,
    signaled: bool,
    event: *mut *mut lh_object,
    existed: *mut bool,
) -> u32 {
    let options = Event::options().manual_reset(manual_reset).signaled(signaled);
    let make = |name| made(name, |name| options.clone().create(name), || options.clone().create_unnamed());
    // SAFETY: the contract is the same.
    unsafe { create(name, make, event, existed) }
}

/// Opens the event that has the name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_event_open(name: *const c_char, event: *mut *mut lh_object) -> u32 {
    // SAFETY: the contract is the same.
    unsafe { open(name, |name| Ok(Event::open(name)?.into()), event) }
}

/// Sets an event: lets one waiter go, or all if it is a manual-reset one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_event_set(event: *const lh_object) -> u32 {
    // SAFETY: the contract is the same.
    code_of(|| kind(unsafe { object(event) }?.sync()?.event())?.set())
}

/// Resets an event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_event_reset(event: *const lh_object) -> u32 {
    // SAFETY: the contract is the same.
    code_of(|| kind(unsafe { object(event) }?.sync()?.event())?.reset())
}

/// Lets those go who wait at this moment, and leaves the event unset.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_event_pulse(event: *const lh_object) -> u32 {
    // SAFETY: the contract is the same.
    code_of(|| kind(unsafe { object(event) }?.sync()?.event())?.pulse())
}

/// Creates a mutex, which the calling thread owns from the start if `owned`; or opens the one that has the name, which
/// is not taken then. When its owner ends without releasing it, the next who waits for it gets it, and is told so.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_mutex_create(
    name: *const c_char,
    owned: bool,
    mutex: *mut *mut lh_object,
    existed: *mut bool,
) -> u32 {
    let options = Mutex::options().initially_owned(owned);
    let make = |name| made(name, |name| options.clone().create(name), || options.clone().create_unnamed());
    // SAFETY: the contract is the same.
    unsafe { create(name, make, mutex, existed) }
}

/// Opens the mutex that has the name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_mutex_open(name: *const c_char, mutex: *mut *mut lh_object) -> u32 {
    // SAFETY: the contract is the same.
    unsafe { open(name, |name| Ok(Mutex::open(name)?.into()), mutex) }
}

/// Releases a mutex once; 288 if the calling thread does not own it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_mutex_release(mutex: *const lh_object) -> u32 {
    // SAFETY: the contract is the same.
    code_of(|| kind(unsafe { object(mutex) }?.sync()?.mutex())?.release())
}

/// Creates a semaphore with that count, from 0 to `maximum`, which is at least 1; or opens the one that has the name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_semaphore_create(
    name: *const c_char,
    initial: i32,
    maximum: i32,
    semaphore: *mut *mut lh_object,
    existed: *mut bool,
) -> u32 {
    let options = Semaphore::options().initial(initial).maximum(maximum);
    let make = |name| made(name, |name| options.clone().create(name), || options.clone().create_unnamed());
    // SAFETY: the contract is the same.
    unsafe { create(name, make, semaphore, existed) }
}

/// Opens the semaphore that has the name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_semaphore_open(name: *const c_char, semaphore: *mut *mut lh_object) -> u32 {
    // SAFETY: the contract is the same.
    unsafe { open(name, |name| Ok(Semaphore::open(name)?.into()), semaphore) }
}

/// Adds to a semaphore's count; 298 past its maximum, and then nothing changes. `previous`, which may be null: the count
/// before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_semaphore_release(semaphore: *const lh_object, count: i32, previous: *mut u32) -> u32 {
    code_of(|| {
        // SAFETY: the contract is the same.
        let before = kind(unsafe { object(semaphore) }?.sync()?.semaphore())?.release(count)?;
        // SAFETY: a place, or null.
        unsafe { write(previous, before) };
        Ok(())
    })
}

/// Creates a timer, not armed, or opens the one that has the name. A `manual_reset` timer stays signaled until it is armed
/// anew; any other lets one waiter go each time it is due.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_timer_create(
    name: *const c_char,
    manual_reset: bool,
    timer: *mut *mut lh_object,
    existed: *mut bool,
) -> u32 {
    let options = Timer::options().manual_reset(manual_reset);
    let make = |name| made(name, |name| options.clone().create(name), || options.clone().create_unnamed());
    // SAFETY: the contract is the same.
    unsafe { create(name, make, timer, existed) }
}

/// Opens the timer that has the name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_timer_open(name: *const c_char, timer: *mut *mut lh_object) -> u32 {
    // SAFETY: the contract is the same.
    unsafe { open(name, |name| Ok(Timer::open(name)?.into()), timer) }
}

/// Arms a timer: due that many nanoseconds from now, and then every `period` nanoseconds (0: once; on Windows rounded
/// up to milliseconds).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_timer_arm(timer: *const lh_object, after: u64, period: u64) -> u32 {
    let due = Due::After(Duration::from_nanos(after));
    // SAFETY: the contract is the same.
    code_of(|| kind(unsafe { object(timer) }?.sync()?.timer())?.arm(due, Duration::from_nanos(period)))
}

/// Arms a timer: due at that time of the wall clock, in nanoseconds since 1970.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_timer_arm_at(timer: *const lh_object, time: u64, period: u64) -> u32 {
    let due = Due::At(SystemTime::UNIX_EPOCH + Duration::from_nanos(time));
    // SAFETY: the contract is the same.
    code_of(|| kind(unsafe { object(timer) }?.sync()?.timer())?.arm(due, Duration::from_nanos(period)))
}

/// Stops a timer; whether it is signaled stays as it is.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_timer_cancel(timer: *const lh_object) -> u32 {
    // SAFETY: the contract is the same.
    code_of(|| kind(unsafe { object(timer) }?.sync()?.timer())?.cancel())
}

/// Closes a handle of an event, mutex, semaphore or timer, or what lh_channel_readable or lh_channel_writable made. Null:
/// nothing happens.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_object_close(object: *mut lh_object) {
    // SAFETY: the contract is the same.
    unsafe { take_back(object) };
}

fn kind<T>(object: Option<&T>) -> Result<&T> {
    object.ok_or_else(|| Error::new(ErrorKind::InvalidHandle).detail("it is an object of another kind"))
}

/// An object with a name or without, and whether it existed.
fn made<T: Into<Sync> + Existed>(
    name: Option<Name>,
    named: impl FnOnce(Name) -> Result<T>,
    unnamed: impl FnOnce() -> Result<T>,
) -> Result<(Sync, bool)> {
    let object = name.map_or_else(unnamed, named)?;
    let existed = object.existed();
    Ok((object.into(), existed))
}

trait Existed {
    fn existed(&self) -> bool;
}

macro_rules! existed {
    ($($kind:ident)*) => {$(
        impl Existed for $kind {
            fn existed(&self) -> bool {
                self.opened_existing()
            }
        }
    )*};
}

existed!(Event Mutex Semaphore Timer);

/// # Safety
/// As in `mod.rs`.
unsafe fn create(
    name: *const c_char,
    make: impl FnOnce(Option<Name>) -> Result<(Sync, bool)>,
    object: *mut *mut lh_object,
    existed: *mut bool,
) -> u32 {
    code_of(|| {
        let object = place(object)?;
        // SAFETY: the contract is the same.
        let (made, met) = make(unsafe { optional_name(name) }?)?;
        // SAFETY: a place, or null.
        unsafe { write(existed, met) };
        // SAFETY: a place.
        unsafe { write(object, hand_out(lh_object::new(made))) };
        Ok(())
    })
}

/// # Safety
/// As in `mod.rs`.
unsafe fn open(name: *const c_char, open: impl FnOnce(Name) -> Result<Sync>, object: *mut *mut lh_object) -> u32 {
    code_of(|| {
        let object = place(object)?;
        // SAFETY: the contract is the same.
        let opened = open(unsafe { required_name(name) }?)?;
        // SAFETY: a place.
        unsafe { write(object, hand_out(lh_object::new(opened))) };
        Ok(())
    })
}
