//! Where names live: the root directory, its checks, and the path of each name.
//!
//! `Local\X` is a file in `<root>/lasthandle-<uid>/`, a directory of mode 0700; `Global\X` is `<root>/lasthandle.X`.
//! The root is `/dev/shm`, or what `LASTHANDLE_ROOT` says. A directory is believed only if nobody who is not trusted
//! could have put it there or can rename what is in it.
//!
//! No descriptor of a directory is kept: it may be removed and made again while we run (systemd does that when a
//! user's last session ends).

use std::ffi::{CStr, CString, OsString};
use std::io::Write as _;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use rustix::fs::{FileType, Stat};
use rustix::io::Errno;

use super::call;
use super::failure::failure;
use super::filename;
use super::identity::Identity;
use super::sync::Lives;
use crate::error::{Error, ErrorKind, Result};
use crate::name::{Name, Namespace};

const DEFAULT_ROOT: &str = "/dev/shm";
const GLOBAL_PREFIX: &str = "lasthandle.";
const LOCAL_PREFIX: &str = "lasthandle-";

static DEFAULT: OnceLock<&'static Place> = OnceLock::new();

static PLACES: Mutex<Vec<&'static Place>> = Mutex::new(Vec::new());

/// One root and what lies under it. Lives as long as the process.
#[derive(Debug)]
pub(crate) struct Place {
    root: PathBuf,
    /// Chosen by the user, not the system's own.
    chosen: bool,
    /// The effective user whose directories were checked last, plus one; 0: not yet.
    checked_for: AtomicU64,
    /// Counts creates; every so many sweep a little.
    pub(crate) creates: AtomicU64,
    /// Where the last sweep of each name space stopped, as the directory counts.
    pub(crate) cursors: [AtomicU64; 2],
    /// Which directory the root was when this process first looked.
    first_root: OnceLock<Identity>,
    /// Threads that own something, by directory; the first of a chain.
    lives: OnceLock<&'static Lives>,
}

/// Where one name lives.
#[derive(Debug, Clone)]
pub(crate) struct Spot {
    pub(crate) place: &'static Place,
    pub(crate) namespace: Namespace,
    pub(crate) path: CString,
    /// The effective user who asked.
    pub(crate) user: u32,
    /// Threads that own something in that directory.
    pub(crate) lives: &'static Lives,
}

