//! One suite over the contract (`lasthandle::sys`), for every kernel that keeps it.
//!
//! A row is a function over a [`Case`]; [`suite!`] makes a test of each. Where kernels differ, Windows
//! is right. `README.md` says which rule each row holds to.
#![allow(
    clippy::missing_panics_doc,
    reason = "rows and assertions panic when the kernel breaks the rule: that is what they are for"
)]

pub mod access;
pub mod alerts;
pub mod bytes;
pub mod case;
pub mod create;
pub mod differential;
pub mod events;
pub mod files;
pub mod fixture;
pub mod handover;
pub mod lifetime;
pub mod mutexes;
pub mod names;
pub mod prompt;
pub mod semaphores;
pub mod sizes;
pub mod sync;
pub mod timers;
pub mod views;
pub mod waits;

pub use fixture::{Disk, Fixture};

use std::panic::{AssertUnwindSafe, catch_unwind};

use case::Case;

/// Runs one row. A row that the fixture departs from must fail: a departure that is none is an error, too.
///
/// # Panics
/// When the kernel breaks the row, or keeps one that it is said to break.
pub fn run<F: Fixture>(row: &str, body: fn(&Case<F>)) {
    let whole = || {
        let case = Case::fresh_fixture();
        body(&case);
        assert_eq!(case.snapshot(), [], "the row is over and has dropped everything, yet names are left");
    };
    let Some(reason) = F::departs(row) else { return whole() };
    let outcome = catch_unwind(AssertUnwindSafe(whole));
    assert!(outcome.is_err(), "{row} holds, though it is listed as departing: {reason}");
    eprintln!("{row} departs: {reason}");
}

/// Makes a test of every row, for one [`Fixture`].
#[macro_export]
macro_rules! suite {
    ($fixture:ty) => {
        $crate::tests! { $fixture;
            lifetime: a_name_ends_with_its_only_handle, a_name_lives_until_the_last_of_many_handles,
                a_duplicate_keeps_the_name, a_view_keeps_the_memory_not_the_name,
                views_stay_coherent_after_the_last_handle, unmapping_changes_nothing_else,
                contents_stay_while_a_handle_lives, every_next_create_starts_afresh, unnamed_objects_never_meet,
                racing_threads_meet_in_one_object;
            create: create_says_whether_it_made_or_met_the_object, the_existing_object_wins_entirely,
                the_existing_object_wins_over_a_file, create_new_refuses_an_existing_object,
                open_of_a_missing_name_is_not_found, open_of_a_missing_name_as_any_kind_is_not_found,
                arguments_are_validated_before_the_name, the_file_is_validated_before_the_name,
                a_failed_create_leaves_no_name, rights_beyond_the_protection_are_refused,
                create_gives_the_rights_asked_for, looking_changes_nothing;
            names: case_matters, a_bare_name_is_a_local_name, a_global_name_is_another_name,
                odd_characters_are_legal_and_keep_names_apart, odd_names_are_legal_on_their_own,
                lone_surrogates_are_legal_and_distinct, names_of_any_length_work, the_longest_bare_name_works,
                long_names_with_one_beginning_are_distinct, bad_names_are_refused_with_windows_codes,
                a_name_of_another_kind_is_the_wrong_kind, create_new_meets_another_kind,
                another_kind_cannot_take_a_mappings_name, a_mapping_opens_as_no_other_kind,
                a_job_is_not_found_or_another_kind;
            access: open_for_nothing_is_denied, a_write_only_handle_maps_no_read_view,
                a_read_only_handle_maps_no_write_view, an_executable_view_needs_the_right,
                plain_protections_by_views, executable_protections_by_views,
                the_section_holds_back_what_the_handle_may, copies_are_private, a_copy_starts_with_the_bytes_there,
                a_duplicate_may_have_fewer_rights, a_duplicate_has_the_same_rights, a_duplicate_cannot_raise_rights;
            views: views_are_coherent, views_at_different_offsets_are_coherent, a_misaligned_offset_is_refused,
                a_misaligned_base_is_refused, a_base_in_use_is_refused, a_free_base_is_honoured,
                checks_come_in_order, past_the_page_rounded_end_is_denied, nothing_can_be_mapped_at_the_very_end,
                within_the_page_rounded_end_is_fine, length_zero_is_to_the_end,
                huge_offsets_and_lengths_do_not_wrap, a_view_has_the_length_asked_for,
                populate_changes_nothing_to_be_seen, a_view_changes_within_what_it_was_mapped_with,
                an_executable_view_changes_within_what_it_was_mapped_with;
            sizes: memory_needs_a_size, the_size_is_what_was_asked_for, beyond_isize_is_too_big,
                absurd_memory_is_refused_at_create, the_largest_size_is_refused_at_create, a_large_reserve_is_fine, committing_in_one_view_commits_for_all, committing_up_to_the_end_commits_for_all,
                committing_twice_keeps_the_bytes, a_committed_byte_is_a_committed_page,
                openers_see_that_it_was_reserved, what_is_not_committed_cannot_be_protected;
            files: size_zero_is_the_files_size, a_section_may_be_shorter_than_the_file,
                a_read_only_file_gives_no_read_write_section, a_write_only_file_gives_no_section,
                a_file_without_access_gives_no_section, an_empty_file_needs_a_size,
                a_section_that_cannot_write_extends_no_file, a_read_write_section_extends_the_file,
                a_flush_makes_writes_visible_in_the_file, flushing_nothing_is_fine, openers_share_the_files_bytes,
                two_sections_over_one_file_are_coherent, copies_do_not_reach_the_file, a_file_cannot_be_reserved,
                an_unnamed_section_over_a_file_works;
            events: an_event_starts_as_asked, the_existing_event_wins_entirely, a_manual_event_stays_set,
                an_auto_event_is_taken_once, a_set_lets_one_waiter_of_an_auto_event_go,
                a_set_lets_all_waiters_of_a_manual_event_go, a_set_that_is_reset_at_once_lets_all_go,
                a_set_that_is_reset_at_once_lets_one_go, a_pulse_lets_all_waiters_of_a_manual_event_go,
                a_pulse_lets_one_waiter_of_an_auto_event_go, a_pulse_for_nobody_is_lost,
                a_pulse_is_no_part_of_all_unless_the_others_are_signaled, an_event_without_the_right_stays,
                an_event_opens_for_one_right, events_hand_over;
            mutexes: a_mutex_starts_as_asked, the_existing_mutex_is_not_taken, as_many_releases_as_waits,
                only_the_owner_releases, releasing_needs_no_right, two_handles_are_one_mutex, abandoned_is_told_once,
                abandoned_again_is_told_again, a_create_leaves_it_abandoned, a_creator_abandons_too,
                abandoned_in_a_wait_for_any, abandoned_in_a_wait_for_all, a_sleeper_is_told_that_the_owner_ended,
                closing_does_not_release, an_owned_mutex_ends_with_its_last_handle,
                ones_own_mutex_counts_as_signaled, ones_own_mutex_among_all_asleep, a_mutex_excludes,
                many_mutexes_of_one_thread;
            semaphores: a_semaphore_starts_as_asked, senseless_counts_are_refused,
                the_existing_semaphore_wins_entirely, each_wait_takes_one, a_release_returns_the_count_before,
                a_release_that_cannot_be_changes_nothing, a_release_of_n_lets_n_waiters_go,
                a_semaphore_without_the_right_stays, no_count_is_lost_or_invented;
            timers: a_timer_starts_unarmed, the_existing_timer_wins_entirely, due_in_the_past_signals_at_once,
                a_relative_timer_comes_in_time, an_absolute_timer_comes_in_time, a_periodic_auto_timer_comes_again,
                missed_periods_are_one_signal, a_periodic_manual_timer_stays_set, arming_again_resets,
                a_cancel_keeps_the_state, arming_again_wakes_who_waits, arming_wakes_who_waits,
                how_many_a_timer_lets_go, a_timer_among_others, a_far_time_never_comes,
                a_timer_without_the_right_stays;
            waits: a_wait_takes_1_to_64_objects, any_takes_the_lowest, any_of_mixed_kinds_takes_one, an_object_twice,
                all_takes_all_or_nothing, all_goes_with_the_last, nobody_sees_one_taken_and_given_back,
                all_in_a_ring_go_on, any_asleep_goes_with_the_first, a_wake_up_that_is_not_used_is_passed_on,
                time_outs_of_all_lengths, a_signaled_object_needs_no_time, a_section_cannot_be_waited_for,
                a_wait_needs_its_right, a_verb_of_another_kind_is_refused, sync_kinds_share_one_name_space,
                create_new_refuses_an_existing_sync_object, a_sync_object_lives_until_its_last_handle,
                unnamed_sync_objects_never_meet;
            handover: a_signal_stays_though_the_wait_times_out, nothing_is_waited_for_after_a_failed_signal,
                nothing_is_signaled_for_a_wait_that_cannot_be, what_signal_and_wait_takes,
                signal_and_wait_hands_over;
            alerts: a_raised_alert_ends_every_wait, what_is_signaled_goes_before_an_alert, an_alert_wakes_soon,
                an_alert_is_for_all_who_have_it, a_signal_before_the_alert_wins, an_alerted_wait_keeps_no_signal,
                an_alertable_wait_is_a_wait;
            prompt: one_wakes_soon, one_without_end_wakes_soon, any_of_three_wakes_soon, all_of_two_wakes_soon;
            differential: random_sequences_agree_with_the_model, random_threads_agree_with_the_model;
        }
    };
}

