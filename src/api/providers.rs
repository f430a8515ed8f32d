//! Which agents there are to run.

use std::ffi::OsStr;
use std::time::Duration;

use super::versions::{VersionCommand, versions};
use crate::error::Error;
use crate::process;
use crate::provider::{Provider, registry};
use crate::stats::ProviderInfo;

/// How long the programs have to say their versions: Gemini, which Node runs, takes two seconds on a
/// busy machine.
const VERSION_LIMIT: Duration = Duration::from_secs(5);

/// The providers that this version knows, each with the program it would run: looked for on the
/// host's `PATH`, as an engine does that is given neither a program nor another `PATH`.
///
/// Each program that is found is asked for its version by `--version`, once in every call, on the
/// caller's thread: all at the same time, in `/`, and for at most 5 seconds together. No model is asked
/// and no project is read. A host that lists providers often keeps the answer.
///
/// # Errors
/// `Internal` only: no provider can be made without options.
pub fn providers() -> Result<Vec<ProviderInfo>, Error> {
    providers_within(VERSION_LIMIT)
}

/// The same with another limit for the versions. With none at all this looks at the file system and
/// starts nothing.
///
/// # Errors
/// Those of [`providers`].
pub fn providers_within(limit: Duration) -> Result<Vec<ProviderInfo>, Error> {
    let path = std::env::var_os("PATH");
    let known = registry::all()?.into_iter();
    let mut listed: Vec<_> = known
        .map(|provider| described(provider.as_ref(), path.as_deref()))
        .collect();
    if !limit.is_zero() {
        add_versions(&mut listed, limit);
    }
    Ok(listed)
}

fn described(provider: &dyn Provider, path: Option<&OsStr>) -> ProviderInfo {
    let name = provider.default_program();
    let found = match name {
        "" => Err(Vec::new()),
        name => process::find_program(name, path),
    };
    let (program, looked_at) = match found {
        Ok(program) => (Some(program), Vec::new()),
        Err(places) => (None, places),
    };
    ProviderInfo {
        name: provider.name(),
        default_program: name,
        program,
        looked_at,
        version: None,
        tested_versions: provider.tested_versions(),
        capabilities: provider.capabilities(),
    }
}

/// Asks the programs that were found.
fn add_versions(listed: &mut [ProviderInfo], limit: Duration) {
    let found = listed.iter().filter_map(|one| one.program.as_deref());
    let questions: Vec<_> = found
        .map(|program| VersionCommand {
            program,
            arguments: vec!["--version".to_owned()],
        })
        .collect();
    let said = versions(&questions, limit);
    let found = listed.iter_mut().filter(|one| one.program.is_some());
    for (one, version) in found.zip(said) {
        one.version = version;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::providers_within;
    use crate::stats::{ProviderInfo, ToolGate};

    #[test]
    fn each_provider_says_where_its_program_is_and_how_far_it_is_gated() {
        let known = providers_within(Duration::ZERO).unwrap();
        let gates: Vec<_> = known
            .iter()
            .map(|one| (one.name, one.capabilities.gate))
            .collect();
        for expected in [
            ("claude-code", ToolGate::EveryCall),
            ("claude-agent-acp", ToolGate::EveryCall),
            ("gemini", ToolGate::EveryCall),
            ("opencode", ToolGate::EveryCall),
            ("codex", ToolGate::EveryCall),
            ("codex-acp", ToolGate::EveryCall),
            ("aider", ToolGate::EveryCall),
            ("acp", ToolGate::AsksOnly),
        ] {
            assert!(gates.contains(&expected), "{gates:?}");
        }
        for one in &known {
            let is_gated = one.capabilities.gate == ToolGate::EveryCall;
            assert_eq!(one.capabilities.tool_gate, is_gated, "{one:?}");
            assert_eq!(one.capabilities.provider, one.name);
            let was_looked_for = one.program.is_some() || !one.looked_at.is_empty();
            assert_eq!(was_looked_for, !one.default_program.is_empty(), "{one:?}");
            assert_eq!(one.version, None, "nobody was asked: {one:?}");
        }
        let json = ProviderInfo::list_to_json(&known);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json[0]["name"], "claude-code");
        assert_eq!(json[0]["capabilities"]["gate"], "every_call");
        assert!(json[0]["tested_versions"].is_array());
    }
}
