//! `augtool`, which edits the files of the system by paths of its own: `set /files/etc/fstab/1/opt ro`.

use super::writing::check_write;
use crate::facts::Facts;
use crate::programs::Argv;

/// Commands that change what they name.
const CHANGES: &str =
    "set setm rm mv move rename ins insert clear clearm touch store defnode cp copy";

/// What is changed and saved: by an option, or by a command. Without either nothing is written.
pub(super) fn check(run: &mut Facts, argv: &Argv, input: &str) {
    let text = match (argv.value(&["-f"]), argv.operands.is_empty()) {
        (Some(file), _) => run.contents(file).into_owned(),
        (None, true) => input.to_owned(),
        (None, false) => argv.operands.join(" "),
    };
    let is_saved = argv.has(&["-s"]) || text.lines().any(|line| line.trim() == "save");
    // With `--new` what is changed goes to a file beside the old one.
    if !is_saved || argv.has(&["-n"]) {
        return;
    }
    let root = argv.value(&["-r"]).unwrap_or_default();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        if words
            .next()
            .is_some_and(|word| CHANGES.split(' ').any(|change| change == word))
        {
            for path in words.filter_map(|word| word.strip_prefix("/files")) {
                check_write(run, &format!("{root}{path}"), "", false);
            }
        }
    }
}
