//! Data: which statements destroy it, and whose it is.

use super::clients;
use super::hosts::is_loopback;
use super::writing::check_output;
use crate::facts::Facts;
use crate::programs::{Argv, Given, Role};
use crate::rules;

/// What a client understands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    /// Statements, of a database on a server.
    Sql,
    /// Statements, of a database that is a file.
    File,
    /// Words of a cache or a store of keys.
    Words,
    /// Calls of a store of documents.
    Calls,
    /// The operand alone says which database goes.
    Drop,
}

/// Judges what a client is told to do, by option, operand or input.
pub(super) fn check(run: &mut Facts, language: Language, argv: &Argv, input: &str) {
    let words = argv.words;
    let text = statements(language, argv, input);
    clients::check(run, language == Language::File, &text);
    check_database_file(run, language, argv, &text);
    let Some(statement) = statement(language, argv, &text) else {
        return;
    };
    let target = format!("{} {statement}", words[1..].join(" "));
    let is_live = runs_live(run) || endangers_live(language, argv, &statement, &text);
    let rule = match is_live {
        true => &rules::LIVE_DATA,
        false => &rules::TEST_DATA,
    };
    run.report(rule, target.trim());
}

fn statements(language: Language, argv: &Argv, input: &str) -> String {
    let mut text = String::new();
    for value in argv.values_of(Role::Statement) {
        text.push_str(value);
        text.push(';');
    }
    let rows = argv.program.map_or(&[][..], |program| &program.operands);
    for (place, _) in rows.iter().filter(|(_, role)| *role == Role::Statement) {
        text.push_str(&argv.at_place(*place).join("\n"));
    }
    if language == Language::Words {
        text = argv.words[1..].join(" ");
    }
    if !input.chars().all(crate::taint::is_mark) {
        text.push_str(input);
    }
    text
}

/// The statement that destroys data, if there is one.
fn statement(language: Language, argv: &Argv, text: &str) -> Option<String> {
    match language {
        Language::Sql | Language::File => text
            .split(';')
            .find(|statement| destroys(statement))
            .map(|statement| statement.trim().to_owned()),
        Language::Drop => {
            let is_meant = argv.is_needed();
            let name = argv.operands.last().filter(|_| is_meant);
            name.map(|name| format!("DROP DATABASE {name}"))
        }
        Language::Words => {
            let upper = text.to_uppercase();
            let mut words = ["FLUSHALL", "FLUSHDB"].iter();
            let found = words.find(|word| upper.split_whitespace().any(|part| part == **word));
            found.map(|word| (*word).to_owned())
        }
        Language::Calls => {
            let dense: String = text.chars().filter(|c| !c.is_whitespace()).collect();
            let destroys = ["dropDatabase(", ".drop()", "deleteMany({})", "remove({})"];
            let found = destroys.iter().find(|part| dense.contains(**part));
            found.map(|part| (*part).to_owned())
        }
    }
}

fn destroys(statement: &str) -> bool {
    let mut lines = statement
        .lines()
        .filter(|line| !line.trim_start().starts_with("--"));
    let text: String = lines.by_ref().collect::<Vec<_>>().join(" ").to_uppercase();
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.as_slice() {
        [
            "DROP",
            "DATABASE" | "SCHEMA" | "TABLE" | "KEYSPACE" | "USER" | "ROLE" | "OWNED",
            ..,
        ] => true,
        ["TRUNCATE", ..] => true,
        ["MATCH", .., "DETACH", "DELETE", _] => is_unfiltered(&words) && !text.contains('{'),
        ["DELETE", "FROM", ..] => is_unfiltered(&words),
        ["UPDATE", _, "SET", ..] => is_unfiltered(&words),
        _ => false,
    }
}