impl Place {
    /// The place that the environment names; read once.
    pub(crate) fn from_environment() -> &'static Self {
        DEFAULT.get_or_init(|| {
            if let Some(root) = std::env::var_os("LASTHANDLE_ROOT").filter(|root| !root.is_empty()) {
                return Self::at(Path::new(&root));
            }
            let place = Self::leak(PathBuf::from(DEFAULT_ROOT), false);
            PLACES.lock().unwrap_or_else(PoisonError::into_inner).push(place);
            place
        })
    }

    /// Makes `root` the place instead of what the environment names, if nobody has asked before.
    pub(crate) fn set_default(root: &Path) -> bool {
        DEFAULT.set(Self::at(root)).is_ok()
    }

    /// The place at `root`; the same one each time.
    pub(crate) fn at(root: &Path) -> &'static Self {
        // A slash at the end would make the kernel follow a link there before we see it.
        let root: PathBuf = root.components().collect();
        let mut places = PLACES.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = places.iter().find(|place| place.root == root) {
            return known;
        }
        let place = Self::leak(root, true);
        places.push(place);
        place
    }

    /// Every place that was used so far. At the end of the process: a lock that somebody else has is left alone.
    pub(crate) fn each(mut visit: impl FnMut(&'static Self)) {
        if let Ok(places) = PLACES.try_lock() {
            places.iter().for_each(|place| visit(place));
        }
    }

    /// The lives that belong to the directory of that name space and user. A process that becomes another user has
    /// other names, and other lives, from then on; its old ones stay what they are.
    pub(crate) fn lives(&'static self, namespace: Namespace, user: u32) -> &'static Lives {
        let user = if namespace == Namespace::Global { 0 } else { user };
        let mut link = &self.lives;
        loop {
            let lives = *link.get_or_init(|| Box::leak(Box::new(Lives::new(self, namespace, user))));
            if (lives.namespace, lives.user) == (namespace, user) {
                return lives;
            }
            link = &lives.next;
        }
    }

    /// All lives that this process ever asked for.
    pub(crate) fn each_lives(&self, mut visit: impl FnMut(&'static Lives)) {
        let mut link = &self.lives;
        while let Some(lives) = link.get() {
            visit(lives);
            link = &lives.next;
        }
    }

    fn leak(root: PathBuf, chosen: bool) -> &'static Self {
        Box::leak(Box::new(Self {
            root,
            chosen,
            checked_for: AtomicU64::new(0),
            creates: AtomicU64::new(0),
            cursors: [AtomicU64::new(0), AtomicU64::new(0)],
            first_root: OnceLock::new(),
            lives: OnceLock::new(),
        }))
    }

    /// Checks the directories, the first time this user comes here.
    pub(crate) fn check(&self) -> Result<u32> {
        let user = effective_user();
        if self.checked_for.load(Ordering::Relaxed) != u64::from(user) + 1 {
            self.check_root()?;
            self.check_local(user)?;
            self.checked_for.store(u64::from(user) + 1, Ordering::Relaxed);
        }
        Ok(user)
    }

    /// Where `name` lives.
    pub(crate) fn spot(&'static self, name: &Name) -> Result<Spot> {
        let user = self.check()?;
        let namespace = name.namespace();
        let mut path = self.directory_bytes(namespace, user);
        path.push(b'/');
        path.extend_from_slice(Self::prefix(namespace).as_bytes());
        path.extend_from_slice(filename::encode(name).as_bytes());
        Ok(Spot { place: self, namespace, path: c_string(path)?, user, lives: self.lives(namespace, user) })
    }

    /// The directory that a name space's files lie in.
    pub(crate) fn directory(&self, namespace: Namespace) -> Result<CString> {
        self.directory_of(namespace, effective_user())
    }

    /// The same, of any user.
    pub(crate) fn directory_of(&self, namespace: Namespace, user: u32) -> Result<CString> {
        c_string(self.directory_bytes(namespace, user))
    }

    /// The same, with room for a name behind it: every verb needs it, so it is one allocation.
    fn directory_bytes(&self, namespace: Namespace, user: u32) -> Vec<u8> {
        let root = self.root.as_os_str().as_bytes();
        let mut path = Vec::with_capacity(root.len() + 64);
        path.extend_from_slice(root);
        if namespace == Namespace::Local {
            let _ = write!(path, "/{LOCAL_PREFIX}{}", outer_user(user));
        }
        path
    }

    /// What the files of a name space begin with.
    pub(crate) fn prefix(namespace: Namespace) -> &'static str {
        match namespace {
            Namespace::Local => "",
            Namespace::Global => GLOBAL_PREFIX,
        }
    }

    /// Makes sure, before a create, that the directory is there and still to be trusted.
    pub(crate) fn prepare(&self, namespace: Namespace, user: u32) -> Result<()> {
        match namespace {
            Namespace::Global => self.check_root(),
            Namespace::Local => {
                if self.check_local(user)? {
                    return Ok(());
                }
                self.check_root()?;
                match call::make_directory(&c_path(&self.local_directory(user))?, 0o700) {
                    Ok(()) | Err(Errno::EXIST) => self.check_local(user).map(|_| ()),
                    Err(errno) => Err(self.unusable(&self.root, "it takes no directory", errno)),
                }
            }
        }
    }

    fn local_directory(&self, user: u32) -> PathBuf {
        PathBuf::from(OsString::from_vec(self.directory_bytes(Namespace::Local, user)))
    }

    /// Whether this user's directory is there; an error if something else is there in its place.
    fn check_local(&self, user: u32) -> Result<bool> {
        let directory = self.local_directory(user);
        let status = match call::status_at(&c_path(&directory)?) {
            Ok(status) => status,
            Err(Errno::NOENT) => return Ok(false),
            Err(errno) => return Err(self.unusable(&directory, "it cannot be looked at", errno)),
        };
        let path = directory.display();
        let refuse = |why: String, cure: String| Err(Error::new(ErrorKind::UnusableRoot).detail(why).cure(cure));
        if FileType::from_raw_mode(status.st_mode) != FileType::Directory {
            return refuse(
                format!("{path} is {} of user {}, not a directory", kind_of(&status), status.st_uid),
                format!("remove it, or set LASTHANDLE_ROOT to a directory of your own ({})", self.root.display()),
            );
        }
        if status.st_uid != user {
            return refuse(
                format!("{path} belongs to user {}, not to user {user}", status.st_uid),
                "ask that user or root to remove it, or set LASTHANDLE_ROOT to a directory of your own".into(),
            );
        }
        if status.st_mode & 0o077 != 0 {
            return refuse(
                format!("{path} is open to others (mode {:03o})", status.st_mode & 0o777),
                format!("close it: `chmod 700 {path}`, after a look at what is in it"),
            );
        }
        // An unusual umask took the owner's own bits when it was made.
        if status.st_mode & 0o700 != 0o700 {
            let usable = call::set_mode_at(&c_path(&directory)?, 0o700);
            usable.map_err(|errno| self.unusable(&directory, "its owner may not use it", errno))?;
        }
        Ok(true)
    }

    /// The root must be a real directory in which nobody we do not trust can rename or remove what is ours.
    fn check_root(&self) -> Result<()> {
        if self.chosen && self.root.is_relative() {
            let why = format!("LASTHANDLE_ROOT is not an absolute path: {}", self.root.display());
            return Err(Error::new(ErrorKind::UnusableRoot).detail(why).cure("give the whole path"));
        }
        let status = self.root_status()?;
        self.first_root.get_or_init(|| Identity::of(&status));
        let mode = status.st_mode;
        let owned = status.st_uid == 0 || status.st_uid == effective_user();
        let sticky = mode & 0o1000 != 0;
        let refuse = |why: String, cure: &str| {
            let why = format!("{} {why}", self.root.display());
            Err(Error::new(ErrorKind::UnusableRoot).detail(why).cure(cure.to_owned()))
        };
        if FileType::from_raw_mode(mode) != FileType::Directory {
            return refuse(
                format!("is {}, not a directory", kind_of(&status)),
                "set LASTHANDLE_ROOT to the directory itself",
            );
        }
        if mode & 0o002 != 0 && !sticky {
            return refuse(
                format!("can be written by everybody (mode {:04o})", mode & 0o7777),
                "set its sticky bit (`chmod +t`), or close it to others",
            );
        }
        // A directory whose owner is a stranger is believed only where its group was let in on purpose and we are in
        // that group: users who trust each other.
        if !owned && (sticky || mode & 0o020 == 0 || !in_group(status.st_gid)) {
            return refuse(
                format!("belongs to user {}", status.st_uid),
                "set LASTHANDLE_ROOT to a directory of your own, or to one that a group of yours may write",
            );
        }
        Ok(())
    }

    /// Opens the root itself, and tells which directory that is.
    pub(crate) fn open_root(&self) -> Result<(OwnedFd, Identity), Errno> {
        let path = CString::new(self.root.as_os_str().as_bytes()).map_err(|_| Errno::INVAL)?;
        let fd = call::open_directory(&path)?;
        let identity = Identity::of(&call::status(fd.as_fd())?);
        Ok((fd, identity))
    }

    /// Whether the root was that directory when this process first looked.
    pub(crate) fn was_root(&self, identity: Identity) -> bool {
        *self.first_root.get_or_init(|| identity) == identity
    }

    fn root_status(&self) -> Result<Stat> {
        let path = c_path(&self.root)?;
        // The system's own root may be a symbolic link that the system made; one that was chosen may not.
        let status = if self.chosen { call::status_at(&path) } else { rustix::fs::stat(path.as_c_str()) };
        status.map_err(|errno| self.unusable(&self.root, "it cannot be looked at", errno))
    }

    /// Which directory the root is, whatever it is called here; none if there is none.
    pub(crate) fn identity(&self) -> Option<Identity> {
        self.root_status().ok().map(|status| Identity::of(&status))
    }

    fn unusable(&self, path: &Path, why: &str, errno: Errno) -> Error {
        let cure = match (errno, self.chosen) {
            (Errno::NOENT, true) => "make the directory that LASTHANDLE_ROOT names, or unset it",
            (Errno::NOENT, false) => "mount a tmpfs there, or set LASTHANDLE_ROOT to a directory of your own",
            _ => "set LASTHANDLE_ROOT to a directory that this user may write",
        };
        Error::new(ErrorKind::UnusableRoot).detail(format!("{}: {why}", path.display())).os(errno).cure(cure)
    }
}

