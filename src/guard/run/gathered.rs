//! Commands that run another one for each of many names: `xargs`, `parallel`, `find -exec`.

use super::super::judge;
use super::super::marks::UNKNOWN;
use super::super::rules;
use super::wrappers::is_shell;
use super::{Run, output};

pub(super) fn xargs(run: &mut Run, name: &str, words: &[String], input: &str) -> Option<String> {
    const VALUED: &str =
        "-n -P -L -I -i -d -a -s -E -j --max-args --max-procs --delimiter --arg-file --replace";
    let Some(at) = judge::options::first_operand(words, VALUED) else {
        // Without a command of its own `parallel` runs each line that it reads.
        return Some(match name {
            "parallel" => run.source_text(input),
            _ => input.to_owned(),
        });
    };
    let options = &words[1..at];
    let value_of = |flag: &str| {
        let at = options.iter().position(|word| word == flag)?;
        options.get(at + 1).cloned()
    };
    let attached = options
        .iter()
        .find_map(|word| word.strip_prefix("-I").filter(|text| !text.is_empty()));
    let place = attached.map(str::to_owned).or_else(|| value_of("-I"));
    let place = place.or_else(|| {
        options
            .iter()
            .any(|word| word == "-i")
            .then(|| "{}".to_owned())
    });
    let place = place.or_else(|| (name == "parallel").then(|| "{}".to_owned()));
    let mut inner = words[at..].to_vec();
    let mut items: Vec<String> = match value_of("-a") {
        Some(file) => run.contents(&file),
        None => input.to_owned(),
    }
    .split(|c: char| c.is_whitespace() || c == '\0')
    .filter(|item| !item.is_empty())
    .take(64)
    .map(str::to_owned)
    .collect();
    if let Some(at) = inner.iter().position(|word| word == ":::") {
        items = inner.split_off(at);
        items.remove(0);
    }
    if inner.is_empty() {
        // `parallel ::: 'one command' 'another'`
        return Some(run.source_text(&items.join("\n")));
    }
    if inner.len() == 1 && inner[0].contains(' ') {
        inner = inner[0].split_whitespace().map(str::to_owned).collect();
    }
    if items.is_empty() {
        items.push(UNKNOWN.to_string());
    }
    let text = items.join(" ");
    if inner[0].rsplit('/').next() == Some("rm") {
        run.find(&rules::LISTED_TARGETS, "what is listed");
    }
    match place {
        Some(place) if inner.iter().any(|word| word.contains(&place)) => {
            for item in &items {
                let words = inner
                    .iter()
                    .map(|word| word.replace(&place, item))
                    .collect();
                run.argv(words, "", false);
            }
        }
        _ if is_shell(&inner[0])
            && inner.iter().any(|word| word.ends_with('c'))
            && inner.len() == 2 =>
        {
            run.source_text(&text);
        }
        _ => {
            inner.extend(items);
            run.argv(inner, "", false);
        }
    }
    Some(UNKNOWN.to_string())
}

/// What `find -exec` runs, once a root.
pub(super) fn find_exec(run: &mut Run, words: &[String]) {
    let is_exec = |word: &String| {
        matches!(
            word.as_str(),
            "-exec" | "-execdir" | "-ok" | "-okdir" | "-x" | "-X" | "--exec" | "--exec-batch"
        )
    };
    let found = output::found(run, words);
    let appends_names = words[0] != "find";
    for (at, _) in words.iter().enumerate().filter(|(_, word)| is_exec(word)) {
        let rest = &words[at + 1..];
        let end = rest.iter().position(|word| word == ";" || word == "+");
        let inner = &rest[..end.unwrap_or(rest.len())];
        let is_named = inner.iter().any(|word| word.contains('{'));
        for root in &found {
            let mut words: Vec<String> =
                inner.iter().map(|word| word.replace("{}", root)).collect();
            // `fd` adds the name where no place is given.
            if appends_names && !is_named {
                words.push(root.clone());
            }
            run.argv(words, "", false);
        }
    }
}
