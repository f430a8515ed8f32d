//! What is written for people keeps step with the code: tables are complete, commands exist, links
//! lead somewhere. That the snippets compile is the business of the documentation tests.

mod source_tree;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use hotplex::{ErrorKind, Guard, NoticeCode, Outcome};
use serde_json::Value;
use source_tree::sources;

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The text under a heading of a document, up to the next of the same rank.
fn section(document: &str, heading: &str) -> String {
    let text = read(document);
    let (_, rest) = text
        .split_once(&format!("\n## {heading}\n"))
        .expect("the heading is there");
    rest.split("\n## ").next().unwrap_or_default().to_owned()
}

/// The documents that people read in the repository: those at its top, below `docs` and of each part.
fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = [
        "",
        "docs",
        ".github",
        "schema",
        "bindings",
        "bindings/c",
        "bindings/go",
        "bindings/node",
        "bindings/python",
        "crates/guard",
    ];
    let entries = folders
        .iter()
        .flat_map(|folder| fs::read_dir(root.join(folder)).expect("a folder"));
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let documents: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|kind| kind == "md"))
        .collect();
    assert!(documents.len() > 20, "{documents:?}");
    documents
}

/// The cells of a section's tables, with heads and rules left out.
fn rows(section: &str) -> Vec<Vec<&str>> {
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect())
        .collect()
}

/// What stands between backticks.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

fn spellings<T: Copy>(all: &[T], spelling: fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().map(|member| spelling(*member)).collect()
}

#[test]
fn the_table_of_options_is_complete() {
    let section = read("docs/options.md");
    let table: Vec<_> = rows(&section)
        .iter()
        .map(|row| {
            let default = serde_json::from_str(quoted(row[1])[0]).expect(row[1]);
            (quoted(row[0])[0].to_owned(), default)
        })
        .collect();
    let options: Value = serde_json::from_str(&read("schema/options.json")).expect("options");
    let options = options["engine"].as_array().expect("an array").iter();
    let known = options.map(|row| {
        let name = row["name"].as_str().expect("a name");
        (name.to_owned(), row["default"].clone())
    });
    assert_eq!(table, known.collect::<Vec<_>>());
}

#[test]
fn the_table_of_errors_is_complete() {
    let section = section("docs/events.md", "Errors");
    let table: Vec<_> = rows(&section).iter().map(|row| quoted(row[0])[0]).collect();
    assert_eq!(table, spellings(ErrorKind::ALL, ErrorKind::as_str));
}

#[test]
fn every_outcome_is_named() {
    let section = section("docs/events.md", "Events");
    let (_, rest) = section
        .split_once("Outcomes: ")
        .expect("the outcomes are listed");
    let named = quoted(rest.split("\n\n").next().unwrap_or_default());
    assert_eq!(named, spellings(Outcome::ALL, Outcome::as_str));
}

/// Names that the sources give to `as_str` or to a notice are listed, and nothing else is.
#[test]
fn every_event_is_in_the_table() {
    let section = section("docs/events.md", "Events");
    let table = rows(&section);
    let listed: BTreeSet<_> = table.iter().flat_map(|row| quoted(row[0])).collect();
    let sources = sources();
    let event = sources
        .iter()
        .find(|source| source.path == Path::new("event.rs"));
    let text = &event.expect("event.rs").text;
    let arms = text
        .lines()
        .filter(|line| line.contains("EventKind::") && line.contains("=> \""));
    let known: BTreeSet<_> = arms.filter_map(|arm| arm.split('"').nth(1)).collect();
    assert!(known.len() > 5, "the names are found in event.rs");
    assert_eq!(listed, known);
}

#[test]
fn every_notice_code_is_listed() {
    let section = section("docs/events.md", "Events");
    let (_, rest) = section
        .split_once("Notice codes: ")
        .expect("the codes are listed");
    let listed = quoted(rest.split("\n\n").next().unwrap_or_default());
    assert_eq!(listed, spellings(NoticeCode::ALL, NoticeCode::as_str));
}

