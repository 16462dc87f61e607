//! Commands about the process: who it is, what it may have, what it has, and how it ends.

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::Command;

use lasthandle::sys::linux::fault;
use rustix::process::{Gid, Resource, Rlimit, Uid};

use super::{Answer, Refused, Session, Words, check};
use crate::{parent, system};

impl Session {
    pub(super) fn process_command(&mut self, verb: &str, mut words: Words<'_>) -> Answer {
        match verb {
            "arm" => arm(words.text()?),
            "sites" => Ok(fault::sites().join(" ")),
            "user" => become_user(words.number()?),
            "groups" => become_member(words),
            "umask" => {
                let mask = u32::from_str_radix(words.text()?, 8).unwrap_or(0);
                rustix::process::umask(rustix::fs::Mode::from_raw_mode(mask));
                Ok(String::new())
            }
            "limit" => limit(&mut words),
            "cgroup" => {
                fs::write(words.text()?, std::process::id().to_string())?;
                Ok(String::new())
            }
            "fork" => Ok(system::fork_and_wait()?.to_string()),
            "end" => end(words.number()?),
            "execute" => Err(Command::new(parent::program()).args(["child", "again"]).exec().into()),
            "linger-at-exit" => {
                system::linger_at_exit();
                Ok(String::new())
            }
            "exit" => std::process::exit(words.number()?),
            "number" => Ok(std::process::id().to_string()),
            "own" => Ok(own()),
            "take-descriptors" => Ok(self.take_descriptors().to_string()),
            "give-descriptors" => {
                self.descriptors.clear();
                Ok(String::new())
            }
            "close-all-from" => {
                system::close_all_from(words.number()?);
                Ok(String::new())
            }
            "without-standard" => without_standard(&mut words),
            "file-at" => self.file_at(&mut words),
            "lock" => self.lock(&mut words),
            _ => Err(Refused("Command".into(), 0, format!("unknown command {verb}"))),
        }
    }

    /// Takes every descriptor that the limit allows; tells how many.
    fn take_descriptors(&mut self) -> usize {
        while let Ok(fd) = rustix::fs::open("/", rustix::fs::OFlags::PATH, rustix::fs::Mode::empty()) {
            self.descriptors.push(fd);
        }
        self.descriptors.len()
    }

    /// `file-at PATH`: opens a file of one's own; answers its number.
    fn file_at(&mut self, words: &mut Words<'_>) -> Answer {
        use std::os::fd::AsRawFd;
        let file = fs::File::options().read(true).write(true).create(true).truncate(false).open(words.text()?)?;
        let number = file.as_raw_fd();
        self.files.push(file);
        Ok(number.to_string())
    }

    /// `lock PATH read|write`: what a hostile neighbour does, for as long as this process lives.
    fn lock(&mut self, words: &mut Words<'_>) -> Answer {
        let (path, how) = (words.text()?, words.text()?);
        let write = how == "write";
        let file = fs::File::options().read(true).write(write).open(path)?;
        check(system::lock_everything(&file, write), "somebody has a lock")?;
        self.files.push(file);
        Ok(String::new())
    }
}

/// `kill:N`, `fail:SITE:ERRNO[:TIMES]`, several of them with commas between, or `none`.
fn arm(text: &str) -> Answer {
    let plans = fault::parse(if text == "none" { "" } else { text });
    fault::arm(plans.ok_or_else(|| Refused("Command".into(), 0, format!("no plan: {text}")))?);
    Ok(String::new())
}

fn become_user(user: u32) -> Answer {
    rustix::thread::set_thread_groups(&[])?;
    let group = Gid::from_raw(user);
    rustix::thread::set_thread_res_gid(group, group, group)?;
    let user = Uid::from_raw(user);
    rustix::thread::set_thread_res_uid(user, user, user)?;
    Ok(String::new())
}

/// `groups USER GROUP…`: a user with further groups.
fn become_member(mut words: Words<'_>) -> Answer {
    let user: u32 = words.number()?;
    let groups: Vec<Gid> = words.rest().filter_map(|word| word.parse().ok()).map(Gid::from_raw).collect();
    rustix::thread::set_thread_groups(&groups)?;
    let group = Gid::from_raw(user);
    rustix::thread::set_thread_res_gid(group, group, group)?;
    let user = Uid::from_raw(user);
    rustix::thread::set_thread_res_uid(user, user, user)?;
    Ok(String::new())
}

/// `limit files|file-size|memory VALUE`.
fn limit(words: &mut Words<'_>) -> Answer {
    let resource = match words.text()? {
        "files" => Resource::Nofile,
        "file-size" => Resource::Fsize,
        _ => Resource::As,
    };
    let value = words.number()?;
    let maximum = rustix::process::getrlimit(resource).maximum;
    rustix::process::setrlimit(resource, Rlimit { current: Some(value), maximum })?;
    Ok(String::new())
}

fn end(pid: i32) -> Answer {
    let process = rustix::process::Pid::from_raw(pid).ok_or_else(|| Refused("Command".into(), 0, "no pid".into()))?;
    rustix::process::kill_process(process, rustix::process::Signal::KILL)?;
    system::wait_for(pid);
    Ok(String::new())
}

/// What could leak: descriptors, and mappings of files of ours.
fn own() -> String {
    let descriptors = fs::read_dir("/proc/self/fd").into_iter().flatten().count();
    let maps = fs::read_to_string("/proc/self/maps").unwrap_or_default();
    let root = std::env::var("LASTHANDLE_ROOT").unwrap_or_default();
    let ours = |line: &&str| line.contains(&root) || line.contains("memfd:lasthandle");
    format!("{descriptors} descriptors, {} mappings", maps.lines().filter(ours).count())
}

/// `without-standard NAME`: in a process that has its three standard descriptors closed, creates an object, prints,
/// and tells which numbers its own files got. (Another process: this one needs its own to answer.)
fn without_standard(words: &mut Words<'_>) -> Answer {
    let output = Command::new(parent::program()).args(["without-standard", words.text()?]).output()?;
    check(output.status.success(), format!("{} {}", output.status, String::from_utf8_lossy(&output.stderr)))?;
    Ok(String::new())
}
