//! An object lives until its last handle closes; a view keeps the memory, not the name (semantics §1).

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

use lasthandle::sys::{Disposition, Kernel, KernelView};

use crate::bytes::{load, store};
use crate::case::{Case, SIZE, memory, ok, shows, zeroed};
use crate::fixture::Fixture;

/// The name comes with the object and goes with its only handle.
pub fn a_name_ends_with_its_only_handle<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    case.absent(&name);
    let handle = case.fresh(&name);
    case.present(&name, SIZE);
    drop(handle);
    case.absent(&name);
}

/// Of many handles, however they came to be and in whatever order they go, only the last one ends the name.
pub fn a_name_lives_until_the_last_of_many_handles<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    let mut handles = vec![case.fresh(&name)];
    for round in 0..20 {
        handles.push(match round % 3 {
            0 => case.open(&name),
            1 => ok(case.try_create(Some(&name), memory(SIZE)), "create").0,
            _ => ok(case.kernel().duplicate(&handles[round / 2], None, false), "duplicate"),
        });
    }
    while let Some(handle) = (!handles.is_empty()).then(|| handles.remove(handles.len() / 2)) {
        case.present(&name, SIZE);
        drop(handle);
    }
    case.absent(&name);
}

/// A duplicate is a handle like any other: it keeps the name when the original closes.
pub fn a_duplicate_keeps_the_name<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    let original = case.fresh(&name);
    store(&case.map_all(&original), 0, b"kept");
    let duplicate = ok(case.kernel().duplicate(&original, None, false), "duplicate");
    drop(original);
    case.present(&name, SIZE);
    shows(&case.map_all(&duplicate), 0, b"kept");
    drop(duplicate);
    case.absent(&name);
}

/// §1.1: with the last handle the name is free at once, and the next create starts afresh; the old view keeps its
/// old memory, and neither sees the other.
pub fn a_view_keeps_the_memory_not_the_name<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    let handle = case.fresh(&name);
    let old = case.map_all(&handle);
    store(&old, 0, b"old bytes");
    drop(handle);
    case.absent(&name);
    shows(&old, 0, b"old bytes");

    let handle = case.create(&name, memory(2 * SIZE));
    case.present(&name, 2 * SIZE);
    let new = case.map_all(&handle);
    zeroed(&new);
    store(&new, 0, b"new");
    store(&old, 100, b"still writable");
    shows(&old, 0, b"old bytes");
    shows(&new, 0, b"new");
    assert_eq!(load(&new, 100, 14), [0; 14]);

    drop(old);
    case.present(&name, 2 * SIZE);
    shows(&new, 0, b"new");
}

/// Views of an object whose handles are gone still share its memory.
pub fn views_stay_coherent_after_the_last_handle<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    let handle = case.fresh(&name);
    let (one, two) = (case.map_all(&handle), case.map_all(&handle));
    drop(handle);
    case.absent(&name);
    store(&one, 4000, b"across");
    shows(&two, 4000, b"across");
    drop(one);
    shows(&two, 4000, b"across");
}

/// Dropping a view is nobody else's affair.
pub fn unmapping_changes_nothing_else<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    let handle = case.fresh(&name);
    let (one, two) = (case.map_all(&handle), case.map_all(&handle));
    store(&one, 0, b"bytes");
    drop(one);
    shows(&two, 0, b"bytes");
    drop(two);
    case.present(&name, SIZE);
    shows(&case.map_all(&handle), 0, b"bytes");
}

/// Bytes live as long as the object, with no view at all in between.
pub fn contents_stay_while_a_handle_lives<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    let first = case.fresh(&name);
    store(&case.map_all(&first), 0, b"handed over");
    let second = case.open(&name);
    drop(first);
    shows(&case.map_all(&second), 0, b"handed over");
    case.present(&name, SIZE);
}

/// Each create of a dead name is a fresh, zeroed object with the size now asked for.
pub fn every_next_create_starts_afresh<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    for round in 1..=5 {
        let handle = case.create(&name, memory(round * SIZE));
        case.present(&name, round * SIZE);
        let view = case.map_all(&handle);
        zeroed(&view);
        store(&view, 0, &vec![0xEE; view.length()]);
        drop((handle, view));
        case.absent(&name);
    }
}

/// Unnamed objects have no name to meet under: each is its own, and none is listed.
pub fn unnamed_objects_never_meet<F: Fixture>(case: &Case<F>) {
    let before = case.snapshot();
    let (one, two) = (case.unnamed(memory(SIZE)), case.unnamed(memory(SIZE)));
    case.queries(&one, F::reported_size(SIZE));
    let (first, second) = (case.map_all(&one), case.map_all(&two));
    store(&first, 0, b"mine");
    zeroed(&second);
    let again = ok(case.kernel().duplicate(&one, None, false), "duplicate");
    drop(one);
    shows(&case.map_all(&again), 0, b"mine");
    assert_eq!(before, case.snapshot());
}

/// Threads that create one name at the same time get one object between them, round after round.
pub fn racing_threads_meet_in_one_object<F: Fixture>(case: &Case<F>) {
    const THREADS: usize = 4;
    let name = case.name("x");
    let barrier = Barrier::new(THREADS);
    let created = AtomicUsize::new(0);
    let round = |thread: usize| {
        barrier.wait();
        let (handle, disposition) = ok(case.try_create(Some(&name), memory(SIZE)), "create");
        created.fetch_add(usize::from(disposition == Disposition::Created), Ordering::SeqCst);
        let view = case.map_all(&handle);
        barrier.wait();
        store(&view, thread, &[0xC0]);
        barrier.wait();
        (load(&view, 0, THREADS + 1), created.load(Ordering::SeqCst))
    };
    for rounds in 1..=50 {
        let seen: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS).map(|thread| scope.spawn(move || round(thread))).collect();
            threads.into_iter().map(|thread| thread.join().expect("no thread fails")).collect()
        });
        for (bytes, created) in seen {
            assert_eq!(bytes, [0xC0, 0xC0, 0xC0, 0xC0, 0], "all wrote into one fresh object");
            assert_eq!(created, rounds, "one create a round makes the object, the others meet it");
        }
        case.absent(&name);
    }
}
