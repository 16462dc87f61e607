//! C# programs under .NET and under Mono.

use std::ffi::OsString;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::build::{Bench, Running, have, library_folder, on_path, workspace};

/// A program with its first arguments, such as a runtime with the assembly that it runs.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) file: PathBuf,
    pub(crate) arguments: Vec<String>,
}

impl From<PathBuf> for Program {
    fn from(file: PathBuf) -> Self {
        Self { file, arguments: Vec::new() }
    }
}

impl Program {
    fn all<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        self.arguments.iter().map(String::as_str).chain(more.iter().copied()).collect()
    }

    pub(crate) fn run(&self, bench: &Bench, more: &[&str]) -> (i32, String) {
        bench.run(&self.file, &self.all(more))
    }

    pub(crate) fn start(&self, bench: &Bench, more: &[&str]) -> Running {
        bench.start(&self.file, &self.all(more))
    }
}

/// How programs spell the library's name.
const SPELLINGS: [&str; 3] = ["Kernel32.dll", "kernel32.dll", "kernel32"];

/// What runs C# programs.
#[derive(Debug)]
pub(crate) enum Runtime {
    DotNet { host: PathBuf, libraries: PathBuf },
    Mono { host: PathBuf },
}

impl Runtime {
    /// Those that are here; the others are said to be missing.
    pub(crate) fn all() -> Vec<Self> {
        let Some(_) = have(on_path("mcs"), "the C# compiler", "on Debian: apt-get install mono-mcs") else {
            return Vec::new();
        };
        Self::dotnet().into_iter().chain(Self::mono()).collect()
    }

    fn dotnet() -> Option<Self> {
        let folder = library_folder().join("../../dotnet/dotnetcore2/bin");
        let host = Some(folder.join("dotnet")).filter(|host| host.is_file());
        let host = have(host, ".NET", "cargo xtask dotnet")?;
        let versions = std::fs::read_dir(folder.join("shared/Microsoft.NETCore.App")).expect(".NET's libraries");
        let libraries = versions.map(|version| version.expect("a version").path()).next().expect("a version");
        Some(Self::DotNet { host, libraries })
    }

    fn mono() -> Option<Self> {
        have(on_path("mono"), "Mono", "on Debian: apt-get install mono-runtime").map(|host| Self::Mono { host })
    }

    /// What the compiler refers to: .NET's own assemblies, or by itself Mono's.
    fn references(&self) -> Vec<OsString> {
        let Self::DotNet { libraries, .. } = self else { return Vec::new() };
        let files = std::fs::read_dir(libraries).expect("assemblies").map(|file| file.expect("a file").path());
        let assemblies = files.filter(|file| {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            file.extension().is_some_and(|it| it == "dll")
                && ["System.", "Microsoft."].iter().any(|it| name.starts_with(it))
        });
        let refer = |file: PathBuf| [OsString::from("-r:"), file.into_os_string()].into_iter().collect();
        ["-nostdlib", "-noconfig"].map(OsString::from).into_iter().chain(assemblies.map(refer)).collect()
    }

    /// Compiles a program into a folder of its own, with our library where the runtime looks for `Kernel32.dll`.
    pub(crate) fn compile(&self, bench: &Bench, source: &Path) -> Program {
        let stem = source.file_stem().expect("a name").to_string_lossy();
        let folder = bench.programs().join(format!("{stem}-{}", self.name()));
        std::fs::create_dir(&folder).expect("a folder");
        let program = folder.join(format!("{stem}.exe"));
        let mut out = OsString::from("-out:");
        out.push(&program);
        let built = Command::new("mcs").args(self.references()).arg(out).arg(source).status().expect("mcs");
        assert!(built.success(), "{stem} compiles for {}", self.name());
        self.lead(&folder, &program);
        let text = |path: PathBuf| path.to_str().expect("a path in UTF-8").to_owned();
        match self {
            Self::Mono { host } => Program { file: host.clone(), arguments: vec![text(program)] },
            Self::DotNet { host, .. } => {
                let config = text(folder.join("runtime.json"));
                let arguments = ["exec".into(), "--runtimeconfig".into(), config, text(program)];
                Program { file: host.clone(), arguments: arguments.into() }
            }
        }
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::DotNet { .. } => "dotnet",
            Self::Mono { .. } => "mono",
        }
    }

    /// Leads the runtime to the library: by its name beside the program, or by a map.
    fn lead(&self, folder: &Path, program: &Path) {
        let library = library_folder().join("liblasthandle_ffi.so");
        if let Self::DotNet { libraries, .. } = self {
            for name in SPELLINGS {
                symlink(&library, folder.join(format!("lib{name}.so"))).expect("a link");
            }
            let version = libraries.file_name().expect("a version").to_string_lossy();
            let framework = format!("{{\"name\":\"Microsoft.NETCore.App\",\"version\":\"{version}\"}}");
            let config = format!("{{\"runtimeOptions\":{{\"framework\":{framework}}}}}\n");
            std::fs::write(folder.join("runtime.json"), config).expect("a configuration");
        } else {
            let map = |name| format!("<dllmap dll=\"{name}\" target=\"{}\"/>", library.display());
            let config = format!("<configuration>{}</configuration>\n", SPELLINGS.map(map).concat());
            std::fs::write(program.with_extension("exe.config"), config).expect("a configuration");
        }
    }
}

/// One of the examples in C#, under each runtime.
pub(crate) fn examples(bench: &Bench, name: &str) -> Vec<Program> {
    let source = workspace().join("examples/cs").join(format!("{name}.cs"));
    Runtime::all().iter().map(|runtime| runtime.compile(bench, &source)).collect()
}

/// One of the programs in `tests/cs`, under each runtime, printing what it should.
fn each_says(name: &str, expected: &str) {
    let bench = Bench::new();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cs").join(format!("{name}.cs"));
    for runtime in Runtime::all() {
        let found = runtime.compile(&bench, &source).run(&bench, &[]);
        assert_eq!(found, (0, expected.to_owned()), "{name} under {}", runtime.name());
    }
}

#[test]
fn errors_reach_programs_in_c_sharp() {
    let expected = "fresh 0\nagain 183\nwait 0\ntimeout 258 183\nnot there 2\nother kind 6\nno access 5\n\
                    too many 298 77\nnot ours 288\nclosed 6\nforged 4294967295 6\nview 487\n";
    each_says("Errors", expected);
}

#[test]
fn safe_handles_threads_and_garbage_collection_leave_each_other_alone() {
    each_says("Threads", "errors of others: 0\nlost signals: 0\nnames after the collector: 2\nabandoned 128\n");
}
