//! Random calls against an array that says what each page is.

use lasthandle::Mapping;

use super::allocate::{allocate, free, protect};
use super::page::Page;
use super::query::query;
use super::{maximum_address, regions};
use crate::kernel32::code::Code;
use crate::kernel32::tests::NOBODYS;

const PAGE: usize = 4096;
const PAGES: usize = 32;
const COMMIT: u32 = 0x1000;
const RESERVE: u32 = 0x2000;
const DECOMMIT: u32 = 0x4000;
const RELEASE: u32 = 0x8000;
const PROTECTIONS: [u32; 5] = [0x01, 0x02, 0x04, 0x20, 0x40];

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}

/// What each page of a reserved range can do; 0: it has no memory.
fn told(base: usize) -> Vec<u32> {
    let mut pages = Vec::new();
    while pages.len() < PAGES {
        let found = query(base + pages.len() * PAGE + 7);
        assert_eq!(found.allocation_base.addr(), base);
        assert_eq!(found.state == RESERVE, found.protect == 0);
        let count = found.region_size / PAGE;
        assert!(count > 0 && count + pages.len() <= PAGES, "a region lies inside its allocation");
        assert_ne!(pages.last(), Some(&found.protect), "a region ends where something else begins");
        pages.extend(vec![found.protect; count]);
    }
    pages
}

/// What the kernel says of a page, in the same numbers, as far as it can tell.
fn in_truth(address: usize) -> u32 {
    let found = super::elsewhere::at(address, &(0..usize::MAX)).expect("something is mapped");
    found.page.map_or(0, Page::number)
}

#[test]
fn random_calls_do_to_pages_what_they_do_to_an_array() {
    let mut random = Random(42);
    for _ in 0..20 {
        let base = allocate(0, PAGES * PAGE, RESERVE, 0x04).unwrap();
        let mut pages = [0; PAGES];
        for _ in 0..200 {
            let from = random.below(PAGES);
            let count = 1 + random.below(PAGES - from);
            let (address, size) = (base + from * PAGE + random.below(2), count * PAGE - 1);
            let protection = PROTECTIONS[random.below(5)];
            match random.below(4) {
                0 => {
                    assert_eq!(free(address, size, DECOMMIT), Ok(()));
                    pages[from..from + count].fill(0);
                }
                1 => {
                    assert_eq!(allocate(address, size, COMMIT, protection), Ok(base + from * PAGE));
                    pages[from..from + count].fill(protection);
                }
                _ => {
                    let found = protect(address, size, protection).map(Page::number);
                    if pages[from..from + count].contains(&0) {
                        assert_eq!(found, Err(Code::INVALID_ADDRESS));
                    } else {
                        assert_eq!(found, Ok(pages[from]));
                        pages[from..from + count].fill(protection);
                    }
                }
            }
            assert_eq!(told(base), pages);
            let truth = in_truth(base + from * PAGE);
            assert!(truth == pages[from] || (truth, pages[from]) == (0, 1), "{truth:#x}, {:#x}", pages[from]);
        }
        assert_eq!(free(base, 0, RELEASE), Ok(()));
    }
}

#[test]
fn a_walk_over_all_memory_ends_and_passes_by_ours() {
    let view = Mapping::unnamed(3 * 65_536).unwrap().view().unwrap();
    let view = regions::insert(view, Page::new(0x04).unwrap()).addr();
    let own = allocate(0, 5 * PAGE, RESERVE | COMMIT, 0x04).unwrap();
    let (mut address, mut met) = (0, Vec::new());
    for _ in 0..100_000 {
        if address > maximum_address() {
            break;
        }
        let found = query(address);
        assert!(found.base_address.addr() == address && found.region_size > 0);
        if [view, own].contains(&address) {
            met.push((address, found.region_size));
        }
        address += found.region_size;
    }
    assert_eq!(address, maximum_address() + 1);
    met.sort_unstable();
    let mut expected = [(view, 3 * 65_536), (own, 5 * PAGE)];
    expected.sort_unstable();
    assert_eq!(met, expected);
    regions::remove(view + 1).unwrap();
    free(own, 0, RELEASE).unwrap();
}

#[test]
fn threads_that_reserve_and_free_do_not_meet() {
    std::thread::scope(|scope| {
        for seed in 1..5 {
            scope.spawn(move || {
                let mut random = Random(seed);
                let mut mine: Vec<usize> = Vec::new();
                for _ in 0..500 {
                    if mine.len() > 5 || !mine.is_empty() && random.below(2) == 0 {
                        let base = mine.swap_remove(random.below(mine.len()));
                        assert_eq!(free(base, 0, RELEASE), Ok(()));
                    } else {
                        let base = allocate(0, 1 + random.below(300_000), RESERVE | COMMIT, 0x04).unwrap();
                        assert_eq!(base % 65_536, 0);
                        mine.push(base);
                    }
                }
                for base in mine {
                    assert_eq!(free(base, 0, RELEASE), Ok(()));
                }
            });
        }
    });
}

#[test]
fn a_view_that_goes_away_is_protected_and_told_or_refused() {
    let mapping = Mapping::options().size(1 << 20).reserve(true).create_unnamed().unwrap();
    // A flush under way keeps the last view where it is for a moment.
    let view = || (0..100_000).find_map(|_| mapping.view_options().base(NOBODYS).map().ok()).unwrap();
    std::thread::scope(|scope| {
        let (sender, receiver) = std::sync::mpsc::sync_channel::<usize>(1);
        scope.spawn(move || {
            for base in receiver {
                for _ in 0..10 {
                    let _ = allocate(base, 3 * PAGE, COMMIT, 0x04);
                    let _ = protect(base, PAGE, 0x02);
                    let _ = query(base);
                    assert_eq!(regions::flush(base, 0).err().unwrap_or(Code::INVALID_ADDRESS), Code::INVALID_ADDRESS);
                    assert!(free(base, 0, RELEASE).is_err(), "a view, or nothing");
                }
            }
        });
        for _ in 0..500 {
            let base = regions::insert(view(), Page::new(0x04).unwrap()).addr();
            sender.send(base).unwrap();
            std::thread::yield_now();
            regions::remove(base).unwrap();
        }
        drop(sender);
    });
}
