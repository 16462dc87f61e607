//! One process of the storm.

use std::path::Path;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use lasthandle::sys::linux::fault::{self, Plan};
use lasthandle::{Due, Event, Mutex, Semaphore, Timeout, Timer, Waitable, Waited, wait_all, wait_any};

use super::board::{Board, Count};
use super::objects::{A, B, G, M, Objects, P, Q, S, T};
use crate::noise::Noise;

type Checked<T = ()> = Result<T, String>;

/// The exit code of an actor that saw what must never happen.
const VIOLATION: u8 = 3;
/// No wait of a storm lasts nearly as long by right.
const LONG: Timeout = Timeout::After(Duration::from_secs(30));

struct Actor {
    me: usize,
    signature: u64,
    noise: Noise,
    board: Board,
    objects: Objects,
}

/// Acts until killed, or until something is wrong: then says so in a file beside the board.
pub fn act(board: &str, slot: &str, seed: &str) -> u8 {
    let (Ok(me), Ok(seed)) = (slot.parse::<usize>(), seed.parse::<u64>()) else { return 2 };
    let path = Path::new(board);
    let board = Board::open(path);
    board.process(me).store(u64::from(std::process::id()), SeqCst);
    let signature = Board::signature(me, board.incarnation(me).load(SeqCst));
    let mut noise = Noise::new(seed);
    let plans = fault::parse(&std::env::var("STORM_FAULT").unwrap_or_default()).unwrap_or_default();
    fault::arm(plans.iter().cloned());
    let result = Objects::open().map_err(|error| error.to_string()).and_then(|objects| {
        if noise.once_in(2) {
            // Dies inside the engine: where its life begins, or later.
            let nth = if noise.once_in(2) { 1 + noise.below(30) } else { 1 + noise.below(600) };
            fault::arm(plans.into_iter().chain([Plan::Kill { nth }]));
        }
        let mut actor = Actor { me, signature, noise, board, objects };
        loop {
            actor.step()?;
        }
    });
    let Err::<(), _>(what) = result else { return 0 };
    let text = format!("actor {me}, seed {seed}: {what}\n");
    let _ = std::fs::write(path.with_file_name(format!("violation.{me}")), text);
    VIOLATION
}

#[allow(clippy::needless_pass_by_value)] // for `map_err`
fn said(error: lasthandle::Error) -> String {
    error.to_string()
}

impl Actor {
    fn step(&mut self) -> Checked {
        match self.noise.below(12) {
            0 | 1 => self.lock(),
            2 => self.one_of_the_semaphore(),
            3 | 4 => self.any(),
            5..=7 => self.all(),
            8 => self.both(),
            9 => self.try_what_is_plenty(),
            10 => self.signal(),
            _ => self.names(),
        }
    }

    /// Waits, with a note on the board for the referee.
    fn wait(&mut self, which: &[usize], all: bool) -> Checked<Waited> {
        let objects: Vec<&dyn Waitable> = which.iter().map(|&at| self.objects.get(at)).collect();
        let mask = which.iter().fold(0, |mask, at| mask | 1 << at) | u64::from(all) << 63;
        let takes_mutex = which.iter().any(|&at| at <= G);
        self.board.may_own(self.me).store(u64::from(takes_mutex), SeqCst);
        self.board.may_have(self.me).store(u64::from(which.contains(&S)), SeqCst);
        self.board.mask(self.me).store(mask, SeqCst);
        self.board.wait(self.me).fetch_add(1, SeqCst);
        let waited = match (&objects[..], all) {
            ([one], _) => one.wait(LONG),
            (_, true) => wait_all(&objects, LONG),
            (_, false) => wait_any(&objects, LONG),
        };
        self.board.wait(self.me).fetch_add(1, SeqCst);
        let waited = waited.map_err(said)?;
        let taken: Vec<usize> = match waited {
            Waited::TimedOut => return Err(format!("a wait for {which:?} (all: {all}) that never ended")),
            Waited::Signaled(_) | Waited::Abandoned(_) if all => which.to_vec(),
            Waited::Signaled(at) | Waited::Abandoned(at) => vec![which[at]],
        };
        for &at in &taken {
            self.board.takes(at).fetch_add(1, SeqCst);
        }
        self.own(&taken, matches!(waited, Waited::Abandoned(_)))?;
        if !taken.contains(&S) {
            self.board.may_have(self.me).store(0, SeqCst);
        }
        Ok(waited)
    }

    /// Has taken these: judges what the board says of the mutexes among them.
    fn own(&mut self, taken: &[usize], abandoned: bool) -> Checked {
        let mutexes: Vec<usize> = taken.iter().copied().filter(|&at| at <= G).collect();
        for &mutex in &mutexes {
            let before = self.board.owner(mutex).swap(self.signature, SeqCst);
            if before == 0 {
                continue;
            }
            if !abandoned {
                return Err(format!("mutex {mutex} taken from {before:#x}, and nobody said that it was abandoned"));
            }
            if !self.board.has_ended(before) {
                return Err(format!("mutex {mutex} taken from {before:#x}, who lives"));
            }
        }
        if mutexes.is_empty() {
            self.board.may_own(self.me).store(0, SeqCst);
            return if abandoned { Err("abandoned, without a mutex".into()) } else { Ok(()) };
        }
        if abandoned {
            self.board.add(Count::Abandoned);
        }
        self.linger();
        for &mutex in &mutexes {
            let mine = self.board.owner(mutex).load(SeqCst);
            if mine != self.signature {
                return Err(format!("mutex {mutex} is mine, and {mine:#x} owns it too"));
            }
        }
        Ok(())
    }

