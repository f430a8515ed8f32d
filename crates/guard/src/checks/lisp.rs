//! Code of Lisp and its kin: a form begins with the name of what it calls.

use super::removal::check_removal;
use super::writing::check_write;
use crate::facts::Facts;
use crate::programs::{Argv, Role};

/// Forms that delete, or put something in the place of, what their texts name.
const DELETE: [&str; 8] = [
    "delete-directory",
    "delete-file",
    "delete-directory/files",
    "delete-directory-and-files",
    "uiop:delete-directory-tree",
    "delete-tree",
    "fs/delete",
    "rename-file",
];

/// Forms whose texts a shell runs, or whose texts are the words of a command.
const RUN: [&str; 13] = [
    "shell-command",
    "shell-command-to-string",
    "async-shell-command",
    "call-process-shell-command",
    "call-process",
    "start-process",
    "system",
    "system*",
    "uiop:run-program",
    "run-program",
    "sh",
    "shell",
    "execute",
];

const WRITE: [&str; 3] = ["write-region", "write-file", "spit"];

/// Judges what an option or the input tells the program to evaluate.
pub(super) fn check(run: &mut Facts, argv: &Argv, input: &str) {
    let given = argv.values_of(Role::Statement);
    let code: Vec<&str> = given.chain([input]).collect();
    for form in code.iter().flat_map(|text| text.split('(').skip(1)) {
        check_form(run, form);
    }
}

fn check_form(run: &mut Facts, form: &str) {
    let name = form.split_whitespace().next().unwrap_or_default();
    // Every second part stands between quotes.
    let texts = form.split('"').skip(1).step_by(2);
    // `clojure.java.shell/sh` is `sh` of a module.
    let of_module = name.rsplit_once('/').map_or(name, |(_, last)| last);
    let is_one = |names: &[&str]| names.contains(&name) || names.contains(&of_module);
    if is_one(&DELETE) {
        texts.for_each(|path| check_removal(run, path));
    } else if is_one(&RUN) {
        let words: Vec<&str> = texts.collect();
        run.defer_source(&words.join(" "));
    } else if is_one(&WRITE) {
        texts
            .filter(|path| path.starts_with(['/', '~']))
            .for_each(|path| {
                check_write(run, path, "", false);
            });
    }
}
