//! Programs in C and C++, as people write them for Windows, against the shared library.
#![cfg(target_os = "linux")]

mod build;
mod channels;
mod debug_output;
mod documented;
mod file_counter;
mod files;
mod headers;
mod install;
mod loading;
mod managed;
mod memory;
mod messages;
mod processes;
mod queue;
mod sample;
mod single_instance;
mod telemetry;
mod text;
mod threads;
mod timer;

use std::path::Path;
use std::process::Command;

use build::{Bench, Language, library_folder};

#[test]
fn two_processes_hand_over_by_events() {
    let bench = Bench::new();
    let c = bench.program(Language::C, "handover");
    let cpp = bench.program(Language::Cpp, "handover");
    let second = bench.start(&cpp, &["second", "2000"]);
    assert_eq!(bench.run(&c, &["first", "2000"]), (0, "done 2000\n".into()));
    assert_eq!(second.finish(), (0, "done 2000\n".into()));
}

#[test]
fn waits_for_any_and_all_say_what_windows_says() {
    let bench = Bench::new();
    for language in [Language::C, Language::Cpp] {
        let (code, said) = bench.run(&bench.program(language, "waits"), &[]);
        let expected = "any: the free mutex: 2\nall: not yet: 102\nbefore: 0\nany: the semaphore: 1\n\
                        any: the event: 0\nall: 0\nall: the semaphore and the timer were taken: 102\n";
        assert_eq!((code, said.get(..expected.len())), (0, Some(expected)));
        assert!(said.ends_with("release: 1\nrelease: 1\nrelease: 0\nerror 288\nthis process: 102\n1111\n"), "{said}");
    }
}

#[test]
fn bad_input_crashes_nothing_and_succeeds_nowhere() {
    let bench = Bench::new();
    let (code, said) = bench.run(&bench.program(Language::C, "bad_input"), &[]);
    let expected =
        "forged handles: 0 calls succeeded\nnames and flags: 0 calls succeeded\nleft open: 0 0\nthe good handle: 1 0\n";
    assert_eq!((code, said.as_str()), (0, expected));
}

#[test]
fn random_calls_of_several_threads_end_and_leave_nothing() {
    let bench = Bench::new();
    let program = bench.program(Language::C, "random");
    for seed in 1..=5 {
        let found = bench.run(&program, &[&seed.to_string(), "10000"]);
        assert_eq!(found, (0, "left mapped: 0\n".into()), "seed {seed}");
    }
}

#[test]
fn children_of_a_process_with_busy_threads_can_go_on() {
    let bench = Bench::new();
    assert_eq!(bench.run(&bench.program(Language::C, "forks"), &[]), (0, "0 bad\n".into()));
}

#[test]
fn the_functions_with_the_prefix_work_from_c() {
    let bench = Bench::new();
    for language in [Language::C, Language::Cpp] {
        let (code, said) = bench.run(&bench.program(language, "lh"), &[]);
        let objects = "0 0 4096\n0 5 named\n0 4088\n0 0 0 0\n0 2; 0 0 0; 0 0 at 1\n298 6 6\n2 6 87 87\n0 1\n";
        let handles = "0 1 0 5 0 6 87 87 5 5 0 0 5 6 7\n0 5 0 0\nchild: 0 0 87 87 0 inherited 0\n0 0 0\n";
        let names = "0 0 6 161 3 123 123 87 0 Local\\x 7; 122 Local\\x 12; 122 6; 0 Local\\n 6\n";
        let files = "2 1006 8 87 0 0 0 0 0 5 saved\n0 0 0 87\n";
        let expected = [objects, handles, names, files].concat();
        assert_eq!((code, said), (0, expected));
    }
}

#[test]
fn wide_literals_without_short_wide_characters_are_refused() {
    let bench = Bench::new();
    let call = |text| {
        format!("#include <windows.h>\nint main(void) {{ return OpenEventW(2, FALSE, {text}\"x\") != NULL; }}\n")
    };
    let (long, units) = (bench.source("long.c", &call("L")), bench.source("units.c", &call("u")));
    for language in [Language::C, Language::Cpp] {
        let said = bench.compile(language, &long).expect_err("texts of 32-bit characters");
        assert!(said.contains("wchar_t") || said.contains("incompatible pointer"), "{said}");
        // In C, u"" needs a header for its type, but not to be passed on.
        bench.compile(language, &units).expect("texts of 16-bit characters");
    }
    let tchar = bench.source("tchar.c", "#define UNICODE\n#include <windows.h>\nint main(void) { return 0; }\n");
    assert!(bench.compile(Language::C, &tchar).expect_err("the check").contains("-fshort-wchar"));
}

/// What the headers say, one after another.
fn headers() -> String {
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("include");
    let families = std::fs::read_dir(include.join("lasthandle/windows")).expect("the headers");
    let families = families.map(|file| file.expect("a header").path());
    let others = ["lasthandle.h", "lasthandle/process.h"].map(|file| include.join(file));
    families.chain(others).map(|file| std::fs::read_to_string(file).expect("a text")).collect()
}

/// What the library exports: ours and Windows'.
fn exports() -> Vec<String> {
    let library = library_folder().join("liblasthandle_ffi.so");
    let listing = Command::new("nm").args(["-D", "--defined-only"]).arg(library).output().expect("nm");
    let listing = String::from_utf8(listing.stdout).expect("a text");
    let exported: Vec<_> = listing.lines().filter_map(|line| line.split(' ').next_back()).map(str::to_owned).collect();
    for known in ["CreateFileMappingW", "lh_wait_all"] {
        assert!(exported.iter().any(|name| name == known), "{known} is exported");
    }
    exported
}

#[test]
fn the_library_exports_what_the_headers_declare_and_nothing_else() {
    let header = headers();
    for name in exports() {
        let declared = [format!(" {name}("), format!("*{name}(")].iter().any(|form| header.contains(form.as_str()));
        assert!(declared, "{name} is exported and not declared");
    }
}

#[test]
fn each_call_of_windows_is_in_the_list_of_calls() {
    let list = build::workspace().join("docs/kernel32.md");
    let list = std::fs::read_to_string(list).expect("a text");
    for name in exports().iter().filter(|name| !name.starts_with("lh_")) {
        let both = name.strip_suffix(['A', 'W']).map(|stem| format!("`{stem}A/W`"));
        let told = [Some(format!("`{name}`")), both].into_iter().flatten().any(|form| list.contains(&form));
        assert!(told, "{name} is exported and not in the list");
    }
}
