//! Kinds of misses and of false alarms that were met in the field, each a table with look-alikes that
//! are harmless: links themselves, text that is handed over, code from the network, names that a
//! search makes, mounts, everything that runs as somebody, dry runs.
//!
//! Nothing of the tables is ever run.

use hotplex_guard::{Guard, GuardContext};

/// The tables write a newline, a tab and a backslash with a backslash.
fn unescaped(text: &str) -> String {
    let text = text.replace("\\\\", "\0").replace("\\n", "\n");
    text.replace("\\t", "\t").replace('\0', "\\")
}

fn hold(table: &str) {
    let context = GuardContext::new("/home/dev/proj", "/home/dev", "dev");
    let guard = Guard::default();
    let wrong: Vec<String> = table
        .lines()
        .skip(1)
        .filter_map(|line| {
            let mut columns = line.splitn(3, '\t');
            let mut next = || columns.next().expect("three columns");
            let (blocks, _, command) = (next() == "block", next(), next());
            let verdict = guard.check_command(&unescaped(command), &context);
            let is_wrong = verdict.is_blocked() != blocks;
            is_wrong.then(|| format!("{line}  ({})", verdict.reason))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_link_is_not_its_target() {
    hold(include_str!("corpora/links.tsv"));
}

#[test]
fn what_is_handed_over_is_read() {
    hold(include_str!("corpora/handed_over.tsv"));
}

#[test]
fn code_from_the_network_is_not_evaluated() {
    hold(include_str!("corpora/from_network.tsv"));
}

#[test]
fn a_name_that_a_search_makes_is_a_name() {
    hold(include_str!("corpora/named_by_search.tsv"));
}

#[test]
fn nothing_is_mounted_over_the_system() {
    hold(include_str!("corpora/mounts.tsv"));
}

#[test]
fn all_that_runs_as_somebody_is_not_ended() {
    hold(include_str!("corpora/own_processes.tsv"));
}

#[test]
fn dry_runs_and_checks_are_none_of_the_deed() {
    hold(include_str!("corpora/dry_runs.tsv"));
}

#[test]
fn scripts_that_are_handed_over_are_not_from_the_network() {
    hold(include_str!("corpora/scripts.tsv"));
}

#[test]
fn a_place_is_a_place_however_it_is_named() {
    hold(include_str!("corpora/named_targets.tsv"));
}

/// Wrappers, programs that run a command elsewhere, clouds, clients, interpreters: one deed by each.
#[test]
fn a_deed_is_one_by_whatever_program() {
    hold(include_str!("corpora/programs.tsv"));
}

#[test]
fn an_edit_in_place_is_a_write() {
    hold(include_str!("corpora/in_place.tsv"));
}

#[test]
fn what_is_written_to_a_process_is_read_there() {
    hold(include_str!("corpora/consumers.tsv"));
}

/// Code on the command line in languages that fewer people use.
#[test]
fn code_is_read_in_whatever_language() {
    hold(include_str!("corpora/languages.tsv"));
}

#[test]
fn what_is_unpacked_lands_where_the_program_stands() {
    hold(include_str!("corpora/unpacked_here.tsv"));
}

/// Containers that see this machine's files, emulators of another root or user, terminals.
#[test]
fn an_emulator_is_a_wrapper() {
    hold(include_str!("corpora/emulators.tsv"));
}

#[test]
fn commands_of_windows_are_judged_by_what_they_write() {
    hold(include_str!("corpora/windows.tsv"));
}

/// A home, the system, what a cluster keeps: as a whole, by whatever way it is named.
#[test]
fn a_whole_tree_is_more_than_a_file() {
    hold(include_str!("corpora/trees.tsv"));
}

/// Patches of coding agents, schedules, firmware, code of other languages; and what looks alike.
#[test]
fn further_programs_say_what_they_write_and_run() {
    hold(include_str!("corpora/further.tsv"));
}
