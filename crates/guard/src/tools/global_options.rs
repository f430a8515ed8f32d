//! Programs with subcommands, and the options that stand in front of these.

use crate::programs::{Program, known};

/// The row of a program; `None` if it is not known to have subcommands.
pub(super) fn of(program: &str) -> Option<&'static Program> {
    known(program).row.filter(|row| !row.before.is_empty())
}

/// Whether the value of an option is the next word.
pub(super) fn takes_next(program: &Program, option: &str) -> bool {
    program.before.contains(&option)
}

/// Whether an option, with its value or without, may make the program run something else: an entry that
/// allows the program does not mean it.
pub(super) fn widens(program: &Program, option: &str) -> bool {
    let name = option.split('=').next().unwrap_or_default();
    program.widens.iter().any(|widening| {
        let attached = widening.len() == 2 && option.starts_with(widening);
        let shortened = name.len() > 4 && widening.starts_with(name);
        attached || shortened || name == *widening
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_known_in_their_spellings() {
        let git = of("git").expect("git is known");
        for (option, is_wider) in [
            ("-c", true),
            ("-ccore.pager=x", true),
            ("--exec-path=/x", true),
            ("--exec-p=/x", true),
            ("--config-env", true),
            ("-C", false),
            ("--no-pager", false),
            ("--git-dir=x", false),
        ] {
            assert_eq!(widens(git, option), is_wider, "{option}");
        }
        assert!(takes_next(git, "-C") && !takes_next(git, "--no-pager"));
    }
}
