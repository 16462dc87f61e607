//! `read` and `write`: text, bytes, dumps, ranges, waiting, and streams.

use std::io::{Read, Write};
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use crate::common::{Sandbox, wait};

#[test]
fn the_samples_bytes_are_utf_16_and_a_nul() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    let _server = sandbox.serve(&name, ["--message", "Hé \u{1F980}"]);
    let bytes = sandbox.run(["read", &name, "--raw", "--length", "16"]).out;
    assert_eq!(bytes, [0x48, 0, 0xE9, 0, 0x20, 0, 0x3E, 0xD8, 0x80, 0xDD, 0, 0, 0, 0, 0, 0]);
    assert_eq!(sandbox.run(["read", &name]).assert_code(0).text(), "Hé \u{1F980}\n");
}

#[test]
fn text_comes_back_in_either_encoding_and_ends_at_the_first_nul() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    let _server = sandbox.serve(&name, ["--size", "4K"]);
    for encoding in ["utf16", "utf8"] {
        for text in ["a longer text \u{10FFFF}\u{1F980} 共有メモリ", "two\nlines", "a", ""] {
            sandbox.run(["write", &name, text, "--encoding", encoding]).assert_code(0);
            let read = sandbox.run(["read", &name, "--encoding", encoding]);
            assert_eq!(read.assert_code(0).text(), format!("{text}\n"));
        }
    }
}

#[test]
fn text_that_is_cut_off_is_marked() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    let _server = sandbox.serve(&name, ["--message", "a\u{1F980}"]);
    let read = |length| sandbox.run(["read", &name, "--length", length]).text();
    assert_eq!(read("4"), "a\u{FFFD}\n");
    assert_eq!(read("3"), "a\u{FFFD}\n");
    assert_eq!(read("2"), "a\n");
    assert_eq!(read("0"), "\n");
}

#[test]
fn write_tells_what_it_wrote() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    let _server = sandbox.serve(&name, []);
    let told = sandbox.run(["write", &name, "Hi", "--offset", "8", "--json"]).json();
    assert_eq!(told, serde_json::json!({"name": name, "offset": 8, "bytes": 6}));
    assert_eq!(sandbox.run(["read", &name, "--offset", "8"]).text(), "Hi\n");
    assert_eq!(sandbox.run(["read", &name]).text(), "MessHi\n");
    let told = sandbox.run_with(["write", &name, "--stdin", "--offset", "3"], b"\0raw\0");
    assert_eq!(told.assert_code(0).text(), format!("Written to `{name}` at offset 3: 5 bytes.\n"));
    assert_eq!(sandbox.run(["read", &name, "--raw", "--offset", "2", "--length", "6"]).out, b"e\0raw\0");
    let told = sandbox.run_with(["write", &name, "--stdin", "--json"], b"").json();
    assert_eq!(told["bytes"], 0);
}

#[test]
fn a_dump_shows_offsets_bytes_and_ascii() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    let _server = sandbox.serve(&name, ["--size", "4K", "--message", "Hi!", "--encoding", "utf8"]);
    let dump = sandbox.run(["read", &name, "--hex", "--offset", "1", "--length", "50"]);
    let expected = "\
00000001  69 21 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |i!..............|
00000011  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|
*
00000031  00 00                                             |..|
00000033
";
    assert_eq!(dump.assert_code(0).text(), expected);
}

#[test]
fn a_range_past_the_end_is_an_error_and_nothing_is_cut_silently() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    let _server = sandbox.serve(&name, ["--size", "4096", "--message", "kept"]);
    assert_eq!(sandbox.run(["read", &name, "--raw", "--offset", "4K"]).assert_code(0).out, b"");
    for form in ["--raw", "--hex", "--encoding=utf8"] {
        sandbox.run(["read", &name, form, "--offset", "4097"]).assert_error(1, &["4097", "4096"]);
        sandbox.run(["read", &name, form, "--length", "4097"]).assert_error(1, &["4097", "4096"]);
        sandbox.run(["read", &name, form, "--offset", "1", "--length", "15E"]).assert_error(1, &["4096"]);
    }
    sandbox.run(["write", &name, "x", "--offset", "4097"]).assert_error(1, &["4097", "4096"]);
    sandbox.run(["write", &name, "x", "--offset", "4093"]).assert_error(1, &["4 bytes", "room for 3"]);
    sandbox.run(["write", &name, "x", "--offset", "4096", "--encoding", "utf8"]).assert_error(1, &["room for 0"]);
    sandbox.run(["write", &name, "x", "--offset", "4092"]).assert_code(0);
    sandbox.run(["write", &name, &"x".repeat(2048)]).assert_error(1, &["4098 bytes"]);
    assert_eq!(sandbox.run(["read", &name]).text(), "kept\n", "what did not fit was written");
}

#[test]
fn a_redirected_file_that_does_not_fit_is_refused_before_anything_is_written() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    let _server = sandbox.serve(&name, ["--size", "4096", "--message", "kept"]);
    let path = sandbox.files.path().join("input");
    std::fs::write(&path, [b'x'; 4097]).unwrap();
    let run = |offset: &str| {
        let mut command = sandbox.command(["write", &name, "--stdin", "--offset", offset]);
        let child = command.stdin(std::fs::File::open(&path).unwrap()).stderr(Stdio::piped()).output().unwrap();
        (child.status.code(), String::from_utf8(child.stderr).unwrap())
    };
    let (code, said) = run("0");
    assert!(code == Some(1) && said.contains("4097") && said.contains("4096"), "{code:?} {said}");
    assert_eq!(sandbox.run(["read", &name]).text(), "kept\n");
    std::fs::write(&path, [b'x'; 4000]).unwrap();
    assert_eq!(run("96").0, Some(0));
    assert_eq!(sandbox.run(["read", &name]).text(), "kept\n");
    assert_eq!(sandbox.run(["read", &name, "--raw", "--offset", "96"]).out, [b'x'; 4000]);
}

