//! Calls about threads, this process and files: handles that are closed, waited for and forged like the others.

use super::api;
use super::input::Input;
use super::world::World;

/// A thread that ends at once, calls that are queued, sleeps in which they run.
pub(super) fn thread(world: &World, input: &mut Input<'_>) {
    let handle = world.handle(input);
    let routine = (!input.once_in(16)).then_some(api::on_call as api::UserRoutine);
    match input.byte() % 8 {
        0 => {
            let start = (!input.once_in(8)).then_some(api::begin as api::StartRoutine);
            let flags = input.pick(&[0, 0, 0x1_0000, 2]);
            let made = api::CreateThread(None, 0, start, input.word() as usize, flags, None);
            world.keep(input, made);
        }
        1 => {
            let number = if input.once_in(4) { input.word() } else { api::GetCurrentThreadId() };
            let opened = api::OpenThread(input.access(), input.flag(), number);
            world.keep(input, opened);
        }
        2 | 3 => _ = api::QueueUserAPC(routine, handle, input.word() as usize),
        4 => _ = api::QueueUserAPC(routine, usize::MAX - 1, 0),
        5 => _ = api::GetExitCodeThread(handle, (!input.once_in(8)).then_some(&mut 0)),
        6 => _ = api::ResumeThread(handle),
        _ => assert!(matches!(api::SleepEx(input.milliseconds(), 1), 0 | 0xC0)),
    }
}

pub(super) fn process(world: &World, input: &mut Input<'_>) {
    let handle = world.handle(input);
    match input.byte() % 4 {
        0 => {
            let number = if input.once_in(4) { input.pick(&[0, u32::MAX, 1 << 31]) } else { std::process::id() };
            // Nobody may end it by accident.
            let opened = api::OpenProcess(input.access() & !1, input.flag(), number);
            world.keep(input, opened);
        }
        1 => _ = api::GetExitCodeProcess(handle, (!input.once_in(8)).then_some(&mut 0)),
        2 => _ = api::GetProcessId(handle),
        _ => {
            let mut found = 0;
            if api::DuplicateHandle(handle, world.handle(input), usize::MAX, Some(&mut found), 0, 0, 2) != 0 {
                world.keep(input, found);
            }
        }
    }
}

/// The file that is nothing, mostly.
pub(super) fn file(world: &World, input: &mut Input<'_>) {
    let handle = world.handle(input);
    let (mut bytes, mut count) = ([0; 64], 0);
    let length = input.pick(&[0, 1, 64]);
    let done = (!input.once_in(4)).then_some(&mut count);
    match input.byte() % 6 {
        0 => {
            let path = if input.once_in(4) { input.narrow() } else { Some(b"NUL\0".to_vec()) };
            let disposition = input.pick(&[3, 3, 0, 6]); // nothing is created
            let rights = input.pick(&[0xC000_0000, 0x8000_0000, 0x4000_0000, 0]);
            let opened = api::CreateFileA(api::Text::new(path.as_ref()), rights, 7, None, disposition, 0, 0);
            world.keep(input, if opened == usize::MAX { 0 } else { opened });
        }
        1 => _ = api::ReadFile(handle, &mut bytes, length, done, 0),
        2 => _ = api::WriteFile(handle, &bytes, length, done, 0),
        3 => _ = api::SetFilePointerEx(handle, input.pick(&[0, 1, -1, i64::MIN]), None, input.word() % 4),
        4 => _ = api::GetFileSizeEx(handle, (!input.once_in(4)).then_some(&mut 0)),
        _ => _ = api::SetEndOfFile(handle),
    }
}
