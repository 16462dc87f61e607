//! `recv`: messages out of a channel.

use std::time::Duration;

use lasthandle::channel::Receiver;
use lasthandle::{ErrorKind, Name};
use serde::Serialize;

use crate::channel::{Content, Making, Patience, Show, of};
use crate::failure;
use crate::sync::is;
use crate::units;

/// Receive messages from a channel, and print each in a line
///
/// Makes the channel if there is none, takes the receiving end, and waits for a message, from whichever sender, now or
/// later. With --follow it goes on until all senders have gone, which is a good end; with --keep-open, beyond that.
///
/// A message is taken when it has been printed: if this process is killed before, the next receiver gets it. What was
/// printed into a pipe is taken, even if nobody reads it there: use --count N rather than a `head` behind it.
#[derive(Debug, clap::Args)]
#[allow(clippy::struct_excessive_bools)] // flags
#[command(after_long_help = "\
Examples:
  job=$(lasthandle recv Jobs --timeout 10s)
  lasthandle recv Frames --raw > frame.bin
  lasthandle recv Log --follow --keep-open >> all.log")]
pub(crate) struct Args {
    /// The channel's name, such as 'Local\Jobs'
    name: Name,
    /// Go on until all senders have gone. The first one may still have to come
    #[arg(long)]
    follow: bool,
    /// With --follow: when all senders have gone, wait for others
    #[arg(long, requires = "follow")]
    keep_open: bool,
    /// Receive so many messages, and with --follow at most so many. Default: 1, and with --follow all
    #[arg(long, value_name = "N", value_parser = units::count)]
    count: Option<u64>,
    /// Write the messages as they are, one behind another, without newlines
    #[arg(long, conflicts_with = "json")]
    raw: bool,
    #[command(flatten)]
    making: Making,
    /// Wait at most so long for each message: 300ms, 5s, 2m; 0s looks once. Default: for ever
    #[arg(long, value_name = "DURATION", value_parser = units::duration)]
    timeout: Option<Duration>,
    /// Print each message as one JSON object a line
    #[arg(long)]
    json: bool,
}

/// The stable JSON shape of a received message.
#[derive(Serialize)]
struct Received<'a> {
    /// Of this command, from 0.
    sequence: u64,
    #[serde(flatten)]
    content: Content<'a>,
    /// Messages of this channel that were lost with senders that were killed while they wrote them, so far.
    lost: u64,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let receiver = args.making.options(0)?.receiver(&args.name)?;
    let lost = receiver.lost();
    let mut receiving = Receiving { args, receiver, sequence: 0, lost };
    let received = receiving.all();
    receiving.tell_lost();
    received
}

/// A receiving end at work.
struct Receiving<'a> {
    args: &'a Args,
    receiver: Receiver,
    sequence: u64,
    /// Messages that are known to be lost.
    lost: u64,
}

impl Receiving<'_> {
    fn all(&mut self) -> anyhow::Result<()> {
        let most = match (self.args.count, self.args.follow) {
            (Some(count), _) => count,
            (None, false) => 1,
            (None, true) => u64::MAX,
        };
        let mut patience = Patience::new(self.args.timeout);
        // Who went before we came is not whom we were started for.
        self.await_sender(&mut patience)?;
        while self.sequence < most {
            match self.one(&mut patience) {
                Err(error) if is(&error, ErrorKind::Disconnected) => {
                    if self.args.follow && !self.args.keep_open {
                        break;
                    }
                    self.await_sender(&mut patience)?;
                }
                received => {
                    received?;
                    patience = Patience::new(self.args.timeout);
                }
            }
            self.tell_lost();
        }
        Ok(())
    }

    /// Prints a message, then takes it.
    fn one(&mut self, patience: &mut Patience) -> anyhow::Result<()> {
        let Self { args, receiver, sequence, .. } = self;
        let show = Show::new(args.raw, args.json);
        patience.wait(
            || of("message in the channel", &args.name),
            |timeout| {
                let lost = receiver.lost();
                let Some(message) = receiver.recv_ref_timeout(timeout)? else { return Ok(None) };
                let bytes = message.to_vec();
                let printed = show.print(&bytes, &Received { sequence: *sequence, content: Content::of(&bytes), lost });
                if printed.is_err() {
                    std::mem::forget(message); // it stays for the next receiver
                }
                Ok(Some(printed))
            },
        )??;
        self.sequence += 1;
        Ok(())
    }

    fn await_sender(&mut self, patience: &mut Patience) -> anyhow::Result<()> {
        let what = || of("sender has come to the channel", &self.args.name);
        patience.wait(what, |timeout| Ok(self.receiver.wait_for_sender(timeout)?.then_some(())))
    }

    fn tell_lost(&mut self) {
        let lost = self.receiver.lost();
        let news = lost.wrapping_sub(self.lost);
        if news > 0 {
            self.lost = lost;
            let what = if news == 1 { "1 message is".into() } else { format!("{news} messages are") };
            failure::note(&format!("{what} lost: the sender was killed while it wrote, to `{}`", self.args.name));
        }
    }
}
