//! The releases of agents, got from npm or PyPI once and kept below `target/`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// A registry that is busy drops a download of 100 MB now and then.
const TRIES: usize = 3;

/// Where a release comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Registry {
    Npm,
    PyPi,
}

/// One release of a program.
pub(crate) struct Release {
    /// The provider that runs it, and where it is kept.
    pub(crate) provider: &'static str,
    name: &'static str,
    pub(crate) version: &'static str,
    from: Registry,
    /// The registry's name of the package, for this machine.
    package: fn() -> String,
    /// The file to run, below `node_modules` or the environment of Python.
    file: fn() -> PathBuf,
    /// What the file starts in its turn, below `node_modules`.
    starts: fn() -> Option<PathBuf>,
    /// What runs the file, if it does not run by itself.
    interpreter: Option<&'static str>,
    /// Whether the reason of a denial reaches its model.
    pub(crate) tells_reasons: bool,
    pub(crate) modes: &'static [&'static str],
    /// Whether it says so when it asks its model again.
    pub(crate) announces_retries: bool,
    /// Whether it tells what a call gave and that a command failed; its model hears of it anyway.
    pub(crate) tells_results: bool,
    /// Whether its own tools for files reach beyond the work directory.
    pub(crate) reaches_out: bool,
    /// Whether this process could get it: without a network npm tries for a minute, and there are dozens
    /// of scenarios.
    had: OnceLock<Result<(), String>>,
}

/// Holds a native program and needs no Node.
pub(crate) static NATIVE: Release = Release {
    provider: "claude-code",
    name: "claude",
    version: "2.1.330",
    from: Registry::Npm,
    package: platform_package,
    file: || PathBuf::from(platform_package()).join("claude"),
    starts: || None,
    interpreter: None,
    tells_reasons: true,
    modes: &[
        "bypassPermissions",
        "acceptEdits",
        "default",
        "plan",
        "dontAsk",
        "auto",
    ],
    announces_retries: true,
    tells_results: true,
    reaches_out: true,
    had: OnceLock::new(),
};

/// One of the last that were plain JavaScript.
pub(crate) static JAVASCRIPT: Release = Release {
    provider: "claude-code",
    name: "claude",
    version: "2.0.76",
    from: Registry::Npm,
    package: || "@anthropic-ai/claude-code".to_owned(),
    file: || PathBuf::from("@anthropic-ai/claude-code/cli.js"),
    starts: || None,
    interpreter: Some("node"),
    tells_reasons: true,
    // It has no `auto`.
    modes: &[
        "bypassPermissions",
        "acceptEdits",
        "default",
        "plan",
        "dontAsk",
    ],
    announces_retries: false,
    tells_results: true,
    reaches_out: true,
    had: OnceLock::new(),
};

/// Claude behind ACP; it brings a Claude Code of its own.
pub(crate) static CLAUDE_AGENT_ACP: Release = Release {
    provider: "claude-agent-acp",
    name: "claude-agent-acp",
    version: "0.101.0",
    from: Registry::Npm,
    package: || "@agentclientprotocol/claude-agent-acp".to_owned(),
    file: || PathBuf::from("@agentclientprotocol/claude-agent-acp/dist/index.js"),
    starts: || Some(agent_sdk().join("claude")),
    interpreter: Some("node"),
    tells_reasons: true,
    modes: &[
        "bypassPermissions",
        "acceptEdits",
        "default",
        "plan",
        "dontAsk",
    ],
    announces_retries: false,
    tells_results: true,
    reaches_out: true,
    had: OnceLock::new(),
};

pub(crate) static CODEX: Release = codex_of("0.171.0");

/// The one before; its models do not write code that calls tools.
pub(crate) static CODEX_BEFORE: Release = codex_of("0.169.0");

/// The native program, not the launcher around it.
const fn codex_of(version: &'static str) -> Release {
    Release {
        provider: "codex",
        name: "codex",
        version,
        from: Registry::Npm,
        package: || "@openai/codex".to_owned(),
        file: codex,
        starts: || None,
        interpreter: None,
        tells_reasons: true,
        modes: &["bypassPermissions", "acceptEdits", "default", "dontAsk"],
        announces_retries: true,
        tells_results: true,
        reaches_out: true,
        had: OnceLock::new(),
    }
}

