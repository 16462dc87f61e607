//! How channels are made.

use std::marker::PhantomData;
use std::sync::Arc;

use super::duplex::Duplex;
use super::end::End;
use super::latest_cell::Slots;
use super::layout::{Fingerprint, Form, Layout, MOST_PEERS, PAGE};
use super::payload::{Payload, fingerprint};
use super::receiver::Receiver;
use super::record::LONGEST;
use super::ring::Ring;
use super::rx::Rx;
use super::section::Section;
use super::sender::Sender;
use super::tx::Tx;
use crate::access::Permissions;
use crate::error::{Error, ErrorKind, Result};
use crate::name::Name;

/// Bytes of a ring, if nobody says otherwise.
const CAPACITY: usize = 64 * 1024;
/// The longest message of bytes, if nobody says otherwise.
const MAX_MESSAGE: usize = 16 * 1024;

/// How to make or find a channel, and which end of it to take.
///
/// Who comes first makes the channel; then its capacity, longest message and number of senders stay as they are, whatever
/// the others say. The type must be the same.
#[derive(Debug, Clone)]
#[must_use = "no end is taken yet"]
pub struct ChannelOptions {
    capacity: usize,
    max_message: Option<usize>,
    senders: u32,
    /// Bytes and alignment of values that the compiler does not know.
    foreign: Option<(usize, usize)>,
    type_name: Option<String>,
    permissions: Permissions,
}

impl Default for ChannelOptions {
    fn default() -> Self {
        let permissions = Permissions::default();
        Self { capacity: CAPACITY, max_message: None, senders: 1, foreign: None, type_name: None, permissions }
    }
}

impl ChannelOptions {
    /// 64 KiB for one sender; messages of at most 16 KiB, or of their type; for the owner alone.
    pub fn new() -> Self {
        Self::default()
    }

    /// Bytes for messages on their way, of each sender. Rounded up to a power of two, to 4 KiB at least, and to what two
    /// of the longest messages take. A message of up to 56 bytes takes 64; a longer one its length, rounded up to a
    /// multiple of 64, and 64 more. Default 65,536.
    pub fn capacity(mut self, bytes: usize) -> Self {
        self.capacity = bytes;
        self
    }

    /// The longest message in bytes, less than 2 GiB. Default: 16 KiB; of a type, its size, which is all there is.
    pub fn max_message(mut self, bytes: usize) -> Self {
        self.max_message = Some(bytes);
        self
    }

    /// How many may send at a time, 1 to 60; each has a ring of its own. Default 1. A duplex channel has none to choose.
    pub fn senders(mut self, count: u32) -> Self {
        self.senders = count;
        self
    }

    /// Messages of bytes are values of a type that another language has: who is on the other side may have it in Rust. That
    /// each message has its size is the caller's to see to.
    #[doc(hidden)]
    pub fn foreign_type(mut self, size: usize, align: usize) -> Self {
        self.foreign = Some((size, align));
        self
    }

    /// A name for the type, the same on both sides: tells apart types of the same size, and versions of one.
    pub fn type_name(mut self, name: &str) -> Self {
        self.type_name = Some(name.into());
        self
    }

    /// Who else may take an end. Default: the owner alone. Only who makes the channel says.
    ///
    /// Windows: the events by which ends wake each other are objects of their own, made by whoever needs one first. So all
    /// users of a channel that is for several should give the same permissions here.
    pub fn permissions(mut self, permissions: Permissions) -> Self {
        self.permissions = permissions;
        self
    }

    /// Makes or finds the channel, and takes a sending end.
    ///
    /// # Errors
    /// [`Occupied`](ErrorKind::Occupied): as many living senders as it is for have it;
    /// [`WrongType`](ErrorKind::WrongType): it carries another type, or is something else than a channel;
    /// [`WrongKind`](ErrorKind::WrongKind): another object has the name, or a mapping in which there is no channel;
    /// [`InvalidParameter`](ErrorKind::InvalidParameter) for a capacity of 0, a number of senders beyond its limits, a
    /// longest message that does not fit the type or is too long; and those of
    /// [`MappingOptions::create`](crate::MappingOptions::create).
    pub fn sender<T: Payload + ?Sized>(&self, name: impl TryInto<Name, Error: Into<Error>>) -> Result<Sender<T>> {
        let name = name.try_into().map_err(Into::into)?;
        self.section::<T>(&name, Form::Channel)
            .and_then(|section| sender(&section))
            .map_err(|error| during(error, "open channel", &name))
    }

    /// Finds the channel, and takes a sending end; makes none.
    ///
    /// # Errors
    /// As [`sender`](Self::sender), and [`NotFound`](ErrorKind::NotFound).
    pub fn open_sender<T: Payload + ?Sized>(&self, name: impl TryInto<Name, Error: Into<Error>>) -> Result<Sender<T>> {
        let name = name.try_into().map_err(Into::into)?;
        let opened = self.find::<T>(&name, Form::Channel);
        opened.and_then(|section| sender(&section)).map_err(|error| during(error, "open channel", &name))
    }

    /// Makes or finds the channel, and takes its receiving end.
    ///
    /// # Errors
    /// As [`sender`](Self::sender); [`Occupied`](ErrorKind::Occupied): a living process receives from it.
    pub fn receiver<T: Payload + ?Sized>(&self, name: impl TryInto<Name, Error: Into<Error>>) -> Result<Receiver<T>> {
        let name = name.try_into().map_err(Into::into)?;
        let section = self.section::<T>(&name, Form::Channel);
        section.and_then(|section| receiver(&section)).map_err(|error| during(error, "open channel", &name))
    }

