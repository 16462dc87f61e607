//! `create`: make a sync object and hold it until told to stop.

use std::fmt;

use lasthandle::{Event, Kind, Mutex, Name, Semaphore, Timer};
use serde::Serialize;

use crate::steps::Holding;
use crate::stop::Until;

/// Create an event, a mutex, a semaphore or a timer, and hold it until told to stop
///
/// The object lives as long as somebody holds it. If one of that name and kind exists already, it is opened as it is,
/// and said so. Ends on Enter or the end of input, Ctrl-C, SIGTERM, or after --for; every one of them is exit code 0.
/// In the background, where the input has ended from the start, use --for.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  lasthandle create event Ready --manual
  lasthandle create mutex Backup --for 1h &
  lasthandle create semaphore Slots --initial 3 --max 3 --for 1h &
  lasthandle create timer Tick --for 1h &")]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Create an event: a flag that is set and waited for
    ///
    /// An auto-reset event lets one waiter go for each set; a manual-reset one lets all go until it is reset.
    Event {
        #[command(flatten)]
        common: Common,
        /// Stay set until it is reset. Default: one waiter resets it
        #[arg(long)]
        manual: bool,
        /// Set from the start
        #[arg(long)]
        set: bool,
    },
    /// Create a mutex: owned by one thread at a time
    ///
    /// A mutex whose owner ends without releasing it is abandoned: the next who takes it is told so, once.
    Mutex {
        #[command(flatten)]
        common: Common,
        /// Own it from the start, and release it at the end. An existing one is not taken
        #[arg(long)]
        owned: bool,
    },
    /// Create a semaphore: a count that waits take from, one each
    Semaphore {
        #[command(flatten)]
        common: Common,
        /// The count from the start, 0 to the maximum
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(0..))]
        initial: i32,
        /// The most that the count may be
        #[arg(long = "max", value_name = "M", value_parser = clap::value_parser!(i32).range(1..))]
        maximum: i32,
    },
    /// Create a timer: signaled when it is due; `lasthandle timer` says when that is
    Timer {
        #[command(flatten)]
        common: Common,
        /// Stay signaled until it is armed anew. Default: one waiter resets it
        #[arg(long)]
        manual: bool,
    },
}

#[derive(Debug, clap::Args)]
struct Common {
    /// The name, such as 'Local\Ready'
    name: Name,
    #[command(flatten)]
    holding: Holding,
}

/// The steps of this verb's own, in their order.
#[derive(Debug, Serialize)]
#[serde(tag = "step", rename_all = "kebab-case")]
enum Step<'a> {
    Created { name: &'a str, kind: &'static str, owned: bool },
    Opened { name: &'a str, kind: &'static str, owned: bool },
    Closed,
}

impl fmt::Display for Step<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Created { name, kind, owned: false } => write!(f, "The {kind} `{name}` is created."),
            Self::Created { name, kind, owned: true } => {
                write!(f, "The {kind} `{name}` is created and owned by this process.")
            }
            Self::Opened { name, kind, .. } => {
                write!(f, "The {kind} `{name}` existed already and is opened as it is.")
            }
            Self::Closed => f.write_str("It is closed."),
        }
    }
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    match args.what {
        What::Event { ref common, manual, set } => {
            let event = Event::options().manual_reset(manual).signaled(set).create(&common.name)?;
            common.hold(Kind::Event, event.opened_existing(), false)?;
            drop(event);
            common.closed()
        }
        What::Mutex { ref common, owned } => {
            let mutex = Mutex::options().initially_owned(owned).create(&common.name)?;
            let owned = owned && !mutex.opened_existing();
            let held = common.hold(Kind::Mutex, mutex.opened_existing(), owned);
            if owned {
                mutex.release()?; // whatever ended the hold: a close would abandon it
            }
            held?;
            drop(mutex);
            common.closed()
        }
        What::Semaphore { ref common, initial, maximum } => {
            let semaphore = Semaphore::create(&common.name, initial, maximum)?;
            common.hold(Kind::Semaphore, semaphore.opened_existing(), false)?;
            drop(semaphore);
            common.closed()
        }
        What::Timer { ref common, manual } => {
            let timer = Timer::options().manual_reset(manual).create(&common.name)?;
            common.hold(Kind::Timer, timer.opened_existing(), false)?;
            drop(timer);
            common.closed()
        }
    }
}

impl Common {
    fn hold(&self, kind: Kind, existed: bool, owned: bool) -> anyhow::Result<()> {
        let (name, kind) = (&*self.name.to_string(), kind.as_str());
        self.holding.steps().say(&if existed {
            Step::Opened { name, kind, owned }
        } else {
            Step::Created { name, kind, owned }
        })?;
        self.holding.steps().hold(self.holding.until(Until::Input))
    }

    fn closed(&self) -> anyhow::Result<()> {
        self.holding.steps().say(&Step::Closed)
    }
}
