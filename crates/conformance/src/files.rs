//! Sections over files (semantics §3).

use lasthandle::sys::model::FileMode;
use lasthandle::sys::{Kernel, KernelView, MapRequest, MappingSpec};
use lasthandle::{GRANULARITY, Protection, ViewAccess};

use crate::bytes::store;
use crate::case::{Case, File, memory, ok, over, shows, whole};
use crate::fixture::{Disk, Fixture};

const PLAIN: [Protection; 3] = [Protection::ReadOnly, Protection::ReadWrite, Protection::WriteCopy];

#[track_caller]
fn open<F: Fixture>(disk: &F::Disk, mode: FileMode) -> File<F> {
    disk.open(mode).unwrap_or_else(|| panic!("no file mode {mode:?}"))
}

/// Size 0 is the file's size, to the byte, on every system; the view shows the file.
pub fn size_zero_is_the_files_size<F: Fixture>(case: &Case<F>) {
    for length in [1, 5, 4095, 4096, 4097, 70_000] {
        let bytes: Vec<u8> = (0..length).map(|at: usize| at.to_le_bytes()[0] ^ 0x5A).collect();
        let disk = case.fixture.disk(&bytes);
        let file = open::<F>(&disk, FileMode::ReadWrite);
        let name = case.name(&length.to_string());
        let handle = case.create(&name, over(&file, 0, Protection::ReadWrite));
        for handle in [&handle, &case.open(&name)] {
            case.queries(handle, length as u64);
            shows(&case.map_all(handle), 0, &bytes);
        }
        assert_eq!(disk.bytes(), bytes);
    }
}

/// A section may be shorter than its file.
pub fn a_section_may_be_shorter_than_the_file<F: Fixture>(case: &Case<F>) {
    let bytes = vec![7; 100_000];
    let disk = case.fixture.disk(&bytes);
    let file = open::<F>(&disk, FileMode::ReadWrite);
    let handle = case.create(&case.name("x"), over(&file, 5000, Protection::ReadWrite));
    case.queries(&handle, 5000);
    shows(&case.map_all(&handle), 0, &bytes[..5000]);
    let past = MapRequest { offset: GRANULARITY, ..whole(ViewAccess::ReadOnly) };
    case.refuses(5, "inside the file, past the section", || case.kernel().map(&handle, &past));
    assert_eq!(disk.bytes(), bytes);
}

/// A file open for reading only gives a read-only or write-copy section, and no read-write one.
pub fn a_read_only_file_gives_no_read_write_section<F: Fixture>(case: &Case<F>) {
    let disk = case.fixture.disk(b"read me");
    let file = open::<F>(&disk, FileMode::ReadOnly);
    let name = case.name("x");
    case.refuses(5, "read-write", || case.try_create(Some(&name), over(&file, 0, Protection::ReadWrite)));
    for protection in [Protection::ReadOnly, Protection::WriteCopy] {
        let handle = case.create(&name, over(&file, 0, protection));
        case.queries(&handle, 7);
        shows(&case.map(&handle, &whole(ViewAccess::ReadOnly)), 0, b"read me");
        let copy = case.map(&handle, &whole(ViewAccess::CopyOnWrite));
        store(&copy, 0, b"WRITTEN");
        shows(&copy, 0, b"WRITTEN");
        case.refuses(5, "write view", || case.kernel().map(&handle, &whole(ViewAccess::ReadWrite)));
        assert_eq!(disk.bytes(), b"read me");
    }
    case.absent(&name);
}

fn gives_no_section<F: Fixture>(case: &Case<F>, mode: FileMode) {
    let disk = case.fixture.disk(b"bytes");
    let file = open::<F>(&disk, mode);
    let name = case.name("x");
    for protection in PLAIN {
        case.refuses(5, &format!("{protection:?}"), || case.try_create(Some(&name), over(&file, 0, protection)));
        case.refuses(5, &format!("{protection:?}, sized"), || case.try_create(Some(&name), over(&file, 3, protection)));
    }
    case.absent(&name);
    assert_eq!(disk.bytes(), b"bytes");
}

