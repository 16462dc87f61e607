//! Rust text with what is no code blanked out, so that words in texts and comments are not taken for code.

/// The same text with every character of comments and literals, but for line ends, as a space.
pub(super) fn without_texts(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let length = text_length(rest, code.ends_with(is_name));
        if length == 0 {
            code.push(next);
            rest = &rest[next.len_utf8()..];
        } else {
            // Bytes, not characters: positions in the result are positions in the text.
            code.extend(rest.bytes().take(length).map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
            rest = &rest[length..];
        }
    }
    code
}

fn is_name(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// The bytes of the comment or literal that the code begins with; 0 if with neither.
fn text_length(code: &str, within_name: bool) -> usize {
    let to = |end: Option<usize>| end.unwrap_or(code.len());
    match code.as_bytes() {
        [b'/', b'/', ..] => to(code.find('\n')),
        [b'/', b'*', ..] => to(code.find("*/").map(|at| at + 2)),
        [b'"', ..] => closing(code, '"'),
        [b'\'', b'\\', ..] => closing(code, '\''),
        [b'\'', ..] if code.chars().nth(2) == Some('\'') => closing(code, '\''),
        [b'r', ..] if !within_name => raw_length(code),
        _ => 0,
    }
}

/// Bytes up to and with the quote that closes the one at the start.
fn closing(code: &str, quote: char) -> usize {
    let mut escaped = false;
    let end = code[1..].find(|character| {
        let ends = character == quote && !escaped;
        escaped = character == '\\' && !escaped;
        ends
    });
    end.map_or(code.len(), |at| at + 2)
}

fn raw_length(code: &str) -> usize {
    let hashes = code[1..].bytes().take_while(|byte| *byte == b'#').count();
    let start = 1 + hashes + 1;
    if code.as_bytes().get(start - 1) != Some(&b'"') {
        return 0;
    }
    let close = format!("\"{}", "#".repeat(hashes));
    code[start..].find(&close).map_or(code.len(), |at| start + at + close.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_go_and_code_stays_where_it_was() {
        let cases = [
            ("a // b\nc", "a     \nc"),
            ("a /* b\n*/ c", "a     \n   c"),
            (r#"f("a\"b", c)"#, "f(      , c)"),
            ("r#\"a\"b\"# c", "         c"),
            ("r#type for", "r#type for"),
            ("br\"a\" '\"' '\\'' 'a: &'a str", "br             'a: &'a str"),
            ("\"\u{e9}\n\u{fc}\"x", "   \n   x"),
        ];
        for (text, code) in cases {
            assert_eq!(without_texts(text), code);
        }
    }
}
