//! Words and places, readable.

use lasthandle::protocol::words::{WAITERS, due, epoch, has_ticket, semaphore_count};
use lasthandle::protocol::{Form, Id, Queue, Sleep, Word};

use crate::state::orphan;

pub(crate) fn name(x: usize, word: Word) -> String {
    match word {
        Word::State => format!("state {x}"),
        Word::Claim => format!("claim {x}"),
    }
}

pub(crate) fn who(id: Id) -> String {
    match id {
        Id::NOBODY => "nobody".to_owned(),
        id if id == orphan() => "a dead one".to_owned(),
        id => format!("thread {}", id.nonce() - 1),
    }
}

pub(crate) fn word(form: Form, word: Word, value: u64) -> String {
    let waiters = if value & WAITERS != 0 { " + waiters" } else { "" };
    if word == Word::Claim {
        return format!("{}{waiters}", who(Id::in_word(value)));
    }
    let claimed = if form.is_claimed(value) { " + claimed" } else { "" };
    let meaning = match form {
        Form::Mutex => format!("{}{waiters}", who(Id::in_word(value))),
        Form::Semaphore { .. } => semaphore_count(value).to_string(),
        Form::Timer { .. } => due(value).map_or("not armed".to_owned(), |(time, wall)| {
            format!("due at {time}{}", if wall { " by the wall" } else { "" })
        }),
        Form::Event { .. } => {
            let signaled = if form.is_signaled(value, |_| 0) { "set" } else { "unset" };
            format!("{signaled}, epoch {}{}", epoch(value) >> 4, if has_ticket(value) { " + ticket" } else { "" })
        }
    };
    meaning + claimed
}

pub(crate) fn place(place: Sleep<usize>) -> String {
    match place {
        Sleep::On(x, word, _) => name(x, word),
        Sleep::Life(_, id) => format!("the life of {}", who(id)),
        Sleep::Alert => "its alert".to_owned(),
    }
}

pub(crate) fn queue(queue: Queue<usize>) -> String {
    match queue {
        Queue::Word(x, word) => name(x, word),
        Queue::Life(_, id) => format!("the life of {}", who(id)),
    }
}