/// The native program, not the launcher around it.
pub(crate) static CODEX_ACP: Release = Release {
    provider: "codex-acp",
    name: "codex-acp",
    version: "0.16.0",
    from: Registry::Npm,
    package: codex_acp,
    file: || PathBuf::from(codex_acp()).join("bin/codex-acp"),
    starts: || None,
    interpreter: None,
    tells_reasons: true,
    modes: &["bypassPermissions", "acceptEdits", "default", "dontAsk"],
    announces_retries: false,
    tells_results: true,
    reaches_out: true,
    had: OnceLock::new(),
};

/// One process: by itself it starts itself again with more memory.
pub(crate) static GEMINI: Release = Release {
    provider: "gemini",
    name: "gemini",
    version: "0.61.0",
    from: Registry::Npm,
    package: || "@google/gemini-cli".to_owned(),
    file: || PathBuf::from("@google/gemini-cli/bundle/gemini.js"),
    starts: || None,
    interpreter: Some("node"),
    tells_reasons: false,
    modes: &["bypassPermissions", "acceptEdits", "default", "dontAsk"],
    announces_retries: false,
    tells_results: false,
    reaches_out: false,
    had: OnceLock::new(),
};

/// The native program, not the launcher around it.
pub(crate) static OPENCODE: Release = Release {
    provider: "opencode",
    name: "opencode",
    version: "1.18.33",
    from: Registry::Npm,
    package: opencode,
    file: || PathBuf::from(opencode()).join("bin/opencode"),
    starts: || None,
    interpreter: None,
    tells_reasons: true,
    modes: &[
        "bypassPermissions",
        "acceptEdits",
        "default",
        "dontAsk",
        "plan",
    ],
    announces_retries: false,
    tells_results: false,
    reaches_out: true,
    had: OnceLock::new(),
};

/// In an environment of its own.
pub(crate) static AIDER: Release = Release {
    provider: "aider",
    name: "aider",
    version: "0.86.2",
    from: Registry::PyPi,
    package: || "aider-chat".to_owned(),
    file: || PathBuf::from("bin/aider"),
    starts: || None,
    interpreter: None,
    tells_reasons: false,
    modes: &["bypassPermissions", "acceptEdits", "default", "dontAsk"],
    announces_retries: false,
    tells_results: true,
    reaches_out: true,
    had: OnceLock::new(),
};

/// By which an environment of Python is known to be whole: it cannot be moved into its place.
const WHOLE: &str = "whole";

/// Pythons in which aider 0.86 runs: from 3.10 to 3.12.
const PYTHONS: [&str; 4] = ["python3", "python3.12", "python3.11", "python3.10"];
const IS_FIT: &str = "import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 12))";

fn opencode() -> String {
    format!("opencode-linux-{}", architecture())
}

fn codex_acp() -> String {
    format!("@zed-industries/codex-acp-linux-{}", architecture())
}

fn codex() -> PathBuf {
    let package = PathBuf::from(format!("@openai/codex-linux-{}", architecture()));
    let target = format!("{}-unknown-linux-musl", std::env::consts::ARCH);
    package.join("vendor").join(target).join("bin/codex")
}

/// How to run a release: the program, and the arguments before all others.
pub(crate) struct Program {
    pub(crate) program: String,
    pub(crate) arguments: Vec<String>,
}

fn platform_package() -> String {
    format!("@anthropic-ai/claude-code-linux-{}", architecture())
}

fn agent_sdk() -> PathBuf {
    let package = format!("@anthropic-ai/claude-agent-sdk-linux-{}", architecture());
    PathBuf::from(package)
}

/// As npm's packages call it.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    }
}

impl Release {
    /// Gets the release if it is not there yet; the error is the reason why it cannot be had.
    pub(crate) fn install(&self) -> Result<(), String> {
        self.had.get_or_init(|| self.find_or_get()).clone()
    }

