//! Which check judges a program besides what its row says: the `check` lines of the tables name it.

use super::databases::Language;
use super::permissions::Permission;
use super::processes::Named;
use super::{
    archives, augeas, cloud, databases, disks, editors, files, git, lisp, mounts, network,
    packages, permissions, processes, requests, system, transfers, writing,
};
use crate::facts::Facts;
use crate::programs::{Argv, Program};
use crate::{rules, taint};

/// One check: the program's name, its command line, and what it is given as input.
type Check = fn(&mut Facts, &str, &Argv, &str);

/// Every check by its name in the tables.
const CHECKS: [(&str, Check); 51] = [
    ("access-list", |run, _, argv, _| {
        permissions::check(run, Permission::AccessList, argv.words)
    }),
    ("apply-patch", |run, _, argv, input| {
        writing::check_patch_text(run, argv, input)
    }),
    ("augeas", |run, _, argv, input| {
        augeas::check(run, argv, input)
    }),
    ("capabilities", |run, _, argv, _| {
        permissions::check(run, Permission::Capabilities, argv.words)
    }),
    ("container", |run, _, argv, _| {
        cloud::check_mounts(run, argv.words)
    }),
    ("cp", |run, _, argv, _| files::check_cp(run, argv)),
    ("crontab", |run, _, argv, input| {
        system::check_crontab(run, argv, input)
    }),
    ("database", |run, _, argv, input| {
        databases::check(run, Language::Sql, argv, input)
    }),
    ("database-drop", |run, _, argv, input| {
        databases::check(run, Language::Drop, argv, input)
    }),
    ("database-file", |run, _, argv, input| {
        databases::check(run, Language::File, argv, input)
    }),
    ("disk-utility", |run, _, argv, _| {
        disks::check_disk_utility(run, argv.words)
    }),
    ("documents", |run, _, argv, input| {
        databases::check(run, Language::Calls, argv, input)
    }),
    ("ed", |run, _, argv, input| {
        editors::check_ed(run, argv, input)
    }),
    ("find", |run, _, argv, _| files::check_find(run, argv.words)),
    ("fuser", |run, _, argv, _| processes::check_fuser(run, argv)),
    ("gio", check_gio),
    ("git", |run, _, argv, _| git::check(run, argv)),
    ("input-as-code", check_input_as_code),
    ("install", |run, _, argv, _| files::check_install(run, argv)),
    ("keys", |run, _, argv, input| {
        databases::check(run, Language::Words, argv, input)
    }),
    ("kill", |run, _, argv, _| {
        processes::check_kill(run, Named::Numbers, argv.words)
    }),
    ("kill-all", |run, _, argv, _| {
        processes::check_kill(run, Named::All, argv.words)
    }),
    ("kill-matching", |run, _, argv, _| {
        processes::check_kill(run, Named::Pattern, argv.words)
    }),
    ("kill-named", |run, _, argv, _| {
        processes::check_kill(run, Named::Name, argv.words)
    }),
    ("kill-of-user", |run, _, argv, _| {
        processes::check_kill(run, Named::NumbersOrUser, argv.words)
    }),
    ("kill-one", |run, _, argv, _| {
        processes::check_kill(run, Named::Singly, argv.words)
    }),
    ("lftp", |run, _, argv, input| {
        transfers::check_lftp(run, argv);
        transfers::check_sent(run, argv, input);
    }),
    ("lisp", |run, _, argv, input| lisp::check(run, argv, input)),
    ("ln", |run, _, argv, _| files::check_ln(run, argv)),
    ("mode", |run, _, argv, _| {
        permissions::check(run, Permission::Mode, argv.words)
    }),
    ("mount", |run, _, argv, _| mounts::check(run, argv)),
    ("mv", |run, _, argv, _| files::check_mv(run, argv)),
    ("mvn", |run, _, argv, _| transfers::check_mvn(run, argv)),
    ("overwrite", |run, _, argv, _| files::check_shred(run, argv)),
    ("owner", |run, _, argv, _| {
        permissions::check(run, Permission::Owner, argv.words)
    }),
    ("packages", |run, name, argv, _| {
        packages::check(run, name, argv)
    }),
    ("pax", |run, _, argv, _| transfers::check_pax(run, argv)),
    ("permissions", |run, _, argv, _| {
        permissions::check(run, Permission::Attributes, argv.words)
    }),
    ("request", |run, _, argv, _| requests::check(run, argv)),
    ("rm", |run, _, argv, _| files::check_rm(run, argv)),
    ("rsync", |run, _, argv, _| files::check_rsync(run, argv)),
    ("sed", |run, _, argv, _| editors::check_sed(run, argv)),
    ("session-end", |run, _, argv, _| {
        processes::check_session_end(run, argv)
    }),
    ("shutdown", |run, name, argv, _| {
        system::check_shutdown(run, name, argv.words)
    }),
    ("ssh-keygen", |run, _, argv, input| {
        network::check_ssh_keygen(run, argv, input)
    }),
    ("tar", |run, _, argv, _| archives::check_tar(run, argv)),
    ("tee", |run, _, argv, input| {
        files::check_tee(run, argv, input)
    }),
    ("transfer", |run, _, argv, input| {
        transfers::check_sent(run, argv, input)
    }),
    ("unit-end", |run, _, argv, _| {
        processes::check_unit_end(run, argv)
    }),
    ("vim", |run, _, argv, input| {
        editors::check_vim(run, argv, input)
    }),
    ("zip", |run, _, argv, _| archives::check_zip(run, argv)),
];

/// Runs the check of a program, if it has one.
pub(super) fn check(run: &mut Facts, row: &Program, name: &str, argv: &Argv, input: &str) {
    if row.check.is_empty() {
        return;
    }
    if let Ok(at) = CHECKS.binary_search_by(|(known, _)| known.cmp(&row.check)) {
        CHECKS[at].1(run, name, argv, input);
    }
}

/// `gio trash FILE`.
fn check_gio(run: &mut Facts, _: &str, argv: &Argv, _: &str) {
    if argv
        .words
        .get(1)
        .is_some_and(|word| word == "trash" || word == "remove")
    {
        files::check_rm(run, &Argv::of("trash", &argv.words[1..]));
    }
}

/// What came over the network, and is evaluated.
fn check_input_as_code(run: &mut Facts, name: &str, _: &Argv, input: &str) {
    if input.contains(taint::REMOTE) {
        run.report(&rules::REMOTE_CODE, name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programs::all;

    #[test]
    fn every_check_is_named_by_the_tables_and_every_name_is_one() {
        assert!(CHECKS.is_sorted_by_key(|(name, _)| *name));
        let named = || all().map(|row| row.check).filter(|name| !name.is_empty());
        for (name, _) in CHECKS {
            assert!(named().any(|check| check == name), "{name}");
        }
        for check in named() {
            assert!(CHECKS.iter().any(|(name, _)| *name == check), "{check}");
        }
    }
}
