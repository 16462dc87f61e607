//! `read`: what lies in a mapping, as text, as it is, or as a dump.

use std::io::{self, IsTerminal, Write};
use std::ops::{ControlFlow, Range};
use std::time::{Duration, Instant};

use anyhow::bail;
use lasthandle::{Access, ErrorKind, Mapping, Name, ViewAccess};

use crate::failure::TimedOut;
use crate::hex::Dump;
use crate::progress::Progress;
use crate::text::{Decoder, Encoding};
use crate::{output, stream, transfer, units};

/// Print what lies in a mapping: its text up to the first NUL, unless told otherwise
///
/// A newline follows the text. What is no text in the encoding becomes U+FFFD; on a terminal, control characters are
/// shown as escapes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  lasthandle read 'Local\\HelloWorld'
  lasthandle read Weather --encoding utf8 --wait 5s
  lasthandle read Frames --hex --offset 4K --length 64
  lasthandle read Model --raw > weights.bin")]
pub(crate) struct Args {
    /// The name, such as 'Local\HelloWorld'
    name: Name,
    /// How text lies in memory
    #[arg(long, value_enum, default_value_t = Encoding::Utf16)]
    encoding: Encoding,
    /// Write the bytes as they are
    #[arg(long, conflicts_with = "encoding")]
    raw: bool,
    /// Show offsets, bytes and their ASCII; repeated rows as *
    #[arg(long, conflicts_with_all = ["encoding", "raw"])]
    hex: bool,
    /// The first byte: 0, 512, 64K
    #[arg(long, value_name = "BYTES", default_value = "0", value_parser = units::size)]
    offset: u64,
    /// How many bytes. Default: to the end
    #[arg(long, value_name = "BYTES", value_parser = units::size)]
    length: Option<u64>,
    /// Wait so long for the name to exist and, for text, for a text to be there: 300ms, 5s, 2m; exit code 124 if that
    /// does not come
    #[arg(long, value_name = "DURATION", value_parser = units::duration)]
    wait: Option<Duration>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let mut patience = Patience::new(args.wait);
    let mapping = args.open(&mut patience)?;
    let range = args.range(mapping.size())?;
    if args.raw {
        raw(&mapping, range)
    } else if args.hex {
        hex(&mapping, range)
    } else {
        args.wait_for_text(&mapping, &range, &mut patience)?;
        text(&mapping, range, args.encoding)
    }
}

impl Args {
    fn open(&self, patience: &mut Patience) -> anyhow::Result<Mapping> {
        loop {
            match Mapping::options().access(Access::READ).open(&self.name) {
                Err(error) if error.kind() == ErrorKind::NotFound && self.wait.is_some() => {
                    patience.again(|| error.to_string())?;
                }
                other => return Ok(other?),
            }
        }
    }

    /// No byte less than was asked for: an end past the mapping's is an error.
    fn range(&self, size: u64) -> anyhow::Result<Range<u64>> {
        let Self { name, offset, .. } = self;
        if *offset > size {
            bail!("cannot read `{name}` from offset {offset}: it ends at {size}");
        }
        let length = self.length.unwrap_or(size - offset);
        match offset.checked_add(length) {
            Some(end) if end <= size => Ok(*offset..end),
            _ => bail!("cannot read {length} bytes of `{name}` from offset {offset}: it ends at {size}"),
        }
    }

    /// A server creates first and writes then: between the two there is nothing to read yet.
    fn wait_for_text(&self, mapping: &Mapping, range: &Range<u64>, patience: &mut Patience) -> anyhow::Result<()> {
        let unit = self.encoding.unit();
        if self.wait.is_none() || range.end - range.start < unit {
            return Ok(());
        }
        let options = mapping.view_options().access(ViewAccess::ReadOnly);
        let view = options.offset(range.start).length(unit).map()?;
        while view.bytes().all(|byte| byte == 0) {
            patience.again(|| format!("cannot read `{}`: no text has been written there", self.name))?;
        }
        Ok(())
    }
}

/// Looks again and again, less and less often, until the time is over.
struct Patience {
    limit: Duration,
    since: Instant,
    pause: Duration,
}

impl Patience {
    const LONGEST_PAUSE: Duration = Duration::from_millis(50);

    fn new(limit: Option<Duration>) -> Self {
        Self { limit: limit.unwrap_or_default(), since: Instant::now(), pause: Duration::from_millis(1) }
    }

    /// Sleeps a little; when there is no time left, fails with what is wrong.
    fn again(&mut self, wrong: impl FnOnce() -> String) -> Result<(), TimedOut> {
        let left = self.limit.saturating_sub(self.since.elapsed());
        if left.is_zero() {
            return Err(TimedOut(format!("{}; waited {}", wrong(), units::show_duration(self.limit))));
        }
        std::thread::sleep(self.pause.min(left));
        self.pause = (self.pause * 2).min(Self::LONGEST_PAUSE);
        Ok(())
    }
}

fn raw(mapping: &Mapping, range: Range<u64>) -> anyhow::Result<()> {
    let mut out = stream::output()?;
    // A bar between the bytes would spoil both.
    let shown = if out.is_terminal() { 0 } else { range.end - range.start };
    let mut progress = Progress::new(Some(shown));
    transfer::drain(mapping, range, |piece| {
        out.write_all(piece)?;
        progress.advance(piece.len());
        Ok(ControlFlow::Continue(()))
    })
}

fn hex(mapping: &Mapping, range: Range<u64>) -> anyhow::Result<()> {
    let mut dump = Dump::new(io::BufWriter::new(io::stdout().lock()), range.start);
    transfer::drain(mapping, range, |piece| dump.push(piece).map(ControlFlow::Continue))?;
    Ok(dump.finish()?)
}

fn text(mapping: &Mapping, range: Range<u64>, encoding: Encoding) -> anyhow::Result<()> {
    let mut decoder = Decoder::new(encoding);
    let mut out = io::BufWriter::new(io::stdout().lock());
    let terminal = io::stdout().is_terminal();
    let mut put = |text: &str| {
        let shown = if terminal { output::printable_lines(text) } else { text.into() };
        out.write_all(shown.as_bytes())
    };
    transfer::drain(mapping, range, |piece| {
        put(&decoder.push(piece))?;
        Ok(if decoder.ended() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    put(&decoder.finish())?;
    writeln!(out)?;
    Ok(out.flush()?)
}
