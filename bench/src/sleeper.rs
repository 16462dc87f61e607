//! What the kernel tells of a thread: whether it sleeps, as a waiter is woken from sleep only if it has gone to sleep;
//! and how often it lost the processor to others, as what was measured meanwhile says nothing.

use std::fs::File;
use std::os::unix::fs::FileExt;

use rustix::thread::Pid;

use crate::Result;

/// A thread to look at.
pub struct Sleeper(File);

impl Sleeper {
    /// A process' first thread.
    pub fn process(number: u32) -> Result<Self> {
        Ok(Self(File::open(format!("/proc/{number}/stat"))?))
    }

    /// A thread of ours.
    pub fn thread(thread: Pid) -> Result<Self> {
        Ok(Self(File::open(format!("/proc/self/task/{}/stat", thread.as_raw_nonzero()))?))
    }

    /// Looks until it sleeps, with a pause before each look.
    pub fn until_asleep(&self, pause: fn()) -> Result<()> {
        let mut text = [0; 64];
        loop {
            pause();
            let length = self.0.read_at(&mut text, 0)?;
            // `NUMBER (PROGRAM) STATE …`, and the program's name has no parenthesis.
            let state = text[..length].iter().position(|&byte| byte == b')').and_then(|at| text.get(at + 2));
            match state {
                Some(b'S') => return Ok(()),
                Some(b'Z' | b'X') | None => return Err("the sleeper ended".into()),
                Some(_) => {}
            }
        }
    }
}

/// How often a process' first thread had to leave its processor though it had something to do.
pub fn interruptions(process: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let count = status.lines().find_map(|line| line.strip_prefix("nonvoluntary_ctxt_switches:"));
    Ok(count.ok_or("no count of context switches")?.trim().parse()?)
}
