//! Copies in and out of a view beside `memcpy`: between the same two pieces of memory, with the same alignment.
//!
//! Slices and addresses pass through `black_box` on both sides alike, so that neither knows the length when it is
//! compiled (a constant one would be unrolled into moves) and neither copy can be left out.

use std::hint::black_box;

use lasthandle::{Mapping, View};

use crate::Result;
use crate::measure::{Bench, Contender, Rival};

/// Of the private buffer; that of the view is a page's. Where both are the same, large copies in some processors'
/// caches suffer for reasons that are neither side's.
const ALIGNMENT: usize = 64;

pub fn write<const BYTES: usize>(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let view = view(BYTES)?;
    let storage = vec![7_u8; BYTES + ALIGNMENT];
    let from = &storage[aligned(&storage)..][..BYTES];
    let ours = Contender::here("write_at", || view.write_at(black_box(0), black_box(from)).expect("write"));
    let memcpy = Contender::here("memcpy", || {
        let (to, from) = (black_box(view.as_mut_ptr()), black_box(from));
        // SAFETY: both have `BYTES` bytes, `from` of ours and `to` of a mapped view; nobody else uses either.
        unsafe { std::ptr::copy_nonoverlapping(from.as_ptr(), to, from.len()) };
    });
    bench.contest(figure, ours, vec![Rival::new(memcpy, aim(BYTES))])
}

pub fn read<const BYTES: usize>(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let view = view(BYTES)?;
    let mut storage = vec![7_u8; BYTES + ALIGNMENT];
    let at = aligned(&storage);
    let into = std::cell::RefCell::new(&mut storage[at..][..BYTES]);
    let ours = Contender::here("read_at", || {
        view.read_at(black_box(0), black_box(&mut into.borrow_mut()[..])).expect("read");
    });
    let memcpy = Contender::here("memcpy", || {
        let mut into = into.borrow_mut();
        let (into, from) = (black_box(&mut into[..]), black_box(view.as_ptr()));
        // SAFETY: both have `BYTES` bytes, `into` of ours and `from` of a mapped view; nobody else uses either.
        unsafe { std::ptr::copy_nonoverlapping(from, into.as_mut_ptr(), into.len()) };
    });
    bench.contest(figure, ours, vec![Rival::new(memcpy, aim(BYTES))])
}

fn aim(bytes: usize) -> f64 {
    if bytes <= 64 { 1.5 } else { 1.1 }
}

/// A view of memory that is present.
fn view(bytes: usize) -> Result<View> {
    let view = Mapping::unnamed(bytes as u64)?.view_options().populate(true).map()?;
    view.write_at(0, &vec![1; bytes])?;
    Ok(view)
}

fn aligned(storage: &[u8]) -> usize {
    storage.as_ptr().align_offset(ALIGNMENT)
}
