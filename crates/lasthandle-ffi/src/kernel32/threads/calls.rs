//! Making, opening, ending and asking threads.

use std::ffi::c_void;
use std::path::Path;
use std::ptr::null_mut;
use std::sync::Arc;

use lasthandle::Access;

use super::object::{Body, Thread};
use super::registry;
use super::start::{self, StartRoutine};
use crate::kernel32::access;
use crate::kernel32::call::{call, export, export_unwinding, succeeds};
use crate::kernel32::code::Code;
use crate::kernel32::named::{entered, inherits, only};
use crate::kernel32::object::Object;
use crate::kernel32::pointer::{In, Out};
use crate::kernel32::process::Role;
use crate::kernel32::table;
use crate::kernel32::types::{BOOL, CURRENT_THREAD, HANDLE, STILL_ACTIVE, SecurityAttributes};

const CREATE_SUSPENDED: u32 = 4;
/// Stacks are reserved, and grow by themselves, in any case.
const STACK_SIZE_PARAM_IS_A_RESERVATION: u32 = 0x1_0000;

const TERMINATE: u32 = 1;
const SUSPEND_RESUME: u32 = 2;
const SET_INFORMATION: u32 = 0x20 | 0x400;
const QUERY_INFORMATION: u32 = 0x40 | 0x800;
pub(super) const ALL_ACCESS: u32 = 0x1F_FFFF;

const FAILED: u32 = u32::MAX;
const PRIORITY_ERROR_RETURN: i32 = i32::MAX;

export! {
    /// Makes a thread. `stack`: bytes, 0: as many as the system gives.
    fn CreateThread(
        attributes: In<SecurityAttributes>,
        stack: usize,
        routine: Option<StartRoutine>,
        argument: *mut c_void,
        flags: u32,
        id: Out<u32>,
    ) -> HANDLE {
        call(null_mut(), || create(attributes, stack, routine, argument, flags, id))
    }

    /// The same by the name that the C library of Windows gives it.
    fn _beginthreadex(
        attributes: In<SecurityAttributes>,
        stack: u32,
        routine: Option<StartRoutine>,
        argument: *mut c_void,
        flags: u32,
        id: Out<u32>,
    ) -> usize {
        call(null_mut(), || create(attributes, stack as usize, routine, argument, flags, id)).addr()
    }

    /// Opens a thread of this process by its number.
    fn OpenThread(access: u32, inherit: BOOL, id: u32) -> HANDLE {
        call(null_mut(), || {
            let access = access::thread(access);
            let body = find(id)?;
            if access == Access::NONE {
                return Err(Code::ACCESS_DENIED);
            }
            entered(Thread::new(body, access).into(), access, None, inherit)
        })
    }

    /// How the thread has ended; 259 as long as it runs.
    fn GetExitCodeThread(thread: HANDLE, code: Out<u32>) -> BOOL {
        succeeds(|| {
            let found = with(thread, QUERY_INFORMATION, |body| {
                Ok(match (body.has_ended(), body.is_here()) {
                    (false, _) => STILL_ACTIVE,
                    (true, true) => body.lock().code,
                    (true, false) => 0,
                })
            })?;
            code.required()?.write(found);
            Ok(())
        })
    }

    /// The number of a thread.
    fn GetThreadId(thread: HANDLE) -> u32 {
        call(0, || with(thread, QUERY_INFORMATION, |body| Ok(body.id())))
    }

    /// Lets a thread begin that was made suspended, if nobody has suspended it more than once; how often it was.
    fn ResumeThread(thread: HANDLE) -> u32 {
        call(FAILED, || with(thread, SUSPEND_RESUME, |body| Ok(if body.is_here() { body.resume() } else { 0 })))
    }

    /// Suspends a thread that has not begun. Of one that runs it cannot be had: 50.
    fn SuspendThread(thread: HANDLE) -> u32 {
        call(FAILED, || with(thread, SUSPEND_RESUME, |body| {
            if !body.is_here() {
                // Nobody gives its lock back that was taken when the process forked.
                return Err(Code::NOT_SUPPORTED);
            }
            let mut state = body.lock();
            if state.has_begun || state.suspended == 0 {
                return Err(Code::NOT_SUPPORTED);
            }
            state.suspended += 1;
            Ok(state.suspended - 1)
        }))
    }

    /// Cannot be made safe, and is refused: 50.
    fn TerminateThread(thread: HANDLE, _code: u32) -> BOOL {
        succeeds(|| with(thread, TERMINATE, |_| Err(Code::NOT_SUPPORTED)))
    }

    /// Lets others run.
    fn SwitchToThread() -> BOOL {
        std::thread::yield_now();
        1
    }

    /// Every thread has the normal priority, 0.
    fn GetThreadPriority(thread: HANDLE) -> i32 {
        call(PRIORITY_ERROR_RETURN, || with(thread, QUERY_INFORMATION, |_| Ok(0)))
    }

    /// The normal priority is what every thread has; another is refused: 50.
    fn SetThreadPriority(thread: HANDLE, priority: i32) -> BOOL {
        succeeds(|| with(thread, SET_INFORMATION, |_| match priority {
            0 => Ok(()),
            -15 | -2 | -1 | 1 | 2 | 15 => Err(Code::NOT_SUPPORTED),
            _ => Err(Code::INVALID_PARAMETER),
        }))
    }
}

