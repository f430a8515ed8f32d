//! Build tools find their caches in the jail, wherever their variables say these are, and commits are
//! signed there.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::common::skipped::{skip, skip_row};
use crate::common::{Stage, quoted};
use hotplex::{EventKind, InheritEnv, Jail, Request};

/// The tool, its variable, and a command that fills what the variable names. `@` is the place.
const TOOLS: [(&str, &str, &str); 7] = [
    ("go", "GOCACHE", "go build -o x . && ./x"),
    ("cargo", "CARGO_TARGET_DIR", "cargo build -q --offline"),
    (
        "cargo",
        "CARGO_BUILD_TARGET_DIR",
        "cargo build -q --offline",
    ),
    (
        "npm",
        "npm_config_cache",
        "npm cache add ./package.tgz --offline",
    ),
    (
        "npm",
        "NPM_CONFIG_CACHE",
        "npm cache add ./package.tgz --offline",
    ),
    ("ccache", "CCACHE_DIR", "ccache gcc -c -o x.o package/x.c"),
    ("uv", "UV_CACHE_DIR", "uv venv -q --offline v"),
];

fn has(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok()
        || Command::new(program).arg("version").output().is_ok()
}

fn project(directory: &Path) {
    for folder in ["src", "package"] {
        fs::create_dir_all(directory.join(folder)).expect("a directory");
    }
    for (name, content) in [
        ("go.mod", "module x\n\ngo 1.20\n"),
        ("main.go", "package main\nfunc main() {}\n"),
        (
            "Cargo.toml",
            "[package]\nname = \"x\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[workspace]\n",
        ),
        ("src/main.rs", "fn main() {}\n"),
        ("package/x.c", "int x;\n"),
    ] {
        fs::write(directory.join(name), content).expect("a file");
    }
    let manifest = "{\"name\":\"dep\",\"version\":\"1.0.0\"}";
    fs::write(directory.join("package/package.json"), manifest).expect("a file");
    let packed = Command::new("tar")
        .args(["-czf", "package.tgz", "package"])
        .current_dir(directory)
        .status();
    assert!(packed.expect("tar starts").success());
}

/// Runs a command in the jail, with these variables; whether it went well, and what it said.
fn run(
    stage: &Stage,
    variables: &[(&str, &str)],
    work_dir: &Path,
    command: &str,
) -> (bool, String) {
    let mut options = stage.builder().options().clone();
    options.jail_roots.clear();
    options.jail = Some(Jail::Write);
    options.permission_mode = Some("bypassPermissions".to_owned());
    let inherited = ["PATH", "RUSTUP_TOOLCHAIN"].map(str::to_owned);
    options.inherit_env = InheritEnv::Named(inherited.to_vec());
    let toolchains = std::env::var("RUSTUP_HOME").ok().or_else(|| {
        let home = std::env::var("HOME").ok()?;
        Some(format!("{home}/.rustup"))
    });
    options.env.insert("RUSTUP_HOME".to_owned(), toolchains);
    for (name, value) in variables {
        options
            .env
            .insert((*name).to_owned(), Some((*value).to_owned()));
    }
    let engine = options.open().expect("an engine");
    let request = Request::new("s", work_dir, format!("!bash {command}"));
    let played = crate::common::finish(engine.execute(request).expect("it is accepted"));
    let result = played.kinds().find_map(|kind| match kind {
        EventKind::ToolResult(result) => Some((!result.is_error, result.text.clone())),
        _ => None,
    });
    result.unwrap_or_else(|| panic!("no result of a tool: {played:?}"))
}

/// `None`, and said, where the kernel has no jail or nothing is outside of it.
fn stage() -> Option<Stage> {
    if let Err(error) = Stage::new().builder().jail(Jail::Write).open() {
        skip(error.message());
        return None;
    }
    Stage::in_no_temporary_directory()
}

