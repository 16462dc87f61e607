//! One call, as the next bytes say.

use super::api::{self, Many, Security, Text};
use super::input::Input;
use super::world::World;
use super::{memory, other};

const THIS_PROCESS: usize = usize::MAX;
const MEMORY: usize = usize::MAX;

pub(super) fn call(world: &World, input: &mut Input<'_>) {
    match input.byte() % 12 {
        0 | 1 => create(world, input),
        2 => open(world, input),
        3 => signal(world, input),
        4 => wait(world, input),
        5 => handle(world, input),
        6 | 7 => memory::view(world, input),
        8 => memory::region(world, input),
        9 => other::thread(world, input),
        10 => other::process(world, input),
        _ => other::file(world, input),
    }
}

fn create(world: &World, input: &mut Input<'_>) {
    let (wide, narrow) = (input.wide(), input.narrow());
    let (wide, narrow) = (Text::new(wide.as_ref()), Text::new(narrow.as_ref()));
    let security = Security { length: 24, descriptor: 0, inherit: input.flag() };
    let security = (!input.once_in(2)).then_some(&security);
    let (high, low) = halves(input.size());
    let protect = input.pick(&[4, 4, 2, 8, 0x40, 0x0400_0004, 0x0800_0004, 0x8000_0004, 0, 6, u32::MAX]);
    let file = if input.once_in(8) { world.handle(input) } else { MEMORY };
    let (count, most) = (input.pick(&[0, 1, -1, i32::MAX]), input.pick(&[1, 3, 0, i32::MAX]));
    let made = match input.byte() % 9 {
        0 => api::CreateEventW(security, input.flag(), input.flag(), wide),
        1 => api::CreateEventA(security, input.flag(), input.flag(), narrow),
        2 => api::CreateEventExW(security, wide, input.word() % 5, input.access()),
        3 => api::CreateMutexW(security, input.flag(), wide),
        4 => api::CreateMutexExW(security, wide, input.word() % 3, input.access()),
        5 => api::CreateSemaphoreW(security, count, most, wide),
        6 => api::CreateWaitableTimerA(security, input.flag(), narrow),
        7 => api::CreateFileMappingA(file, security, protect, high, low, narrow),
        _ => api::CreateFileMappingW(file, security, protect, high, low, wide),
    };
    let code = api::GetLastError();
    assert_eq!(made != 0, matches!(code, 0 | 183), "{made:#x}, {code}");
    world.keep(input, made);
}

fn open(world: &World, input: &mut Input<'_>) {
    let (wide, narrow) = (input.wide(), input.narrow());
    let (wide, narrow) = (Text::new(wide.as_ref()), Text::new(narrow.as_ref()));
    let (access, inherit) = (input.access(), input.flag());
    api::SetLastError(0);
    let opened = match input.byte() % 5 {
        0 => api::OpenEventW(access, inherit, wide),
        1 => api::OpenMutexA(access, inherit, narrow),
        2 => api::OpenSemaphoreW(access, inherit, wide),
        3 => api::OpenWaitableTimerW(access, inherit, wide),
        _ => api::OpenFileMappingW(access, inherit, wide),
    };
    let code = api::GetLastError();
    assert_eq!(opened == 0, code != 0, "{opened:#x}, {code}");
    world.keep(input, opened);
}

fn signal(world: &World, input: &mut Input<'_>) {
    let handle = world.handle(input);
    let due = input.pick(&[0, -1, -10_000, 1, i64::MAX, i64::MIN]);
    let due = (!input.once_in(16)).then_some(&due);
    let routine = input.once_in(4).then_some(api::on_time as api::TimerRoutine);
    let mut before = 0;
    let previous = (!input.once_in(2)).then_some(&mut before);
    match input.byte() % 8 {
        0 | 1 => api::SetEvent(handle),
        2 => api::ResetEvent(handle),
        3 => api::PulseEvent(handle),
        4 => api::ReleaseMutex(handle),
        5 => api::ReleaseSemaphore(handle, input.pick(&[1, 1, 2, 0, -1, i32::MAX, i32::MIN]), previous),
        6 => api::SetWaitableTimer(handle, due, input.pick(&[0, 1, 1000, -1, i32::MAX]), routine, 0, input.flag()),
        _ => api::CancelWaitableTimer(handle),
    };
}

fn wait(world: &World, input: &mut Input<'_>) {
    let mut several = [0; 64];
    let count: u32 = input.pick(&[1, 2, 3, 8, 64, 65, 0, u32::MAX]);
    for place in several.iter_mut().take(count as usize) {
        *place = world.handle(input);
    }
    let objects = if input.once_in(16) { Many::NULL } else { Many::new(&several) };
    let (all, milliseconds) = (input.flag(), input.milliseconds());
    let waited = match input.byte() % 5 {
        0 | 1 => api::WaitForSingleObject(several[0], milliseconds),
        2 => api::WaitForMultipleObjects(count, objects, all, milliseconds),
        3 => api::WaitForMultipleObjectsEx(count, objects, all, milliseconds, 1),
        _ => api::SignalObjectAndWait(several[0], several[1], milliseconds, input.flag()),
    };
    assert!(matches!(waited, 0..64 | 0x80..=0xC0 | 0x102 | u32::MAX), "{waited:#x}");
}

fn handle(world: &World, input: &mut Input<'_>) {
    let handle = world.handle(input);
    match input.byte() % 5 {
        0 | 1 => duplicate(world, input, handle),
        2 => _ = api::GetHandleInformation(handle, (!input.once_in(4)).then_some(&mut 0)),
        3 => _ = api::SetHandleInformation(handle, u32::from(input.byte() % 5), u32::from(input.byte() % 4)),
        _ => _ = api::CloseHandle(handle),
    }
}

fn duplicate(world: &World, input: &mut Input<'_>, handle: usize) {
    let mut target = 0;
    let place = (!input.once_in(8)).then_some(&mut target);
    let odd = input.once_in(8);
    let (from, to) = if odd { (world.handle(input), handle) } else { (THIS_PROCESS, THIS_PROCESS) };
    let options = input.pick(&[0, 1, 2, 3, 4]);
    let done = api::DuplicateHandle(from, handle, to, place, input.access(), input.flag(), options) != 0;
    assert_eq!(done, target != 0, "written if, and only if, it succeeds");
    // One that keeps its value is in its place already.
    if target != handle {
        world.keep(input, target);
    }
}

/// As the calls take sizes: the high half and the low one.
pub(super) fn halves(size: u64) -> (u32, u32) {
    let low = size & u64::from(u32::MAX);
    (u32::try_from(size >> 32).expect("a half"), u32::try_from(low).expect("a half"))
}
