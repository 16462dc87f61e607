//! What goes to standard output: lines, tables and JSON. A closed output is an error that ends the command quietly
//! (`failure`), never a panic.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::Serialize;
use unicode_width::UnicodeWidthStr;

/// Prints a value for machines.
pub(crate) fn json(value: &impl Serialize) -> io::Result<()> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    raw(text.as_bytes())
}

/// Prints a line for people.
pub(crate) fn line(text: &str) -> io::Result<()> {
    raw(format!("{text}\n").as_bytes())
}

/// Prints bytes at once, so that a script that waits for them sees them.
pub(crate) fn raw(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// Text of unknown origin (names, commands and messages of other users) without power over the terminal: control
/// characters are shown as their escapes.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    escape(text, &[])
}

/// As [`printable`], for text of many lines.
pub(crate) fn printable_lines(text: &str) -> Cow<'_, str> {
    escape(text, &['\n', '\r', '\t'])
}

fn escape<'a>(text: &'a str, harmless: &[char]) -> Cow<'a, str> {
    let harmful = |c: char| c.is_control() && !harmless.contains(&c);
    if !text.contains(harmful) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if harmful(c) { shown.extend(c.escape_default()) } else { shown.push(c) }
    }
    Cow::Owned(shown)
}

/// Columns for people: a bold head on a terminal, two spaces between columns, numbers to the right.
pub(crate) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
}

/// A column's head and where its cells stand.
pub(crate) enum Column {
    Left(&'static str),
    Right(&'static str),
}

impl Column {
    fn head(&self) -> &'static str {
        match self {
            Self::Left(head) | Self::Right(head) => head,
        }
    }

    fn pad(&self, cell: &str, width: usize) -> String {
        let gap = " ".repeat(width.saturating_sub(cell.width()));
        match self {
            Self::Left(_) => format!("{cell}{gap}"),
            Self::Right(_) => format!("{gap}{cell}"),
        }
    }
}

impl Table {
    pub(crate) fn new(columns: Vec<Column>) -> Self {
        Self { columns, rows: Vec::new() }
    }

    /// Adds a row, of as many cells as there are columns.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().map(|cell| printable(&cell).into_owned()).collect());
    }

    /// Prints it, in one piece.
    pub(crate) fn print(&self) -> io::Result<()> {
        let style = anstyle::Style::new().bold();
        let head: Vec<String> = self.columns.iter().map(|column| column.head().to_owned()).collect();
        let widths: Vec<usize> = (0..head.len()).map(|at| self.width(at)).collect();
        let mut text = format!("{style}{}{style:#}\n", self.layout(&head, &widths));
        for row in &self.rows {
            text += &self.layout(row, &widths);
            text.push('\n');
        }
        let mut out = anstream::stdout().lock();
        out.write_all(text.as_bytes())?;
        out.flush()
    }

    fn width(&self, at: usize) -> usize {
        let cells = self.rows.iter().map(|row| row[at].width());
        cells.chain([self.columns[at].head().width()]).max().unwrap_or(0)
    }

    fn layout(&self, cells: &[String], widths: &[usize]) -> String {
        let padded = self.columns.iter().zip(cells).zip(widths).map(|((column, cell), &width)| column.pad(cell, width));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_by_what_the_terminal_shows() {
        let mut table = Table::new(vec![Column::Left("NAME"), Column::Right("SIZE")]);
        table.row(["共有".into(), "5 B".into()]);
        table.row(["ab\u{1b}".into(), "1.00 KiB".into()]);
        let widths: Vec<usize> = (0..2).map(|at| table.width(at)).collect();
        let lines: Vec<String> = table.rows.iter().map(|row| table.layout(row, &widths)).collect();
        assert_eq!(lines, ["共有           5 B", "ab\\u{1b}  1.00 KiB"]);
    }

    #[test]
    fn control_characters_lose_their_power() {
        assert_eq!(printable("a\u{1b}[31m\u{9b}\n"), "a\\u{1b}[31m\\u{9b}\\n");
        assert_eq!(printable_lines("a\n\tb\u{7}"), "a\n\tb\\u{7}");
        assert!(matches!(printable("plain é"), Cow::Borrowed(_)));
    }
}
