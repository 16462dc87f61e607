//! Calls about memory by its address.

use super::api;
use super::input::Input;
use super::one::halves;
use super::world::World;

const COMMIT: u32 = 0x1000;
const RELEASE: u32 = 0x8000;

/// Views, and what lies at an address.
pub(super) fn view(world: &World, input: &mut Input<'_>) {
    let (handle, address) = (world.handle(input), world.address(input));
    let (offset, length) = (input.size(), usize::try_from(input.size()).unwrap_or(usize::MAX));
    let access = input.pick(&[2, 4, 1, 6, 0x24, 0x22, 0xF_001F, 0, u32::MAX]);
    let base = if input.once_in(8) { address & !0xFFFF } else { 0 };
    match input.byte() % 8 {
        0 => _ = api::UnmapViewOfFile(address),
        1 => _ = api::FlushViewOfFile(address, length),
        2 => {
            let mut found = [0; 6];
            let place = (!input.once_in(8)).then_some(&mut found);
            let length = input.pick(&[48, 47, 0, usize::MAX]);
            let _ = api::VirtualQuery(address, place, length);
        }
        _ => {
            let (high, low) = halves(if input.once_in(2) { 0 } else { offset });
            let view = api::MapViewOfFileEx(handle, access, high, low, length, base);
            world.keep_view(input, view);
        }
    }
}

/// Memory that is reserved, committed, protected, given back; views, too.
pub(super) fn region(world: &World, input: &mut Input<'_>) {
    let address = if input.once_in(3) { 0 } else { world.address(input) };
    let protect = input.pick(&[4, 4, 2, 1, 0x40, 8, 0x104, 0, 3]);
    let size = usize::try_from(input.size()).unwrap_or(usize::MAX);
    // What is committed may take real memory.
    let little = size % 300_000;
    match input.byte() % 6 {
        0 => {
            let region = api::VirtualAlloc(address, size, 0x2000, protect);
            world.keep_region(input, region);
        }
        1 => {
            let region = api::VirtualAlloc(address, little, 0x3000, protect);
            world.keep_region(input, region);
        }
        2 => _ = api::VirtualAlloc(address, little, input.pick(&[COMMIT, 0, u32::MAX, 0x8_0000]), protect),
        3 => _ = api::VirtualFree(address, little, input.pick(&[0x4000, RELEASE, 0, 0xC000])),
        4 => _ = api::VirtualFree(address, 0, RELEASE),
        _ => _ = api::VirtualProtect(address, little, protect, (!input.once_in(4)).then_some(&mut 0)),
    }
}
