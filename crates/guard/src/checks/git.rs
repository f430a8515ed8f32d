//! History: what is shared, what is only here, and what is not committed.

use super::removal;
use super::writing::{check_output, is_for_installing};
use crate::facts::Facts;
use crate::programs::{Argv, Role};
use crate::rules;
use crate::zone::Zone;

pub(super) fn check(run: &mut Facts, argv: &Argv) {
    check_settings(run, argv);
    // `ext::command` is a repository that a command speaks for.
    let commands = argv
        .words
        .iter()
        .filter_map(|word| word.strip_prefix("ext::"));
    for command in commands {
        run.defer_source(&command.replace("% ", " "));
    }
    let at = if argv.at > 0 {
        Some(argv.at)
    } else {
        argv.first
    };
    let Some(words) = at.and_then(|at| argv.words.get(at..)) else {
        return;
    };
    match words[0].as_str() {
        "push" => check_push(run, argv),
        "filter-branch" | "filter-repo" => run.report(&rules::FORCE_PUSH, "the history"),
        "update-ref" if argv.has(&["-d"]) => check_update_ref(run, words),
        "reflog" => check_reflog(run, argv, words),
        "clean" => check_clean(run, argv),
        "config" => check_config(run, argv),
        command => match lost(command, argv, words) {
            Some(what) => {
                run.report(&rules::UNCOMMITTED, what);
                if matches!(command, "reset" | "checkout" | "read-tree") {
                    let tree = argv.value(&["--work-tree"]).unwrap_or(".");
                    check_home_or_system(run, tree);
                }
            }
            None => check_commands_in(run, command, argv, words),
        },
    }
    check_checkout(run, argv, &words[0]);
}

/// What of this machine alone a command gives up.
fn lost(command: &str, argv: &Argv, words: &[String]) -> Option<&'static str> {
    let has = |wanted: &[&str]| argv.has(wanted);
    let named = |text: &str| is_second(words, text);
    match command {
        "gc" if matches!(argv.value(&["--prune"]), Some("now" | "all")) => {
            Some("unreachable commits")
        }
        "reset" if has(&["--hard"]) => Some("changes"),
        "read-tree" if has(&["--reset"]) && has(&["-u"]) => Some("changes"),
        "rm" if has(&["-f"]) && !has(&["--cached", "-n"]) => Some("changes"),
        "checkout" | "restore" | "switch"
            if has(&["-f", "--discard-changes"]) || discards(argv, words) =>
        {
            Some("changes")
        }
        "stash" if named("drop") || named("clear") => Some("stashes"),
        "branch" if has(&["-D"]) || (has(&["-d"]) && has(&["-f"])) => Some("a branch"),
        "worktree" if named("remove") && has(&["-f"]) => Some("a work tree"),
        _ => None,
    }
}

fn is_second(words: &[String], text: &str) -> bool {
    words.get(1).is_some_and(|word| word == text)
}

fn check_reflog(run: &mut Facts, argv: &Argv, words: &[String]) {
    if is_second(words, "delete") {
        return run.report(&rules::UNCOMMITTED, "the reflog");
    }
    let is_now = |word: &String| {
        word.contains("=now") || word.contains("=all") || word == "now" || word.contains("=0")
    };
    let expires = is_second(words, "expire") && !argv.has(&["--dry-run", "-n"]);
    if expires && words.iter().any(is_now) {
        run.report(&rules::LOST_HISTORY, "the reflog");
    }
}

fn check_clean(run: &mut Facts, argv: &Argv) {
    if argv.has(&["-f"]) && !argv.has(&["-n"]) {
        run.report(&rules::UNCOMMITTED, "untracked files");
        let paths = argv.operands.iter().filter(|path| **path != ".");
        paths.for_each(|path| removal::check_removal(run, path));
        check_home_or_system(run, ".");
    }
}

/// A repository in somebody's projects may be emptied; a home or the system itself may not, although it lies
/// in one.
fn check_home_or_system(run: &mut Facts, tree: &str) {
    let path = run.path(tree);
    let zone = run.zone_of(&path);
    let is_grave = matches!(zone, Zone::HomeRoot | Zone::System | Zone::Credentials);
    if is_grave && !is_for_installing(&path) {
        removal::check_removal(run, tree);
    }
}

/// Commands that run others.
fn check_commands_in(run: &mut Facts, command: &str, argv: &Argv, words: &[String]) {
    match command {
        "submodule" => {
            let text = words.iter().skip_while(|word| *word != "foreach").skip(1);
            let text: Vec<String> = text
                .filter(|word| *word != "--recursive")
                .cloned()
                .collect();
            if !text.is_empty() {
                run.defer_source(&text.join(" "));
            }
        }
        "rebase" => argv
            .options
            .iter()
            .filter(|given| given.is("-x"))
            .filter_map(|given| given.value)
            .for_each(|text| run.defer_source(text)),
        "bisect" if is_second(words, "run") => run.defer_argv(words[2..].to_vec()),
        _ => {}
    }
}

