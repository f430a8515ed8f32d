//! The crate keeps its rules: who may import whom, and no file in a circle.

// What an import is, and how circles are found, is the same for all crates here.
#[path = "../../../tests/source_tree/mod.rs"]
mod source_tree;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use source_tree::modules::{Module, Modules, shown};
use source_tree::sources_in;

/// Beyond this a file holds more than one idea.
const LONGEST_FILE: usize = 500;

/// Each room, and those that it may import. What stands further up knows what stands further down.
const TABLE: [(&str, &[&str]); 20] = [
    ("error", &[]),
    ("effect", &[]),
    ("glob", &[]),
    ("links", &[]),
    ("encodings", &[]),
    ("taint", &[]),
    ("verdict", &[]),
    ("verdict_json", &["verdict"]),
    ("rules", &["verdict"]),
    ("claude_code", &["effect"]),
    ("programs", &[]),
    ("vocabulary", &["programs"]),
    ("zone", &["links", "taint"]),
    ("shell", &["taint"]),
    ("own_rules", &["error", "shell", "verdict"]),
    ("prompt", &["shell", "verdict"]),
    (
        "facts",
        &["links", "programs", "rules", "shell", "taint", "zone"],
    ),
    (
        "checks",
        &[
            "encodings",
            "facts",
            "programs",
            "rules",
            "shell",
            "taint",
            "vocabulary",
            "zone",
        ],
    ),
    ("paths", &["checks", "facts", "rules", "taint", "zone"]),
    (
        "eval",
        &[
            "checks",
            "encodings",
            "facts",
            "links",
            "programs",
            "rules",
            "shell",
            "taint",
            "vocabulary",
            "zone",
        ],
    ),
];

/// What stands above all rooms of the table: the lists of tools and the crate itself.
const ABOVE: [&str; 2] = ["tools", "lib"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn room(module: &Module) -> &str {
    module.first().map_or("lib", String::as_str)
}

#[test]
fn no_file_imports_itself_by_way_of_others() {
    let modules = Modules::below(&root());
    assert!(modules.count() > 60, "the source was found");
    let circles = modules.circles();
    assert!(circles.is_empty(), "in a circle:\n{}", circles.join("\n"));
}

#[test]
fn imports_point_one_way() {
    let modules = Modules::below(&root());
    let mut broken = Vec::new();
    for (module, targets) in modules.imports() {
        let from = room(module);
        let row = TABLE.iter().find(|(name, _)| *name == from);
        assert!(
            row.is_some() || ABOVE.contains(&from),
            "{from} is not in the table"
        );
        for target in &targets {
            let to = room(target);
            let may = row.is_none_or(|(_, below)| below.contains(&to)) || from == to;
            if !may || to == "lib" {
                broken.push(format!("{} imports {}", shown(module), shown(target)));
            }
        }
    }
    assert!(
        broken.is_empty(),
        "against the table:\n{}",
        broken.join("\n")
    );
}

#[test]
fn the_table_itself_has_no_circle() {
    let mut known: Vec<&str> = Vec::new();
    for (room, below) in TABLE {
        for other in below {
            assert!(
                known.contains(other),
                "{room} imports {other}, which stands above it"
            );
        }
        known.push(room);
    }
}

#[test]
fn files_stay_short() {
    for source in sources_in(&root()) {
        let (path, lines) = (source.path.display(), source.text.lines().count());
        assert!(lines <= LONGEST_FILE, "{path}: {lines} lines");
        assert!(source.text.starts_with("//!"), "{path} says not what it is");
    }
}

/// The files of the tables, without what is no list of programs.
fn names_of_programs() -> BTreeSet<String> {
    let programs = root().join("programs");
    let folder = std::fs::read_dir(programs.join("tables")).expect("the tables");
    let tables = folder.map(|entry| entry.expect("an entry").path());
    let tables = tables.filter(|path| path.extension().is_some_and(|end| end == "txt"));
    let read = |path: PathBuf| std::fs::read_to_string(path).expect("a table");
    let rows = tables.map(read).collect::<Vec<_>>().concat();
    // At the margin stand the names of a row, each perhaps with its subcommand.
    let is_row = |line: &&str| !line.starts_with([' ', '#']);
    let names = rows.lines().filter(is_row).flat_map(|line| line.split(','));
    let in_rows = names.filter_map(|name| name.split_whitespace().next());
    let kinds = read(programs.join("kinds.txt"));
    let lists = kinds.lines().filter(|line| line.starts_with(' '));
    let in_kinds = lists.flat_map(str::split_whitespace);
    in_rows.chain(in_kinds).map(str::to_owned).collect()
}

/// What stands between quotes in code, but for the names by which the tables call checks and ways.
fn literals(text: &str) -> BTreeSet<&str> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let is_name = |line: &str| line.starts_with("    (\"");
    let lines = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let lines = lines.map(|line| match is_name(line) {
        true => line.splitn(3, '"').nth(2).unwrap_or_default(),
        false => line,
    });
    lines.flat_map(|line| line.split('"')).collect()
}

