//! The machine's administration: schedules and packages. The rest is in the tables of `patterns`.

use super::super::marks::UNKNOWN;
use super::super::programs::Argv;
use super::super::rules;
use super::super::run::Run;

/// `crontab -r`, and a schedule that runs what must not run.
pub(super) fn crontab(run: &mut Run, argv: &Argv, input: &str) {
    if argv.has(&["-r"]) {
        run.find(&rules::CRONTAB_REMOVE, "every scheduled job");
        return;
    }
    if argv.has(&["-l", "-e"]) {
        return;
    }
    let text = match argv.operands.first() {
        Some(&"-") | None => input.to_owned(),
        Some(file) => run.written(file).unwrap_or_default(),
    };
    let empties = text.trim().is_empty() && (!input.is_empty() || !argv.operands.is_empty());
    if empties
        && argv
            .operands
            .first()
            .is_some_and(|file| matches!(*file, "-" | "/dev/null"))
    {
        run.find(&rules::CRONTAB_REMOVE, "every scheduled job");
    }
    for line in text.lines() {
        scheduled(run, line);
    }
}

/// The command of a line of a crontab.
fn scheduled(run: &mut Run, line: &str) {
    let line = line.trim_start_matches(UNKNOWN).trim();
    let fields = if line.starts_with('@') { 1 } else { 5 };
    let mut rest = line;
    for _ in 0..fields {
        rest = rest
            .trim_start()
            .split_once(char::is_whitespace)
            .map_or("", |(_, rest)| rest);
    }
    let downloads = ["curl ", "wget ", "/dev/tcp/", "base64 -d"];
    if downloads.iter().any(|word| rest.contains(word)) && rest.contains(['|', '(', '>'])
        || rest.contains("/dev/tcp/")
    {
        run.find(&rules::PERSISTENCE, rest);
    }
    if !rest.is_empty() {
        run.judge_text(rest);
    }
}

/// Packages without which the machine does not start, log in or install others.
const ESSENTIAL: [&str; 40] = [
    "libc6",
    "libc-bin",
    "glibc",
    "libc",
    "musl",
    "coreutils",
    "bash",
    "dash",
    "systemd",
    "systemd-sysv",
    "python",
    "python3",
    "python3-minimal",
    "python3.11",
    "python3.12",
    "libpython3-stdlib",
    "apt",
    "dpkg",
    "rpm",
    "dnf",
    "yum",
    "pacman",
    "sudo",
    "init",
    "linux",
    "kernel",
    "kernel-core",
    "grub",
    "grub-pc",
    "grub2",
    "login",
    "passwd",
    "util-linux",
    "base-files",
    "openssh-server",
    "libssl3",
    "udev",
    "libstdc++6",
    "util-linux-core",
    "filesystem",
];

pub(super) fn packages(run: &mut Run, words: &[String]) {
    let removes = words[1..].iter().any(|word| {
        matches!(
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
        let name = word.split([':', '=', '*']).next().unwrap_or_default();
        ESSENTIAL.contains(&name)
            || name.starts_with("linux-image")
            || name.starts_with("linux-headers-generic")
            || name.starts_with("libc6")
            || name.starts_with("glibc-")
            || name.starts_with("kernel-")
            || name.starts_with("linux-generic")
            || name.contains(super::marks::STAR) && name.chars().count() == 1
    };
    let is_manager_of_project = words[0] == "brew" || words[0] == "snap";
    match words[1..].iter().find(is_essential) {
        Some(package) if removes && !is_manager_of_project => run.find(&rules::ESSENTIAL, package),
        _ => run.find(&rules::PACKAGES, "packages"),
    }
}
