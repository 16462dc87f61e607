//! The C interface as a C program has it, from the shared library, beside the same calls in Rust; then beside the same
//! calls as Wine has them, by the clock on the wall, as Wine asks its server.

use std::hint::black_box;
use std::ptr::{null, null_mut};

use lasthandle::{Event, Mapping, Mutex, Timeout, ViewAccess, Waitable, Waited};

use crate::Result;
use crate::measure::{Bench, Contender, Rival};
use crate::peers::{self, Kernel32};

/// What a call of the C interface may cost, handle, last error and errno included.
const CALLS: f64 = 1.5;
const VIEWS: f64 = 1.2;
/// Bytes of the mapping: a view's cost beyond its pages.
const SIZE: u32 = 0x1_0000;

const INFINITE: u32 = u32::MAX;
const PAGE_READWRITE: u32 = 4;
const MAP_WRITE: u32 = 2;

pub fn event(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let event = Event::options().create_unnamed()?;
    let rust = || {
        event.set().expect("set");
        assert_eq!(event.wait(Timeout::Never).expect("wait"), Waited::Signaled(0));
    };
    let kernel32 = Kernel32::load()?;
    let handle = (kernel32.create_event)(null(), 0, 0, null());
    let ours = || {
        assert_eq!((kernel32.set_event)(handle), 1);
        assert_eq!((kernel32.wait)(handle, INFINITE), 0);
    };
    contest(figure, bench, "SetEvent, WaitForSingleObject", ours, rust, CALLS)?;
    close(&kernel32, handle)
}

pub fn mutex(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let mutex = Mutex::options().create_unnamed()?;
    let rust = || drop(black_box(mutex.lock().expect("lock")));
    let kernel32 = Kernel32::load()?;
    let handle = (kernel32.create_mutex)(null(), 0, null());
    let ours = || {
        assert_eq!((kernel32.wait)(handle, INFINITE), 0);
        assert_eq!((kernel32.release_mutex)(handle), 1);
    };
    contest(figure, bench, "WaitForSingleObject, ReleaseMutex", ours, rust, CALLS)?;
    close(&kernel32, handle)
}

pub fn map(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let mapping = Mapping::options().size(SIZE.into()).create_unnamed()?;
    let rust = || drop(black_box(mapping.view_options().access(ViewAccess::ReadWrite).map().expect("map")));
    let kernel32 = Kernel32::load()?;
    let handle = kernel32.mapping(SIZE, PAGE_READWRITE);
    let ours = || {
        let view = (kernel32.map)(handle, MAP_WRITE, 0, 0, 0);
        assert_eq!((kernel32.unmap)(view), 1);
    };
    contest(figure, bench, "MapViewOfFile, UnmapViewOfFile", ours, rust, VIEWS)?;
    close(&kernel32, handle)
}

pub fn create(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let rust = || drop(black_box(Event::options().create_unnamed().expect("create")));
    let kernel32 = Kernel32::load()?;
    let ours = || {
        let handle = (kernel32.create_event)(null(), 0, 0, null());
        assert_eq!((kernel32.close)(handle), 1);
    };
    contest(figure, bench, "CreateEvent, CloseHandle", ours, rust, None)
}

fn contest(
    figure: &'static str,
    bench: &mut Bench,
    label: &str,
    ours: impl Fn(),
    rust: impl Fn(),
    aim: impl Into<Option<f64>>,
) -> Result<()> {
    let rivals = vec![Rival::new(Contender::here("the same in Rust", &rust), aim)];
    bench.contest(figure, Contender::here(label, &ours), rivals)?;
    let verb = match figure.rsplit('/').next() {
        Some("create") => "unnamed",
        other => other.unwrap_or(figure),
    };
    let mut wine = bench.take(vec![peers::wine_sync()]);
    let wine = wine.iter_mut().map(|peer| Contender::elsewhere(peer.label, move |times| peer.run(verb, times)));
    let rivals = wine.map(|peer| Rival::new(peer, 1.0)).collect();
    bench.contest(figure, Contender::by_the_wall(format!("{label} (wall)"), &ours), rivals)
}

fn close(kernel32: &Kernel32, handle: *mut std::ffi::c_void) -> Result<()> {
    assert_ne!(handle, null_mut());
    if (kernel32.close)(handle) == 1 { Ok(()) } else { Err("the handle does not close".into()) }
}
