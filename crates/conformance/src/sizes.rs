//! Sizes and memory: exact, too large, reserved and committed (semantics §3).

use lasthandle::sys::{Kernel, KernelView, MapRequest, MappingSpec};
use lasthandle::{GRANULARITY, Protection, ViewAccess};

use crate::bytes::{load, store};
use crate::case::{Case, SIZE, memory, ok, refused, shows, whole, zeroed};
use crate::fixture::Fixture;

fn reserve<'a, T>(size: u64) -> MappingSpec<'a, T> {
    MappingSpec { reserve: true, ..memory(size) }
}

/// Memory without a size is invalid, whatever the protection, named or not, reserved or not.
pub fn memory_needs_a_size<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    for protection in Protection::ALL {
        let spec = || MappingSpec { protection, ..memory(0) };
        case.refuses(87, "size 0", || case.try_create(Some(&name), spec()));
        case.refuses(87, "size 0, unnamed", || case.try_create(None, spec()));
        case.refuses(87, "size 0, reserved", || case.try_create(None, MappingSpec { reserve: true, ..spec() }));
    }
    case.absent(&name);
}

/// Every opener is told the size that the creator gave, to the byte or to the page, as the system knows it; the
/// memory is zero.
pub fn the_size_is_what_was_asked_for<F: Fixture>(case: &Case<F>) {
    for size in [1, 2, 4095, 4096, 4097, 65_535, 65_536, 65_537, 1 << 20, (1 << 20) + 1] {
        let name = case.name(&size.to_string());
        let handle = case.create(&name, memory(size));
        case.present(&name, size);
        case.queries(&handle, F::reported_size(size));
        let view = case.map_all(&handle);
        assert!(view.length() as u64 >= size);
        zeroed(&view);
    }
}

/// A size that no address space holds is too big, reserved or not.
pub fn beyond_isize_is_too_big<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    for size in [1 << 63, (1 << 63) + 1, u64::MAX - 4095, u64::MAX] {
        case.refuses(8, &format!("{size} bytes"), || case.try_create(Some(&name), memory(size)));
        case.refuses(8, &format!("{size} bytes, reserved"), || case.try_create(Some(&name), reserve(size)));
    }
    case.absent(&name);
}

/// More memory than there can be is refused at create, not at the first touch.
pub fn absurd_memory_is_refused_at_create<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    for size in [1 << 46, 1 << 50] {
        case.refuses_with(&[1455, 8], &format!("{size} bytes"), || case.try_create(Some(&name), memory(size)));
    }
    case.absent(&name);
    drop(case.fresh(&name));
}

/// So is the largest size that is not beyond `isize`, which no rounding may push over the edge.
pub fn the_largest_size_is_refused_at_create<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    for size in [(1 << 63) - 1, (1 << 63) - 4096, (1 << 63) - 4097, (1 << 63) - 65_536] {
        case.refuses_with(&[1455, 8], &format!("{size} bytes"), || case.try_create(Some(&name), memory(size)));
    }
    case.absent(&name);
}

/// Reserving is exempt: address space is had where memory is not, and a committed range of it works at any place.
pub fn a_large_reserve_is_fine<F: Fixture>(case: &Case<F>) {
    let size = F::LARGE_RESERVE;
    let name = case.name("x");
    let handle = case.create(&name, reserve(size));
    case.present(&name, size);
    assert!(ok(case.kernel().query(&handle), "query").reserved);
    for offset in [0, size / 2, size - GRANULARITY] {
        let request = MapRequest { offset, length: GRANULARITY, ..whole(ViewAccess::ReadWrite) };
        let view = case.map(&handle, &request);
        ok(view.commit(0, 4096), "commit");
        assert!(view.is_committed(0, 4096));
        assert_eq!(load(&view, 0, 16), [0; 16]);
        store(&view, 0, &offset.to_le_bytes());
        let other = case.map(&handle, &request);
        shows(&other, 0, &offset.to_le_bytes());
    }
}

