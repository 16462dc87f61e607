//! A process that was started with its three standard descriptors closed: the first files that it opens get their
//! numbers, and whatever it prints goes there.

use std::fs;
use std::path::Path;

use lasthandle::Mapping;

use crate::system;

/// Closes the three, makes an object, prints, and looks. The exit code says what was wrong.
pub fn run(name: &str) -> u8 {
    system::close_standard();
    let made = (0..3).map(|at| Mapping::create(format!("{name}-{at}"), 4096)).collect::<lasthandle::Result<Vec<_>>>();
    let Ok(mappings) = made else { return 10 };
    println!("what a program prints must not land in an object");
    eprintln!("nor what it complains of");
    let Ok(opened) = Mapping::open(format!("{name}-0")) else { return 11 };
    for mapping in mappings.iter().chain([&opened]) {
        let Ok(view) = mapping.view() else { return 12 };
        if view.bytes().any(|byte| byte != 0) {
            return 13;
        }
    }
    let ours = |number: u32| leads_to_an_object(&format!("/proc/self/fd/{number}"));
    if (0..3).any(ours) { 14 } else { 0 }
}

fn leads_to_an_object(link: &str) -> bool {
    let root = std::env::var_os("LASTHANDLE_ROOT").unwrap_or_default();
    fs::read_link(Path::new(link)).is_ok_and(|target| target.starts_with(&root))
}
