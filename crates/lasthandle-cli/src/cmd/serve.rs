//! `serve`: create a mapping, write a message, hold it until told to stop.

use std::fmt;
use std::fs::File;
use std::io::{Cursor, Read};
use std::path::PathBuf;

use anyhow::{Context, bail};
use lasthandle::{Mapping, Name};
use serde::Serialize;

use crate::progress::Progress;
use crate::steps::Holding;
use crate::stop::Until;
use crate::text::Encoding;
use crate::units::{self, show_bytes};
use crate::{stream, transfer};

const DEFAULT_MESSAGE: &str = "Message from first process.";
const DEFAULT_SIZE: u64 = 256;

/// Create a mapping, write a message into it, and hold it until told to stop
///
/// If an object of that name exists already, it is opened as it is (Windows does the same), said so, and the message
/// is written there. Ends on Enter or the end of input, Ctrl-C, SIGTERM, or after --for; every one of them is exit
/// code 0. In the background, where the input has ended from the start, use --for.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  lasthandle serve 'Local\\HelloWorld'
  lasthandle serve Weather --message 'Sunny, 21 °C' --encoding utf8 --for 10m &
  lasthandle serve Model --file weights.bin
  produce | lasthandle serve Frames --stdin --size 1G --for 1h")]
pub(crate) struct Args {
    /// The name, such as 'Local\HelloWorld'
    name: Name,
    /// Bytes to create: 8192, 64K, 1G. Default: 256, or more if the message needs it; with --file or --stdin as much
    /// as comes
    #[arg(long, value_name = "BYTES", value_parser = units::some_size)]
    size: Option<u64>,
    /// The text to write; a NUL closes it
    #[arg(long, value_name = "TEXT", default_value = DEFAULT_MESSAGE)]
    message: String,
    /// Write this file's bytes instead, as they are
    #[arg(long, value_name = "PATH", conflicts_with_all = ["message", "encoding"])]
    file: Option<PathBuf>,
    /// Write the bytes of standard input instead, as they are. Without --size they are held in memory first. Enter
    /// cannot end it then: Ctrl-C, SIGTERM or --for do
    #[arg(long, conflicts_with_all = ["message", "encoding", "file"])]
    stdin: bool,
    /// How the message lies in memory
    #[arg(long, value_enum, default_value_t = Encoding::Utf16)]
    encoding: Encoding,
    #[command(flatten)]
    holding: Holding,
}

/// The steps of this verb's own, in their order.
#[derive(Debug, Serialize)]
#[serde(tag = "step", rename_all = "kebab-case")]
enum Step<'a> {
    Created { name: &'a str, size: u64 },
    Opened { name: &'a str, size: u64 },
    Mapped { bytes: usize },
    Written { bytes: u64, encoding: Option<&'static str>, message: Option<&'a str> },
    Unmapped,
    Closed,
}

impl fmt::Display for Step<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Created { name, size } => write!(f, "The mapping `{name}` is created: {}.", show_bytes(size)),
            Self::Opened { name, size } => {
                write!(f, "The mapping `{name}` existed already and is opened as it is: {}.", show_bytes(size))
            }
            Self::Mapped { bytes: length } => write!(f, "A view of it is mapped: {}.", show_bytes(length as u64)),
            Self::Written { bytes: length, encoding: Some(encoding), message: Some(message) } => {
                write!(f, "The message is written: \"{message}\" ({} of {encoding}).", show_bytes(length))
            }
            Self::Written { bytes: length, .. } => write!(f, "The content is written: {}.", show_bytes(length)),
            Self::Unmapped => f.write_str("The view is unmapped."),
            Self::Closed => f.write_str("The mapping is closed."),
        }
    }
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let mut content = Content::of(args)?;
    let mapping = Mapping::create(&args.name, args.size_for(&content)?)?;
    let (name, size) = (&*args.name.to_string(), mapping.size());
    let steps = args.holding.steps();
    let say = |step: &Step<'_>| steps.say(step);
    say(&if mapping.opened_existing() { Step::Opened { name, size } } else { Step::Created { name, size } })?;

    let view = mapping.view()?;
    say(&Step::Mapped { bytes: view.len() })?;
    content.fits(size, "the existing object has")?;
    let written = transfer::fill(&mapping, 0, &mut content.source, &mut Progress::new(content.length))?;
    let message = content.encoding.map(|_| &*args.message);
    say(&Step::Written { bytes: written, encoding: content.encoding.map(Encoding::as_str), message })?;

    steps.hold(args.until())?;
    drop(view);
    say(&Step::Unmapped)?;
    drop(mapping);
    say(&Step::Closed)
}

/// What is to be written.
struct Content {
    source: Box<dyn Read>,
    /// Bytes; none where only the end of the stream will tell.
    length: Option<u64>,
    /// Of text.
    encoding: Option<Encoding>,
}

impl Content {
    fn of(args: &Args) -> anyhow::Result<Self> {
        let (source, length): (Box<dyn Read>, _) = if let Some(path) = &args.file {
            let file = File::open(path).with_context(|| format!("cannot open `{}`", path.display()))?;
            let length = transfer::bytes_left(&file);
            (Box::new(file), length)
        } else if args.stdin {
            let input = stream::input()?;
            let length = transfer::bytes_left(&input);
            (Box::new(input), length)
        } else {
            let text = args.encoding.encode(&args.message);
            let length = text.len() as u64;
            return Ok(Self {
                source: Box::new(Cursor::new(text)),
                length: Some(length),
                encoding: Some(args.encoding),
            });
        };
        let content = Self { source, length, encoding: None };
        if args.size.is_none() && content.length.is_none() { content.gathered() } else { Ok(content) }
    }

    /// The whole stream in memory, where a length is needed that nobody knows.
    fn gathered(mut self) -> anyhow::Result<Self> {
        let mut bytes = Vec::new();
        self.source.read_to_end(&mut bytes).context("cannot read the input")?;
        Ok(Self { length: Some(bytes.len() as u64), source: Box::new(Cursor::new(bytes)), encoding: None })
    }

    fn fits(&self, room: u64, whose: &str) -> anyhow::Result<()> {
        match self.length {
            Some(length) if length > room => {
                let what = if self.encoding.is_some() { "message with its closing NUL" } else { "content" };
                bail!(
                    "the {what} takes {}, but {whose} {}; it needs --size {length}",
                    show_bytes(length),
                    show_bytes(room)
                )
            }
            _ => Ok(()),
        }
    }
}

impl Args {
    /// Bytes to create. A size that was given is a promise; one that was not follows the content.
    fn size_for(&self, content: &Content) -> anyhow::Result<u64> {
        if let Some(size) = self.size {
            content.fits(size, "--size says")?;
            return Ok(size);
        }
        match content.length.unwrap_or_default() {
            0 => bail!("there is nothing to write, so there is no size to create; give --size"),
            length if content.encoding.is_some() => Ok(length.max(DEFAULT_SIZE)),
            length => Ok(length),
        }
    }

    fn until(&self) -> Until {
        self.holding.until(if self.stdin { Until::Signal } else { Until::Input })
    }
}
