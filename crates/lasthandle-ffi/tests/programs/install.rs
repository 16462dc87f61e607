//! What `cargo xtask install` installs is all that programs need.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::build::{Bench, have, on_path, workspace};
use crate::managed::{Program, Runtime};

const MESSAGE: &str = "Message from first process.\n";

/// Installed into a folder of its own.
struct Installed {
    prefix: tempfile::TempDir,
    bench: Bench,
}

impl Installed {
    fn new() -> Self {
        let prefix = tempfile::tempdir().expect("a folder");
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["run", "-q", "-p", "xtask", "--", "install", "--prefix"]).arg(prefix.path());
        assert!(cargo.current_dir(workspace()).status().expect("cargo").success(), "it installs");
        Self { prefix, bench: Bench::new() }
    }

    fn library(&self, name: &str) -> PathBuf {
        self.prefix.path().join("lib").join(name)
    }

    /// What pkg-config says.
    fn flags(&self, question: &[&str]) -> Vec<String> {
        let mut asked = Command::new("pkg-config");
        asked.args(question).arg("lasthandle").env("PKG_CONFIG_PATH", self.library("pkgconfig"));
        let said = asked.output().expect("pkg-config");
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        String::from_utf8_lossy(&said.stdout).split_whitespace().map(str::to_owned).collect()
    }

    fn compile(&self, source: &Path, name: &str, flags: &[String]) -> PathBuf {
        let program = self.bench.programs().join(name);
        let mut gcc = Command::new("gcc");
        gcc.arg("-o").arg(&program).arg(source).args(flags).arg("-lpthread");
        let path = format!("-Wl,-rpath,{}", self.library("").display());
        assert!(gcc.arg(path).status().expect("gcc").success(), "{name} compiles");
        program
    }

    /// The server and the client of the sample, linked each way; they meet.
    fn sample_runs(&self) -> PathBuf {
        let example = |name: &str| workspace().join("examples/c").join(format!("{name}.c"));
        let mut wide = self.flags(&["--variable=wide"]);
        wide.extend(self.flags(&["--cflags", "--libs"]));
        let mut fixed = self.flags(&["--cflags"]);
        fixed.extend(self.flags(&["--variable=wide"]));
        fixed.push(self.library("liblasthandle.a").display().to_string());
        fixed.extend(self.flags(&["--static", "--libs"]).into_iter().filter(|flag| flag != "-llasthandle"));
        let server = self.compile(&example("server"), "server", &wide);
        let client = self.compile(&example("client"), "client", &fixed);
        assert!(needs(&server).contains("liblasthandle.so.0") && !needs(&client).contains("lasthandle"));
        let mut running = self.bench.start(&server, &[]);
        assert_eq!(running.line(), "The message is there. Press a key to end.");
        assert_eq!(self.bench.run(&client, &[]), (0, MESSAGE.to_owned()));
        assert_eq!(running.finish().0, 0);
        for (name, flags) in [("shared", &wide), ("fixed", &fixed)] {
            let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/c/random.c");
            let threads = self.compile(&source, name, flags);
            assert_eq!(self.bench.run(&threads, &["1", "1000"]), (0, "left mapped: 0\n".into()), "{name}");
        }
        server
    }

    /// C# programs find it by what was installed alone.
    fn managed_runs(&self, server: &Path) {
        let source = workspace().join("examples/cs/ClientUnicode.cs");
        for runtime in Runtime::all() {
            let program = self.lead(runtime.compile(&self.bench, &source));
            let mut running = self.bench.start(server, &[]);
            assert_eq!(running.line(), "The message is there. Press a key to end.");
            assert_eq!(program.run(&self.bench, &[]), (0, MESSAGE.to_owned()), "{}", runtime.name());
            assert_eq!(running.finish().0, 0);
        }
    }

    /// Takes away what lies beside a program for the other tests, and puts there what the documentation says.
    fn lead(&self, program: Program) -> Program {
        let file = PathBuf::from(program.arguments.last().expect("an assembly"));
        let folder = file.parent().expect("a folder");
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("a file").path();
            if path.is_symlink() || path.extension().is_some_and(|it| it == "config") {
                std::fs::remove_file(path).expect("a file that goes");
            }
        }
        std::os::unix::fs::symlink(self.library("libKernel32.dll.so"), folder.join("libKernel32.dll.so"))
            .expect("a link");
        let map = self.prefix.path().join("share/lasthandle/mono.config");
        std::fs::copy(map, file.with_extension("exe.config")).expect("a map");
        program
    }
}

/// The libraries that a program says it needs.
fn needs(program: &Path) -> String {
    let output = Command::new("objdump").arg("-p").arg(program).output().expect("objdump");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().filter(|line| line.contains("NEEDED")).collect()
}

/// The names that others can link to.
fn symbols(arguments: &[&str], file: &Path) -> BTreeSet<String> {
    let output = Command::new("nm").args(arguments).arg(file).output().expect("nm");
    assert!(output.status.success(), "{}", file.display());
    let listing = String::from_utf8_lossy(&output.stdout).into_owned();
    let names = listing.lines().filter_map(|line| line.rsplit_once(' ').map(|(_, name)| name));
    names.map(|name| name.split('@').next().unwrap_or(name).to_owned()).collect()
}

/// Those of the C library, in all its files.
fn libc() -> BTreeSet<String> {
    let files = ["libc.so.6", "libpthread.so.0", "libm.so.6", "libdl.so.2", "librt.so.1"];
    let path = |name: &str| {
        let said = Command::new("gcc").arg(format!("-print-file-name={name}")).output().expect("gcc");
        PathBuf::from(String::from_utf8_lossy(&said.stdout).trim())
    };
    files.iter().flat_map(|name| symbols(&["-D", "--defined-only"], &path(name))).collect()
}

#[test]
fn what_is_installed_is_all_that_programs_need() {
    let Some(_) = have(on_path("pkg-config"), "pkg-config", "on Debian: apt-get install pkg-config") else { return };
    let installed = Installed::new();
    let server = installed.sample_runs();
    installed.managed_runs(&server);

    let taken = libc();
    assert!(taken.contains("malloc") && taken.contains("pthread_create"));
    let shared = symbols(&["-D", "--defined-only"], &installed.library("liblasthandle.so"));
    assert!(shared.contains("CreateFileMappingW") && shared.contains("lh_wait_all"));
    let fixed = symbols(&["-g", "--defined-only"], &installed.library("liblasthandle.a"));
    assert!(fixed.contains("CreateFileMappingW"));
    let clash: Vec<_> = shared.union(&fixed).filter(|name| taken.contains(*name)).collect();
    assert!(clash.is_empty(), "also names of libc: {clash:?}");
}
