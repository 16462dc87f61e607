//! Whether a process has ended, and with which code.
//!
//! Linux keeps eight bits of an exit code, or the signal that ended the process. Its parent may ask until it is reaped;
//! everybody who may look into it, until then; and after that, everybody who has a pidfd, since Linux 6.15.
//!
//! # Safety
//! Two system calls that rustix lacks; what each needs is argued where it stands.
#![allow(unsafe_code)]

use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::time::{Duration, Instant};

use lasthandle::Timeout;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{WaitId, WaitIdOptions, waitid};

use super::object::Target;
use crate::kernel32::code::Code;
use crate::kernel32::types::STILL_ACTIVE;

/// Waits until the descriptor can be read: of a process, until it has ended.
pub(crate) fn is_readable(fd: BorrowedFd<'_>, timeout: Timeout) -> Result<bool, Errno> {
    let deadline = match timeout {
        Timeout::Now => Some(Instant::now()),
        Timeout::After(duration) => Instant::now().checked_add(duration),
        Timeout::Never => None,
    };
    loop {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        match poll(&mut [PollFd::from_borrowed_fd(fd, PollFlags::IN)], left.map(timespec).as_ref()) {
            Ok(count) => return Ok(count > 0),
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
}

fn timespec(duration: Duration) -> Timespec {
    // More than a year is as good as for ever, and fits.
    Timespec {
        tv_sec: i64::try_from(duration.as_secs().min(1 << 31)).unwrap_or(0),
        tv_nsec: duration.subsec_nanos().into(),
    }
}

/// Whether a signal could be sent.
pub(super) fn probe(process: BorrowedFd<'_>) -> Result<(), Errno> {
    let no_information = std::ptr::null::<libc::siginfo_t>();
    // SAFETY: an open descriptor and no pointer; signal 0 is none.
    let sent = unsafe { libc::syscall(libc::SYS_pidfd_send_signal, process.as_raw_fd(), 0, no_information, 0) };
    if sent == 0 { Ok(()) } else { Err(last_errno()) }
}

impl Target {
    /// The code that it ended with; [`STILL_ACTIVE`] if it runs. One that is not to be had is an error.
    pub(super) fn exit_code(&self) -> Result<u32, Code> {
        if !self.has_ended() {
            return Ok(STILL_ACTIVE);
        }
        if let Some(code) = self.code.get() {
            return Ok(*code);
        }
        // Of two threads that ask at once, the other may have reaped it: then it has said the code before.
        let code = match self.status() {
            Some(status) => *self.code.get_or_init(|| self.translate(status)),
            None => *self.code.get().ok_or(Code::NOT_SUPPORTED)?,
        };
        if self.is_ours() {
            let _ = waitid(WaitId::PidFd(self.as_fd()), WaitIdOptions::EXITED | WaitIdOptions::NOHANG);
        }
        Ok(code)
    }

    /// Takes its remains away, if nobody else will.
    pub(super) fn reap(&self) {
        if self.is_ours() {
            let _ = self.exit_code();
        }
    }

    fn status(&self) -> Option<i32> {
        self.status_for_parent().or_else(|| status_of_reaped(self.as_fd())).or_else(|| self.status_of_remains())
    }

    /// Its remains stay: a child that the program started itself is left for the program to reap.
    fn status_for_parent(&self) -> Option<i32> {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        let status = waitid(WaitId::PidFd(self.as_fd()), options).ok()??;
        status.exit_status().map(|code| (code & 0xFF) << 8).or_else(|| status.terminating_signal())
    }

    /// Nobody has reaped it: the kernel tells who could trace it.
    fn status_of_remains(&self) -> Option<i32> {
        let text = std::fs::read_to_string(format!("/proc/{}/stat", self.number())).ok()?;
        // Behind the program's name, which may contain anything, the code is the last of fifty.
        let mut fields = text.rsplit_once(')')?.1.split_whitespace();
        (fields.next()? == "Z").then_some(())?;
        fields.last()?.parse().ok()
    }

    fn translate(&self, status: i32) -> u32 {
        match status & 0x7F {
            0 => (status.unsigned_abs() >> 8) & 0xFF,
            libc::SIGKILL => self.terminated.get().copied().unwrap_or(1),
            signal => code_of_signal(signal),
        }
    }
}

/// What Windows' processes end with for the same reason; anything else is an end from outside, 1.
fn code_of_signal(signal: i32) -> u32 {
    match signal {
        libc::SIGSEGV => 0xC000_0005,
        libc::SIGBUS => 0xC000_0006,
        libc::SIGILL => 0xC000_001D,
        libc::SIGFPE => 0xC000_0094,
        libc::SIGTRAP => 0x8000_0003,
        libc::SIGINT => 0xC000_013A,
        libc::SIGABRT => 3,
        _ => 1,
    }
}

/// What the kernel keeps for the holders of a pidfd.
fn status_of_reaped(process: BorrowedFd<'_>) -> Option<i32> {
    // SAFETY: plain numbers, for which zero is a value.
    let mut info: libc::pidfd_info = unsafe { std::mem::zeroed() };
    info.mask = libc::PIDFD_INFO_EXIT.into();
    // SAFETY: the kernel writes no more than the structure whose size the command's number has.
    let told = unsafe { libc::ioctl(process.as_raw_fd(), libc::PIDFD_GET_INFO, &raw mut info) };
    (told == 0 && info.mask & u64::from(libc::PIDFD_INFO_EXIT) != 0).then_some(info.exit_code)
}

fn last_errno() -> Errno {
    Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::INVAL)
}

/// Ends this process; nothing that was registered for its exit runs.
pub(super) fn exit_now(code: u32) -> ! {
    // SAFETY: has no preconditions.
    unsafe { libc::_exit(0_i32.wrapping_add_unsigned(code)) }
}
