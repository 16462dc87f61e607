//! `Permissions` as Windows' security attributes.
//!
//! # Safety
//! The pointers that Windows hands out here are owned by [`Local`], which frees each once; what is read through
//! them is read while it lives.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::{ptr, slice};

use windows_sys::Win32::Foundation::{HANDLE, LocalFree};
use windows_sys::Win32::Security::Authorization::{
    ConvertSidToStringSidW, ConvertStringSecurityDescriptorToSecurityDescriptorW, SDDL_REVISION_1,
};
use windows_sys::Win32::Security::{
    GetTokenInformation, PSECURITY_DESCRIPTOR, PSID, SECURITY_ATTRIBUTES, TOKEN_INFORMATION_CLASS, TOKEN_PRIMARY_GROUP,
    TOKEN_QUERY, TOKEN_USER, TokenPrimaryGroup, TokenUser,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

use super::{error, nt};
use crate::access::Permissions;
use crate::error::{Error, ErrorKind, Result};

/// What a `Create…` call takes to know who may open the object and whether children inherit the handle.
pub(super) struct Security {
    attributes: SECURITY_ATTRIBUTES,
    _descriptor: Option<Local>,
}

impl Security {
    pub(super) fn new(permissions: &Permissions, inheritable: bool) -> Result<Self> {
        let descriptor = sddl(permissions)?.map(|text| parse(&text)).transpose()?;
        let mut attributes = SECURITY_ATTRIBUTES {
            nLength: 0,
            lpSecurityDescriptor: descriptor.as_ref().map_or(ptr::null_mut(), |local| local.0),
            bInheritHandle: inheritable.into(),
        };
        attributes.nLength = nt::length_of(&attributes);
        Ok(Self { attributes, _descriptor: descriptor })
    }

    /// Valid as long as `self`.
    pub(super) fn as_ptr(&self) -> *const SECURITY_ATTRIBUTES {
        &raw const self.attributes
    }
}

/// The text form. None: the token's default, which is the user and the system.
///
/// Wider permissions grant everything (`GA`): programs that meet the object through a plain `Create…` call ask for
/// every right there is.
fn sddl(permissions: &Permissions) -> Result<Option<String>> {
    match permissions {
        Permissions::Owner => Ok(None),
        Permissions::Group => {
            let token = Token::of_this_process()?;
            let (user, group) = (token.user()?, token.primary_group()?);
            Ok(Some(format!("D:(A;;GA;;;SY)(A;;GA;;;{user})(A;;GA;;;{group})")))
        }
        Permissions::Everyone => Ok(Some("D:(A;;GA;;;WD)".into())),
        Permissions::SecurityDescriptor(text) => Ok(Some(text.clone())),
        Permissions::Mode(_) => Err(Error::new(ErrorKind::Unsupported)
            .detail("Windows has no Unix modes")
            .cure("say group, everyone, or give a security descriptor")),
    }
}

fn parse(text: &str) -> Result<Local> {
    let refuse = |error: Error| error.detail(format!("`{text}` is no security descriptor"));
    let wide: Vec<u16> = text.encode_utf16().chain([0]).collect();
    if wide[..wide.len() - 1].contains(&0) {
        return Err(refuse(Error::new(ErrorKind::InvalidParameter)));
    }
    let mut descriptor: PSECURITY_DESCRIPTOR = ptr::null_mut();
    // SAFETY: `wide` ends with a NUL, and `descriptor` is a live place for the result.
    let done = unsafe {
        ConvertStringSecurityDescriptorToSecurityDescriptorW(
            wide.as_ptr(),
            SDDL_REVISION_1,
            &raw mut descriptor,
            ptr::null_mut(),
        )
    };
    if done == 0 { Err(refuse(error::last())) } else { Ok(Local(descriptor)) }
}

/// Memory that Windows allocated for us and wants back through `LocalFree`.
struct Local(*mut c_void);

impl Drop for Local {
    fn drop(&mut self) {
        // SAFETY: allocated by the call that filled the field, and freed here only.
        unsafe { LocalFree(self.0) };
    }
}

/// Who this process runs as.
struct Token(OwnedHandle);

impl Token {
    fn of_this_process() -> Result<Self> {
        // SAFETY: returns a constant.
        let this = unsafe { GetCurrentProcess() };
        let mut token: HANDLE = ptr::null_mut();
        // SAFETY: `token` is a live place for the result.
        if unsafe { OpenProcessToken(this, TOKEN_QUERY, &raw mut token) } == 0 {
            return Err(error::last());
        }
        // SAFETY: the call succeeded, so `token` is a new handle that nothing else owns.
        Ok(Self(unsafe { OwnedHandle::from_raw_handle(token) }))
    }

    fn user(&self) -> Result<String> {
        let words = self.information(TokenUser)?;
        // SAFETY: Windows filled the aligned, large enough buffer with this structure.
        let info = unsafe { words.as_ptr().cast::<TOKEN_USER>().read() };
        // SAFETY: the SID lies behind the structure in `words`, which lives on.
        unsafe { sid_text(info.User.Sid) }
    }

    fn primary_group(&self) -> Result<String> {
        let words = self.information(TokenPrimaryGroup)?;
        // SAFETY: Windows filled the aligned, large enough buffer with this structure.
        let info = unsafe { words.as_ptr().cast::<TOKEN_PRIMARY_GROUP>().read() };
        // SAFETY: the SID lies behind the structure in `words`, which lives on.
        unsafe { sid_text(info.PrimaryGroup) }
    }

    /// A structure, and behind it the SID that it points to: on the heap, so that it stays where it is. The largest
    /// SID has 68 bytes.
    fn information(&self, class: TOKEN_INFORMATION_CLASS) -> Result<Box<[u64]>> {
        let mut words = vec![0_u64; 32].into_boxed_slice();
        let mut written = 0;
        // SAFETY: the buffer is live and the length is its size.
        let done = unsafe {
            GetTokenInformation(
                self.0.as_raw_handle(),
                class,
                words.as_mut_ptr().cast(),
                nt::length_of(&*words),
                &raw mut written,
            )
        };
        if done == 0 { Err(error::last()) } else { Ok(words) }
    }
}

/// The text form of a SID, such as `S-1-5-32-545`.
///
/// # Safety
/// `sid` points to a whole SID.
unsafe fn sid_text(sid: PSID) -> Result<String> {
    let mut text: *mut u16 = ptr::null_mut();
    // SAFETY: a whole SID by the caller's promise; `text` is a live place for the result.
    if unsafe { ConvertSidToStringSidW(sid, &raw mut text) } == 0 {
        return Err(error::last());
    }
    let text = Local(text.cast());
    let start = text.0.cast::<u16>();
    let mut length = 0;
    // SAFETY: every unit up to the closing NUL lies in the string that Windows allocated.
    while unsafe { start.wrapping_add(length).read() } != 0 {
        length += 1;
    }
    // SAFETY: that many units were just read; the string lives until `text` is dropped, after the copy.
    Ok(String::from_utf16_lossy(unsafe { slice::from_raw_parts(start, length) }))
}
