//! Records as bytes, so that tests can put hostile ones in the place of objects.

use lasthandle::record::{Backing, Description, Record, StoredName};
use lasthandle::{Kind, Name, Protection};
use zerocopy::IntoBytes;

/// Bytes of a page here.
pub fn page() -> usize {
    rustix::param::page_size()
}

/// What the record of a plain mapping of `size` bytes says.
///
/// # Panics
/// If the name is no valid one.
pub fn plain(name: &str, size: u64) -> Description {
    Description {
        kind: Kind::Mapping,
        protection: Protection::ReadWrite,
        reserved: false,
        size,
        created: 1,
        creator: 1,
        name: Some(StoredName::of(&Name::new(name).expect("a valid name"))),
        manual: false,
        maximum: 0,
        backing: None,
        root: None,
        dead: false,
    }
}

/// The whole file of an object that a record describes, its data as given and padded with zeros.
///
/// # Panics
/// If the size does not fit in memory.
pub fn file(description: &Description, data: &[u8]) -> Vec<u8> {
    let length = match &description.backing {
        Some(backing) => backing.path_length,
        None => usize::try_from(description.size).expect("a small object"),
    };
    let mut bytes = data.to_vec();
    bytes.resize(length.next_multiple_of(page()), 0);
    let record = bytes.len();
    bytes.extend_from_slice(Record::new(description, page()).as_bytes());
    bytes.resize(record + page(), 0);
    bytes
}

/// A description of a mapping over the file at `path`, which claims everything right but the file handle if it
/// cannot know it.
pub fn over(name: &str, path: &std::path::Path, size: u64) -> Description {
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::MetadataExt;
    let (device, inode) = std::fs::metadata(path).map_or((0, 0), |file| (file.dev(), file.ino()));
    let (handle_type, handle) =
        std::fs::File::open(path).ok().and_then(|file| crate::system::file_handle(&file)).unwrap_or_default();
    let path_length = path.as_os_str().as_bytes().len();
    let backing = Backing { device, inode, handle_type, handle, path_length };
    Description { protection: Protection::ReadOnly, backing: Some(backing), ..plain(name, size) }
}