#[test]
fn a_cache_is_used_where_its_variable_says_it_is() {
    let Some(stage) = stage() else { return };
    for (at, (program, variable, command)) in TOOLS.into_iter().enumerate() {
        if !has(program) {
            skip_row(&format!("{program} is not installed"));
            continue;
        }
        let work_dir = stage.path(&format!("work-{at}"));
        project(&work_dir);
        let place = stage.path(&format!("cache-{at}")).display().to_string();
        let command = command.replace('@', &place);
        let (well, said) = run(&stage, &[(variable, &place)], &work_dir, &command);
        assert!(well, "{variable}: {said}");
        let filled = fs::read_dir(&place).is_ok_and(|mut entries| entries.next().is_some());
        assert!(filled, "{variable}: nothing was written to it: {said}");
    }
}

#[test]
fn a_commit_is_signed_with_a_key_that_cannot_be_written() {
    let Some(stage) = stage() else { return };
    if !has("git") || !Path::new("/usr/bin/ssh-keygen").exists() {
        return skip("git or ssh-keygen is not installed");
    }
    let keys = stage.home().join(".ssh");
    fs::create_dir_all(&keys).expect("a directory");
    let key = keys.join("id_ed25519").display().to_string();
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f", &key])
        .status();
    assert!(made.expect("it starts").success());
    let command = format!(
        "git init -q . && git -c user.name=t -c user.email=t@example.com -c gpg.format=ssh \
         -c user.signingkey={} commit -q -S --allow-empty -m one \
         && git cat-file commit HEAD | grep -c 'BEGIN SSH SIGNATURE'",
        quoted(&key)
    );
    let work_dir = stage.path("signed");
    fs::create_dir_all(&work_dir).expect("a directory");
    let (well, said) = run(&stage, &[], &work_dir, &command);
    assert!(well && said.trim() == "1", "{said}");
    let (well, said) = run(
        &stage,
        &[],
        &work_dir,
        &format!("echo x >> {}", quoted(&key)),
    );
    assert!(!well && said.contains("denied"), "{said}");
}

/// A user's GnuPG with a key that has no passphrase; its agent, which a user has running, ends with it.
struct GnuPg<'a>(&'a Path);

impl GnuPg<'_> {
    fn run(&self, program: &str, arguments: &[&str]) -> bool {
        let mut command = Command::new(program);
        command.args(arguments).env("GNUPGHOME", self.0);
        command.output().is_ok_and(|output| output.status.success())
    }
}

impl Drop for GnuPg<'_> {
    fn drop(&mut self) {
        self.run("gpgconf", &["--kill", "all"]);
    }
}

#[test]
fn a_commit_is_signed_by_a_gnupg_that_cannot_be_written() {
    let Some(stage) = stage() else { return };
    if !has("git") || !has("gpg") {
        return skip("git or gpg is not installed");
    }
    let keys = stage.home().join(".gnupg");
    // Its agent's sockets are there, and their names are the kernel's to measure.
    if keys.join("S.gpg-agent.browser").as_os_str().len() > 107 {
        return skip("the directory of this test is too deep for the sockets of a gpg-agent");
    }
    fs::create_dir_all(&keys).expect("a directory");
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o700)).expect("they are set");
    let gnupg = GnuPg(&keys);
    let made = [
        "--batch",
        "--passphrase",
        "",
        "--quick-gen-key",
        "t <t@example.com>",
    ];
    assert!(gnupg.run("gpg", &made), "a key is made");
    let command = "git init -q . && git -c user.name=t -c user.email=t@example.com \
         commit -q -S --allow-empty -m one \
         && git cat-file commit HEAD | grep -c 'BEGIN PGP SIGNATURE'";
    let work_dir = stage.path("signed-by-gnupg");
    fs::create_dir_all(&work_dir).expect("a directory");
    let (well, said) = run(&stage, &[], &work_dir, command);
    assert!(well && said.trim().ends_with('1'), "{said}");
    let planted = quoted(keys.join("gpg.conf"));
    let (well, said) = run(&stage, &[], &work_dir, &format!("echo x >> {planted}"));
    assert!(!well && said.contains("denied"), "{said}");
}