export_unwinding! {
    /// Ends the calling thread; of the first one, too, without ending the process.
    fn ExitThread(code: u32) {
        start::set_exit_code(code);
        start::exit()
    }

    /// The same by the name that the C library of Windows gives it.
    fn _endthreadex(code: u32) {
        ExitThread(code);
    }
}

fn create(
    attributes: In<SecurityAttributes>,
    stack: usize,
    routine: Option<StartRoutine>,
    argument: *mut c_void,
    flags: u32,
    id: Out<u32>,
) -> Result<HANDLE, Code> {
    only(flags, CREATE_SUSPENDED | STACK_SIZE_PARAM_IS_A_RESERVATION)?;
    let routine = routine.ok_or(Code::INVALID_PARAMETER)?;
    let body = Body::new(0, flags & CREATE_SUSPENDED != 0, None);
    let thread = Thread::new(Arc::clone(&body), Access::from_bits(ALL_ACCESS));
    // The handle first: a thread that runs cannot be taken back.
    let handle = entered(thread.into(), Access::from_bits(ALL_ACCESS), None, inherits(attributes))?;
    if let Err(code) = start::create(&body, routine, argument, stack) {
        table::close(handle)?;
        return Err(code);
    }
    id.write(body.wait_for_id());
    Ok(handle)
}

fn find(id: u32) -> Result<Arc<Body>, Code> {
    let found = registry::find(id).or_else(|| registry::open_foreign(id));
    found.ok_or_else(|| {
        // A thread of another process can only be had there.
        let elsewhere = id != 0 && Path::new(&format!("/proc/{id}")).exists();
        if elsewhere { Code::NOT_SUPPORTED } else { Code::INVALID_PARAMETER }
    })
}

/// Looks at a thread, by a handle that has one of these rights. The pseudo handle has all.
fn with<R>(thread: HANDLE, rights: u32, look: impl FnOnce(&Body) -> Result<R, Code>) -> Result<R, Code> {
    if thread == CURRENT_THREAD {
        return look(&registry::current());
    }
    let entry = table::get(thread)?;
    match &entry.object {
        Object::Thread(thread) => look(thread.allows(rights)?),
        // The first thread of a child is known as its process only.
        Object::Process(process) if process.role() == Role::MainThread => Err(Code::NOT_SUPPORTED),
        _ => Err(Code::INVALID_HANDLE),
    }
}

#[cfg(test)]
mod tests {
    use std::ptr::without_provenance_mut;

    use super::*;
    use crate::kernel32::handle::{CloseHandle, DuplicateHandle};
    use crate::kernel32::process::GetCurrentThreadId;
    use crate::kernel32::tests::{nowhere, out, tried};
    use crate::kernel32::types::CURRENT_PROCESS;

    #[test]
    fn a_duplicate_that_nobody_is_told_of_is_not_made() {
        let mine = || {
            let handles = table::all();
            let handles = handles.iter().map(|entry| without_provenance_mut(entry.number().as_u32() as usize));
            handles.filter(|handle| GetThreadId(*handle) == GetCurrentThreadId()).count()
        };
        let duplicate =
            |told, options| DuplicateHandle(CURRENT_PROCESS, CURRENT_THREAD, CURRENT_PROCESS, told, 0, 0, options);
        for options in [0, 2] {
            assert_eq!(tried(|| duplicate(nowhere(), options)), (0, 998));
            assert_eq!(mine(), 0);
        }
        let mut handle = null_mut();
        assert_eq!(duplicate(out(&mut handle), 2), 1);
        assert_eq!(mine(), 1);
        assert_eq!(CloseHandle(handle), 1);
        assert_eq!(mine(), 0);
    }
}
