//! What must hold of any bytes at all that are read as a record, a name or a file name. The fuzz targets under
//! `fuzz/` call these with what they find; a bounded run of the same is `tests/decode.rs`.

use lasthandle::record::{NAME_SPACE, PATH_SPACE, RECORD_BYTES, Record, StoredName, from_wtf8, to_wtf8};
use lasthandle::sys::linux::filename;
use lasthandle::{MAX_UNITS, Name, Namespace};
use zerocopy::IntoBytes;

use crate::record::page;

/// Bytes as a record: the first eight are the size of the file that it ends.
///
/// # Panics
/// If what is read reaches outside the file, or is written back as another record.
pub fn record(data: &[u8]) {
    let Some((size, bytes)) = data.split_first_chunk::<8>() else { return };
    let size = u64::from_le_bytes(*size);
    let mut record = [0; RECORD_BYTES];
    let length = bytes.len().min(RECORD_BYTES);
    record[..length].copy_from_slice(&bytes[..length]);
    let Ok(read) = Record::parse(&record, size, page()) else { return };
    let data = read.backing.as_ref().map_or(read.size, |backing| backing.path_length as u64);
    assert!(data <= size - page() as u64, "{data} bytes of data in a file of {size}");
    if let Some(backing) = &read.backing {
        assert!((1..=PATH_SPACE).contains(&backing.path_length));
    }
    if let Some(name) = &read.name {
        assert!(name.beginning.len() <= name.length.min(NAME_SPACE));
        let _ = name.label();
        if let Some(whole) = name.whole(Namespace::Global) {
            assert_eq!(StoredName::of(&whole).length, name.length, "a name of another length");
        }
    }
    let _ = read.created_at();
    let written: [u8; RECORD_BYTES] = Record::new(&read, page()).as_bytes().try_into().expect("as long");
    assert_eq!(Record::parse(&written, size, page()).as_ref(), Ok(&read), "not the same again");
}

/// Bytes as the UTF-16 units of a name.
///
/// # Panics
/// If a name that is accepted breaks a rule, or does not come back unchanged.
pub fn name(data: &[u8]) {
    let units: Vec<u16> = data.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    assert_eq!(from_wtf8(&to_wtf8(&units)).as_deref(), Some(&units[..]), "units changed on the way");
    if let Some(units) = from_wtf8(data) {
        assert_eq!(to_wtf8(&units), data, "two forms of one name");
    }
    let Ok(name) = Name::from_wide(&units) else { return };
    assert!(units.len() <= MAX_UNITS && !name.units().is_empty());
    assert!(!name.units().contains(&0) && !name.units().contains(&u16::from(b'\\')));
    assert!(Name::from_wide(&name.to_wide()).is_ok_and(|again| again == name), "not the same again");
    assert_eq!(
        StoredName::of(&name).beginning.len() < StoredName::of(&name).length,
        to_wtf8(name.units()).len() > 1024
    );
}

/// Bytes as a file name, and as a name that becomes one.
///
/// # Panics
/// If the file name could leave its directory, be hidden or be too long, or if it leads back to another name.
pub fn file_name(data: &[u8]) {
    let _ = filename::decode(&String::from_utf8_lossy(data));
    let units: Vec<u16> = data.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    let Ok(name) = Name::from_wide(&units) else { return };
    let file = filename::encode(&name);
    assert!(!file.is_empty() && file.len() <= 240 && !file.starts_with('.'));
    assert!(file.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'/'), "{file}");
    assert!(!file.starts_with("%tmp."), "a temporary name: {file}");
    let text = String::from_utf16(name.units());
    if let (Ok(text), false) = (text, file.contains("%~")) {
        assert_eq!(filename::decode(&file), text);
    }
}
