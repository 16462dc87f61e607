//! Commands about sync objects. Guards are not kept: what a command locks stays locked until `unlock`.

use std::time::{Duration, Instant};

use lasthandle::{
    Access, Due, Error, Event, Info, Kind, Mutex, Permissions, Semaphore, Timeout, Timer, Waitable, Waited, wait_all,
    wait_any,
};

use super::{Answer, Refused, Session, Words, check};
use crate::noise::Noise;

/// A handle of any kind.
#[derive(Debug)]
pub(crate) enum Sync {
    Event(Event),
    Mutex(Mutex),
    Semaphore(Semaphore),
    Timer(Timer),
}

impl Sync {
    pub(crate) fn waitable(&self) -> &dyn Waitable {
        match self {
            Self::Event(object) => object,
            Self::Mutex(object) => object,
            Self::Semaphore(object) => object,
            Self::Timer(object) => object,
        }
    }

    pub(crate) fn info(&self) -> lasthandle::Result<Info> {
        match self {
            Self::Event(object) => object.info(),
            Self::Mutex(object) => object.info(),
            Self::Semaphore(object) => object.info(),
            Self::Timer(object) => object.info(),
        }
    }
}

/// What a sync object is made with.
#[derive(Default)]
struct Wish {
    first: bool,
    numbers: Vec<i32>,
    access: Option<Access>,
    everyone: bool,
    inheritable: bool,
}

impl Wish {
    fn read(words: &mut Words<'_>) -> Self {
        let mut wish = Self::default();
        while let Ok(word) = words.text() {
            match word {
                "manual" | "owned" => wish.first = true,
                "everyone" => wish.everyone = true,
                "inheritable" => wish.inheritable = true,
                "modify" => wish.access = Some(Access::MODIFY),
                "synchronize" => wish.access = Some(Access::SYNCHRONIZE),
                "query" => wish.access = Some(Access::QUERY),
                number => wish.numbers.extend(number.parse::<i32>()),
            }
        }
        wish
    }
}

/// The same choices for every kind.
macro_rules! choose {
    ($options:expr, $wish:expr) => {{
        let mut options = $options.inheritable($wish.inheritable);
        if let Some(access) = $wish.access {
            options = options.access(access);
        }
        if $wish.everyone {
            options = options.permissions(Permissions::Everyone);
        }
        options
    }};
}

macro_rules! make {
    ($options:expr, $name:expr) => {
        if $name == "-" { $options.create_unnamed()? } else { $options.create($name)? }
    };
}

pub(super) fn kind_of(word: &str) -> Option<Kind> {
    Some(match word {
        "event" => Kind::Event,
        "mutex" => Kind::Mutex,
        "semaphore" => Kind::Semaphore,
        "timer" => Kind::Timer,
        _ => return None,
    })
}

impl Session {
    /// None: another kind of command.
    pub(super) fn sync_command(&mut self, verb: &str, words: &mut Words<'_>) -> Option<Answer> {
        if let Some(kind) = kind_of(verb) {
            return Some(self.make_sync(kind, words));
        }
        if let Some(kind) = verb.strip_prefix("open-").and_then(kind_of) {
            return Some(self.open_sync(kind, words));
        }
        Some(match verb {
            "drop" => self.drop_sync(words),
            "set" | "reset" | "pulse" => self.event(verb, words),
            "post" => self.post(words),
            "unlock" => self.unlock(words),
            "arm-timer" | "cancel" => self.timer(verb, words),
            "wait" => self.wait(words),
            "pass" => self.pass(words),
            "heirloom" => self.heirloom(words),
            "inherit" => self.inherit(words),
            "take-many" => self.take_many(words),
            "state" => self.state(words),
            "use-wildly" => self.use_wildly(words),
            "idle" => self.idle(words),
            _ => return None,
        })
    }

