//! Archives: where they are unpacked, which file they become, and what secrets are in them.

use super::removal::check_removal;
use super::writing::{check_output, check_write};
use crate::facts::Facts;
use crate::programs::{Argv, Role};
use crate::taint::SECRET;
use crate::zone::Zone;

/// `tar` and `jar`: the directory of `-C` is written when they unpack, and read when they pack.
pub(super) fn check_tar(run: &mut Facts, argv: &Argv) {
    let unpacks = argv.has(&["-x", "--extract"]);
    let packs = argv.has(&["-c", "-r", "-u", "-A", "--create"]);
    let file = argv.value(&["-f", "--file"]);
    if unpacks && !argv.has(&["-O", "--to-stdout"]) {
        check_unpack(run, argv);
    }
    if let Some(file) = file.filter(|_| packs && !unpacks) {
        match run.zone(file) {
            Zone::Device => check_write(run, file, "", false),
            _ => check_output(run, file, Role::Make),
        }
    }
    if argv.has(&["--remove-files"]) {
        let place = argv.value(&["-C"]).unwrap_or(".");
        for word in &argv.operands {
            match word.starts_with('/') || place == "." {
                true => check_removal(run, word),
                false => check_removal(run, &format!("{place}/{word}")),
            }
        }
    }
    let is_secret = |word: &&str| run.holds_secrets(word);
    if let Some(file) = file
        && argv.operands.iter().any(is_secret)
    {
        run.keep(file, SECRET.to_string(), false);
    }
}

fn check_unpack(run: &mut Facts, argv: &Argv) {
    let directories = argv.options.iter().filter(|given| given.is("-C"));
    let mut directories: Vec<&str> = directories.filter_map(|given| given.value).collect();
    // `jar xf file -C directory`.
    let behind = argv
        .operands
        .iter()
        .skip_while(|word| **word != "-C")
        .nth(1);
    directories.extend(behind);
    let is_elsewhere = argv.has(&["--one-top-level", "--dir"]);
    if directories.is_empty() && !is_elsewhere {
        check_output(run, ".", Role::Into);
    }
    for directory in directories {
        match run.zone(directory) {
            Zone::HomeRoot => check_removal(run, directory),
            _ => check_output(run, directory, Role::Into),
        }
    }
    // With names as they are in the archive it may write anywhere.
    if argv.has(&["-P", "--absolute-names"]) {
        run.report(
            &crate::rules::PERHAPS_WRITTEN,
            "absolute names in an archive",
        );
    }
}

/// An archive of secrets is a secret.
pub(super) fn check_zip(run: &mut Facts, argv: &Argv) {
    let mut files = argv.operands.iter();
    let archive = files.next();
    let is_secret = |word: &str| run.holds_secrets(word);
    if let Some(archive) = archive
        && files.any(|word| is_secret(word))
    {
        run.keep(archive, SECRET.to_string(), false);
    }
}