/// What a program is stands in the tables. The words below are the names of programs, too, but in the code
/// they are something else, by which the number of files is counted: calls of a language, subcommands,
/// names of checks and of ways to evaluate, words of a shell's grammar.
#[test]
fn a_program_has_one_place() {
    const OTHERWISE: [(&str, usize); 61] = [
        ("as", 1),
        ("base64", 2),
        ("bundle", 1),
        ("chmod", 1),
        ("chroot", 1),
        ("cmd", 1),
        ("copy", 1),
        ("curl", 1),
        ("del", 1),
        ("do", 2),
        ("echo", 1),
        ("env", 1),
        ("erase", 2),
        ("eval", 2),
        ("exec", 5),
        ("exec-in-container", 1),
        ("fd", 1),
        ("fetch", 2),
        ("file", 3),
        ("find", 1),
        ("fork", 1),
        ("gunzip", 1),
        ("hostname", 1),
        ("http", 1),
        ("https", 1),
        ("import", 2),
        ("init", 1),
        ("install", 1),
        ("kill", 2),
        ("ld.so", 1),
        ("local", 1),
        ("loop", 1),
        ("move", 2),
        ("mv", 1),
        ("nvme", 1),
        ("open", 2),
        ("pwd", 1),
        ("read", 1),
        ("readonly", 1),
        ("realpath", 1),
        ("rename", 2),
        ("restore", 1),
        ("rimraf", 2),
        ("rm", 4),
        ("rmdir", 2),
        ("rmtree", 2),
        ("say", 1),
        ("sd", 1),
        ("set", 2),
        ("sh", 2),
        ("snap", 1),
        ("source", 1),
        ("split", 1),
        ("strip", 1),
        ("tee", 1),
        ("test", 2),
        ("trash", 1),
        ("true", 1),
        ("truncate", 2),
        ("unlink", 2),
        ("vd", 1),
    ];
    let sources = sources_in(&root());
    let rooms = ["checks", "eval", "facts", "zone"];
    let is_in_room = |path: &Path| rooms.iter().any(|room| path.starts_with(room));
    let sources = sources.iter().filter(|source| is_in_room(&source.path));
    let literals: Vec<_> = sources
        .map(|source| (source.path.display(), literals(&source.text)))
        .collect();
    assert!(literals.len() > 40, "the source was found");
    let mut broken = Vec::new();
    for name in names_of_programs().iter().filter(|name| name.len() > 1) {
        let holds = literals
            .iter()
            .filter(|(_, words)| words.contains(name.as_str()));
        let files: Vec<_> = holds.map(|(path, _)| path.to_string()).collect();
        let known = OTHERWISE.iter().find(|(word, _)| word == name);
        if files.len() != known.map_or(0, |(_, count)| *count) {
            broken.push(format!("{name} {}: {}", files.len(), files.join(", ")));
        }
    }
    assert!(
        broken.is_empty(),
        "in more or fewer places:\n{}",
        broken.join("\n")
    );
}
