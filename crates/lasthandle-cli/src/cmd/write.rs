//! `write`: text or a stream into an existing mapping.

use std::io::{Cursor, Read};

use anyhow::bail;
use lasthandle::{Access, Mapping, Name};
use serde::Serialize;

use crate::progress::Progress;
use crate::text::Encoding;
use crate::{output, stream, transfer, units};

/// Write a text, or standard input, into an existing mapping
///
/// What does not fit is refused before anything is written, where its length is known beforehand; a stream of unknown
/// length is written as far as there is room, and what is too much is an error then.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  lasthandle write 'Local\\HelloWorld' 'Good evening'
  lasthandle write Frames --stdin --offset 64K < frame.bin")]
pub(crate) struct Args {
    /// The name, such as 'Local\HelloWorld'
    name: Name,
    /// The text to write; a NUL closes it
    #[arg(required_unless_present = "stdin")]
    text: Option<String>,
    /// Write the bytes of standard input, as they are
    #[arg(long, conflicts_with_all = ["text", "encoding"])]
    stdin: bool,
    /// The first byte: 0, 512, 64K
    #[arg(long, value_name = "BYTES", default_value = "0", value_parser = units::size)]
    offset: u64,
    /// How the text lies in memory
    #[arg(long, value_enum, default_value_t = Encoding::Utf16)]
    encoding: Encoding,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// The stable JSON shape of the result.
#[derive(Serialize)]
struct Written {
    name: String,
    offset: u64,
    bytes: u64,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let (mut source, length): (Box<dyn Read>, _) = if let Some(text) = &args.text {
        let text = args.encoding.encode(text);
        let length = text.len() as u64;
        (Box::new(Cursor::new(text)), Some(length))
    } else {
        let input = stream::input()?;
        let length = transfer::bytes_left(&input);
        (Box::new(input), length)
    };
    let mapping = Mapping::options().access(Access::READ_WRITE).open(&args.name)?;
    check_room(&args.name, mapping.size(), args.offset, length)?;
    let bytes = transfer::fill(&mapping, args.offset, &mut source, &mut Progress::new(length))?;

    let written = Written { name: args.name.to_string(), offset: args.offset, bytes };
    if args.json {
        return Ok(output::json(&written)?);
    }
    let Written { name, offset, bytes } = written;
    Ok(output::line(&output::printable(&format!(
        "Written to `{name}` at offset {offset}: {}.",
        units::show_bytes(bytes)
    )))?)
}

fn check_room(name: &Name, size: u64, offset: u64, length: Option<u64>) -> anyhow::Result<()> {
    let Some(room) = size.checked_sub(offset) else {
        bail!("cannot write to `{name}` at offset {offset}: it ends at {size}");
    };
    match length {
        Some(length) if length > room => {
            bail!("cannot write {length} bytes to `{name}` at offset {offset}: there is room for {room} of its {size}")
        }
        _ => Ok(()),
    }
}
