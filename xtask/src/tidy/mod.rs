//! What neither the compiler nor clippy checks. Each complaint names file and line and says what to do.

mod code;
mod manifest;
mod prose;
mod rules;
mod source;
mod text;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::machine;

pub(crate) fn run() -> Result<()> {
    let files = read(machine::root()?)?;
    let mut complaints: Vec<Complaint> = files.iter().flat_map(check).collect();
    complaints.extend(manifest::whole(&files));
    complaints.extend(prose::whole(&files));
    complaints.extend(rules::unused(&files));
    for complaint in &complaints {
        eprintln!("{complaint}");
    }
    match complaints.len() {
        0 => println!("tidy: {} files", files.len()),
        count => bail!("tidy: {count} complaints"),
    }
    Ok(())
}

fn check(file: &File) -> Vec<Complaint> {
    let mut complaints = text::check(file);
    match file.extension() {
        "rs" => complaints.extend(source::check(file)),
        "md" => complaints.extend(prose::check(file)),
        _ if file.path.ends_with("Cargo.toml") => complaints.extend(manifest::check(file)),
        _ => {}
    }
    complaints
}

/// A file of the project: its path from the root, with `/`, and its text.
struct File {
    path: String,
    text: String,
    root: PathBuf,
}

impl File {
    fn extension(&self) -> &str {
        self.path.rsplit_once('.').map_or("", |(_, extension)| extension)
    }

    fn at(&self, line: usize, message: impl Into<String>) -> Complaint {
        Complaint { path: self.path.clone(), line, message: message.into() }
    }

    /// The lines with their numbers.
    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    #[cfg(test)]
    fn test(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned(), root: PathBuf::new() }
    }
}

/// Something that is not as it should be.
#[derive(Debug)]
struct Complaint {
    path: String,
    line: usize,
    message: String,
}

impl std::fmt::Display for Complaint {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}:{}: {}", self.path, self.line, self.message)
    }
}

/// Every text file that git knows, or would if it were added.
fn read(root: &Path) -> Result<Vec<File>> {
    let listing = ["-C", root.to_str().context("the path is not UTF-8")?, "ls-files", "-co", "--exclude-standard"];
    let listing = machine::output("git", &listing).context("git is missing, or this is no checkout")?;
    let file = |path: &str| {
        Some(File {
            path: path.to_owned(),
            text: std::fs::read_to_string(root.join(path)).ok()?,
            root: root.to_owned(),
        })
    };
    Ok(listing.lines().filter_map(file).collect())
}
