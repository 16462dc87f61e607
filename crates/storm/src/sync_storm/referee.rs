//! The process that makes a round's objects, keeps them signalled now and then, and looks whether anybody sleeps
//! beside a signalled one.

use std::path::Path;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

use lasthandle::{Due, Timeout, Waitable, Waited};

use super::board::{Board, Count, OBJECTS};
use super::objects::{M, Objects, P, PLENTY, Q, ROOM, S};
use crate::actors::ACTORS;

/// A slice is half a second; the rest is for a machine with other things to do.
const TOO_LONG: Duration = Duration::from_millis(3500);
const LOOK: Duration = Duration::from_millis(8);

struct Referee {
    board: Board,
    objects: Objects,
    /// Since when each object was signalled at every look, and how often it had been taken by then.
    signaled: [Option<(Instant, u64)>; OBJECTS],
    /// Since when each actor is in the same wait.
    waiting: [(u64, Instant); ACTORS],
}

/// Judges one round; the exit code.
pub fn judge(board: &str) -> u8 {
    let path = Path::new(board);
    match round(Board::open(path)) {
        Ok(()) => 0,
        Err(what) => {
            let _ = std::fs::write(path.with_file_name("violation.referee"), format!("referee: {what}\n"));
            3
        }
    }
}

fn round(board: Board) -> Result<(), String> {
    let said = |error: lasthandle::Error| error.to_string();
    let objects = Objects::create().map_err(said)?;
    objects.timer.arm(Due::After(Duration::ZERO), Duration::from_millis(5)).map_err(said)?;
    let now = Instant::now();
    let mut referee = Referee { board, objects, signaled: [None; OBJECTS], waiting: [(0, now); ACTORS] };
    referee.board.stage().store(1, SeqCst);
    let mut turn = 0_u64;
    while referee.board.stage().load(SeqCst) == 1 {
        turn += 1;
        // So that nobody waits for ever by right.
        referee.objects.events[0].set().map_err(said)?;
        if turn % 3 == 0 {
            referee.objects.events[1].set().map_err(said)?;
        }
        referee.make_room();
        referee.look()?;
        std::thread::sleep(LOOK);
    }
    while referee.board.stage().load(SeqCst) != 3 {
        std::thread::sleep(Duration::from_millis(1));
    }
    referee.count_up()
}

impl Referee {
    /// What dead actors had of the semaphore comes back, never more than was certainly lost: if all of it was lost,
    /// nothing would move.
    fn make_room(&self) {
        let spent = self.board.count(Count::Spent).load(SeqCst);
        let living = (0..ACTORS).any(|actor| self.board.may_have(actor).load(SeqCst) != 0 && !self.sleeps(actor));
        if spent > 0 && !living && self.objects.count(S) == 0 {
            let _ = self.objects.semaphores[0].release(1);
        }
    }

    fn sleeps(&self, actor: usize) -> bool {
        self.board.wait(actor).load(SeqCst) % 2 == 1
    }

    fn look(&mut self) -> Result<(), String> {
        self.board.add(Count::Looks);
        let now = Instant::now();
        for at in 0..OBJECTS {
            let takes = self.board.takes(at).load(SeqCst);
            self.signaled[at] = match (self.objects.is_signaled(at), self.signaled[at]) {
                (false, _) => None,
                (true, Some((since, before))) if before == takes => Some((since, before)),
                (true, _) => Some((now, takes)),
            };
        }
        for actor in 0..ACTORS {
            let wait = self.board.wait(actor).load(SeqCst);
            if wait != self.waiting[actor].0 || wait % 2 == 0 {
                self.waiting[actor] = (wait, now);
                continue;
            }
            let mask = self.board.mask(actor).load(SeqCst);
            if let Some(since) = self.should_go(mask) {
                let since = since.max(self.waiting[actor].1);
                if now - since > TOO_LONG && self.board.wait(actor).load(SeqCst) == wait {
                    return Err(self.describe(actor, mask));
                }
            }
        }
        Ok(())
    }

    /// Since when a wait for these objects had every reason to end.
    fn should_go(&self, mask: u64) -> Option<Instant> {
        let mut times =
            (0..OBJECTS).filter(|at| mask >> at & 1 != 0).map(|at| self.signaled[at].map(|(since, _)| since));
        if mask >> 63 != 0 {
            let first = times.next()??;
            times.try_fold(first, |latest, time| time.map(|time| latest.max(time)))
        } else {
            times.flatten().min()
        }
    }

    fn describe(&self, actor: usize, mask: u64) -> String {
        let states: Vec<String> = (0..OBJECTS)
            .filter(|at| mask >> at & 1 != 0)
            .map(|at| format!("{at}: signaled {:?}", self.signaled[at].map(|(since, _)| since.elapsed())))
            .collect();
        format!("actor {actor} sleeps beside what is signalled (all: {}): {states:?}", mask >> 63)
    }

    /// Everybody is dead.
    fn count_up(&self) -> Result<(), String> {
        let board = &self.board;
        let count = |what| i64::try_from(board.count(what).load(SeqCst)).unwrap_or(i64::MAX);
        let (told, widows) = (count(Count::Abandoned), count(Count::Widows));
        if told > widows {
            return Err(format!("abandoned was told {told} times, and at most {widows} owners died"));
        }
        let left = self.objects.count(S);
        if left > i64::from(ROOM) || left < i64::from(ROOM) - count(Count::Spent) {
            return Err(format!(
                "{left} of the semaphore's {ROOM} are left, {} may have been lost",
                count(Count::Spent)
            ));
        }
        let (p, q) = (self.objects.count(P), self.objects.count(Q));
        if (p - q).abs() > count(Count::Parted) || p > i64::from(PLENTY) || q > i64::from(PLENTY) {
            return Err(format!("a part was taken: {p} and {q} left, {} died in the call", count(Count::Parted)));
        }
        if p != q {
            println!(
                "  {} parts of a wait-all were left by {} deaths in the call",
                (p - q).abs(),
                count(Count::Parted)
            );
        }
        for (at, mutex) in self.objects.mutexes.iter().enumerate() {
            let marked = board.owner(M + at).load(SeqCst) != 0;
            let waited = mutex.wait(Timeout::After(Duration::from_secs(2))).map_err(|error| error.to_string())?;
            match waited {
                Waited::TimedOut => return Err(format!("mutex {at} stayed locked after everybody's death")),
                Waited::Signaled(_) if marked => return Err(format!("mutex {at}: its owner's death was not told")),
                _ => mutex.release().map_err(|error| error.to_string())?,
            }
        }
        Ok(())
    }
}
