//! What a view promises its user, on every system: bounds, copies, atomics, rights, lifetimes.

mod common;

use std::sync::atomic::{AtomicU16, AtomicU32, AtomicU64, Ordering};

use lasthandle::{Access, ErrorKind, Mapping, Protection, View, ViewAccess};

const KIB_64: u64 = 65_536;

fn view(size: u64) -> View {
    Mapping::unnamed(size).unwrap().view().unwrap()
}

#[test]
fn copies_are_exact_and_never_past_the_end() {
    let view = Mapping::unnamed(10_000).unwrap().view_options().length(10_000).map().unwrap();
    assert_eq!(view.len(), 10_000);
    for (offset, length) in [(0, 0), (0, 1), (3, 64), (4095, 2), (9_000, 1_000), (10_000, 0)] {
        let bytes: Vec<u8> = (0..length).map(|i| u8::try_from(i % 255 + 1).unwrap()).collect();
        view.write_at(offset, &bytes).unwrap();
        let mut back = vec![0xEE; length];
        view.read_at(offset, &mut back).unwrap();
        assert_eq!(back, bytes);
    }
    for (offset, length) in [(10_000, 1), (9_999, 2), (usize::MAX, 1), (1, usize::MAX), (0, 10_001)] {
        let error = view.atomics::<std::sync::atomic::AtomicU8>(offset, length).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OutOfBounds, "{error}");
        assert_eq!(error.windows_code(), 87);
    }
    let mut small = [0xEE; 2];
    assert!(view.read_at(9_999, &mut small).is_err());
    assert_eq!(small, [0xEE; 2], "a failed read leaves its output alone");
    assert!(view.write_at(9_999, &small).is_err());
    assert_eq!(view.read::<u8>(9_999).unwrap(), view.bytes().last().unwrap());
}

#[test]
fn typed_values_need_no_alignment_and_atomics_do() {
    let view = view(4096);
    view.write(3, &0x0102_0304_0506_0708_u64).unwrap();
    assert_eq!(view.read::<u64>(3).unwrap(), 0x0102_0304_0506_0708);
    assert_eq!(view.read::<[u16; 2]>(3).unwrap(), [0x0708, 0x0506]);
    assert_eq!(view.atomic::<AtomicU64>(4).unwrap_err().kind(), ErrorKind::OutOfBounds);
    assert_eq!(view.atomic::<AtomicU64>(4089).unwrap_err().kind(), ErrorKind::OutOfBounds);
    view.atomic::<AtomicU64>(8).unwrap().store(7, Ordering::Relaxed);
    assert_eq!(view.load::<AtomicU64>(8, Ordering::Relaxed).unwrap(), 7);
    assert_eq!(view.atomics::<AtomicU16>(8, 4).unwrap().len(), 4);
}

