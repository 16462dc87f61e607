//! Critical sections: recursive locks between the threads of a process, in the program's own memory.
//!
//! | `lock_count` | the section is |
//! |---|---|
//! | `FREE` (-1) | nobody's |
//! | `HELD` (0) | a thread's |
//! | `WANTED` (1) | a thread's, and another may sleep until it is free |
//!
//! Acquire where it is taken and release where it is let go order what the section protects, and the fields of the owner
//! with it: only the owner writes those, and a thread that is not the owner never finds its own number there.

use std::cell::Cell;
use std::hint::spin_loop;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicU32, AtomicUsize};

use rustix::thread::futex;

use super::call::{export, succeeds};
use super::code::Code;
use super::fork;
use super::named::only;
use super::pointer::InPlace;
use super::types::BOOL;

const FREE: u32 = u32::MAX;
const HELD: u32 = 0;
const WANTED: u32 = 1;

/// The bits of a spin count that count; those above are flags.
const SPINS: u32 = 0x00FF_FFFF;
/// Without debug information, with a spin count that adapts, in static memory: all are so, or may be.
const FLAGS: u32 = 0x0700_0000;

/// `CRITICAL_SECTION`, as Windows lays it out.
#[repr(C)]
pub(crate) struct CriticalSection {
    debug_info: AtomicUsize,
    lock_count: AtomicU32,
    recursion_count: AtomicU32,
    /// The number of the thread; 0: nobody's.
    owning_thread: AtomicUsize,
    lock_semaphore: AtomicUsize,
    spin_count: AtomicUsize,
}

const _: () = assert!(size_of::<CriticalSection>() == 40);

export! {
    /// Makes a critical section of memory that may hold anything.
    fn InitializeCriticalSection(section: InPlace<CriticalSection>) {
        InitializeCriticalSectionAndSpinCount(section, 0);
    }

    /// The same; whoever finds it held looks so often again before sleeping.
    fn InitializeCriticalSectionAndSpinCount(section: InPlace<CriticalSection>, spins: u32) -> BOOL {
        succeeds(|| initialize(section, spins & SPINS))
    }

    /// The same, with flags.
    fn InitializeCriticalSectionEx(section: InPlace<CriticalSection>, spins: u32, flags: u32) -> BOOL {
        succeeds(|| {
            only(flags, FLAGS)?;
            only(spins, SPINS)?;
            initialize(section, spins)
        })
    }

    /// Changes how often one looks again; how often that was.
    fn SetCriticalSectionSpinCount(section: InPlace<CriticalSection>, spins: u32) -> u32 {
        let spins = (spins & SPINS) as usize;
        section.get().map_or(0, |section| u32::try_from(section.spin_count.swap(spins, Relaxed)).unwrap_or(SPINS))
    }

    /// Takes a section, or waits for it. The thread that has it takes it once more.
    fn EnterCriticalSection(section: InPlace<CriticalSection>) {
        if let Some(section) = section.get() {
            section.enter();
        }
    }

    /// Takes it if nobody else has it.
    fn TryEnterCriticalSection(section: InPlace<CriticalSection>) -> BOOL {
        section.get().is_some_and(CriticalSection::try_enter).into()
    }

    /// Lets it go, as often as it was taken. Nothing happens in a thread that has it not: on Windows the section breaks.
    fn LeaveCriticalSection(section: InPlace<CriticalSection>) {
        if let Some(section) = section.get() {
            section.leave();
        }
    }

    /// Ends a section that nobody has.
    fn DeleteCriticalSection(section: InPlace<CriticalSection>) {
        if let Some(section) = section.get() {
            section.reset(0);
            section.debug_info.store(0, Relaxed);
        }
    }
}

fn initialize(section: InPlace<CriticalSection>, spins: u32) -> Result<(), Code> {
    fork::watch();
    section.get().ok_or(Code::NOACCESS)?.reset(spins);
    Ok(())
}

