//! Short forms for sync objects: making them, reading the whole state back, and threads that wait.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{Scope, ScopedJoinHandle};
use std::time::Duration;

use lasthandle::sys::{Disposition, Kernel, Spec, State, Timeout, Waited};
use lasthandle::{Access, Kind, Name, Result};

use crate::case::{Case, File, Handle, ok, options};
use crate::fixture::Fixture;

/// The kinds that can be waited for.
pub const SYNC_KINDS: [Kind; 4] = [Kind::Event, Kind::Mutex, Kind::Semaphore, Kind::Timer];

/// How long a thread waits that is certain to be let go: a kernel that forgets it fails the row instead of hanging.
pub const PATIENCE: Timeout = Timeout::After(Duration::from_secs(40));

/// How long the row waits for it: less, for a wait that is over looks once more, and may find what it slept beside.
const WATCHDOG: Duration = Duration::from_secs(30);

/// How long nothing must happen to be believed not to.
pub const QUIET: Duration = Duration::from_millis(40);

/// An event.
pub const fn event<'a, T>(manual: bool, signaled: bool) -> Spec<'a, T> {
    Spec::Event { manual, signaled }
}

/// An auto-reset event that is not signaled.
pub const fn auto_event<'a, T>() -> Spec<'a, T> {
    event(false, false)
}

/// A manual-reset event that is not signaled.
pub const fn manual_event<'a, T>() -> Spec<'a, T> {
    event(true, false)
}

/// A mutex that nobody owns.
pub const fn free_mutex<'a, T>() -> Spec<'a, T> {
    Spec::Mutex { owned: false }
}

/// A semaphore.
pub const fn semaphore<'a, T>(initial: i32, maximum: i32) -> Spec<'a, T> {
    Spec::Semaphore { initial, maximum }
}

/// A timer.
pub const fn timer<'a, T>(manual: bool) -> Spec<'a, T> {
    Spec::Timer { manual }
}

/// Any object of that kind.
pub fn plain<'a, T>(kind: Kind) -> Spec<'a, T> {
    match kind {
        Kind::Event => auto_event(),
        Kind::Mutex => free_mutex(),
        Kind::Semaphore => semaphore(0, 1),
        Kind::Timer => timer(true),
        _ => unreachable!("{kind} is no sync object"),
    }
}

/// A mutex that nobody owns.
pub const FREE: State = State::Mutex { count: 0, abandoned: false, mine: false };

impl<F: Fixture> Case<F> {
    /// Creates a sync object with all rights.
    ///
    /// # Errors
    /// As the kernel says.
    pub fn try_sync(&self, name: Option<&Name>, spec: &Spec<'_, File<F>>) -> Result<(Handle<F>, Disposition)> {
        self.kernel().create(name, spec, &options(Access::SYNC_ALL))
    }

    /// Creates a fresh sync object with a name.
    #[track_caller]
    pub fn sync(&self, name: &Name, spec: &Spec<'_, File<F>>) -> Handle<F> {
        let (handle, disposition) = ok(self.try_sync(Some(name), spec), "create");
        assert_eq!(disposition, Disposition::Created, "{}", spec.kind());
        handle
    }

    /// Creates an unnamed sync object.
    #[track_caller]
    pub fn nameless(&self, spec: &Spec<'_, File<F>>) -> Handle<F> {
        let (handle, disposition) = ok(self.try_sync(None, spec), "create unnamed");
        assert_eq!(disposition, Disposition::Created, "an unnamed object is always new");
        handle
    }

    /// A second handle with these rights.
    #[track_caller]
    pub fn with_rights(&self, handle: &Handle<F>, access: Access) -> Handle<F> {
        ok(self.kernel().duplicate(handle, Some(access), false), "duplicate")
    }

    /// Asserts the object's whole state: what it says of itself, and what a second thread that waits for it without
    /// patience meets. That thread puts back what it took, but for an auto timer's signal, which nobody can put back.
    #[track_caller]
    pub fn is(&self, handle: &Handle<F>, expected: State) {
        self.says(handle, expected);
        let probe = !matches!(expected, State::Timer { manual: Some(false), signaled: true, .. });
        if probe {
            let met = self.elsewhere(|| self.probe(handle, expected));
            assert_eq!(met, takeable(expected), "what another thread can take of {expected:?}");
            self.says(handle, expected);
        }
    }

    /// Asserts what the object says of itself.
    #[track_caller]
    fn says(&self, handle: &Handle<F>, expected: State) {
        let info = ok(self.kernel().query(handle), "query");
        assert_eq!((info.kind, info.size), (kind_of(expected), 0));
        if let Some(found) = info.state {
            assert_eq!(without_due(found), without_due(as_told(expected, found)));
        }
    }

    /// Takes it as often as it can, up to once more than should be, and puts it back.
    fn probe(&self, handle: &Handle<F>, expected: State) -> u32 {
        let kernel = self.kernel();
        let stays = matches!(expected, State::Event { manual: true, .. } | State::Timer { .. } | State::Mutex { .. });
        let most = if stays { 1 } else { takeable(expected) + 1 };
        let taken = (0..most).take_while(|_| self.try_wait(&[handle], false) != Waited::TimedOut).count();
        let taken = u32::try_from(taken).expect("small");
        match expected {
            _ if taken == 0 => {}
            State::Mutex { .. } => ok(kernel.release_mutex(handle), "release"),
            State::Event { manual: false, .. } => ok(kernel.set(handle), "set again"),
            State::Semaphore { .. } => {
                let count = i32::try_from(taken).expect("small");
                assert_eq!(ok(kernel.release_semaphore(handle, count), "release what was taken"), 0);
            }
            State::Event { .. } | State::Timer { .. } => {}
        }
        taken
    }