/// A file open for writing only gives no section at all: every protection reads.
pub fn a_write_only_file_gives_no_section<F: Fixture>(case: &Case<F>) {
    gives_no_section(case, FileMode::WriteOnly);
}

/// Nor does one that is open for neither.
pub fn a_file_without_access_gives_no_section<F: Fixture>(case: &Case<F>) {
    gives_no_section(case, FileMode::NoAccess);
}

/// An empty file has no size to give.
pub fn an_empty_file_needs_a_size<F: Fixture>(case: &Case<F>) {
    let disk = case.fixture.disk(b"");
    let file = open::<F>(&disk, FileMode::ReadWrite);
    let name = case.name("x");
    for protection in PLAIN {
        case.refuses(1006, &format!("{protection:?}"), || case.try_create(Some(&name), over(&file, 0, protection)));
    }
    case.absent(&name);
    assert_eq!(disk.bytes(), b"");
    let handle = case.create(&name, over(&file, 10, Protection::ReadWrite));
    shows(&case.map_all(&handle), 0, &[0; 10]);
    assert_eq!(disk.bytes(), [0; 10]);
}

/// A section that cannot write cannot extend its file, whatever the file is open for; the file does not grow.
pub fn a_section_that_cannot_write_extends_no_file<F: Fixture>(case: &Case<F>) {
    for mode in [FileMode::ReadOnly, FileMode::ReadWrite] {
        let disk = case.fixture.disk(b"bytes");
        let file = open::<F>(&disk, mode);
        let name = case.name("x");
        for protection in [Protection::ReadOnly, Protection::WriteCopy] {
            for size in [6, 4096, 100_000] {
                let spec = || over(&file, size, protection);
                case.refuses(8, &format!("{protection:?}, {size} bytes"), || case.try_create(Some(&name), spec()));
                assert_eq!(disk.bytes(), b"bytes");
            }
            case.create(&name, over(&file, 5, protection));
        }
        case.absent(&name);
    }
}

/// A read-write section extends its file at once, with zeros.
pub fn a_read_write_section_extends_the_file<F: Fixture>(case: &Case<F>) {
    let disk = case.fixture.disk(b"start");
    let file = open::<F>(&disk, FileMode::ReadWrite);
    let name = case.name("x");
    let handle = case.create(&name, over(&file, 100_000, Protection::ReadWrite));
    let mut expected = b"start".to_vec();
    expected.resize(100_000, 0);
    assert_eq!(disk.bytes(), expected);
    case.queries(&handle, 100_000);
    let view = case.map_all(&handle);
    shows(&view, 0, &expected);
    store(&view, 99_990, b"end");
    ok(view.flush(0, view.length()), "flush");
    expected[99_990..99_993].copy_from_slice(b"end");
    assert_eq!(disk.bytes(), expected);
}

/// What a view writes is in the file after a flush, and stays there after the last handle and view.
pub fn a_flush_makes_writes_visible_in_the_file<F: Fixture>(case: &Case<F>) {
    let disk = case.fixture.disk(&[b'.'; 5000]);
    let file = open::<F>(&disk, FileMode::ReadWrite);
    let name = case.name("x");
    let handle = case.create(&name, over(&file, 0, Protection::ReadWrite));
    let view = case.map_all(&handle);
    store(&view, 4500, b"flushed");
    ok(view.flush(4500, 7), "flush");
    let mut expected = vec![b'.'; 5000];
    expected[4500..4507].copy_from_slice(b"flushed");
    assert_eq!(disk.bytes(), expected);
    store(&view, 0, b"all");
    ok(view.flush(0, view.length()), "flush");
    expected[..3].copy_from_slice(b"all");
    drop((view, handle));
    case.absent(&name);
    assert_eq!(disk.bytes(), expected);
}

