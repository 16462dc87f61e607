//! The headers as compilers see them: each alone, in standard C and C++, and among other headers.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::build::Bench;

const WIDE: [&str; 3] = ["-DUNICODE", "-D_UNICODE", "-fshort-wchar"];

fn include() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("include")
}

/// What the compiler says of a source that does not pass.
fn checked(compiler: &str, standard: &str, options: &[&str], source: &Path) -> Result<(), String> {
    let mut command = Command::new(compiler);
    command.args(["-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]).arg(format!("-std={standard}"));
    command.args(options).arg("-I").arg(include().join("lasthandle")).arg(source);
    let output = command.output().expect("a compiler: gcc and g++");
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

fn in_every_standard(bench: &Bench, name: &str, text: &str, options: &[&str]) {
    let (c, cpp) = (bench.source(&format!("{name}.c"), text), bench.source(&format!("{name}.cpp"), text));
    for (compiler, standard, source) in
        [("gcc", "c99", &c), ("gcc", "c11", &c), ("g++", "c++11", &cpp), ("g++", "c++20", &cpp)]
    {
        checked(compiler, standard, options, source)
            .unwrap_or_else(|said| panic!("{name}, {standard} {options:?}:\n{said}"));
    }
}

fn headers(folder: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder).expect("the headers").map(|file| file.expect("a header").path());
    files.filter(|path| path.extension().is_some_and(|extension| extension == "h")).collect()
}

#[test]
fn each_header_stands_alone_in_standard_c_and_cpp() {
    let bench = Bench::new();
    let folders = [include(), include().join("lasthandle"), include().join("lasthandle/windows")];
    for header in folders.iter().flat_map(|folder| headers(folder)) {
        let name = header.file_stem().expect("a name").to_string_lossy();
        let text = format!("#include \"{}\"\nint main(void) {{ return 0; }}\n", header.display());
        in_every_standard(&bench, &name, &text, &[]);
        in_every_standard(&bench, &name, &text, &WIDE);
    }
}

#[test]
fn headers_of_the_system_may_come_before_and_after() {
    let bench = Bench::new();
    let system = "#include <pthread.h>\n#include <unistd.h>\n#include <sys/mman.h>\n#include <sys/socket.h>\n#include \
                  <netinet/in.h>\n#include <signal.h>\n#include <wchar.h>\n";
    let cpp =
        "#include <string>\n#include <thread>\n#include <iostream>\n#include <regex>\n#include <condition_variable>\n";
    let cpp = format!("#ifdef __cplusplus\n{cpp}#endif\n");
    let ours = "#include <windows.h>\n#include <tchar.h>\n#include <process.h>\n#include <conio.h>\n";
    let main = "int main(void) { return 0; }\n";
    for options in [&[][..], &WIDE] {
        // What standard C hides of the system's headers is theirs.
        let options = [options, &["-D_GNU_SOURCE"]].concat();
        in_every_standard(&bench, "first", &[ours, system, &cpp, main].concat(), &options);
        in_every_standard(&bench, "last", &[system, &cpp, ours, main].concat(), &options);
    }
}

#[test]
fn strings_that_would_break_are_told_of_and_those_that_work_are_not() {
    let bench = Bench::new();
    let text = |name: &str, open: &str| {
        let includes = "#include <windows.h>\n#include <string>\n";
        format!("{includes}HANDLE open(const std::{name} &name) {{ return OpenEventW(2, FALSE, {open}); }}\n")
    };
    let (short, units) = (text("wstring", "name.c_str()"), text("u16string", "name.c_str()"));
    let (short, units) = (bench.source("short.cpp", &short), bench.source("units.cpp", &units));
    let said = checked("g++", "c++17", &["-fshort-wchar"], &short).expect_err("strings that corrupt memory");
    assert!(said.contains("std::wstring") && said.contains("32-bit"), "{said}");
    checked("g++", "c++17", &[], &units).expect("strings of 16-bit units");
}
