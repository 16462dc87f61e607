//! The committed header is what cbindgen makes of the sources, on whatever system.
#![cfg(target_os = "linux")]

use std::path::Path;

#[test]
fn the_committed_header_is_up_to_date() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(folder.join("cbindgen.toml")).expect("a configuration");
    let sources = cbindgen::Builder::new().with_config(config).with_src(folder.join("src/lh/mod.rs"));
    let mut generated = Vec::new();
    sources.generate().expect("sources that can be read").write(&mut generated);
    let generated = String::from_utf8(generated).expect("a text");
    let path = folder.join("include/lasthandle.h");
    if std::env::var_os("UPDATE_HEADER").is_some() {
        std::fs::write(&path, &generated).expect("a header that can be written");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == generated, "run the tests once with UPDATE_HEADER=1, and look at the difference");
    for file in std::fs::read_dir(folder.join("src/lh")).expect("the sources").flatten() {
        let text = std::fs::read_to_string(file.path()).expect("a source");
        for function in text.split("extern \"C\" fn lh_").skip(1) {
            let name = format!("lh_{}", function.split('(').next().unwrap_or_default());
            let declared = generated.matches(&format!("{name}(")).count();
            assert_eq!(declared, 1, "{name} is exported, and must be declared once");
        }
    }
}
