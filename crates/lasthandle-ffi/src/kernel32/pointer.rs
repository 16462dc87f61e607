//! The pointers that programs hand to the calls, as types that know what may be done with them.
//!
//! # Safety
//! By the interface, each pointer is null or leads to what its type says, valid for the duration of the call and not
//! touched by others meanwhile (alignment is not asked for). C keeps that promise when it calls; Rust makes it with
//! `from_raw`.
#![allow(unsafe_code)]

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::mem::MaybeUninit;

use lasthandle::{MAX_UNITS, Name};

use super::code::Code;

macro_rules! pointer {
    ($(#[$doc:meta])* $name:ident<$($generic:ident)?>($raw:ty)) => {
        $(#[$doc])*
        #[repr(transparent)]
        #[derive(Clone, Copy)]
        pub(crate) struct $name$(<$generic>)?($raw);

        #[cfg(test)]
        #[allow(dead_code)] // no test needs every kind
        impl$(<$generic>)? $name$(<$generic>)? {
            /// # Safety
            /// See the top of the file.
            pub(crate) unsafe fn from_raw(pointer: $raw) -> Self {
                Self(pointer)
            }
        }
    };
}

pointer!(/// A value to read.
    In<T>(*const T));
pointer!(/// A place to write a result to.
    Out<T>(*mut T));
pointer!(/// A value to read and to change.
    InOut<T>(*mut T));
pointer!(/// A structure of atomics that the program keeps and several calls use at once; aligned.
    InPlace<T>(*const T));
pointer!(/// A structure that says itself how long it is, and may point to others.
    Structure<>(*mut c_void));
pointer!(/// A text of bytes that ends in NUL, in UTF-8.
    Narrow<>(*const c_char));
pointer!(/// A text of UTF-16 units that ends in NUL.
    Wide<>(*const u16));
pointer!(/// What `FormatMessage` puts into its text: an array of words, or a `va_list` of them.
    Arguments<>(*mut usize));

pointer!(/// Texts one after another, narrow or wide, each ending in NUL; one without characters ends them.
    Texts<>(*const c_void));

impl Texts {
    /// All of them, as bytes; none if the pointer is null.
    pub(crate) fn all(self, wide: bool) -> Option<Vec<Vec<u8>>> {
        let (mut texts, mut offset) = (Vec::new(), 0);
        while !self.0.is_null() {
            let at = self.0.wrapping_byte_add(offset);
            let (text, length) = if wide {
                let units = Wide(at.cast()).units(usize::MAX)?;
                (String::from_utf16_lossy(&units).into_bytes(), 2 * units.len() + 2)
            } else {
                let text = Narrow(at.cast()).bytes()?.to_vec();
                let length = text.len() + 1;
                (text, length)
            };
            if text.is_empty() {
                return Some(texts);
            }
            texts.push(text);
            offset += length;
        }
        None
    }
}

impl<T: Copy> In<T> {
    /// The value; none if the pointer is null.
    pub(crate) fn get(self) -> Option<T> {
        // SAFETY: by the interface a value lies there, if the pointer is not null.
        (!self.0.is_null()).then(|| unsafe { self.0.read_unaligned() })
    }

    /// The first `count` values of an array.
    pub(crate) fn array(self, count: usize) -> Result<impl Iterator<Item = T>, Code> {
        if self.0.is_null() && count > 0 {
            return Err(Code::NOACCESS);
        }
        let at = move |index| self.0.wrapping_add(index);
        // SAFETY: by the interface so many values lie there.
        Ok((0..count).map(move |index| unsafe { at(index).read_unaligned() }))
    }
}

impl<T> Out<T> {
    /// Memory that a call made for its result.
    pub(crate) fn allocated(memory: *mut T) -> Self {
        Self(memory)
    }

    /// By the interface of some calls, a flag says that there is a place for a pointer.
    pub(crate) fn pointed(self) -> Out<Self> {
        Out(self.0.cast())
    }

    /// The place, if it must be there.
    pub(crate) fn required(self) -> Result<Self, Code> {
        if self.0.is_null() { Err(Code::NOACCESS) } else { Ok(self) }
    }

    /// Writes there, if it is a place.
    pub(crate) fn write(self, value: T) {
        if !self.0.is_null() {
            // SAFETY: by the interface a value may be written there.
            unsafe { self.0.write_unaligned(value) };
        }
    }
}

impl In<u8> {
    /// So many bytes to read.
    pub(crate) fn bytes(&self, count: usize) -> Result<&[u8], Code> {
        match count {
            0 => Ok(&[]),
            _ if self.0.is_null() => Err(Code::NOACCESS),
            // SAFETY: by the interface so many bytes lie there, for the duration of the call.
            _ => Ok(unsafe { std::slice::from_raw_parts(self.0, count) }),
        }
    }
}

impl Out<u8> {
    /// Room for so many bytes.
    pub(crate) fn bytes(&mut self, count: usize) -> Result<&mut [MaybeUninit<u8>], Code> {
        match count {
            0 => Ok(&mut []),
            _ if self.0.is_null() => Err(Code::NOACCESS),
            // SAFETY: by the interface so many bytes may be written there, for the duration of the call.
            _ => Ok(unsafe { std::slice::from_raw_parts_mut(self.0.cast(), count) }),
        }
    }
}

impl<T: Copy> Out<T> {
    /// Writes values one after another.
    pub(crate) fn write_all(self, values: impl IntoIterator<Item = T>) {
        for (index, value) in values.into_iter().enumerate() {
            Self(self.0.wrapping_add(index)).write(value);
        }
    }
}

impl<T: Copy> InOut<T> {
    /// The value; none if the pointer is null.
    pub(crate) fn get(self) -> Option<T> {
        In(self.0.cast_const()).get()
    }

    /// Writes there, if it is a place.
    pub(crate) fn write(self, value: T) {
        Out(self.0).write(value);
    }
}

impl<T> InPlace<T> {
    /// The structure; none if the pointer is null, or leads to none by its alignment.
    pub(crate) fn get<'a>(self) -> Option<&'a T> {
        // SAFETY: by the interface it lies there until the program ends it, which it does in no other call's midst; of
        // atomics, any bytes are valid and others may change them.
        if self.0.is_aligned() { unsafe { self.0.as_ref() } } else { None }
    }
}

impl Structure {
    /// What a structure says lies there.
    pub(crate) fn at(address: usize) -> Self {
        Self(std::ptr::with_exposed_provenance_mut(address))
    }

    /// What it says lies so many bytes behind its beginning.
    pub(crate) fn inside(self, offset: usize) -> Self {
        Self(self.0.wrapping_byte_add(offset))
    }

    pub(crate) fn is_null(self) -> bool {
        self.0.is_null()
    }

    /// For another structure to point to it.
    pub(crate) fn address(self) -> usize {
        self.0.expose_provenance()
    }

    /// A few bytes of it, which are there by what it is, or by what was read before.
    pub(crate) fn read<const N: usize>(self, offset: usize) -> [u8; N] {
        // SAFETY: by the interface so many bytes lie there.
        unsafe { self.inside(offset).0.cast::<[u8; N]>().read_unaligned() }
    }

    /// The same, for more of them.
    pub(crate) fn bytes(self, offset: usize, count: usize) -> Vec<u8> {
        (offset..offset + count).map(|at| self.read::<1>(at)[0]).collect()
    }

    /// Changes bytes of it.
    pub(crate) fn write(self, offset: usize, bytes: &[u8]) {
        // SAFETY: by the interface so many bytes may be written there; nobody else touches them meanwhile.
        unsafe { self.inside(offset).0.cast::<u8>().copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
    }
}

/// A name as it was given.
pub(crate) enum Given {
    /// A null pointer.
    Nothing,
    /// A text without characters.
    Empty,
    /// A name by the rules.
    Name(Name),
}

impl Given {
    fn parse(units: &[u16]) -> Result<Self, Code> {
        if units.is_empty() { Ok(Self::Empty) } else { Ok(Self::Name(Name::from_wide(units)?)) }
    }

    /// The name of an object to create; none creates one without a name.
    pub(crate) fn optional(self) -> Option<Name> {
        match self {
            Self::Name(name) => Some(name),
            Self::Nothing | Self::Empty => None,
        }
    }

    /// The name of an object to open.
    pub(crate) fn required(self) -> Result<Name, Code> {
        match self {
            Self::Name(name) => Ok(name),
            Self::Empty => Err(Code::INVALID_HANDLE),
            Self::Nothing => Err(Code::INVALID_PARAMETER),
        }
    }
}

impl Narrow {
    /// A word that is a text by the interface.
    pub(crate) fn argument(word: usize) -> Self {
        Self(std::ptr::with_exposed_provenance(word))
    }

    /// The bytes before the NUL, or so many; none if the pointer is null.
    pub(crate) fn units(self, most: usize) -> Option<Vec<u8>> {
        units(self.0.cast(), most)
    }
}

impl Wide {
    /// A word that is a text by the interface.
    pub(crate) fn argument(word: usize) -> Self {
        Self(std::ptr::with_exposed_provenance(word))
    }
}

unsafe extern "C" {
    /// The C library's; a `va_list` is handed on as the address of its state on all systems that this is built for.
    fn vsnprintf(to: *mut c_char, room: usize, format: *const c_char, list: *mut c_void) -> c_int;
}

impl Arguments {
    /// The first words of an array; none if there is no array.
    pub(crate) fn array(self, count: usize) -> Option<Vec<usize>> {
        In(self.0.cast_const()).array(count).ok().map(Iterator::collect)
    }

    /// The first words of a `va_list`; none if there is no list. How one is read is the C library's secret: it prints
    /// the words, and they are read from that.
    pub(crate) fn list(self, count: usize) -> Option<Vec<usize>> {
        const ROOM: usize = 17; // a word in hexadecimal digits, and a space
        if count == 0 {
            return Some(Vec::new());
        }
        if self.0.is_null() {
            return None;
        }
        let format = CString::new("%lx ".repeat(count)).ok()?;
        let mut text = vec![0_u8; count * ROOM + 1];
        // SAFETY: the format asks for words, of which by the interface there are as many as the message has places; and
        // there is room for them.
        let length = unsafe { vsnprintf(text.as_mut_ptr().cast(), text.len(), format.as_ptr(), self.0.cast()) };
        let text = std::str::from_utf8(text.get(..usize::try_from(length).ok()?)?).ok()?;
        text.split_ascii_whitespace().map(|word| usize::from_str_radix(word, 16).ok()).collect()
    }
}

/// Longest name of a narrow call, in UTF-16 units.
const MAX_NARROW: usize = 260;

/// A text's units before the NUL, or so many; none if the pointer is null.
fn units<T: Copy + Default + PartialEq>(text: *const T, most: usize) -> Option<Vec<T>> {
    let at = |index| text.wrapping_add(index);
    // SAFETY: by the interface the text goes on until its NUL, at which this ends, or has so many units.
    let unit = |index| unsafe { at(index).read_unaligned() };
    (!text.is_null()).then(|| (0..most).map(unit).take_while(|unit| *unit != T::default()).collect())
}

impl Narrow {
    /// The bytes before the NUL; none if the pointer is null.
    pub(crate) fn bytes(&self) -> Option<&[u8]> {
        // SAFETY: by the interface a text that ends in NUL lies there, if the pointer is not null.
        (!self.0.is_null()).then(|| unsafe { CStr::from_ptr(self.0) }.to_bytes())
    }

    /// The same; none if it is a number, which no address is so small as.
    pub(crate) fn bytes_unless_number(&self) -> Option<&[u8]> {
        if u16::try_from(self.0.addr()).is_ok() { None } else { self.bytes() }
    }

    /// What is not UTF-8 becomes U+FFFD, as on Windows with that code page.
    pub(crate) fn name(self) -> Result<Given, Code> {
        let Some(text) = self.bytes() else {
            return Ok(Given::Nothing);
        };
        // No unit takes more than three bytes: what is longer needs not be read.
        let text = &text[..text.len().min(4 * MAX_NARROW)];
        let units: Vec<u16> = String::from_utf8_lossy(text).encode_utf16().collect();
        if units.len() > MAX_NARROW { Err(Code::FILENAME_EXCED_RANGE) } else { Given::parse(&units) }
    }
}

impl Wide {
    /// The units before the NUL, or so many; none if the pointer is null.
    pub(crate) fn units(self, most: usize) -> Option<Vec<u16>> {
        units(self.0, most)
    }

    pub(crate) fn name(self) -> Result<Given, Code> {
        // One unit beyond the longest name is enough to refuse it.
        self.units(MAX_UNITS + 1).map_or(Ok(Given::Nothing), |units| Given::parse(&units))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_end_with_an_empty_one() {
        let all = |block: &[u16], wide| {
            // SAFETY: the blocks end as they must.
            unsafe { Texts::from_raw(block.as_ptr().cast()) }.all(wide)
        };
        let wide: Vec<u16> = "a=1\0b=é\0\0".encode_utf16().collect();
        assert_eq!(all(&wide, true), Some(vec![b"a=1".to_vec(), "b=é".as_bytes().to_vec()]));
        assert_eq!(all(&[u16::from_le_bytes([b'x', 0]), 0], false), Some(vec![b"x".to_vec()]));
        assert_eq!(all(&[0, 0], true), Some(vec![]));
        // SAFETY: null is a value that means none.
        assert_eq!(unsafe { Texts::from_raw(std::ptr::null()) }.all(true), None);
    }
}
