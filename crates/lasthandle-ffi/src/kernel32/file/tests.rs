//! The calls about files, where a program in C would not look, or Wine answers otherwise.
//!
//! # Safety
//! Every pointer given to a call is null or a local variable's.
#![allow(unsafe_code)]

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::ptr::{null, null_mut};

use super::entry::*;
use super::open::*;
use super::position::*;
use super::temporary::*;
use super::transfer::*;
use crate::kernel32::handle::{CloseHandle, DuplicateHandle};
use crate::kernel32::pointer::{In, InOut, Out};
use crate::kernel32::section::CreateFileMappingA;
use crate::kernel32::tests::*;
use crate::kernel32::types::{CURRENT_PROCESS, HANDLE, Overlapped};

const READ: u32 = 0x8000_0000;
const WRITE: u32 = 0x4000_0000;

fn opened(path: &Path, access: u32, disposition: u32, flags: u32) -> (HANDLE, u32) {
    let path = path.to_str().unwrap().as_bytes();
    tried(|| narrow(path, |path| CreateFileA(path, access, 7, none(), disposition, flags, null_mut())))
}

fn bytes(text: &[u8]) -> In<u8> {
    // SAFETY: a reference outlives the call.
    unsafe { In::from_raw(text.as_ptr()) }
}

fn nothing() -> InOut<Overlapped> {
    // SAFETY: null is allowed.
    unsafe { InOut::from_raw(null_mut()) }
}

fn at(overlapped: &mut Overlapped) -> InOut<Overlapped> {
    // SAFETY: a reference outlives the call.
    unsafe { InOut::from_raw(overlapped) }
}

fn room<T>(buffer: &mut [T]) -> Out<T> {
    // SAFETY: as above.
    unsafe { Out::from_raw(buffer.as_mut_ptr()) }
}

const REQUEST: Overlapped = Overlapped { internal: 9, internal_high: 9, offset: 0, offset_high: 0, event: null_mut() };

#[test]
fn truncating_needs_the_right_to_write_and_so_does_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    std::fs::write(&path, "text").unwrap();
    assert_eq!(opened(&path, READ, 5, 0), (CURRENT_PROCESS, 87));
    let (file, error) = opened(&path, READ, 3, 0);
    assert_eq!(error, 0);
    assert_eq!(tried(|| SetEndOfFile(file)), (0, 5));
    CloseHandle(file);
    assert_eq!(std::fs::read(&path).unwrap(), b"text");
    let (file, error) = opened(&path, READ, 2, 0);
    assert_eq!(error, 183, "created anew, although the handle may only read");
    let mut count = 9;
    assert_eq!(tried(|| WriteFile(file, bytes(b"x"), 1, out(&mut count), nothing())), (0, 5));
    assert_eq!((count, std::fs::metadata(&path).unwrap().len()), (0, 0));
    CloseHandle(file);
}

#[test]
fn what_nobody_may_write_is_not_written_truncated_or_deleted_by_root_either() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let (file, error) = opened(&path, WRITE, 1, 1);
    assert_eq!(error, 0);
    assert_eq!(tried(|| WriteFile(file, bytes(b"7"), 1, nowhere(), nothing())), (1, 12345), "who creates it may");
    CloseHandle(file);
    for disposition in [2, 3, 4, 5] {
        assert_eq!(opened(&path, READ | WRITE, disposition, 0), (CURRENT_PROCESS, 5), "{disposition}");
    }
    let named = |body: fn(_) -> u32| tried(|| narrow(path.to_str().unwrap().as_bytes(), body));
    assert_eq!(named(|path| DeleteFileA(path).unsigned_abs()), (0, 5));
    assert_eq!(named(|path| GetFileAttributesA(path)), (0x21, 12345));
    assert_eq!(std::fs::read(&path).unwrap(), b"7");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(opened(&path, WRITE, 2, 1).1, 183);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o400, "the attribute is the new one");
}

#[test]
fn a_pointer_beyond_32_bits_needs_a_place_for_its_upper_half() {
    let folder = tempfile::tempdir().unwrap();
    let (file, _) = opened(&folder.path().join("file"), READ | WRITE, 1, 0);
    let mut place = 0;
    assert_eq!(tried(|| SetFilePointerEx(file, 1 << 32, out(&mut place), 0)), (1, 12345));
    // SAFETY: null is allowed.
    let no_place = || unsafe { InOut::from_raw(null_mut()) };
    assert_eq!(tried(|| SetFilePointer(file, 0, no_place(), 1)), (u32::MAX, 87));
    assert_eq!(tried(|| SetFilePointerEx(file, i64::MAX, out(&mut place), 1)), (0, 87));
    assert_eq!(tried(|| SetFilePointerEx(file, i64::MIN, out(&mut place), 1)), (0, 131));
    assert_eq!(tried(|| GetFileSizeEx(file, nowhere())), (0, 998));
    assert_eq!(place, 1 << 32, "not written");
    CloseHandle(file);
}

