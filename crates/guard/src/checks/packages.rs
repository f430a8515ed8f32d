//! Packages: what is installed and removed, and what is only asked.

use crate::facts::Facts;
use crate::programs::{Argv, Program, ProgramKind, is_of_kind};
use crate::rules;
use crate::taint;

/// Whether nothing is changed.
fn is_query(argv: &Argv) -> bool {
    let words = &argv.words[1..];
    let Some(program) = argv.known.row else {
        return false;
    };
    if words.iter().any(|word| asks_by_letters(program, word)) {
        return true;
    }
    let first = argv.operands.first().copied().unwrap_or_default();
    let second = argv.operands.get(1).copied().unwrap_or_default();
    // Without a word behind it a history is listed.
    let lists = first == "history" && second.is_empty();
    let subcommand = program.queries.iter().any(|query| match query.outer {
        None => query.words.contains(&first),
        Some(outer) => outer == first && (lists || query.words.contains(&second)),
    });
    subcommand
        || words
            .first()
            .is_some_and(|word| program.tells.contains(&word.as_str()))
}

/// `rpm -qa`, `rpm -Va`, `pacman -Qi`, `pacman -Ss`, `pacman -Fl`.
fn asks_by_letters(program: &Program, word: &str) -> bool {
    let letters = word.strip_prefix('-').unwrap_or_default();
    program.letters.iter().any(|known| {
        let among = |those: &str| letters.contains(|letter| those.contains(letter));
        letters.starts_with(known.first)
            && (known.with.is_empty() || among(known.with))
            && !among(known.without)
    })
}

/// Packages without which the machine does not start, log in or install others; a name ends with its line, or
/// begins with it if a star stands behind.
const ESSENTIAL: &str = include_str!("essential_packages.txt");

/// What package managers call it to remove some, in whatever manager it is.
const REMOVALS: [&str; 19] = [
    "remove",
    "purge",
    "erase",
    "uninstall",
    "del",
    "rm",
    "autoremove",
    "--remove",
    "--purge",
    "-r",
    "-P",
    "-R",
    "-e",
    "-Rns",
    "-Rs",
    "-Rdd",
    "-Rcns",
    "-Rsc",
    "-Rscn",
];

/// Whether a word says that packages are removed.
fn removes(argv: &Argv) -> bool {
    let of_program = argv.known.row.map_or(&[][..], |row| &row.removes);
    let mut words = argv.words[1..].iter().map(String::as_str);
    words.any(|word| REMOVALS.contains(&word) || of_program.contains(&word))
}

/// Judges a call of a package manager.
pub(super) fn check(run: &mut Facts, name: &str, argv: &Argv) {
    let words = argv.words;
    if is_query(argv) {
        return;
    }
    let removes = is_of_kind(name, ProgramKind::PackageRemover) || removes(argv);
    let is_essential = |word: &&String| {
        // `sys-libs/glibc` stands in a category.
        let name = word.rsplit('/').next().unwrap_or_default();
        let name = name.split([':', '=', '*']).next().unwrap_or_default();
        let is = |known: &str| match known.strip_suffix('*') {
            Some(prefix) => name.starts_with(prefix),
            None => known == name,
        };
        ESSENTIAL.lines().any(is) || name.contains(taint::STAR) && name.chars().count() == 1
    };
    let leaves_system = is_of_kind(&words[0], ProgramKind::BesideSystem);
    match words[1..].iter().find(is_essential) {
        Some(package) if removes && !leaves_system => run.report(&rules::ESSENTIAL, package),
        _ => run.report(&rules::PACKAGES, "packages"),
    }
}
