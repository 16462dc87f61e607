//! What a channel carries: bytes of any length, or values of one type.
#![allow(clippy::inline_always)] // a call costs as much as the rest: `docs/design/channels.md`

use zerocopy::{FromBytes, Immutable, IntoBytes};

use super::layout::Fingerprint;

/// What messages are: `[u8]`, bytes of any length up to the channel's longest, received as `Vec<u8>`; or any `T` that is
/// plain bytes (`zerocopy`), at least one, received as `T`.
///
/// ```compile_fail
/// let sender = lasthandle::channel::Sender::<()>::create("Local\\Nothing"); // an event does that
/// ```
///
/// Nobody else can implement it.
pub trait Payload: sealed::Sealed {
    /// What is received.
    type Owned;
}

pub(crate) mod sealed {
    /// How the library handles a message.
    pub trait Sealed {
        /// As in [`super::Payload`].
        type Received;
        /// What both sides must agree on: bytes (0: any number), and alignment.
        const SIZE: usize;
        /// See above.
        const ALIGN: usize;
        /// The message's bytes.
        fn bytes(&self) -> &[u8];
        /// A message of `length` bytes that `fill` writes; none: it has not that length.
        fn received(length: usize, fill: impl FnOnce(&mut [u8])) -> Option<Self::Received>;
    }
}

impl Payload for [u8] {
    type Owned = Vec<u8>;
}

impl sealed::Sealed for [u8] {
    type Received = Vec<u8>;
    const SIZE: usize = 0;
    const ALIGN: usize = 1;

    #[inline(always)]
    fn bytes(&self) -> &[u8] {
        self
    }

    #[inline(always)]
    fn received(length: usize, fill: impl FnOnce(&mut [u8])) -> Option<Vec<u8>> {
        let mut bytes = vec![0; length];
        fill(&mut bytes);
        Some(bytes)
    }
}

impl<T: FromBytes + IntoBytes + Immutable> Payload for T {
    type Owned = T;
}

impl<T: FromBytes + IntoBytes + Immutable> sealed::Sealed for T {
    type Received = T;
    const SIZE: usize = {
        assert!(size_of::<T>() > 0, "a value without bytes carries nothing: an event or a semaphore does that");
        size_of::<T>()
    };
    const ALIGN: usize = align_of::<T>();

    #[inline(always)]
    fn bytes(&self) -> &[u8] {
        self.as_bytes()
    }

    #[inline(always)]
    fn received(length: usize, fill: impl FnOnce(&mut [u8])) -> Option<T> {
        if length != size_of::<T>() {
            return None;
        }
        let mut value = T::new_zeroed();
        fill(value.as_mut_bytes());
        Some(value)
    }
}

pub(crate) fn fingerprint<T: sealed::Sealed + ?Sized>(name: Option<&str>) -> Fingerprint {
    let plain = Fingerprint { size: T::SIZE as u64, align: T::ALIGN as u64, name: 0 };
    name.map_or(plain, |name| plain.named(name))
}