    /// Waits without patience.
    #[track_caller]
    pub fn try_wait(&self, objects: &[&Handle<F>], all: bool) -> Waited {
        ok(self.kernel().wait(objects, all, Timeout::Now), "wait, now")
    }

    /// Waits for one without patience and asserts how that ends.
    #[track_caller]
    pub fn takes(&self, handle: &Handle<F>) {
        assert_eq!(self.try_wait(&[handle], false), Waited::Signaled(0));
    }

    /// Waits for one without patience, in vain.
    #[track_caller]
    pub fn takes_nothing(&self, handle: &Handle<F>) {
        assert_eq!(self.try_wait(&[handle], false), Waited::TimedOut);
    }

    /// Runs something in a thread of its own, which has ended when this returns.
    pub fn elsewhere<R: Send>(&self, what: impl FnOnce() -> R + Send) -> R {
        let outcome = std::thread::scope(|scope| scope.spawn(what).join());
        outcome.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }

    /// Runs `row` with a crew; all of it must have come back in the end.
    pub fn crew<'env>(&'env self, row: impl for<'scope> FnOnce(&mut Crew<'scope, 'env, F>)) {
        std::thread::scope(|scope| {
            let (sender, receiver) = channel();
            let mut crew = Crew { scope, case: self, sender, receiver, threads: Vec::new(), back: 0 };
            row(&mut crew);
            assert_eq!(crew.back, crew.threads.len(), "some still wait");
            crew.join();
        });
    }
}

/// Threads that wait.
pub struct Crew<'scope, 'env, F> {
    scope: &'scope Scope<'scope, 'env>,
    case: &'env Case<F>,
    sender: Sender<(usize, Waited)>,
    receiver: Receiver<(usize, Waited)>,
    threads: Vec<ScopedJoinHandle<'scope, ()>>,
    back: usize,
}

impl<'env, F: Fixture> Crew<'_, 'env, F> {
    /// The next thread waits for these. The first is number 0.
    pub fn waits(&mut self, objects: &[&'env Handle<F>], all: bool) {
        let (case, objects) = (self.case, objects.to_vec());
        self.runs(move || ok(case.kernel().wait(&objects, all, PATIENCE), "wait"));
    }

    /// The next thread does something that ends with a wait.
    pub fn runs(&mut self, what: impl FnOnce() -> Waited + Send + 'env) {
        let (sender, id) = (self.sender.clone(), self.threads.len());
        self.threads.push(self.scope.spawn(move || {
            let waited = what();
            // Where the row has failed nobody listens any more.
            let _ = sender.send((id, waited));
        }));
    }

    /// Who comes back next, and how.
    #[track_caller]
    pub fn comes_back(&mut self) -> (usize, Waited) {
        let next = self.receiver.recv_timeout(WATCHDOG).expect("a thread comes back");
        assert_ne!(next.1, Waited::TimedOut, "thread {} was not let go", next.0);
        self.back += 1;
        next
    }

    /// Who comes back within a moment, if anybody does.
    pub fn soon(&mut self) -> Option<(usize, Waited)> {
        match self.receiver.recv_timeout(QUIET) {
            Ok(next) => {
                self.back += 1;
                Some(next)
            }
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => unreachable!("the crew has a sender itself"),
        }
    }

    /// Nobody comes back for a while.
    #[track_caller]
    pub fn stays(&mut self) {
        assert_eq!(self.soon(), None, "somebody was let go");
    }

    fn join(self) {
        for thread in self.threads {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        }
    }
}

/// How often a second thread can take it.
fn takeable(state: State) -> u32 {
    match state {
        State::Event { signaled, .. } | State::Timer { signaled, .. } => u32::from(signaled),
        State::Mutex { count, .. } => u32::from(count == 0),
        State::Semaphore { count, .. } => count,
    }
}

fn kind_of(state: State) -> Kind {
    match state {
        State::Event { .. } => Kind::Event,
        State::Mutex { .. } => Kind::Mutex,
        State::Semaphore { .. } => Kind::Semaphore,
        State::Timer { .. } => Kind::Timer,
    }
}

/// What is expected, but for what the system does not tell.
fn as_told(expected: State, found: State) -> State {
    match (expected, found) {
        (State::Timer { signaled, due, .. }, State::Timer { manual: None, .. }) => {
            State::Timer { manual: None, signaled, due }
        }
        _ => expected,
    }
}

/// Time passes: of a timer that is to come only whether it is armed is compared. Not on Windows, which goes on telling
/// when a cancelled one would have been due.
pub(crate) fn without_due(state: State) -> State {
    match state {
        State::Timer { manual, signaled, due } => {
            let due = due.filter(|_| !signaled && !cfg!(windows)).map(|_| Duration::ZERO);
            State::Timer { manual, signaled, due }
        }
        other => other,
    }
}
