//! The words of the sources: which may not come back, and which name one type; and how the sources
//! are read for these rules and for those of `layering.rs`.

#[path = "mod.rs"]
mod source_tree;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::Path;

use source_tree::modules::without_tests;
use source_tree::{Source, assert_none, code_of, crates, functions, has_word, rust_sources, types};

/// Words that had a meaning in this house alone, or two. `docs/glossary.md` has what stands in their
/// place.
const RETIRED: [&str; 29] = [
    "Outlet",
    "Inlet",
    "Gathering",
    "Gathered",
    "Outflow",
    "Doorbell",
    "Bell",
    "Alarm",
    "Ringer",
    "lie_down",
    "Debt",
    "debts",
    "Ticket",
    "Dialogue",
    "Aside",
    "Surroundings",
    "surroundings",
    "Reach",
    "objection",
    "shortfall",
    "HostGuard",
    "Deed",
    "notebooks",
    "condemn",
    "bury",
    "buried",
    "told_to_model",
    "obey",
    "strike_out",
];

/// Common words that were names of the guard's evaluator. In the engine some of them are names of other
/// things: the thread that judges, the marks of a process.
const RETIRED_OUTSIDE_OF_THE_ENGINE: [&str; 9] = [
    "judge", "heard", "beside", "apart", "marks", "glance", "many", "pushed", "killed",
];

/// The same in the guard alone: a client of the daemon follows a session.
const RETIRED_IN_THE_GUARD: [&str; 2] = ["follow", "moved"];

/// Where code has one of these words as a name.
fn named(sources: &[Source], words: &[&str]) -> Vec<String> {
    let is_retired = |line: &str| words.iter().any(|word| has_word(line, word));
    sources
        .iter()
        .flat_map(|source| source.places(is_retired))
        .collect()
}

#[test]
fn retired_words_do_not_come_back() {
    let [engine, guard, daemon, c_interface] = crates();
    let mut broken = Vec::new();
    for sources in [&engine, &guard, &daemon, &c_interface] {
        broken.extend(named(sources, &RETIRED));
    }
    for sources in [&guard, &daemon, &c_interface] {
        broken.extend(named(sources, &RETIRED_OUTSIDE_OF_THE_ENGINE));
    }
    broken.extend(named(&guard, &RETIRED_IN_THE_GUARD));
    assert_none(broken, "a word that docs/glossary.md has retired");
}

/// Words so common that a reader takes two types with one of them for the same thing.
const ONE_TYPE_EACH: [&str; 12] = [
    "Place", "State", "Request", "Kind", "Command", "Prompt", "Token", "Stream", "Source", "Entry",
    "Session", "Verdict",
];

#[test]
fn a_common_word_names_one_type() {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for source in rust_sources() {
        for (name, line) in types(&source.code) {
            let place = format!("{}:{line}", source.path.display());
            found.entry(name).or_default().push(place);
        }
    }
    assert!(found.len() > 500, "the types are found: {}", found.len());
    let common = found
        .iter()
        .filter(|(name, _)| ONE_TYPE_EACH.contains(&name.as_str()));
    let twice = common.filter(|(_, places)| places.len() > 1);
    let broken = twice.map(|(name, places)| format!("{name}: {}", places.join(", ")));
    assert_none(broken.collect(), "a word that names two types");
}

/// The files that define a type, by its name. What is compiled for tests alone is left out.
fn files_by_type(sources: &[Source]) -> BTreeMap<String, Vec<&Path>> {
    let mut found: BTreeMap<String, Vec<&Path>> = BTreeMap::new();
    for source in sources.iter().filter(|source| !source.is_test()) {
        for (name, _) in types(&without_tests(&source.code)) {
            found.entry(name).or_default().push(&source.path);
        }
    }
    found
}

/// The provider that a file belongs to; `None` for what is not in the folder of one.
fn provider_of(path: &Path) -> Option<&OsStr> {
    let folder = path.strip_prefix("provider").ok()?;
    folder.parent()?.iter().next()
}

/// Providers do the same work side by side, and a provider never sees another's types: what is the
/// stage of one dialogue may be called a stage in each. No other name is used twice in a crate.
#[test]
fn a_name_is_one_type_in_its_crate() {
    let mut broken = Vec::new();
    for sources in crates() {
        for (name, files) in files_by_type(&sources) {
            let providers: BTreeSet<_> =
                files.iter().filter_map(|file| provider_of(file)).collect();
            if files.len() > 1 && providers.len() < files.len() {
                broken.push(format!("{name}: {files:?}"));
            }
        }
    }
    assert_none(broken, "a name that two types of a crate have");
}

#[test]
fn types_are_found_in_every_form() {
    let code = "struct A;\npub(crate) enum B<'a> {}\npub trait C: Send {}\n    pub(in crate::d) union D {}\n\
                pub type E = u8;\nunsafe trait F {}\nimpl G {\n    type H = u8;\n}\nfn f(x: struct_i) {}\n";
    let found = types(code);
    let found: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(found, ["A", "B", "C", "D", "E", "F"]);
}

#[test]
fn rules_look_at_code_alone() {
    let lines = [
        ("unsafe { call() }", true),
        ("fn f<'a>(text: &'a str) { unsafe { call(text) } }", true),
        ("let quote = '\"'; unsafe { call() }", true),
        ("let escaped = '\\''; unsafe { call() }", true),
        ("let bytes = b'\"'; unsafe { call() }", true),
        ("/* a remark */ unsafe { call() }", true),
        ("let text = \"\\\"unsafe\";", false),
        ("let text = r#\"\"unsafe\"\"#;", false),
        ("call(); // unsafe", false),
        ("deny(unsafe_code)", false),
    ];
    for (line, is_unsafe) in lines {
        assert_eq!(has_word(&code_of(line), "unsafe"), is_unsafe, "{line}");
    }
}

#[test]
fn functions_are_measured_whole() {
    let code = "impl A {\n    fn a(\n        x: B,\n    ) -> C {\n        {}\n    }\n}\n\
                trait D {\n    fn d();\n}\n\
                pub(crate) const fn e() {}\n\
                fn f(g: fn() -> [u8; 2]) {\n    let h = || {};\n}\n";
    let found = [("a", 5), ("d", 1), ("e", 1), ("f", 3)];
    assert_eq!(
        functions(code),
        found.map(|(name, lines)| (name.to_owned(), lines))
    );
}
