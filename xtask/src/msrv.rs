//! The oldest Rust that the manifest promises: find such a compiler, and compile everything with it.
//!
//! It comes from rustup or the path if it is there; else from Debian's packages, unpacked under the target directory,
//! since the system has a newer version of the same packages installed.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::machine;

pub(crate) fn run() -> Result<()> {
    let version = promised(&std::fs::read_to_string(machine::root()?.join("Cargo.toml"))?)?;
    let folder = machine::folder("msrv")?;
    let compiler = Compiler::find(&version, &folder)?;
    println!("compiling with {}", compiler.rustc.display());
    let mut cargo = machine::cargo();
    cargo.args(["check", "--workspace", "--all-targets", "--all-features", "--locked"]);
    cargo.env("RUSTC", &compiler.rustc).env("CARGO_TARGET_DIR", folder.join("build"));
    if let Some(libraries) = &compiler.libraries {
        cargo.env("LD_LIBRARY_PATH", libraries);
    }
    machine::run(&mut cargo).with_context(|| format!("Rust {version} is promised and does not compile this"))
}

/// The version that the workspace's manifest states.
pub(crate) fn promised(manifest: &str) -> Result<String> {
    let manifest: toml::Table = manifest.parse()?;
    let version = manifest.get("workspace").and_then(|it| it.get("package")).and_then(|it| it.get("rust-version"));
    Ok(version.and_then(toml::Value::as_str).context("Cargo.toml states no rust-version")?.to_owned())
}

struct Compiler {
    rustc: PathBuf,
    /// Where its shared libraries lie, if the loader does not know.
    libraries: Option<OsString>,
}

impl Compiler {
    fn find(version: &str, folder: &Path) -> Result<Self> {
        let installed = rustup(version).into_iter().chain(machine::compilers());
        let mut candidates = installed.map(|rustc| Self { rustc, libraries: None });
        match candidates.find(|compiler| compiler.is(version)) {
            Some(compiler) => Ok(compiler),
            None => Self::unpacked(version, folder),
        }
    }

    fn is(&self, version: &str) -> bool {
        let mut command = Command::new(&self.rustc);
        command.arg("--version").envs(self.libraries.as_ref().map(|libraries| ("LD_LIBRARY_PATH", libraries)));
        command.output().is_ok_and(|output| {
            String::from_utf8_lossy(&output.stdout).split(' ').nth(1).is_some_and(|found| fits(found, version))
        })
    }

    /// From Debian's packages, downloaded and unpacked at the first call.
    fn unpacked(version: &str, folder: &Path) -> Result<Self> {
        let root = folder.join("debian");
        let libraries = env::join_paths([root.join("usr/lib/x86_64-linux-gnu")])?;
        let compiler = Self { rustc: root.join("usr/bin/rustc"), libraries: Some(libraries) };
        if !compiler.is(version) {
            unpack(version, folder, &root).with_context(|| {
                format!("no Rust {version} here: rustup has none, the path has none, and Debian's packages gave none")
            })?;
        }
        ensure!(compiler.is(version), "{} does not run; is libllvm19 installed?", compiler.rustc.display());
        Ok(compiler)
    }
}

/// Whether a compiler's version is the promised one, whatever its patch level.
fn fits(found: &str, promised: &str) -> bool {
    found.strip_prefix(promised).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Asked from the list, since naming a missing toolchain may make rustup download it.
fn rustup(version: &str) -> Option<PathBuf> {
    let list = machine::output("rustup", &["toolchain", "list"])?;
    let toolchain = list.split_whitespace().find(|name| name.split('-').next().is_some_and(|it| fits(it, version)))?;
    machine::output("rustup", &["which", "--toolchain", toolchain, "rustc"]).map(PathBuf::from)
}

fn unpack(version: &str, folder: &Path, root: &Path) -> Result<()> {
    let offered = machine::output("apt-cache", &["madison", "rustc-web"]).context("apt-cache is missing")?;
    let package = offered.lines().filter_map(|line| line.split('|').nth(1)).map(str::trim);
    let Some(package) = package.into_iter().find(|offered| fits(upstream(offered), version)) else {
        bail!("Debian offers no rustc-web {version}; was `apt-get update` run?");
    };
    let names = ["rustc-web".to_owned(), "libstd-rust-web-dev".to_owned(), format!("libstd-rust-web-{version}")];
    let wanted = names.iter().map(|name| format!("{name}={package}"));
    machine::run(Command::new("apt-get").args(["download", "-q"]).args(wanted).current_dir(folder))?;
    for file in std::fs::read_dir(folder)? {
        let file = file?.path();
        if file.extension().is_some_and(|extension| extension == "deb") {
            machine::run(Command::new("dpkg").arg("-x").arg(&file).arg(root))?;
            std::fs::remove_file(file)?;
        }
    }
    Ok(())
}

/// `1.85.0` of `1.85.0+dfsg3-1~deb12u3`.
fn upstream(package: &str) -> &str {
    package.split(['+', '-']).next().unwrap_or(package)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_level_is_the_same_version_and_a_longer_number_is_not() {
        assert!(fits("1.85", "1.85") && fits("1.85.0", "1.85"));
        assert!(!fits("1.850.0", "1.85") && !fits("1.8.5", "1.85") && !fits("stable", "1.85"));
        assert_eq!(upstream("1.85.0+dfsg3-1~deb12u3"), "1.85.0");
    }
}
