//! `CreateProcess`.

use std::ffi::{CString, c_void};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use super::command;
use super::object::{ALL_ACCESS, Process, Role};
use super::start::{Group, Plan};
use super::world;
use crate::kernel32::call::{export, succeeds};
use crate::kernel32::code::Code;
use crate::kernel32::named::{entered, inherits};
use crate::kernel32::passing::{self, Luggage, out_of_the_way};
use crate::kernel32::pointer::{In, Narrow, Out, Texts, Wide};
use crate::kernel32::table;
use crate::kernel32::types::{BOOL, CURRENT_PROCESS, HANDLE, SecurityAttributes};

const DETACHED_PROCESS: u32 = 0x8;
const NEW_CONSOLE: u32 = 0x10;
const NEW_PROCESS_GROUP: u32 = 0x200;
const UNICODE_ENVIRONMENT: u32 = 0x400;
/// Priorities, windows, jobs and error boxes: nothing here depends on them.
const WITHOUT_MEANING: u32 = 0x20 | 0x40 | 0x80 | 0x100 | 0x4000 | 0x8000 | 0x0100_0000 | 0x0400_0000 | 0x0800_0000;
/// Debugging, a start that is put off, lists of attributes, protected processes.
const NOT_OFFERED: u32 = 0x1 | 0x2 | 0x4 | 0x4_0000 | 0x8_0000;
const USE_STANDARD_HANDLES: u32 = 0x100;

/// Units that a command line may have.
const LONGEST: usize = 32_767;

/// How a program starts. Of all this, only the standard handles have a meaning here.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct StartupInfo {
    size: u32,
    texts: [*mut c_void; 3],
    window: [u32; 7],
    flags: u32,
    show: u16,
    reserved: u16,
    more: *mut c_void,
    standard: [HANDLE; 3],
}

/// What `CreateProcess` gives.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct ProcessInformation {
    process: HANDLE,
    thread: HANDLE,
    process_number: u32,
    thread_number: u32,
}

const _: () = assert!(size_of::<StartupInfo>() == 104 && size_of::<ProcessInformation>() == 24);

export! {
    /// Starts a program.
    fn CreateProcessA(
        program: Narrow,
        line: Narrow,
        process: In<SecurityAttributes>,
        thread: In<SecurityAttributes>,
        inherit: BOOL,
        flags: u32,
        environment: Texts,
        directory: Narrow,
        startup: In<StartupInfo>,
        information: Out<ProcessInformation>,
    ) -> BOOL {
        succeeds(|| {
            let text = |text: Narrow| text.bytes().map(<[u8]>::to_vec);
            let asked = Asked { program: text(program), line: text(line), directory: text(directory) };
            let how = How { inherit: inherit != 0, flags, environment, startup };
            create(&asked, &how, [inherits(process), inherits(thread)], information)
        })
    }

    /// The same.
    fn CreateProcessW(
        program: Wide,
        line: Wide,
        process: In<SecurityAttributes>,
        thread: In<SecurityAttributes>,
        inherit: BOOL,
        flags: u32,
        environment: Texts,
        directory: Wide,
        startup: In<StartupInfo>,
        information: Out<ProcessInformation>,
    ) -> BOOL {
        succeeds(|| {
            let text = |text: Wide| text.units(LONGEST + 1).map(|units| String::from_utf16_lossy(&units).into_bytes());
            let asked = Asked { program: text(program), line: text(line), directory: text(directory) };
            let how = How { inherit: inherit != 0, flags, environment, startup };
            create(&asked, &how, [inherits(process), inherits(thread)], information)
        })
    }
}

/// The texts of a call.
struct Asked {
    program: Option<Vec<u8>>,
    line: Option<Vec<u8>>,
    directory: Option<Vec<u8>>,
}

/// The rest of it.
struct How {
    inherit: bool,
    flags: u32,
    environment: Texts,
    startup: In<StartupInfo>,
}

