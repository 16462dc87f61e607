//! A name's life beside the bare calls: what the promise costs that the name ends with its last holder.

use lasthandle::Mapping;

use crate::bare;
use crate::measure::{Bench, Contender, Rival};
use crate::{Result, root::Root};

/// Bytes of the mappings here.
pub const SIZE: usize = 64 * 1024;

pub fn create(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let path = bench.root.file("bare-create");
    let limit = Contender::here("open, fallocate, mmap, munmap, close, unlink", || bare::create(&path, SIZE));
    bench.contest(figure, Contender::here("create", || ours_create(false)), vec![Rival::new(limit, 1.5)])
}

pub fn open(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let path = bare_file(&bench.root);
    let _living = Mapping::create_new("bench", SIZE as u64)?;
    let limit = Contender::here("open, fstat, mmap, munmap, close", || bare::open(&path));
    bench.contest(figure, Contender::here("open", ours_open), vec![Rival::new(limit, 1.8)])
}

fn bare_file(root: &Root) -> std::ffi::CString {
    let path = root.file("bare-open");
    bare::prepare(&path, SIZE);
    path
}

/// create, map, touch, unmap, close.
pub fn ours_create(reserve: bool) {
    let mapping = Mapping::options().size(SIZE as u64).reserve(reserve).create_new("bench").expect("create");
    touch(&mapping);
}

/// open, map, touch, unmap, close.
pub fn ours_open() {
    touch(&Mapping::open("bench").expect("open"));
}

fn touch(mapping: &Mapping) {
    mapping.view().expect("map").write_at(0, &[1]).expect("touch");
}
