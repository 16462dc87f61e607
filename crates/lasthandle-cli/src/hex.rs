//! The classic dump: offset, sixteen bytes, their ASCII; rows that repeat are shown once and then as `*`.

use std::fmt::Write as _;
use std::io::{self, Write};

const ROW: usize = 16;

/// Writes a dump, fed piece by piece.
pub(crate) struct Dump<W> {
    out: W,
    offset: u64,
    row: Vec<u8>,
    before: Option<Vec<u8>>,
    repeating: bool,
}

impl<W: Write> Dump<W> {
    /// A dump whose first byte is shown at `offset`.
    pub(crate) fn new(out: W, offset: u64) -> Self {
        Self { out, offset, row: Vec::with_capacity(ROW), before: None, repeating: false }
    }

    /// The next bytes.
    pub(crate) fn push(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(ROW - self.row.len()));
            self.row.extend_from_slice(now);
            bytes = later;
            if self.row.len() == ROW {
                self.end_row()?;
            }
        }
        Ok(())
    }

    /// The last, short row, and the offset of the end.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        if !self.row.is_empty() {
            self.end_row()?;
        }
        writeln!(self.out, "{:08x}", self.offset)?;
        self.out.flush()
    }

    fn end_row(&mut self) -> io::Result<()> {
        if self.before.as_ref() == Some(&self.row) {
            if !self.repeating {
                writeln!(self.out, "*")?;
            }
            self.repeating = true;
        } else {
            writeln!(self.out, "{}", layout(self.offset, &self.row))?;
            self.repeating = false;
        }
        self.offset += self.row.len() as u64;
        let before = self.before.get_or_insert_default();
        std::mem::swap(before, &mut self.row);
        self.row.clear();
        Ok(())
    }
}

fn layout(offset: u64, row: &[u8]) -> String {
    let mut line = format!("{offset:08x} ");
    for at in 0..ROW {
        let gap = if at == ROW / 2 { "  " } else { " " };
        let _ = match row.get(at) {
            Some(byte) => write!(line, "{gap}{byte:02x}"),
            None => write!(line, "{gap}  "),
        };
    }
    let shown = |&byte: &u8| if byte == b' ' || byte.is_ascii_graphic() { char::from(byte) } else { '.' };
    let ascii: String = row.iter().map(shown).collect();
    let _ = write!(line, "  |{ascii}|");
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dump(offset: u64, bytes: &[u8], piece: usize) -> String {
        let mut out = Vec::new();
        let mut dump = Dump::new(&mut out, offset);
        bytes.chunks(piece).for_each(|piece| dump.push(piece).unwrap());
        dump.finish().unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn shows_offset_bytes_and_ascii_and_folds_repeated_rows() {
        let mut bytes = b"Hi \x01 there, you!".to_vec();
        bytes.extend([0; 48]);
        bytes.push(b'z');
        let expected = "\
00000010  48 69 20 01 20 74 68 65  72 65 2c 20 79 6f 75 21  |Hi . there, you!|
00000020  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|
*
00000050  7a                                                |z|
00000051
";
        for piece in [1, 5, 16, 100] {
            assert_eq!(dump(16, &bytes, piece), expected);
        }
    }
}
