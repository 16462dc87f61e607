//! Commands about the C library's robust mutexes, which share a thread's list with ours.

use std::path::Path;

use super::{Answer, Refused, Session, Words, check};
use crate::noise::Noise;
use crate::system::{ROBUST, Robust};

impl Session {
    /// `robust make|map PATH`, `robust lock|unlock NUMBER`: answers the error number; `robust mix TIMES SEED NUMBER…`.
    pub(super) fn robust_command(&mut self, words: &mut Words<'_>) -> Answer {
        let verb = words.text()?;
        if let "make" | "map" = verb {
            self.robust = Some(Robust::map(Path::new(words.text()?), verb == "make")?);
            return Ok(String::new());
        }
        let at: usize = words.number()?;
        let all = self.robust.as_ref().ok_or_else(|| Refused("Check".into(), 0, "not mapped".into()))?;
        match verb {
            "lock" => Ok(all.try_lock(at).to_string()),
            "unlock" => Ok(all.unlock(at).to_string()),
            _ => mix(all, at, words.number()?),
        }
    }
}

/// Locks and unlocks them in any order, while threads come and go that own mutexes of ours.
fn mix(all: &Robust, times: usize, seed: u64) -> Answer {
    let mut noise = Noise::new(seed);
    let mut held = [false; ROBUST];
    let ours = lasthandle::Mutex::options().create_unnamed()?;
    for _ in 0..times {
        let at = usize::try_from(noise.below(ROBUST as u64)).expect("few");
        let result = if held[at] { all.unlock(at) } else { all.try_lock(at) };
        check(result == 0, format!("the C library says {result}"))?;
        held[at] = !held[at];
        if noise.once_in(3) {
            drop(ours.lock()?);
        }
    }
    (0..ROBUST).filter(|&at| held[at]).for_each(|at| {
        all.unlock(at);
    });
    Ok(String::new())
}
