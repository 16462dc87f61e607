//! Commands that send sync objects elsewhere: to this very process, and to the program that it becomes.

use lasthandle::{Event, Mutex, Result, Semaphore, Timer};

use super::sync::{Sync, kind_of};
use super::{Answer, Refused, Session, Words};
use crate::system;

impl Session {
    /// `pass NUMBER AS`: by a descriptor, as if from another process.
    pub(super) fn pass(&mut self, words: &mut Words<'_>) -> Answer {
        let arrived = pass(self.sync(words.number()?)?)?;
        self.syncs.insert(words.number()?, arrived);
        Ok(String::new())
    }

    /// `heirloom NUMBER`: answers the value under which a child finds it.
    pub(super) fn heirloom(&mut self, words: &mut Words<'_>) -> Answer {
        let value = match self.sync(words.number()?)? {
            Sync::Event(object) => object.inherit_value(),
            Sync::Mutex(object) => object.inherit_value(),
            Sync::Semaphore(object) => object.inherit_value(),
            Sync::Timer(object) => object.inherit_value(),
        };
        value.map(|value| value.to_string()).ok_or_else(|| Refused("Check".into(), 0, "not inheritable".into()))
    }

    /// `inherit KIND NUMBER VALUE`.
    pub(super) fn inherit(&mut self, words: &mut Words<'_>) -> Answer {
        let no_such = || Refused("Command".into(), 0, "no such kind".into());
        let kind = kind_of(words.text()?).ok_or_else(no_such)?;
        let (number, value) = (words.number()?, words.number()?);
        self.syncs.insert(number, system::adopt_sync(kind, value)?);
        Ok(String::new())
    }
}

fn pass(sync: &Sync) -> Result<Sync> {
    Ok(match sync {
        Sync::Event(object) => Sync::Event(Event::try_from(object.to_fd()?)?),
        Sync::Mutex(object) => Sync::Mutex(Mutex::try_from(object.to_fd()?)?),
        Sync::Semaphore(object) => Sync::Semaphore(Semaphore::try_from(object.to_fd()?)?),
        Sync::Timer(object) => Sync::Timer(Timer::try_from(object.to_fd()?)?),
    })
}