    /// Finds the channel, and takes its receiving end; makes none.
    ///
    /// # Errors
    /// As [`receiver`](Self::receiver), and [`NotFound`](ErrorKind::NotFound).
    pub fn open_receiver<T: Payload + ?Sized>(
        &self,
        name: impl TryInto<Name, Error: Into<Error>>,
    ) -> Result<Receiver<T>> {
        let name = name.try_into().map_err(Into::into)?;
        let opened = self.find::<T>(&name, Form::Channel);
        opened.and_then(|section| receiver(&section)).map_err(|error| during(error, "open channel", &name))
    }

    /// Makes or finds a two-way channel, and takes the first end of it that is free.
    ///
    /// # Errors
    /// As [`sender`](Self::sender); [`Occupied`](ErrorKind::Occupied): two living processes have it.
    pub fn duplex<T: Payload + ?Sized>(&self, name: impl TryInto<Name, Error: Into<Error>>) -> Result<Duplex<T>> {
        let name = name.try_into().map_err(Into::into)?;
        let section = self.section::<T>(&name, Form::Duplex);
        section.and_then(|section| Duplex::new(&section)).map_err(|error| during(error, "open channel", &name))
    }

    /// Finds a two-way channel, and takes the first end of it that is free; makes none.
    ///
    /// # Errors
    /// As [`duplex`](Self::duplex), and [`NotFound`](ErrorKind::NotFound).
    pub fn open_duplex<T: Payload + ?Sized>(&self, name: impl TryInto<Name, Error: Into<Error>>) -> Result<Duplex<T>> {
        let name = name.try_into().map_err(Into::into)?;
        let opened = self.find::<T>(&name, Form::Duplex);
        opened.and_then(|section| Duplex::new(&section)).map_err(|error| during(error, "open channel", &name))
    }

    fn fingerprint<T: Payload + ?Sized>(&self) -> Fingerprint {
        let known = fingerprint::<T>(self.type_name.as_deref());
        match self.foreign {
            Some((size, align)) if T::SIZE == 0 => Fingerprint { size: size as u64, align: align as u64, ..known },
            _ => known,
        }
    }

    pub(super) fn find<T: Payload + ?Sized>(&self, name: &Name, form: Form) -> Result<Arc<Section>> {
        Section::open(name, form, self.fingerprint::<T>(), &self.permissions)
    }

    fn section<T: Payload + ?Sized>(&self, name: &Name, form: Form) -> Result<Arc<Section>> {
        self.make(name, self.layout::<T>(form)?)
    }

    pub(super) fn make(&self, name: &Name, layout: Layout) -> Result<Arc<Section>> {
        Section::create(name, layout, self.permissions.clone())
    }

    pub(super) fn layout<T: Payload + ?Sized>(&self, form: Form) -> Result<Layout> {
        let fingerprint = self.fingerprint::<T>();
        let longest = self.longest(fingerprint.size)?;
        let peers = if form == Form::Duplex { 1 } else { self.senders };
        if peers == 0 || peers > MOST_PEERS {
            return Err(invalid(format!("a channel is for 1 to {MOST_PEERS} senders, or receivers")));
        }
        let (lanes, capacity) = match form {
            Form::Duplex => (2, self.ring(longest)?),
            Form::Channel | Form::Broadcast => (peers, self.ring(longest)?),
            Form::Latest => (0, Slots::bytes(longest) as u64),
        };
        Ok(Layout { form, flags: 0, ends: peers + 1, lanes, capacity, longest: longest as u64, fingerprint })
    }

    fn longest(&self, size: u64) -> Result<usize> {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let longest = self.max_message.unwrap_or(if size == 0 { MAX_MESSAGE } else { size });
        if size != 0 && longest != size {
            return Err(invalid(format!("messages of this type have {size} bytes, neither more nor less")));
        }
        if longest > LONGEST {
            return Err(invalid(format!("a message has at most {LONGEST} bytes")));
        }
        Ok(longest)
    }

    fn ring(&self, longest: usize) -> Result<u64> {
        if self.capacity == 0 {
            return Err(invalid("a channel without capacity holds no message".into()));
        }
        let asked = self.capacity.checked_next_power_of_two().filter(|&asked| asked < 1 << 40);
        let asked = asked.ok_or_else(|| invalid("no memory holds that capacity".into()))?;
        Ok(asked.max(PAGE).max(Ring::least_capacity(longest)) as u64)
    }
}

fn invalid(detail: String) -> Error {
    Error::new(ErrorKind::InvalidParameter).detail(detail)
}

#[cold]
pub(super) fn during(error: Error, verb: &'static str, name: &Name) -> Error {
    error.during(verb, Some(name.to_string()))
}

fn sender<T: Payload + ?Sized>(section: &Arc<Section>) -> Result<Sender<T>> {
    let end = Arc::new(End::take(section, 1..section.layout.ends)?);
    let lane = end.index - 1;
    Ok(Sender { tx: Tx::new(end, lane, 0)?, kind: PhantomData })
}

fn receiver<T: Payload + ?Sized>(section: &Arc<Section>) -> Result<Receiver<T>> {
    let end = Arc::new(End::take(section, 0..1)?);
    Ok(Receiver { rx: Rx::new(end, (0..section.layout.lanes).map(|lane| (lane, lane + 1)))?, kind: PhantomData })
}