    fn find_or_get(&self) -> Result<(), String> {
        if let Some(interpreter) = self.interpreter {
            run(Command::new(interpreter).arg("--version"))?;
        }
        let cache = cache();
        fs::create_dir_all(&cache).map_err(|error| format!("{}: {error}", cache.display()))?;
        // Tests run at once, in threads and in processes: the first gets it, the others wait.
        let lock = File::create(cache.join("lock")).map_err(|error| error.to_string())?;
        lock.lock().map_err(|error| error.to_string())?;
        if self.is_there() {
            return Ok(());
        }
        if self.from == Registry::PyPi {
            return self.make_environment();
        }
        self.download(&cache.join("unfinished"))
    }

    fn is_there(&self) -> bool {
        match self.from {
            Registry::Npm => self.directory().exists(),
            Registry::PyPi => self.directory().join(WHOLE).exists(),
        }
    }

    fn make_environment(&self) -> Result<(), String> {
        let fit = |python: &&str| run(Command::new(python).args(["-c", IS_FIT])).is_ok();
        let python = PYTHONS.into_iter().find(fit);
        let python = python.ok_or("no Python from 3.10 to 3.12 for aider")?;
        let directory = self.directory();
        let make = || {
            let _ = fs::remove_dir_all(&directory);
            run(Command::new(python).args(["-m", "venv"]).arg(&directory))?;
            let package = format!("{}=={}", (self.package)(), self.version);
            let mut pip = Command::new(directory.join("bin/pip"));
            pip.args(["install", "--quiet", "--disable-pip-version-check"]);
            run(pip.arg(package))?;
            fs::write(directory.join(WHOLE), "").map_err(|error| error.to_string())
        };
        (1..TRIES).fold(make(), |got, _| got.or_else(|_| make()))
    }

    /// A rename makes the whole release appear at once, or not at all.
    fn download(&self, unfinished: &Path) -> Result<(), String> {
        let mut got = self.get(unfinished);
        for _ in 1..TRIES {
            if got.is_ok() {
                break;
            }
            got = self.get(unfinished);
        }
        got?;
        fs::rename(unfinished, self.directory()).map_err(|error| error.to_string())
    }

    fn get(&self, unfinished: &Path) -> Result<(), String> {
        let _ = fs::remove_dir_all(unfinished);
        fs::create_dir_all(unfinished).map_err(|error| error.to_string())?;
        let package = format!("{}@{}", (self.package)(), self.version);
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--ignore-scripts"])
            .arg("--prefix")
            .arg(unfinished)
            .arg(package);
        run(&mut npm).map_err(|error| without_log(&error))?;
        self.is_whole(&unfinished.join("node_modules"))
    }

    /// npm leaves a package for one platform out, and says that all went well, if it could not be got.
    fn is_whole(&self, modules: &Path) -> Result<(), String> {
        let needed = [Some((self.file)()), (self.starts)()];
        let missing = needed
            .into_iter()
            .flatten()
            .find(|file| !modules.join(file).is_file());
        missing.map_or(Ok(()), |file| {
            Err(format!("npm left {} out", file.display()))
        })
    }

    /// How to run it, once it is installed.
    pub(crate) fn program(&self) -> Program {
        let below = match self.from {
            Registry::Npm => self.directory().join("node_modules"),
            Registry::PyPi => self.directory(),
        };
        let file = below.join((self.file)());
        let file = file.display().to_string();
        match self.interpreter {
            None => Program {
                program: file,
                arguments: Vec::new(),
            },
            Some(interpreter) => Program {
                program: interpreter.to_owned(),
                arguments: vec![file],
            },
        }
    }

    fn directory(&self) -> PathBuf {
        cache().join(format!("{}-{}", self.name, self.version))
    }
}

/// Beside what cargo builds, so that `cargo clean` takes it along.
fn cache() -> PathBuf {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
    scratch.parent().unwrap_or(scratch).join("agents")
}

/// What npm says but for the place of its log, which differs each time: one reason is told once.
fn without_log(error: &str) -> String {
    let lines = error.lines().filter(|line| !line.contains("complete log"));
    lines.collect::<Vec<_>>().join("\n")
}

/// Runs a program of the system to its end; the error names it and what it said last.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output();
    let output = output.map_err(|error| format!("cannot run {name}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(format!(
        "{name} failed ({}): {}",
        output.status,
        said.trim()
    ))
}
