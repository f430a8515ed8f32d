//! The machine's administration: schedules and its end. The rest is in the tables of `patterns`.

use crate::facts::Facts;
use crate::programs::{Argv, ProgramKind, is_of_kind};
use crate::rules;
use crate::taint::UNKNOWN;
use crate::zone::name_of;

/// `crontab -r`, and a schedule that runs what must not run.
pub(super) fn check_crontab(run: &mut Facts, argv: &Argv, input: &str) {
    if argv.has(&["-r"]) {
        run.report(&rules::CRONTAB_REMOVE, "every scheduled job");
        return;
    }
    if argv.has(&["-l", "-e"]) {
        return;
    }
    let text = match argv.operands.first() {
        Some(&"-") | None => input.to_owned(),
        Some(file) => run.written(file).unwrap_or_default(),
    };
    let reads_nothing = matches!(argv.operands.first(), None | Some(&("-" | "/dev/null")));
    if text.trim().is_empty() && reads_nothing {
        run.report(&rules::CRONTAB_REMOVE, "every scheduled job");
    }
    for line in text.lines() {
        check_job(run, line);
    }
}

/// `shutdown -h now`; not what only tells, warns or takes it back.
pub(super) fn check_shutdown(run: &mut Facts, name: &str, words: &[String]) {
    let is_harmless = |word: &String| matches!(word.as_str(), "-c" | "-k" | "--show" | "--help");
    if !words.iter().any(is_harmless) {
        run.report(&rules::POWER, name);
    }
}

/// The command of a line of a crontab.
fn check_job(run: &mut Facts, line: &str) {
    let line = line.trim_start_matches(UNKNOWN).trim();
    let fields = if line.starts_with('@') { 1 } else { 5 };
    let mut rest = line;
    for _ in 0..fields {
        rest = rest
            .trim_start()
            .split_once(char::is_whitespace)
            .map_or("", |(_, rest)| rest);
    }
    // Output that is thrown away runs nothing and fills nothing.
    let read = rest
        .replace("2>&1", "")
        .replace("> ", ">")
        .replace(">/dev/null", "");
    let is_download = |word: &str| is_of_kind(name_of(word), ProgramKind::Downloader);
    let mut words = rest.split([' ', '(', '|', ';', '&', '`', '"', '\'']);
    let hides = rest.contains("/dev/tcp/") || rest.contains("base64 -d");
    if (hides || words.any(is_download)) && read.contains(['|', '(', '>'])
        || rest.contains("/dev/tcp/")
    {
        run.report(&rules::PERSISTENCE, rest);
    }
    if !rest.is_empty() {
        run.defer_source(rest);
    }
}
