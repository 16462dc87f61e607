//! What the codes mean, in a sentence each.

/// The sentence for a code; none if no call here leaves it.
pub(super) fn find(code: u32) -> Option<&'static str> {
    let index = SENTENCES.binary_search_by_key(&code, |(code, _)| *code).ok()?;
    Some(SENTENCES[index].1)
}

/// By code.
const SENTENCES: &[(u32, &str)] = &[
    (0, "The call succeeded."),
    (1, "This cannot be done with an object of this kind."),
    (2, "There is no file or object of that name."),
    (3, "The directory in the path does not exist."),
    (4, "No more files can be open."),
    (5, "Access is denied."),
    (6, "The handle is not valid."),
    (8, "There is not enough memory for this."),
    (13, "The data is damaged, or not of the expected kind."),
    (18, "There are no more files."),
    (19, "The medium is write-protected."),
    (24, "The length does not fit the call."),
    (31, "The operating system reports a failure."),
    (32, "Another program is using the file."),
    (38, "The end of the file was reached."),
    (50, "This is not supported here."),
    (53, "The network path cannot be found."),
    (80, "The file exists already."),
    (87, "A parameter is not correct."),
    (109, "The other end of the pipe was closed."),
    (111, "The file name is too long."),
    (112, "There is not enough room on the disk."),
    (122, "The buffer is too small for the result."),
    (123, "The name is not a valid one."),
    (126, "The module cannot be found."),
    (127, "The module has no function of that name."),
    (131, "The file pointer cannot stand before the beginning of the file."),
    (161, "The path is not a valid one."),
    (170, "The resource is in use."),
    (182, "The module has no function of that number."),
    (183, "An object or file of that name exists already."),
    (193, "The file is no program that can run here."),
    (203, "There is no environment variable of that name."),
    (206, "The name is too long."),
    (223, "The file is larger than it may be."),
    (232, "There is no data now."),
    (234, "There is more data."),
    (258, "The time for the wait was over."),
    (259, "There is nothing more."),
    (267, "The path does not name a directory."),
    (288, "The caller does not own the mutex."),
    (298, "The semaphore would be released beyond its maximum."),
    (299, "Only a part of the memory was read or written."),
    (317, "There is no message for that number."),
    (487, "The address cannot be used."),
    (534, "The result is too large."),
    (998, "A pointer leads nowhere."),
    (1006, "The file has nothing to map: it is empty, or was cut."),
    (1008, "There is no token to act with."),
    (1132, "The offset or base address is not a multiple of 64 KiB."),
    (1168, "What was looked for is not there."),
    (1305, "The revision is not a known one."),
    (1306, "The object was made by a version that is not compatible."),
    (1314, "The caller lacks a privilege that this needs."),
    (1336, "The access control list is not valid."),
    (1337, "The security identifier is not valid."),
    (1338, "The security descriptor is not valid."),
    (1344, "The access control list has no room for this."),
    (1450, "The system's resources are not enough for this."),
    (1455, "There is not enough memory to promise so much."),
    (1460, "The time was over before the call was complete."),
    (1784, "The user's buffer is not valid."),
    (1812, "The module has no messages in it."),
    (1816, "The quota is exhausted."),
    (1921, "The path cannot be followed to its end."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_stands_once_in_its_place_and_its_sentence_is_one() {
        assert!(SENTENCES.windows(2).all(|pair| pair[0].0 < pair[1].0));
        for (code, sentence) in SENTENCES {
            assert_eq!(find(*code), Some(*sentence));
            assert!(sentence.ends_with('.') && !sentence.contains('%') && sentence.is_ascii(), "{code}");
        }
        assert_eq!(find(7), None);
        assert_eq!(find(u32::MAX), None);
    }

    #[test]
    fn every_code_that_the_header_names_has_a_sentence() {
        let header = include_str!("../../../include/lasthandle/windows/error.h");
        for line in header.lines().filter_map(|line| line.strip_prefix("#define ERROR_")) {
            let code = line.split(' ').nth(1).and_then(|code| code.trim_end_matches('u').parse().ok());
            assert!(code.is_some_and(|code| find(code).is_some()), "no sentence for {line}");
        }
    }
}
