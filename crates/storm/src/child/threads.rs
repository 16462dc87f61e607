//! Commands carried out by other threads of the child, or by a fork of it.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use super::sync::Sync;
use super::{Answer, Refused, Session, Words};
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

    /// `lives NUMBER COUNT`: so many threads, one after another, own the mutex once.
    pub(super) fn lives(&self, words: &mut Words<'_>) -> Answer {
        let sync = self.sync(words.number()?)?;
        let count: u32 = words.number()?;
        let own = || -> Result<(), Refused> {
            let Sync::Mutex(mutex) = sync else { return Err(lost()) };
            drop(mutex.lock()?);
            Ok(())
        };
        for _ in 0..count {
            std::thread::scope(|scope| scope.spawn(own).join()).map_err(|_| lost())??;
        }
        Ok(String::new())
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
