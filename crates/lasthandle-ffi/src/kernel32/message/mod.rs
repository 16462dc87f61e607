//! Messages: a sentence for each code that the calls leave, and a program's own texts with values put in.
//!
//! | file | what is in it |
//! |---|---|
//! | `sentences.rs` | the sentences |
//! | `template.rs` | what stands between the values: escapes, lines |
//! | `insert.rs` | the values |

mod insert;
mod sentences;
mod template;

use super::call::{call, export};
use super::code::Code;
use super::heap;
use super::pointer::{Arguments, Narrow, Out, Wide};
use super::text::{Unit, length};
use insert::Inserts;

const ALLOCATE_BUFFER: u32 = 0x100;
const IGNORE_INSERTS: u32 = 0x200;
const FROM_STRING: u32 = 0x400;
const FROM_HMODULE: u32 = 0x800;
const FROM_SYSTEM: u32 = 0x1000;
const ARGUMENT_ARRAY: u32 = 0x2000;
const WIDTH: u32 = 0xFF;

export! {
    /// Writes a message and returns its length without the NUL. The language does not matter: there is one.
    fn FormatMessageA(
        flags: u32,
        source: Narrow,
        code: u32,
        _language: u32,
        buffer: Out<u8>,
        room: u32,
        arguments: Arguments,
    ) -> u32 {
        call(0, || {
            let given = || source.bytes().map(<[u8]>::to_vec);
            Message { flags, arguments, text: text(flags, given, code)? }.deliver(buffer, room)
        })
    }

    /// The same.
    fn FormatMessageW(
        flags: u32,
        source: Wide,
        code: u32,
        _language: u32,
        buffer: Out<u16>,
        room: u32,
        arguments: Arguments,
    ) -> u32 {
        call(0, || {
            let given = || source.units(usize::MAX);
            Message { flags, arguments, text: text(flags, given, code)? }.deliver(buffer, room)
        })
    }
}

/// The text before anything is put in.
fn text<U: Unit>(flags: u32, given: impl FnOnce() -> Option<Vec<U>>, code: u32) -> Result<Vec<U>, Code> {
    if flags & FROM_STRING != 0 {
        given().ok_or(Code::INVALID_PARAMETER)
    } else if flags & FROM_SYSTEM != 0 {
        let sentence = sentences::find(code).ok_or(Code::MESSAGE_NOT_FOUND)?;
        Ok(U::from_narrow(format!("{sentence}\r\n").as_bytes()))
    } else if flags & FROM_HMODULE != 0 {
        Err(Code::RESOURCE_DATA_NOT_FOUND) // no library here has messages in it
    } else {
        Err(Code::INVALID_PARAMETER)
    }
}

struct Message<U> {
    flags: u32,
    arguments: Arguments,
    text: Vec<U>,
}

impl<U: Unit> Message<U> {
    /// Writes the message where it shall be.
    fn deliver(&self, buffer: Out<U>, room: u32) -> Result<u32, Code> {
        let allocates = self.flags & ALLOCATE_BUFFER != 0;
        let missing = if allocates { Code::NOT_ENOUGH_MEMORY } else { Code::INVALID_PARAMETER };
        let buffer = buffer.required().map_err(|_| missing)?;
        let text = self.complete()?;
        if allocates {
            let units = (text.len() + 1).max(room as usize);
            let memory = heap::allocate(units * size_of::<U>(), false).ok_or(Code::NOT_ENOUGH_MEMORY)?;
            let allocated = Out::allocated(memory.cast());
            allocated.text(&text);
            buffer.pointed().write(allocated);
        } else if length(&text) >= room {
            return Err(Code::INSUFFICIENT_BUFFER);
        } else {
            buffer.text(&text);
        }
        Ok(length(&text))
    }

    fn complete(&self) -> Result<Vec<U>, Code> {
        let width = (self.flags & WIDTH) as usize;
        if self.flags & IGNORE_INSERTS != 0 {
            return template::expand(&self.text, width, None);
        }
        let array = self.flags & ARGUMENT_ARRAY != 0;
        let mut inserts = Inserts::new(self.arguments, array, template::last_insert(&self.text));
        template::expand(&self.text, width, Some(&mut inserts))
    }
}

#[cfg(test)]
mod tests;
