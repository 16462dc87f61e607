//! `send`: messages into a channel.

use std::io::{BufRead, BufReader, Read};
use std::time::Duration;

use anyhow::{Context, bail};
use lasthandle::channel::Sender;
use lasthandle::{ErrorKind, Name};

use crate::channel::{Making, Patience, of};
use crate::{stream, units};

/// No channel takes a longer message.
const LONGEST: u64 = 2 << 30;

/// Send messages into a channel: a text, all of standard input, or each line of it
///
/// Makes the channel if there is none, and takes a sending end of it. Then it waits until a receiver has taken
/// everything, however long that takes: a channel goes with the last program that has it, and what was not received goes
/// with it. If a receiver ends before it has taken everything, the next one goes on.
///
/// Who comes first makes the channel, a receiver too: then how long its messages may be, and for how many senders it is
/// (one, unless --senders says more), stays so.
#[derive(Debug, clap::Args)]
#[command(override_usage = "lasthandle send [OPTIONS] <NAME> <TEXT|--stdin|--lines>")] // in that order
#[command(group(clap::ArgGroup::new("message").required(true).args(["text", "stdin", "lines"])))]
#[command(after_long_help = "\
Examples:
  lasthandle send Jobs 'resize photo.jpg'
  lasthandle send Frames --stdin < frame.bin
  tail -f app.log | lasthandle send Log --lines
  lasthandle send Jobs stop --timeout 10s")]
pub(crate) struct Args {
    /// The channel's name, such as 'Local\Jobs'
    name: Name,
    /// The message: its UTF-8, nothing more
    text: Option<String>,
    /// Send all of standard input as one message
    #[arg(long)]
    stdin: bool,
    /// Send each line of standard input as a message, without its end, as it comes
    #[arg(long)]
    lines: bool,
    #[command(flatten)]
    making: Making,
    /// Wait at most so long at a time, for room and, at the end, for the receiver: 300ms, 5s, 2m. Default: for ever
    #[arg(long, value_name = "DURATION", value_parser = units::duration)]
    timeout: Option<Duration>,
    /// End when all is sent, whether it was received or not. It stays only if another program has the channel, too
    #[arg(long)]
    no_wait: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    if args.lines {
        let mut sending = Sending::new(args, 0)?;
        sending.lines()?;
        return sending.finish();
    }
    let message = match &args.text {
        Some(text) => text.clone().into_bytes(),
        None => all_input()?,
    };
    let mut sending = Sending::new(args, message.len())?;
    sending.send(&message)?;
    sending.finish()
}

fn all_input() -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    stream::input()?.take(LONGEST).read_to_end(&mut bytes).context("cannot read the input")?;
    Ok(bytes)
}

/// A sending end at work.
struct Sending<'a> {
    args: &'a Args,
    sender: Sender,
}

impl<'a> Sending<'a> {
    fn new(args: &'a Args, longest: usize) -> anyhow::Result<Self> {
        Ok(Self { args, sender: args.making.options(longest)?.sender(&args.name)? })
    }

    fn lines(&mut self) -> anyhow::Result<()> {
        let mut input = BufReader::new(stream::input()?);
        let (most, mut line) = (self.sender.max_message(), Vec::new());
        for number in 1_u64.. {
            line.clear();
            // Room for its end; a longer one is not read to its end, which may be far.
            let mut limited = input.by_ref().take(most as u64 + 2);
            if limited.read_until(b'\n', &mut line).context("cannot read the input")? == 0 {
                break;
            }
            let line = without_end(&line);
            if line.len() > most {
                bail!(
                    "line {number} is longer than the {most} bytes that a message of `{}` may have; make the channel \
                     with a larger --max-message",
                    self.args.name
                );
            }
            self.send(line)?;
        }
        Ok(())
    }

    fn send(&mut self, message: &[u8]) -> anyhow::Result<()> {
        let mut patience = Patience::new(self.args.timeout);
        let what = || of("room for a message in the channel", &self.args.name);
        loop {
            let sender = &mut self.sender;
            let sent = patience.wait(what, |timeout| Ok(sender.send_timeout(message, timeout)?.then_some(())));
            match sent {
                Err(error) if self.is_left(&error) => self.await_receiver(&mut patience)?,
                sent => return sent,
            }
        }
    }

    /// Waits until all is received.
    fn finish(mut self) -> anyhow::Result<()> {
        if self.args.no_wait {
            return Ok(());
        }
        let mut patience = Patience::new(self.args.timeout);
        let what = || of("receiver has taken everything from the channel", &self.args.name);
        loop {
            let sender = &mut self.sender;
            let received = patience.wait(what, |timeout| Ok(sender.wait_received(timeout)?.then_some(())));
            match received {
                Err(error) if self.is_left(&error) => self.await_receiver(&mut patience)?,
                received => return received,
            }
        }
    }

    /// The receiver has gone, and the next one may do.
    fn is_left(&self, error: &anyhow::Error) -> bool {
        !self.args.no_wait && crate::sync::is(error, ErrorKind::Disconnected)
    }

    fn await_receiver(&mut self, patience: &mut Patience) -> anyhow::Result<()> {
        let what = || of("other receiver has come to the channel", &self.args.name);
        patience.wait(what, |timeout| Ok(self.sender.wait_for_receiver(timeout)?.then_some(())))
    }
}

/// A line without its `\n` or `\r\n`.
fn without_end(line: &[u8]) -> &[u8] {
    let Some(line) = line.strip_suffix(b"\n") else { return line };
    line.strip_suffix(b"\r").unwrap_or(line)
}
