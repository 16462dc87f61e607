//! Commands carried out by other threads of the child, or by a fork of it.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use lasthandle::Mapping;

use super::sync::Sync;
use super::{Answer, Refused, Session, Words, check};
use crate::system;

/// A thread that obeys like the child itself, with handles of its own.
#[derive(Debug)]
pub(crate) struct Worker {
    commands: Sender<String>,
    answers: Receiver<Answer>,
    thread: JoinHandle<()>,
}

impl Worker {
    fn start() -> Self {
        let (commands, orders) = channel::<String>();
        let (reports, answers) = channel();
        let thread = std::thread::spawn(move || {
            let mut session = Session::default();
            for command in orders {
                if reports.send(session.obey(&command)).is_err() {
                    return;
                }
            }
            // Its handles stay until the thread has ended, so that what it owns is seen to be abandoned.
            std::mem::forget(session);
        });
        Self { commands, answers, thread }
    }
}

/// The id in a mutex' state, without the two flags.
fn owner_in(file: &std::fs::File) -> Result<u64, Refused> {
    use std::os::unix::fs::FileExt;
    let mut state = [0; 8];
    file.read_exact_at(&mut state, 2048)?;
    Ok(u64::from_le_bytes(state) >> 2)
}

fn lost() -> Refused {
    Refused("Check".into(), 0, "the thread is gone".into())
}

impl Session {
    /// `thread NUMBER COMMAND…`: in that thread, which is started if it is new. `thread NUMBER end`: it returns.
    pub(super) fn in_thread(&mut self, mut words: Words<'_>) -> Answer {
        let number: u32 = words.number()?;
        let command = words.rest().collect::<Vec<_>>().join(" ");
        if command == "end" {
            let worker = self.workers.remove(&number).ok_or_else(lost)?;
            drop(worker.commands);
            worker.thread.join().map_err(|_| lost())?;
            return Ok(String::new());
        }
        let worker = self.workers.entry(number).or_insert_with(Worker::start);
        worker.commands.send(command).map_err(|_| lost())?;
        worker.answers.recv().map_err(|_| lost())?
    }

    /// `lives NUMBER COUNT [FILE]`: so many threads, one after another, own the mutex once. Answers how many different
    /// ids the mutex' file showed meanwhile.
    pub(super) fn lives(&self, words: &mut Words<'_>) -> Answer {
        let sync = self.sync(words.number()?)?;
        let count: u32 = words.number()?;
        let file = words.text().ok().map(std::fs::File::open).transpose()?;
        let mut ids = HashSet::new();
        let own = || -> Result<Option<u64>, Refused> {
            let Sync::Mutex(mutex) = sync else { return Err(lost()) };
            let guard = mutex.lock()?;
            let id = file.as_ref().map(owner_in).transpose()?;
            drop(guard);
            Ok(id)
        };
        for _ in 0..count {
            ids.extend(std::thread::scope(|scope| scope.spawn(own).join()).map_err(|_| lost())??);
        }
        Ok(format!("{} ids", ids.len()))
    }

    /// `forked COMMAND ; COMMAND …`: a fork of this process obeys and then exits in the ordinary way. Answers what the
    /// last command answered, if the child ended well.
    pub(super) fn forked(&mut self, words: Words<'_>) -> Answer {
        let commands = words.rest().collect::<Vec<_>>().join(" ");
        let (status, text) = system::in_a_fork(|| {
            let mut last = String::new();
            for command in commands.split(" ; ") {
                match self.obey(command) {
                    Ok(answer) => last = answer,
                    Err(Refused(kind, _, text)) => return format!("{command}: {kind} {text}"),
                }
            }
            last
        })?;
        if status == 0 { Ok(text) } else { Err(Refused("Check".into(), 0, format!("status {status:#x}: {text}"))) }
    }
}

/// `fork-amid COUNT`: so many forks, one after another, make a mapping each, while another thread here asks for more
/// memory than there is, all the time: so most of them have a copy of whatever that one has locked.
pub(super) fn fork_amid(words: &mut Words<'_>) -> Answer {
    let count: u32 = words.number()?;
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                let _ = Mapping::unnamed(1 << 46);
            }
        });
        let forks = (0..count).try_for_each(|_| fork_and_map());
        over.store(true, Ordering::Relaxed);
        forks.map(|()| "done".into())
    })
}

fn fork_and_map() -> Result<(), Refused> {
    let made = || Mapping::unnamed(4096).map_or_else(|error| error.to_string(), |_| "made".into());
    let (status, text) = system::in_a_fork(made)?;
    check(status == 0 && text == "made", format!("a fork: status {status:#x}: {text}"))
}