    /// `event|mutex|semaphore|timer NUMBER NAME OPTION…`: answers `created` or `opened`.
    fn make_sync(&mut self, kind: Kind, words: &mut Words<'_>) -> Answer {
        let (number, name): (u32, _) = (words.number()?, words.text()?);
        let wish = Wish::read(words);
        let at = |index: usize, default| wish.numbers.get(index).copied().unwrap_or(default);
        let (sync, opened) = match kind {
            Kind::Event => {
                let made = make!(choose!(Event::options(), wish).manual_reset(wish.first), name);
                let opened = made.opened_existing();
                (Sync::Event(made), opened)
            }
            Kind::Mutex => {
                let made = make!(choose!(Mutex::options(), wish).initially_owned(wish.first), name);
                let opened = made.opened_existing();
                (Sync::Mutex(made), opened)
            }
            Kind::Semaphore => {
                let options = Semaphore::options().initial(at(0, 0)).maximum(at(1, i32::MAX));
                let made = make!(choose!(options, wish), name);
                let opened = made.opened_existing();
                (Sync::Semaphore(made), opened)
            }
            _ => {
                let made = make!(choose!(Timer::options(), wish).manual_reset(wish.first), name);
                let opened = made.opened_existing();
                (Sync::Timer(made), opened)
            }
        };
        self.syncs.insert(number, sync);
        Ok(if opened { "opened" } else { "created" }.into())
    }

    /// `open-KIND NUMBER NAME [modify|synchronize|query]`.
    fn open_sync(&mut self, kind: Kind, words: &mut Words<'_>) -> Answer {
        let (number, name): (u32, _) = (words.number()?, words.text()?);
        let wish = Wish::read(words);
        let sync = match kind {
            Kind::Event => Sync::Event(choose!(Event::options(), wish).open(name)?),
            Kind::Mutex => Sync::Mutex(choose!(Mutex::options(), wish).open(name)?),
            Kind::Semaphore => Sync::Semaphore(choose!(Semaphore::options(), wish).open(name)?),
            _ => Sync::Timer(choose!(Timer::options(), wish).open(name)?),
        };
        self.syncs.insert(number, sync);
        Ok(String::new())
    }

    fn drop_sync(&mut self, words: &mut Words<'_>) -> Answer {
        let number: u32 = words.number()?;
        check(self.syncs.remove(&number).is_some(), "no such handle")?;
        Ok(String::new())
    }

    pub(super) fn sync(&self, number: u32) -> Result<&Sync, Refused> {
        self.syncs.get(&number).ok_or_else(|| Refused("Check".into(), 0, "no such handle".into()))
    }

    fn event(&self, verb: &str, words: &mut Words<'_>) -> Answer {
        let Sync::Event(event) = self.sync(words.number()?)? else { return Err(no_such()) };
        match verb {
            "set" => event.set()?,
            "reset" => event.reset()?,
            _ => event.pulse()?,
        }
        Ok(String::new())
    }

    /// `post NUMBER [COUNT]`: releases a semaphore; answers the count before.
    fn post(&self, words: &mut Words<'_>) -> Answer {
        let Sync::Semaphore(semaphore) = self.sync(words.number()?)? else { return Err(no_such()) };
        Ok(semaphore.release(words.number().unwrap_or(1))?.to_string())
    }

    fn unlock(&self, words: &mut Words<'_>) -> Answer {
        let Sync::Mutex(mutex) = self.sync(words.number()?)? else { return Err(no_such()) };
        mutex.release()?;
        Ok(String::new())
    }

    /// `arm-timer NUMBER MILLISECONDS [PERIOD]`, `cancel NUMBER`.
    fn timer(&self, verb: &str, words: &mut Words<'_>) -> Answer {
        let Sync::Timer(timer) = self.sync(words.number()?)? else { return Err(no_such()) };
        if verb == "cancel" {
            timer.cancel()?;
            return Ok(String::new());
        }
        let due = Due::After(Duration::from_millis(words.number()?));
        timer.arm(due, Duration::from_millis(words.number().unwrap_or(0)))?;
        Ok(String::new())
    }

    /// `wait TIME one|any|all NUMBER…`; TIME is `never`, milliseconds, or `Nns`. Answers how it ended.
    fn wait(&self, words: &mut Words<'_>) -> Answer {
        let (timeout, how) = (timeout(words.text()?)?, words.text()?);
        let mut objects = Vec::new();
        while let Ok(number) = words.number() {
            objects.push(self.sync(number)?.waitable());
        }
        Ok(shown(match how {
            "one" => single(objects[0], timeout)?,
            "any" => wait_any(&objects, timeout)?,
            _ => wait_all(&objects, timeout)?,
        }))
    }

