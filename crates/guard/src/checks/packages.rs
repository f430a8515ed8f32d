//! Packages: what is installed and removed, and what is only asked.

use crate::facts::Facts;
use crate::programs::Argv;
use crate::rules;
use crate::taint;

/// Whether nothing is changed.
fn is_query(name: &str, argv: &Argv) -> bool {
    let words = &argv.words[1..];
    if words.iter().any(|word| asks_by_letters(name, word)) {
        return true;
    }
    let Some(program) = argv.known.row else {
        return false;
    };
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
fn asks_by_letters(name: &str, word: &str) -> bool {
    let letters = word.strip_prefix('-').unwrap_or_default();
    match (name, letters.chars().next()) {
        ("rpm", Some('q' | 'V')) | ("pacman", Some('Q')) => true,
        ("pacman", Some('F')) => !letters.contains('y'),
        ("pacman", Some('S')) => {
            letters.contains(['s', 'i', 'l', 'g', 'p']) && !letters.contains(['y', 'u', 'c', 'w'])
        }
        _ => false,
    }
}

/// Packages without which the machine does not start, log in or install others; a name ends with its line.
const ESSENTIAL: &str = include_str!("essential_packages.txt");

/// Judges a call of a package manager.
pub(super) fn check(run: &mut Facts, name: &str, argv: &Argv) {
    let words = argv.words;
    if is_query(name, argv) {
        return;
    }
    let is_remover = name.ends_with("-remove") || matches!(name, "pkg_delete" | "urpme");
    let removes = is_remover
        || words[1..].iter().any(|word| {
            name == "emerge" && matches!(word.as_str(), "-C" | "--unmerge" | "-c" | "--depclean")
                || matches!(
                    word.as_str(),
                    "remove"
                        | "purge"
                        | "erase"
                        | "uninstall"
                        | "del"
                        | "-r"
                        | "-P"
                        | "-R"
                        | "-e"
                        | "--remove"
                        | "--purge"
                        | "-Rns"
                        | "-Rs"
                        | "-Rdd"
                        | "-Rcns"
                        | "rm"
                        | "-Rsc"
                        | "-Rscn"
                        | "autoremove"
                )
        });
    let is_essential = |word: &&String| {
        // `sys-libs/glibc` stands in a category.
        let name = word.rsplit('/').next().unwrap_or_default();
        let name = name.split([':', '=', '*']).next().unwrap_or_default();
        ESSENTIAL.lines().any(|known| known == name)
            || name.starts_with("linux-image")
            || name.starts_with("linux-headers-generic")
            || name.starts_with("libc6")
            || name.starts_with("glibc-")
            || name.starts_with("kernel-")
            || name.starts_with("linux-generic")
            || name.contains(taint::STAR) && name.chars().count() == 1
    };
    let is_manager_of_project = words[0] == "brew" || words[0] == "snap";
    match words[1..].iter().find(is_essential) {
        Some(package) if removes && !is_manager_of_project => {
            run.report(&rules::ESSENTIAL, package)
        }
        _ => run.report(&rules::PACKAGES, "packages"),
    }
}
