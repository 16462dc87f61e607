//! The long runs: `cargo run --release -p storm -- --kills 10000`, `… -- sync --kills 100000`,
//! `… -- channel --kills 100000`. Its children run the same program.

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    use std::process::ExitCode;
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["child"] => storm::child::serve(),
        ["child", "again"] => {
            println!("ok"); // the answer to the command by which it became this program
            storm::child::serve();
        }
        ["child-in-new-numbers"] => return storm::child::in_new_numbers(),
        ["without-standard", name] => return ExitCode::from(storm::standard::run(name)),
        ["actor", board, slot, seed] => return ExitCode::from(storm::storm::act(board, slot, seed)),
        ["sync-actor", board, slot, seed] => return ExitCode::from(storm::sync_storm::act(board, slot, seed)),
        ["sync-referee", board] => return ExitCode::from(storm::sync_storm::judge(board)),
        ["channel-actor", what, board, seed] => return ExitCode::from(storm::channel_storm::act(what, board, seed)),
        ["channel", ref rest @ ..] => return storm::channel_storm::command(rest),
        ["sync", ref rest @ ..] => return storm::sync_storm::command(rest),
        ["--fuzz", rounds, ref rest @ ..] => return storm::fuzz::command(rounds, rest),
        _ => return storm::storm::command(&words),
    }
    ExitCode::SUCCESS
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("storm: only the Linux engine can be stormed");
}
