//! The same beside peers. None of theirs promises memory at create, so ours is reserved here.

use lasthandle::Mapping;
use shared_memory::ShmemConf;

use super::lifetime::{SIZE, ours_create, ours_open};
use crate::measure::{Bench, Contender, Rival};
use crate::peers::{self, Peer};
use crate::{Result, bare};

pub fn create(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let name = bench.root.peer_name("crate");
    let path = bench.root.file("bare-sparse");
    let mut processes = start(bench);
    let mut rivals = vec![
        Rival::new(Contender::by_the_wall("crate shared_memory", || crate_create(&name)), None),
        Rival::new(Contender::by_the_wall("bare calls, ftruncate", || bare::create_sparse(&path, SIZE)), None),
    ];
    rivals.extend(processes.iter_mut().map(|peer| rival(peer, "create")));
    bench.contest(figure, Contender::by_the_wall("create, reserved", || ours_create(true)), rivals)
}

pub fn open(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let name = bench.root.peer_name("crate");
    let _living = Mapping::options().size(SIZE as u64).reserve(true).create_new("bench")?;
    let _theirs = ShmemConf::new().size(SIZE).os_id(&name).create()?;
    let mut processes = start(bench);
    let mut rivals = vec![Rival::new(Contender::by_the_wall("crate shared_memory", || crate_open(&name)), None)];
    rivals.extend(processes.iter_mut().map(|peer| rival(peer, "open")));
    bench.contest(figure, Contender::by_the_wall("open, reserved", ours_open), rivals)
}

/// The peers that are programs of their own, as far as they are there.
fn start(bench: &mut Bench) -> Vec<Peer> {
    bench.take(vec![peers::python(&bench.root.peer_name("python"), SIZE), peers::wine(SIZE)])
}

/// We must be ahead of it.
fn rival<'a>(peer: &'a mut Peer, verb: &'static str) -> Rival<'a> {
    Rival::new(Contender::elsewhere(peer.label, move |times| peer.run(verb, times)), 1.0)
}

fn crate_create(name: &str) {
    touch(&ShmemConf::new().size(SIZE).os_id(name).create().expect("create"));
}

fn crate_open(name: &str) {
    touch(&ShmemConf::new().os_id(name).open().expect("open"));
}

fn touch(memory: &shared_memory::Shmem) {
    // SAFETY: the mapping has `SIZE` writable bytes, and nobody else uses them.
    unsafe { memory.as_ptr().write_volatile(1) };
}
