//! What was found.

/// Median of what the rounds gave, and the range in which nine tenths of them lie.
#[derive(Debug, Clone, Copy)]
pub struct Spread {
    pub median: f64,
    pub low: f64,
    pub high: f64,
}

impl Spread {
    pub fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |percent: usize| values[(values.len() - 1) * percent / 100];
        Self { median: at(50), low: at(5), high: at(95) }
    }
}

/// What ours should keep.
#[derive(Debug, Clone, Copy)]
pub enum Aim {
    /// So many times the other's cost.
    Ratio(f64),
    /// So many nanoseconds, where nobody else does the like.
    Nanoseconds(f64),
}

/// Ours beside one rival.
#[derive(Debug)]
pub struct Row {
    pub figure: &'static str,
    pub ours: String,
    pub ours_ns: Spread,
    pub rival: String,
    pub rival_ns: Spread,
    /// Of each round by itself.
    pub ratio: Spread,
    pub aim: Option<Aim>,
    pub rounds: usize,
    /// Rounds that do not count, as others had a processor or the distance changed.
    pub dropped: usize,
    /// Bytes of a message, where what is measured is one message after the other in one direction.
    pub message: Option<usize>,
}

/// Millions of messages and billions of bytes a second, of messages that come so many nanoseconds after one another.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    pub millions: f64,
    pub gigabytes: f64,
}

impl Rate {
    pub fn of(bytes: usize, each: Spread) -> Self {
        Self { millions: 1e3 / each.median, gigabytes: bytes as f64 / each.median }
    }
}

impl Row {
    pub fn is_met(&self) -> Option<bool> {
        self.aim.map(|aim| match aim {
            Aim::Ratio(most) => self.ratio.median <= most,
            Aim::Nanoseconds(most) => self.ours_ns.median <= most,
        })
    }
}

/// Something that happens once at a time and is too rare for slices.
#[derive(Debug)]
pub struct Latency {
    pub figure: &'static str,
    pub what: &'static str,
    pub times: usize,
    pub p50: f64,
    pub p99: f64,
}

impl Latency {
    pub fn of(figure: &'static str, what: &'static str, mut found: Vec<f64>) -> Self {
        found.sort_by(f64::total_cmp);
        let at = |percent: usize| found[(found.len() - 1) * percent / 100];
        Self { figure, what, times: found.len(), p50: at(50), p99: at(99) }
    }
}

/// How far apart the processors were around a figure: nanoseconds of a cache line there and back.
#[derive(Debug)]
pub struct Distance {
    pub figure: &'static str,
    pub before: f64,
    pub after: f64,
}

/// One step of an operation.
#[derive(Debug)]
pub struct Step {
    pub operation: &'static str,
    pub what: String,
    pub ns: Spread,
}

/// What the slow ones of many round trips take: the median over rounds of each percentile.
#[derive(Debug)]
pub struct Tail {
    pub figure: &'static str,
    pub label: &'static str,
    pub rounds: usize,
    pub p50: f64,
    pub p99: f64,
    pub p999: f64,
    /// How many times `p50` our `p99` may be.
    pub aim: Option<f64>,
}

impl Tail {
    pub fn is_met(&self) -> Option<bool> {
        self.aim.map(|most| self.p99 <= most * self.p50)
    }
}

/// Bytes and files that something takes as long as it lives.
#[derive(Debug)]
pub struct Taken {
    pub figure: &'static str,
    pub label: &'static str,
    pub bytes: u64,
    pub files: usize,
    /// At most so many of both.
    pub aim: Option<(u64, usize)>,
}

impl Taken {
    pub fn is_met(&self) -> Option<bool> {
        self.aim.map(|(bytes, files)| self.bytes <= bytes && self.files <= files)
    }
}