impl Spot {
    /// A path beside the name for a file on its way to becoming an object.
    pub(crate) fn temporary(&self, token: u64) -> Result<CString> {
        let path = Path::new(std::ffi::OsStr::from_bytes(self.path.to_bytes()));
        let prefix = Place::prefix(self.namespace);
        c_path(&path.with_file_name(format!("{prefix}{}{token:016x}", filename::TEMPORARY)))
    }

    /// The directory it lies in.
    pub(crate) fn directory(&self) -> Result<CString> {
        c_string(self.place.directory_bytes(self.namespace, self.user))
    }

    /// Whether a file of that owner may be believed under this name: in a user's own directory only the user's.
    pub(crate) fn may_belong_to(&self, user: u32) -> bool {
        self.namespace == Namespace::Global || user == self.user
    }
}

pub(crate) fn c_path(path: &Path) -> Result<CString> {
    c_string(path.as_os_str().as_bytes().to_vec())
}

fn c_string(path: Vec<u8>) -> Result<CString> {
    CString::new(path).map_err(|_| Error::new(ErrorKind::UnusableRoot).detail("the path contains a NUL"))
}

pub(crate) fn effective_user() -> u32 {
    rustix::process::geteuid().as_raw()
}

fn in_group(group: u32) -> bool {
    rustix::process::getegid().as_raw() == group
        || rustix::process::getgroups().is_ok_and(|groups| groups.iter().any(|member| member.as_raw() == group))
}

