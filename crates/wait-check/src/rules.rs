//! What must be so in every state, and when all is quiet.

use lasthandle::protocol::words::AGAIN;
use lasthandle::protocol::{Form, Id};

use crate::machine::{end_sleep, step};
use crate::program::{Program, WALL};
use crate::state::{Doing, State};

/// Whether a sleeper would come to the end of its wait if it looked; or it sleeps on a claim that is free.
pub(crate) fn would_go(program: &Program, state: &State, t: usize) -> Result<bool, String> {
    let on_free_claim = |x: &usize| {
        let object = &state.objects[*x];
        let holder = Id::in_word(object.claim);
        object.on_claim.iter().any(|&waiter| usize::from(waiter) == t)
            && (holder == Id::NOBODY || state.is_dead(holder))
    };
    if (0..state.objects.len()).any(|x| on_free_claim(&x)) {
        return Ok(true);
    }
    let mut state = state.clone();
    let at = state.threads[t].at;
    end_sleep(&mut state, t);
    while state.threads[t].doing == Doing::Running && state.threads[t].at == at {
        step(program, &mut state, t, false)?;
    }
    Ok(state.threads[t].at != at)
}

pub(crate) fn sleeps_on_state_only(program: &Program, state: &State, t: usize) -> bool {
    let sleeps = |queue: &[u8]| queue.iter().any(|&waiter| usize::from(waiter) == t);
    state
        .objects
        .iter()
        .zip(&program.things)
        .all(|(object, thing)| !sleeps(&object.on_claim) && (thing.form() != Form::Mutex || !sleeps(&object.on_state)))
}

/// Invariant 1, and the half of 2 that words show: a claim bit names somebody, and the object is signalled.
pub(crate) fn check_claims(program: &Program, state: &State) -> Result<(), String> {
    for (x, (object, thing)) in state.objects.iter().zip(&program.things).enumerate() {
        let form = thing.form();
        if form == Form::Mutex && Id::in_word(object.state) == Id::NOBODY && object.state & AGAIN != 0 {
            return Err(format!("mutex {x} is free, and was taken again"));
        }
        if !form.is_claimed(object.state) {
            continue;
        }
        if Id::in_word(object.claim) == Id::NOBODY {
            return Err(format!("object {x} is claimed, by nobody"));
        }
        let owner = Id::in_word(object.state);
        let signaled = match form {
            Form::Mutex => owner == Id::NOBODY || state.is_dead(owner),
            _ => form.is_signaled(object.state, |wall| state.now + if wall { WALL } else { 0 }),
        };
        if !signaled {
            return Err(format!("object {x} is claimed, and is not signalled"));
        }
    }
    Ok(())
}

/// Nothing is left behind when all is quiet. `slices_help`: a sleeper may be counted where it does not sleep yet, or
/// one who was killed.
pub(crate) fn check_end(program: &Program, state: &State, slices_help: bool) -> Result<(), String> {
    for (x, object) in state.objects.iter().enumerate() {
        let holder = Id::in_word(object.claim);
        if holder != Id::NOBODY && !state.is_dead(holder) {
            return Err(format!("the claim of {x} is held, and nobody runs"));
        }
        let mut asleep = object.on_state.clone();
        asleep.sort_unstable();
        asleep.dedup();
        let is_mutex = program.things[x].form() == Form::Mutex;
        if !slices_help && !is_mutex && object.sleepers as usize != asleep.len() {
            return Err(format!("object {x} counts {} sleepers and has {}", object.sleepers, asleep.len()));
        }
    }
    match state.threads.iter().position(|thread| thread.must) {
        Some(t) => Err(format!("a signal met thread {t} asleep, and it sleeps on")),
        None => Ok(()),
    }
}