    fn linger(&mut self) {
        match self.noise.below(6) {
            0 => std::thread::sleep(Duration::from_micros(self.noise.below(400))),
            1 => std::thread::yield_now(),
            _ => {}
        }
    }

    fn give_back(&mut self, taken: &[usize]) -> Checked {
        for &at in taken {
            if at <= G {
                let before = self.board.owner(at).swap(0, SeqCst);
                if before != self.signature {
                    return Err(format!("mutex {at} was mine, and {before:#x} owned it too"));
                }
                self.objects.mutexes[at].release().map_err(said)?;
            } else if at == S {
                self.objects.semaphores[0].release(1).map_err(said)?;
            }
        }
        self.board.may_own(self.me).store(0, SeqCst);
        self.board.may_have(self.me).store(0, SeqCst);
        Ok(())
    }

    fn lock(&mut self) -> Checked {
        let mutex = *self.noise.pick(&[M, M, G]);
        self.wait(&[mutex], false)?;
        if self.noise.once_in(4) {
            // Its own counts as signalled.
            let again = self.objects.mutexes[mutex].wait(Timeout::Now).map_err(said)?;
            if again != Waited::Signaled(0) {
                return Err(format!("my own mutex, taken again: {again:?}"));
            }
            self.objects.mutexes[mutex].release().map_err(said)?;
        }
        self.give_back(&[mutex])?;
        self.board.add(Count::Locks);
        Ok(())
    }

    fn one_of_the_semaphore(&mut self) -> Checked {
        self.wait(&[S], false)?;
        self.linger();
        self.give_back(&[S])?;
        self.board.add(Count::Taken);
        Ok(())
    }

    fn some_of(&mut self, from: &[usize]) -> Vec<usize> {
        let mut chosen: Vec<usize> = from.iter().copied().filter(|_| self.noise.once_in(2)).collect();
        if chosen.is_empty() {
            chosen.push(*self.noise.pick(from));
        }
        let turn = self.noise.below(chosen.len() as u64);
        chosen.rotate_left(usize::try_from(turn).expect("few"));
        chosen
    }

    fn any(&mut self) -> Checked {
        let which = self.some_of(&[M, G, S, A, B, T]);
        match self.wait(&which, false)? {
            Waited::Signaled(at) | Waited::Abandoned(at) => self.give_back(&[which[at]])?,
            Waited::TimedOut => {}
        }
        self.board.add(Count::Anys);
        Ok(())
    }

    fn all(&mut self) -> Checked {
        let which = self.some_of(&[M, G, S, A, B, T]);
        self.wait(&which, true)?;
        self.give_back(&which)?;
        self.board.add(Count::Alls);
        Ok(())
    }

    /// P and Q, and with them something that is not always there.
    fn both(&mut self) -> Checked {
        let third = *self.noise.pick(&[S, M, B]);
        self.board.may_part(self.me).store(1, SeqCst);
        self.wait(&[P, third, Q], true)?;
        self.board.may_part(self.me).store(0, SeqCst);
        self.give_back(&[third])?;
        self.board.add(Count::Alls);
        Ok(())
    }

    /// What is signalled throughout is never seen otherwise, whatever others claim. (It takes nothing: P and Q are
    /// taken together.)
    fn try_what_is_plenty(&mut self) -> Checked {
        self.board.may_part(self.me).store(1, SeqCst);
        let waited = wait_all(&[&self.objects.semaphores[2], &self.objects.semaphores[1]], Timeout::Now);
        let waited = waited.map_err(said)?;
        self.board.may_part(self.me).store(0, SeqCst);
        self.board.add(Count::Tries);
        if waited == Waited::Signaled(0) { Ok(()) } else { Err(format!("a try on what is plenty: {waited:?}")) }
    }

    fn signal(&mut self) -> Checked {
        let [auto, manual] = &self.objects.events;
        match self.noise.below(6) {
            0 | 1 => auto.set(),
            2 => manual.set(),
            3 => manual.reset(),
            4 => auto.pulse(),
            _ => manual.pulse(),
        }
        .map_err(said)?;
        self.board.add(Count::Signals);
        Ok(())
    }

    /// Names of its own come and go, each of another kind.
    fn names(&mut self) -> Checked {
        let name = format!("own{}", self.me);
        match self.noise.below(4) {
            0 => {
                let mutex = Mutex::options().initially_owned(true).create(&*name).map_err(said)?;
                fresh(mutex.opened_existing())?;
                drop(Mutex::open(&*name).map_err(said)?);
                mutex.release().map_err(said)?;
            }
            1 => {
                let event = Event::create(&*name).map_err(said)?;
                fresh(event.opened_existing())?;
                event.set().map_err(said)?;
            }
            2 => {
                let semaphore = Semaphore::create(&*name, 0, 1).map_err(said)?;
                fresh(semaphore.opened_existing())?;
            }
            _ => {
                let timer = Timer::create(&*name).map_err(said)?;
                fresh(timer.opened_existing())?;
                timer.arm(Due::After(Duration::from_micros(50)), Duration::ZERO).map_err(said)?;
                timer.wait(LONG).map_err(said)?;
            }
        }
        if self.noise.once_in(20) {
            lasthandle::collect_leftovers(false).map_err(said)?;
        }
        self.board.add(Count::Names);
        Ok(())
    }
}

fn fresh(existed: bool) -> Checked {
    if existed { Err("a name of my own outlived me".into()) } else { Ok(()) }
}
