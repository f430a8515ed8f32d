//! Commits are signed in the jail, and keys stay as they are.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::common::quoted;
use crate::common::skipped::skip;
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
