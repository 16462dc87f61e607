//! A progress bar on stderr, for work that takes long enough to want one.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Less than this is over before anybody could read a bar.
const LARGE: u64 = 256 << 20;

/// How much is done; shown only on a terminal, and only for large work.
pub(crate) struct Progress {
    bar: ProgressBar,
    total: Option<u64>,
    shown: bool,
}

impl Progress {
    /// Of work whose length in bytes may not be known beforehand.
    pub(crate) fn new(total: Option<u64>) -> Self {
        // It counts from the start, so that its speed is right when it shows.
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden()).with_style(style(total));
        Self { bar, total, shown: false }
    }

    /// So many bytes more are done.
    pub(crate) fn advance(&mut self, bytes: usize) {
        self.bar.inc(bytes as u64);
        if !self.shown && self.total.unwrap_or(self.bar.position()) >= LARGE {
            self.shown = true;
            // Stays hidden by itself where stderr is no terminal.
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn style(total: Option<u64>) -> ProgressStyle {
    let template = match total {
        Some(_) => "{bar:30} {binary_bytes} of {binary_total_bytes}, {binary_bytes_per_sec}, {eta} left",
        None => "{spinner} {binary_bytes}, {binary_bytes_per_sec}",
    };
    ProgressStyle::with_template(template).expect("the templates above are valid")
}
