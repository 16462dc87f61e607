//! How latest values are made.

use std::sync::Arc;

use super::latest::{LatestReader, LatestWriter};
use super::layout::Form;
use super::options::{ChannelOptions, during};
use super::payload::Payload;
use super::section::Section;
use crate::access::Permissions;
use crate::error::{Error, Result};
use crate::name::Name;

/// How many may wait, if nobody says otherwise.
const WAITING: u32 = 16;

/// How to make or find a latest value, and whether to write or to read it.
///
/// Who comes first makes it; then the longest value and the number of those who may wait stay as they are, whatever the
/// others say. The type must be the same.
#[derive(Debug, Clone)]
#[must_use = "nothing is opened yet"]
pub struct LatestOptions {
    common: ChannelOptions,
}

impl Default for LatestOptions {
    fn default() -> Self {
        Self { common: ChannelOptions::new().senders(WAITING) }
    }
}

impl LatestOptions {
    /// For 16 readers that wait, and any number that do not; values of at most 16 KiB, or of their type; for the owner
    /// alone.
    pub fn new() -> Self {
        Self::default()
    }

    /// The longest value in bytes. As [`ChannelOptions::max_message`].
    pub fn max_value(mut self, bytes: usize) -> Self {
        self.common = self.common.max_message(bytes);
        self
    }

    /// How many readers may [wait](LatestReader::next) at a time, 1 to 60. Default 16.
    pub fn waiting_readers(mut self, count: u32) -> Self {
        self.common = self.common.senders(count);
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

    /// Who else may write and read. As [`ChannelOptions::permissions`].
    pub fn permissions(mut self, permissions: Permissions) -> Self {
        self.common = self.common.permissions(permissions);
        self
    }

    /// Makes or finds the value, to write it.
    ///
    /// # Errors
    /// As [`ChannelOptions::sender`]; [`Occupied`](crate::ErrorKind::Occupied): a living process writes it.
    pub fn writer<T: Payload + ?Sized>(&self, name: impl TryInto<Name, Error: Into<Error>>) -> Result<LatestWriter<T>> {
        let name = name.try_into().map_err(Into::into)?;
        let section = self.section::<T>(&name);
        section.and_then(|section| LatestWriter::new(&section)).map_err(|error| during(error, "open latest", &name))
    }

    /// Finds the value, to write it; makes none.
    ///
    /// # Errors
    /// As [`writer`](Self::writer), and [`NotFound`](crate::ErrorKind::NotFound).
    pub fn open_writer<T: Payload + ?Sized>(
        &self,
        name: impl TryInto<Name, Error: Into<Error>>,
    ) -> Result<LatestWriter<T>> {
        let name = name.try_into().map_err(Into::into)?;
        let section = self.found::<T>(&name);
        section.and_then(|section| LatestWriter::new(&section)).map_err(|error| during(error, "open latest", &name))
    }

    /// Makes or finds the value, to read it.
    ///
    /// # Errors
    /// As [`writer`](Self::writer), but for `Occupied`.
    pub fn reader<T: Payload + ?Sized>(&self, name: impl TryInto<Name, Error: Into<Error>>) -> Result<LatestReader<T>> {
        let name = name.try_into().map_err(Into::into)?;
        self.section::<T>(&name).map(LatestReader::new).map_err(|error| during(error, "open latest", &name))
    }

    /// Finds the value, to read it; makes none.
    ///
    /// # Errors
    /// As [`reader`](Self::reader), and [`NotFound`](crate::ErrorKind::NotFound).
    pub fn open_reader<T: Payload + ?Sized>(
        &self,
        name: impl TryInto<Name, Error: Into<Error>>,
    ) -> Result<LatestReader<T>> {
        let name = name.try_into().map_err(Into::into)?;
        self.found::<T>(&name).map(LatestReader::new).map_err(|error| during(error, "open latest", &name))
    }

    fn found<T: Payload + ?Sized>(&self, name: &Name) -> Result<Arc<Section>> {
        self.common.find::<T>(name, Form::Latest)
    }

    fn section<T: Payload + ?Sized>(&self, name: &Name) -> Result<Arc<Section>> {
        self.common.make(name, self.common.layout::<T>(Form::Latest)?)
    }
}
