//! Names: which are legal, which are the same, and who else may hold them (semantics §2).

use lasthandle::sys::{Inventory, Kernel};
use lasthandle::{Access, Kind, MAX_UNITS, Name};

use crate::bytes::{load, store};
use crate::case::{Case, Handle, SIZE, memory, ok, refused, short, shows};
use crate::fixture::Fixture;
use crate::sync::{SYNC_KINDS, plain};

/// Names that a file system or a path parser might mistake for something else, all legal and all different.
const ODD: [&str; 30] = [
    "/",
    "//",
    ".",
    "..",
    "./",
    "../",
    "../x",
    "%",
    "%%",
    "%2F",
    "%2f",
    "%2E",
    ":",
    "a:b",
    " ",
    "  ",
    "a/b",
    "a%2Fb",
    "-",
    "~",
    "\n",
    "\u{7f}",
    "é",
    "e\u{301}",
    "日本",
    "\u{1F980}",
    "\u{FFFD}",
    "nul",
    "*?\"<>|",
    "$HOME",
];

/// Creates each name with a section of its own and asserts that all of them are different objects.
#[track_caller]
fn all_distinct<F: Fixture>(case: &Case<F>, names: &[Name]) {
    let made: Vec<(&Name, Handle<F>)> = names.iter().map(|name| (name, case.fresh(name))).collect();
    for (mark, (_, handle)) in (1_u16..).zip(&made) {
        store(&case.map_all(handle), 0, &mark.to_le_bytes());
    }
    for (mark, (name, _)) in (1_u16..).zip(&made) {
        case.present(name, SIZE);
        let seen = load(&case.map_all(&case.open(name)), 0, 2);
        assert_eq!(seen, mark.to_le_bytes(), "{} is its own object", short(name));
    }
    drop(made);
    for name in names {
        case.absent(name);
    }
}

/// Asserts that both names lead to one object.
#[track_caller]
fn same_object<F: Fixture>(case: &Case<F>, one: &Name, other: &Name) {
    let handle = case.fresh(one);
    store(&case.map_all(&handle), 0, b"one object");
    case.present(other, SIZE);
    shows(&case.map_all(&case.open(other)), 0, b"one object");
    drop(handle);
    case.absent(one);
    case.absent(other);
}

/// A name of exactly `units` UTF-16 units, prefix included.
fn long_name(start: &str, end: &str, units: usize) -> Name {
    let middle = units - start.len() - end.len();
    let name = Name::new(&format!("{start}{}{end}", "n".repeat(middle))).expect("a valid name");
    assert!(name.to_wide().len() <= MAX_UNITS);
    name
}

/// `x` and `X` are two names.
pub fn case_matters<F: Fixture>(case: &Case<F>) {
    all_distinct(case, &[case.name("name"), case.name("Name"), case.name("NAME"), case.name("ÉÉ"), case.name("éé")]);
}

/// `Local\x` and `x` are one name.
pub fn a_bare_name_is_a_local_name<F: Fixture>(case: &Case<F>) {
    let tag = case.fixture.tag();
    let (bare, local) = (Name::new(&format!("{tag}x")), Name::new(&format!("Local\\{tag}x")));
    same_object(case, &ok(bare, "bare"), &ok(local, "local"));
}

/// `Global\x` and `x` are two names.
pub fn a_global_name_is_another_name<F: Fixture>(case: &Case<F>) {
    let tag = case.fixture.tag();
    let global = ok(Name::new(&format!("Global\\{tag}x")), "global");
    all_distinct(case, &[case.name("x"), global]);
}

/// Every character but `\` is legal after the row's own beginning, and no two such names meet.
pub fn odd_characters_are_legal_and_keep_names_apart<F: Fixture>(case: &Case<F>) {
    let names: Vec<Name> = ODD.iter().map(|odd| case.name(odd)).collect();
    all_distinct(case, &names);
}

/// The same for names that are nothing else: `.` and `/` alone, in both name spaces. The only row whose names
/// other processes might use, so only one process at a time may run it in one session.
pub fn odd_names_are_legal_on_their_own<F: Fixture>(case: &Case<F>) {
    let spaces = ["", "Global\\"];
    let names = spaces.iter().flat_map(|space| ODD.iter().map(move |odd| Name::new(&format!("{space}{odd}"))));
    let names: Vec<Name> = names.map(|name| ok(name, "an odd name")).collect();
    all_distinct(case, &names);
}

/// Names are UTF-16 units, not text: a lone surrogate is legal and is not the replacement character.
pub fn lone_surrogates_are_legal_and_distinct<F: Fixture>(case: &Case<F>) {
    let with = |units: &[u16]| {
        let units: Vec<u16> = case.fixture.tag().encode_utf16().chain(units.iter().copied()).collect();
        ok(Name::from_wide(&units), "a name with a lone surrogate")
    };
    all_distinct(case, &[with(&[0xD800]), with(&[0xDC00]), with(&[0xD801]), with(&[0xFFFD]), with(&[0xDC00, 0xD800])]);
}

