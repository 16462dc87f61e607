//! Create, open and create-new: who makes the object, who meets it, and what is looked at first (semantics §1, §2).

use lasthandle::sys::{Disposition, Inventory, Kernel, MappingSpec, Spec};
use lasthandle::{Access, Kind, Protection};

use crate::bytes::store;
use crate::case::{Case, File, SIZE, memory, ok, options, over, shows, view_rights, zeroed};
use crate::fixture::{Disk, Fixture};
use crate::sync::SYNC_KINDS;
use lasthandle::sys::model::FileMode;

/// The first create makes the object, zeroed; the second says that it met it, and shows the same bytes.
pub fn create_says_whether_it_made_or_met_the_object<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    let first = case.fresh(&name);
    let view = case.map_all(&first);
    zeroed(&view);
    store(&view, 0, b"first");
    let (second, disposition) = ok(case.try_create(Some(&name), memory(SIZE)), "create again");
    assert_eq!(disposition, Disposition::Opened);
    assert_eq!(view_rights(case.kernel().access(&second)), Access::READ_WRITE);
    shows(&case.map_all(&second), 0, b"first");
    case.present(&name, SIZE);
}

/// §1.2: an existing object stays what it is, whatever size, protection or memory the second create asks for.
pub fn the_existing_object_wins_entirely<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    let first = case.fresh(&name);
    let view = case.map_all(&first);
    store(&view, 0, b"mine");
    let before = ok(case.kernel().query(&first), "query");
    let others: [MappingSpec<'_, File<F>>; 4] = [
        memory(1),
        memory(16 * SIZE),
        MappingSpec { protection: Protection::ReadOnly, ..memory(SIZE) },
        MappingSpec { reserve: true, ..memory(16 * SIZE) },
    ];
    for spec in others {
        let what = format!("{spec:?}", spec = (spec.size, spec.protection, spec.reserve));
        let (second, disposition) = ok(case.try_create(Some(&name), spec), &what);
        assert_eq!(disposition, Disposition::Opened, "{what}");
        case.queries(&second, F::reported_size(SIZE));
        drop(second);
        let now = ok(case.kernel().query(&first), "query");
        assert_eq!(now, before, "{what} changed the object");
        case.present(&name, SIZE);
        shows(&view, 0, b"mine");
    }
}

/// An existing section of memory wins over a file, too; the file is not touched.
pub fn the_existing_object_wins_over_a_file<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    let first = case.fresh(&name);
    let disk = case.fixture.disk(b"the file");
    let file = disk.open(FileMode::ReadWrite).expect("every system has it");
    let (second, disposition) = ok(case.try_create(Some(&name), over(&file, 0, Protection::ReadWrite)), "create");
    assert_eq!(disposition, Disposition::Opened);
    let view = case.map_all(&second);
    zeroed(&view);
    store(&view, 0, b"the memory");
    shows(&case.map_all(&first), 0, b"the memory");
    assert_eq!(disk.bytes(), b"the file");
    case.present(&name, SIZE);
}

/// Create-new refuses an existing object, and leaves it as it is; a free name it takes.
pub fn create_new_refuses_an_existing_object<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    let exclusive = lasthandle::sys::CreateOptions { exclusive: true, ..options(Access::READ_WRITE) };
    let create_new = || case.kernel().create(Some(&name), &Spec::Mapping(memory(SIZE)), &exclusive);
    let (first, disposition) = ok(create_new(), "create-new of a free name");
    assert_eq!(disposition, Disposition::Created);
    store(&case.map_all(&first), 0, b"mine");
    case.refuses(183, "create-new of a name that is held", create_new);
    case.present(&name, SIZE);
    shows(&case.map_all(&first), 0, b"mine");
    drop(first);
    case.absent(&name);
    drop(ok(create_new(), "create-new after the last handle"));
    case.absent(&name);
}

/// Open never creates.
pub fn open_of_a_missing_name_is_not_found<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    for access in [Access::READ, Access::WRITE, Access::READ_WRITE] {
        case.refuses(2, "open a missing name", || case.try_open(&name, access));
    }
    case.absent(&name);
}

/// As whatever kind one asks for it.
pub fn open_of_a_missing_name_as_any_kind_is_not_found<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    for kind in SYNC_KINDS.into_iter().chain([Kind::Mapping]) {
        case.refuses(2, &format!("open a missing {kind}"), || case.kernel().open(kind, &name, Access::READ, false));
    }
    case.absent(&name);
}

