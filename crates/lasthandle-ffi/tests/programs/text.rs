//! Wide text of 16-bit units, which libc's own functions would misread.

use crate::build::{Bench, Language};

#[test]
fn wide_text_is_measured_compared_and_printed_right() {
    let bench = Bench::new();
    let expected = "-3|   42|42   |00042|ff|0XFF|7|+5|-5|x|%|  3.14|1.500000e+00|g\u{fc}\u{20ac}\u{1f44b}|        ab|\
                    ab        |abc|   7|007\nlong: 4294967295 -1 18446744073709551615\nlength 7, text n12z\u{e4}, same 0\n\
                    found 2 2 -1, end 4\n2 gr\u{fc}n\u{1f44b}\ndone\n";
    for language in Language::ALL {
        let found = bench.run(&bench.program(language, "text"), &["gr\u{fc}n\u{1f44b}"]);
        assert_eq!(found.0, 0);
        let narrow = Language::of_width(false).contains(&language);
        let expected = if narrow { expected.replace("length 7", "length 12") } else { expected.to_owned() };
        assert_eq!(found.1, expected, "{language:?}");
    }
}
