//! The current value of a record: one writes it, any number read it.

use std::marker::PhantomData;
use std::sync::Arc;

use super::damaged;
use super::end::{Deadline, End};
use super::latest_cell::{Slots, Unread};
use super::latest_options::LatestOptions;
use super::memory::{Memory, Shared};
use super::payload::{Payload, sealed::Sealed};
use super::record::SHORT;
use super::section::Section;
use super::sleepers::{Listener, Sleepers};
use super::wait::{Peers, Readable, Ready};
use crate::error::{Error, ErrorKind, Result};
use crate::name::Name;
use crate::sys::Timeout;

/// A value as it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version<V> {
    /// It counts the values written so far, by all writers: the first is 1.
    pub number: u64,
    /// The value, whole.
    pub value: V,
}

/// Writes the current value of a record: bytes (the default), or a `T`. There is one at a time.
///
/// It never waits, whoever reads. Killed in the middle of writing, the value before stays the current one. Another writer may
/// take its place, and goes on with the next version.
///
/// ```
/// use lasthandle::channel::{LatestReader, LatestWriter};
/// # fn main() -> lasthandle::Result<()> {
/// # let name = &format!("Local\\doc-latest-{}", std::process::id());
/// let mut writer = LatestWriter::<[f64; 3]>::create(name)?; // in one process
/// let mut reader = LatestReader::<[f64; 3]>::create(name)?; // in others
/// assert!(reader.read()?.is_none());
/// writer.write(&[1.0, 2.0, 3.0])?;
/// let now = reader.read()?.expect("something was written");
/// assert_eq!((now.number, now.value), (1, [1.0, 2.0, 3.0]));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct LatestWriter<T: Payload + ?Sized = [u8]> {
    memory: Shared,
    slots: Slots,
    version: u64,
    sleepers: Sleepers,
    end: End,
    kind: PhantomData<fn(&T)>,
}

impl<T: Payload + ?Sized> LatestWriter<T> {
    /// Takes the writing end of the value of that name; makes it, with what [`LatestOptions`] take by default, if there is
    /// none.
    ///
    /// # Errors
    /// See [`LatestOptions::writer`].
    pub fn create(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        LatestOptions::new().writer(name)
    }

    /// Takes the writing end of an existing value.
    ///
    /// # Errors
    /// See [`LatestOptions::open_writer`].
    pub fn open(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        LatestOptions::new().open_writer(name)
    }

    /// Takes end 0, and goes on with the version that is there.
    pub(super) fn new(section: &Arc<Section>) -> Result<Self> {
        let end = End::take(section, 0..1)?;
        let (memory, slots) = (section.memory.clone(), section.layout.slots());
        let (version, sleepers) = (slots.version(&memory), Sleepers::new(section));
        Ok(Self { memory, slots, version, sleepers, end, kind: PhantomData })
    }

    /// Most bytes of a value.
    pub fn max_value(&self) -> usize {
        self.slots.longest()
    }

    /// The version of the value that was written last; 0: none was.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Replaces the value; its version.
    ///
    /// # Errors
    /// [`TooLong`](ErrorKind::TooLong); nothing was written.
    #[inline]
    pub fn write(&mut self, value: &T) -> Result<u64> {
        let bytes = Sealed::bytes(value);
        if bytes.len() > self.slots.longest() {
            return Err(self.too_long(bytes.len()));
        }
        // What is copied by a few stores is not worth to be told of.
        let long = bytes.len() > SHORT;
        if long {
            self.end.fills(true);
        }
        self.version = self.slots.write(&self.memory, self.version, bytes);
        if long {
            self.end.fills(false);
        }
        self.sleepers.wake(&self.memory);
        Ok(self.version)
    }

    #[cold]
    fn too_long(&self, length: usize) -> Error {
        let error = Error::new(ErrorKind::TooLong)
            .detail(format!("the value has {length} bytes, and at most {} are taken", self.max_value()))
            .cure("make it with a larger `max_value`");
        self.end.section.during(error, "write latest")
    }
}

/// Reads the current value of a record: bytes (the default), or a `T`.
///
/// Any number may read. Who waits takes one of the [places to wait](LatestOptions::waiting_readers) with the first wait, and
/// keeps it until it is dropped.
///
/// When the writer has gone, the value stays as long as anybody has it open: reading goes on, waiting is
/// [`Disconnected`](ErrorKind::Disconnected) at once, also if the writer was killed, until another one comes.
#[derive(Debug)]
pub struct LatestReader<T: Payload + ?Sized = [u8]> {
    view: View,
    kind: PhantomData<fn() -> Box<T>>,
}

