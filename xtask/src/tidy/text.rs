//! Every text file: nothing that is true on one machine only.

use regex_lite::Regex;

use super::{Complaint, File};

/// Written in pieces, as this file is checked too.
const FORBIDDEN: [(&str, &str); 2] = [
    (concat!("(^|[^A-Za-z0-9_.}-])/(work", "|root|home|tmp/wt)/"), "a path of one machine"),
    (
        concat!("(index|static|deb|registry|files)\\.(crates", "\\.io|debian\\.org|npmjs\\.org|pythonhosted\\.org)"),
        "the address of a package registry",
    ),
];

pub(super) fn check(file: &File) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    // Cargo writes its registry's address there.
    if file.path.ends_with("Cargo.lock") {
        return complaints;
    }
    for (pattern, what) in FORBIDDEN {
        let pattern = Regex::new(pattern).expect("a valid pattern");
        let found = file.lines().filter(|(_, line)| pattern.is_match(line));
        complaints.extend(found.map(|(number, _)| file.at(number, format!("{what} does not belong here"))));
    }
    // What programs print, to the letter, is as it is.
    let said = file.path.contains("/said/");
    let trailing = file.lines().filter(|(_, line)| !said && line.ends_with([' ', '\t', '\r']));
    complaints.extend(trailing.map(|(number, _)| file.at(number, "white space at the end of the line")));
    if !file.text.is_empty() && !file.text.ends_with('\n') {
        complaints.push(file.at(file.text.lines().count(), "no newline at the end of the file"));
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(text: &str) -> usize {
        check(&File::test("a.md", text)).len()
    }

    #[test]
    fn paths_of_one_machine_and_loose_ends_are_found() {
        assert_eq!(complaints(concat!("see /wo", "rk/x\n")), 1);
        assert_eq!(complaints(concat!("`/ro", "ot/.cargo`\n")), 1);
        assert_eq!(complaints(concat!("https://index.crates", ".io/\n")), 1);
        assert_eq!(complaints("blank \n"), 1);
        assert_eq!(complaints("no end"), 1);
        assert_eq!(complaints("the/work/of /workers, src/root/mod.rs\n"), 0);
    }
}
