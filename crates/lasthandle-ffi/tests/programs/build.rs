//! C and C++ programs built against the shared library that the tests were built with.

use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Output, Stdio};

/// A compiler, and what makes texts narrow or wide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    C,
    CWide,
    Cpp,
    CppWide,
}

impl Language {
    pub(crate) const ALL: [Self; 4] = [Self::C, Self::CWide, Self::Cpp, Self::CppWide];
    pub(crate) const NARROW: [Self; 2] = [Self::C, Self::Cpp];

    /// Those whose texts are UTF-16, or those whose texts are UTF-8.
    pub(crate) fn of_width(wide: bool) -> [Self; 2] {
        if wide { [Self::CWide, Self::CppWide] } else { [Self::C, Self::Cpp] }
    }

    fn command(self) -> Command {
        let (program, options): (_, &[&str]) = match self {
            Self::C => ("gcc", &["-std=c11"]),
            Self::CWide => ("gcc", &["-std=c11", "-DUNICODE", "-D_UNICODE", "-fshort-wchar"]),
            Self::Cpp => ("g++", &["-x", "c++", "-std=c++17"]),
            Self::CppWide => ("g++", &["-x", "c++", "-std=c++17", "-DUNICODE", "-D_UNICODE", "-fshort-wchar"]),
        };
        let mut command = Command::new(program);
        command.args(options).args(["-O1", "-Wall", "-Wextra", "-Werror", "-D_DEFAULT_SOURCE"]);
        command
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The root of the workspace.
pub(crate) fn workspace() -> &'static Path {
    folder().ancestors().nth(2).expect("the crate lies two folders deep")
}

/// A program of the workspace, built if this is not a test of all of it: its path beside the tests' folder.
pub(crate) fn sibling(path: &str, package: &str, also: &[&str]) -> PathBuf {
    let program = library_folder().join("..").join(path);
    if !program.is_file() {
        let mut cargo = Command::new(env!("CARGO"));
        let built = cargo.args(["build", "-q", "-p", package]).args(also).status().expect("cargo");
        assert!(built.success() && program.is_file(), "{path} is built");
    }
    program
}

/// Whether a test can go on that needs a tool. Says so if not; where everything must run, it is a failure.
pub(crate) fn have(tool: Option<PathBuf>, what: &str, cure: &str) -> Option<PathBuf> {
    use std::io::Write;
    if tool.is_none() {
        assert!(std::env::var_os("CI").is_none(), "{what} is missing: {cure}");
        let _ = writeln!(std::io::stderr(), "SKIPPED: {what} is missing: {cure}");
    }
    tool
}

/// A program on the path.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// Where the shared library lies: beside this test.
pub(crate) fn library_folder() -> PathBuf {
    let mut path = std::env::current_exe().expect("a path of this test");
    path.pop();
    assert!(path.join("liblasthandle_ffi.so").is_file(), "the shared library is built with its tests");
    path
}

/// A program beside this test prints that and ends well, whichever of these it is compiled as.
pub(crate) fn says(languages: &[Language], name: &str, arguments: &[&str], expected: &str) {
    let bench = Bench::new();
    for language in languages {
        let (code, said) = bench.run(&bench.program(*language, name), arguments);
        // One line says more than two whole texts.
        for (found, wanted) in said.lines().zip(expected.lines()) {
            assert_eq!(found, wanted, "{name} as {language:?}");
        }
        assert_eq!((code, said.as_str()), (0, expected), "{name} as {language:?}");
    }
}

/// A place for programs and for names, of one test; gone when dropped.
pub(crate) struct Bench {
    programs: tempfile::TempDir,
    root: tempfile::TempDir,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let root = tempfile::Builder::new().prefix("lasthandle-ffi-").tempdir_in("/dev/shm");
        Self { programs: tempfile::tempdir().expect("a directory"), root: root.expect("a directory for names") }
    }

    /// Where the names lie.
    pub(crate) fn root(&self) -> &Path {
        self.root.path()
    }

    /// Compiles a program; what the compiler says, if it refuses.
    pub(crate) fn compile(&self, language: Language, source: &Path) -> Result<PathBuf, String> {
        let run_path = format!("-Wl,-rpath,{}", library_folder().display());
        self.link(language, source, "", &["-L", text(&library_folder()), "-llasthandle_ffi", &run_path])
    }

