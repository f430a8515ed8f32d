//! Programs that run text: shells, and interpreters of other languages.

use crate::names::Outline;

pub(crate) fn is_shell(name: &str) -> bool {
    matches!(
        name,
        "sh" | "bash" | "zsh" | "dash" | "ksh" | "ash" | "fish" | "mksh" | "rbash" | "csh" | "tcsh"
    )
}

pub(crate) fn is_interpreter(name: &str) -> bool {
    static NAMES: [&str; 19] = [
        "awk",
        "gawk",
        "mawk",
        "nawk",
        "python",
        "pypy",
        "perl",
        "ruby",
        "node",
        "nodejs",
        "php",
        "deno",
        "bun",
        "lua",
        "osascript",
        "Rscript",
        "pwsh",
        "powershell",
        "julia",
    ];
    static OUTLINE: Outline = Outline::of(&NAMES);
    let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    OUTLINE.may_hold(plain) && NAMES.contains(&plain)
}

pub(crate) fn is_awk(name: &str) -> bool {
    matches!(name, "awk" | "gawk" | "mawk" | "nawk")
}
