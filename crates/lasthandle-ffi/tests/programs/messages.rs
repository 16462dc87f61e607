//! Messages. What the program prints under Wine is the same.

use crate::build::{Language, says};

#[test]
fn messages_are_put_together_as_windows_does() {
    says(&Language::ALL, "message", &[], include_str!("said/message.txt"));
}