/// Each rule stands in the column of its level, in the row of its subject.
#[test]
fn the_table_of_rules_is_complete() {
    let section = read("docs/safety.md");
    let (_, rest) = section
        .split_once("| subject | critical | high | moderate |")
        .expect("the table is there");
    let table = rest.split("\n\n").next().unwrap_or_default();
    let mut listed = BTreeSet::new();
    for row in table.lines().filter(|row| row.starts_with("| ")) {
        let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
        for (cell, level) in cells[1..].iter().zip(["critical", "high", "moderate"]) {
            let rules = quoted(cell).into_iter();
            listed.extend(rules.map(|rule| (cells[0].to_owned(), level, rule.to_owned())));
        }
    }
    let known = Guard::rules().map(|rule| {
        (
            rule.category.to_owned(),
            rule.level.as_str(),
            rule.id.to_owned(),
        )
    });
    assert_eq!(listed, known.collect());
}

/// A Git host runs what is run here: each step of its description is a program or a target that is there.
#[test]
fn the_ci_of_a_git_host_calls_what_is_there() {
    let makefile = read("Makefile");
    let description = read(".github/workflows/ci.yml");
    let runs = description
        .lines()
        .filter_map(|line| line.trim().trim_start_matches("- ").strip_prefix("run: "));
    let mut own = 0;
    for command in runs.flat_map(|line| line.split(" && ")) {
        match command.split_whitespace().collect::<Vec<_>>()[..] {
            ["make", target, ..] => {
                own += 1;
                assert!(makefile.contains(&format!("\n{target}:")), "{command}");
            }
            [program, ..] if program.starts_with(".ci/") => {
                own += 1;
                assert!(!read(program).is_empty(), "{command}");
            }
            _ => {}
        }
    }
    assert!(own >= 6, "{own} steps of our own");
}

/// Commands are run by the tests of the examples and by the CI itself; here none may be a wrong
/// name.
#[test]
fn every_command_exists() {
    let documents = [
        "README.md",
        "CONTRIBUTING.md",
        "docs/guide.md",
        "docs/benchmarks.md",
    ]
    .map(read);
    let documents = documents.concat();
    let makefile = read("Makefile");
    let blocks = documents
        .split("```sh\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next());
    let commands: Vec<_> = blocks.flat_map(str::lines).collect();
    assert!(commands.len() >= 10, "{commands:?}");
    for command in commands {
        let words: Vec<_> = command
            .split_whitespace()
            .take_while(|word| *word != "#")
            .collect();
        match words[..] {
            ["make", target] => {
                assert!(makefile.contains(&format!("\n{target}:")), "{command}");
            }
            ["cargo", "test", ref arguments @ ..] => {
                let test = arguments
                    .iter()
                    .skip_while(|word| **word != "--test")
                    .nth(1);
                let package = arguments.iter().skip_while(|word| **word != "-p").nth(1);
                let folder = match package {
                    Some(&"hotplex-guard") => "crates/guard/",
                    Some(&"hotplex-capi") => "bindings/c/",
                    None => "",
                    _ => panic!("no such package: {command}"),
                };
                let tests = Path::new(env!("CARGO_MANIFEST_DIR"))
                    .join(folder)
                    .join("tests");
                let is_there = |test: &&&str| {
                    tests.join(format!("{test}.rs")).exists() || tests.join(**test).exists()
                };
                assert!(test.iter().all(is_there), "{command}");
            }
            ["cargo", "run", "--example", name] => {
                read(&format!("examples/{name}.rs"));
            }
            ["target/daemon/hotplexd", "serve", ref arguments @ ..] => {
                let manual = read("docs/hotplexd.md");
                let mut flags = arguments.iter().filter(|word| word.starts_with("--"));
                assert!(flags.all(|flag| manual.contains(flag)), "{command}");
            }
            _ => panic!("nothing checks this command: {command}"),
        }
    }
}

/// The names by which a Git host links to the headings of a document.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|line| {
            let heading = line.trim_start_matches('#').trim().to_lowercase();
            let kept = heading
                .chars()
                .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
            kept.collect::<String>().replace(' ', "-")
        })
        .collect()
}

