//! The agents: whether they are there and answer.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use hotplex::{EngineOptions, SessionState, WarmUp};
use tokio::process::Command;
use tokio::time::timeout;

use super::finding::Finding;
use crate::config::Settings;

/// How long a program may take to tell its version, and an agent to be ready.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) async fn look(settings: &Settings, start: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, options) in &settings.engines {
        let what = format!("agent of engine {name}");
        let json = serde_json::Value::Object(options.clone()).to_string();
        let options = match EngineOptions::from_json(&json) {
            Ok(options) => options,
            Err(error) => {
                findings.push(Finding::problem(
                    &what,
                    error.to_string(),
                    "mend its options",
                ));
                continue;
            }
        };
        let program = match options.program.clone() {
            Some(program) => program,
            None => default_program(&options.provider),
        };
        let Some(path) = find(&program) else {
            let advice = match options.program {
                None => "install the agent, or name it by the option program",
                Some(_) => "mend the option program",
            };
            findings.push(Finding::problem(
                &what,
                format!("{program:?} is not there"),
                advice,
            ));
            continue;
        };
        findings.push(version(&what, &path, &options.program_args).await);
        if start {
            findings.push(answers(&what, options).await);
        }
    }
    findings
}

/// The program of an engine that names none; empty where one must be named.
fn default_program(provider: &str) -> String {
    let providers = hotplex::providers_within(Duration::ZERO).unwrap_or_default();
    let known = providers.iter().find(|known| known.name == provider);
    known.map_or_else(String::new, |known| known.default_program.to_owned())
}

/// As a shell finds a program.
fn find(program: &str) -> Option<PathBuf> {
    let is_program = |path: &Path| {
        path.is_file() && rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok()
    };
    if program.contains('/') {
        return Some(PathBuf::from(program)).filter(|path| is_program(path));
    }
    let path = std::env::var_os("PATH")?;
    let mut found = std::env::split_paths(&path).map(|directory| directory.join(program));
    found.find(|path| is_program(path))
}

async fn version(what: &str, program: &Path, arguments: &[String]) -> Finding {
    let shown = program.display();
    let advice = "see whether it runs by itself";
    let mut command = Command::new(program);
    command
        .args(arguments)
        .arg("--version")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    match timeout(PATIENCE, command.output()).await {
        Ok(Ok(output)) if output.status.success() => {
            let text = String::from_utf8_lossy(&output.stdout);
            let version = text.lines().next().unwrap_or_default().trim();
            Finding::ok(what, format!("{version} at {shown}"))
        }
        Ok(Ok(output)) => {
            let text = String::from_utf8_lossy(&output.stderr);
            let said = text.lines().next().unwrap_or_default();
            Finding::warning(
                what,
                format!("{shown} --version: {} {said}", output.status),
                advice,
            )
        }
        Ok(Err(error)) => Finding::problem(what, format!("{shown}: {error}"), advice),
        Err(_) => Finding::warning(what, format!("{shown} --version says nothing"), advice),
    }
}

/// Starts one agent in a directory of its own and waits until it is ready. No model is asked.
async fn answers(what: &str, mut options: EngineOptions) -> Finding {
    let directory = std::env::temp_dir().join(format!("hotplexd-doctor-{}", std::process::id()));
    if let Err(error) = std::fs::create_dir_all(&directory) {
        return Finding::problem(
            what,
            format!("{}: {error}", directory.display()),
            "make room",
        );
    }
    // Its log would be none.
    options.guard.audit_file = None;
    let work_dir = directory.clone();
    let asked = tokio::task::spawn_blocking(move || ready(options, work_dir)).await;
    // What is left of it is of no use.
    let _ = std::fs::remove_dir_all(&directory);
    let advice = "start it by itself in a terminal: it may want to be logged in or set up";
    match asked {
        Ok(Ok((time, jail))) => Finding::ok(
            what,
            format!(
                "answers, ready after {:.1} s; jail: {jail}",
                time.as_secs_f64()
            ),
        ),
        Ok(Err(why)) => Finding::problem(what, why, advice),
        Err(error) => Finding::problem(what, error.to_string(), advice),
    }
}

/// How long an agent took, and its jail.
fn ready(options: EngineOptions, work_dir: PathBuf) -> Result<(Duration, String), String> {
    let begin = Instant::now();
    let engine = options.open().map_err(|error| error.to_string())?;
    let looked = || {
        engine
            .prewarm(&WarmUp::new(work_dir), 1)
            .map_err(|error| error.to_string())?;
        while begin.elapsed() < PATIENCE {
            let sessions = engine.sessions().map_err(|error| error.to_string())?;
            if let Some(spare) = sessions
                .iter()
                .find(|one| one.spare && one.state == SessionState::Ready)
            {
                return Ok((begin.elapsed(), spare.jail.clone()));
            }
            // The engine tells why a spare did not start, on its log and by its events.
            while let Ok(event) = engine.background_events().try_recv() {
                if let hotplex::EventKind::Notice(notice) = event.kind
                    && sessions.is_empty()
                {
                    return Err(notice.text.clone());
                }
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Err(format!("it is not ready after {} s", PATIENCE.as_secs()))
    };
    let found = looked();
    let closed = engine
        .close(Duration::from_secs(1))
        .map_err(|error| error.to_string());
    found.and_then(|found| closed.map(|()| found))
}
