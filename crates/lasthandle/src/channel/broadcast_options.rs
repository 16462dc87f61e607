//! How broadcasts are made.

use std::sync::Arc;

use super::broadcaster::Broadcaster;
use super::layout::{Form, LOSSY, Layout};
use super::options::{ChannelOptions, during};
use super::payload::Payload;
use super::section::Section;
use super::subscriber::Subscriber;
use crate::access::Permissions;
use crate::error::{Error, Result};
use crate::name::Name;

/// How many may receive, if nobody says otherwise.
const RECEIVERS: u32 = 16;

/// How to make or find a broadcast, and which end of it to take.
///
/// Who comes first makes the broadcast; then its capacity, longest message, number of receivers, and whether it is lossy
/// stay as they are, whatever the others say. The type must be the same.
#[derive(Debug, Clone)]
#[must_use = "no end is taken yet"]
pub struct BroadcastOptions {
    common: ChannelOptions,
    lossy: bool,
    from_oldest: bool,
}

impl Default for BroadcastOptions {
    fn default() -> Self {
        Self { common: ChannelOptions::new().senders(RECEIVERS), lossy: false, from_oldest: false }
    }
}

impl BroadcastOptions {
    /// A lossless log of 64 KiB for 16 receivers, each from the next message on; messages of at most 16 KiB, or of their
    /// type; for the owner alone.
    pub fn new() -> Self {
        Self::default()
    }

    /// Bytes of the log. As [`ChannelOptions::capacity`].
    pub fn capacity(mut self, bytes: usize) -> Self {
        self.common = self.common.capacity(bytes);
        self
    }

    /// The longest message in bytes. As [`ChannelOptions::max_message`].
    pub fn max_message(mut self, bytes: usize) -> Self {
        self.common = self.common.max_message(bytes);
        self
    }

    /// How many may receive at a time, 1 to 60. Default 16.
    pub fn receivers(mut self, count: u32) -> Self {
        self.common = self.common.senders(count);
        self
    }

    /// Whether the sender overwrites the oldest messages rather than wait for slow receivers. Default: it waits.
    pub fn lossy(mut self, lossy: bool) -> Self {
        self.lossy = lossy;
        self
    }

    /// Whether this receiver begins with the oldest message that the log still keeps. Default: with the first that is sent
    /// after it came.
    pub fn from_oldest(mut self, oldest: bool) -> Self {
        self.from_oldest = oldest;
        self
    }

    /// As `ChannelOptions::foreign_type`.
    #[doc(hidden)]
    pub fn foreign_type(mut self, size: usize, align: usize) -> Self {
        self.common = self.common.foreign_type(size, align);
        self
    }

    /// A name for the type. As [`ChannelOptions::type_name`].
    pub fn type_name(mut self, name: &str) -> Self {
        self.common = self.common.type_name(name);
        self
    }

    /// Who else may take an end. As [`ChannelOptions::permissions`].
    pub fn permissions(mut self, permissions: Permissions) -> Self {
        self.common = self.common.permissions(permissions);
        self
    }

    /// Makes or finds the broadcast, and takes its sending end.
    ///
    /// # Errors
    /// As [`ChannelOptions::sender`]; [`Occupied`](crate::ErrorKind::Occupied): a living process sends.
    pub fn sender<T: Payload + ?Sized>(&self, name: impl TryInto<Name, Error: Into<Error>>) -> Result<Broadcaster<T>> {
        let name = name.try_into().map_err(Into::into)?;
        let section = self.section::<T>(&name);
        section.and_then(|section| Broadcaster::new(&section)).map_err(|error| during(error, "open broadcast", &name))
    }

    /// Finds the broadcast, and takes its sending end; makes none.
    ///
    /// # Errors
    /// As [`sender`](Self::sender), and [`NotFound`](crate::ErrorKind::NotFound).
    pub fn open_sender<T: Payload + ?Sized>(
        &self,
        name: impl TryInto<Name, Error: Into<Error>>,
    ) -> Result<Broadcaster<T>> {
        let name = name.try_into().map_err(Into::into)?;
        let section = self.found::<T>(&name);
        section.and_then(|section| Broadcaster::new(&section)).map_err(|error| during(error, "open broadcast", &name))
    }

    /// Makes or finds the broadcast, and takes a receiving end.
    ///
    /// # Errors
    /// As [`ChannelOptions::sender`]; [`Occupied`](crate::ErrorKind::Occupied): as many living receivers as it is for have
    /// it.
    pub fn receiver<T: Payload + ?Sized>(&self, name: impl TryInto<Name, Error: Into<Error>>) -> Result<Subscriber<T>> {
        let name = name.try_into().map_err(Into::into)?;
        let section = self.section::<T>(&name);
        section.and_then(|section| self.subscribe(&section)).map_err(|error| during(error, "open broadcast", &name))
    }

    /// Finds the broadcast, and takes a receiving end; makes none.
    ///
    /// # Errors
    /// As [`receiver`](Self::receiver), and [`NotFound`](crate::ErrorKind::NotFound).
    pub fn open_receiver<T: Payload + ?Sized>(
        &self,
        name: impl TryInto<Name, Error: Into<Error>>,
    ) -> Result<Subscriber<T>> {
        let name = name.try_into().map_err(Into::into)?;
        let section = self.found::<T>(&name);
        section.and_then(|section| self.subscribe(&section)).map_err(|error| during(error, "open broadcast", &name))
    }

    fn subscribe<T: Payload + ?Sized>(&self, section: &Arc<Section>) -> Result<Subscriber<T>> {
        Subscriber::new(section, self.from_oldest)
    }

    fn found<T: Payload + ?Sized>(&self, name: &Name) -> Result<Arc<Section>> {
        self.common.find::<T>(name, Form::Broadcast)
    }

    fn section<T: Payload + ?Sized>(&self, name: &Name) -> Result<Arc<Section>> {
        let layout = self.common.layout::<T>(Form::Broadcast)?;
        let flags = if self.lossy { LOSSY } else { 0 };
        self.common.make(name, Layout { flags, ..layout })
    }
}
