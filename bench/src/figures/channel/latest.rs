//! The current value of a record, written and read by one process while nobody else is at it.
//!
//! # Safety
//! [`Bare`] has a page of its own, which one thread uses; a copy stays within it.

use std::cell::RefCell;
use std::ffi::c_void;
use std::hint::black_box;
use std::ptr::copy_nonoverlapping;
use std::sync::atomic::{AtomicU64, Ordering};

use lasthandle::channel::{LatestOptions, LatestReader, LatestWriter};

use crate::Result;
use crate::measure::{Bench, Contender, Rival};
use crate::page::{LINES_PER_PAGE, Page};

/// Of memcpy and two stores, or two loads.
const AIM: f64 = 1.2;

pub fn write<const BYTES: usize>(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let (mut writer, _) = ours::<BYTES>()?;
    let bare = Bare::new(bench)?;
    let Aligned(value) = &Aligned([7; BYTES]);
    let value = &value[..];
    let ours = Contender::here("ours", || {
        black_box(writer.write(black_box(value)).expect("write"));
    });
    let stores = Contender::here("memcpy, two stores", || bare.write(black_box(value)));
    bench.contest(figure, ours, vec![Rival::new(stores, AIM)])
}

pub fn read<const BYTES: usize>(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let (mut writer, mut reader) = ours::<BYTES>()?;
    let bare = Bare::new(bench)?;
    writer.write(&[7; BYTES][..])?;
    bare.write(&[7; BYTES]);
    let into = RefCell::new(Aligned([0; BYTES]));
    let ours = Contender::here("ours", || {
        black_box(reader.read_into(black_box(&mut into.borrow_mut().0[..])).expect("read"));
    });
    let loads = Contender::here("memcpy, two loads", || assert!(bare.read(black_box(&mut into.borrow_mut().0[..]))));
    bench.contest(figure, ours, vec![Rival::new(loads, AIM)])?;
    assert_eq!(into.into_inner().0, [7; BYTES]);
    Ok(())
}

/// Private memory, the same for both sides.
#[repr(align(64))]
struct Aligned<const BYTES: usize>([u8; BYTES]);

fn ours<const BYTES: usize>() -> Result<(LatestWriter, LatestReader)> {
    let options = LatestOptions::new().max_value(BYTES);
    let name = &*format!("bench-channel-latest-{BYTES}");
    Ok((options.writer(name)?, options.open_reader(name)?))
}

/// The least that tells a reader whether its copy is whole: a number before the value and one behind it.
struct Bare(Page);

impl Bare {
    fn new(bench: &Bench) -> Result<Self> {
        Ok(Self(Page::at(&bench.root.file("latest"))?))
    }

    fn numbers(&self) -> [&AtomicU64; 2] {
        [self.0.line(0), self.0.line(1)]
    }

    fn value(&self) -> *mut c_void {
        self.0.raw(LINES_PER_PAGE)
    }

    fn write(&self, value: &[u8]) {
        let [before, behind] = self.numbers();
        let number = behind.load(Ordering::Relaxed) + 1;
        before.store(number, Ordering::Release);
        // SAFETY: as the module says.
        unsafe { copy_nonoverlapping(value.as_ptr(), self.value().cast(), value.len()) };
        behind.store(number, Ordering::Release);
    }

    /// Whether it is whole.
    fn read(&self, into: &mut [u8]) -> bool {
        let [before, behind] = self.numbers();
        let number = behind.load(Ordering::Acquire);
        // SAFETY: as the module says.
        unsafe { copy_nonoverlapping(self.value().cast(), into.as_mut_ptr(), into.len()) };
        before.load(Ordering::Acquire) == number
    }
}