/// A name of any length up to the longest leads to its object, around every length where a file name might end.
pub fn names_of_any_length_work<F: Fixture>(case: &Case<F>) {
    let start = format!("Local\\{}", case.fixture.tag());
    let lengths = [200, 230, 240, 250, 255, 256, 257, 300, 1000, 4095, 4096, 5000, 20_000, MAX_UNITS - 1, MAX_UNITS];
    let names: Vec<Name> = lengths.iter().map(|length| long_name(&start, "", *length)).collect();
    all_distinct(case, &names);
}

/// A bare name may be as long as any, though it is a `Local\\` name that nobody could spell out.
pub fn the_longest_bare_name_works<F: Fixture>(case: &Case<F>) {
    let names = [MAX_UNITS - 6, MAX_UNITS - 5, MAX_UNITS].map(|units| {
        let tag = case.fixture.tag();
        ok(Name::new(&format!("{tag}{}", "n".repeat(units - tag.len()))), "a long bare name")
    });
    all_distinct(case, &names);
}

/// Long names that differ only at their end are different objects, and a short name that looks like a long one's
/// beginning is another one still.
pub fn long_names_with_one_beginning_are_distinct<F: Fixture>(case: &Case<F>) {
    let start = format!("Local\\{}", case.fixture.tag());
    let longest = ["a", "b", "A", "é"].map(|end| long_name(&start, end, MAX_UNITS - 1));
    all_distinct(case, &longest);
    let middling = [200, 254, 255, 256, 300].map(|length| long_name(&start, "z", length));
    all_distinct(case, &middling);
}

/// What is no name gets the code that Windows gives, and no kernel ever sees it.
pub fn bad_names_are_refused_with_windows_codes<F: Fixture>(case: &Case<F>) {
    let before = case.snapshot();
    let longest = "n".repeat(MAX_UNITS + 1);
    let bad = [
        ("", 6),
        ("\\x", 161),
        ("Local\\", 123),
        ("Global\\", 123),
        ("a\\b", 3),
        ("Local\\a\\b", 3),
        ("local\\x", 3),
        ("a\0b", 123),
        (&longest, 123),
    ];
    for (name, code) in bad {
        refused(code, &format!("the name {name:.20?}"), Name::new(name));
    }
    assert_eq!(before, case.snapshot());
}

/// A mapping can be neither created nor opened under a name that another kind holds; the holder does not notice.
pub fn a_name_of_another_kind_is_the_wrong_kind<F: Fixture>(case: &Case<F>) {
    for kind in SYNC_KINDS {
        let name = case.name(kind.as_str());
        let held = case.sync(&name, &plain(kind));
        let stands = || {
            let entry = ok(case.kernel().inspect(&name), "inspect");
            assert_eq!(entry.info.expect("it lives").kind, kind);
        };
        stands();
        case.refuses(6, &format!("create over a {kind}"), || case.try_create(Some(&name), memory(SIZE)));
        stands();
        case.refuses(6, &format!("open a {kind}"), || case.try_open(&name, Access::READ));
        case.refuses(87, "bad arguments come first", || case.try_create(Some(&name), memory(0)));
        stands();
        drop(held);
        case.absent(&name);
        drop(case.fresh(&name));
    }
}

/// Create-new of a name that another kind holds is the wrong kind, not an existing object.
pub fn create_new_meets_another_kind<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    let _held = case.sync(&name, &plain(Kind::Event));
    let exclusive = lasthandle::sys::CreateOptions { exclusive: true, ..crate::case::options(Access::READ_WRITE) };
    let spec = || lasthandle::sys::Spec::Mapping(memory(SIZE));
    case.refuses(6, "create-new over an event", || case.kernel().create(Some(&name), &spec(), &exclusive));
}

/// A mapping's name cannot be taken by another kind; the mapping and its bytes stay.
pub fn another_kind_cannot_take_a_mappings_name<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    let handle = case.fresh(&name);
    store(&case.map_all(&handle), 0, b"mine");
    for kind in SYNC_KINDS {
        case.refuses(6, &format!("create a {kind}"), || case.try_sync(Some(&name), &plain(kind)));
        case.present(&name, SIZE);
        shows(&case.map_all(&handle), 0, b"mine");
    }
}

/// A mapping cannot be opened as another kind; it stays what it is.
pub fn a_mapping_opens_as_no_other_kind<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    let handle = case.fresh(&name);
    store(&case.map_all(&handle), 0, b"mine");
    for kind in SYNC_KINDS {
        case.refuses(6, &format!("open a mapping as a {kind}"), || {
            case.kernel().open(kind, &name, Access::READ, false)
        });
        case.present(&name, SIZE);
    }
    shows(&case.map_all(&handle), 0, b"mine");
}

/// Nobody can make a job yet, but its name is looked for like any other: missing, or another kind's.
pub fn a_job_is_not_found_or_another_kind<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    let open = || case.kernel().open(Kind::Job, &name, Access::QUERY, false);
    case.refuses(2, "no job", open);
    let mapping = case.fresh(&name);
    case.refuses(6, "a mapping as a job", open);
    case.present(&name, SIZE);
    drop(mapping);
    for kind in SYNC_KINDS {
        let _held = case.sync(&name, &plain(kind));
        case.refuses(6, &format!("a {kind} as a job"), open);
    }
}