/// The user as the world outside of this user name space numbers it, so that a container's root does not meet the
/// directory of the real one.
fn outer_user(user: u32) -> u32 {
    static MAPPED: Mutex<Option<(u32, u32)>> = Mutex::new(None);
    // No waiting for the lock, which a fork child may have inherited from another thread of its parent.
    let mut mapped = MAPPED.try_lock().ok();
    match mapped.as_deref() {
        Some(&Some((inner, outer))) if inner == user => return outer,
        _ => {}
    }
    let map = std::fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    let outer = map_user(&map, user).unwrap_or(user);
    if let Some(mapped) = mapped.as_deref_mut() {
        *mapped = Some((user, outer));
    }
    outer
}

/// Looks `user` up in the text of a `uid_map`.
fn map_user(map: &str, user: u32) -> Option<u32> {
    map.lines().find_map(|line| {
        let mut numbers = line.split_whitespace().map(|number| number.parse::<u32>().ok());
        let (inner, outer, count) = (numbers.next()??, numbers.next()??, numbers.next()??);
        let within = user.checked_sub(inner).filter(|&within| within < count)?;
        outer.checked_add(within)
    })
}

/// What something is, for an error text.
pub(crate) fn kind_of(status: &Stat) -> &'static str {
    match FileType::from_raw_mode(status.st_mode) {
        FileType::RegularFile => "a file",
        FileType::Directory => "a directory",
        FileType::Symlink => "a symbolic link",
        FileType::Fifo => "a FIFO",
        FileType::Socket => "a socket",
        _ => "a device",
    }
}

/// The status of an open file, as an error of ours.
pub(crate) fn status(fd: std::os::fd::BorrowedFd<'_>) -> Result<Stat> {
    call::status(fd).map_err(|errno| failure(errno, "its file cannot be looked at"))
}

/// Whether `path` leads to something, without following a link at its end.
pub(crate) fn status_at(path: &CStr) -> Option<Stat> {
    call::status_at(path).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_mapped_as_the_kernel_says() {
        assert_eq!(map_user("0 0 4294967295", 1000), Some(1000));
        assert_eq!(map_user("0 1000 1\n1 100000 65536\n", 0), Some(1000));
        assert_eq!(map_user("0 1000 1\n1 100000 65536\n", 5), Some(100_004));
        assert_eq!(map_user("0 1000 1", 1), None);
        assert_eq!(map_user("", 1), None);
        assert_eq!(map_user("0 4294967295 5", 3), None);
    }
}
