//! What is no short text under the names that agents read: pipes, loops, devices, large files.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::process::Command;

use super::Ground;
use crate::site::Site;

/// Names of instructions, settings and lists that some agent reads in a work directory.
const READ: [&str; 24] = [
    "CLAUDE.md",
    "CLAUDE.local.md",
    ".claude/CLAUDE.md",
    ".claude/rules/a.md",
    ".claude/settings.json",
    ".claude/settings.local.json",
    ".claude/scheduled_tasks.json",
    ".mcp.json",
    "AGENTS.md",
    "AGENTS.override.md",
    "GEMINI.md",
    "CONTEXT.md",
    "CONVENTIONS.md",
    ".codex/config.toml",
    ".codex/hooks.json",
    ".gemini/settings.json",
    ".gemini/.env",
    ".env",
    "opencode.json",
    "opencode.jsonc",
    ".aider.conf.yml",
    ".aider.model.settings.yml",
    ".aiderignore",
    ".geminiignore",
];

/// What git reads of a directory below, where it looks for what is new.
const READ_BELOW: [&str; 2] = ["packages/a/.gitignore", "packages/b/.gitattributes"];

pub(in crate::repository) fn fifos(site: &Site, name: &str) -> Ground {
    let ground = Ground::new(site, name);
    ground.git(&["init", "-q", "."]);
    for name in ["packages/a/new", "packages/b/new"] {
        ground.write(name, "x");
    }
    for name in READ.into_iter().chain(READ_BELOW) {
        let path = ground.work_dir().join(name);
        fs::create_dir_all(path.parent().expect("a path below")).expect("a directory");
        let made = Command::new("mkfifo").arg(path).status().expect("mkfifo");
        assert!(made.success());
    }
    ground
}

/// Each name is something else that is no short text.
pub(in crate::repository) fn odd(site: &Site, name: &str) -> Ground {
    let ground = Ground::new(site, name);
    ground.git(&["init", "-q", "."]);
    for (number, name) in READ.into_iter().enumerate() {
        let path = ground.work_dir().join(name);
        fs::create_dir_all(path.parent().expect("a path below")).expect("a directory");
        match number % 6 {
            0 => fs::write(path, utf16("# Words of the project\n@/etc/passwd\n")).expect("a file"),
            1 => symlink("/dev/zero", path).expect("a link"),
            2 => symlink(path.file_name().expect("a name"), &path).expect("a loop"),
            3 => fs::create_dir(path).expect("a directory"),
            4 => File::create(path)
                .and_then(|file| file.set_len(64 << 20))
                .expect("a file"),
            _ => fs::write(path, b"\xef\xbb\xbf@/etc/passwd\n\0\xff\xfe\x1b[2J{\"a\":")
                .expect("a file"),
        }
    }
    ground.link("deep", ".");
    ground.link(".claude/rules/again", "../../.claude");
    ground
}

fn utf16(text: &str) -> Vec<u8> {
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}