#[test]
fn an_overlapped_file_wants_an_offset_and_has_no_pointer() {
    let folder = tempfile::tempdir().unwrap();
    let (file, _) = opened(&folder.path().join("file"), READ | WRITE, 1, 0x4000_0000);
    let event = event(true, true);
    assert_eq!(tried(|| WriteFile(file, bytes(b"abcdef"), 6, nowhere(), nothing())), (0, 87));
    let mut request = Overlapped { event, ..REQUEST };
    assert_eq!(tried(|| WriteFile(file, bytes(b"abcdef"), 6, nowhere(), at(&mut request))), (1, 12345));
    assert_eq!((request.internal, request.internal_high), (0, 6));
    let mut buffer = [0; 4];
    request.offset = 4;
    let mut count = 9;
    assert_eq!(tried(|| ReadFile(file, room(&mut buffer), 4, out(&mut count), at(&mut request))), (1, 12345));
    assert_eq!((count, &buffer[..2]), (2, b"ef".as_slice()));
    assert_eq!(tried(|| GetOverlappedResult(file, at(&mut request), out(&mut count), 1)), (1, 12345));
    request.offset = 6;
    assert_eq!(tried(|| ReadFile(file, room(&mut buffer), 4, out(&mut count), at(&mut request))), (0, 38));
    assert_eq!((count, request.internal), (0, 0xC000_0011));
    assert_eq!(tried(|| GetOverlappedResult(file, at(&mut request), out(&mut count), 1)), (0, 38));
    request.offset_high = u32::MAX;
    assert_eq!(tried(|| ReadFile(file, room(&mut buffer), 4, out(&mut count), at(&mut request))), (0, 87));
    request.event = file;
    assert_eq!(tried(|| ReadFile(file, room(&mut buffer), 4, out(&mut count), at(&mut request))), (0, 6));
    CloseHandle(event);
    CloseHandle(file);
}

#[test]
fn the_pointer_of_a_synchronous_file_stands_behind_each_transfer() {
    let folder = tempfile::tempdir().unwrap();
    let (file, _) = opened(&folder.path().join("file"), READ | WRITE, 1, 0);
    let mut place = 0;
    let mut stands = || {
        assert_eq!(SetFilePointerEx(file, 0, out(&mut place), 1), 1);
        place
    };
    let mut request = Overlapped { offset: 7, ..REQUEST };
    assert_eq!(WriteFile(file, bytes(b"abc"), 3, nowhere(), at(&mut request)), 1);
    assert_eq!(stands(), 10);
    request.offset = 2;
    assert_eq!(ReadFile(file, room(&mut [0; 4]), 4, nowhere(), at(&mut request)), 1);
    assert_eq!(stands(), 6);
    request.offset = u32::MAX;
    request.offset_high = u32::MAX;
    assert_eq!(WriteFile(file, bytes(b"de"), 2, nowhere(), at(&mut request)), 1);
    assert_eq!(stands(), 12);
    CloseHandle(file);
}

#[test]
fn a_mapping_needs_the_rights_of_the_handle_whatever_the_system_opened() {
    let folder = tempfile::tempdir_in("/dev/shm").unwrap();
    let path = folder.path().join("file");
    let map = |file, protect, high| tried(|| CreateFileMappingA(file, none(), protect, high, 4096, no_name()));
    let (file, _) = opened(&path, READ | WRITE, 1, 0);
    let mut copy = null_mut();
    assert_eq!(DuplicateHandle(CURRENT_PROCESS, file, CURRENT_PROCESS, out(&mut copy), READ, 0, 0), 1);
    assert_eq!(map(file, 4, 1 << 18), (null_mut(), 112), "so much room is on no disk");
    assert_eq!(std::fs::metadata(&path).unwrap().len(), 0);
    let (mapping, error) = map(file, 4, 0);
    assert_eq!(error, 0);
    CloseHandle(mapping);
    assert_eq!(map(copy, 4, 0), (null_mut(), 5));
    assert_eq!(map(file, 0x20, 0), (null_mut(), 5), "to execute is a right, too");
    let (runs, _) = opened(&path, READ | 0x2000_0000, 3, 0);
    let (mapping, error) = map(runs, 0x20, 0);
    assert_eq!(error, 0);
    for handle in [file, copy, mapping, runs] {
        assert_eq!(CloseHandle(handle), 1);
    }
}

