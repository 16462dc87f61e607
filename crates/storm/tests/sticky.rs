//! A leftover of another user in a sticky directory: whoever gets its lock may mark it dead, and not remove it. One
//! process is stopped before each system call of what it does with such a name, while others use it.
//!
//! Promised is that nobody ever opens what is dead, that the mark never meets a living object, and that the owner can
//! always make the name anew. Needs root to become others; says so where it is not.
#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::MetadataExt;

use storm::parent::{Child, Refusal};
use storm::root::Root;

const OWNER: u32 = 12345;
const OTHER: u32 = 65534;
const THIRD: u32 = 4321;

const NAME: &str = "Global\\X";
const OPEN: &str = "open 0 Global\\X";

/// A place where everybody may make names, and processes of three users in it.
struct Scene {
    root: Root,
    owner: Child,
    other: Child,
    third: Child,
}

impl Scene {
    fn new() -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            println!("SKIPPED: not root, so no other user to be");
            return None;
        }
        let root = Root::for_everybody();
        let [mut owner, other, third] = [OWNER, OTHER, THIRD].map(|user| {
            let mut child = Child::of_user(&root, user);
            child.ok("create 9 warm-up 1");
            child.ok("close 9");
            child
        });
        owner.ok(&format!("create 0 {NAME} 5000 everyone"));
        Some(Self { root, owner, other, third })
    }

    /// The owner's process is killed, and another one of that user takes its place.
    fn owner_dies(&mut self) {
        std::mem::replace(&mut self.owner, Child::of_user(&self.root, OWNER)).kill();
    }

    /// Lets the other user's process do something up to its `nth` system call. `false`: there is no such call.
    fn stopped(&mut self, nth: usize, command: &str) -> bool {
        self.other.ok(&format!("arm stop:{nth}"));
        self.other.send(command);
        self.other.stops()
    }

    /// How that ends.
    fn goes_on(&mut self) -> Result<String, Refusal> {
        self.other.go_on();
        let outcome = self.other.answer("what was stopped").expect("alive");
        self.other.ok("arm none");
        outcome
    }

    /// Whether somebody has the name's file locked exclusively.
    fn is_excluded(&self) -> bool {
        let Ok(file) = fs::metadata(self.root.global("X")) else { return false };
        let inode = format!(":{} ", file.ino());
        let is_listed = || {
            let locks = fs::read_to_string("/proc/locks").expect("the kernel's locks");
            locks.lines().any(|line| line.contains(" WRITE ") && line.contains(&inode))
        };
        // The list is read piece by piece: while others on the machine lock and unlock, a line can be skipped.
        (0..5).any(|_| is_listed())
    }

    /// Nobody can use what is dead, the others cannot take its name, and its owner can.
    fn ends_well(&mut self, context: &str) {
        for child in [&mut self.other, &mut self.third] {
            assert_eq!(kind(&child.ask(OPEN)), "NotFound", "{context}");
            assert_eq!(kind(&child.ask(&format!("create 0 {NAME} 10"))), "AccessDenied", "{context}");
        }
        assert_eq!(self.owner.ask(&format!("create 0 {NAME} 7000 everyone")), Ok("created".into()), "{context}");
        assert_eq!(self.third.ask(OPEN), Ok("7000".into()), "{context}");
    }
}

fn kind(outcome: &Result<String, Refusal>) -> &str {
    outcome.as_ref().map_or_else(|refusal| refusal.kind.as_str(), |_| "done")
}

/// An opener fails to get the exclusive lock, for somebody is removing; by the time it asks for the shared one the
/// remover has gone, and the name is there still. Only the mark says that the remover was no holder.
#[test]
fn a_remover_is_not_taken_for_a_holder() {
    let mut met = 0;
    for removing in 1.. {
        let Some(mut scene) = Scene::new() else { return };
        scene.owner_dies();
        if !scene.stopped(removing, OPEN) {
            break;
        }
        if !scene.is_excluded() {
            continue;
        }
        met += 1;
        for opening in 1..=8 {
            opens_meanwhile(removing, opening);
        }
    }
    assert!(met >= 3, "the lock was held before {met} calls only");
}

