//! A handle on its way to another process: a descriptor that keeps the object alive meanwhile, and what is to be known
//! of the handle. Whoever unpacks it believes nothing of an object that the library cannot see for itself.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use lasthandle::{Access, ErrorKind, Event, Mapping, Mutex, Name, Protection, Semaphore, Timer};

use crate::kernel32::access;
use crate::kernel32::code::Code;
use crate::kernel32::file::File;
use crate::kernel32::object::Object;
use crate::kernel32::process::{Process, Role, from_descriptor};
use crate::kernel32::table::New;
use crate::sync::Sync;

/// A handle without a number.
pub(crate) struct Parcel {
    fd: OwnedFd,
    kind: u32,
    access: u32,
    flags: u32,
    name: Option<Name>,
    /// Of a mapping without a name over a file: its size, low and high, and its protection.
    section: [u32; 3],
}

const MAPPING: u32 = 1;
const EVENT: u32 = 2;
const MUTEX: u32 = 3;
const SEMAPHORE: u32 = 4;
const TIMER: u32 = 5;
const PROCESS: u32 = 6;
const MAIN_THREAD: u32 = 7;
const FILE: u32 = 8;
const OVERLAPPED_FILE: u32 = 9;
/// Of a mapping without a name over a file, the file is passed, and the mapping made anew: nobody can tell.
const FILE_MAPPING: u32 = 10;

impl Parcel {
    pub(crate) fn pack(object: &Object, access: u32, name: Option<&Name>, flags: u32) -> Result<Self, Code> {
        let mut section = [0; 3];
        let (kind, fd) = match object {
            Object::Mapping(mapping) => match mapping.to_fd() {
                Err(error) if error.kind() == ErrorKind::Unsupported => {
                    section = described(mapping)?;
                    (FILE_MAPPING, out_of_the_way(mapping.as_fd())?)
                }
                fd => (MAPPING, fd?),
            },
            Object::Sync(Sync::Event(event)) => (EVENT, event.to_fd()?),
            Object::Sync(Sync::Mutex(mutex)) => (MUTEX, mutex.to_fd()?),
            Object::Sync(Sync::Semaphore(semaphore)) => (SEMAPHORE, semaphore.to_fd()?),
            Object::Sync(Sync::Timer(timer)) => (TIMER, timer.to_fd()?),
            Object::Process(process) => {
                let kind = if process.role() == Role::Process { PROCESS } else { MAIN_THREAD };
                (kind, out_of_the_way(process.target().as_fd())?)
            }
            // A thread is known in its own process only.
            Object::Thread(_) => return Err(Code::NOT_SUPPORTED),
            Object::File(file) => {
                (if file.is_overlapped() { OVERLAPPED_FILE } else { FILE }, out_of_the_way(file.as_fd())?)
            }
        };
        Ok(Self { fd, kind, access, flags, name: name.cloned(), section })
    }

    pub(crate) fn unpack(self) -> Result<New, Code> {
        let Self { fd, kind, access, flags, name, section } = self;
        // It comes with all that its descriptor may do.
        let rights = |all| Some(access::meaning(Access::from_bits(access), all));
        let (mapping, sync) = (rights(access::SECTION_ALL), rights(Access::SYNC_ALL));
        let object = match kind {
            MAPPING => Mapping::try_from(fd)?.duplicate(mapping, false)?.into(),
            FILE_MAPPING => over_file(fd, section)?.duplicate(mapping, false)?.into(),
            EVENT => Event::try_from(fd)?.duplicate(sync, false)?.into(),
            MUTEX => Mutex::try_from(fd)?.duplicate(sync, false)?.into(),
            SEMAPHORE => Semaphore::try_from(fd)?.duplicate(sync, false)?.into(),
            TIMER => Timer::try_from(fd)?.duplicate(sync, false)?.into(),
            PROCESS => Process::new(from_descriptor(fd)?, access, Role::Process).into(),
            MAIN_THREAD => Process::new(from_descriptor(fd)?, access, Role::MainThread).into(),
            FILE => File::received(fd, false)?.into(),
            OVERLAPPED_FILE => File::received(fd, true)?.into(),
            _ => return Err(Code::NOT_SUPPORTED),
        };
        Ok(New { object, access, name, flags })
    }

    /// What goes beside the descriptor.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let [low, high, protection] = self.section;
        let numbers = [self.kind, self.access, self.flags, u32::from(self.name.is_some()), low, high, protection];
        let units = self.name.iter().flat_map(Name::to_wide);
        numbers.iter().flat_map(|number| number.to_le_bytes()).chain(units.flat_map(u16::to_le_bytes)).collect()
    }

    /// None if no parcel looks so.
    pub(super) fn from_bytes(bytes: &[u8], fd: OwnedFd) -> Option<Self> {
        let ([kind, access, flags, named, low, high, protection], rest) = numbers(bytes)?;
        let units: Vec<u16> = rest.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]])).collect();
        let name = if named == 0 { None } else { Some(Name::from_wide(&units).ok()?) };
        Some(Self { fd, kind, access, flags, name, section: [low, high, protection] })
    }

    pub(super) fn descriptor(&self) -> &OwnedFd {
        &self.fd
    }

    pub(super) fn into_descriptor(self) -> OwnedFd {
        self.fd
    }
}

fn described(mapping: &Mapping) -> Result<[u32; 3], Code> {
    let protection = mapping.info()?.protection.map_or(0, Protection::windows_page);
    let size = mapping.size();
    Ok([low(size), low(size >> 32), protection])
}

#[allow(clippy::cast_possible_truncation)] // as said
fn low(size: u64) -> u32 {
    size as u32
}

fn over_file(fd: OwnedFd, [low, high, protection]: [u32; 3]) -> Result<Mapping, Code> {
    let writes = rustix::fs::fcntl_getfl(&fd).is_ok_and(|flags| flags.contains(rustix::fs::OFlags::RDWR));
    let protection = Protection::from_windows_page(protection).ok_or(Code::INVALID_PARAMETER)?;
    // A handle that may only read has a file that may only be read.
    let protection = if protection.is_writable() && !writes { Protection::ReadOnly } else { protection };
    let size = u64::from(high) << 32 | u64::from(low);
    Ok(Mapping::options().size(size).protection(protection).file(&fd.into()).create_unnamed()?)
}

/// A copy of a descriptor that is in nobody's way, to become a standard one.
pub(crate) fn out_of_the_way(fd: BorrowedFd<'_>) -> Result<OwnedFd, Code> {
    rustix::io::fcntl_dupfd_cloexec(fd, 3).map_err(|_| Code::NO_SYSTEM_RESOURCES)
}

/// The numbers that a message begins with, and what follows.
pub(super) fn numbers<const COUNT: usize>(bytes: &[u8]) -> Option<([u32; COUNT], &[u8])> {
    let (head, rest) = bytes.split_at_checked(4 * COUNT)?;
    let number = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    Some((std::array::from_fn(|index| number(4 * index)), rest))
}