/// Creates badly under a name that is held: each time refused with its code, and the object does not notice.
#[track_caller]
fn refused_though_the_name_is_held<F: Fixture>(case: &Case<F>, bad: Vec<(u32, &str, MappingSpec<'_, File<F>>)>) {
    let name = case.name("x");
    let first = case.fresh(&name);
    store(&case.map_all(&first), 0, b"mine");
    for (code, what, spec) in bad {
        case.refuses(code, what, || case.try_create(Some(&name), spec));
        case.present(&name, SIZE);
        shows(&case.map_all(&first), 0, b"mine");
    }
}

/// §1.2: bad arguments are refused even where the name exists and would win.
pub fn arguments_are_validated_before_the_name<F: Fixture>(case: &Case<F>) {
    let disk = case.fixture.disk(b"bytes");
    let file = disk.open(FileMode::ReadWrite).expect("every system has it");
    let bad = vec![
        (87, "no size and no file", memory(0)),
        (8, "beyond isize", memory(1 << 63)),
        (87, "reserve over a file", MappingSpec { reserve: true, ..over(&file, 0, Protection::ReadWrite) }),
    ];
    refused_though_the_name_is_held(case, bad);
}

/// §1.2: the file is an argument, too.
pub fn the_file_is_validated_before_the_name<F: Fixture>(case: &Case<F>) {
    let disk = case.fixture.disk(b"bytes");
    let read_only = disk.open(FileMode::ReadOnly).expect("every system has it");
    let write_only = disk.open(FileMode::WriteOnly).expect("every system has it");
    let empty = case.fixture.disk(b"");
    let nothing = empty.open(FileMode::ReadWrite).expect("every system has it");
    let bad = vec![
        (5, "read-write over a read-only file", over(&read_only, 0, Protection::ReadWrite)),
        (5, "read-only over a write-only file", over(&write_only, 0, Protection::ReadOnly)),
        (1006, "an empty file", over(&nothing, 0, Protection::ReadWrite)),
        (8, "past the end of a file that may not grow", over(&read_only, 6, Protection::ReadOnly)),
    ];
    refused_though_the_name_is_held(case, bad);
    assert_eq!(disk.bytes(), b"bytes");
}

/// A failed create makes no name, and takes no name away.
pub fn a_failed_create_leaves_no_name<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    let disk = case.fixture.disk(b"bytes");
    let file = disk.open(FileMode::ReadOnly).expect("every system has it");
    case.refuses(87, "no size", || case.try_create(Some(&name), memory(0)));
    case.refuses(8, "too big", || case.try_create(Some(&name), memory(u64::MAX)));
    case.refuses(5, "file is read-only", || case.try_create(Some(&name), over(&file, 0, Protection::ReadWrite)));
    case.refuses(8, "past the file", || case.try_create(Some(&name), over(&file, 6, Protection::ReadOnly)));
    case.absent(&name);
    drop(case.fresh(&name));
    case.absent(&name);
}

/// Rights beyond what the protection gives are refused at create, for a fresh name and for one that is held.
pub fn rights_beyond_the_protection_are_refused<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    let create = |protection, access| {
        let spec = MappingSpec { protection, ..memory(SIZE) };
        case.kernel().create(Some(&name), &Spec::Mapping(spec), &options(access))
    };
    let refused = || {
        for (protection, access) in [
            (Protection::ReadOnly, Access::WRITE),
            (Protection::ReadOnly, Access::READ_WRITE),
            (Protection::WriteCopy, Access::READ_WRITE),
            (Protection::ReadWrite, Access::READ_WRITE | Access::EXECUTE),
            (Protection::ExecuteRead, Access::READ_WRITE | Access::EXECUTE),
        ] {
            case.refuses(5, &format!("{access:?} of {protection:?}"), || create(protection, access));
        }
    };
    refused();
    case.absent(&name);
    let _held = case.fresh(&name);
    refused();
    case.present(&name, SIZE);
}

/// A handle has the rights that create was asked for, not more.
pub fn create_gives_the_rights_asked_for<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    for access in [Access::READ, Access::WRITE, Access::READ_WRITE] {
        let made = case.kernel().create(Some(&name), &Spec::Mapping(memory(SIZE)), &options(access));
        let (first, disposition) = ok(made, "create");
        assert_eq!((disposition, view_rights(case.kernel().access(&first))), (Disposition::Created, access));
        let met = case.kernel().create(Some(&name), &Spec::Mapping(memory(SIZE)), &options(access));
        let (second, disposition) = ok(met, "create again");
        assert_eq!((disposition, view_rights(case.kernel().access(&second))), (Disposition::Opened, access));
        case.present(&name, SIZE);
    }
    case.absent(&name);
}

/// Looking at what exists changes nothing, however often.
pub fn looking_changes_nothing<F: Fixture>(case: &Case<F>) {
    let (name, missing) = (case.name("x"), case.name("missing"));
    let handle = case.fresh(&name);
    store(&case.map_all(&handle), 0, b"mine");
    let before = case.snapshot();
    for _ in 0..5 {
        case.present(&name, SIZE);
        case.absent(&missing);
        ok(case.kernel().collect(true), "collect, dry");
        ok(case.kernel().collect(false), "collect");
        assert_eq!(before, case.snapshot());
    }
    shows(&case.map_all(&handle), 0, b"mine");
    drop(handle);
    case.absent(&name);
}