#[test]
fn every_link_leads_somewhere() {
    let mut broken = Vec::new();
    for document in documents() {
        let text = fs::read_to_string(&document).expect("a text");
        for rest in text.split("](").skip(1) {
            let target = rest.split(')').next().unwrap_or_default();
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
            let path = match path {
                "" => document.clone(),
                path => document.parent().expect("a folder").join(path),
            };
            let leads = path.exists()
                && (anchor.is_empty()
                    || anchors(&fs::read_to_string(&path).unwrap_or_default()).contains(anchor));
            if !leads {
                broken.push(format!("{}: {target}", document.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// The programs of the bindings' own documents are compiled and run by their tests; the README shows
/// lines of them, and no others.
/// Files and functions that a document of the sources names: `reactor/slot.rs` `Slot::perform`.
fn places_in_code(document: &str) -> Vec<(String, Option<String>)> {
    let text = read(document);
    let parts: Vec<&str> = text.split('`').collect();
    let files = (1..parts.len())
        .step_by(2)
        .filter(|at| parts[*at].ends_with(".rs"));
    let function = |at: usize| {
        let is_next = parts.get(at + 1)?.trim().is_empty();
        let (_, name) = parts.get(at + 2).filter(|_| is_next)?.rsplit_once("::")?;
        Some(name.to_owned())
    };
    files
        .map(|at| (parts[at].to_owned(), function(at)))
        .collect()
}

/// A walk that names what is not there any more leads a reader astray.
#[test]
fn what_is_named_of_the_sources_is_there() {
    let sources = sources();
    let mut functions = 0;
    for document in ["docs/architecture.md", "docs/glossary.md", "src/lib.rs"] {
        for (file, function) in places_in_code(document) {
            let file = file.trim_start_matches("src/");
            let mut named = sources.iter().filter(|source| source.path.ends_with(file));
            let is_outside = Path::new(env!("CARGO_MANIFEST_DIR")).join(file).exists();
            let Some(source) = named.next() else {
                assert!(is_outside, "{document}: {file} is not there");
                continue;
            };
            if let Some(name) = function {
                let stands = source.code.contains(&format!("fn {name}("));
                assert!(stands, "{document}: {file} has no {name}");
                functions += 1;
            }
        }
    }
    assert!(functions > 8, "functions are found: {functions}");
}

#[test]
fn the_examples_in_other_languages_are_those_of_the_bindings() {
    let readme = read("README.md");
    let languages = [
        ("go", "go"),
        ("ts", "node"),
        ("python", "python"),
        ("c", "c"),
    ];
    for (language, binding) in languages {
        let (_, rest) = readme
            .split_once(&format!("```{language}\n"))
            .expect("there is an example");
        let example = rest.split("```").next().unwrap_or_default();
        let whole = read(&format!("bindings/{binding}/README.md"));
        let mut lines = whole.lines().map(str::trim);
        for line in example.lines().map(str::trim) {
            assert!(lines.any(|known| known == line), "{language}: {line}");
        }
    }
}

/// Readers start at the README, those who change hotplex at CONTRIBUTING.
#[test]
fn every_document_is_in_an_index() {
    let indexes = [read("README.md"), read("CONTRIBUTING.md")].concat();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let entries = fs::read_dir(folder).expect("the documents").flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let documents = names.filter(|name| name.ends_with(".md") || name.ends_with(".json"));
    let missing: Vec<_> = documents
        .filter(|name| !indexes.contains(&format!("](docs/{name}")))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// Who links to the README finds little; it is a door and no house.
#[test]
fn the_readme_is_short() {
    let lines = read("README.md").lines().count();
    assert!(lines <= 150, "the README has {lines} lines");
}

/// What a table says of a provider, in its words for a yes.
#[test]
fn the_table_of_providers_says_what_the_code_says() {
    let text = read("docs/providers.md");
    let known = hotplex::providers_within(std::time::Duration::ZERO).expect("all providers");
    let rows: Vec<Vec<&str>> = text
        .lines()
        .filter(|line| line.starts_with("| `") && line.matches('|').count() == 8)
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .filter(|row: &Vec<&str>| row[0] != "`provider`")
        .collect();
    assert_eq!(rows.len(), known.len(), "a row for each: {rows:?}");
    for provider in known {
        let name = format!("`{}`", provider.name);
        let row = rows.iter().find(|row| row[0] == name);
        let row = row.unwrap_or_else(|| panic!("{name} has no row"));
        let can = provider.capabilities;
        if !provider.tested_versions.is_empty() {
            assert_eq!(row[3], provider.tested_versions.join(", "), "{name}");
        }
        let gate = if can.tool_gate {
            "`every_call`"
        } else {
            "`asks_only`"
        };
        let lists = if can.tool_gate { "yes" } else { "refused" };
        assert_eq!((row[4], row[5]), (gate, lists), "{name}");
        assert_eq!(row[6] != "no", can.denial_reason, "{name}");
        assert_eq!(can.updated_input, provider.name == "claude-code");
        assert!(can.interrupt && can.resume && can.deltas, "{name}");
    }
}
