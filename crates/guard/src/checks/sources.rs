//! Programs that destroy what they read, or what is there already, if an option says so.
//!
//! `zip -m` deletes what it packed, `zstd --rm` what it compressed, `rclone move` what it copied,
//! `mogrify` overwrites each picture, and a `sync` deletes what its source does not have.

use super::hosts::host_and_path;
use super::removal::check_removal;
use super::writing::check_write;
use crate::facts::Facts;
use crate::programs::{Argv, Loss, Lost, Program};

/// Judges what a program destroys besides what it makes.
pub(super) fn check(run: &mut Facts, row: Option<&Program>, argv: &Argv) {
    for loss in row.into_iter().flat_map(|row| &row.loses) {
        let is_meant = begins(argv, &loss.subcommand) && is_asked_for(argv, loss);
        if is_meant && !argv.asks() {
            lose(run, argv, loss.lost);
        }
    }
}

/// Whether the subcommand stands in front of all operands.
fn begins(argv: &Argv, wanted: &[&str]) -> bool {
    let plain = argv.words[1..].iter().filter(|word| !word.starts_with('-'));
    let mut window: Vec<&str> = plain.map(String::as_str).take(6).collect();
    // The values of global options may stand in front of it.
    while window.len() >= wanted.len() {
        if window.starts_with(wanted) {
            return true;
        }
        window.remove(0);
    }
    false
}

/// Whether the options say that something is lost.
fn is_asked_for(argv: &Argv, loss: &Loss) -> bool {
    let is_given_any = loss.options.is_empty() || is_given(argv, &loss.options);
    let is_with = loss.with.is_empty() || is_given(argv, &loss.with);
    is_given_any && is_with && !is_given(argv, &loss.unless)
}

/// Whether one of these options is given.
fn is_given(argv: &Argv, options: &[&str]) -> bool {
    let is_word = |option: &str| argv.options.iter().any(|given| given.word == option);
    let is = |option: &&str| match option.split_once('=') {
        Some((option, value)) if !option.starts_with("--") => argv.value(&[option]) == Some(value),
        _ => argv.has(&[option]) || is_word(option),
    };
    options.iter().any(is)
}

fn lose(run: &mut Facts, argv: &Argv, lost: Lost) {
    let operands = argv.operands.as_slice();
    match lost {
        Lost::From(first) => {
            let sources = operands.get(first..).unwrap_or_default();
            sources.iter().for_each(|word| check_removal(run, word));
        }
        Lost::Overwritten => operands.iter().for_each(|word| check_overwrite(run, word)),
        Lost::Sources => {
            if let [sources @ .., _] = operands {
                sources
                    .iter()
                    .for_each(|word| check_local_removal(run, word));
            }
        }
        Lost::Target => {
            if let [_, .., target] = operands {
                check_local_removal(run, target);
            }
        }
    }
}

fn check_local_removal(run: &mut Facts, word: &str) {
    if host_and_path(word).is_none() {
        check_removal(run, word);
    }
}

/// Values of options that the guard does not know have no directory.
fn check_overwrite(run: &mut Facts, word: &str) {
    if word.contains('/') || word.contains('.') {
        check_write(run, word, "", false);
    }
}
