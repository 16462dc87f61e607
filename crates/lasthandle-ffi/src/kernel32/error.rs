//! The last error of the thread.

use super::call::{self, export};
use super::code::Code;

export! {
    /// The code that the last call of this thread left that left one.
    fn GetLastError() -> u32 {
        call::last_error().0
    }

    /// Sets it.
    fn SetLastError(code: u32) {
        call::call((), || {
            call::set_last_error(Code(code));
            Ok(())
        });
    }
}
