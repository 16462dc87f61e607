//! What texts and bytes mean, and that nothing beyond a structure's own size is read.

use lasthandle::Permissions;

use super::descriptor::{self, What, permissions};
use super::sid::Sid;
use super::{acl, sddl};
use crate::kernel32::code::Code;
use crate::kernel32::pointer::Structure;

/// Memory that ends where it says: what reads further hits a page that cannot be touched.
struct Fenced {
    start: *mut u8,
    length: usize,
}

const PAGE: usize = 4096;

#[allow(unsafe_code)]
impl Fenced {
    fn new(bytes: &[u8]) -> Self {
        use rustix::mm::{MapFlags, MprotectFlags, ProtFlags, mmap_anonymous, mprotect};
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: the kernel chooses a free range.
        let pages = unsafe { mmap_anonymous(std::ptr::null_mut(), 2 * PAGE, protection, MapFlags::PRIVATE) }.unwrap();
        // SAFETY: the second of the two pages.
        unsafe { mprotect(pages.wrapping_byte_add(PAGE), PAGE, MprotectFlags::empty()) }.unwrap();
        let start = pages.cast::<u8>().wrapping_add(PAGE - bytes.len());
        // SAFETY: the end of the first page.
        unsafe { start.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
        Self { start, length: bytes.len() }
    }

    fn place(&self) -> Structure {
        Structure::at(self.start.expose_provenance())
    }
}

#[allow(unsafe_code)]
impl Drop for Fenced {
    fn drop(&mut self) {
        let pages = self.start.wrapping_add(self.length).wrapping_sub(PAGE).cast();
        // SAFETY: exactly what `new` mapped.
        unsafe { rustix::mm::munmap(pages, 2 * PAGE) }.unwrap();
    }
}

fn means(text: &str, what: What) -> Result<Permissions, Code> {
    permissions(Fenced::new(&sddl::parse(text)?.bytes()?).place(), what)
}

#[test]
fn texts_mean_everybody_readers_or_the_owner() {
    use Permissions::{Everyone, Mode, Owner};
    for (text, sync, section) in [
        ("", Owner, Owner),
        ("O:BAG:SY", Owner, Owner),
        ("D:", Owner, Owner),
        ("D:NO_ACCESS_CONTROL", Everyone, Everyone),
        ("D:(A;;GA;;;WD)", Everyone, Everyone),
        ("D:(A;;GA;;;S-1-1-0)", Everyone, Everyone),
        ("D:P(A;;GA;;;SY)(A;;0x1F0003;;;AU)", Everyone, Everyone),
        ("D:(A;;GRGW;;;BU)S:(ML;;NW;;;LW)", Everyone, Everyone),
        ("D:(A;OICI;GA;;;BA)(A;;GA;;;SY)", Owner, Owner),
        ("D:(A;;GA;;;CO)", Owner, Owner),
        ("D:(A;;GR;;;WD)", Owner, Mode(0o644)),
        ("D:(A;;0x100000;;;WD)", Everyone, Owner),
        ("D:(A;IO;GA;;;WD)", Owner, Owner),
        ("D:(D;;GA;;;BU)(A;;GA;;;WD)", Owner, Owner),
        ("D:(A;;GA;;;WD)(D;;GA;;;S-1-5-21-1-2-3-1001)", Owner, Owner),
        ("D:(D;;GA;;;NU)(A;;GA;;;WD)", Everyone, Everyone),
        (" O:BA D:AI ( A ; ; GA ; ; ; WD ) ", Everyone, Everyone),
    ] {
        assert_eq!(means(text, What::Sync), Ok(sync), "{text}");
        assert_eq!(means(text, What::Section), Ok(section), "{text}");
    }
}

#[test]
fn other_texts_are_refused() {
    for (text, code) in [
        ("x", 87),
        ("D", 87),
        ("X:(A;;GA;;;WD)", 87),
        ("D:Q(A;;GA;;;WD)", 87),
        ("D:(A;;GA;;;WD", 1336),
        ("D:(A;;GA;;WD)", 1336),
        ("D:(A;;GAX;;;WD)", 1336),
        ("D:(A;;ZZ;;;WD)", 1336),
        ("D:(XA;;GA;;;WD)", 1336),
        ("D:(A;QQ;GA;;;WD)", 1336),
        ("D:(A;;0x;;;WD)", 1336),
        ("D:(A;;GA;;;WD)rest", 1336),
        ("D:(A;;GA;;;ZZ)", 1337),
        ("O:ZZ", 1337),
        ("D:(A;;\u{fc}\u{fc};;;WD)", 1336),
    ] {
        assert_eq!(means(text, What::Sync).unwrap_err(), Code(code), "{text}");
    }
}

#[test]
fn damaged_descriptors_are_refused_and_not_read_past_their_end() {
    let good = sddl::parse("O:BAG:SYD:P(A;;GA;;;WD)(A;;GA;;;S-1-5-32-545)").unwrap().bytes().unwrap();
    let list = usize::try_from(u32::from_le_bytes(good[16..20].try_into().unwrap())).unwrap();
    // The sizes that the list and its entries say; what they say stays inside.
    for at in [list, list + 2, list + 4, list + 10, list + 17] {
        for value in 0..=u8::try_from(good.len() - list).unwrap() {
            let mut damaged = good.clone();
            damaged[at] = value;
            let _ = permissions(Fenced::new(&damaged).place(), What::Section);
        }
    }
    for revision in [0, 2, 255] {
        let mut other = good.clone();
        other[0] = revision;
        assert_eq!(permissions(Fenced::new(&other).place(), What::Sync), Err(Code::UNKNOWN_REVISION));
        assert_eq!(descriptor::check(Fenced::new(&other).place()), Err(Code::INVALID_SECURITY_DESCR));
    }
    // A descriptor in pieces: no list, so that not more than its forty bytes is needed.
    let absolute = Fenced::new(&[0xEE; 40]);
    descriptor::initialize(absolute.place(), 1).unwrap();
    assert_eq!(permissions(absolute.place(), What::Sync), Ok(Permissions::Owner));
    descriptor::set_list(absolute.place(), true, Structure::at(0), false).unwrap();
    assert_eq!(permissions(absolute.place(), What::Sync), Ok(Permissions::Everyone));
    assert_eq!(descriptor::initialize(absolute.place(), 2), Err(Code::UNKNOWN_REVISION));
    assert_eq!(
        descriptor::set_list(Fenced::new(&good).place(), true, Structure::at(0), false),
        Err(Code::INVALID_SECURITY_DESCR)
    );
}

#[test]
fn a_list_is_filled_until_there_is_no_room() {
    let world = Sid::parse("WD").unwrap();
    let entry = |rights| acl::Ace { kind: acl::ALLOWS, flags: 0, rights, who: world.clone() };
    let list = Fenced::new(&[0xEE; 8 + 2 * 20 + 19]);
    let length = u32::try_from(list.length).unwrap();
    assert_eq!(acl::add(list.place(), 2, &entry(1)), Err(Code::INVALID_ACL), "not initialized");
    assert_eq!(acl::initialize(list.place(), 7, 2), Err(Code::INSUFFICIENT_BUFFER));
    for revision in [0, 1, 5, 258] {
        assert_eq!(acl::initialize(list.place(), length, revision), Err(Code::INVALID_PARAMETER));
    }
    acl::initialize(list.place(), length, 2).unwrap();
    assert_eq!(acl::read(list.place()), Ok(vec![]));
    assert_eq!(acl::add(list.place(), 5, &entry(1)), Err(Code::REVISION_MISMATCH));
    acl::add(list.place(), 2, &entry(1)).unwrap();
    acl::add(list.place(), 4, &entry(2)).unwrap();
    assert_eq!(acl::add(list.place(), 2, &entry(3)), Err(Code::ALLOTTED_SPACE_EXCEEDED));
    assert_eq!(acl::read(list.place()), Ok(vec![entry(1), entry(2)]));
}
