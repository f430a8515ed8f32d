//! The crate keeps its rules: who may import whom, and no file in a circle.

// What an import is, and how circles are found, is the same for all crates here.
#[path = "../../../tests/source_tree/mod.rs"]
mod source_tree;

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

/// What a program is stands in the tables; besides, one check may name it, and of most not one. Some names
/// are also those of subcommands and of calls in code, which the second number counts.
#[test]
fn a_program_has_one_place() {
    const COMMON: [(&str, usize); 63] = [
        ("mogrify", 0),
        ("sips", 0),
        ("diskutil", 0),
        ("deluser", 0),
        ("usermod", 0),
        ("passwd", 0),
        ("gcloud", 0),
        ("heroku", 0),
        ("doctl", 0),
        ("helm", 0),
        ("pacman", 0),
        ("rpm", 0),
        ("emerge", 0),
        ("brew", 0),
        ("snap", 0),
        ("urpme", 0),
        ("pkg_delete", 0),
        ("perl", 1),
        ("curl", 2),
        ("wget", 2),
        ("ssh", 1),
        ("docker", 1),
        ("rsync", 1),
        ("dd", 1),
        ("git", 1),
        ("sed", 1),
        ("python", 1),
        ("tar", 1),
        ("awk", 1),
        ("nc", 1),
        ("aws", 0),
        ("gh", 1),
        ("ruby", 1),
        ("bash", 1),
        ("sqlite3", 1),
        ("xargs", 1),
        ("psql", 1),
        ("mysql", 1),
        ("node", 1),
        ("php", 1),
        ("deno", 1),
        ("scp", 1),
        ("cp", 1),
        ("mv", 2),
        ("ln", 1),
        ("shred", 1),
        ("zip", 1),
        ("gpg", 1),
        ("openssl", 1),
        ("vim", 1),
        ("make", 1),
        ("sudo", 1),
        ("su", 1),
        ("crontab", 1),
        ("systemctl", 0),
        ("terraform", 1),
        ("npm", 1),
        ("cargo", 1),
        ("cat", 1),
        ("echo", 1),
        ("kubectl", 0),
        ("find", 3),
        ("rm", 4),
    ];
    let sources = sources_in(&root());
    let rooms = ["checks", "eval", "facts", "zone"].map(|room| root().join(room));
    let is_in_room = |path: &Path| rooms.iter().any(|room| path.starts_with(room));
    let mut broken = Vec::new();
    for (name, most) in COMMON {
        let literal = format!("\"{name}\"");
        let names = |text: &str| {
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            code.contains(&literal)
        };
        let files: Vec<_> = sources
            .iter()
            .filter(|source| is_in_room(&source.path) && names(&source.text))
            .map(|source| source.path.display().to_string())
            .collect();
        if files.len() > most {
            broken.push(format!("{name}: {}", files.join(", ")));
        }
    }
    assert!(broken.is_empty(), "in more places:\n{}", broken.join("\n"));
}
