//! What others have mapped in this process, by the kernel's list: programs, heaps, stacks.

use std::ops::Range;

use super::maximum_address;
use super::page::Page;

/// A range that is mapped.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) range: Range<usize>,
    /// None: it cannot be touched.
    pub(crate) page: Option<Page>,
    /// It is shared, or a file's.
    pub(crate) mapped: bool,
}

/// What lies at an address, or else what is free around it; both inside `gap`, which has the address and nothing of ours.
/// Of a kernel that does not tell, all is free.
pub(crate) fn at(address: usize, gap: &Range<usize>) -> Result<Found, Range<usize>> {
    search(&std::fs::read_to_string("/proc/self/maps").unwrap_or_default(), address, gap)
}

fn search(list: &str, address: usize, gap: &Range<usize>) -> Result<Found, Range<usize>> {
    let mut free = gap.start..gap.end.min(maximum_address() + 1);
    for (range, rest) in list.lines().filter_map(parse) {
        if range.end <= address {
            free.start = free.start.max(range.end);
        } else if range.start > address {
            free.end = free.end.min(range.start);
            break;
        } else {
            let range = range.start.max(gap.start)..range.end.min(gap.end);
            return Ok(Found {
                range,
                page: page(rest),
                mapped: rest.contains('/') || rest.as_bytes().get(3) == Some(&b's'),
            });
        }
    }
    Err(free)
}

/// The range of a line, and what follows it: rights, offset, device, number, path.
fn parse(line: &str) -> Option<(Range<usize>, &str)> {
    let (range, rest) = line.split_once(' ')?;
    let (start, end) = range.split_once('-')?;
    Some((usize::from_str_radix(start, 16).ok()?..usize::from_str_radix(end, 16).ok()?, rest))
}

fn page(rights: &str) -> Option<Page> {
    let has = |right: char| rights.get(..3).is_some_and(|rights| rights.contains(right));
    let number = match (has('r'), has('w'), has('x')) {
        (false, false, false) => return None,
        (true, false, false) => 0x02,
        (_, true, false) => 0x04,
        (false, false, true) => 0x10,
        (true, false, true) => 0x20,
        (_, true, true) => 0x40,
    };
    Page::new(number).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "\
10000-20000 r-xp 00000000 08:01 42 /usr/bin/program
20000-21000 rw-p 00000000 00:00 0 [heap]
30000-50000 ---p 00000000 00:00 0
60000-61000 rw-s 00000000 00:01 7 /memfd:x (deleted)
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]
";

    #[test]
    fn the_list_is_read_and_ends_where_ours_begins() {
        let all = 0..usize::MAX;
        let found = |address, gap: &Range<usize>| {
            search(LIST, address, gap).map(|found| (found.range, found.page.map_or(0, Page::number), found.mapped))
        };
        assert_eq!(found(0x1_5000, &all), Ok((0x1_0000..0x2_0000, 0x20, true)));
        assert_eq!(found(0x2_0000, &all), Ok((0x2_0000..0x2_1000, 0x04, false)));
        assert_eq!(found(0x3_0000, &(0..0x4_0000)), Ok((0x3_0000..0x4_0000, 0, false)));
        assert_eq!(found(0x4_1000, &(0x4_0000..usize::MAX)), Ok((0x4_0000..0x5_0000, 0, false)));
        assert_eq!(found(0x6_0000, &all), Ok((0x6_0000..0x6_1000, 0x04, true)));
        assert_eq!(found(0x0, &all), Err(0..0x1_0000));
        assert_eq!(found(0x2_2000, &(0..0x2_8000)), Err(0x2_1000..0x2_8000));
        assert_eq!(found(0x7_0000, &all), Err(0x6_1000..maximum_address() + 1));
    }
}
