//! Starting a program, from what `CreateProcess` was told.
//!
//! The child is a copy of this process until it executes the program, made by a `clone` of our own: that gives the
//! child's pidfd in the same step, so that nobody can reap it before we know it, and runs none of the handlers that the
//! program registered for `fork`. This thread sleeps meanwhile.
//!
//! # Safety
//! In the child nothing is called but system calls and what computes on memory that was made ready before: other threads
//! of the parent may have had any lock, the allocator's too.
#![allow(unsafe_code)]

use std::ffi::{CString, OsStr, c_char, c_int};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr::{null, null_mut};

use rustix::io::Errno;
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

use crate::kernel32::background::Quiet;
use crate::kernel32::code::Code;
use crate::kernel32::passing::Luggage;

/// A child's place among processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    Parents,
    /// The first of a new group.
    Own,
    /// The first of a new session, without a terminal.
    Detached,
}

/// What to start.
pub(super) struct Plan {
    pub(super) program: CString,
    pub(super) arguments: Vec<CString>,
    pub(super) environment: Vec<CString>,
    pub(super) directory: Option<CString>,
    /// What it shall have as its standard input, output and error; none: what this process has.
    pub(super) standard: [Option<OwnedFd>; 3],
    pub(super) group: Group,
    pub(super) luggage: Luggage,
}

/// The plan as addresses, ready before there is a child.
struct Ready<'a> {
    plan: &'a Plan,
    arguments: Vec<*const c_char>,
    environment: Vec<*const c_char>,
    /// Where the child writes its own number, in the variable that tells of inherited handles.
    number: *mut c_char,
    report: RawFd,
}

/// Where a child failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Descriptors,
    Directory,
    Program,
}

impl Plan {
    /// Starts it; the child's number and pidfd.
    pub(super) fn start(&self) -> Result<(Pid, OwnedFd), Code> {
        let (failures, report) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK).map_err(too_many)?;
        let (mut variable, at) = self.luggage.variable();
        let number = variable[at..].as_mut_ptr().cast();
        let addresses = |texts: &[CString]| texts.iter().map(|text| text.as_ptr()).collect::<Vec<_>>();
        let mut arguments = addresses(&self.arguments);
        arguments.push(null());
        let mut environment = addresses(&self.environment);
        environment.extend([variable.as_ptr().cast(), null()]);
        let ready = Ready { plan: self, arguments, environment, number, report: report.as_raw_fd() };
        let (pid, fd) = ready.start().map_err(too_many)?;
        drop(report);
        match failure(&failures) {
            None => Ok((pid, fd)),
            Some((stage, errno)) => {
                let _ = waitid(WaitId::PidFd(fd.as_fd()), WaitIdOptions::EXITED);
                Err(self.code(stage, errno))
            }
        }
    }

    fn code(&self, stage: Stage, errno: Errno) -> Code {
        let is_there = Path::new(OsStr::from_bytes(self.program.to_bytes())).exists();
        match (stage, errno) {
            (Stage::Descriptors, _) => Code::NO_SYSTEM_RESOURCES,
            (Stage::Directory, _) => Code::DIRECTORY,
            (_, Errno::ACCESS | Errno::PERM) => Code::ACCESS_DENIED,
            (_, Errno::NOENT) if !is_there => Code::FILE_NOT_FOUND,
            (_, Errno::TOOBIG) => Code::FILENAME_EXCED_RANGE,
            (_, Errno::NOMEM | Errno::MFILE | Errno::NFILE | Errno::AGAIN) => Code::NO_SYSTEM_RESOURCES,
            // Whatever it is, the system cannot run it.
            _ => Code::BAD_EXE_FORMAT,
        }
    }
}

fn too_many(_: Errno) -> Code {
    Code::NO_SYSTEM_RESOURCES
}

/// What the child wrote before it ended without executing anything.
fn failure(failures: &OwnedFd) -> Option<(Stage, Errno)> {
    let mut report = [0_u8; 8];
    let count = rustix::io::read(failures, &mut report).unwrap_or(0);
    let number = |at: usize| i32::from_ne_bytes([report[at], report[at + 1], report[at + 2], report[at + 3]]);
    let stage = match number(0) {
        0 => Stage::Descriptors,
        1 => Stage::Directory,
        _ => Stage::Program,
    };
    (count == report.len()).then(|| (stage, Errno::from_raw_os_error(number(4))))
}

