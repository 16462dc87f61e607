//! Other processes: opening, asking, ending.

use std::ptr::null_mut;

use rustix::process::{Pid, PidfdFlags, pidfd_open};

use super::ended::exit_now;
use super::object::{
    ALL_ACCESS, Process, QUERY_INFORMATION, QUERY_LIMITED_INFORMATION, Role, SYNCHRONIZE, TERMINATE, Target,
};
use super::world;
use crate::kernel32::access;
use crate::kernel32::call::{call, export, succeeds};
use crate::kernel32::code::Code;
use crate::kernel32::named::entered;
use crate::kernel32::passing;
use crate::kernel32::pointer::Out;
use crate::kernel32::table;
use crate::kernel32::types::{BOOL, CURRENT_PROCESS, HANDLE, STILL_ACTIVE};

export! {
    /// Opens the process of that number.
    fn OpenProcess(access: u32, inherit: BOOL, number: u32) -> HANDLE {
        call(null_mut(), || {
            let target = find(number)?;
            let access = access::process(access).bits();
            if access & !OF_ANYBODY != 0 && !target.is_ruled() {
                return Err(Code::ACCESS_DENIED);
            }
            // Whoever opens another process may be opened by it.
            passing::serve();
            let process = Process::new(target, access, Role::Process);
            entered(process.into(), lasthandle::Access::from_bits(access), None, inherit)
        })
    }

    /// The number of a process.
    fn GetProcessId(process: HANDLE) -> u32 {
        call(0, || {
            if process == CURRENT_PROCESS {
                return Ok(std::process::id());
            }
            table::with(process, |entry| {
                Ok(entry.object.process()?.allowed(QUERY_INFORMATION | QUERY_LIMITED_INFORMATION)?.number())
            })
        })
    }

    /// The code that a process ended with; 259 if it runs.
    fn GetExitCodeProcess(process: HANDLE, code: Out<u32>) -> BOOL {
        succeeds(|| {
            let found = if process == CURRENT_PROCESS {
                STILL_ACTIVE
            } else {
                let entry = table::get(process)?;
                entry.object.process()?.allowed(QUERY_INFORMATION | QUERY_LIMITED_INFORMATION)?.exit_code()?
            };
            code.required()?.write(found);
            Ok(())
        })
    }

    /// Ends a process at once.
    fn TerminateProcess(process: HANDLE, code: u32) -> BOOL {
        succeeds(|| {
            if process == CURRENT_PROCESS {
                exit_now(code);
            }
            let entry = table::get(process)?;
            let target = entry.object.process()?.allowed(TERMINATE)?;
            if target.is_this_process() {
                exit_now(code);
            }
            target.terminate(code)
        })
    }

    /// Ends this process in the ordinary way: what was registered for its exit runs. Linux keeps eight bits of the code.
    fn ExitProcess(code: u32) {
        std::process::exit(0_i32.wrapping_add_unsigned(code));
    }
}

/// What everybody may do with everybody's processes here: look and wait.
const OF_ANYBODY: u32 = SYNCHRONIZE | QUERY_INFORMATION | QUERY_LIMITED_INFORMATION;

fn find(number: u32) -> Result<std::sync::Arc<Target>, Code> {
    let pid = i32::try_from(number).ok().and_then(Pid::from_raw).ok_or(Code::INVALID_PARAMETER)?;
    let fd = pidfd_open(pid, PidfdFlags::empty()).map_err(|errno| match errno {
        rustix::io::Errno::MFILE | rustix::io::Errno::NFILE | rustix::io::Errno::NOMEM => Code::NO_SYSTEM_RESOURCES,
        _ => Code::INVALID_PARAMETER,
    })?;
    Ok(world::known_or(pid, fd))
}

/// The process that a pidfd from elsewhere leads to.
pub(crate) fn from_descriptor(fd: std::os::fd::OwnedFd) -> Result<std::sync::Arc<Target>, Code> {
    use std::os::fd::AsRawFd;
    let path = format!("/proc/self/fdinfo/{}", fd.as_raw_fd());
    let text = std::fs::read_to_string(path).map_err(|_| Code::INVALID_HANDLE)?;
    let number = text.lines().find_map(|line| line.strip_prefix("Pid:")?.trim().parse::<i32>().ok());
    let number = number.ok_or(Code::INVALID_HANDLE)?;
    if number <= 0 {
        // It was reaped, or is in a name space beside this one: it has no number here, and is nobody's equal.
        return Ok(world::nameless(fd));
    }
    Ok(world::known_or(Pid::from_raw(number).ok_or(Code::INVALID_HANDLE)?, fd))
}

/// This process as an object, which its pseudo handle stands for.
pub(crate) fn this_process() -> Result<Process, Code> {
    Ok(Process::new(find(std::process::id())?, ALL_ACCESS, Role::Process))
}
