//! Rights: of handles, of sections, and of duplicates (semantics §1.5, §1.6, §3, §6).

use lasthandle::sys::{Kernel, KernelView, MappingSpec};
use lasthandle::{Access, Kind, Protection, ViewAccess};

use crate::bytes::{load, store};
use crate::case::{Case, SIZE, memory, ok, shows, view_rights, whole};
use crate::fixture::Fixture;
use crate::sync::{SYNC_KINDS, plain};

/// Protections of memory that need no right to execute.
const PLAIN: [Protection; 3] = [Protection::ReadOnly, Protection::ReadWrite, Protection::WriteCopy];

/// The views that each protection permits, as semantics §3 has them; all others are refused with 5.
const PERMITTED: [(Protection, &[ViewAccess]); 6] = {
    use ViewAccess::{CopyOnWrite, ExecuteCopyOnWrite, ExecuteRead, ExecuteReadWrite, ReadOnly, ReadWrite};
    [
        (Protection::ReadOnly, &[ReadOnly, CopyOnWrite]),
        (Protection::ReadWrite, &[ReadOnly, ReadWrite, CopyOnWrite]),
        (Protection::WriteCopy, &[ReadOnly, CopyOnWrite]),
        (Protection::ExecuteRead, &[ReadOnly, CopyOnWrite, ExecuteRead, ExecuteCopyOnWrite]),
        (
            Protection::ExecuteReadWrite,
            &[ReadOnly, ReadWrite, CopyOnWrite, ExecuteRead, ExecuteReadWrite, ExecuteCopyOnWrite],
        ),
        (Protection::ExecuteWriteCopy, &[ReadOnly, CopyOnWrite, ExecuteRead, ExecuteCopyOnWrite]),
    ]
};

fn section<'a, T>(protection: Protection) -> MappingSpec<'a, T> {
    MappingSpec { protection, ..memory(SIZE) }
}

/// §1.5: no right asked for is no handle; the object does not notice. But the name is looked at first: one that nobody
/// has is not found, and another kind's is the wrong kind.
pub fn open_for_nothing_is_denied<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    let held = case.fresh(&name);
    case.refuses(5, "open for nothing", || case.try_open(&name, Access::NONE));
    case.present(&name, SIZE);
    drop(held);
    for kind in Kind::ALL {
        case.refuses(2, &format!("no {kind}"), || case.kernel().open(kind, &name, Access::NONE, false));
    }
    for held_by in SYNC_KINDS {
        let _held = case.sync(&name, &plain(held_by));
        for kind in Kind::ALL {
            let code = if kind == held_by { 5 } else { 6 };
            case.refuses(code, &format!("a {held_by} as a {kind}"), || {
                case.kernel().open(kind, &name, Access::NONE, false)
            });
        }
    }
}

/// §1.6: a handle for writing only maps a write view, and neither a read view nor a copy.
pub fn a_write_only_handle_maps_no_read_view<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    let held = case.fresh(&name);
    let writer = case.open_for(&name, Access::WRITE);
    case.refuses(5, "read view", || case.kernel().map(&writer, &whole(ViewAccess::ReadOnly)));
    case.refuses(5, "copy-on-write view", || case.kernel().map(&writer, &whole(ViewAccess::CopyOnWrite)));
    store(&case.map_all(&writer), 0, b"written");
    shows(&case.map_all(&held), 0, b"written");
}

/// A handle for reading only maps read and copy-on-write views, and no write view.
pub fn a_read_only_handle_maps_no_write_view<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    let held = case.fresh(&name);
    store(&case.map_all(&held), 0, b"read me");
    let reader = case.open_for(&name, Access::READ);
    case.refuses(5, "write view", || case.kernel().map(&reader, &whole(ViewAccess::ReadWrite)));
    shows(&case.map(&reader, &whole(ViewAccess::ReadOnly)), 0, b"read me");
    let copy = case.map(&reader, &whole(ViewAccess::CopyOnWrite));
    store(&copy, 0, b"private");
    shows(&case.map_all(&held), 0, b"read me");
}

/// A handle without the right to execute maps no executable view, whatever the section permits.
pub fn an_executable_view_needs_the_right<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    let held = case.create(&name, section(Protection::ExecuteReadWrite));
    let handle = case.open(&name);
    for access in ViewAccess::ALL.into_iter().filter(|access| access.executes()) {
        case.refuses(5, &format!("{access:?}"), || case.kernel().map(&handle, &whole(access)));
        case.map(&held, &whole(access));
    }
    case.map_all(&handle);
}

/// Maps every kind of view of a fresh section of that protection, with every right the protection gives.
fn every_view_of<F: Fixture>(case: &Case<F>, protection: Protection) {
    let (_, permitted) = PERMITTED.iter().find(|(of, _)| *of == protection).expect("all six are there");
    let name = case.name(protection.as_str());
    let handle = case.create(&name, section(protection));
    for access in ViewAccess::ALL {
        let what = format!("{access:?} of {protection:?}");
        if permitted.contains(&access) {
            let view = ok(case.kernel().map(&handle, &whole(access)), &what);
            assert_eq!(view.access(), access, "{what}");
            assert_eq!(load(&view, 100, 4), [0; 4], "{what}");
        } else {
            case.refuses(5, &what, || case.kernel().map(&handle, &whole(access)));
        }
    }
    case.present(&name, SIZE);
}

