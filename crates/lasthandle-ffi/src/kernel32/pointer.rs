//! The pointers that programs hand to the calls, as types that know what may be done with them.
//!
//! # Safety
//! By the interface, each pointer is null or leads to what its type says, valid for the duration of the call and not
//! touched by others meanwhile (alignment is not asked for). C keeps that promise when it calls; Rust makes it with
//! `from_raw`.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char};
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
pointer!(/// A text of bytes that ends in NUL, in UTF-8.
    Narrow<>(*const c_char));
pointer!(/// A text of UTF-16 units that ends in NUL.
    Wide<>(*const u16));

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

/// Longest name of a narrow call, in UTF-16 units.
const MAX_NARROW: usize = 260;

impl Narrow {
    /// The bytes before the NUL; none if the pointer is null.
    pub(crate) fn bytes(&self) -> Option<&[u8]> {
        // SAFETY: by the interface a text that ends in NUL lies there, if the pointer is not null.
        (!self.0.is_null()).then(|| unsafe { CStr::from_ptr(self.0) }.to_bytes())
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
        let at = |index| self.0.wrapping_add(index);
        // SAFETY: by the interface the text goes on until its NUL, at which this ends.
        let unit = |index| unsafe { at(index).read_unaligned() };
        (!self.0.is_null()).then(|| (0..most).map(unit).take_while(|unit| *unit != 0).collect())
    }

    pub(crate) fn name(self) -> Result<Given, Code> {
        // One unit beyond the longest name is enough to refuse it.
        self.units(MAX_UNITS + 1).map_or(Ok(Given::Nothing), |units| Given::parse(&units))
    }
}
