//! Archives: where they are unpacked, which file they become, and what secrets are in them.

use super::super::marks::SECRET;
use super::super::programs::{Argv, Role};
use super::super::run::Run;
use super::files::destroy;
use super::writing::{placed, write};

/// `tar` and `jar`: the directory of `-C` is written when they unpack, and read when they pack.
pub(super) fn tar(run: &mut Run, argv: &Argv) {
    let unpacks = argv.has(&["-x", "--extract"]);
    let packs = argv.has(&["-c", "-r", "-u", "-A", "--create"]);
    let file = argv.value(&["-f", "--file"]);
    if unpacks && !argv.has(&["-O", "--to-stdout"]) {
        unpacked(run, argv);
    }
    if let Some(file) = file.filter(|_| packs && !unpacks) {
        match run.zone(file) {
            super::Zone::Device => write(run, file, "", false),
            _ => placed(run, file, Role::Make),
        }
    }
    if argv.has(&["--remove-files"]) {
        argv.operands.iter().for_each(|word| destroy(run, word));
    }
    let is_secret = |word: &&str| run.holds_secrets(word);
    if let Some(file) = file
        && argv.operands.iter().any(is_secret)
    {
        run.keep(file, SECRET.to_string(), false);
    }
}

fn unpacked(run: &mut Run, argv: &Argv) {
    let directories = argv.options.iter().filter(|given| given.is("-C"));
    let mut directories: Vec<&str> = directories.filter_map(|given| given.value).collect();
    // `jar xf file -C directory`.
    let behind = argv
        .operands
        .iter()
        .skip_while(|word| **word != "-C")
        .nth(1);
    directories.extend(behind);
    for directory in directories {
        match run.zone(directory) {
            super::Zone::HomeRoot => destroy(run, directory),
            _ => placed(run, directory, Role::Into),
        }
    }
    // With names as they are in the archive it may write anywhere.
    if argv.has(&["-P", "--absolute-names"]) {
        run.find(
            &super::super::rules::PERHAPS_WRITTEN,
            "absolute names in an archive",
        );
    }
}

/// An archive of secrets is a secret.
pub(super) fn packed(run: &mut Run, argv: &Argv) {
    let mut files = argv.operands.iter();
    let archive = files.next();
    let is_secret = |word: &str| run.holds_secrets(word);
    if let Some(archive) = archive
        && files.any(|word| is_secret(word))
    {
        run.keep(archive, SECRET.to_string(), false);
    }
}
