//! Views: where they start and end, what they share, and what they may become (semantics §3).

use lasthandle::sys::{Kernel, KernelView, MapRequest};
use lasthandle::{Access, GRANULARITY, Protection, ViewAccess};

use crate::bytes::store;
use crate::case::{Case, SIZE, memory, ok, refused, shows, whole};
use crate::fixture::Fixture;

/// A few times the granularity, and a bit: views at several offsets, and an end inside a page.
const LARGE: u64 = 4 * GRANULARITY + 100;

fn window(offset: u64, length: u64) -> MapRequest {
    MapRequest { access: ViewAccess::ReadWrite, offset, length, ..MapRequest::default() }
}

/// What one view writes all others see, through one handle or several.
pub fn views_are_coherent<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    let first = case.fresh(&name);
    let second = case.open(&name);
    let views = [case.map_all(&first), case.map_all(&first), case.map_all(&second)];
    let reader = case.map(&second, &whole(ViewAccess::ReadOnly));
    for (at, view) in views.iter().enumerate() {
        let mark = [0x10 + u8::try_from(at).expect("three views"); 3];
        store(view, at * 1000, &mark);
        views.iter().chain([&reader]).for_each(|view| shows(view, at * 1000, &mark));
    }
}

/// Views at different offsets show the same bytes where they overlap, and each starts where it was asked to.
pub fn views_at_different_offsets_are_coherent<F: Fixture>(case: &Case<F>) {
    let handle = case.create(&case.name("x"), memory(LARGE));
    let whole = case.map_all(&handle);
    let step = usize::try_from(GRANULARITY).expect("64 KiB");
    for part in 0..4 {
        let view = case.map(&handle, &window(u64::from(part) * GRANULARITY, GRANULARITY));
        assert_eq!(view.length(), step);
        store(&view, 0, &[1, part]);
        store(&view, step - 2, &[part, 2]);
        shows(&whole, usize::from(part) * step, &[1, part]);
        shows(&whole, (usize::from(part) + 1) * step - 2, &[part, 2]);
    }
    let last = case.map(&handle, &window(4 * GRANULARITY, 0));
    store(&whole, 4 * step + 99, &[7]);
    shows(&last, 99, &[7]);
}

/// An offset is a multiple of 64 KiB; a page is not enough.
pub fn a_misaligned_offset_is_refused<F: Fixture>(case: &Case<F>) {
    let handle = case.create(&case.name("x"), memory(LARGE));
    for offset in [1, 512, 4095, 4096, 8192, GRANULARITY - 1, GRANULARITY + 1, GRANULARITY + 4096] {
        case.refuses(1132, &format!("offset {offset}"), || case.kernel().map(&handle, &window(offset, 1)));
    }
    case.map(&handle, &window(GRANULARITY, 1));
}

/// So is a base address.
pub fn a_misaligned_base_is_refused<F: Fixture>(case: &Case<F>) {
    let handle = case.fresh(&case.name("x"));
    for base in [0x1000_0001, 0x1000_1000, 0x1000_8000] {
        let request = MapRequest { base: Some(base), ..whole(ViewAccess::ReadOnly) };
        case.refuses(1132, &format!("base {base:#x}"), || case.kernel().map(&handle, &request));
    }
}

/// An address inside a view that a base may name: systems may place views at any page, bases are multiples of 64 KiB.
fn base_inside(view: &impl KernelView) -> usize {
    let base = view.as_ptr().addr().next_multiple_of(65_536);
    assert!(base < view.as_ptr().addr() + view.length(), "the view is longer than the granularity");
    base
}

/// A base address where a view lies already is refused, and that view stays.
pub fn a_base_in_use_is_refused<F: Fixture>(case: &Case<F>) {
    let handle = case.create(&case.name("x"), memory(LARGE));
    let view = case.map_all(&handle);
    store(&view, 70_000, b"mine");
    let request = MapRequest { base: Some(base_inside(&view)), ..whole(ViewAccess::ReadWrite) };
    case.refuses(487, "base in use", || case.kernel().map(&handle, &request));
    shows(&view, 70_000, b"mine");
    store(&view, 70_000, b"still");
}

/// A free base address is honoured.
pub fn a_free_base_is_honoured<F: Fixture>(case: &Case<F>) {
    let handle = case.create(&case.name("x"), memory(LARGE));
    // Another thread may take the address in between: several tries, one of which must do.
    let honoured = (0..50).any(|_| {
        let free = case.map(&handle, &window(0, 0)).as_ptr().addr().next_multiple_of(65_536);
        let request = MapRequest { base: Some(free), ..window(GRANULARITY, GRANULARITY) };
        let view = case.kernel().map(&handle, &request);
        view.is_ok_and(|view| {
            assert_eq!(view.as_ptr().addr(), free);
            store(&view, 0, b"here");
            true
        })
    });
    assert!(honoured, "none of 50 free addresses could be mapped at");
    shows(&case.map(&handle, &window(GRANULARITY, 0)), 0, b"here");
}

