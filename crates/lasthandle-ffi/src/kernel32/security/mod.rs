//! Security descriptors, as far as they say that an object is open to everybody, or is not.
//!
//! | file | what is in it |
//! |---|---|
//! | `descriptor.rs` | descriptors, and what they mean here |
//! | `acl.rs`, `sid.rs` | lists of who may do what, and who that is |
//! | `sddl.rs` | descriptors as text |

mod acl;
mod descriptor;
mod sddl;
mod sid;
#[cfg(test)]
mod tests;

use std::ffi::c_void;

use acl::{ALLOWS, Ace, DENIES};
pub(crate) use descriptor::{What, permissions};
use sid::Sid;

use super::call::{call, export, succeeds};
use super::code::Code;
use super::heap;
use super::pointer::{In, Narrow, Out, Structure, Wide};
use super::types::BOOL;

/// No text is longer.
const LONGEST: usize = 1 << 16;

export! {
    /// Makes a descriptor that says nothing.
    fn InitializeSecurityDescriptor(descriptor: Structure, revision: u32) -> BOOL {
        succeeds(|| descriptor::initialize(descriptor, revision))
    }

    /// Says who may do what; a null list: everybody all.
    fn SetSecurityDescriptorDacl(descriptor: Structure, present: BOOL, list: Structure, defaulted: BOOL) -> BOOL {
        succeeds(|| descriptor::set_list(descriptor, present != 0, list, defaulted != 0))
    }

    /// Whether a descriptor can be used.
    fn IsValidSecurityDescriptor(descriptor: Structure) -> BOOL {
        succeeds(|| descriptor::check(descriptor))
    }

    /// Makes a descriptor of a text; to be freed by `LocalFree`.
    fn ConvertStringSecurityDescriptorToSecurityDescriptorA(
        text: Narrow,
        revision: u32,
        descriptor: Out<*mut c_void>,
        size: Out<u32>,
    ) -> BOOL {
        let text = text.bytes().map(|text| String::from_utf8_lossy(text).into_owned());
        succeeds(|| convert(text, revision, descriptor, size))
    }

    /// The same.
    fn ConvertStringSecurityDescriptorToSecurityDescriptorW(
        text: Wide,
        revision: u32,
        descriptor: Out<*mut c_void>,
        size: Out<u32>,
    ) -> BOOL {
        let text = text.units(LONGEST).map(|text| String::from_utf16_lossy(&text));
        succeeds(|| convert(text, revision, descriptor, size))
    }

    /// Makes an empty list.
    fn InitializeAcl(list: Structure, length: u32, revision: u32) -> BOOL {
        succeeds(|| acl::initialize(list, length, revision))
    }

    /// Adds to a list that somebody may do something.
    fn AddAccessAllowedAce(list: Structure, revision: u32, rights: u32, who: Structure) -> BOOL {
        succeeds(|| add(list, revision, ALLOWS, rights, who))
    }

    /// The same: may not.
    fn AddAccessDeniedAce(list: Structure, revision: u32, rights: u32, who: Structure) -> BOOL {
        succeeds(|| add(list, revision, DENIES, rights, who))
    }

    /// Makes an identifier of an authority and up to eight numbers; to be freed by `FreeSid`.
    #[allow(clippy::too_many_arguments)] // Windows' own
    fn AllocateAndInitializeSid(
        authority: In<[u8; 6]>,
        count: u8,
        number0: u32,
        number1: u32,
        number2: u32,
        number3: u32,
        number4: u32,
        number5: u32,
        number6: u32,
        number7: u32,
        sid: Out<*mut c_void>,
    ) -> BOOL {
        succeeds(|| {
            let numbers = [number0, number1, number2, number3, number4, number5, number6, number7];
            let numbers = numbers.get(..usize::from(count)).ok_or(Code::INVALID_SID)?;
            let made = Sid::new(authority.get().ok_or(Code::NOACCESS)?, numbers).ok_or(Code::INVALID_SID)?;
            let place = sid.required()?;
            place.write(allocated(made.bytes())?);
            Ok(())
        })
    }

    /// Frees one, and returns null.
    fn FreeSid(sid: *mut c_void) -> *mut c_void {
        heap::LocalFree(sid)
    }

    /// Whether an identifier can be used.
    fn IsValidSid(sid: Structure) -> BOOL {
        call(0, || Ok(Sid::read(sid).is_some().into()))
    }

    /// The bytes of an identifier.
    fn GetLengthSid(sid: Structure) -> u32 {
        call(0, || Ok(Sid::read(sid).map_or(0, |sid| u32::try_from(sid.bytes().len()).unwrap_or(0))))
    }
}

fn add(list: Structure, revision: u32, kind: u8, rights: u32, who: Structure) -> Result<(), Code> {
    let who = Sid::read(who).ok_or(Code::INVALID_SID)?;
    acl::add(list, revision, &Ace { kind, flags: 0, rights, who })
}

fn convert(text: Option<String>, revision: u32, place: Out<*mut c_void>, size: Out<u32>) -> Result<(), Code> {
    let (text, place) = text.zip(place.required().ok()).ok_or(Code::INVALID_PARAMETER)?;
    if revision != 1 {
        return Err(Code::UNKNOWN_REVISION);
    }
    let bytes = sddl::parse(&text)?.bytes()?;
    place.write(allocated(&bytes)?);
    size.write(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
    Ok(())
}

/// A copy that the program frees.
fn allocated(bytes: &[u8]) -> Result<*mut c_void, Code> {
    let memory = heap::allocate(bytes.len(), true).ok_or(Code::NOT_ENOUGH_MEMORY)?;
    Structure::at(memory.expose_provenance()).write(0, bytes);
    Ok(memory)
}
