//! A mapping over a file, shared by name.

use crate::build::{Bench, Language};

#[test]
fn processes_count_in_one_file_and_the_count_stays() {
    let bench = Bench::new();
    let file = bench.programs().join("count.bin");
    let path = file.to_str().expect("a path in UTF-8");
    let mut count = 0;
    for [one, other] in [[Language::C, Language::CppWide], [Language::CWide, Language::Cpp]] {
        let [one, other] = [one, other].map(|language| bench.example(language, "file_counter"));
        let mut first = bench.start(&one, &[path, "1", "wait"]);
        count += 1;
        assert_eq!(first.line(), format!("first, {count}"), "what a run before wrote stays");
        let busy: Vec<_> = (0..3).map(|_| bench.start(&other, &["no file of that name", "2000", "wait"])).collect();
        for mut process in busy {
            assert!(process.line().starts_with("not first, "));
            assert_eq!(process.finish().0, 0);
        }
        count += 6000;
        assert_eq!(bench.run(&other, &[path, "0"]), (0, format!("not first, {count}\n")));
        assert_eq!(first.finish().0, 0);
        let bytes = std::fs::read(&file).expect("the file");
        assert!(bytes.len() == 20 && bytes.starts_with(b"counted so far:\0"));
        assert_eq!(bytes[16..20], i32::to_le_bytes(count));
    }
}