/// Commands that write files of the work tree, which `--work-tree` may put anywhere.
fn check_checkout(run: &mut Facts, argv: &Argv, command: &str) {
    const WRITING: [&str; 12] = [
        "checkout",
        "reset",
        "restore",
        "switch",
        "clean",
        "pull",
        "merge",
        "stash",
        "read-tree",
        "checkout-index",
        "rebase",
        "apply",
    ];
    if let Some(tree) = argv
        .value(&["--work-tree"])
        .filter(|_| WRITING.contains(&command))
    {
        match command {
            // It is emptied of what is not known to git.
            "clean" if argv.has(&["-f"]) => removal::check_removal(run, tree),
            _ => check_output(run, tree, Role::Into),
        }
    }
}

fn discards(argv: &Argv, words: &[String]) -> bool {
    let is_restore = words[0] == "restore";
    let staged = argv.has(&["--staged"]) && !argv.has(&["--worktree"]);
    let all = words.iter().any(|word| word == ".");
    (is_restore && !staged) || (!is_restore && (all || words.iter().any(|word| word == "--")))
}

/// `-c alias.x='!command'` and its kin hold commands.
fn check_settings(run: &mut Facts, argv: &Argv) {
    let given = argv
        .options
        .iter()
        .filter(|given| given.is("-c") || given.is("--config"));
    let settings = given.filter_map(|given| given.value?.split_once('='));
    for (name, value) in settings {
        check_setting(run, name, value);
    }
}

fn check_config(run: &mut Facts, argv: &Argv) {
    let operands = argv.operands.as_slice();
    let operands = match operands {
        ["set", rest @ ..] => rest,
        operands => operands,
    };
    if let [name, value] = operands {
        if let Some(file) = argv.value(&["-f"]) {
            check_output(run, file, Role::Copy);
        }
        check_setting(run, name, value);
    }
}

fn check_setting(run: &mut Facts, name: &str, value: &str) {
    let name = name.to_lowercase();
    let text = match value.strip_prefix('!') {
        Some(text) => text,
        None if name.starts_with("alias.") => return run.defer_source(&format!("git {value}")),
        None => value,
    };
    const COMMANDS: [&str; 12] = [
        "alias.",
        "core.pager",
        "core.sshcommand",
        "core.editor",
        "pager.",
        "credential.helper",
        "diff.external",
        "sequence.editor",
        "core.fsmonitor",
        "core.askpass",
        "difftool.",
        "mergetool.",
    ];
    if COMMANDS.iter().any(|command| name.starts_with(command)) || name.ends_with(".cmd") {
        run.defer_source(text);
    }
}

pub(super) fn is_shared(branch: &str) -> bool {
    let name = branch
        .trim_start_matches("refs/heads/")
        .trim_start_matches("heads/");
    matches!(
        name,
        "main"
            | "master"
            | "trunk"
            | "release"
            | "production"
            | "prod"
            | "stable"
            | "develop"
            | "default"
    ) && name != "develop"
        || name.starts_with("release/")
        || name.starts_with("release-")
        || name.starts_with("releases/")
}

fn check_update_ref(run: &mut Facts, words: &[String]) {
    let shared = words[1..]
        .iter()
        .any(|word| is_shared(word) && word.starts_with("refs/"));
    run.report(
        if shared {
            &rules::SHARED_HISTORY
        } else {
            &rules::UNCOMMITTED
        },
        "a branch",
    );
}

fn check_push(run: &mut Facts, options: &Argv) {
    if options.has(&["--dry-run", "-n"]) {
        return;
    }
    let forces = options.has(&["--force", "-f"]);
    let leases = options.has(&["--force-with-lease", "--force-if-includes"]);
    let deletes = options.has(&["--delete", "-d"]);
    let everything = options.has(&["--mirror"])
        || (options.has(&["--all", "--branches"]) && forces)
        || options.has(&["--prune"]) && forces;
    if everything {
        return run.report(&rules::SHARED_HISTORY, "every branch");
    }
    for refspec in options.operands.iter().skip(1) {
        let plus = refspec.starts_with('+');
        let (source, target) = refspec.trim_start_matches('+').split_once(':').unwrap_or((
            refspec.trim_start_matches('+'),
            refspec.trim_start_matches('+'),
        ));
        let removes = deletes || (source.is_empty() && !target.is_empty());
        let shared = is_shared(target) || target.contains([crate::taint::STAR, '*']);
        if (removes || plus || forces) && shared {
            run.report(&rules::SHARED_HISTORY, target);
        } else if removes {
            run.report(&rules::REMOTE_BRANCH, target);
        } else if plus || forces {
            run.report(&rules::FORCE_PUSH, target);
        }
    }
    if (forces || leases) && options.operands.len() <= 1 {
        run.report(&rules::FORCE_PUSH, "the current branch");
    } else if leases {
        run.report(&rules::FORCE_PUSH, "a branch");
    }
}
