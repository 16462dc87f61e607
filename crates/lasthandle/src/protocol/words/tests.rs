//! Every transition on every small state.

use super::*;

const AUTO: Form = Form::Event { manual: false };
const MANUAL: Form = Form::Event { manual: true };

/// All states of an event with three epochs around the wrap.
fn event_states() -> impl Iterator<Item = u64> {
    let epochs = [0, EPOCH, EPOCH_MASK - EPOCH, EPOCH_MASK];
    epochs
        .into_iter()
        .flat_map(|epoch| [0, SIGNALED, TICKET].map(|low| epoch | low))
        .flat_map(|state| [state, state | EVENT_CLAIMED])
}

#[test]
fn events() {
    for state in event_states() {
        for form in [AUTO, MANUAL] {
            let signaled = form.is_signaled(state, |_| unreachable!());
            assert_eq!(signaled, state & SIGNALED != 0);
            let (set, raised) = after_set(state);
            assert!(
                form.is_signaled(set, |_| 0) && raised != signaled && has_ticket(set) != (raised || !has_ticket(state))
            );
            assert_eq!(epoch(set) != epoch(state), raised, "an epoch for each raise");
            assert_eq!(form.is_claimed(set), form.is_claimed(state));
            let reset = after_reset(state, form.is_manual());
            assert!(!form.is_signaled(reset, |_| 0) && epoch(reset) == epoch(state));
            assert_eq!(has_ticket(reset), has_ticket(state) || (signaled && form == AUTO));
            let pulsed = after_pulse(state, form.is_manual());
            assert!(!form.is_signaled(pulsed, |_| 0));
            assert_eq!(epoch(pulsed) != epoch(state), !signaled);
            // Who slept since before goes; who comes later does not.
            assert!(form.was_signaled(pulsed, Some(epoch(state))) || signaled);
            assert!(!form.was_signaled(pulsed, Some(epoch(pulsed))) && !form.was_signaled(pulsed, None));
        }
        let taken = AUTO.consume(state | SIGNALED, 0, 0);
        assert!(!AUTO.is_signaled(taken, |_| 0) && epoch(taken) == epoch(state));
        assert_eq!(MANUAL.consume(state, 0, 0), state);
    }
    let ticket = after_reset(after_set(0).0, false);
    assert!(AUTO.was_signaled(ticket, Some(0)));
    assert!(!AUTO.was_signaled(AUTO.consume(ticket, 0, 0), Some(0)), "a ticket is for one");
}

#[test]
fn semaphores() {
    for maximum in 1..5_u32 {
        let form = Form::Semaphore { maximum };
        for count in 0..=maximum {
            for claimed in [0, SEMAPHORE_CLAIMED] {
                let state = u64::from(count) | claimed;
                assert_eq!(form.is_signaled(state, |_| 0), count > 0);
                for more in 0..6 {
                    let expected = (count + more <= maximum).then(|| (u64::from(count + more) | claimed, count));
                    assert_eq!(after_release(state, more, maximum), expected);
                }
                if count > 0 {
                    assert_eq!(form.consume(state, 0, 0), u64::from(count - 1) | claimed);
                }
            }
        }
    }
    assert_eq!(after_release(u64::from(u32::MAX >> 1), u32::MAX, u32::MAX >> 1), None);
}

/// What is done in few steps is what is done in many; and the usual states take few.
#[test]
fn at_once() {
    for state in event_states() {
        let claimed = AUTO.is_claimed(state);
        let set = set_at_once(state);
        assert_eq!(set.is_some(), !claimed && !has_ticket(state));
        assert!(set.is_none_or(|set| set == after_set(state)));
        let signaled = state & SIGNALED != 0;
        let taken = AUTO.taken_at_once(state);
        assert_eq!(taken, (signaled && !claimed).then(|| AUTO.consume(state, 0, 0)));
        assert_eq!(MANUAL.taken_at_once(state), signaled.then_some(state));
    }
    for maximum in [1, 2, 3, u32::MAX >> 1] {
        let form = Form::Semaphore { maximum };
        for count in [0, 1, 2, maximum - 1, maximum].into_iter().filter(|&count| count <= maximum) {
            let state = u64::from(count);
            assert_eq!(form.taken_at_once(state), (count > 0).then(|| form.consume(state, 0, 0)));
            assert_eq!(form.taken_at_once(state | SEMAPHORE_CLAIMED), None);
            for more in [1, 2, maximum] {
                assert_eq!(released_at_once(state, more, maximum), after_release(state, more, maximum));
                assert_eq!(released_at_once(state | SEMAPHORE_CLAIMED, more, maximum), None);
            }
        }
    }
    assert_eq!(Form::Mutex.taken_at_once(0), None);
    assert_eq!(Form::Timer { manual: true }.taken_at_once(1), None);
}

#[test]
fn ids_and_mutexes() {
    for nonce in [1, 0xFFFF_FFFF_FFFF] {
        for page in [0, 1, Id::PAGES - 1] {
            let id = Id::new(nonce, page);
            assert_eq!((id.nonce(), id.page()), (nonce, page));
            assert_eq!(Id::in_word(id.word() | WAITERS | MUTEX_CLAIMED | AGAIN), id);
            assert!(!Form::Mutex.is_signaled(id.word(), |_| 0));
        }
    }
    assert!(Form::Mutex.is_signaled(WAITERS, |_| 0));
}

#[test]
fn timers() {
    let auto = Form::Timer { manual: false };
    for wall in [false, true] {
        let state = armed(100, wall);
        for now in [0, 99, 100, 101] {
            assert_eq!(
                auto.is_signaled(state, |asked| {
                    assert_eq!(asked, wall);
                    now
                }),
                now >= 100
            );
        }
        assert_eq!(auto.consume(state, 0, 150), 0, "once");
        assert_eq!(due(auto.consume(state, 30, 100)), Some((130, wall)));
        assert_eq!(due(auto.consume(state, 30, 189)), Some((160 + 30, wall)), "missed periods are one signal");
        assert_eq!(Form::Timer { manual: true }.consume(state, 30, 150), state);
        assert_eq!(auto.consume(state | TIMER_CLAIMED, 0, 150), TIMER_CLAIMED);
    }
    assert_eq!(due(armed(0, false)), Some((1, false)));
    assert_eq!(due(armed(u64::MAX, true)), Some((DUE_MASK, true)));
    assert_eq!(due(auto.consume(armed(1, false), u64::MAX, u64::MAX)).unwrap().0, DUE_MASK);
    assert!(!auto.is_signaled(0, |_| u64::MAX));
}