#[test]
fn atomics_are_shared_by_all_views_and_threads() {
    let mapping = Mapping::unnamed(4096).unwrap();
    let views = [mapping.view().unwrap(), mapping.view().unwrap()];
    std::thread::scope(|scope| {
        for view in &views {
            scope.spawn(move || {
                let counter = view.atomic::<AtomicU32>(128).unwrap();
                for _ in 0..100_000 {
                    counter.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(views[0].load::<AtomicU32>(128, Ordering::Relaxed).unwrap(), 200_000);
}

#[test]
fn any_offset_and_length_and_the_library_aligns() {
    let mapping = Mapping::unnamed(3 * KIB_64 + 100).unwrap();
    let whole = mapping.view().unwrap();
    for offset in [0, 1, 4095, 4096, KIB_64 - 1, KIB_64, KIB_64 + 1, 3 * KIB_64 + 99] {
        let part = mapping.view_options().offset(offset).length(1).map().unwrap();
        assert_eq!(part.len(), 1);
        let at = usize::try_from(offset).unwrap();
        whole.write(at, &0xA5_u8).unwrap();
        assert_eq!(part.read::<u8>(0).unwrap(), 0xA5);
        whole.write(at, &0x5A_u8).unwrap();
        assert_eq!(part.read::<u8>(0).unwrap(), 0x5A);
        assert!(part.read::<u16>(0).is_err());
    }
    let rest = mapping.view_options().offset(2 * KIB_64 + 7).map().unwrap();
    assert!(rest.len() as u64 >= KIB_64 + 93, "to the end");
    for (offset, length) in [(4 * KIB_64, 0), (0, 5 * KIB_64), (u64::MAX, 1), (5, u64::MAX), (u64::MAX, 0)] {
        let error = mapping.view_options().offset(offset).length(length).map().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AccessDenied, "{offset} {length}: {error}");
    }
}

#[test]
fn a_wanted_address_is_kept_or_refused() {
    let mapping = Mapping::unnamed(KIB_64).unwrap();
    let first = mapping.view().unwrap();
    let taken = first.as_ptr() as usize;
    let error = mapping.view_options().base(taken & !0xFFFF).map().unwrap_err();
    assert_eq!(error.windows_code(), 487, "{error}");
    assert_eq!(mapping.view_options().base(4096).map().unwrap_err().windows_code(), 1132);
    let free = 0x2_1234_0000_0000_usize >> 4;
    let placed = mapping.view_options().base(free).map().unwrap();
    assert_eq!(placed.as_ptr() as usize, free);
    drop(placed);
    let elsewhere: Vec<View> = (0..20).map(|_| mapping.view().unwrap()).collect();
    assert!(elsewhere.iter().all(|view| view.as_ptr() as usize != free), "nobody is given a place that a caller chose");
}

#[test]
fn what_a_view_may_not_do_is_an_error_and_changes_nothing() {
    common::root();
    let name = common::name("view-rights");
    let owner = Mapping::create(&name, 4096).unwrap();
    owner.view().unwrap().write(0, &1_u32).unwrap();
    let reader = Mapping::options().access(Access::READ).open(&name).unwrap();
    let view = reader.view().unwrap();
    assert_eq!(view.access(), ViewAccess::ReadOnly);
    assert_eq!(view.write(0, &2_u32).unwrap_err().kind(), ErrorKind::AccessDenied);
    assert_eq!(view.atomic::<AtomicU32>(0).unwrap_err().kind(), ErrorKind::AccessDenied);
    assert_eq!(view.load::<AtomicU32>(0, Ordering::Relaxed).unwrap(), 1);
    let wider = reader.view_options().access(ViewAccess::ReadWrite).map().unwrap_err();
    assert_eq!(wider.windows_code(), 5);
    assert!(wider.to_string().contains(&name), "{wider}");
    assert_eq!(reader.view_options().access(ViewAccess::ExecuteRead).map().unwrap_err().windows_code(), 5);
}

#[test]
fn copy_on_write_stays_private() {
    let mapping = Mapping::unnamed(8192).unwrap();
    let shared = mapping.view().unwrap();
    shared.write(0, &1_u32).unwrap();
    let private = mapping.view_options().access(ViewAccess::CopyOnWrite).map().unwrap();
    private.write(0, &2_u32).unwrap();
    assert_eq!((shared.read::<u32>(0).unwrap(), private.read::<u32>(0).unwrap()), (1, 2));
    private.atomic::<AtomicU32>(4096).unwrap().store(3, Ordering::Relaxed);
    assert_eq!(shared.read::<u32>(4096).unwrap(), 0);
}

#[test]
fn protection_changes_within_what_was_mapped() {
    let mapping = Mapping::unnamed(4096).unwrap();
    let mut view = mapping.view().unwrap();
    view.protect(ViewAccess::ReadOnly).unwrap();
    assert_eq!(view.write(0, &1_u8).unwrap_err().kind(), ErrorKind::AccessDenied);
    view.protect(ViewAccess::ReadWrite).unwrap();
    view.write(0, &1_u8).unwrap();
    let mut reader = mapping.view_options().access(ViewAccess::ReadOnly).map().unwrap();
    assert_eq!(reader.protect(ViewAccess::ReadWrite).unwrap_err().windows_code(), 87);
}

#[test]
fn a_view_outlives_its_handle_and_keeps_the_memory_but_not_the_name() {
    common::root();
    let name = common::name("view-outlives");
    let mapping = Mapping::create(&name, 4096).unwrap();
    let view = mapping.view().unwrap();
    view.write(0, &42_u64).unwrap();
    drop(mapping);
    assert_eq!(Mapping::open(&name).unwrap_err().kind(), ErrorKind::NotFound);
    let fresh = Mapping::create_new(&name, 4096).unwrap();
    assert_eq!(fresh.view().unwrap().read::<u64>(0).unwrap(), 0);
    assert_eq!(view.read::<u64>(0).unwrap(), 42);
}

#[test]
fn a_view_begins_where_another_can_be_asked_for() {
    let mapping = Mapping::unnamed(3 * KIB_64).unwrap();
    let views: Vec<View> = (0..20).map(|_| mapping.view().unwrap()).collect();
    assert!(views.iter().all(|view| view.as_ptr().addr() as u64 % KIB_64 == 0));
    let place = views[7].as_ptr().addr();
    drop(views);
    assert_eq!(mapping.view_options().base(place).map().unwrap().as_ptr().addr(), place);
}

#[test]
fn reserved_memory_is_committed_for_all_views() {
    let mapping = Mapping::options().size(1 << 30).reserve(true).create_unnamed().unwrap();
    let (first, second) = (mapping.view().unwrap(), mapping.view().unwrap());
    assert_eq!(second.committed(5).unwrap(), (false, (1 << 30) - 5));
    first.commit(1 << 20, 10_000).unwrap();
    assert_eq!(second.committed((1 << 20) + 1).unwrap(), (true, 3 * 4096 - 1));
    assert_eq!(second.committed(0).unwrap(), (false, 1 << 20));
    assert_eq!(second.committed(1 << 30).unwrap_err().kind(), ErrorKind::OutOfBounds);
    first.write(1 << 20, &5_u32).unwrap();
    assert_eq!(second.read::<u32>(1 << 20).unwrap(), 5);
    assert_eq!(first.commit(1 << 30, 1).unwrap_err().kind(), ErrorKind::OutOfBounds);
    first.commit(1 << 20, 10_000).unwrap();
    assert_eq!(second.read::<u32>(1 << 20).unwrap(), 5, "committing again keeps the bytes");
}

#[test]
fn bytes_and_chunks_are_all_bytes_in_order() {
    let view = Mapping::unnamed(10_000).unwrap().view_options().length(10_000).map().unwrap();
    let pattern: Vec<u8> = (0..10_000_u32).map(|i| u8::try_from(i % 241).unwrap()).collect();
    view.write_at(0, &pattern).unwrap();
    assert_eq!(view.bytes().collect::<Vec<_>>(), pattern);
    assert_eq!(view.chunks(3_000).map(|chunk| chunk.len()).collect::<Vec<_>>(), [3_000, 3_000, 3_000, 1_000]);
}

#[test]
#[allow(unsafe_code)]
fn executable_views_run_code() {
    let mapping = Mapping::options().size(4096).protection(Protection::ExecuteReadWrite).create_unnamed().unwrap();
    // mov eax, 42; ret
    mapping.view().unwrap().write_at(0, &[0xB8, 42, 0, 0, 0, 0xC3]).unwrap();
    let code = mapping.view_options().access(ViewAccess::ExecuteRead).map().unwrap();
    if cfg!(target_arch = "x86_64") {
        // SAFETY: the six bytes above are a function of this signature, in pages that may be executed.
        let answer = unsafe { std::mem::transmute::<*const u8, extern "C" fn() -> u32>(code.as_ptr()) };
        assert_eq!(answer(), 42);
    }
}
