//! Windows: names of the session, told apart by process and row; under Wine some rows depart.
//!
//! # Safety
//! Unsafe code here makes kernel objects of other kinds by plain calls, to hold names with.
#![allow(unsafe_code)]

use std::any::Any;
use std::io;
use std::os::windows::io::{FromRawHandle, OwnedHandle, RawHandle};
use std::ptr::null;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use conformance::Fixture;
use lasthandle::sys::windows::{Windows, runs_under_wine};
use lasthandle::{Error, ErrorKind, Kind, Name, Result};
use windows_sys::Win32::Foundation::ERROR_INVALID_HANDLE;
use windows_sys::Win32::System::JobObjects::CreateJobObjectW;
use windows_sys::Win32::System::Threading::{CreateEventW, CreateMutexW, CreateSemaphoreW, CreateWaitableTimerW};

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

    fn occupy(&self, name: &Name, kind: Kind) -> Option<Result<Box<dyn Any>>> {
        Some(create_other(name, kind).map(|held| Box::new(held) as Box<dyn Any>))
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
        "sizes::the_largest_size_is_refused_at_create" => {
            Some("Wine refuses a size that no file of the host can have as a bad parameter (87)")
        }
        _ => None,
    }
}

fn create_other(name: &Name, kind: Kind) -> Result<OwnedHandle> {
    let wide: Vec<u16> = name.to_wide().into_iter().chain([0]).collect();
    let name = wide.as_ptr();
    let raw: RawHandle = match kind {
        // SAFETY: `name` points to units that end with NUL and outlive the call; null attributes are the default's.
        Kind::Event => unsafe { CreateEventW(null(), 1, 0, name) },
        // SAFETY: as above.
        Kind::Mutex => unsafe { CreateMutexW(null(), 0, name) },
        // SAFETY: as above.
        Kind::Semaphore => unsafe { CreateSemaphoreW(null(), 0, 1, name) },
        // SAFETY: as above.
        Kind::Timer => unsafe { CreateWaitableTimerW(null(), 1, name) },
        // SAFETY: as above.
        Kind::Job => unsafe { CreateJobObjectW(null(), name) },
        _ => return Err(Error::new(ErrorKind::InvalidParameter)),
    };
    if raw.is_null() {
        let os = io::Error::last_os_error();
        let code = os.raw_os_error().and_then(|code| u32::try_from(code).ok()).unwrap_or_default();
        let kind = if code == ERROR_INVALID_HANDLE { ErrorKind::WrongKind } else { ErrorKind::Os };
        return Err(Error::new(kind).code(code).os(os));
    }
    // SAFETY: the call gave us this handle, and nobody else closes it.
    Ok(unsafe { OwnedHandle::from_raw_handle(raw) })
}
