//! A name's life beside a POSIX named semaphore's, whose name stays when its creator is killed.

use std::ffi::CString;

use lasthandle::{Event, Mutex};

use crate::Result;
use crate::bare::posix;
use crate::measure::{Bench, Contender, Rival};
use crate::partner::{Part, Partner, Stage};

const AIM: f64 = 1.5;
const LIVING: [&str; 2] = ["bench-living-event", "bench-living-mutex"];

pub const PARTS: &[(&str, Part)] = &[("hold-names", hold)];

pub fn create(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let name = posix_name(bench)?;
    let event = || drop(Event::options().create_new("bench-new").expect("create"));
    let mutex = || drop(Mutex::options().create_new("bench-new").expect("create"));
    let limit = || {
        Contender::here("sem_open, sem_close, sem_unlink", || {
            posix::open_close(&name, libc::O_CREAT | libc::O_EXCL);
            posix::unlink_named(&name);
        })
    };
    bench.contest(figure, Contender::here("create, close an event", event), vec![Rival::new(limit(), AIM)])?;
    bench.contest(figure, Contender::here("create, close a mutex", mutex), vec![Rival::new(limit(), AIM)])
}

/// Another process holds the objects: this one opens them afresh each time.
pub fn open(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let name = posix_name(bench)?;
    posix::open_close(&name, libc::O_CREAT | libc::O_EXCL);
    let partner = Partner::start(bench, bench.cpus.here)?;
    partner.ask("hold-names", 0)?;
    let event = || drop(Event::open(LIVING[0]).expect("open"));
    let mutex = || drop(Mutex::open(LIVING[1]).expect("open"));
    let limit = || Contender::here("sem_open, sem_close", || posix::open_close(&name, 0));
    bench.contest(figure, Contender::here("open, close an event", event), vec![Rival::new(limit(), AIM)])?;
    bench.contest(figure, Contender::here("open, close a mutex", mutex), vec![Rival::new(limit(), AIM)])?;
    posix::unlink_named(&name);
    Ok(())
}

fn posix_name(bench: &Bench) -> Result<CString> {
    Ok(CString::new(format!("/{}", bench.root.peer_name("posix")))?)
}

/// Holds them as long as the process lives.
fn hold(_: &Stage, _: u64) -> Result<f64> {
    std::mem::forget(Event::options().create_new(LIVING[0])?);
    std::mem::forget(Mutex::options().create_new(LIVING[1])?);
    Ok(0.0)
}