/// Flushing memory, or a view that wrote nothing, is fine and does nothing.
pub fn flushing_nothing_is_fine<F: Fixture>(case: &Case<F>) {
    let view = case.map_all(&case.unnamed(memory(8192)));
    store(&view, 0, b"kept");
    ok(view.flush(0, view.length()), "flush memory");
    ok(view.flush(100, 1), "flush a byte of memory");
    shows(&view, 0, b"kept");

    let disk = case.fixture.disk(b"bytes");
    let file = open::<F>(&disk, FileMode::ReadOnly);
    let handle = case.create(&case.name("x"), over(&file, 0, Protection::ReadOnly));
    let reader = case.map(&handle, &whole(ViewAccess::ReadOnly));
    ok(reader.flush(0, reader.length()), "flush a reader");
    assert_eq!(disk.bytes(), b"bytes");
}

/// Openers of the name share the file's bytes without knowing the file.
pub fn openers_share_the_files_bytes<F: Fixture>(case: &Case<F>) {
    let disk = case.fixture.disk(&[0; 4096]);
    let file = open::<F>(&disk, FileMode::ReadWrite);
    let name = case.name("x");
    let first = case.create(&name, over(&file, 0, Protection::ReadWrite));
    let second = case.open(&name);
    drop(file);
    let (one, two) = (case.map_all(&first), case.map_all(&second));
    store(&one, 10, b"to the other");
    shows(&two, 10, b"to the other");
    store(&two, 10, b"and back");
    drop((one, first));
    case.present_with(&name, 4096);
    let again = case.map_all(&case.open(&name));
    shows(&again, 10, b"and back");
    drop(second);
    case.absent(&name);
    shows(&again, 10, b"and back");
}

/// Two names over one file are two objects with the same bytes.
pub fn two_sections_over_one_file_are_coherent<F: Fixture>(case: &Case<F>) {
    let disk = case.fixture.disk(&[0; 4096]);
    let (one, two) = (open::<F>(&disk, FileMode::ReadWrite), open::<F>(&disk, FileMode::ReadWrite));
    let first = case.create(&case.name("1"), over(&one, 0, Protection::ReadWrite));
    let second = case.create(&case.name("2"), over(&two, 0, Protection::ReadWrite));
    store(&case.map_all(&first), 0, b"same bytes");
    shows(&case.map_all(&second), 0, b"same bytes");
    drop(first);
    case.absent(&case.name("1"));
    case.present_with(&case.name("2"), 4096);
}

/// Private writes reach neither the file nor others.
pub fn copies_do_not_reach_the_file<F: Fixture>(case: &Case<F>) {
    let disk = case.fixture.disk(b"original");
    let file = open::<F>(&disk, FileMode::ReadWrite);
    for protection in PLAIN {
        let handle = case.create(&case.name(protection.as_str()), over(&file, 0, protection));
        let copy = case.map(&handle, &whole(ViewAccess::CopyOnWrite));
        store(&copy, 0, b"PRIVATE!");
        ok(copy.flush(0, copy.length()), "flush");
        shows(&copy, 0, b"PRIVATE!");
        shows(&case.map(&handle, &whole(ViewAccess::ReadOnly)), 0, b"original");
        drop(copy);
        assert_eq!(disk.bytes(), b"original");
    }
}

/// A file cannot be reserved, with a size or without.
pub fn a_file_cannot_be_reserved<F: Fixture>(case: &Case<F>) {
    let disk = case.fixture.disk(b"bytes");
    let file = open::<F>(&disk, FileMode::ReadWrite);
    let name = case.name("x");
    for size in [0, 5, 4096] {
        let spec = MappingSpec { reserve: true, ..over(&file, size, Protection::ReadWrite) };
        case.refuses(87, &format!("reserve {size}"), || case.try_create(Some(&name), spec));
    }
    case.absent(&name);
    assert_eq!(disk.bytes(), b"bytes");
}

/// A section over a file without a name works alike.
pub fn an_unnamed_section_over_a_file_works<F: Fixture>(case: &Case<F>) {
    let disk = case.fixture.disk(b"bytes");
    let file = open::<F>(&disk, FileMode::ReadWrite);
    let handle = case.unnamed(over(&file, 0, Protection::ReadWrite));
    drop(file);
    case.queries(&handle, 5);
    let view = case.map_all(&handle);
    store(&view, 0, b"BYTES");
    ok(view.flush(0, view.length()), "flush");
    drop((handle, view));
    assert_eq!(disk.bytes(), b"BYTES");
}