    fn link(&self, language: Language, source: &Path, suffix: &str, libraries: &[&str]) -> Result<PathBuf, String> {
        let stem = source.file_stem().expect("a name").to_string_lossy();
        let program = self.programs.path().join(format!("{stem}-{language:?}{suffix}"));
        let mut command = language.command();
        command.arg("-I").arg(folder().join("include")).arg("-I").arg(folder().join("include/lasthandle"));
        command.arg("-o").arg(&program).arg(source).args(["-x", "none"]).args(libraries);
        let output = command.output().expect("a compiler: gcc and g++");
        if output.status.success() { Ok(program) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
    }

    /// One of the programs beside this test, with the library inside.
    pub(crate) fn statically(&self, language: Language, name: &str) -> PathBuf {
        let (source, library) = (folder().join("tests/c").join(format!("{name}.c")), library_folder());
        let library = library.join("liblasthandle_ffi.a");
        self.link(language, &source, "-static", &[text(&library), "-lpthread", "-ldl", "-lm"])
            .unwrap_or_else(|said| panic!("{name} as {language:?}:\n{said}"))
    }

    /// One of the programs beside this test.
    pub(crate) fn program(&self, language: Language, name: &str) -> PathBuf {
        let source = folder().join("tests/c").join(format!("{name}.c"));
        self.compile(language, &source).unwrap_or_else(|said| panic!("{name} as {language:?}:\n{said}"))
    }

    /// One of the examples.
    pub(crate) fn example(&self, language: Language, name: &str) -> PathBuf {
        let source = workspace().join("examples/c").join(format!("{name}.c"));
        self.compile(language, &source).unwrap_or_else(|said| panic!("{name} as {language:?}:\n{said}"))
    }

    /// Where the programs lie.
    pub(crate) fn programs(&self) -> &Path {
        self.programs.path()
    }

    /// A source of one test's own.
    pub(crate) fn source(&self, name: &str, text: &str) -> PathBuf {
        let path = self.programs.path().join(name);
        std::fs::write(&path, text).expect("a source that can be written");
        path
    }

    fn command(&self, program: &Path, arguments: &[&str]) -> Command {
        // A program that hangs fails its test, and stays nowhere.
        let mut command = Command::new("timeout");
        command.args(["--kill-after=5", "60"]).arg(program).args(arguments);
        command.env("LASTHANDLE_ROOT", self.root.path()).env("TMPDIR", self.programs.path());
        // Cargo's own would lead to a library of an earlier build, which may lie one folder up.
        command.env_remove("LD_LIBRARY_PATH");
        command.stderr(Stdio::inherit());
        // The library that the program was linked with, not one of an older build that cargo puts on the path.
        command.env_remove("LD_LIBRARY_PATH");
        // For .NET: it needs no library of languages, and leaves no sockets for debuggers.
        command.env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1").env("COMPlus_EnableDiagnostics", "0");
        command
    }

    /// Runs a program to its end: its exit code and what it printed.
    pub(crate) fn run(&self, program: &Path, arguments: &[&str]) -> (i32, String) {
        let output = self.command(program, arguments).stdin(Stdio::null()).output().expect("a program that starts");
        ended(&output)
    }

    /// Starts a program that goes on until its input ends.
    pub(crate) fn start(&self, program: &Path, arguments: &[&str]) -> Running {
        let mut command = self.command(program, arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a program that starts");
        let input = child.stdin.take();
        Running { child, input }
    }
}

fn ended(output: &Output) -> (i32, String) {
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A program that runs.
pub(crate) struct Running {
    child: Child,
    input: Option<ChildStdin>,
}

impl Running {
    /// The next line that it prints.
    pub(crate) fn line(&mut self) -> String {
        use std::io::{BufRead, BufReader};
        let mut line = String::new();
        // Buffered one byte at a time: what follows stays for `finish`.
        let output = self.child.stdout.as_mut().expect("an output");
        let read = BufReader::with_capacity(1, output).read_line(&mut line).expect("an output that can be read");
        assert_ne!(read, 0, "the program ended without another line");
        line.trim_end().to_owned()
    }

    /// Ends its input, and waits for it.
    pub(crate) fn finish(mut self) -> (i32, String) {
        drop(self.input.take());
        ended(&self.child.wait_with_output().expect("an end"))
    }
}