/// One module a group, one test a row.
#[doc(hidden)]
#[macro_export]
macro_rules! tests {
    ($fixture:ty; $($group:ident: $($row:ident),+;)+) => {$(
        mod $group {
            use super::*;
            $(
                #[test]
                fn $row() {
                    $crate::run::<$fixture>(
                        concat!(stringify!($group), "::", stringify!($row)),
                        $crate::$group::$row::<$fixture>,
                    );
                }
            )+
        }
    )+};
}

#[cfg(test)]
mod tests {
    /// A row that no test is made of would be lost in silence.
    #[test]
    fn every_row_is_in_the_suite() {
        let suite = include_str!("lib.rs");
        let groups = [
            include_str!("lifetime.rs"),
            include_str!("create.rs"),
            include_str!("names.rs"),
            include_str!("access.rs"),
            include_str!("views.rs"),
            include_str!("sizes.rs"),
            include_str!("files.rs"),
            include_str!("events.rs"),
            include_str!("mutexes.rs"),
            include_str!("semaphores.rs"),
            include_str!("timers.rs"),
            include_str!("waits.rs"),
            include_str!("handover.rs"),
            include_str!("alerts.rs"),
            include_str!("differential/mod.rs"),
        ];
        let rows = groups.iter().flat_map(|group| group.lines()).filter_map(|line| {
            let (row, _) = line.strip_prefix("pub fn ")?.split_once("<F: Fixture>(case: &Case<F>)")?;
            Some(row)
        });
        let missing: Vec<_> =
            rows.filter(|row| !suite.contains(&format!(" {row},")) && !suite.contains(&format!(" {row};"))).collect();
        assert_eq!(missing, [""; 0]);
    }
}
