//! What is compared: how a program has ended, of the protocol and of the oracle.

use lasthandle::protocol::words::{AGAIN, due, semaphore_count};
use lasthandle::protocol::{Form, Id};

use crate::program::{Program, WALL};
use crate::state::{Answer, Doing, Life, State};

/// How a thread has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fate {
    /// It did all it had to.
    Done,
    /// It waits for ever.
    Blocked,
    /// It was killed.
    Killed,
}

/// An object at the end, as somebody sees it who looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Seen {
    /// An event; whether it is signalled.
    Event(bool),
    /// A semaphore's count.
    Semaphore(u32),
    /// A mutex; its owner and how often it has it.
    Mutex {
        /// A thread.
        owner: Option<usize>,
        /// 0 if there is none.
        count: u32,
        /// The next to take it will be told that it was abandoned.
        abandoned: bool,
    },
    /// A timer; when it is or was due, and how often: none if it is not armed.
    Timer(Option<(u64, u64)>),
}

/// The whole end.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Outcome {
    /// Of each thread: its fate, and the answers to its operations. (Of a killed one: to those that had ended.)
    pub threads: Vec<(Fate, Vec<Answer>)>,
    /// The objects.
    pub objects: Vec<Seen>,
}

pub(crate) fn outcome(program: &Program, state: &State) -> Outcome {
    let threads = state.threads.iter().map(|thread| {
        let fate = match (thread.life, thread.doing) {
            (Life::Alive, Doing::Done) => Fate::Done,
            (Life::Alive, _) => Fate::Blocked,
            _ => Fate::Killed,
        };
        (fate, thread.answers.clone())
    });
    let objects = (0..program.things.len()).map(|x| seen(program, state, x));
    Outcome { threads: threads.collect(), objects: objects.collect() }
}

fn seen(program: &Program, state: &State, x: usize) -> Seen {
    let object = &state.objects[x];
    let form = program.things[x].form();
    match form {
        Form::Event { .. } => Seen::Event(form.is_signaled(object.state, |_| 0)),
        Form::Semaphore { .. } => Seen::Semaphore(semaphore_count(object.state)),
        Form::Mutex => {
            let id = Id::in_word(object.state);
            let abandoned = state.is_dead(id);
            let owner = if abandoned { None } else { state.thread(id) };
            Seen::Mutex {
                owner,
                count: owner.map_or(0, |_| if object.state & AGAIN == 0 { 1 } else { object.count + 1 }),
                abandoned,
            }
        }
        Form::Timer { .. } => {
            Seen::Timer(due(object.state).map(|(time, wall)| (if wall { time - WALL } else { time }, object.period)))
        }
    }
}
