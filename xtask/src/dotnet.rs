//! .NET for the tests of C# programs: a Python package that carries the runtime, under the target directory.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::machine::{self, missing, on_path};

const VERSION: &str = "3.1.23";

pub(crate) fn run() -> Result<()> {
    let folder = machine::folder("dotnet")?;
    let host = folder.join("dotnetcore2/bin/dotnet");
    if !runs(&host) {
        fetch(&folder)?;
        // A wheel's files are not executable.
        fs::set_permissions(&host, fs::Permissions::from_mode(0o755))
            .with_context(|| format!("{} is not in the package", host.display()))?;
    }
    ensure!(runs(&host), "{} does not run", host.display());
    println!(".NET {VERSION}: {}", host.display());
    Ok(())
}

fn runs(host: &Path) -> bool {
    machine::output(host, &["--list-runtimes"]).is_some_and(|runtimes| runtimes.contains(VERSION))
}

fn fetch(folder: &Path) -> Result<()> {
    on_path("python3").with_context(|| missing("python3", "python3 python3-pip"))?;
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--root-user-action=ignore"]);
    pip.args(["--no-deps", "--no-compile", "--only-binary=:all:", "--upgrade", "--target"]).arg(folder);
    machine::run(pip.arg(format!("dotnetcore2=={VERSION}"))).context("is pip there? on Debian: python3-pip")
}
