//! A progress bar on stderr, for work that takes long enough to want one.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Less than this is over before anybody could read a bar.
const LARGE: u64 = 256 << 20;

/// How much is done; shown only on a terminal, and only for large work.
pub(crate) struct Progress {
    bar: ProgressBar,
    total: Option<u64>,
    done: u64,
    shown: bool,
}

impl Progress {
    /// Of work whose length in bytes may not be known beforehand.
    pub(crate) fn new(total: Option<u64>) -> Self {
        Self { bar: ProgressBar::hidden(), total, done: 0, shown: false }
    }

    /// So many bytes more are done.
    pub(crate) fn advance(&mut self, bytes: usize) {
        self.done += bytes as u64;
        if !self.shown && self.total.unwrap_or(self.done) >= LARGE {
            self.shown = true;
            self.bar = bar(self.total);
        }
        self.bar.set_position(self.done);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn bar(total: Option<u64>) -> ProgressBar {
    let template = match total {
        Some(_) => "{bar:30} {binary_bytes} of {binary_total_bytes}, {binary_bytes_per_sec}, {eta} left",
        None => "{spinner} {binary_bytes}, {binary_bytes_per_sec}",
    };
    let style = ProgressStyle::with_template(template).expect("the templates above are valid");
    // Hidden by itself where stderr is no terminal.
    ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr()).with_style(style)
}
