//! Bytes between a mapping and a stream, at the speed of memory: through windows whose pages are made present at
//! once, and one buffer small enough to stay in the processor's cache.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek};
use std::ops::{ControlFlow, Range};

use anyhow::{Context, bail};
use lasthandle::{Mapping, View, ViewAccess};

use crate::progress::Progress;

const BUFFER: usize = 256 << 10;
/// The first window; each further one is twice as long, so that little work stays little.
const FIRST_WINDOW: u64 = 1 << 20;
const LAST_WINDOW: u64 = 64 << 20;

/// The windows over a range of the section, one after another.
struct Windows {
    next: u64,
    end: u64,
    length: u64,
}

impl Windows {
    fn new(range: Range<u64>) -> Self {
        Self { next: range.start, end: range.end, length: FIRST_WINDOW }
    }

    /// Offset and length of the next one, never 0.
    fn next(&mut self) -> Option<(u64, u64)> {
        let length = self.length.min(self.end - self.next);
        let window = (self.next, length);
        self.next += length;
        self.length = (self.length * 2).min(LAST_WINDOW);
        (length > 0).then_some(window)
    }
}

fn map(mapping: &Mapping, (offset, length): (u64, u64), access: ViewAccess) -> lasthandle::Result<View> {
    mapping.view_options().access(access).offset(offset).length(length).populate(true).map()
}

/// Hands the bytes of the range to `take`, piece by piece, until it has enough.
pub(crate) fn drain(
    mapping: &Mapping,
    range: Range<u64>,
    mut take: impl FnMut(&[u8]) -> io::Result<ControlFlow<()>>,
) -> anyhow::Result<()> {
    let mut buffer = vec![0; BUFFER];
    let mut windows = Windows::new(range);
    while let Some(window) = windows.next() {
        let view = map(mapping, window, ViewAccess::ReadOnly)?;
        for at in (0..view.len()).step_by(BUFFER) {
            let piece = &mut buffer[..BUFFER.min(view.len() - at)];
            view.read_at(at, piece)?;
            if take(piece)?.is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// How many bytes a file has from where it stands; none where it cannot tell (a pipe, a terminal, a file of the
/// system's that says 0 and has content).
pub(crate) fn bytes_left(mut file: &File) -> Option<u64> {
    let length = file.metadata().ok().filter(Metadata::is_file)?.len();
    let at = file.stream_position().ok()?;
    length.checked_sub(at).filter(|&left| left > 0)
}

/// Copies a stream into the mapping from `offset` on and tells how many bytes there were. A stream that is longer
/// than the room is an error, found when the room is full.
pub(crate) fn fill(
    mapping: &Mapping,
    offset: u64,
    input: &mut dyn Read,
    progress: &mut Progress,
) -> anyhow::Result<u64> {
    // Reserved memory is promised as far as it is written, not by the window.
    let reserved = mapping.info()?.reserved;
    let mut buffer = vec![0; BUFFER];
    let mut windows = Windows::new(offset..mapping.size());
    let mut done = 0;
    while let Some(window) = windows.next() {
        let view = map(mapping, window, ViewAccess::ReadWrite)?;
        let filled = fill_view(&view, reserved, input, &mut buffer, progress)?;
        done += filled as u64;
        if filled < view.len() {
            return Ok(done);
        }
    }
    if read(input, &mut buffer[..1])? != 0 {
        bail!("the input is longer than the {done} bytes there is room for; those are written");
    }
    Ok(done)
}

fn fill_view(
    view: &View,
    reserved: bool,
    input: &mut dyn Read,
    buffer: &mut [u8],
    progress: &mut Progress,
) -> anyhow::Result<usize> {
    let mut filled = 0;
    while filled < view.len() {
        let wanted = buffer.len().min(view.len() - filled);
        let got = read(input, &mut buffer[..wanted])?;
        if got == 0 {
            break;
        }
        if reserved {
            view.commit(filled, got)?;
        }
        view.write_at(filled, &buffer[..got])?;
        filled += got;
        progress.advance(got);
    }
    Ok(filled)
}

fn read(input: &mut dyn Read, into: &mut [u8]) -> anyhow::Result<usize> {
    loop {
        match input.read(into) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other.context("cannot read the input"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn filled(mapping: &Mapping, offset: u64, input: &[u8]) -> anyhow::Result<u64> {
        fill(mapping, offset, &mut Cursor::new(input), &mut Progress::new(None))
    }

    fn drained(mapping: &Mapping, range: Range<u64>) -> Vec<u8> {
        let mut bytes = Vec::new();
        let take = |piece: &[u8]| {
            bytes.extend_from_slice(piece);
            Ok(ControlFlow::Continue(()))
        };
        drain(mapping, range, take).unwrap();
        bytes
    }

    /// Over several windows, from and to odd places; of a reserved section, what is written gets promised.
    #[test]
    fn what_goes_in_comes_out() {
        let size = 5 << 20;
        let input: Vec<u8> = (0..=250).cycle().take((4 << 20) + 4321).collect();
        // Under Wine 8 other views do not see a commit that begins where the one before ended; a plain C program meets
        // the same.
        let reserved = if cfg!(windows) { &[] as &[bool] } else { &[true] };
        for &reserve in [false].iter().chain(reserved) {
            let mapping = Mapping::options().size(size).reserve(reserve).create_unnamed().unwrap();
            assert_eq!(filled(&mapping, 777, &input).unwrap(), input.len() as u64);
            let end = 777 + input.len() as u64;
            assert!(drained(&mapping, 777..end) == input, "reserve {reserve}");
            assert!(drained(&mapping, 0..777).iter().all(|&byte| byte == 0));
        }
    }

    #[test]
    fn what_fits_to_the_byte_is_right_and_one_more_is_an_error() {
        let mapping = Mapping::unnamed(1 << 20).unwrap();
        let offset = (1 << 20) - 3;
        assert_eq!(filled(&mapping, offset, b"abc").unwrap(), 3);
        assert!(filled(&mapping, offset, b"abcd").unwrap_err().to_string().contains("3 bytes"));
        assert_eq!(filled(&mapping, 1 << 20, b"").unwrap(), 0);
        assert!(filled(&mapping, 1 << 20, b"a").is_err());
        assert!(drained(&mapping, 7..7).is_empty());
    }

    #[test]
    fn windows_cover_the_range_once_and_grow() {
        let end = 200 << 20;
        let (mut windows, mut at) = (Windows::new(3..end), 3);
        while let Some((offset, length)) = windows.next() {
            assert!(offset == at && (1..=LAST_WINDOW).contains(&length));
            at += length;
        }
        assert_eq!(at, end);
        assert_eq!(Windows::new(7..7).next(), None);
    }
}
