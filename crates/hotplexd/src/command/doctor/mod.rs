//! `hotplexd doctor`: what this machine has of what agents need. Each line says what to do.

mod agents;
mod finding;
mod leaks;
mod machine;

use std::io::IsTerminal;

use super::say::say;
use crate::cli::{Doctor, Serve};
use crate::client::{Backend, Target};
use crate::config::{Environment, Settings};
use crate::failure::{Failure, failed};
use crate::terminal::Style;
use finding::{Finding, Grade};

/// # Errors
/// Something is a problem.
pub(super) async fn run(flags: Doctor) -> Result<(), Failure> {
    let mut findings = vec![Finding::ok("hotplexd", env!("CARGO_PKG_VERSION"))];
    findings.extend(machine::look());
    findings.push(daemon(&flags).await);
    findings.extend(leaks::look());
    match settings(&flags) {
        Ok(settings) => findings.extend(agents::look(&settings, !flags.no_start).await),
        Err(error) => findings.push(Finding::problem("configuration", error, "mend it")),
    }
    let text = match flags.json {
        true => format!("{}\n", serde_json::to_string(&findings).unwrap_or_default()),
        false => {
            let style = Style::of(&std::io::stdout());
            findings.iter().map(|finding| finding.line(style)).collect()
        }
    };
    say(text.as_bytes())?;
    let problems = findings
        .iter()
        .filter(|finding| finding.grade == Grade::Problem);
    match problems.count() {
        0 => Ok(()),
        _ if flags.json || !std::io::stderr().is_terminal() => Err(failed("")),
        count => Err(failed(format!("{count} of these keep agents from working"))),
    }
}

fn settings(flags: &Doctor) -> Result<Settings, String> {
    let serve = Serve {
        config: flags.config.clone(),
        engine_options: flags.engine_options.clone(),
        no_token: true,
        ..Serve::default()
    };
    Settings::new(&serve, &Environment::of_process())
}

async fn daemon(flags: &Doctor) -> Finding {
    let start = "start one by `hotplexd serve`; `run` and `chat` work without it";
    let target = match Target::find(&flags.reach) {
        Ok(Some(target)) => target,
        Ok(None) => return Finding::ok("daemon", format!("none runs; {start}")),
        Err(failure) => return Finding::problem("daemon", failure.message, "mend what it names"),
    };
    let address = target.address.clone();
    let asked = async {
        let mut wire = Backend::Daemon(target).wire().await?;
        wire.ask(serde_json::json!({"type": "version"})).await
    };
    match asked.await {
        Ok(answer) => {
            let version = answer.text_of("version");
            let found = format!("{version} at {address}");
            match version == env!("CARGO_PKG_VERSION") {
                true => Finding::ok("daemon", found),
                false => {
                    let advice = "it is another version than this program: start it again";
                    Finding::warning("daemon", found, advice)
                }
            }
        }
        Err(failure) => {
            Finding::problem("daemon", format!("{address}: {}", failure.message), start)
        }
    }
}