fn create(asked: &Asked, how: &How, inherited: [BOOL; 2], information: Out<ProcessInformation>) -> Result<(), Code> {
    let startup = how.startup.get().ok_or(Code::NOACCESS)?;
    let information = information.required()?;
    check(how.flags)?;
    let (program, arguments) = asked.command()?;
    world::reap_orphans();
    // Who has children may be opened by them.
    passing::serve();
    let plan = Plan {
        program: absolute(program)?,
        arguments,
        environment: environment(how.environment, how.flags & UNICODE_ENVIRONMENT != 0)?,
        directory: asked.directory.as_deref().map(command::directory).transpose()?.map(text_of_path).transpose()?,
        standard: standard(&startup)?,
        group: group(how.flags),
        luggage: Luggage::pack(how.inherit)?,
    };
    let (pid, fd) = plan.start()?;
    let outbox = plan.luggage.into_outbox();
    let target = world::child(pid, fd, outbox);
    let enter = |role, inherit| {
        let process = Process::new(target.clone(), ALL_ACCESS, role);
        entered(process.into(), lasthandle::Access::from_bits(ALL_ACCESS), None, inherit)
    };
    let handles = enter(Role::Process, inherited[0]).and_then(|process| {
        let thread = enter(Role::MainThread, inherited[1]);
        thread.map(|thread| (process, thread)).inspect_err(|_| _ = table::close(process))
    });
    // A child that nobody would know of.
    let (process, thread) = handles.inspect_err(|_| _ = target.terminate(1))?;
    let number = target.number();
    information.write(ProcessInformation { process, thread, process_number: number, thread_number: number });
    Ok(())
}

fn check(flags: u32) -> Result<(), Code> {
    const KNOWN: u32 = DETACHED_PROCESS | NEW_CONSOLE | NEW_PROCESS_GROUP | UNICODE_ENVIRONMENT;
    if flags & !(KNOWN | WITHOUT_MEANING | NOT_OFFERED) != 0
        || flags & DETACHED_PROCESS != 0 && flags & NEW_CONSOLE != 0
    {
        return Err(Code::INVALID_PARAMETER);
    }
    if flags & NOT_OFFERED != 0 { Err(Code::NOT_SUPPORTED) } else { Ok(()) }
}

fn group(flags: u32) -> Group {
    match flags {
        _ if flags & DETACHED_PROCESS != 0 => Group::Detached,
        _ if flags & NEW_PROCESS_GROUP != 0 => Group::Own,
        _ => Group::Parents,
    }
}

impl Asked {
    /// The program, and its arguments. A name alone is a command line, too.
    fn command(&self) -> Result<(PathBuf, Vec<CString>), Code> {
        let line = self.line.as_deref();
        if line.is_some_and(|line| line.len() > 3 * LONGEST || String::from_utf8_lossy(line).chars().count() > LONGEST)
        {
            return Err(Code::FILENAME_EXCED_RANGE);
        }
        let program = match (&self.program, line) {
            (Some(name), _) => command::named(name)?,
            (None, Some(line)) => command::found(line)?,
            (None, None) => return Err(Code::INVALID_PARAMETER),
        };
        let words = match (&self.program, line) {
            (Some(name), None | Some([])) => vec![name.clone()],
            (_, line) => command::split(line.unwrap_or_default()),
        };
        Ok((program, words.into_iter().map(text).collect::<Result<_, _>>()?))
    }
}

/// Nothing that programs give has a NUL within: they give texts that end in one.
fn text(bytes: Vec<u8>) -> Result<CString, Code> {
    CString::new(bytes).map_err(|_| Code::INVALID_PARAMETER)
}

fn text_of_path(path: PathBuf) -> Result<CString, Code> {
    text(path.into_os_string().into_vec())
}

/// The child may begin in another directory.
fn absolute(program: PathBuf) -> Result<CString, Code> {
    text_of_path(std::path::absolute(program).map_err(|_| Code::PATH_NOT_FOUND)?)
}

/// The given variables, or this process' own; never what tells of the handles that this process inherited itself.
fn environment(given: Texts, wide: bool) -> Result<Vec<CString>, Code> {
    let variables = given.all(wide).unwrap_or_else(|| {
        let joined = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            [name.into_vec(), vec![b'='], value.into_vec()].concat()
        };
        std::env::vars_os().map(joined).collect()
    });
    variables.into_iter().filter(|variable| !passing::is_own_variable(variable)).map(text).collect()
}

/// What the child shall have instead of this process' standard input, output and error.
fn standard(startup: &StartupInfo) -> Result<[Option<OwnedFd>; 3], Code> {
    let mut standard = [None, None, None];
    if startup.flags & USE_STANDARD_HANDLES != 0 {
        for (place, handle) in standard.iter_mut().zip(startup.standard) {
            *place = Some(descriptor(handle)?);
        }
    }
    Ok(standard)
}

/// Programs without an output give no handle: nothing is read there, and what is written goes nowhere.
fn descriptor(handle: HANDLE) -> Result<OwnedFd, Code> {
    if handle.is_null() || handle == CURRENT_PROCESS {
        let nothing = std::fs::File::options().read(true).write(true).open("/dev/null");
        return out_of_the_way(std::os::fd::AsFd::as_fd(&nothing.map_err(|_| Code::NO_SYSTEM_RESOURCES)?));
    }
    table::with(handle, |entry| out_of_the_way(entry.object.descriptor()?))
}
