//! Windows: names of the session, told apart by process and row; under Wine some rows depart.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use conformance::Fixture;
use lasthandle::sys::windows::{Windows, runs_under_wine};

use crate::disk::TempFile;

pub(crate) struct SystemFixture {
    tag: String,
    _alone: MutexGuard<'static, ()>,
}

/// Held by the row that runs. Whoever lists the session's objects must open each of them to ask its size, and so
/// keeps the names of other rows for that moment: two rows at a time would see names that ought to be gone.
static ALONE: Mutex<()> = Mutex::new(());

impl Fixture for SystemFixture {
    type Kernel = Windows;
    type Disk = TempFile;

    const LARGE_RESERVE: u64 = 1 << 36;

    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let row = NEXT.fetch_add(1, Ordering::Relaxed);
        // A row that failed spoils nothing: its handles are gone.
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        Self { tag: format!("conformance.{}.{row}.", std::process::id()), _alone: alone }
    }

    fn kernel(&self) -> &Windows {
        &Windows
    }

    fn tag(&self) -> &str {
        &self.tag
    }

    fn disk(&self, bytes: &[u8]) -> TempFile {
        TempFile::new(bytes)
    }

    fn departs(row: &str) -> Option<&'static str> {
        if runs_under_wine() { departs_under_wine(row) } else { None }
    }

    fn reported_size(asked: u64) -> u64 {
        asked.next_multiple_of(4096)
    }
}

/// What Wine 8 does otherwise than Windows.
fn departs_under_wine(row: &str) -> Option<&'static str> {
    match row {
        "access::the_section_holds_back_what_the_handle_may" => {
            Some("Wine asks the handle alone, not the section, whether a view may write")
        }
        "create::the_file_is_validated_before_the_name" => {
            Some("Wine looks at the name first, and at the file only for a fresh section")
        }
        "sizes::committing_up_to_the_end_commits_for_all" | "sizes::what_is_not_committed_cannot_be_protected" => {
            Some("Wine forgets a commit that reaches the end of the view, but for that view's own pages")
        }
        "timers::arming_again_resets" => {
            Some("Wine resets a manual timer when it is armed anew, but leaves an auto-reset one signaled")
        }
        "sizes::the_largest_size_is_refused_at_create" => {
            Some("Wine refuses a size that no file of the host can have as a bad parameter (87)")
        }
        _ => None,
    }
}
