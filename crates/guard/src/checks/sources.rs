//! Programs that destroy what they read, or what is there already, if an option says so.
//!
//! `zip -m` deletes what it packed, `zstd --rm` what it compressed, `rclone move` what it copied,
//! `mogrify` overwrites each picture, and a `sync` deletes what its source does not have.

use super::hosts::host_and_path;
use super::removal::check_removal;
use super::writing::check_write;
use crate::facts::Facts;
use crate::programs::Argv;

/// Which operands are lost.
#[derive(Clone, Copy)]
enum Lost {
    /// All from this one on.
    From(usize),
    /// All but the last, as far as they are on this machine.
    Sources,
    /// The last, if it is on this machine.
    Target,
    /// All are overwritten.
    Overwritten,
}

/// Programs with their subcommand, the options of which one must be given, and what is lost.
type Row = (
    &'static [&'static str],
    &'static [&'static str],
    &'static [&'static str],
    Lost,
);

/// From the manuals of each; no option means that the subcommand alone does it.
const ROWS: [Row; 22] = [
    (&["zip"], &[], &["-m", "--move"], Lost::From(1)),
    (
        &["7z", "7za", "7zr", "7zz"],
        &["a", "u"],
        &["-sdel"],
        Lost::From(1),
    ),
    (
        &["rar"],
        &["a", "u", "f"],
        &["-df", "-dr", "-dw"],
        Lost::From(1),
    ),
    (&["rar"], &["m", "mf"], &[], Lost::From(1)),
    (&["lha", "arj"], &["m"], &[], Lost::From(2)),
    (
        &[
            "zstd", "pzstd", "zstdmt", "unzstd", "lz4", "unlz4", "brotli", "unbrotli",
        ],
        &[],
        &["--rm", "-j"],
        Lost::From(0),
    ),
    (
        &["lzop", "lrzip"],
        &[],
        &["-U", "-D", "--delete"],
        Lost::From(0),
    ),
    (&["flac"], &[], &["--delete-input-file"], Lost::From(0)),
    (
        &["fdupes", "jdupes"],
        &[],
        &["-d", "--delete"],
        Lost::From(0),
    ),
    (&["rclone"], &["move", "moveto"], &[], Lost::Sources),
    (&["aws"], &["s3 mv"], &[], Lost::Sources),
    (&["gsutil"], &["mv"], &[], Lost::Sources),
    (&["gcloud"], &["storage mv"], &[], Lost::Sources),
    (&["rclone"], &["sync"], &[], Lost::Target),
    (&["aws"], &["s3 sync"], &["--delete"], Lost::Target),
    (&["gsutil"], &["rsync"], &["-d"], Lost::Target),
    (
        &["gcloud"],
        &["storage rsync"],
        &["--delete-unmatched-destination-objects"],
        Lost::Target,
    ),
    (&["s3cmd"], &["sync"], &["--delete-removed"], Lost::Target),
    (&["b2"], &["sync"], &["--delete"], Lost::Target),
    (
        &["azcopy"],
        &["sync"],
        &["--delete-destination", "--delete-destination=true"],
        Lost::Target,
    ),
    (&["ffmpeg", "avconv"], &[], &["-y"], Lost::Overwritten),
    (
        &["exiftool"],
        &[],
        &["-overwrite_original", "-overwrite_original_in_place"],
        Lost::Overwritten,
    ),
];

/// Judges what a program destroys besides what it makes.
pub(super) fn check(run: &mut Facts, name: &str, argv: &Argv) {
    if matches!(name, "mogrify" | "sips") && rewrites(argv) {
        return argv
            .operands
            .iter()
            .for_each(|word| check_overwrite(run, word));
    }
    let rows = ROWS.iter().filter(|(names, ..)| names.contains(&name));
    for (_, subcommands, options, lost) in rows {
        let is_meant =
            subcommands.is_empty() || subcommands.iter().any(|words| begins(argv, words));
        if is_meant && is_given(argv, options) && !argv.asks() {
            lose(run, argv, *lost);
        }
    }
}

/// Whether the subcommand stands in front of all operands.
fn begins(argv: &Argv, subcommand: &str) -> bool {
    let plain = argv.words[1..].iter().filter(|word| !word.starts_with('-'));
    let mut window: Vec<&str> = plain.map(String::as_str).take(6).collect();
    let wanted: Vec<&str> = subcommand.split(' ').collect();
    // The values of global options may stand in front of it.
    while window.len() >= wanted.len() {
        if window.starts_with(&wanted) {
            return true;
        }
        window.remove(0);
    }
    false
}

fn is_given(argv: &Argv, options: &[&str]) -> bool {
    let is_word = |option: &str| argv.options.iter().any(|given| given.word == option);
    let is = |option: &&str| argv.has(&[option]) || is_word(option);
    options.is_empty() || options.iter().any(is)
}

/// Pictures stay where they are, unless the result goes elsewhere or gets another suffix.
fn rewrites(argv: &Argv) -> bool {
    let elsewhere = ["-path", "-format", "--out", "-o", "-g", "--getProperty"];
    !elsewhere.iter().any(|option| is_given(argv, &[option]))
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
