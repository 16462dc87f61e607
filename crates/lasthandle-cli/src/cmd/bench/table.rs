//! Samples become figures, and figures a table.

use serde::Serialize;

use super::machine::Machine;
use crate::output::{self, Column, Table};

/// What one sample is of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Unit {
    /// There and back.
    Trip,
    /// A message of so many bytes, one after another.
    Message(usize),
}

/// The stable JSON shape of a figure: nanoseconds, and multiples of the cache line's round trip.
#[derive(Serialize)]
pub(super) struct Figure {
    name: &'static str,
    #[serde(skip)]
    of: Unit,
    unit: &'static str,
    median: f64,
    p99: f64,
    median_ratio: Option<f64>,
    p99_ratio: Option<f64>,
}

/// The stable JSON shape of the whole.
#[derive(Serialize)]
pub(super) struct Report {
    machine: Machine,
    /// There and back, the median.
    cache_line_ns: f64,
    figures: Vec<Figure>,
}

impl Figure {
    pub(super) fn new(name: &'static str, of: Unit, mut samples: Vec<f64>) -> Self {
        let unit = if of == Unit::Trip { "ns" } else { "ns a message" };
        let (median, p99) = (percentile(&mut samples, 50), percentile(&mut samples, 99));
        Self { name, of, unit, median, p99, median_ratio: None, p99_ratio: None }
    }

    /// Of one way: how much goes through.
    #[allow(clippy::cast_precision_loss)] // bytes of a message
    fn rate(&self) -> String {
        match self.of {
            Unit::Trip => String::new(),
            Unit::Message(bytes) if bytes >= 4096 => format!("{:.1} GB/s", bytes as f64 / self.median),
            Unit::Message(_) => format!("{:.1} M/s", 1e3 / self.median),
        }
    }

    fn row(&self) -> [String; 6] {
        let ratio = |ratio: Option<f64>| ratio.map_or_else(|| "-".into(), |ratio| format!("{ratio:.2}"));
        [
            self.name.into(),
            show(self.median),
            ratio(self.median_ratio),
            show(self.p99),
            ratio(self.p99_ratio),
            self.rate(),
        ]
    }
}

impl Report {
    pub(super) fn new(machine: Machine, line: Vec<f64>, figures: Vec<Figure>) -> Self {
        let line = Figure::new("cache line, there and back", Unit::Trip, line);
        let unit = line.median;
        let mut figures: Vec<Figure> = [line].into_iter().chain(figures).collect();
        for figure in figures.iter_mut().filter(|_| unit > 0.0) {
            figure.median_ratio = Some(figure.median / unit);
            figure.p99_ratio = Some(figure.p99 / unit);
        }
        Self { machine, cache_line_ns: unit, figures }
    }

    pub(super) fn print(&self) -> anyhow::Result<()> {
        let columns = [Column::Left("FIGURE"), Column::Right("MEDIAN"), Column::Right("LINES")];
        let more = [Column::Right("P99"), Column::Right("LINES"), Column::Right("")];
        let mut table = Table::new(columns.into_iter().chain(more).collect());
        for figure in &self.figures {
            table.row(figure.row());
        }
        table.print()?;
        Ok(output::line("LINES: as a multiple of the cache line's median.")?)
    }
}

/// `73 ns`, `4.52 µs`, `1.20 ms`.
fn show(nanoseconds: f64) -> String {
    match nanoseconds {
        ..100.0 => format!("{nanoseconds:.1} ns"),
        100.0..1e3 => format!("{nanoseconds:.0} ns"),
        1e3..1e6 => format!("{:.2} µs", nanoseconds / 1e3),
        _ => format!("{:.2} ms", nanoseconds / 1e6),
    }
}

pub(super) fn median(mut samples: Vec<f64>) -> f64 {
    percentile(&mut samples, 50)
}

/// The sample that so many in a hundred do not exceed.
fn percentile(samples: &mut [f64], of: usize) -> f64 {
    let Some(last) = samples.len().checked_sub(1) else { return f64::NAN };
    let (_, sample, _) = samples.select_nth_unstable_by(last * of / 100, f64::total_cmp);
    *sample
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_samples() {
        let mut samples: Vec<f64> = (0..=100).rev().map(f64::from).collect();
        assert_eq!((percentile(&mut samples, 50), percentile(&mut samples, 99)), (50.0, 99.0));
        assert!(percentile(&mut [7.0], 99).total_cmp(&7.0).is_eq());
    }

    #[test]
    fn times_have_three_digits_or_so() {
        assert_eq!([73.26, 730.0, 45_200.0, 1_200_000.0].map(show), ["73.3 ns", "730 ns", "45.20 µs", "1.20 ms"]);
    }
}
