//! Tools that name a file themselves are held to the zones of commands: writing outside is blocked
//! and reading a secret is flagged.
//!
//! No file of the tables is ever touched: the paths are text that goes to the guard.

use hotplex_guard::{Guard, GuardContext, GuardOptions, Judgement, PathAccess};

fn context() -> GuardContext {
    let mut context = GuardContext::new("/home/dev/proj", "/home/dev", "dev");
    context.extra_roots.push("/home/dev/.claude/plans".into());
    context
}

/// Path, judgement, and the start of the rule that has to decide.
type Row = (&'static str, Judgement, &'static str);

fn hold(access: PathAccess, rows: &[Row]) {
    let guard = Guard::default();
    for (path, wanted, rule) in rows {
        let verdict = guard.check_path(path, access, &context());
        assert_eq!(verdict.judgement, *wanted, "{path}: {verdict:?}");
        assert!(verdict.rule.starts_with(rule), "{path}: {verdict:?}");
    }
}

#[test]
fn writing_is_free_where_the_agent_works() {
    let free = [
        "/home/dev/proj/src/main.rs",
        "src/main.rs",
        "./a/../b.txt",
        ".env",
        ".git/hooks/pre-commit",
        ".gitignore",
        "/home/dev/proj//deep/./er/x",
        "~/proj/x",
        "/tmp/notes.md",
        "/var/tmp/x",
        "~/.cache/tool/x",
        "/home/dev/.claude/plans/next.md",
        "a b/*.md",
        "$HOME/literal",
        "/dev/null",
    ];
    hold(
        PathAccess::Write,
        &free.map(|path| (path, Judgement::Allow, "")),
    );
}

#[test]
fn writing_elsewhere_is_blocked_by_the_rules_of_commands() {
    const BLOCKED: Judgement = Judgement::Block;
    hold(
        PathAccess::Write,
        &[
            ("/etc/hosts", BLOCKED, "files.system"),
            ("/usr/bin/ls", BLOCKED, "files.system"),
            ("/home/dev/proj/../../../etc/hosts", BLOCKED, "files.system"),
            ("/etc/passwd", BLOCKED, "secrets.persistence"),
            ("/etc/sudoers.d/dev", BLOCKED, "secrets.persistence"),
            ("/etc/cron.d/job", BLOCKED, "secrets.persistence"),
            ("~/.ssh/authorized_keys", BLOCKED, "secrets.persistence"),
            ("~/.ssh/config", BLOCKED, "files.credentials"),
            ("/home/dev/.aws/credentials", BLOCKED, "files.credentials"),
            ("/home/dev/.bashrc", BLOCKED, "files.home"),
            ("~/notes.md", BLOCKED, "files.home"),
            ("../other/src/main.rs", BLOCKED, "files.home"),
            ("/home/dev/proj2/x", BLOCKED, "files.home"),
            ("/home/eve/x", BLOCKED, "files.home"),
            ("~eve/deep/x", BLOCKED, "files.home"),
            ("/home/dev/.claude/settings.json", BLOCKED, "files.home"),
            (
                "/home/dev/.claude/plans/../settings.json",
                BLOCKED,
                "files.home",
            ),
            ("/data/x", BLOCKED, "files.outside"),
            ("/dev/sda", BLOCKED, "disks.device-write"),
            ("/proc/sysrq-trigger", BLOCKED, "processes.sysrq"),
        ],
    );
}

#[test]
fn reading_is_flagged_where_secrets_are() {
    let secrets = [
        "~/.ssh/id_rsa",
        "/home/dev/.ssh/id_ed25519",
        "../.aws/credentials",
        "/home/dev/.gnupg/private-keys-v1.d/x.key",
        "/home/eve/.netrc",
        "/etc/shadow",
        "/proc/1/environ",
        ".env",
        ".env.production",
        "~/.claude/.credentials.json",
    ];
    hold(
        PathAccess::Read,
        &secrets.map(|path| (path, Judgement::Flag, "files.read-secret")),
    );
}

#[test]
fn reading_anything_else_is_allowed() {
    let free = [
        "/etc/hosts",
        "/home/dev/.bashrc",
        "src/main.rs",
        ".env.example",
        "~/.ssh/id_rsa.pub",
        "~/.ssh/known_hosts",
        "",
        "/",
        "\0",
        "\u{F8E4}\u{F8E0}",
    ];
    hold(
        PathAccess::Read,
        &free.map(|path| (path, Judgement::Allow, "")),
    );
}

#[test]
fn options_hold_for_paths_too() {
    let mut options = GuardOptions::default();
    options.extra_roots = vec!["/data".into()];
    options.rules = r"\.pem$|a certificate|high|secrets".into();
    options.promoted_rules = vec!["files.read-secret".into()];
    let guard = Guard::new(options).expect("options are valid");
    let judged = |path, access| guard.check_path(path, access, &context()).judgement;
    assert_eq!(judged("/data/x", PathAccess::Write), Judgement::Allow);
    assert_eq!(judged("/data", PathAccess::Write), Judgement::Block);
    assert_eq!(judged("certs/own.pem", PathAccess::Read), Judgement::Block);
    assert_eq!(judged("~/.ssh/id_rsa", PathAccess::Read), Judgement::Block);
}

#[test]
fn the_bypass_allows_every_path() {
    let mut options = GuardOptions::default();
    options.enabled = false;
    let guard = Guard::new(options).expect("options are valid");
    let verdict = guard.check_path("/etc/passwd", PathAccess::Write, &context());
    assert_eq!(verdict.judgement, Judgement::Allow);
}