#[test]
fn a_stream_that_is_too_long_fills_the_room_and_says_so() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    let _server = sandbox.serve(&name, ["--size", "4096"]);
    let outcome = sandbox.run_with(["write", &name, "--stdin", "--offset", "4000"], &[b'y'; 97]);
    outcome.assert_error(1, &["longer", "96 bytes"]);
    assert_eq!(sandbox.run(["read", &name, "--raw", "--offset", "4000"]).out, [b'y'; 96]);
}

#[test]
fn an_unknown_name_is_exit_code_3() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    for args in [&["read", &*name] as &[&str], &["read", &name, "--raw"], &["write", &name, "x"]] {
        sandbox.run(args.iter().copied()).assert_error(3, &[&name]);
    }
}

#[test]
fn waiting_ends_when_the_text_is_there() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    let reader = {
        let mut command = sandbox.command(["read", &name, "--wait", "100s"]);
        thread::spawn(move || crate::common::finish(&mut command, b""))
    };
    thread::sleep(Duration::from_millis(100));
    // The name alone is no text yet.
    let server = sandbox.serve(&name, ["--message", ""]);
    thread::sleep(Duration::from_millis(100));
    assert!(!reader.is_finished());
    sandbox.run(["write", &name, "there"]).assert_code(0);
    assert_eq!(reader.join().unwrap().assert_code(0).text(), "there\n");
    drop(server);
}

#[test]
fn waiting_in_vain_is_exit_code_124() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    for form in ["--raw", "--hex", "--encoding=utf8"] {
        let start = Instant::now();
        sandbox.run(["read", &name, form, "--wait", "200ms"]).assert_error(124, &[&name, "200ms"]);
        assert!(start.elapsed() >= Duration::from_millis(200));
    }
    sandbox.run(["read", &name, "--wait", "0s"]).assert_error(124, &[]);
    let _server = sandbox.serve(&name, ["--message", ""]);
    sandbox.run(["read", &name, "--wait", "50ms"]).assert_error(124, &[&name, "no text"]);
    // Bytes are there from the start, zeros as they may be.
    assert!(!sandbox.run(["read", &name, "--raw", "--wait", "50ms"]).assert_code(0).out.is_empty());
}

#[test]
fn misuse_is_exit_code_2() {
    let sandbox = Sandbox::new();
    sandbox.run(["read"]).assert_error(2, &["<NAME>"]);
    sandbox.run(["read", "x", "--raw", "--hex"]).assert_error(2, &["--raw", "--hex"]);
    sandbox.run(["read", "x", "--encoding", "latin1"]).assert_error(2, &["latin1", "utf16"]);
    sandbox.run(["read", "x", "--offset", "-1"]).assert_error(2, &[]);
    sandbox.run(["read", "x", "--wait", "5"]).assert_error(2, &["--wait", "unit"]);
    sandbox.run(["read", "a\\b"]).assert_error(2, &["a\\b"]);
    sandbox.run(["write", "x"]).assert_error(2, &["<TEXT>"]);
    sandbox.run(["write", "x", "text", "--stdin"]).assert_error(2, &["--stdin"]);
    sandbox.run(["write", "x", "--stdin", "--encoding", "utf8"]).assert_error(2, &["--encoding"]);
}

/// A stream that never repeats within any window, so that a piece at the wrong place shows.
struct Noise(u64);

impl Noise {
    fn fill(&mut self, piece: &mut [u8]) {
        for word in piece.chunks_exact_mut(8) {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            word.copy_from_slice(&self.0.to_le_bytes());
        }
    }
}

#[test]
fn a_large_stream_goes_in_and_comes_out_unchanged() {
    const PIECE: usize = 1 << 20;
    const PIECES: usize = 200;
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    // Neither the start nor the end lies on a page.
    let _server = sandbox.serve(&name, ["--size", "209715300"]);
    let mut writer = sandbox.command(["write", &name, "--stdin", "--offset", "77", "--json"]);
    let mut writer = writer.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut noise, mut piece) = (Noise(42), vec![0; PIECE]);
    let mut to = writer.stdin.take().unwrap();
    for _ in 0..PIECES {
        noise.fill(&mut piece);
        to.write_all(&piece).unwrap();
    }
    drop(to);
    assert!(wait(&mut writer).success());
    let mut told = String::new();
    writer.stdout.take().unwrap().read_to_string(&mut told).unwrap();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&told).unwrap()["bytes"], PIECE * PIECES);

    let length = (PIECE * PIECES).to_string();
    let mut reader = sandbox.command(["read", &name, "--raw", "--offset", "77", "--length", &length]);
    let mut reader = reader.stdout(Stdio::piped()).spawn().unwrap();
    let (mut noise, mut expected) = (Noise(42), vec![0; PIECE]);
    let mut from = reader.stdout.take().unwrap();
    for at in 0..PIECES {
        from.read_exact(&mut piece).unwrap();
        noise.fill(&mut expected);
        assert!(piece == expected, "piece {at} differs");
    }
    assert_eq!(from.read(&mut piece).unwrap(), 0);
    assert!(wait(&mut reader).success());
}

#[test]
fn a_closed_output_ends_it_quietly() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    let _server = sandbox.serve(&name, ["--size", "8M"]);
    for args in [&["read", &*name, "--raw"] as &[&str], &["read", &name, "--hex"], &["read", &name], &["ls"], &["man"]]
    {
        let mut child = sandbox.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let code = wait(&mut child).code();
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!((code, &*said), (Some(0), ""), "{args:?}");
    }
}