/// `sqlite3 file statements`: a file that is made or changed, if a statement does more than ask.
fn check_database_file(run: &mut Facts, language: Language, argv: &Argv, text: &str) {
    const CHANGING: [&str; 10] = [
        "CREATE", "INSERT", "UPDATE", "DELETE", "DROP", "ALTER", "REPLACE", "VACUUM", "REINDEX",
        ".IMPORT",
    ];
    let changes = |statement: &str| {
        let first = statement.split_whitespace().next().unwrap_or_default();
        CHANGING.contains(&first.to_ascii_uppercase().as_str())
    };
    if language == Language::File
        && !argv.has(&["-readonly"])
        && let Some(file) = argv.operands.first()
        && text.split(';').any(changes)
    {
        check_output(run, file, Role::Copy);
    }
}

/// Without a condition, or with one that always holds.
fn is_unfiltered(words: &[&str]) -> bool {
    let Some(at) = words
        .iter()
        .position(|word| *word == "WHERE" || word.starts_with("WHERE("))
    else {
        return true;
    };
    let condition: String = words[at + 1..].concat();
    matches!(condition.as_str(), "1=1" | "TRUE" | "1" | "'1'='1'")
}

const LIVE: [&str; 4] = ["prod", "production", "live", "prd"];
const HARMLESS: [&str; 13] = [
    "dev",
    "test",
    "tests",
    "tmp",
    "temp",
    "development",
    "testing",
    "ci",
    "sandbox",
    "scratch",
    "example",
    "demo",
    "local",
];

/// Whether a name says that people depend on what it names.
pub(super) fn is_live(name: &str) -> bool {
    has_part(name, &LIVE)
}

/// Whether a name says that its data is for tests or development.
pub(super) fn is_harmless(name: &str) -> bool {
    has_part(name, &HARMLESS)
}

/// Whether a part of a name is one of these words; parts end at anything but letters.
fn has_part(text: &str, wanted: &[&str]) -> bool {
    let lower = text.to_lowercase();
    let mut parts = lower.split(|c: char| !c.is_ascii_alphabetic());
    parts.any(|part| wanted.contains(&part))
}

fn endangers_live(language: Language, argv: &Argv, statement: &str, text: &str) -> bool {
    let mut places: Vec<&str> = argv.operands.clone();
    let named = |given: &&Given| given.role() != Role::Statement;
    let given = argv.options.iter().filter(named);
    places.extend(given.map(|given| given.value.unwrap_or(given.word)));
    if places.iter().any(|place| is_live(place)) {
        return true;
    }
    let upper = statement.to_uppercase();
    if has_part(&upper, &["production", "prod"]) {
        return true;
    }
    let whole = upper.starts_with("DROP DATABASE")
        || upper.starts_with("DROP SCHEMA")
        || upper.starts_with("FLUSHALL")
        || statement.contains("dropDatabase");
    let marked = places.iter().any(|place| has_part(place, &HARMLESS))
        || has_part(statement, &HARMLESS)
        || (!whole && has_part(text, &HARMLESS));
    let is_own =
        language == Language::File || language == Language::Words && is_cache_flush(&places);
    whole && !marked && !is_own
}

/// Variables by which a framework is told on which data it works.
const TELLING_VARIABLES: [&str; 12] = [
    "RAILS_ENV",
    "RACK_ENV",
    "MIX_ENV",
    "FLASK_ENV",
    "DJANGO_SETTINGS_MODULE",
    "ENVIRONMENT",
    "STAGE",
    "NODE_ENV",
    "APP_ENV",
    "DATABASE_URL",
    "PGHOST",
    "PGDATABASE",
];

/// Whether the script itself says that it works on what is live.
pub(super) fn runs_live(run: &Facts) -> bool {
    let is_live = |name: &str| run.value(name).is_some_and(|value| has_part(&value, &LIVE));
    TELLING_VARIABLES.iter().any(|name| is_live(name))
        || run.unknown_names.iter().any(|name| has_part(name, &LIVE))
}

/// A cache on this machine is filled again.
fn is_cache_flush(places: &[&str]) -> bool {
    let local = |place: &&&str| is_loopback(place);
    places.iter().any(|place| local(&place)) || places.len() <= 2
}