    /// `take-many PREFIX COUNT`: creates so many mutexes, and owns them.
    fn take_many(&mut self, words: &mut Words<'_>) -> Answer {
        let (prefix, count): (_, u32) = (words.text()?, words.number()?);
        for number in 0..count {
            let mutex = Mutex::create(format!("{prefix}{number}"))?;
            check(mutex.wait(Timeout::Now)? == Waited::Signaled(0), "not free")?;
            self.syncs.insert(10_000 + number, Sync::Mutex(mutex));
        }
        Ok(String::new())
    }

    fn state(&self, words: &mut Words<'_>) -> Answer {
        Ok(format!("{:?}", self.sync(words.number()?)?.info()?.state.expect("a sync object")))
    }

    /// `use-wildly MILLISECONDS SEED`: everything that can be done with every handle, with short waits. Whatever the
    /// answers are, each comes within some seconds. Answers how many came.
    fn use_wildly(&self, words: &mut Words<'_>) -> Answer {
        let (time, seed) = (words.number()?, words.number()?);
        let (until, mut noise) = (Instant::now() + Duration::from_millis(time), Noise::new(seed));
        let syncs: Vec<&Sync> = self.syncs.values().collect();
        let mut done = 0_u64;
        while Instant::now() < until {
            let begun = Instant::now();
            let what = wild(&syncs, &mut noise);
            done += 1;
            check(begun.elapsed() < Duration::from_secs(10), format!("{what} took {:?}", begun.elapsed()))?;
        }
        Ok(done.to_string())
    }

    /// `idle MILLISECONDS NUMBER…`: waits for any and tells the processor time that this took, in microseconds.
    fn idle(&self, words: &mut Words<'_>) -> Answer {
        let time = Duration::from_millis(words.number()?);
        let mut objects = Vec::new();
        while let Ok(number) = words.number() {
            objects.push(self.sync(number)?.waitable());
        }
        let before = crate::system::processor_time();
        check(wait_any(&objects, time)? == Waited::TimedOut, "signalled")?;
        Ok(crate::system::processor_time().saturating_sub(before).as_micros().to_string())
    }
}

fn wild(syncs: &[&Sync], noise: &mut Noise) -> &'static str {
    let one = *noise.pick(syncs);
    let timeout = match noise.below(3) {
        0 => Timeout::Now,
        1 => Timeout::After(Duration::from_nanos(1)),
        _ => Timeout::After(Duration::from_micros(noise.below(3000))),
    };
    let objects: Vec<&dyn Waitable> = syncs.iter().filter(|_| noise.once_in(2)).map(|sync| sync.waitable()).collect();
    // Errors are answers here too.
    match noise.below(4) {
        0 => {
            let _ = wait_any(&objects, timeout);
            return "wait for any";
        }
        1 => {
            let _ = wait_all(&objects, timeout);
            return "wait for all";
        }
        2 => {
            let _ = (one.waitable().wait(timeout), one.info());
            return "wait";
        }
        _ => {}
    }
    let _: Result<(), Error> = match one {
        Sync::Event(event) => match noise.below(3) {
            0 => event.set(),
            1 => event.reset(),
            _ => event.pulse(),
        },
        Sync::Mutex(mutex) => mutex.release(),
        Sync::Semaphore(semaphore) => semaphore.release(1).map(|_| ()),
        Sync::Timer(timer) if noise.once_in(2) => timer.cancel(),
        Sync::Timer(timer) => timer.arm(Due::After(Duration::from_micros(noise.below(500))), Duration::ZERO),
    };
    "signal"
}

fn no_such() -> Refused {
    Refused("Command".into(), 0, "a handle of another kind".into())
}

fn single(object: &dyn Waitable, timeout: Timeout) -> lasthandle::Result<Waited> {
    object.wait(timeout)
}

fn timeout(word: &str) -> Result<Timeout, Refused> {
    let bad = || Refused("Command".into(), 0, format!("`{word}` is no time"));
    Ok(match word {
        "never" => Timeout::Never,
        "now" => Timeout::Now,
        _ => match word.strip_suffix("ns") {
            Some(nanoseconds) => Timeout::After(Duration::from_nanos(nanoseconds.parse().map_err(|_| bad())?)),
            None => Timeout::After(Duration::from_millis(word.parse().map_err(|_| bad())?)),
        },
    })
}

fn shown(waited: Waited) -> String {
    match waited {
        Waited::Signaled(index) => format!("signaled {index}"),
        Waited::Abandoned(index) => format!("abandoned {index}"),
        Waited::TimedOut => "timed out".into(),
    }
}
