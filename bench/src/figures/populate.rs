//! Attaching to much memory that is present already.

use lasthandle::{Mapping, View};
use rustix::mm::MapFlags;

use crate::Result;
use crate::bare;
use crate::measure::{Bench, Contender, Rival};

const SIZE: usize = 64 << 20;
const PAGE: usize = 4096;

/// Open, map with every page present, write one byte, close.
pub fn populate(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let path = bench.root.file("bare-populate");
    bare::prepare(&path, SIZE);
    let _living = Mapping::create_new("bench-populate", SIZE as u64)?;
    let ours = Contender::here("populate", || attach(true).write_at(0, &[1]).expect("touch"));
    let limit = Contender::here("mmap(MAP_POPULATE)", || {
        bare::attach(&path, MapFlags::SHARED | MapFlags::POPULATE).touch(0);
    });
    let paged = Contender::here("ours without it, a byte written per page", || {
        let view = attach(false);
        (0..SIZE).step_by(PAGE).for_each(|at| view.write_at(at, &[1]).expect("touch"));
    });
    let bare_paged = Contender::here("mmap, a byte written per page", || {
        let mapped = bare::attach(&path, MapFlags::SHARED);
        (0..SIZE).step_by(PAGE).for_each(|at| mapped.touch(at));
    });
    bench.contest(figure, ours, vec![Rival::new(limit, 1.2), Rival::new(paged, None), Rival::new(bare_paged, None)])
}

fn attach(populate: bool) -> View {
    let mapping = Mapping::open("bench-populate").expect("open");
    mapping.view_options().populate(populate).map().expect("map")
}
