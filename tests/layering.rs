//! The house keeps its rules: who may import whom, and what may stand where.
//!
//! The table is that of the map in `src/lib.rs`. Imports point one way, so that a room can be read
//! without the rooms above it; `reactor` alone brings the rooms together.

mod source_tree;

use std::path::Path;

use source_tree::modules::{Modules, shown, without_tests};
use source_tree::{
    Source, all_sources, assert_none, functions, has_word, places_in, sources, sources_in,
};

/// Layer 0: the words all others use.
const WORDS: [&str; 16] = [
    "error",
    "event",
    "payload",
    "notice",
    "stats",
    "message",
    "channel",
    "jail",
    "project",
    "agent_files",
    "spelled",
    "json",
    "lock",
    "inode",
    "unseen",
    "scratch",
];

/// Layer 1: they import words, and never each other.
const ROOMS: [&str; 7] = [
    "provider",
    "session",
    "process",
    "instructions",
    "repository",
    "private",
    "store",
];

/// Beyond this a file holds more than one idea.
const LONGEST_FILE: usize = 500;

/// Beyond this a function does more than one thing.
const LONGEST_FUNCTION: usize = 60;

fn may_import(room: &str, other: &str) -> bool {
    let is_word = WORDS.contains(&other);
    let is_room = ROOMS.contains(&other);
    match room {
        _ if room == other => true,
        "lib" => true,
        "api" => is_word || is_room || other == "reactor",
        "reactor" => is_word || is_room,
        _ if ROOMS.contains(&room) => is_word,
        _ if WORDS.contains(&room) => is_word,
        _ => panic!("the room {room} is not in the table"),
    }
}

/// The rooms that a file names, through `crate::` or through enough `super::`.
fn imports(source: &Source) -> Vec<String> {
    let root = "super::".repeat(source.depth());
    let mut found = named_after(&source.code, "crate::");
    if !root.is_empty() {
        found.extend(named_after(&source.code, &root));
    }
    let is_room = |name: &String| {
        let name = name.as_str();
        ROOMS.contains(&name) || WORDS.contains(&name) || name == "reactor" || name == "api"
    };
    found.retain(is_room);
    found
}

/// The names that follow a prefix directly, one by one or in braces.
fn named_after(code: &str, prefix: &str) -> Vec<String> {
    let follow = code.split(prefix).skip(1);
    follow
        .flat_map(|rest| match rest.strip_prefix('{') {
            Some(group) => names_in_group(group),
            None => vec![first_name(rest)],
        })
        .collect()
}

fn names_in_group(group: &str) -> Vec<String> {
    let mut depth = 0;
    let mut names = vec![first_name(group)];
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(first_name(&group[at + 1..])),
            _ => {}
        }
    }
    names
}

