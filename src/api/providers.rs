//! Which agents there are to run.

use crate::error::Error;
use crate::process;
use crate::provider::registry;
use crate::stats::ProviderInfo;

/// The providers that this version knows, each with the program it would run: looked for on the
/// host's `PATH`, as an engine does that is given neither a program nor another `PATH`.
///
/// Looks at the file system and starts nothing.
///
/// # Errors
/// `Internal` only: no provider can be made without options.
pub fn providers() -> Result<Vec<ProviderInfo>, Error> {
    let path = std::env::var_os("PATH");
    let described = registry::all()?.into_iter().map(|provider| {
        let name = provider.default_program();
        let found = match name {
            "" => Err(Vec::new()),
            name => process::find_program(name, path.as_deref()),
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
            tested_versions: provider.tested_versions(),
            capabilities: provider.capabilities(),
        }
    });
    Ok(described.collect())
}

#[cfg(test)]
mod tests {
    use super::providers;
    use crate::stats::{ProviderInfo, ToolGate};

    #[test]
    fn each_provider_says_where_its_program_is_and_how_far_it_is_gated() {
        let known = providers().unwrap();
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
        }
        let json = ProviderInfo::list_to_json(&known);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json[0]["name"], "claude-code");
        assert_eq!(json[0]["capabilities"]["gate"], "every_call");
        assert!(json[0]["tested_versions"].is_array());
    }
}
