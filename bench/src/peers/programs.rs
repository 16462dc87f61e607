//! The programs themselves: compiled beside this one where that is needed.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use super::Peer;
use crate::Result;

const PYTHON: &str = include_str!("shared_memory.py");
const WINDOWS_MAPPING: &str = include_str!("file_mapping.c");
const WINDOWS_SYNC: &str = include_str!("sync.c");
const BOOST: &str = include_str!("boost.cpp");
const BOOST_QUEUE: &str = include_str!("boost_queue.cpp");

/// Compiled once in a run.
static QUEUE_IS_BUILT: OnceLock<()> = OnceLock::new();

/// Python's `multiprocessing.shared_memory`.
pub fn python(name: &str, bytes: usize) -> Result<Peer> {
    let mut command = Command::new("python3");
    command.args(["-c", PYTHON, name, &bytes.to_string()]);
    Peer::start("Python's SharedMemory", &mut command).map_err(|why| format!("Python: {why}").into())
}

/// Windows' file mappings as Wine has them.
pub fn wine(bytes: usize) -> Result<Peer> {
    windows("Wine's CreateFileMapping", ("file_mapping", WINDOWS_MAPPING), &[bytes.to_string()])
}

/// Windows' sync objects as Wine has them.
pub fn wine_sync() -> Result<Peer> {
    windows("Wine's kernel", ("sync", WINDOWS_SYNC), &[])
}

/// The sync objects of boost.interprocess.
pub fn boost(name: &str) -> Result<Peer> {
    let start = || {
        let program = compile("g++", ("boost.cpp", BOOST), "boost", &["-pthread", "-lrt"])?;
        Peer::start("boost.interprocess", Command::new(program).arg(name))
    };
    start().map_err(|why| format!("boost.interprocess: {why}").into())
}

/// The message queue of boost.interprocess, as a library; the other process finds it there.
pub fn queue_library() -> Result<PathBuf> {
    let built = beside_us()?.join("boost_queue.so");
    if QUEUE_IS_BUILT.get().is_none() && std::env::args().all(|argument| argument != "--partner") {
        let flags = ["-shared", "-fPIC", "-pthread", "-lrt"];
        compile("g++", ("boost_queue.cpp", BOOST_QUEUE), "boost_queue.so", &flags)
            .map_err(|why| format!("boost.interprocess: {why}"))?;
        let _ = QUEUE_IS_BUILT.set(());
    }
    Ok(built)
}

/// A Windows program, in a prefix beside this program, so that no other program's server is asked.
fn windows(label: &'static str, (name, source): (&str, &str), arguments: &[String]) -> Result<Peer> {
    let start = || {
        let compiler = "x86_64-w64-mingw32-gcc";
        let program = compile(compiler, (&format!("{name}.c"), source), &format!("{name}.exe"), &[])?;
        let mut command = Command::new("wine");
        command.arg(&program).args(arguments);
        command.env("WINEPREFIX", beside_us()?.join("prefix")).env("WINEDEBUG", "-all");
        command.env("WINEDLLOVERRIDES", "mscoree,mshtml="); // asks for no downloads at the first start
        Peer::start(label, &mut command)
    };
    start().map_err(|why: Box<dyn std::error::Error>| format!("Wine: {why}").into())
}

fn compile(compiler: &str, (file, source): (&str, &str), program: &str, libraries: &[&str]) -> Result<PathBuf> {
    let directory = beside_us()?;
    let (file, program) = (directory.join(file), directory.join(program));
    fs::write(&file, source)?;
    let status = Command::new(compiler).args(["-O2", "-o"]).arg(&program).arg(&file).args(libraries).status();
    if !status.map_err(|why| format!("{compiler}: {why}"))?.success() {
        return Err(format!("{compiler} failed on {}", file.display()).into());
    }
    Ok(program)
}

/// A directory in cargo's target directory.
fn beside_us() -> Result<PathBuf> {
    let directory = std::env::current_exe()?.parent().ok_or("no directory")?.join("peers");
    fs::create_dir_all(&directory)?;
    Ok(directory)
}