impl CriticalSection {
    fn reset(&self, spins: u32) {
        self.debug_info.store(usize::MAX, Relaxed); // as on Windows where there is none
        self.recursion_count.store(0, Relaxed);
        self.owning_thread.store(0, Relaxed);
        self.lock_semaphore.store(0, Relaxed);
        self.spin_count.store(spins as usize, Relaxed);
        self.lock_count.store(FREE, Release);
    }

    fn is_mine(&self) -> bool {
        self.owning_thread.load(Relaxed) == this_thread() as usize
    }

    fn take(&self) -> bool {
        self.lock_count.compare_exchange(FREE, HELD, Acquire, Relaxed).is_ok()
    }

    fn try_enter(&self) -> bool {
        if self.is_mine() {
            self.recursion_count.fetch_add(1, Relaxed);
            return true;
        }
        if self.take() {
            self.own();
            return true;
        }
        false
    }

    fn own(&self) {
        self.owning_thread.store(this_thread() as usize, Relaxed);
        self.recursion_count.store(1, Relaxed);
    }

    fn enter(&self) {
        if !self.try_enter() {
            self.wait();
            self.own();
        }
    }

    /// Takes what another thread has. Nobody knows how many sleep: who has slept leaves it `WANTED`, for those.
    #[cold]
    fn wait(&self) {
        for _ in 0..self.spin_count.load(Relaxed) {
            if self.take() {
                return;
            }
            spin_loop();
        }
        while self.lock_count.swap(WANTED, Acquire) != FREE {
            let _ = futex::wait(&self.lock_count, futex::Flags::PRIVATE, WANTED, None);
        }
    }

    fn leave(&self) {
        if !self.is_mine() || self.recursion_count.fetch_sub(1, Relaxed) != 1 {
            return;
        }
        self.owning_thread.store(0, Relaxed);
        if self.lock_count.swap(FREE, Release) == WANTED {
            let _ = futex::wake(&self.lock_count, futex::Flags::PRIVATE, 1);
        }
    }
}

thread_local! {
    static NUMBER: Cell<u32> = const { Cell::new(0) };
}

/// As `GetCurrentThreadId`, but asked once.
fn this_thread() -> u32 {
    NUMBER.with(|number| match number.get() {
        0 => {
            number.set(super::process::GetCurrentThreadId());
            number.get()
        }
        known => known,
    })
}

/// A forked child's thread has a number of its own: what its parent's had stays taken in it.
pub(crate) fn forget_number() {
    NUMBER.set(0);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh() -> CriticalSection {
        let section = CriticalSection {
            debug_info: AtomicUsize::new(1),
            lock_count: AtomicU32::new(HELD),
            recursion_count: AtomicU32::new(77),
            owning_thread: AtomicUsize::new(3),
            lock_semaphore: AtomicUsize::new(4),
            spin_count: AtomicUsize::new(5),
        };
        section.reset(0);
        section
    }

    #[test]
    fn only_one_thread_has_it_and_every_other_gets_it() {
        for spins in [0, 50] {
            let section = fresh();
            section.spin_count.store(spins, Relaxed);
            // Loaded and stored apart: an increment is lost where two threads are in the section.
            let protected = AtomicU32::new(0);
            std::thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| {
                        for _ in 0..20_000 {
                            section.enter();
                            assert!(section.try_enter(), "it is mine");
                            protected.store(protected.load(Relaxed) + 1, Relaxed);
                            section.leave();
                            section.leave();
                        }
                    });
                }
            });
            assert_eq!(protected.load(Relaxed), 80_000);
            assert_eq!(section.lock_count.load(Relaxed), FREE);
        }
    }

    #[test]
    fn nobody_lets_go_what_another_has() {
        let section = fresh();
        section.enter();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                assert!(!section.try_enter());
                section.leave();
                assert!(!section.try_enter());
            });
        });
        section.leave();
        section.leave();
        assert!(section.try_enter());
        assert_eq!(section.recursion_count.load(Relaxed), 1);
    }
}
