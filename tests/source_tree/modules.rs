//! Which file of a crate imports which, and what stands in a circle.
//!
//! An import is any path that leads to another file of the crate: in a `use`, or written out where it
//! is needed, through `crate::`, `super::`, or the name of a child. A file that re-exports what its
//! children define imports these, so a child must not go through it to a sibling.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{Source, item_end, sources_in};

/// A module's path: the names that lead to it from the crate's root.
pub(crate) type Module = Vec<String>;

/// The files of a crate by their modules, each as its shipped code.
pub(crate) struct Modules(BTreeMap<Module, String>);

impl Modules {
    /// Those below a crate's `src`. Programs and tests are left out.
    pub(crate) fn below(root: &Path) -> Modules {
        let sources = sources_in(root);
        let shipped = sources
            .iter()
            .filter(|source| !source.is_test() && !source.is_program());
        Modules::of(shipped)
    }

    fn of<'a>(sources: impl Iterator<Item = &'a Source> + Clone) -> Modules {
        let elsewhere: Vec<_> = sources.clone().flat_map(placed_elsewhere).collect();
        let by_module = sources.map(|source| {
            let mut module = module_of(&source.path);
            for (stands, named) in &elsewhere {
                if module.starts_with(stands) {
                    module.splice(..stands.len(), named.iter().cloned());
                }
            }
            (module, without_tests(&source.code))
        });
        Modules(by_module.collect())
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// Which other files of the crate each file names.
    pub(crate) fn imports(&self) -> BTreeMap<&Module, BTreeSet<Module>> {
        let targets = |module: &Module, code: &String| {
            let found = paths(code);
            let files = found.iter().filter_map(|path| self.target(module, path));
            files.collect()
        };
        let files = self.0.iter();
        files
            .map(|(module, code)| (module, targets(module, code)))
            .collect()
    }

    /// Every import that leads back to the file it stands in.
    pub(crate) fn circles(&self) -> Vec<String> {
        let imports = self.imports();
        let leads_to = |start: &Module, end: &Module| {
            let mut seen: BTreeSet<&Module> = BTreeSet::new();
            let mut open = vec![start];
            while let Some(next) = open.pop() {
                if next == end {
                    return true;
                }
                if seen.insert(next) {
                    open.extend(imports.get(next).into_iter().flatten());
                }
            }
            false
        };
        let pairs = imports
            .iter()
            .flat_map(|(module, targets)| targets.iter().map(move |target| (*module, target)));
        pairs
            .filter(|(module, target)| leads_to(target, module))
            .map(|(module, target)| format!("{} imports {}", shown(module), shown(target)))
            .collect()
    }

    /// The file that a path in a module leads to.
    fn target(&self, module: &Module, path: &[String]) -> Option<Module> {
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
                self.0.get(&child)?;
                (child, rest)
            }
        };
        for part in rest {
            at.push(part.clone());
            if !self.0.contains_key(&at) {
                at.pop();
                break;
            }
        }
        Some(at).filter(|found| found != module)
    }
}

pub(crate) fn shown(module: &Module) -> String {
    match module.is_empty() {
        true => "lib".to_owned(),
        false => module.join("::"),
    }
}

fn module_of(path: &Path) -> Module {
    let name = path.with_extension("");
    let mut module: Module = name
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    if module
        .last()
        .is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str()))
    {
        module.pop();
    }
    module
}

/// Modules that a file declares with `#[path = ...]`: where they stand, and what they are called.
fn placed_elsewhere(source: &Source) -> Vec<(Module, Module)> {
    let here = module_of(&source.path);
    let below = |rest: Module| here.iter().cloned().chain(rest).collect();
    let found = source.text.split("#[path = \"").skip(1);
    found
        .filter_map(|rest| {
            let (path, rest) = rest.split_once("\"]")?;
            let (_, name) = rest.split_once("mod ")?;
            let (name, _) = name.split_once(';')?;
            Some((
                below(module_of(Path::new(path))),
                below(vec![name.to_owned()]),
            ))
        })
        .collect()
}

/// Code without what is compiled for tests alone.
pub(crate) fn without_tests(code: &str) -> String {
    let mut parts = code.split("#[cfg(test)]");
    let mut shipped = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        shipped.push_str(&part[item_end(part)..]);
    }
    shipped
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

#[test]
fn imports_are_found_in_every_form() {
    let files = ["a/mod.rs", "a/b.rs", "a/c.rs", "d.rs", "e/there.rs"];
    let rows = [
        ("a/b.rs", "use super::c::Thing;", "a::c"),
        ("a/b.rs", "use super::{Thing, other};", "a"),
        ("a/b.rs", "use crate::{d::{X, Y}, a::c::Z};", "d"),
        ("a/b.rs", "use crate::{d::{X, Y}, a::c::Z};", "a::c"),
        ("a/b.rs", "fn f() { crate::d::g(super::c::h()); }", "a::c"),
        ("a/mod.rs", "pub(crate) use b::Thing;", "a::b"),
        ("a/mod.rs", "fn f() { c::g(); }", "a::c"),
        ("d.rs", "#[cfg(test)]\nmod tests;\nuse crate::a::b;", "a::b"),
        (
            "d.rs",
            "#[cfg(test)]\nfn f() { {} }\nuse crate::a::b;",
            "a::b",
        ),
        (
            "e/mod.rs",
            "#[path = \"there.rs\"]\nmod here;\nuse here::X;",
            "e::here",
        ),
    ];
    for (from, text, to) in rows {
        let imported = imported(&files, from, text);
        assert!(imported.contains(&to.to_owned()), "{text}: {imported:?}");
    }
    let of_tests = imported(
        &files,
        "d.rs",
        "#[cfg(test)]\nmod tests { use crate::a::b; }",
    );
    assert!(of_tests.is_empty(), "{of_tests:?}");
}

/// What a file with this text imports among others that are empty.
fn imported(files: &[&str], from: &str, text: &str) -> Vec<String> {
    let others = files.iter().filter(|file| **file != from);
    let mut sources: Vec<Source> = others.map(|file| Source::of(file, "")).collect();
    sources.push(Source::of(from, text));
    let modules = Modules::of(sources.iter());
    let imports = modules.imports();
    imports[&module_of(Path::new(from))]
        .iter()
        .map(shown)
        .collect()
}