/// Of bytes, whatever they mean.
#[derive(Debug)]
struct View {
    section: Arc<Section>,
    memory: Shared,
    slots: Slots,
    /// The version that was read last.
    seen: u64,
    /// Taken with the first wait.
    listener: Option<Listener>,
}

impl View {
    fn read<R>(
        &mut self,
        seen: u64,
        mut copy: impl FnMut(&Shared, usize, usize) -> Result<R>,
    ) -> Result<Option<Version<R>>> {
        let memory = &self.memory;
        let read = self.slots.read(memory, seen, |at, length| copy(memory, at, length));
        let Some((number, value)) = read.map_err(unread)? else { return Ok(None) };
        let value = value?;
        self.seen = number;
        Ok(Some(Version { number, value }))
    }

    /// Takes a place to wait, if it has none.
    fn listen(&mut self) -> Result<()> {
        if self.listener.is_none() {
            self.listener = Some(Listener::new(&self.section)?);
        }
        Ok(())
    }

    fn listener(&self) -> &Listener {
        self.listener.as_ref().expect("taken before each wait")
    }

    fn next<R>(
        &mut self,
        deadline: Deadline,
        mut copy: impl FnMut(&Shared, usize, usize) -> Result<R>,
    ) -> Result<Option<Version<R>>> {
        match self.read(self.seen, &mut copy)? {
            Some(version) => Ok(Some(version)),
            None if matches!(deadline, Deadline::Now) => Ok(None),
            None => {
                self.listen()?;
                Listener::wait_for(self, deadline, |view| view.read(view.seen, &mut copy))
            }
        }
    }
}

impl AsRef<Listener> for View {
    fn as_ref(&self) -> &Listener {
        self.listener()
    }
}

impl Ready for View {
    fn end(&self) -> &End {
        &self.listener().end
    }

    fn announce(&self) -> bool {
        self.listener().arm()
    }

    fn withdraw(&self) {
        self.listener().disarm();
    }

    fn is_ready(&self) -> bool {
        self.slots.version(&self.memory) != self.seen || self.listener().is_deserted()
    }

    fn peers(&self) -> Peers<'_> {
        [&self.listener().sender].into_iter().collect()
    }
}

impl<T: Payload<Owned = <T as Sealed>::Received> + ?Sized> LatestReader<T> {
    /// Opens the value of that name to read it; makes it, with what [`LatestOptions`] take by default, if there is none.
    ///
    /// # Errors
    /// See [`LatestOptions::reader`].
    pub fn create(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        LatestOptions::new().reader(name)
    }

    /// Opens an existing value to read it.
    ///
    /// # Errors
    /// See [`LatestOptions::open_reader`].
    pub fn open(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        LatestOptions::new().open_reader(name)
    }

    /// The current value, whether it was read before or not. None: nothing was written yet. Waits for nobody.
    ///
    /// # Errors
    /// [`Damaged`](ErrorKind::Damaged): a hostile peer wrote into the value's memory; [`Busy`](ErrorKind::Busy): in 65,536
    /// attempts (fewer with values of more than 64 bytes, 64 of 64 KiB and more) the writer replaced the value many times
    /// while it was copied.
    #[inline]
    pub fn read(&mut self) -> Result<Option<Version<T::Owned>>> {
        self.view.read(0, copied::<T>).map_err(|error| self.during(error))
    }

    /// The current value, if it is newer than the one that was read last.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    #[inline]
    pub fn try_next(&mut self) -> Result<Option<Version<T::Owned>>> {
        self.next_until(Deadline::Now)
    }

    /// The next value that is newer than the one that was read last; waits for it as long as it takes. Values in between
    /// may have been replaced: the version tells.
    ///
    /// # Errors
    /// As [`read`](Self::read), and [`Disconnected`](ErrorKind::Disconnected): the writer has gone, and there is nothing
    /// new; [`Occupied`](ErrorKind::Occupied): all places to wait are taken.
    #[allow(clippy::should_implement_trait)] // it fails, and there is no end
    pub fn next(&mut self) -> Result<Version<T::Owned>> {
        loop {
            if let Some(version) = self.next_until(Deadline::Never)? {
                return Ok(version);
            }
        }
    }

    /// The same, for so long. None: the time was up.
    ///
    /// # Errors
    /// As [`next`](Self::next).
    pub fn next_timeout(&mut self, timeout: impl Into<Timeout>) -> Result<Option<Version<T::Owned>>> {
        self.next_until(timeout.into().into())
    }

