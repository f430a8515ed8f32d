//! The crate keeps its rules: who may import whom, and no file in a circle.
//!
//! An import is any path that leads to another file of the crate: in a `use`, or written out where it
//! is needed, through `crate::`, `super::`, or the name of a child. A file that re-exports what its
//! children define imports these, so a child must not go through it to a sibling.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Beyond this a file holds more than one idea.
const LONGEST_FILE: usize = 500;

/// Each room, and those that it may import. What stands further up knows what stands further down.
const TABLE: [(&str, &[&str]); 21] = [
    ("error", &[]),
    ("effect", &[]),
    ("glob", &[]),
    ("links", &[]),
    ("names", &[]),
    ("encodings", &[]),
    ("vocabulary", &[]),
    ("taint", &[]),
    ("verdict", &[]),
    ("verdict_json", &["verdict"]),
    ("rules", &["verdict"]),
    ("claude_code", &["effect"]),
    ("programs", &["names"]),
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
            "names",
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
            "names",
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

type Module = Vec<String>;

/// The files of the library by their modules, each as its shipped code without comments.
fn modules() -> BTreeMap<Module, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    let of_library = files
        .into_iter()
        .filter(|path| !path.starts_with(root.join("bin")) && !path.ends_with("tests.rs"));
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("a source file is readable");
        let name = path
            .strip_prefix(&root)
            .expect("below src")
            .with_extension("");
        let mut module: Module = name
            .iter()
            .map(|part| part.to_string_lossy().into_owned())
            .collect();
        if module
            .last()
            .is_some_and(|last| last == "mod" || last == "lib")
        {
            module.pop();
        }
        (module, code_of(&text))
    };
    of_library.map(read).collect()
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("a directory is readable") {
        let path = entry.expect("an entry is readable").path();
        match path.is_dir() {
            true => collect(&path, files),
            false if path.extension().is_some_and(|ending| ending == "rs") => files.push(path),
            false => {}
        }
    }
}

fn code_of(text: &str) -> String {
    let shipped = text.split("#[cfg(test)]").next().unwrap_or_default();
    let code = |line: &str| line.split("//").next().unwrap_or_default().to_owned();
    shipped.lines().map(code).collect::<Vec<_>>().join("\n")
}

/// Every path of more than one part in a piece of code, those of a tree of `use` written out.
fn paths(code: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut open: Vec<Vec<String>> = Vec::new();
    let mut path: Vec<String> = Vec::new();
    let mut in_use = false;
    let mut rest = code;
    while let Some(c) = rest.chars().next() {
        let word: String = rest
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect();
        if !word.is_empty() {
            rest = &rest[word.len()..];
            in_use |= word == "use" && path.is_empty();
            match rest.strip_prefix("::") {
                Some(behind) => {
                    rest = behind;
                    path.push(word);
                }
                None => {
                    path.push(word);
                    let outer = open.iter().flatten();
                    found.push(outer.chain(&path).cloned().collect());
                    path.clear();
                }
            }
            continue;
        }
        match c {
            '{' if in_use => open.push(std::mem::take(&mut path)),
            '}' if in_use => drop(open.pop()),
            ';' => {
                in_use = false;
                open.clear();
            }
            _ => {}
        }
        rest = &rest[c.len_utf8()..];
    }
    found.retain(|path: &Vec<String>| path.len() > 1);
    found
}

/// The file that a path in a module leads to.
fn target(module: &Module, path: &[String], modules: &BTreeMap<Module, String>) -> Option<Module> {
    let (first, rest) = path.split_first()?;
    let (mut at, rest) = match first.as_str() {
        "crate" => (Module::new(), rest),
        "self" => (module.clone(), rest),
        "super" => {
            let ups = path.iter().take_while(|part| *part == "super").count();
            let above = module.len().checked_sub(ups)?;
            (module[..above].to_vec(), &path[ups..])
        }
        _ => {
            let mut child = module.clone();
            child.push(first.clone());
            modules.get(&child)?;
            (child, rest)
        }
    };
    for part in rest {
        at.push(part.clone());
        if !modules.contains_key(&at) {
            at.pop();
            break;
        }
    }
    Some(at).filter(|found| found != module)
}

fn imports(modules: &BTreeMap<Module, String>) -> BTreeMap<&Module, BTreeSet<Module>> {
    let of_file = |(module, code): (&'_ Module, &String)| {
        let found = paths(code);
        let targets = found
            .iter()
            .filter_map(|path| target(module, path, modules));
        targets.collect::<BTreeSet<_>>()
    };
    modules
        .iter()
        .map(|(module, code)| (module, of_file((module, code))))
        .collect()
}

/// The files that lead back to themselves.
fn in_circles(imports: &BTreeMap<&Module, BTreeSet<Module>>) -> Vec<String> {
    let leads_back = |start: &Module| {
        let mut seen: BTreeSet<&Module> = BTreeSet::new();
        let mut open: Vec<&Module> = imports[start].iter().collect();
        while let Some(next) = open.pop() {
            if next == start {
                return true;
            }
            if seen.insert(next) {
                open.extend(imports.get(next).into_iter().flatten());
            }
        }
        false
    };
    let circular = imports.keys().filter(|module| leads_back(module));
    circular.map(|module| shown(module)).collect()
}

fn shown(module: &Module) -> String {
    match module.is_empty() {
        true => "lib".to_owned(),
        false => module.join("::"),
    }
}

fn room(module: &Module) -> &str {
    module.first().map_or("lib", String::as_str)
}

#[test]
fn no_file_imports_itself_by_way_of_others() {
    let modules = modules();
    assert!(modules.len() > 60, "the source was found");
    let circular = in_circles(&imports(&modules));
    assert!(circular.is_empty(), "in a circle: {circular:?}");
}

#[test]
fn imports_point_one_way() {
    let modules = modules();
    let mut broken = Vec::new();
    for (module, targets) in imports(&modules) {
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
fn imports_are_seen_in_every_form() {
    let files = ["a", "a::b", "a::c", "d"];
    let modules: BTreeMap<Module, String> = files
        .iter()
        .map(|name| (name.split("::").map(str::to_owned).collect(), String::new()))
        .collect();
    let rows = [
        ("a::b", "use super::c::Thing;", "a::c"),
        ("a::b", "use super::{Thing, other};", "a"),
        ("a::b", "use crate::{d::{X, Y}, a::c::Z};", "d"),
        ("a::b", "use crate::{d::{X, Y}, a::c::Z};", "a::c"),
        ("a::b", "fn f() { crate::d::g(super::c::h()); }", "a::c"),
        ("a", "pub(crate) use b::Thing;", "a::b"),
        ("a", "fn f() { c::g(); }", "a::c"),
    ];
    for (from, code, to) in rows {
        let from: Module = from.split("::").map(str::to_owned).collect();
        let found = paths(code);
        let mut targets = found
            .iter()
            .filter_map(|path| target(&from, path, &modules));
        assert!(targets.any(|found| shown(&found) == to), "{code}");
    }
}

#[test]
fn files_stay_short() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    for path in files {
        let text = fs::read_to_string(&path).expect("a source file is readable");
        let lines = text.lines().count();
        assert!(lines <= LONGEST_FILE, "{}: {lines} lines", path.display());
        assert!(
            text.starts_with("//!"),
            "{} says not what it is",
            path.display()
        );
    }
}