/// Of several things wrong, the first in the contract's order is reported.
pub fn checks_come_in_order<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    let held = case.create(&name, memory(LARGE));
    let reader = case.open_for(&name, Access::READ);
    let view = case.map_all(&held);
    let past = MapRequest { offset: 16 * GRANULARITY, ..whole(ViewAccess::ReadWrite) };
    let misaligned = MapRequest { offset: 16 * GRANULARITY + 1, ..past };
    case.refuses(1132, "misaligned, denied, past the end", || case.kernel().map(&reader, &misaligned));
    let base = MapRequest { base: Some(0x1000_1000), ..past };
    case.refuses(1132, "misaligned base, denied, past the end", || case.kernel().map(&reader, &base));
    case.refuses(5, "denied, past the end", || case.kernel().map(&reader, &past));
    let taken = MapRequest { base: Some(base_inside(&view)), ..whole(ViewAccess::ReadWrite) };
    case.refuses(5, "denied, base in use", || case.kernel().map(&reader, &taken));
    let past = MapRequest { offset: 16 * GRANULARITY, ..taken };
    case.refuses(5, "past the end, base in use", || case.kernel().map(&held, &past));
}

/// A view ends within the last page of the section; at and past that end nothing can be mapped.
pub fn past_the_page_rounded_end_is_denied<F: Fixture>(case: &Case<F>) {
    let handle = case.create(&case.name("x"), memory(GRANULARITY + 5000));
    let end = GRANULARITY + 8192;
    for (offset, length) in [
        (0, end + 1),
        (0, 16 * GRANULARITY),
        (GRANULARITY, 8193),
        (2 * GRANULARITY, 0),
        (2 * GRANULARITY, 1),
        (1 << 40, 0),
        (1 << 40, 1),
    ] {
        let what = format!("{length} bytes at {offset}");
        case.refuses(5, &what, || case.kernel().map(&handle, &window(offset, length)));
    }
}

/// A section that ends at a multiple of the granularity has nothing to map at its very end.
pub fn nothing_can_be_mapped_at_the_very_end<F: Fixture>(case: &Case<F>) {
    let handle = case.create(&case.name("x"), memory(GRANULARITY));
    case.refuses(5, "to the end, at the end", || case.kernel().map(&handle, &window(GRANULARITY, 0)));
    case.refuses(5, "one byte at the end", || case.kernel().map(&handle, &window(GRANULARITY, 1)));
}

/// Up to the end of the last page, a view may be longer than the section, and all of it can be touched.
pub fn within_the_page_rounded_end_is_fine<F: Fixture>(case: &Case<F>) {
    let handle = case.create(&case.name("x"), memory(GRANULARITY + 5000));
    for (offset, length) in
        [(0, GRANULARITY + 5000), (0, GRANULARITY + 5001), (0, GRANULARITY + 8192), (GRANULARITY, 8192)]
    {
        let view = case.map(&handle, &window(offset, length));
        assert!(view.length() as u64 >= length, "{} bytes of {length}", view.length());
        store(&view, usize::try_from(length).expect("small") - 1, &[1]);
        shows(&view, usize::try_from(length).expect("small") - 1, &[1]);
    }
}

/// Length 0 is to the end: to the byte where the system knows it, else to the end of the page.
pub fn length_zero_is_to_the_end<F: Fixture>(case: &Case<F>) {
    for size in [1, 4095, 4096, 4097, GRANULARITY, LARGE] {
        let handle = case.create(&case.name(&size.to_string()), memory(size));
        for offset in (0..size).step_by(65_536) {
            let view = case.map(&handle, &window(offset, 0));
            let rest = usize::try_from(size - offset).expect("small");
            assert!(
                view.length() == rest || view.length() == rest.next_multiple_of(4096),
                "a view of the last {rest} bytes has {}",
                view.length()
            );
        }
    }
}

