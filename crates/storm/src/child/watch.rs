//! A thread that opens a name again and again: whatever happens to its holders, what it sees is whole.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use lasthandle::{ErrorKind, Mapping};

use super::{Answer, Refused, Session, Words};

#[derive(Debug)]
pub(crate) struct Watch {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Result<u64, Refused>>,
}

impl Session {
    /// `watch NAME SIZE`.
    pub(super) fn start_watch(&mut self, words: &mut Words<'_>) -> Answer {
        let (name, size) = (words.text()?.to_owned(), words.number()?);
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let mut seen = 0;
            while !stopped.load(Ordering::Relaxed) {
                seen += u64::from(look(&name, size)?);
            }
            Ok(seen)
        });
        self.watch = Some(Watch { stop, thread });
        Ok(String::new())
    }

    /// Answers how often the object was seen, whole each time.
    pub(super) fn end_watch(&mut self) -> Answer {
        let watch = self.watch.take().ok_or_else(|| Refused("Command".into(), 0, "no watch".into()))?;
        watch.stop.store(true, Ordering::Relaxed);
        let seen = watch.thread.join().map_err(|_| Refused("Check".into(), 0, "the watch panicked".into()))??;
        Ok(seen.to_string())
    }
}

/// One look. Anything but a whole object or none is an error.
fn look(name: &str, size: u64) -> Result<bool, Refused> {
    let mapping = match Mapping::open(name) {
        Ok(mapping) => mapping,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    super::check(mapping.size() == size, format!("a size of {}", mapping.size()))?;
    let view = mapping.view()?;
    super::check(view.len() as u64 == size, format!("a view of {}", view.len()))?;
    view.read_at(view.len() - 1, &mut [0])?;
    Ok(true)
}
