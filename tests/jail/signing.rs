//! Commits are signed in the jail, and keys stay as they are.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::skipped::skip;
use crate::common::{nobody_elses_number, quoted};
use crate::work::{has, run, stage};

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

/// The sockets that a gpg-agent makes in its home.
const GPG_AGENT_SOCKETS: [&str; 4] = [
    "S.gpg-agent",
    "S.gpg-agent.extra",
    "S.gpg-agent.browser",
    "S.gpg-agent.ssh",
];

/// A user's GnuPG with a key that has no passphrase; its agent, which a user has running, ends with it.
struct GnuPg<'a> {
    home: &'a Path,
    sockets: PathBuf,
}

impl GnuPg<'_> {
    /// Its sockets lie elsewhere, by libassuan's redirections: of a path, a socket's address holds 107
    /// bytes, and the home may lie deeper.
    fn new(home: &Path) -> GnuPg<'_> {
        let name = format!("hotplex-gnupg-{}", nobody_elses_number());
        let sockets = std::env::temp_dir().join(name);
        for directory in [home, &sockets] {
            fs::create_dir_all(directory).expect("a directory");
            fs::set_permissions(directory, fs::Permissions::from_mode(0o700))
                .expect("they are set");
        }
        for socket in GPG_AGENT_SOCKETS {
            let target = sockets.join(socket);
            let redirection = format!("%Assuan%\nsocket={}\n", target.display());
            fs::write(home.join(socket), redirection).expect("a file");
        }
        GnuPg { home, sockets }
    }

    fn run(&self, program: &str, arguments: &[&str]) -> bool {
        let mut command = Command::new(program);
        command.args(arguments).env("GNUPGHOME", self.home);
        command.output().is_ok_and(|output| output.status.success())
    }
}

impl Drop for GnuPg<'_> {
    fn drop(&mut self) {
        self.run("gpgconf", &["--kill", "all"]);
        let _ = fs::remove_dir_all(&self.sockets);
    }
}

#[test]
fn a_commit_is_signed_by_a_gnupg_that_cannot_be_written() {
    let Some(stage) = stage() else { return };
    if !has("git") || !has("gpg") {
        return skip("git or gpg is not installed");
    }
    let keys = stage.home().join(".gnupg");
    let gnupg = GnuPg::new(&keys);
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
