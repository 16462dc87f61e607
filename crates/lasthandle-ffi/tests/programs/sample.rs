//! The sample, a server and a client: every server with every client that can read its text, in C, C++, C# (.NET and
//! Mono), Rust, and the command line.

use std::path::{Path, PathBuf};

use crate::build::{Bench, Language, sibling, workspace};
use crate::managed::{self, Program};

/// What publishes the message, and what reads it.
struct Pair {
    name: String,
    server: Program,
    client: Program,
    /// How the client says that there is no such name; `None` where it says it on the error output.
    missing: Option<&'static str>,
}

const MISSING: Option<&str> = Some("Could not open file mapping object (2).\n");

fn c(bench: &Bench, language: Language) -> Pair {
    let [server, client] = ["server", "client"].map(|name| bench.example(language, name).into());
    Pair { name: format!("{language:?}"), server, client, missing: MISSING }
}

fn cpp(bench: &Bench, language: Language) -> Pair {
    let [server, client] = ["server.cpp", "client.cpp"].map(|name| {
        let source = workspace().join("examples/cpp").join(name);
        bench.compile(language, &source).unwrap_or_else(|said| panic!("{name}:\n{said}")).into()
    });
    Pair { name: format!("{language:?}, written as such"), server, client, missing: MISSING }
}

fn managed(bench: &Bench, suffix: &str) -> Vec<Pair> {
    let [servers, clients] = ["Server", "Client"].map(|name| managed::examples(bench, &format!("{name}{suffix}")));
    let pairs = servers.into_iter().zip(clients);
    let name = |server: &Program| server.arguments.last().cloned().unwrap_or_default();
    pairs.map(|(server, client)| Pair { name: name(&server), server, client, missing: MISSING }).collect()
}

fn command_line(encoding: &str) -> Pair {
    let program = || sibling("lasthandle", "lasthandle-cli", &[]);
    let with = |arguments: &[&str]| {
        let all = arguments.iter().copied().chain(["Local\\HelloWorld", "--encoding", encoding]);
        Program { file: program(), arguments: all.map(str::to_owned).collect() }
    };
    Pair { name: "the command line".into(), server: with(&["serve"]), client: with(&["read"]), missing: None }
}

fn rust() -> Pair {
    let [server, client] = ["server", "client"]
        .map(|name| -> Program { sibling(&format!("examples/{name}"), "lasthandle", &["--examples"]).into() });
    Pair { name: "Rust".into(), server, client, missing: None }
}

/// Starts each server, and reads what it published with each client.
fn all_meet(bench: &Bench, pairs: &[Pair]) {
    for publisher in pairs {
        let mut server = publisher.server.start(bench, &[]);
        // The last step before it is ready, in all of them: the message lies there.
        while !ready(&server.line()) {}
        for reader in pairs {
            let found = reader.client.run(bench, &[]);
            let expected = (0, "Message from first process.\n".to_owned());
            assert_eq!(found, expected, "{} reads what {} wrote", reader.name, publisher.name);
        }
        assert_eq!(server.finish().0, 0, "{}", publisher.name);
        let reader = &pairs[0];
        assert_eq!(reader.client.run(bench, &[]).1, reader.missing.unwrap_or_default(), "{} left", publisher.name);
    }
    for reader in pairs {
        let (code, said) = reader.client.run(bench, &[]);
        assert_ne!(code, 0, "{} found something", reader.name);
        assert_eq!(said, reader.missing.unwrap_or_default(), "{}", reader.name);
    }
}

fn ready(line: &str) -> bool {
    assert!(!line.is_empty(), "the server ended");
    line.starts_with("The message is there.") || line.starts_with("Ready.")
}

#[test]
fn narrow_servers_meet_narrow_clients() {
    let bench = Bench::new();
    let native = [c(&bench, Language::C), c(&bench, Language::Cpp), cpp(&bench, Language::Cpp), command_line("utf8")];
    let pairs: Vec<Pair> = native.into_iter().chain(managed(&bench, "")).collect();
    all_meet(&bench, &pairs);
}

#[test]
fn wide_servers_meet_wide_clients() {
    let bench = Bench::new();
    let wide = [c(&bench, Language::CWide), c(&bench, Language::CppWide), cpp(&bench, Language::CppWide)];
    let pairs: Vec<Pair> =
        wide.into_iter().chain([rust(), command_line("utf16")]).chain(managed(&bench, "Unicode")).collect();
    all_meet(&bench, &pairs);
}

#[test]
fn a_message_box_is_said_in_the_terminal() {
    let bench = Bench::new();
    let source: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/c/message_box.c");
    for (wide, language) in Language::ALL.map(|language| (Language::of_width(true).contains(&language), language)) {
        let client = bench.compile(language, &source).unwrap_or_else(|said| panic!("{said}"));
        let mut server = bench.start(&bench.example(Language::of_width(wide)[0], "server"), &[]);
        assert!(ready(&server.line()));
        let found = bench.run(&client, &[]);
        assert_eq!(found, (0, "Process2: Message from first process.\n".to_owned()), "{language:?}");
        assert_eq!(server.finish().0, 0);
    }
}
