//! How the command ends when it does not end well: one line on stderr, and an exit code.

use std::fmt;
use std::io::{self, Write};

use clap::error::ErrorKind as ClapKind;
use lasthandle::ErrorKind;

/// Signaled, by a mutex whose owner ended without releasing it.
pub(crate) const ABANDONED: i32 = 4;

const FAILED: i32 = 1;
const MISUSE: i32 = 2;
const NOT_FOUND: i32 = 3;
const TIMED_OUT: i32 = 124;
// The shells' own, for a command that they cannot start.
const NOT_EXECUTABLE: i32 = 126;
const NO_SUCH_COMMAND: i32 = 127;

/// Arguments that do not go together, where clap cannot tell.
#[derive(Debug)]
pub(crate) struct Misuse(pub(crate) String);

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Misuse {}

/// What was waited for did not happen in time.
#[derive(Debug)]
pub(crate) struct TimedOut(pub(crate) String);

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TimedOut {}

/// A command that could not be started.
#[derive(Debug)]
pub(crate) struct NotStarted {
    pub(crate) program: String,
    pub(crate) why: io::Error,
}

impl fmt::Display for NotStarted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot run `{}`: {}", self.program, self.why)
    }
}

impl std::error::Error for NotStarted {}

/// Says what failed and gives the exit code.
pub(crate) fn report(error: &anyhow::Error) -> i32 {
    if is_closed_output(error) {
        return 0; // the reader has what it wanted, as with `| head`
    }
    say(&sentence(error));
    code(error)
}

/// Says what the user should know though nothing failed.
pub(crate) fn note(sentence: &str) {
    let style = anstyle::AnsiColor::Yellow.on_default().bold();
    tell(style, sentence);
}

/// Says what is wrong with the command line in the same form as any other error; help and version are no errors.
pub(crate) fn misuse(error: &clap::Error) -> i32 {
    match error.kind() {
        ClapKind::DisplayHelp | ClapKind::DisplayVersion => {
            let _ = error.print(); // a closed output is none of our business
            0
        }
        ClapKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = error.print();
            MISUSE
        }
        _ => {
            say(&in_one_line(&error.render().to_string()));
            MISUSE
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

fn code(error: &anyhow::Error) -> i32 {
    if error.is::<TimedOut>() {
        return TIMED_OUT;
    }
    if error.is::<Misuse>() {
        return MISUSE;
    }
    if let Some(NotStarted { why, .. }) = error.downcast_ref() {
        return if why.kind() == io::ErrorKind::NotFound { NO_SUCH_COMMAND } else { NOT_EXECUTABLE };
    }
    match error.downcast_ref::<lasthandle::Error>().map(lasthandle::Error::kind) {
        Some(ErrorKind::NotFound) => NOT_FOUND,
        Some(ErrorKind::InvalidName | ErrorKind::InvalidParameter) => MISUSE,
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
    tell(anstyle::AnsiColor::Red.on_default().bold(), sentence);
}

fn tell(style: anstyle::Style, sentence: &str) {
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
        let not_started = |kind: io::ErrorKind| NotStarted { program: "x".into(), why: kind.into() };
        assert_eq!(code(&not_started(io::ErrorKind::NotFound).into()), NO_SUCH_COMMAND);
        assert_eq!(code(&not_started(io::ErrorKind::PermissionDenied).into()), NOT_EXECUTABLE);
    }
}
