//! How the command ends when it does not end well: one line on stderr, and an exit code.

use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::error::ErrorKind as ClapKind;
use lasthandle::ErrorKind;

const FAILED: u8 = 1;
const MISUSE: u8 = 2;
const NOT_FOUND: u8 = 3;
const TIMED_OUT: u8 = 124;

/// What was waited for did not happen in time.
#[derive(Debug)]
pub(crate) struct TimedOut(pub(crate) String);

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TimedOut {}

/// Says what failed and gives the exit code.
pub(crate) fn report(error: &anyhow::Error) -> ExitCode {
    if is_closed_output(error) {
        return ExitCode::SUCCESS; // the reader has what it wanted, as with `| head`
    }
    say(&sentence(error));
    ExitCode::from(code(error))
}

/// Says what is wrong with the command line in the same form as any other error; help and version are no errors.
pub(crate) fn misuse(error: &clap::Error) -> ExitCode {
    match error.kind() {
        ClapKind::DisplayHelp | ClapKind::DisplayVersion => {
            let _ = error.print(); // a closed output is none of our business
            ExitCode::SUCCESS
        }
        ClapKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = error.print();
            ExitCode::from(MISUSE)
        }
        _ => {
            say(&in_one_line(&error.render().to_string()));
            ExitCode::from(MISUSE)
        }
    }
}

/// An error of the library says everything in its own sentence, the system's words included: nothing under it is
/// repeated.
fn sentence(error: &anyhow::Error) -> String {
    let mut parts = Vec::new();
    for cause in error.chain() {
        parts.push(cause.to_string());
        if cause.is::<lasthandle::Error>() {
            break;
        }
    }
    parts.join(": ")
}

fn code(error: &anyhow::Error) -> u8 {
    if error.is::<TimedOut>() {
        return TIMED_OUT;
    }
    match error.downcast_ref::<lasthandle::Error>().map(lasthandle::Error::kind) {
        Some(ErrorKind::NotFound) => NOT_FOUND,
        Some(ErrorKind::InvalidName) => MISUSE,
        _ => FAILED,
    }
}

fn is_closed_output(error: &anyhow::Error) -> bool {
    error
        .chain()
        .any(|cause| cause.downcast_ref::<io::Error>().is_some_and(|io| io.kind() == io::ErrorKind::BrokenPipe))
}

/// From clap's paragraphs: the first ones, up to the usage, which help shows better.
fn in_one_line(text: &str) -> String {
    let text = text.strip_prefix("error: ").unwrap_or(text);
    let until = ["\nUsage:", "\nFor more information"].iter().filter_map(|end| text.find(end)).min();
    let paragraphs = text[..until.unwrap_or(text.len())].split("\n\n");
    let lines = paragraphs.map(|it| it.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|it| !it.is_empty());
    format!("{}; see --help", lines.collect::<Vec<_>>().join("; "))
}

fn say(sentence: &str) {
    let style = anstyle::AnsiColor::Red.on_default().bold();
    let line = crate::output::printable(sentence);
    // An error that cannot be told changes nothing about the exit code.
    let _ = writeln!(anstream::stderr(), "{style}lasthandle:{style:#} {line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claps_paragraphs_become_one_line_without_the_usage() {
        let text = "error: unexpected argument '--siz' found\n\n  tip: a similar argument exists: '--size'\n\n\
                    Usage: lasthandle serve <NAME>\n\nFor more information, try '--help'.\n";
        assert_eq!(
            in_one_line(text),
            "unexpected argument '--siz' found; tip: a similar argument exists: '--size'; see --help"
        );
    }

    #[test]
    fn a_library_error_is_not_followed_by_the_system_error_it_already_quotes() {
        let name = lasthandle::Name::new("Local\\").unwrap_err();
        let alone = name.to_string();
        assert_eq!(sentence(&anyhow::Error::new(name).context("first")), format!("first: {alone}"));
    }

    #[test]
    fn kinds_have_their_codes_below_any_context() {
        let invalid = anyhow::Error::new(lasthandle::Name::new("").unwrap_err()).context("while");
        assert_eq!(code(&invalid), MISUSE);
        assert_eq!(code(&anyhow::Error::new(TimedOut(String::new())).context("while")), TIMED_OUT);
        assert_eq!(code(&anyhow::anyhow!("other")), FAILED);
    }
}
