//! Packages: what is installed and removed, and what is only asked.

use crate::facts::Facts;
use crate::programs::Argv;
use crate::rules;
use crate::taint;

/// Subcommands of package managers that change nothing, from their manuals.
const QUERIES: [(&[&str], &str); 6] = [
    (
        &["apt", "apt-get", "aptitude"],
        "list show search policy depends rdepends showsrc madison showpkg pkgnames dump stats unmet \
         changelog indextargets check help versions why why-not moo",
    ),
    (
        &["dnf", "yum"],
        "list info search provides whatprovides repoquery repolist repoinfo check-update deplist \
         updateinfo check help leaves grouplist groupinfo",
    ),
    (
        &["zypper"],
        "search se info if list-updates lu list-patches lp packages pa patterns pt products pd repos \
         lr services ls locks ll what-provides wp patch-check pchk patch-info targetos tos versioncmp \
         vcmp ps licenses help",
    ),
    (
        &["apk"],
        "info search list policy dot version stats manifest audit verify",
    ),
    (
        &["brew"],
        "list ls info abv search desc deps uses leaves outdated config doctor home homepage cat log \
         shellenv commands options missing formulae casks help",
    ),
    (
        &["snap"],
        "list find search info services connections interface interfaces version warnings changes \
         tasks get logs help known whoami model",
    ),
];

/// Subcommands that change nothing with these words behind them.
const NESTED: [(&[&str], &str, &str); 6] = [
    (&["dnf", "yum"], "history", "list info userinstalled"),
    (&["dnf", "yum"], "group", "list info summary"),
    (&["dnf", "yum"], "module", "list info provides"),
    (&["dnf", "yum"], "versionlock", "list"),
    (&["brew"], "services", "list info"),
    (&["brew"], "bundle", "list check"),
];

/// Options with which a manager that has no subcommands only tells what there is.
const ASKING: [(&str, &str); 4] = [
    (
        "dpkg",
        "-l -L -s -S -p -I -c -C -V -W --list --listfiles --status --search --print-avail --info \
         --contents --audit --verify --get-selections --print-architecture \
         --print-foreign-architectures --compare-versions --version --help --yet-to-unpack",
    ),
    (
        "rpm",
        "--query --verify --eval -E --showrc --checksig -K --version --help --querytags",
    ),
    ("pacman", "--query --files --deptest -T --version --help"),
    (
        "brew",
        "--prefix --cellar --cache --repository --repo --version --env --caskroom --taps --config",
    ),
];

/// Whether nothing is changed.
fn is_query(name: &str, argv: &Argv) -> bool {
    let words = &argv.words[1..];
    let first = argv.operands.first().copied().unwrap_or_default();
    let second = argv.operands.get(1).copied().unwrap_or_default();
    let has = |list: &str, word: &str| {
        !word.is_empty() && list.split_whitespace().any(|known| known == word)
    };
    let subcommand = QUERIES
        .iter()
        .any(|(names, list)| names.contains(&name) && has(list, first));
    // Without a word behind it a history is listed.
    let lists = first == "history" && second.is_empty();
    let nested = NESTED.iter().any(|(names, outer, list)| {
        names.contains(&name) && *outer == first && (lists || has(list, second))
    });
    let option = ASKING
        .iter()
        .any(|(of, list)| *of == name && words.first().is_some_and(|word| has(list, word)));
    subcommand || nested || option || words.iter().any(|word| asks_by_letters(name, word))
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

/// Judges a call of a package manager.
pub(super) fn check(run: &mut Facts, name: &str, argv: &Argv) {
    let words = argv.words;
    if is_query(name, argv) {
        return;
    }
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
