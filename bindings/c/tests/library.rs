//! What the library and its header are to a linker and to compilers.

mod common;

use std::fs;
use std::process::Command;

use common::{built, directory, done, root};

fn of_library(program: &str, arguments: &[&str]) -> String {
    let library = built().join("libhotplex.so");
    done(Command::new(program).args(arguments).arg(library))
}

/// The functions that the header declares.
fn declared() -> Vec<String> {
    let header = fs::read_to_string(root().join("include/hotplex.h")).expect("the header");
    let declarations = header.split("HOTPLEX_API").skip(4);
    let name = |declaration: &str| {
        let before = declaration.split('(').next().unwrap_or_default();
        let name = before
            .rsplit(|c: char| c.is_whitespace() || c == '*')
            .next();
        name.unwrap_or_default().to_owned()
    };
    let mut names: Vec<_> = declarations.map(name).collect();
    names.sort();
    names
}

#[test]
fn it_exports_what_the_header_declares_and_nothing_else() {
    let symbols = of_library("nm", &["-D", "--defined-only", "--format=posix"]);
    let exported: Vec<_> = symbols
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert!(exported.len() >= 26, "{exported:?}");
    assert_eq!(exported, declared());
}

#[test]
fn it_has_a_name_and_stays_loaded() {
    let dynamic = of_library("readelf", &["-d"]);
    assert!(
        dynamic.contains("Library soname: [libhotplex.so.0]"),
        "{dynamic}"
    );
    let flags = dynamic.lines().find(|line| line.contains("FLAGS_1"));
    assert!(
        flags.is_some_and(|flags| flags.contains("NODELETE")),
        "{dynamic}"
    );
}

/// Included twice, with every warning an error.
#[test]
fn the_header_is_clean_in_every_dialect() {
    let dialects = [
        ("cc", "c", "c99"),
        ("cc", "c", "c11"),
        ("cc", "c", "c2x"),
        ("c++", "c++", "c++11"),
        ("c++", "c++", "c++20"),
    ];
    let directory = directory("header");
    let source = directory.join("twice");
    fs::write(&source, "#include <hotplex.h>\n#include <hotplex.h>\n").expect("a source");
    for (compiler, language, standard) in dialects {
        let mut command = Command::new(compiler);
        command.args(["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"]);
        command.arg(format!("-std={standard}"));
        command.arg("-I").arg(root().join("include"));
        done(command.args(["-x", language]).arg(&source));
    }
    let _ = fs::remove_dir_all(directory);
}

/// What wheels call manylinux_2_28: RHEL 8, Debian 10 and Ubuntu 18.10 have it.
#[test]
#[cfg(target_env = "gnu")]
fn an_old_c_library_is_enough() {
    const FLOOR: (u32, u32) = (2, 28);
    let needed = of_library("objdump", &["-T"]);
    let imports = needed.lines().filter(|line| line.contains("*UND*"));
    let too_new: Vec<_> = imports
        .filter(|line| version_of(line) > Some(FLOOR))
        .collect();
    assert!(needed.contains("GLIBC_2."), "no version is told: {needed}");
    assert!(
        too_new.is_empty(),
        "newer than {FLOOR:?}:\n{}",
        too_new.join("\n")
    );
}

/// Loaders before glibc 2.31 look for a function up to the library that it was linked from, and those of
/// `floor/glibc.c` were elsewhere then: without this no program in C began there (seen with 2.28).
#[test]
#[cfg(target_env = "gnu")]
fn what_was_in_other_libraries_is_asked_for_there() {
    let versions = of_library("readelf", &["-V", "-W"]);
    let needs = versions.split("File: ").skip(1);
    let files: Vec<_> = needs
        .filter_map(|need| need.split_whitespace().next())
        .collect();
    for library in ["libpthread.so.0", "libdl.so.2"] {
        assert!(files.contains(&library), "{library}: {files:?}");
    }
}

fn version_of(line: &str) -> Option<(u32, u32)> {
    let (_, version) = line.split_once("GLIBC_")?;
    let mut numbers = version.split(|c: char| !c.is_ascii_digit());
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}