/// Read-only, read-write and write-copy sections by all six views.
pub fn plain_protections_by_views<F: Fixture>(case: &Case<F>) {
    for protection in PLAIN {
        every_view_of(case, protection);
    }
}

/// The three executable protections by all six views.
pub fn executable_protections_by_views<F: Fixture>(case: &Case<F>) {
    for protection in Protection::ALL.into_iter().filter(|protection| protection.is_executable()) {
        every_view_of(case, protection);
    }
}

/// A section's protection holds for a handle that has the right to write, too.
pub fn the_section_holds_back_what_the_handle_may<F: Fixture>(case: &Case<F>) {
    for protection in [Protection::ReadOnly, Protection::WriteCopy] {
        let name = case.name(protection.as_str());
        let _held = case.create(&name, section(protection));
        // Whether such a handle can be had at all is the object's permissions' affair; both ends are 5.
        case.refuses(5, &format!("write view of {protection:?}"), || {
            let handle = case.try_open(&name, Access::READ_WRITE)?;
            case.kernel().map(&handle, &whole(ViewAccess::ReadWrite))
        });
        case.present(&name, SIZE);
    }
}

/// Writes to a copy-on-write view stay private, from all three plain protections, also among such views.
pub fn copies_are_private<F: Fixture>(case: &Case<F>) {
    for protection in PLAIN {
        let handle = case.create(&case.name(protection.as_str()), section(protection));
        let shared = case.map(&handle, &whole(ViewAccess::ReadOnly));
        let one = case.map(&handle, &whole(ViewAccess::CopyOnWrite));
        let two = case.map(&handle, &whole(ViewAccess::CopyOnWrite));
        store(&one, 0, b"one");
        store(&two, 0, b"two");
        shows(&one, 0, b"one");
        shows(&two, 0, b"two");
        shows(&shared, 0, &[0; 3]);
        let later = case.map(&handle, &whole(ViewAccess::CopyOnWrite));
        shows(&later, 0, &[0; 3]);
    }
}

/// A copy starts with what is there, and a page once written in it no longer follows the others.
pub fn a_copy_starts_with_the_bytes_there<F: Fixture>(case: &Case<F>) {
    let handle = case.fresh(&case.name("x"));
    let shared = case.map_all(&handle);
    store(&shared, 0, b"before");
    let copy = case.map(&handle, &whole(ViewAccess::CopyOnWrite));
    shows(&copy, 0, b"before");
    store(&copy, 3000, b"mine");
    store(&shared, 0, b"after!");
    shows(&copy, 0, b"before");
    shows(&copy, 3000, b"mine");
    assert_eq!(load(&shared, 3000, 4), [0; 4]);
}

/// §6: a duplicate may have fewer rights, down to none; it is held to them, and the original keeps its own.
pub fn a_duplicate_may_have_fewer_rights<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    let held = case.fresh(&name);
    let lower = |access| ok(case.kernel().duplicate(&held, Some(access), false), "duplicate");
    let (reader, writer, nothing) = (lower(Access::READ), lower(Access::WRITE), lower(Access::NONE));
    for (handle, access) in [(&reader, Access::READ), (&writer, Access::WRITE), (&nothing, Access::NONE)] {
        assert_eq!(view_rights(case.kernel().access(handle)), access);
        for view in [ViewAccess::ReadOnly, ViewAccess::ReadWrite, ViewAccess::CopyOnWrite] {
            let what = format!("{view:?} of a duplicate for {access:?}");
            if access.contains(view.required()) {
                case.map(handle, &whole(view));
            } else {
                case.refuses(5, &what, || case.kernel().map(handle, &whole(view)));
            }
        }
    }
    store(&case.map_all(&held), 0, b"still");
    drop((held, reader, writer));
    case.present(&name, SIZE);
    drop(nothing);
    case.absent(&name);
}

/// A duplicate without rights of its own choosing has the original's.
pub fn a_duplicate_has_the_same_rights<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    let held = case.fresh(&name);
    for access in [Access::READ, Access::WRITE, Access::READ_WRITE] {
        let original = case.open_for(&name, access);
        let same = ok(case.kernel().duplicate(&original, None, false), "duplicate");
        let again = ok(case.kernel().duplicate(&same, Some(access), false), "duplicate");
        for handle in [&same, &again] {
            assert_eq!(view_rights(case.kernel().access(handle)), access);
            case.queries(handle, F::reported_size(SIZE));
        }
    }
    drop(held);
    case.absent(&name);
}

/// A duplicate cannot have more than the handle has; the failed one is no holder.
pub fn a_duplicate_cannot_raise_rights<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    let held = case.fresh(&name);
    let reader = case.open_for(&name, Access::READ);
    let nothing = ok(case.kernel().duplicate(&reader, Some(Access::NONE), false), "duplicate");
    for (handle, access) in [
        (&reader, Access::WRITE),
        (&reader, Access::READ_WRITE),
        (&reader, Access::READ | Access::EXECUTE),
        (&nothing, Access::READ),
        (&held, Access::READ_WRITE | Access::EXECUTE),
    ] {
        case.refuses(5, &format!("raise to {access:?}"), || case.kernel().duplicate(handle, Some(access), false));
    }
    drop((held, reader, nothing));
    case.absent(&name);
}
