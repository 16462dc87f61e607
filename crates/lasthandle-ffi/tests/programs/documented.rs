//! The programs of Microsoft's documentation, in other words; and its rules, call by call.

use crate::build::{Language, says};

#[test]
fn programs_of_the_documentation_do_what_it_says() {
    says(&Language::ALL, "documented", &[], include_str!("said/documented.txt"));
}

#[test]
fn calls_look_at_their_arguments_and_leave_codes_as_windows_does() {
    says(&Language::NARROW, "semantics", &[], "faults: 0\n");
}
