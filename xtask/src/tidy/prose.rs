//! Documents: links that lead somewhere, an index that is whole.

use std::path::Path;

use regex_lite::Regex;

use super::{Complaint, File};

/// The index of the decisions.
const INDEX: &str = "docs/design/README.md";

pub(super) fn check(file: &File) -> Vec<Complaint> {
    let folder = Path::new(&file.path).parent().unwrap_or(Path::new(""));
    let broken = links(file).filter(|(_, target)| !file.root.join(folder).join(target).exists());
    broken.map(|(line, target)| file.at(line, format!("the link to {target} leads nowhere"))).collect()
}

/// Every page of decisions is in the index.
pub(super) fn whole(files: &[File]) -> Vec<Complaint> {
    let Some(index) = files.iter().find(|file| file.path == INDEX) else {
        return vec![Complaint { path: INDEX.to_owned(), line: 1, message: "the index is missing".to_owned() }];
    };
    let listed: Vec<String> = links(index).map(|(_, target)| format!("docs/design/{target}")).collect();
    let pages = files.iter().filter(|file| file.path.starts_with("docs/design/") && file.extension() == "md");
    let unlisted = pages.filter(|page| page.path != INDEX && !listed.contains(&page.path));
    unlisted.map(|page| page.at(1, format!("not listed in {INDEX}"))).collect()
}

/// The lines and targets of relative links, without their anchors, outside of code.
fn links(file: &File) -> impl Iterator<Item = (usize, String)> {
    let pattern = Regex::new(r"\]\(([^)\s#]+)(#[^)]*)?\)").expect("a valid pattern");
    let mut found = Vec::new();
    let mut in_code = false;
    for (number, line) in file.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        } else if !in_code {
            let targets = pattern.captures_iter(line).map(|captures| captures[1].to_owned());
            found.extend(targets.filter(|target| !target.contains("://")).map(|target| (number, target)));
        }
    }
    found.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_links_are_found_without_their_anchors() {
        let file = File::test("a.md", "[a](b.md#c) [d](https://e/f) [g](#h)\n```\n[i](j)\n```\n[k](l/)\n");
        let found: Vec<_> = links(&file).collect();
        assert_eq!(found, [(1, "b.md".to_owned()), (5, "l/".to_owned())]);
        assert_eq!(check(&file).len(), 2);
    }

    #[test]
    fn a_page_that_the_index_does_not_list_is_found() {
        let page = |path: &str, text: &str| File::test(path, text);
        let files = [page(INDEX, "[a](a.md)\n"), page("docs/design/a.md", "A\n"), page("docs/design/b.md", "B\n")];
        let found = whole(&files);
        assert!(found.len() == 1 && found[0].path == "docs/design/b.md", "{found:?}");
    }
}