fn opens_meanwhile(removing: usize, opening: usize) {
    let Some(mut scene) = Scene::new() else { return };
    scene.owner_dies();
    assert!(scene.stopped(removing, OPEN), "it stops as before");
    assert!(scene.is_excluded(), "it has the lock as before");
    scene.third.ok(&format!("arm stop:{opening}"));
    scene.third.send(OPEN);
    assert!(scene.third.stops(), "it goes on trying as long as the lock is held");
    let context = format!("removed by a process stopped before call {removing}, opened up to call {opening}");
    assert_eq!(kind(&scene.goes_on()), "NotFound", "{context}");
    scene.third.go_on();
    let opened = scene.third.answer(OPEN).expect("alive");
    assert_eq!(kind(&opened), "NotFound", "{context}: a dead object was opened");
    scene.third.ok("arm none");
    scene.ends_well(&context);
}

/// The owner makes the name anew while somebody is about to mark and remove the old object: that one's mark goes to the
/// old file.
#[test]
fn the_new_object_is_not_marked() {
    for command in [OPEN, "gc", "create 0 Global\\X 10"] {
        for nth in 1.. {
            let Some(mut scene) = Scene::new() else { return };
            scene.owner_dies();
            let stopped = scene.stopped(nth, command);
            let context = format!("`{command}` stopped before call {nth}");
            if scene.is_excluded() {
                // Stopped with the lock in its hand: nobody can do anything until it goes on.
                let _ = scene.goes_on();
                scene.ends_well(&context);
                continue;
            }
            let made = scene.owner.ask(&format!("create 0 {NAME} 7000 everyone"));
            assert_eq!(made, Ok("created".into()), "{context}");
            let _ = scene.goes_on();
            assert_eq!(scene.third.ask(OPEN), Ok("7000".into()), "{context}: the new object is lost");
            drop((scene.owner, scene.other));
            scene.third.ok("close 0");
            assert_eq!(kind(&scene.third.ask(OPEN)), "NotFound", "{context}");
            if !stopped {
                assert!(nth > 3, "`{command}` makes {nth} calls only");
                break;
            }
        }
    }
}

/// The owner's process dies while another user opens the object: that one holds it, or it is not found.
#[test]
fn the_last_holder_dies_while_another_user_opens() {
    for nth in 1.. {
        let Some(mut scene) = Scene::new() else { return };
        let stopped = scene.stopped(nth, OPEN);
        scene.owner_dies();
        let outcome = scene.goes_on();
        let context = format!("opened up to call {nth}");
        let third = scene.third.ask(OPEN);
        assert_eq!(kind(&third), kind(&outcome), "{context}: two users disagree");
        if outcome.is_ok() {
            scene.other.ok("close 0");
            assert_eq!(kind(&scene.owner.ask(OPEN)), "done", "{context}: the third one's object is lost");
            scene.owner.ok("close 0");
            scene.third.ok("close 0");
        }
        scene.ends_well(&context);
        if !stopped {
            assert!(nth > 5, "{nth} calls only");
            break;
        }
    }
}

/// The last holder is another user and closes, while a third one opens: that one holds it, or it is not found, or
/// somebody is in its way.
#[test]
fn another_user_closes_while_a_third_one_opens() {
    for nth in 1.. {
        let Some(mut scene) = Scene::new() else { return };
        scene.other.ok(OPEN);
        scene.owner_dies();
        let stopped = scene.stopped(nth, "close 0");
        let context = format!("closed up to call {nth}");
        let third = scene.third.ask(OPEN);
        assert_eq!(scene.goes_on(), Ok(String::new()), "{context}");
        match kind(&third) {
            "done" => {
                assert_eq!(kind(&scene.owner.ask(OPEN)), "done", "{context}: the third one's object is lost");
                scene.owner.ok("close 0");
                scene.third.ok("close 0");
            }
            "NotFound" | "Busy" => {}
            _ => panic!("{context}: {third:?}"),
        }
        scene.ends_well(&context);
        if !stopped {
            assert!(nth > 2, "{nth} calls only");
            break;
        }
    }
}
