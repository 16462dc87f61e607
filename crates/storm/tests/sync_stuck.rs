//! A living thread has claimed an object and does not go on: a stopped process in the middle of a wait for all. Waits
//! last as long as they were asked to, and not much longer; signals fail after a second; nobody takes the claim away.
#![cfg(target_os = "linux")]

use std::os::unix::fs::FileExt;
use std::time::{Duration, Instant};

use storm::parent::Child;
use storm::root::Root;

/// Where a record's words lie in an object's file: the state, then the claim.
const WORDS: u64 = 2048;

/// Of an event.
const CLAIMED: u64 = 4;

/// An event `E` (0), an event `F` (1) that is unset, a semaphore `S` (2) that can be taken; and who has claimed `E`.
struct Scene {
    root: Root,
    child: Child,
    claimant: Child,
}

impl Scene {
    fn new() -> Self {
        let root = Root::new();
        let (mut child, mut claimant) = (Child::new(&root), Child::new(&root));
        // The semaphore first: claims are taken in the order of the files.
        for command in ["semaphore 2 S 1 9", "event 0 E", "event 1 F"] {
            child.ok(command);
        }
        claimant.ok("mutex 0 Id owned");
        let scene = Self { root, child, claimant };
        let id = scene.words("Id")[0];
        scene.put("E", [1 | CLAIMED, id]);
        scene
    }

    fn words(&self, name: &str) -> [u64; 2] {
        let bytes = std::fs::read(self.root.file(name)).expect("the object's file");
        [0, 8].map(|at| {
            let at = usize::try_from(WORDS).expect("small") + at;
            u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight"))
        })
    }

    fn put(&self, name: &str, words: [u64; 2]) {
        let file = std::fs::File::options().write(true).open(self.root.file(name)).expect("the object's file");
        let bytes = [words[0].to_le_bytes(), words[1].to_le_bytes()].concat();
        file.write_all_at(&bytes, WORDS).expect("written");
    }

    /// The claimant goes on and gives up what it wanted, without a word to those who wait.
    fn undone(&self) {
        self.put("E", [1, 0]);
    }

    /// How long a wait lasts that ends with *timed out*.
    fn times_out(&mut self, command: &str) -> Duration {
        let begun = Instant::now();
        assert_eq!(self.child.ok(command), "timed out", "{command}");
        begun.elapsed()
    }

    fn answer(&mut self) -> String {
        self.child.answer("wait").expect("alive").expect("no error")
    }
}

fn pause() {
    std::thread::sleep(Duration::from_millis(1500));
}

#[test]
fn a_wait_lasts_as_long_as_it_was_asked_to() {
    let mut scene = Scene::new();
    for how in ["one 0", "any 0 1", "any 1 0", "all 0 2"] {
        // Also one that does not wait gives the claimant a moment: it may be about to go on.
        let tried = scene.times_out(&format!("wait 0 {how}"));
        assert!(tried >= Duration::from_millis(200), "{how}: {tried:?}");
        let waited = scene.times_out(&format!("wait 900 {how}"));
        assert!(waited >= Duration::from_millis(900), "{how}: {waited:?}");
        // Generous for a busy machine, and still a quarter of what patience with each look in turn would come to.
        for time in [tried, waited] {
            assert!(time < Duration::from_secs(4), "{how}: {time:?}");
        }
    }
    assert_eq!(scene.words("E")[0], 1 | CLAIMED, "nobody took it from the living");
    assert_eq!(scene.words("S"), [1, 0], "nothing is left claimed");
}

#[test]
fn a_wait_without_end_goes_on_with_the_claimant() {
    for (how, answer) in [("one 0", "signaled 0"), ("any 0 1", "signaled 0"), ("all 2 0", "signaled 0")] {
        let mut scene = Scene::new();
        scene.child.send(&format!("wait never {how}"));
        pause();
        scene.undone();
        assert_eq!(scene.answer(), answer, "{how}");
        let [state, claim] = scene.words("E");
        assert_eq!((state & 1, claim & !1), (0, 0), "{how}: taken, and the claim was given back");
    }
}

#[test]
fn a_wait_without_end_outlives_the_claimant() {
    for how in ["one 0", "any 0 1", "all 2 0"] {
        let mut scene = Scene::new();
        scene.child.send(&format!("wait never {how}"));
        pause();
        let Scene { root, claimant, mut child } = scene;
        claimant.kill();
        assert_eq!(child.answer("wait").expect("alive").as_deref(), Ok("signaled 0"), "{how}");
        drop(root);
    }
}

/// One object that nobody can tell anything of keeps nobody from the others.
#[test]
fn a_wait_for_any_takes_another_one() {
    let mut scene = Scene::new();
    assert_eq!(scene.child.ok("wait never any 0 2"), "signaled 1");
    scene.child.send("wait never any 0 1");
    pause();
    let mut other = Child::new(&scene.root);
    other.ok("open-event 0 F");
    other.ok("set 0");
    assert_eq!(scene.answer(), "signaled 1");
}

/// What a wait for all has claimed already it gives back, or one stopped process would stop others through it.
#[test]
fn a_wait_for_all_keeps_nothing_meanwhile() {
    let mut scene = Scene::new();
    // Claims are taken in the order of the files: one of the two semaphores comes before the event.
    let mut other = Child::new(&scene.root);
    other.ok("open-semaphore 0 S");
    scene.child.send("wait never all 2 0");
    pause();
    assert_eq!(scene.words("S"), [1, 0]);
    assert_eq!(other.ok("wait 0 one 0"), "signaled 0");
    assert_eq!(other.ok("post 0"), "0");
    scene.undone();
    assert_eq!(scene.answer(), "signaled 0");
}

#[test]
fn a_signal_fails_after_a_second() {
    let mut scene = Scene::new();
    for signal in ["set 0", "reset 0", "pulse 0"] {
        let begun = Instant::now();
        let refusal = scene.child.refused(signal, "Busy");
        assert_eq!(refusal.code, 170);
        assert!(begun.elapsed() >= Duration::from_millis(900), "{signal}: {:?}", begun.elapsed());
    }
    scene.undone();
    scene.child.ok("set 0");
}

/// A timer whose claim is stuck is due all the time: that must not wake who waits for it again and again.
#[test]
fn nobody_burns_a_processor_meanwhile() {
    let mut scene = Scene::new();
    scene.child.ok("timer 3 T");
    scene.child.ok("arm-timer 3 0");
    let [due, _] = scene.words("T");
    let id = scene.words("E")[1];
    scene.put("T", [due | 1 << 63, id]);
    let used: u64 = scene.child.ok("idle 3000 3 0 1").parse().expect("microseconds");
    assert!(used < 150_000, "{used} µs of processor time");
    assert_eq!(scene.claimant.ok("wait 0 one 0"), "signaled 0", "it lives, and owns what it owned");
}
