//! How an agent that speaks ACP is started. All it is told beyond that is told in the protocol.

use std::path::{Path, PathBuf};

use super::calls;
use super::profile::{Profile, Tools};
use super::protocol::{AcpProtocol, Wanted};
use crate::error::Error;
use crate::event::ToolUse;
use crate::message::ExitCause;
use crate::project::{Project, ProjectFiles};
use crate::provider::options::ProviderOptions;
use crate::provider::permission::{Mode, Policy};
use crate::provider::{Protocol, Provider, Start, SystemPrompt, User};
use crate::provider::{conversation, system_prompt};
use crate::state::State;
use crate::stats::{Capabilities, ToolGate};
use hotplex_guard::ToolEffect;

/// One agent with the options of one engine.
pub(in crate::provider) struct AcpAgent {
    profile: &'static Profile,
    policy: Policy,
    base_system_prompt: Option<String>,
    deltas: bool,
}

impl AcpAgent {
    /// Checks the options, so that a start cannot fail because of them.
    pub(in crate::provider) fn new(
        profile: &'static Profile,
        options: ProviderOptions,
    ) -> Result<AcpAgent, Error> {
        let name = profile.name;
        if profile.program.is_empty() && !options.names_program {
            let message =
                format!("provider {name:?} needs the option program: it stands for any agent");
            return Err(Error::invalid(message));
        }
        let mode = Mode::named(name, options.permission_mode.as_deref())?;
        if mode == Mode::Plan && profile.plan_mode.is_none() {
            let message = format!("permission_mode \"plan\" cannot be held by {name}");
            return Err(Error::invalid(message));
        }
        Ok(AcpAgent {
            policy: Policy {
                mode,
                gate: profile.gate,
                has_allow_list: !options.allowed_tools.is_empty(),
            },
            profile,
            base_system_prompt: options.base_system_prompt,
            deltas: options.partial_messages,
        })
    }
}

impl Provider for AcpAgent {
    fn name(&self) -> &'static str {
        self.profile.name
    }

    fn default_program(&self) -> &'static str {
        self.profile.program
    }

    fn tested_versions(&self) -> &'static [&'static str] {
        self.profile.tested
    }

    fn system_prompt(&self, instructions: &str) -> String {
        system_prompt::compose(self.base_system_prompt.as_deref(), instructions)
    }

    fn arguments(&self, _: &Start<'_>) -> Vec<String> {
        let arguments = self.profile.arguments.iter();
        arguments.map(|&argument| argument.to_owned()).collect()
    }

    fn environment(&self) -> Vec<(&'static str, Option<&'static str>)> {
        self.profile
            .removed
            .iter()
            .map(|name| (*name, None))
            .collect()
    }

    fn pinned(&self, project: Project) -> &'static [(&'static str, &'static str)] {
        match project {
            Project::Trusted => &[],
            _ => self.profile.pinned,
        }
    }

    fn project_files(&self) -> ProjectFiles {
        self.profile.project_files
    }

    fn asks_nothing_in(&self, permission_mode: &str) -> bool {
        permission_mode == "bypassPermissions"
    }

    fn state(&self, user: &User<'_>) -> Option<State> {
        (self.profile.state)(user)
    }

    fn conversation_id(&self, namespace: &str, session: &str) -> String {
        conversation::name(namespace, session)
    }

    fn fresh_conversation_id(&self) -> String {
        conversation::fresh_name()
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            provider: self.profile.name,
            tool_gate: self.profile.gate == ToolGate::EveryCall,
            gate: self.profile.gate,
            denial_reason: false,
            updated_input: false,
            interrupt: true,
            resume: true,
            deltas: true,
        }
    }

    fn effects(&self, tool: &ToolUse) -> Result<Vec<ToolEffect>, String> {
        match self.profile.tools {
            Tools::ByKind => calls::effects_by_kind(tool),
            Tools::ClaudeCode => hotplex_guard::claude_code::effects(&tool.name, &tool.input),
        }
    }

    fn scratch_dirs(&self) -> &'static [&'static str] {
        &[]
    }

    fn own_directory(&self, home: &Path) -> PathBuf {
        home.join(self.profile.own_directory)
    }

    fn protocol(&self, start: &Start<'_>) -> Box<dyn Protocol> {
        let system_prompt = match start.system_prompt {
            SystemPrompt::Given(text) => text.to_owned(),
            SystemPrompt::InFile(_) => String::new(),
        };
        let wanted = Wanted {
            work_dir: start.work_dir.to_owned(),
            conversation: start.conversation.clone(),
            model: start.model.map(str::to_owned),
            system_prompt,
            project: start.project,
        };
        let limit = start.max_line_bytes;
        let protocol = AcpProtocol::new(self.profile, wanted, self.policy, self.deltas, limit);
        Box::new(protocol)
    }

    fn exit_cause(&self, _: &str) -> ExitCause {
        ExitCause::Other
    }
}