fn first_name(code: &str) -> String {
    let code = code.trim_start();
    code.chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

#[test]
fn imports_point_one_way() {
    let mut broken = Vec::new();
    for source in sources() {
        for other in imports(&source) {
            if !may_import(source.room(), &other) {
                broken.push(format!("{} imports {other}", source.path.display()));
            }
        }
    }
    assert_none(broken, "an import against the table in src/lib.rs");
}

/// A file in a circle can only be understood together with all others of it.
#[test]
fn no_file_imports_itself_by_way_of_others() {
    for crate_root in ["src", "bindings/c/src", "crates/hotplexd/src"] {
        let modules = Modules::below(&Path::new(env!("CARGO_MANIFEST_DIR")).join(crate_root));
        assert!(modules.count() > 10, "{crate_root}: the source was found");
        assert_none(modules.circles(), "in a circle of imports");
    }
}

/// The rooms of the daemon, each with those that it may import: what stands further up alone.
const DAEMON: [(&str, &[&str]); 22] = [
    ("byte_stream", &[]),
    ("failure", &[]),
    ("metrics", &[]),
    ("page", &[]),
    ("refusal", &[]),
    ("run_file", &[]),
    ("terminal", &[]),
    ("values", &[]),
    ("blocking", &["refusal"]),
    ("cli", &["values"]),
    ("logs", &["cli"]),
    ("config", &["cli", "values"]),
    ("access", &["config"]),
    ("engines", &["access", "config"]),
    (
        "hub",
        &[
            "access", "blocking", "config", "engines", "metrics", "refusal",
        ],
    ),
    ("wire", &["access", "hub", "refusal"]),
    (
        "http",
        &["access", "byte_stream", "config", "hub", "refusal"],
    ),
    (
        "rest",
        &[
            "access", "blocking", "http", "hub", "metrics", "refusal", "wire",
        ],
    ),
    ("ws", &["access", "http", "hub", "refusal", "rest", "wire"]),
    (
        "serve",
        &[
            "access", "cli", "config", "engines", "failure", "http", "hub", "logs", "page", "rest",
            "run_file", "ws",
        ],
    ),
    (
        "client",
        &[
            "access",
            "byte_stream",
            "cli",
            "config",
            "failure",
            "run_file",
            "serve",
        ],
    ),
    (
        "command",
        &[
            "access", "cli", "client", "config", "failure", "hub", "logs", "rest", "serve",
            "terminal",
        ],
    ),
];

#[test]
fn imports_of_the_daemon_point_one_way() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/hotplexd/src");
    let modules = Modules::below(&root);
    let mut broken = Vec::new();
    for (module, targets) in modules.imports() {
        let Some(from) = module.first() else {
            continue;
        };
        let row = DAEMON.iter().find(|(room, _)| room == from);
        let (_, below) = row.unwrap_or_else(|| panic!("the room {from} is not in the table"));
        for target in &targets {
            let to = target.first().map_or("main", String::as_str);
            if to != from && !below.contains(&to) {
                broken.push(format!("{} imports {}", shown(module), shown(target)));
            }
        }
    }
    assert_none(broken, "an import against the table of the daemon");
}

#[test]
fn the_table_of_the_daemon_points_one_way_itself() {
    for (at, (room, below)) in DAEMON.iter().enumerate() {
        for other in *below {
            let stands_above = DAEMON[..at].iter().any(|(known, _)| known == other);
            assert!(
                stands_above,
                "{room} imports {other}, which stands further down"
            );
        }
    }
}

#[test]
fn imports_are_seen_in_every_form() {
    let forms = [
        ("reactor/a.rs", "use crate::api::Engine;"),
        ("reactor/a.rs", "use crate::{error::Error, api};"),
        (
            "reactor/a.rs",
            "use crate::{stats::{Usage, TurnStats}, api::Engine};",
        ),
        ("reactor/a.rs", "let engine = crate::api::open();"),
        ("reactor/a.rs", "use super::super::api::Engine;"),
        ("reactor/mod.rs", "use super::api::Engine;"),
    ];
    for (path, text) in forms {
        let source = Source::of(path, text);
        assert!(
            imports(&source).contains(&"api".to_owned()),
            "{text} in {path}"
        );
        assert!(!may_import(source.room(), "api"));
    }
}

#[test]
fn every_room_is_in_the_table() {
    for source in sources() {
        may_import(source.room(), "nothing");
    }
}

#[test]
fn unsafe_stands_in_process_alone() {
    let outside = all_sources()
        .into_iter()
        .filter(|source| source.room() != "process");
    let broken = outside.flat_map(|source| source.places(|line| has_word(line, "unsafe")));
    assert_none(broken.collect(), "`unsafe` outside src/process");
}

#[test]
fn the_operating_system_is_called_in_process_alone() {
    let outside = all_sources()
        .into_iter()
        .filter(|source| source.room() != "process");
    let calls = |line: &str| line.contains("libc::") || line.contains("process::Command");
    let broken = outside.flat_map(|source| source.places(calls));
    assert_none(broken.collect(), "a system call outside src/process");
}