/// Committing in one view commits for all views, those mapped before and those mapped after.
pub fn committing_in_one_view_commits_for_all<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    let first = case.create(&name, reserve(4 * GRANULARITY));
    let before = case.map_all(&first);
    let second = case.open(&name);
    let view = case.map_all(&second);
    let at = usize::try_from(GRANULARITY).expect("64 KiB");
    ok(view.commit(at, 8192), "commit");
    let after = case.map(&first, &MapRequest { offset: GRANULARITY, ..whole(ViewAccess::ReadWrite) });
    for (view, at) in [(&before, at), (&view, at), (&after, 0)] {
        assert!(view.is_committed(at, 8192));
        assert_eq!(load(view, at, 8192), [0; 8192]);
    }
    store(&before, at + 100, b"everywhere");
    shows(&view, at + 100, b"everywhere");
    shows(&after, 100, b"everywhere");
}

/// The last pages are no exception, nor is a view that is no longer than they are.
pub fn committing_up_to_the_end_commits_for_all<F: Fixture>(case: &Case<F>) {
    let handle = case.unnamed(reserve(GRANULARITY + 4096));
    let last = MapRequest { offset: GRANULARITY, ..whole(ViewAccess::ReadWrite) };
    let (one, two, all) = (case.map(&handle, &last), case.map(&handle, &last), case.map_all(&handle));
    ok(one.commit(0, 4096), "commit the last page");
    let at = usize::try_from(GRANULARITY).expect("64 KiB");
    for (view, at) in [(&one, 0), (&two, 0), (&all, at)] {
        assert!(view.is_committed(at, 4096));
        assert_eq!(load(view, at, 4096), [0; 4096]);
    }
}

/// Committing again is nothing: the bytes stay. What was never reserved is committed from the start.
pub fn committing_twice_keeps_the_bytes<F: Fixture>(case: &Case<F>) {
    let reserved = case.map_all(&case.unnamed(reserve(SIZE)));
    ok(reserved.commit(0, 4096), "commit");
    store(&reserved, 0, b"kept");
    ok(reserved.commit(0, 4096), "commit again");
    ok(reserved.commit(0, 8192), "commit more");
    shows(&reserved, 0, b"kept");
    assert!(reserved.is_committed(0, 8192));

    let plain = case.map_all(&case.unnamed(memory(SIZE)));
    assert!(plain.is_committed(0, 8192));
    assert_eq!(plain.committed(1), (true, plain.length() - 1));
    store(&plain, 0, b"kept");
    ok(plain.commit(0, 8192), "commit what is committed");
    shows(&plain, 0, b"kept");
}

/// Part of a page counts as the page.
pub fn a_committed_byte_is_a_committed_page<F: Fixture>(case: &Case<F>) {
    let view = case.map_all(&case.unnamed(reserve(4 * 4096)));
    assert_eq!(view.committed(5000), (false, 4 * 4096 - 5000));
    ok(view.commit(4095, 2), "commit the two sides of a page's edge");
    assert!(view.is_committed(0, 8192));
    assert_eq!((view.committed(0), view.committed(100)), ((true, 8192), (true, 8092)));
    assert_eq!(view.committed(8192), (false, 8192));
    assert_eq!(load(&view, 0, 8192), [0; 8192]);
}

/// Whether memory was reserved is the creator's word, for every opener.
pub fn openers_see_that_it_was_reserved<F: Fixture>(case: &Case<F>) {
    for (suffix, spec, reserved) in [("r", reserve(SIZE), true), ("c", memory(SIZE), false)] {
        let name = case.name(suffix);
        let handle = case.create(&name, spec);
        for handle in [&handle, &case.open(&name)] {
            assert_eq!(ok(case.kernel().query(handle), "query").reserved, reserved);
        }
    }
}

/// A view changes its protection as a whole, so all of it must be committed, where that makes a difference at all.
pub fn what_is_not_committed_cannot_be_protected<F: Fixture>(case: &Case<F>) {
    let mut view = case.map_all(&case.unnamed(reserve(SIZE)));
    for committed in [0, 4096] {
        if !view.is_committed(0, 8192) {
            refused(998, &format!("with {committed} bytes committed"), view.protect(ViewAccess::ReadOnly));
            assert_eq!(view.access(), ViewAccess::ReadWrite);
        }
        ok(view.commit(committed, 4096), "commit");
    }
    ok(view.protect(ViewAccess::ReadOnly), "protect what is committed");
    assert_eq!(load(&view, 0, 8192), [0; 8192]);
}