    #[inline]
    fn next_until(&mut self, deadline: Deadline) -> Result<Option<Version<T::Owned>>> {
        self.view.next(deadline, copied::<T>).map_err(|error| self.during(error))
    }
}

impl<T: Payload + ?Sized> LatestReader<T> {
    pub(super) fn new(section: Arc<Section>) -> Self {
        let (memory, slots) = (section.memory.clone(), section.layout.slots());
        Self { view: View { section, memory, slots, seen: 0, listener: None }, kind: PhantomData }
    }

    /// The newest version; 0: nothing was written yet.
    #[inline]
    pub fn version(&self) -> u64 {
        self.view.slots.version(&self.view.memory)
    }

    /// The version that was read last; 0: none was.
    pub fn seen(&self) -> u64 {
        self.view.seen
    }

    /// Something to wait for beside other objects ([`wait_any`](crate::wait_any)): signaled while there is a newer value
    /// than the one that was read last, and when the writer has gone.
    ///
    /// # Errors
    /// [`Occupied`](ErrorKind::Occupied): all places to wait are taken.
    pub fn readable(&mut self) -> Result<Readable<'_>> {
        match self.view.listen() {
            Ok(()) => Ok(Readable::new(&self.view)),
            Err(error) => Err(self.during(error)),
        }
    }

    /// Waits until there is a writer, or a newer value than the one that was read last. `false`: the time was up.
    ///
    /// For who goes on after [`Disconnected`](ErrorKind::Disconnected).
    ///
    /// # Errors
    /// [`Occupied`](ErrorKind::Occupied): all places to wait are taken; those of the system, if it cannot wait.
    pub fn wait_for_writer(&mut self, timeout: impl Into<Timeout>) -> Result<bool> {
        let come = self.view.listen().and_then(|()| {
            let View { slots, memory, seen, .. } = &self.view;
            self.view.listener().await_sender(|| slots.version(memory) != *seen, timeout.into().into())
        });
        come.map_err(|error| self.view.section.during(error, "wait for a writer of latest"))
    }

    #[cold]
    fn during(&self, error: Error) -> Error {
        self.view.section.during(error, "read latest")
    }
}

impl LatestReader<[u8]> {
    /// Copies the current value to the start of `into`: its version, and its length as the value. None: nothing was written
    /// yet. Waits for nobody.
    ///
    /// # Errors
    /// As [`read`](Self::read), and [`TooLong`](ErrorKind::TooLong) if `into` has not room for it.
    pub fn read_into(&mut self, into: &mut [u8]) -> Result<Option<Version<usize>>> {
        let room = into.len();
        self.read_if(into, |length| if length <= room { Ok(()) } else { Err(no_room(length)) })
    }

    /// The same if `fits` takes the length, which must be no more than there is room for. It is asked perhaps several times,
    /// of the right length last; its error is what is returned then, and the value counts as not read.
    #[doc(hidden)]
    pub fn read_if(
        &mut self,
        into: &mut [u8],
        fits: impl FnMut(usize) -> Result<()>,
    ) -> Result<Option<Version<usize>>> {
        self.view.read(0, copied_to(into, fits)).map_err(|error| self.during(error))
    }

    /// The same for the next value, as [`next_timeout`](Self::next_timeout).
    #[doc(hidden)]
    pub fn next_if(
        &mut self,
        into: &mut [u8],
        timeout: impl Into<Timeout>,
        fits: impl FnMut(usize) -> Result<()>,
    ) -> Result<Option<Version<usize>>> {
        self.view.next(timeout.into().into(), copied_to(into, fits)).map_err(|error| self.during(error))
    }
}

fn copied_to(
    into: &mut [u8],
    mut fits: impl FnMut(usize) -> Result<()>,
) -> impl FnMut(&Shared, usize, usize) -> Result<usize> {
    move |memory, at, length| {
        fits(length)?;
        memory.read(at, into.get_mut(..length).ok_or_else(|| no_room(length))?);
        Ok(length)
    }
}

#[inline]
fn copied<T: Sealed + ?Sized>(memory: &Shared, at: usize, length: usize) -> Result<T::Received> {
    T::received(length, |into| memory.read(at, into)).ok_or_else(damaged)
}

#[cold]
fn unread(why: Unread) -> Error {
    match why {
        Unread::Damaged => damaged(),
        Unread::Busy => Error::new(ErrorKind::Busy).detail("the value is replaced faster than it can be copied"),
    }
}

#[cold]
fn no_room(length: usize) -> Error {
    Error::new(ErrorKind::TooLong).detail(format!("the value has {length} bytes: no room for it"))
}