#[test]
fn null_pointers_are_refused_where_something_must_be_there() {
    let folder = tempfile::tempdir().unwrap();
    let (file, _) = opened(&folder.path().join("file"), READ | WRITE, 1, 0);
    // SAFETY: null is allowed.
    let no_bytes = || unsafe { In::from_raw(null()) };
    assert_eq!(tried(|| WriteFile(file, no_bytes(), 1, nowhere(), nothing())), (0, 998));
    assert_eq!(tried(|| WriteFile(file, no_bytes(), 0, nowhere(), nothing())), (1, 12345));
    assert_eq!(tried(|| ReadFile(file, nowhere(), 1, nowhere(), nothing())), (0, 998));
    assert_eq!(tried(|| ReadFile(file, nowhere(), 0, nowhere(), nothing())), (1, 12345));
    assert_eq!(tried(|| DeleteFileA(no_name())), (0, 3));
    assert_eq!(tried(|| GetFileAttributesA(no_name())), (u32::MAX, 3));
    assert_eq!(tried(|| CreateFileA(no_name(), 0, 0, none(), 3, 0, null_mut())), (CURRENT_PROCESS, 3));
    assert_eq!(tried(|| CreateFileA(no_name(), 0, 8, none(), 3, 0, null_mut())), (CURRENT_PROCESS, 87));
    assert_eq!(tried(|| GetTempFileNameA(no_name(), no_name(), 1, nowhere())), (0, 87));
    assert_eq!(tried(|| GetTempPathA(260, nowhere())), (0, 998));
    CloseHandle(file);
}

#[test]
fn names_that_no_text_can_have_are_refused_and_all_others_meet() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &[u16]| -> Vec<u16> {
        folder.path().to_str().unwrap().encode_utf16().chain([0x5C]).chain(name.iter().copied()).collect()
    };
    let lone = path(&[0xD800]);
    let create = |path| CreateFileW(path, WRITE, 0, none(), 1, 0, null_mut());
    assert_eq!(tried(|| wide(&lone, create)), (CURRENT_PROCESS, 123));
    assert_eq!(tried(|| wide(&vec![0x61; 32_768], create)), (CURRENT_PROCESS, 206));
    assert_eq!(tried(|| wide(&path(&[0x61; 256]), create)), (CURRENT_PROCESS, 206));
    let (file, error) = tried(|| wide(&path(&[0xFC, 0xD83D, 0xDE00]), create));
    assert_eq!(error, 0);
    CloseHandle(file);
    let narrowed = folder.path().join("ü😀");
    assert!(narrowed.is_file());
    let (file, error) = opened(&narrowed, READ, 3, 0);
    assert_eq!(error, 0);
    CloseHandle(file);
}

#[test]
fn a_doomed_file_has_its_name_until_its_last_handle_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let (file, _) = opened(&path, READ | WRITE, 1, 0x0400_0000);
    let (other, error) = opened(&path, READ, 3, 0);
    assert_eq!(error, 0);
    let mut copy = null_mut();
    assert_eq!(DuplicateHandle(CURRENT_PROCESS, file, CURRENT_PROCESS, out(&mut copy), 0, 0, 2), 1);
    CloseHandle(file);
    assert!(path.is_file());
    CloseHandle(copy);
    assert!(!path.exists());
    let (file, _) = opened(&path, READ | WRITE, 1, 0x0400_0000);
    std::fs::rename(&path, folder.path().join("elsewhere")).unwrap();
    std::fs::write(&path, "another").unwrap();
    CloseHandle(file);
    assert!(path.is_file(), "another file is not deleted");
    CloseHandle(other);
}

#[test]
fn a_temporary_name_that_does_not_fit_is_refused() {
    let long = vec![b'a'; 247];
    let mut buffer = [0; 260];
    let name = |folder: &[u8], buffer: &mut [u8]| {
        tried(|| narrow(folder, |folder| GetTempFileNameA(folder, no_name(), 1, room(buffer))))
    };
    assert_eq!(name(&long, &mut buffer), (0, 111));
    assert_eq!(name(&long[1..], &mut buffer), (0, 267));
    assert_eq!(buffer[0], 0, "not written");
    assert_eq!(name(b"/tmp", &mut buffer), (1, 12345));
    assert_eq!(&buffer[..11], b"/tmp/1.TMP\0");
}

#[test]
fn three_threads_on_one_file_and_a_fourth_that_closes_it() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..100 {
        let path = folder.path().join(round.to_string());
        let (file, error) = opened(&path, READ | WRITE, 1, 0x0400_0000);
        assert_eq!(error, 0);
        let value = file.addr();
        let again = move || -> HANDLE { std::ptr::without_provenance_mut(value) };
        std::thread::scope(|scope| {
            scope.spawn(move || while WriteFile(again(), bytes(b"abc"), 3, nowhere(), nothing()) != 0 {});
            scope.spawn(move || {
                let mut buffer = [0; 8];
                while ReadFile(again(), room(&mut buffer), 8, nowhere(), nothing()) != 0 {}
            });
            scope.spawn(move || while SetFilePointerEx(again(), 0, nowhere(), 0) != 0 && GetFileType(again()) == 1 {});
            scope.spawn(move || {
                std::thread::yield_now();
                assert_eq!(CloseHandle(again()), 1);
            });
        });
        assert!(!path.exists(), "closed by the last of them");
    }
}