impl Ready<'_> {
    fn start(&self) -> Result<(Pid, OwnedFd), Errno> {
        // No handler of the program's shall run in the child.
        let quiet = Quiet::begin();
        let mut pidfd: c_int = -1;
        let flags = libc::CLONE_PIDFD | libc::CLONE_VFORK | libc::SIGCHLD;
        // SAFETY: without a stack and CLONE_VM the child is a copy, as after `fork`; the pidfd is written to where the
        // address says.
        let made = unsafe { libc::syscall(libc::SYS_clone, flags, 0, &raw mut pidfd, 0, 0) };
        if made == 0 {
            self.become_program();
        }
        drop(quiet);
        let pid = i32::try_from(made).ok().filter(|&pid| pid > 0).and_then(Pid::from_raw);
        let pid = pid.ok_or_else(|| Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::AGAIN))?;
        // SAFETY: the call has succeeded, and has made this descriptor for us.
        Ok((pid, unsafe { OwnedFd::from_raw_fd(pidfd) }))
    }

    /// The child.
    fn become_program(&self) -> ! {
        let (stage, errno) = self.prepare().err().unwrap_or_else(|| (Stage::Program, self.execute()));
        let mut report = [0_u8; 8];
        report[..4].copy_from_slice(&(stage as i32).to_ne_bytes());
        report[4..].copy_from_slice(&errno.to_ne_bytes());
        // SAFETY: so many bytes lie there.
        unsafe { libc::write(self.report, report.as_ptr().cast(), report.len()) };
        // SAFETY: has no preconditions.
        unsafe { libc::_exit(127) }
    }

    /// Returns only if it failed.
    fn execute(&self) -> i32 {
        let (arguments, environment) = (self.arguments.as_ptr(), self.environment.as_ptr());
        // SAFETY: lists of texts that end in null, alive in this copy.
        unsafe { libc::execve(self.plan.program.as_ptr(), arguments, environment) };
        last_errno()
    }

    fn prepare(&self) -> Result<(), (Stage, i32)> {
        for (number, fd) in (0..).zip(&self.plan.standard) {
            let Some(fd) = fd else { continue };
            // SAFETY: numbers only; the copy has no flag that would close it. What was there is closed.
            checked(unsafe { libc::dup2(fd.as_raw_fd(), number) }).map_err(|errno| (Stage::Descriptors, errno))?;
        }
        for fd in self.plan.luggage.descriptors() {
            // SAFETY: numbers only.
            checked(unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_SETFD, 0) })
                .map_err(|errno| (Stage::Descriptors, errno))?;
        }
        // SAFETY: room for ten digits, by `Luggage::variable`; this copy is the child's own.
        unsafe { write_number(self.number) };
        if let Some(directory) = &self.plan.directory {
            // SAFETY: a text that ends in NUL.
            checked(unsafe { libc::chdir(directory.as_ptr()) }).map_err(|errno| (Stage::Directory, errno))?;
        }
        match self.plan.group {
            Group::Parents => {}
            // SAFETY: numbers only.
            Group::Own => _ = unsafe { libc::setpgid(0, 0) },
            // SAFETY: has no preconditions.
            Group::Detached => _ = unsafe { libc::setsid() },
        }
        reset_signals();
        Ok(())
    }
}

/// Ten decimal digits of this process' number.
///
/// # Safety
/// There is room for them.
unsafe fn write_number(place: *mut c_char) {
    // SAFETY: has no preconditions.
    let mut number = unsafe { libc::getpid() };
    for digit in (0..10).rev() {
        // SAFETY: within the room that the caller promised.
        unsafe { place.wrapping_add(digit).write(c_char::try_from(i32::from(b'0') + number % 10).unwrap_or(0)) };
        number /= 10;
    }
}

/// The program begins with what the system gives: nothing blocked, and a closed pipe ends it. What was ignored stays so.
fn reset_signals() {
    for signal in 1..=64 {
        let mut action = MaybeUninit::<libc::sigaction>::zeroed();
        // SAFETY: room for what is asked; numbers that are no signals are refused.
        let asked = unsafe { libc::sigaction(signal, null(), action.as_mut_ptr()) };
        // SAFETY: zeroed, for which all fields have a value, and perhaps written.
        let handler = unsafe { action.assume_init_ref() }.sa_sigaction;
        if asked == 0 && (handler != libc::SIG_IGN || signal == libc::SIGPIPE) {
            // SAFETY: the default action, which needs nothing.
            unsafe { libc::signal(signal, libc::SIG_DFL) };
        }
    }
    let mut none = MaybeUninit::uninit();
    // SAFETY: room for a set.
    unsafe { libc::sigemptyset(none.as_mut_ptr()) };
    // SAFETY: the set was just emptied.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, none.as_ptr(), null_mut()) };
}

fn checked(returned: c_int) -> Result<(), i32> {
    if returned < 0 { Err(last_errno()) } else { Ok(()) }
}

fn last_errno() -> i32 {
    // SAFETY: has no preconditions.
    let errno = unsafe { libc::__errno_location() };
    // SAFETY: this thread's errno.
    unsafe { *errno }
}