/// Another system has other ones, or none.
#[test]
fn files_of_the_kernel_are_named_in_process_alone() {
    let outside = sources()
        .into_iter()
        .filter(|source| source.room() != "process" && !source.is_program());
    // POSIX has `/dev/null`, whatever else a system has.
    let names = |line: &str| {
        let line = line.replace("\"/dev/null\"", "");
        line.contains("\"/proc") || line.contains("\"/dev/")
    };
    let broken = outside.flat_map(|source| places_in(&source.path, source.shipped_text(), names));
    assert_none(broken.collect(), "a file of Linux outside src/process");
}

#[test]
fn every_allowance_has_its_reason() {
    let mut broken = Vec::new();
    for source in all_sources() {
        for attribute in ["#[allow(", "#![allow(", "#[expect(", "#![expect("] {
            for rest in source.text.split(attribute).skip(1) {
                let attribute_text = rest.split(")]").next().unwrap_or_default();
                if !attribute_text.contains("reason = ") {
                    broken.push(format!(
                        "{}: {attribute}{attribute_text})]",
                        source.path.display()
                    ));
                }
            }
        }
    }
    assert_none(broken, "an allowance without `reason = `");
}

#[test]
fn files_stay_short() {
    let shipped = all_sources().into_iter().filter(|source| !source.is_test());
    let long = shipped.filter_map(|source| {
        let lines = source.text.lines().count();
        (lines > LONGEST_FILE).then(|| format!("{}: {lines} lines", source.path.display()))
    });
    assert_none(long.collect(), "a file of more than 500 lines");
}

/// A function that does not fit on a screen does more than one thing. Tests may have long tables.
#[test]
fn functions_stay_short() {
    let mut long = Vec::new();
    for crate_root in [
        "src",
        "bindings/c/src",
        "crates/guard/src",
        "crates/hotplexd/src",
    ] {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(crate_root);
        for source in sources_in(&root).iter().filter(|source| !source.is_test()) {
            let functions = functions(&without_tests(&source.code));
            let functions = functions
                .into_iter()
                .filter(|(_, lines)| *lines > LONGEST_FUNCTION);
            long.extend(
                functions.map(|(name, lines)| {
                    format!("{}: {name}: {lines} lines", source.path.display())
                }),
            );
        }
    }
    assert_none(long, "a function of more than 60 lines");
}

#[test]
fn the_library_prints_nothing_and_ends_nothing() {
    let prints = [
        "println!",
        "eprintln!",
        "print!",
        "eprint!",
        "dbg!",
        "process::exit",
        "stdout()",
    ];
    let breaks = |line: &str| prints.iter().any(|print| line.contains(print));
    let mut broken = Vec::new();
    for source in all_sources().iter().filter(|source| !source.is_program()) {
        broken.extend(places_in(&source.path, source.shipped_code(), breaks));
    }
    assert_none(broken, "output, or an exit, in a library");
}

#[test]
fn nothing_is_left_for_later() {
    let marks = ["TODO", "FIXME", "XXX", "todo!", "unimplemented!"];
    let mut broken = Vec::new();
    for source in all_sources() {
        let breaks = |line: &str| marks.iter().any(|mark| line.contains(mark));
        broken.extend(places_in(&source.path, &source.text, breaks));
    }
    assert_none(broken, "unfinished work");
}

#[test]
fn the_inner_rooms_show_the_world_nothing() {
    // A `pub use` shows nothing that is not `pub` where it stands, which is found there.
    let public = |line: &str| line.contains("pub ") && !line.contains("pub use ");
    let mut broken = Vec::new();
    for source in sources() {
        let may_be_public = [
            "lib", "api", "error", "event", "payload", "notice", "stats", "jail", "project",
            "spelled", "json", "unseen",
        ]
        .contains(&source.room());
        let is_delivery = source.path.ends_with("channel/window.rs");
        if !may_be_public && !is_delivery {
            broken.extend(source.places(public));
        }
    }
    assert_none(broken, "a public item in a room that is not for callers");
}

#[test]
fn every_shipped_file_says_what_it_is() {
    let shipped = all_sources().into_iter().filter(|source| !source.is_test());
    let silent = shipped.filter(|source| !source.text.starts_with("//!"));
    let silent = silent.map(|source| source.path.display().to_string());
    assert_none(silent.collect(), "a file without `//!` at its head");
}
