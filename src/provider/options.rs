//! What an engine tells its provider about its agents.

/// Options of an engine that concern its agents.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProviderOptions {
    /// The caller says which program it is.
    pub(crate) names_program: bool,
    pub(crate) permission_mode: Option<String>,
    pub(crate) allowed_tools: Vec<String>,
    pub(crate) disallowed_tools: Vec<String>,
    pub(crate) base_system_prompt: Option<String>,
    pub(crate) partial_messages: bool,
}
