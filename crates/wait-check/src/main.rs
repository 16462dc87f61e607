//! The checker by hand: directed programs, then random ones.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use wait_check::random::{self, Choice};
use wait_check::{Program, check, directed};

const USAGE: &str = "usage: wait-check [--long] [--only TEXT] [--most STATES] [--seed N] [--minutes N]";

struct Options {
    /// States of one program.
    most: usize,
    only: String,
    seed: u64,
    random_for: Duration,
}

#[derive(Default)]
struct Totals {
    programs: usize,
    whole: usize,
    states: usize,
    failed: usize,
}

fn main() -> ExitCode {
    let Some(options) = options() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let mut totals = Totals::default();
    for program in directed::programs().into_iter().filter(|program| program.name.contains(&options.only)) {
        totals.check(&program, options.most, true);
    }
    let start = Instant::now();
    let mut seed = options.seed;
    while start.elapsed() < options.random_for && totals.failed == 0 {
        let choice = Choice { kills: seed % 2 == 1, time: seed / 2 % 2 == 1 };
        totals.check(&random::program(seed, choice), options.most / 10, false);
        seed += 1;
    }
    println!(
        "{} programs ({} of them whole, the others up to a limit), {} states, {} failed",
        totals.programs, totals.whole, totals.states, totals.failed
    );
    if totals.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn options() -> Option<Options> {
    let mut options = Options { most: 2_000_000, only: String::new(), seed: 0, random_for: Duration::from_secs(10) };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--long" => {
                options.most = 10_000_000;
                options.random_for = Duration::from_secs(600);
            }
            "--only" => options.only = arguments.next()?,
            "--most" => options.most = arguments.next()?.parse().ok()?,
            "--seed" => options.seed = arguments.next()?.parse().ok()?,
            "--minutes" => options.random_for = Duration::from_secs(60 * arguments.next()?.parse::<u64>().ok()?),
            _ => return None,
        }
    }
    Some(options)
}

impl Totals {
    fn check(&mut self, program: &Program, most: usize, tell: bool) {
        let start = Instant::now();
        let report = check(program, most);
        self.programs += 1;
        self.whole += usize::from(report.complete);
        self.states += report.states;
        if tell || report.failure.is_some() {
            let more = if report.complete { ' ' } else { '+' };
            let seconds = start.elapsed().as_secs_f32();
            println!(
                "{:>9}{more} states {:>4} ends {seconds:>6.1} s  {}",
                report.states, report.outcomes, program.name
            );
        }
        if let Some(failure) = report.failure {
            self.failed += 1;
            println!("FAILED: {program}{failure}");
        }
    }
}
