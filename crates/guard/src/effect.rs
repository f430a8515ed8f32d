//! What a call of a tool does. Imports nothing of ours.

/// Something that a call of a tool does, in words that need no knowledge of the agent.
///
/// Exhaustive on purpose: code that judges effects must handle each of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToolEffect {
    /// Runs this as shell source.
    Run(String),
    /// Writes or replaces this file.
    Write(String),
    /// Shows this file to the model.
    Read(String),
    /// Gets this address.
    Fetch(String),
    /// Uses what goes by this name: a skill, a kind of sub-agent.
    Use(String),
}

impl ToolEffect {
    /// The command, path, address or name: all that is judged.
    pub fn text(&self) -> &str {
        match self {
            ToolEffect::Run(text)
            | ToolEffect::Write(text)
            | ToolEffect::Read(text)
            | ToolEffect::Fetch(text)
            | ToolEffect::Use(text) => text,
        }
    }
}
