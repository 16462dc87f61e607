//! Manifests, and what must agree with them: lints, licence, the oldest Rust, why each dependency is there.

use toml::{Table, Value};

use super::{Complaint, File};
use crate::msrv;

/// What a member takes from the workspace, so that it is said once.
const SHARED: [&str; 4] = ["version", "edition", "rust-version", "license"];

pub(super) fn check(file: &File) -> Vec<Complaint> {
    let manifest: Table = match file.text.parse() {
        Ok(manifest) => manifest,
        Err(error) => return vec![file.at(1, error.to_string())],
    };
    let mut complaints = unexplained(file);
    if is_member(&file.path) {
        let shares = |value: Option<&Value>| value.and_then(|it| it.get("workspace")) == Some(&Value::Boolean(true));
        if !shares(manifest.get("lints")) {
            complaints.push(file.at(1, "the workspace's lints must hold: `[lints] workspace = true`"));
        }
        let package = manifest.get("package");
        let missing = SHARED.iter().filter(|key| !shares(package.and_then(|it| it.get(**key))));
        complaints.extend(missing.map(|key| file.at(1, format!("write `{key}.workspace = true`"))));
    }
    complaints
}

fn is_member(path: &str) -> bool {
    path.starts_with("crates/") || path.starts_with("xtask/")
}

/// A dependency says in a comment on its line why it is there; one of our own crates needs no excuse.
fn unexplained(file: &File) -> Vec<Complaint> {
    let mut dependencies = false;
    let mut complaints = Vec::new();
    for (number, line) in file.lines() {
        if line.starts_with('[') {
            dependencies = line.trim_end_matches(|end| end != ']').ends_with("dependencies]");
        }
        let entry = dependencies && !line.starts_with([' ', '[', '#', ']']) && line.contains('=');
        let own = line.contains("path =") || line.contains("workspace = true");
        if entry && !own && !line.contains('#') && !line.ends_with(['[', '{']) {
            complaints.push(file.at(number, "say in a comment on the line what the dependency is for"));
        }
    }
    complaints
}

/// Files that must be there, and say the same as the manifest.
pub(super) fn whole(files: &[File]) -> Vec<Complaint> {
    let find = |path: &str| files.iter().find(|file| file.path == path);
    let rust = find("Cargo.toml").and_then(|file| msrv::promised(&file.text).ok()).unwrap_or_default();
    let must = [
        ("LICENSE-MIT", "MIT License".to_owned()),
        ("LICENSE-APACHE", "Apache License".to_owned()),
        ("CHANGELOG.md", "## [Unreleased]".to_owned()),
        ("README.md", format!("Rust {rust} or later")),
        ("SECURITY.md", "# Security".to_owned()),
        ("CONTRIBUTING.md", ".ci/run".to_owned()),
    ];
    let wrong = must.iter().filter(|(path, text)| !find(path).is_some_and(|file| file.text.contains(text)));
    let message = |text: &str| format!("must be there and contain \"{text}\"");
    wrong.map(|(path, text)| Complaint { path: (*path).to_owned(), line: 1, message: message(text) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "[package]\nversion.workspace = true\nedition.workspace = true\nrust-version.workspace = true\n\
                        license.workspace = true\n[dependencies]\nlasthandle.workspace = true\na = \"1\" # why\n\
                        [lints]\nworkspace = true\n";

    fn complaints(text: &str) -> usize {
        check(&File::test("crates/a/Cargo.toml", text)).len()
    }

    #[test]
    fn a_member_shares_what_is_said_once_and_explains_what_it_takes() {
        assert_eq!(complaints(GOOD), 0);
        assert_eq!(complaints(&GOOD.replace("[lints]\nworkspace = true\n", "")), 1);
        assert_eq!(complaints(&GOOD.replace("license.workspace = true", "license = \"MIT\"")), 1);
        assert_eq!(complaints(&GOOD.replace(" # why", "")), 1);
        assert_eq!(complaints(&GOOD.replace("[dependencies]", "[target.'cfg(unix)'.dependencies]")), 0);
    }
}
