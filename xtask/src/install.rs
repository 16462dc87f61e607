//! Installs the C interface: libraries, headers, what pkg-config and Mono read, and the names under which programs
//! written for Windows ask for the library.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::machine;

/// The name by which programs that were linked against the library find it: a version of what they rely on.
const SONAME: &str = "liblasthandle.so.0";

/// How programs in C# spell the library: .NET puts `lib` before and `.so` behind, Mono takes it from a map.
const SPELLINGS: [&str; 7] =
    ["kernel32.dll", "Kernel32.dll", "KERNEL32.dll", "KERNEL32.DLL", "kernel32", "Kernel32", "KERNEL32"];

/// What programs need besides that link the library statically: rustc names these.
const PRIVATE: &str = "-lgcc_s -lutil -lrt -lpthread -lm -ldl -lc";

/// Install the C library and its headers.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where to: into its folders `include`, `lib` and `share`.
    #[arg(long, default_value = "/usr/local")]
    prefix: PathBuf,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let prefix = std::path::absolute(&args.prefix)?;
    let built = build()?;
    let library = prefix.join("lib");
    libraries(&built, &library)?;
    headers(&machine::root()?.join("crates/lasthandle-ffi/include"), &prefix.join("include"))?;
    write(&library.join("pkgconfig/lasthandle.pc"), &package(&prefix))?;
    write(&prefix.join("share/lasthandle/mono.config"), &map(&library))?;
    println!("installed in {}; ldconfig makes a new folder of libraries known", prefix.display());
    Ok(())
}

/// Builds the libraries in a folder of their own, as they are linked differently from the tests'.
fn build() -> Result<PathBuf> {
    let folder = machine::folder("install")?;
    let mut cargo = machine::cargo();
    cargo.args(["rustc", "--quiet", "--release", "--locked", "-p", "lasthandle-ffi", "--lib"]);
    cargo.args(["--crate-type", "cdylib,staticlib", "--", "-C", &format!("link-arg=-Wl,-soname,{SONAME}")]);
    cargo.current_dir(machine::root()?).env("CARGO_TARGET_DIR", &folder);
    machine::run(&mut cargo)?;
    Ok(folder.join("release"))
}

fn libraries(built: &Path, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let file = format!("liblasthandle.so.{}", env!("CARGO_PKG_VERSION"));
    replace(&built.join("liblasthandle_ffi.so"), &folder.join(&file))?;
    replace(&built.join("liblasthandle_ffi.a"), &folder.join("liblasthandle.a"))?;
    link(&file, &folder.join(SONAME))?;
    link(SONAME, &folder.join("liblasthandle.so"))?;
    SPELLINGS.iter().try_for_each(|name| link(SONAME, &folder.join(format!("lib{name}.so"))))
}

/// Puts a file in the place of an older one, which programs that run may go on using.
fn replace(from: &Path, to: &Path) -> Result<()> {
    let next = to.with_extension("new");
    fs::copy(from, &next).with_context(|| format!("cannot write {}", next.display()))?;
    fs::rename(&next, to).with_context(|| format!("cannot write {}", to.display()))
}

fn link(target: &str, place: &Path) -> Result<()> {
    let _ = fs::remove_file(place);
    symlink(target, place).with_context(|| format!("cannot make {}", place.display()))
}

fn headers(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let place = to.join(path.file_name().context("a file has a name")?);
        if path.is_dir() {
            headers(&path, &place)?;
        } else {
            replace(&path, &place)?;
        }
    }
    Ok(())
}

fn write(place: &Path, text: &str) -> Result<()> {
    let folder = place.parent().context("a file lies in a folder")?;
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    fs::write(place, text).with_context(|| format!("cannot write {}", place.display()))
}

/// For pkg-config. The flags for wide text are a variable, as only programs with UNICODE want them.
fn package(prefix: &Path) -> String {
    format!(
        "prefix={}\n\
         includedir=${{prefix}}/include\n\
         libdir=${{prefix}}/lib\n\
         wide=-DUNICODE -D_UNICODE -fshort-wchar\n\
         \n\
         Name: lasthandle\n\
         Description: {}\n\
         Version: {}\n\
         Cflags: -I${{includedir}} -I${{includedir}}/lasthandle\n\
         Libs: -L${{libdir}} -llasthandle\n\
         Libs.private: {PRIVATE}\n",
        prefix.display(),
        "Named shared memory and sync objects, also by Windows' own names",
        env!("CARGO_PKG_VERSION"),
    )
}

/// For Mono: a program's `.exe.config`, or lines for one that it has.
fn map(folder: &Path) -> String {
    let library = folder.join(SONAME);
    let entry = |name: &&str| format!("  <dllmap dll=\"{name}\" target=\"{}\"/>\n", library.display());
    format!("<configuration>\n{}</configuration>\n", SPELLINGS.iter().map(entry).collect::<String>())
}
