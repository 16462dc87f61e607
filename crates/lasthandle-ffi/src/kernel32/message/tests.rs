//! Messages: what the programs in C do not look at.
//!
//! # Safety
//! Every pointer given to a call is null or a local variable's.
#![allow(unsafe_code)]

use std::ptr::null_mut;

use super::*;
use crate::kernel32::pointer::Arguments;
use crate::kernel32::tests::*;

/// A text with two values, and the last error.
fn array(source: &[u8], values: [usize; 2], room: u32) -> (Vec<u8>, u32) {
    let mut buffer = [7; 300];
    let mut values = values;
    // SAFETY: a local variable, as large as the call may think.
    let to = unsafe { Out::from_raw(buffer.as_mut_ptr()) };
    // SAFETY: as above.
    let from = unsafe { Arguments::from_raw(values.as_mut_ptr()) };
    let flags = FROM_STRING | ARGUMENT_ARRAY;
    let (length, error) = tried(|| narrow(source, |source| FormatMessageA(flags, source, 0, 0, to, room, from)));
    let terminator = buffer[length as usize];
    assert!(if error == 12345 { terminator == 0 } else { length == 0 && terminator == 7 }, "the NUL, or nothing");
    (buffer[..length as usize].to_vec(), error)
}

#[test]
fn formats_that_are_none_are_refused() {
    for format in ["!!", "!q!", "!*d!", "!5!", "!99999999d!", "!.99999999d!", "!d d!", "!\u{FF}!"] {
        assert_eq!(array(format!("%1{format}").as_bytes(), [0x41, 0], 300), (vec![], 87), "{format}");
    }
    let text = c"text".as_ptr().expose_provenance();
    assert_eq!(array(b"%1!d", [text, 0], 300), (b"text!d".to_vec(), 12345), "not a format without its end");
    assert_eq!(array(b"%", [0, 0], 300), (vec![], 87));
    assert_eq!(array(b"%2!d!", [0, 10], 2), (vec![], 122), "no room for the NUL");
}

#[test]
fn numbers_look_as_printf_would_print_them() {
    let negative = 0_usize.wrapping_sub(1);
    for (format, value, expected) in [
        ("d", negative, "-1"),
        ("u", negative, "4294967295"),
        ("I64u", negative, "18446744073709551615"),
        ("lld", 1 << 63, "-9223372036854775808"),
        ("d", 1 << 31, "-2147483648"),
        ("5d", 3, "    3"),
        ("-5d", 3, "3    "),
        ("05d", negative, "-0001"),
        ("+05d", 3, "+0003"),
        ("5.3d", 3, "  003"),
        ("#06x", 0xAB, "0x00ab"),
        ("#x", 0, "0"),
        ("p", 0xAB, "00000000000000AB"),
        ("o", 8, "10"),
        ("3c", 0x41, "  A"),
    ] {
        let found = array(format!("%2!{format}!").as_bytes(), [0, value], 300);
        assert_eq!(found, (expected.as_bytes().to_vec(), 12345), "{format}");
    }
}

#[test]
fn allocated_messages_are_as_long_as_was_asked_for_at_least() {
    let mut place: *mut u8 = null_mut();
    // SAFETY: with the flag, a place for a pointer.
    let to = unsafe { Out::from_raw((&raw mut place).cast()) };
    // SAFETY: null is allowed.
    let none = unsafe { Arguments::from_raw(null_mut()) };
    let flags = FROM_SYSTEM | ALLOCATE_BUFFER;
    let (length, error) = tried(|| FormatMessageA(flags, no_name(), 5, 0, to, 4096, none));
    assert!(length > 5 && error == 12345);
    // SAFETY: it has the length that was asked for.
    unsafe { place.wrapping_add(4095).write(1) };
    // SAFETY: as above.
    let text = unsafe { std::slice::from_raw_parts(place, length as usize + 1) };
    assert!(text.ends_with(b"\r\n\0"));
    assert_eq!(crate::kernel32::heap::LocalFree(place.cast()), null_mut());
    let mut unknown: *mut u8 = std::ptr::without_provenance_mut(8);
    // SAFETY: as above.
    let to = unsafe { Out::from_raw((&raw mut unknown).cast()) };
    assert_eq!(tried(|| FormatMessageA(flags, no_name(), 7, 0, to, 0, none)), (0, 317));
    assert_eq!(unknown.addr(), 8, "not written");
    let mut buffer = [0; 9];
    // SAFETY: as above.
    let to = unsafe { Out::from_raw(buffer.as_mut_ptr()) };
    assert_eq!(tried(|| FormatMessageA(FROM_HMODULE, no_name(), 5, 0, to, 9, none)), (0, 1812));
    assert_eq!(tried(|| FormatMessageA(FROM_STRING, no_name(), 5, 0, to, 9, none)), (0, 87));
    assert_eq!(tried(|| FormatMessageA(FROM_SYSTEM, no_name(), 5, 0, nowhere(), 9, none)), (0, 87));
}