/// Numbers at the end of their range are refused like others that are too large.
pub fn huge_offsets_and_lengths_do_not_wrap<F: Fixture>(case: &Case<F>) {
    let handle = case.fresh(&case.name("x"));
    let top = u64::MAX / GRANULARITY * GRANULARITY;
    for (offset, length) in [
        (0, u64::MAX),
        (0, u64::MAX - 4095),
        (0, 1 << 63),
        (0, (1 << 63) - 1),
        (top, 0),
        (top, 1),
        (top, GRANULARITY),
        (top, u64::MAX),
        (1 << 63, 1 << 63),
        (GRANULARITY, u64::MAX - GRANULARITY + 1),
        (GRANULARITY, u64::MAX - GRANULARITY + 2),
    ] {
        // 5 by the contract; Windows says 87 for a length that no address space holds.
        let what = format!("{length} bytes at {offset}");
        case.refuses_with(&[5, 87], &what, || case.kernel().map(&handle, &window(offset, length)));
    }
    case.map_all(&handle);
}

/// A view has the length it was asked for, in bytes or in whole pages, never less, and a page's alignment.
pub fn a_view_has_the_length_asked_for<F: Fixture>(case: &Case<F>) {
    let handle = case.create(&case.name("x"), memory(LARGE));
    for length in [1, 2, 4095, 4096, 4097, 65_536, 65_537] {
        let view = case.map(&handle, &window(0, length as u64));
        let found = view.length();
        assert!(found == length || found == usize::next_multiple_of(length, 4096), "{found} bytes for {length}");
        store(&view, length - 1, &[1]);
    }
}

/// Asking for all pages to be present changes nothing but the time it takes.
pub fn populate_changes_nothing_to_be_seen<F: Fixture>(case: &Case<F>) {
    let handle = case.create(&case.name("x"), memory(LARGE));
    let plain = case.map_all(&handle);
    store(&plain, 70_000, b"there");
    for access in [ViewAccess::ReadOnly, ViewAccess::ReadWrite, ViewAccess::CopyOnWrite] {
        let view = case.map(&handle, &MapRequest { populate: true, ..whole(access) });
        shows(&view, 70_000, b"there");
        assert_eq!(view.length(), plain.length());
    }
}

/// Protections of a view may change within what it was mapped with, and back; anything else is 87 and changes
/// nothing.
pub fn a_view_changes_within_what_it_was_mapped_with<F: Fixture>(case: &Case<F>) {
    use ViewAccess::{CopyOnWrite, ExecuteRead, ReadOnly, ReadWrite};
    let handle = case.fresh(&case.name("x"));
    let others = case.map_all(&handle);
    for (mapped, within, beyond) in [
        (ReadOnly, &[ReadOnly][..], &[ReadWrite, ExecuteRead][..]),
        (ReadWrite, &[ReadOnly, ReadWrite], &[ExecuteRead]),
        (CopyOnWrite, &[ReadOnly, CopyOnWrite], &[ReadWrite, ExecuteRead]),
    ] {
        let mut view = case.map(&handle, &whole(mapped));
        for access in within.iter().chain([&mapped]).copied() {
            ok(view.protect(access), &format!("{mapped:?} to {access:?}"));
            assert_eq!(view.access(), access);
            refuse_all(&mut view, beyond);
            if access.is_writable() {
                store(&view, 0, b"written");
                shows(&view, 0, b"written");
            }
        }
        shows(&others, 0, if mapped == ReadWrite { b"written" } else { &[0; 7] });
        store(&others, 0, &[0; 7]);
    }
}

fn refuse_all(view: &mut impl KernelView, beyond: &[ViewAccess]) {
    let before = view.access();
    for access in beyond {
        refused(87, &format!("{before:?} to {access:?}"), view.protect(*access));
        assert_eq!(view.access(), before);
    }
}

/// The same for executable views: execution may be given up and taken again, not gained.
pub fn an_executable_view_changes_within_what_it_was_mapped_with<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    let spec = lasthandle::sys::MappingSpec { protection: Protection::ExecuteReadWrite, ..memory(SIZE) };
    let handle = case.create(&name, spec);
    let mut view = case.map(&handle, &whole(ViewAccess::ExecuteReadWrite));
    for access in [ViewAccess::ReadOnly, ViewAccess::ExecuteRead, ViewAccess::ReadWrite, ViewAccess::ExecuteReadWrite] {
        ok(view.protect(access), &format!("to {access:?}"));
        assert_eq!(view.access(), access);
    }
    store(&view, 0, b"written");
    let mut reader = case.map(&handle, &whole(ViewAccess::ExecuteRead));
    shows(&reader, 0, b"written");
    refuse_all(&mut reader, &[ViewAccess::ReadWrite, ViewAccess::ExecuteReadWrite]);
    let mut plain = case.map(&handle, &whole(ViewAccess::ReadWrite));
    refuse_all(&mut plain, &[ViewAccess::ExecuteRead, ViewAccess::ExecuteReadWrite]);
}
