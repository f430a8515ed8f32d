//! Providers and what they let an engine do.

use std::borrow::Cow;
use std::path::Path;

use serde::Serialize;

use super::text_of;
use crate::stats::{Capabilities, ProviderInfo};

#[derive(Serialize)]
struct CapabilitiesOf<'a> {
    gate: &'a str,
    tool_gate: bool,
    denial_reason: bool,
    updated_input: bool,
    interrupt: bool,
    resume: bool,
    deltas: bool,
}

impl<'a> CapabilitiesOf<'a> {
    fn new(capabilities: &Capabilities) -> CapabilitiesOf<'a> {
        CapabilitiesOf {
            gate: capabilities.gate.as_str(),
            tool_gate: capabilities.tool_gate,
            denial_reason: capabilities.denial_reason,
            updated_input: capabilities.updated_input,
            interrupt: capabilities.interrupt,
            resume: capabilities.resume,
            deltas: capabilities.deltas,
        }
    }
}

#[derive(Serialize)]
struct ProviderJson<'a> {
    name: &'a str,
    default_program: &'a str,
    /// Null if it was not found.
    program: Option<Cow<'a, str>>,
    looked_at: Vec<Cow<'a, str>>,
    /// Null if it is not known.
    version: Option<&'a str>,
    tested_versions: &'a [&'a str],
    capabilities: CapabilitiesOf<'a>,
}

impl ProviderInfo {
    /// An array of such providers as JSON.
    pub fn list_to_json(providers: &[ProviderInfo]) -> String {
        let text = Path::to_string_lossy;
        let described = providers.iter().map(|provider| ProviderJson {
            name: provider.name,
            default_program: provider.default_program,
            program: provider.program.as_deref().map(text),
            looked_at: provider.looked_at.iter().map(|path| text(path)).collect(),
            version: provider.version.as_deref(),
            tested_versions: provider.tested_versions,
            capabilities: CapabilitiesOf::new(&provider.capabilities),
        });
        text_of(&described.collect::<Vec<_>>())
    }
}
