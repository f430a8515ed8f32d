//! History: what is shared, what is only here, and what is not committed.

use super::super::rules;
use super::super::run::Run;
use super::files;
use super::options::{Options, first_operand};

const VALUED: &str = "-C -c --git-dir --work-tree --namespace --exec-path";

pub(super) fn judge(run: &mut Run, words: &[String]) {
    configured(run, words);
    let Some(at) = first_operand(words, VALUED) else {
        return;
    };
    let words = &words[at..];
    let has = |wanted: &[&str]| Options::of(words, "").has(wanted);
    let named = |text: &str| words.get(1).is_some_and(|word| word == text);
    match words[0].as_str() {
        "push" => pushed(run, words),
        "reflog" if named("expire") && !has(&["--dry-run", "-n"]) => {
            let is_now = words.iter().any(|word| {
                word.contains("=now")
                    || word.contains("=all")
                    || word == "now"
                    || word.contains("=0")
            });
            if is_now {
                run.find(&rules::LOST_HISTORY, "the reflog");
            }
        }
        "reflog" if named("delete") => run.find(&rules::UNCOMMITTED, "the reflog"),
        "gc" if words
            .iter()
            .any(|word| word == "--prune=now" || word == "--prune=all") =>
        {
            run.find(&rules::UNCOMMITTED, "unreachable commits");
        }
        "filter-branch" | "filter-repo" => {
            run.find(&rules::FORCE_PUSH, "the history");
            for pair in words.windows(2).filter(|pair| pair[0].ends_with("-filter")) {
                run.judge_text(&pair[1]);
            }
        }
        "update-ref" if has(&["-d"]) => deleted_ref(run, words),
        "reset" if has(&["--hard"]) => run.find(&rules::UNCOMMITTED, "changes"),
        "clean" if has(&["-f", "--force"]) => {
            run.find(&rules::UNCOMMITTED, "untracked files");
            let paths = Options::of(words, "-e --exclude").operands;
            for path in paths.iter().filter(|path| **path != ".") {
                files::destroy(run, path);
            }
        }
        "checkout" | "restore" | "switch" if has(&["-f", "--force"]) || discards(words) => {
            run.find(&rules::UNCOMMITTED, "changes");
        }
        "stash" if named("drop") || named("clear") => run.find(&rules::UNCOMMITTED, "stashes"),
        "branch" if has(&["-D"]) || (has(&["-d", "--delete"]) && has(&["-f", "--force"])) => {
            run.find(&rules::UNCOMMITTED, "a branch");
        }
        "worktree" if named("remove") && has(&["-f", "--force"]) => {
            run.find(&rules::UNCOMMITTED, "a work tree")
        }
        "submodule" => {
            let text = words.iter().skip_while(|word| *word != "foreach").skip(1);
            let text: Vec<String> = text
                .filter(|word| *word != "--recursive")
                .cloned()
                .collect();
            if !text.is_empty() {
                run.judge_text(&text.join(" "));
            }
        }
        "rebase" | "bisect" => {
            let at = words
                .iter()
                .position(|word| matches!(word.as_str(), "-x" | "--exec" | "run"));
            match at.map(|at| (words[at].as_str(), &words[at + 1..])) {
                Some(("run", command)) => run.judge_words(command.to_vec()),
                Some((_, [text, ..])) => run.judge_text(text),
                _ => {}
            }
        }
        "filter" | "difftool" | "config" => configured_value(run, words),
        _ => {}
    }
}

fn discards(words: &[String]) -> bool {
    let is_restore = words[0] == "restore";
    let staged = words.iter().any(|word| word == "--staged" || word == "-S");
    let all = words.iter().any(|word| word == ".");
    (is_restore && !staged) || (!is_restore && (all || words.iter().any(|word| word == "--")))
}

/// `-c alias.x='!command'` and its kin hold commands.
fn configured(run: &mut Run, words: &[String]) {
    for pair in words.windows(2) {
        if matches!(pair[0].as_str(), "-c" | "--config")
            && let Some((name, value)) = pair[1].split_once('=')
        {
            command_setting(run, name, value);
        }
    }
}

fn configured_value(run: &mut Run, words: &[String]) {
    let operands = Options::of(words, "--file -f").operands;
    if let [name, value] = operands.as_slice() {
        command_setting(run, name, value);
    }
}

fn command_setting(run: &mut Run, name: &str, value: &str) {
    let name = name.to_lowercase();
    let text = match value.strip_prefix('!') {
        Some(text) => text,
        None if name.starts_with("alias.") => return run.judge_text(&format!("git {value}")),
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
        run.judge_text(text);
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

fn deleted_ref(run: &mut Run, words: &[String]) {
    let shared = words[1..]
        .iter()
        .any(|word| is_shared(word) && word.starts_with("refs/"));
    run.find(
        if shared {
            &rules::SHARED_HISTORY
        } else {
            &rules::UNCOMMITTED
        },
        "a branch",
    );
}

fn pushed(run: &mut Run, words: &[String]) {
    let options = Options::of(words, "-o --push-option --repo --receive-pack --exec");
    if options.has(&["--dry-run", "-n"]) {
        return;
    }
    let forces = options.has(&["--force", "-f"]);
    let leases = options.all().any(|(option, _)| {
        option.starts_with("--force-with-lease") || option == "--force-if-includes"
    });
    let deletes = options.has(&["--delete", "-d"]);
    let everything = options.has(&["--mirror"])
        || (options.has(&["--all", "--branches"]) && forces)
        || options.has(&["--prune"]) && forces;
    if everything {
        return run.find(&rules::SHARED_HISTORY, "every branch");
    }
    for refspec in options.operands.iter().skip(1) {
        let plus = refspec.starts_with('+');
        let (source, target) = refspec.trim_start_matches('+').split_once(':').unwrap_or((
            refspec.trim_start_matches('+'),
            refspec.trim_start_matches('+'),
        ));
        let removes = deletes || (source.is_empty() && !target.is_empty());
        let shared = is_shared(target) || target.contains(super::marks::STAR);
        if (removes || plus || forces) && shared {
            run.find(&rules::SHARED_HISTORY, target);
        } else if removes {
            run.find(&rules::REMOTE_BRANCH, target);
        } else if plus || forces {
            run.find(&rules::FORCE_PUSH, target);
        }
    }
    if (forces || leases) && options.operands.len() <= 1 {
        run.find(&rules::FORCE_PUSH, "the current branch");
    } else if leases {
        run.find(&rules::FORCE_PUSH, "a branch");
    }
}
