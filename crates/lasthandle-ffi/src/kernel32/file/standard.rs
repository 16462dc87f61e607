//! Standard input, output and error.
//!
//! Their handles are made when somebody asks for them. Closing one does not close the descriptor under it: the rest of the
//! program writes there too.

use std::os::fd::BorrowedFd;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::fs::OFlags;

use super::{Descriptor, File};
use crate::kernel32::access;
use crate::kernel32::call::{call, export, succeeds};
use crate::kernel32::code::Code;
use crate::kernel32::named::entered;
use crate::kernel32::table;
use crate::kernel32::types::{BOOL, CURRENT_PROCESS, HANDLE};

const GENERIC_READ: u32 = 0x8000_0000;
const GENERIC_WRITE: u32 = 0x4000_0000;

/// No handle has this value.
const NOT_YET: usize = 1;

/// The handles, as `GetStdHandle` returns them.
static HANDLES: [AtomicUsize; 3] = [const { AtomicUsize::new(NOT_YET) }; 3];

export! {
    /// The handle of standard input (-10), output (-11) or error (-12); null if there is none.
    fn GetStdHandle(which: u32) -> HANDLE {
        call(CURRENT_PROCESS, || {
            let index = index(which)?;
            let known = HANDLES[index].load(Ordering::Acquire);
            if known == NOT_YET { first(index) } else { Ok(handle(known)) }
        })
    }

    /// Replaces what `GetStdHandle` returns from now on. The C library's own streams stay where they are.
    fn SetStdHandle(which: u32, new: HANDLE) -> BOOL {
        succeeds(|| {
            HANDLES[index(which)?].store(new.addr(), Ordering::Release);
            Ok(())
        })
    }
}

fn index(which: u32) -> Result<usize, Code> {
    match 0_i32.wrapping_add_unsigned(which) {
        -10 => Ok(0),
        -11 => Ok(1),
        -12 => Ok(2),
        _ => Err(Code::INVALID_HANDLE),
    }
}

fn handle(value: usize) -> HANDLE {
    std::ptr::without_provenance_mut(value)
}

/// Makes the handle; if another thread does so too, the first one counts.
fn first(index: usize) -> Result<HANDLE, Code> {
    let Some(made) = make(index)? else {
        return Ok(handle(0));
    };
    match HANDLES[index].compare_exchange(NOT_YET, made.addr(), Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => Ok(made),
        Err(other) => {
            table::close(made)?;
            Ok(handle(other))
        }
    }
}

/// None if the program was started without.
fn make(index: usize) -> Result<Option<HANDLE>, Code> {
    let descriptor: BorrowedFd<'static> = match index {
        0 => rustix::stdio::stdin(),
        1 => rustix::stdio::stdout(),
        _ => rustix::stdio::stderr(),
    };
    let Ok(flags) = rustix::fs::fcntl_getfl(descriptor) else {
        return Ok(None);
    };
    let rights = match flags & OFlags::RWMODE {
        OFlags::RDONLY => GENERIC_READ,
        OFlags::WRONLY => GENERIC_WRITE,
        _ => GENERIC_READ | GENERIC_WRITE,
    };
    let file = File::new(Descriptor::Standard(descriptor), false, None)?;
    entered(file.into(), access::file(rights), None, 0).map(Some)
}
