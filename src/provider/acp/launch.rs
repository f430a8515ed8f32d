//! How an agent that speaks ACP is started. All it is told beyond that is told in the protocol.

use std::borrow::Cow;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::profile::{Profile, Tools};
use super::protocol::{AcpProtocol, Wanted};
use super::{calls, opencode};
use crate::agent_files::AgentFiles;
use crate::error::Error;
use crate::event::ToolUse;
use crate::message::ExitCause;
use crate::project::{Project, ProjectFiles};
use crate::provider::agent_options::AgentOptions;
use crate::provider::codex;
use crate::provider::options::ProviderOptions;
use crate::provider::permission::Mode;
use crate::provider::{EngineFile, FileOfProject, Obstacle, Protocol, Provider, Start, User};
use crate::stats::{Capabilities, ToolGate};
use hotplex_guard::ToolEffect;

/// One agent with the options of one engine.
pub(in crate::provider) struct AcpAgent {
    profile: &'static Profile,
    options: AgentOptions,
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
        let plans = profile.plan_mode.is_some();
        let options = AgentOptions::new(name, profile.gate, plans, options)?;
        Ok(AcpAgent { profile, options })
    }

    /// Why the jail would have to hold what a mode for plans lets go, where there is none.
    fn plans_unheld(&self, start: &Start<'_>) -> Option<String> {
        let is_unheld = self.profile.plans_unpinned
            && self.options.policy.mode == Mode::Plan
            && start.project != Project::Trusted
            && !start.jailed;
        let name = self.profile.name;
        is_unheld.then(|| {
            format!("in permission_mode \"plan\" the git of {name} starts what a repository names, which only a jail holds: choose a jail, another mode, or project \"trusted\"")
        })
    }

    /// Agents split what follows such a flag at commas.
    fn splits_path(&self, start: &Start<'_>) -> Option<String> {
        let (flag, _) = self.profile.file_arguments.first()?;
        let directory = start.engine_dir?.to_str();
        let is_whole = directory.is_some_and(|path| !path.contains(','));
        (!is_whole).then(|| {
            format!("{flag} cannot name a path with a comma, or one that is no text: name a state_dir elsewhere")
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
        self.options.system_prompt(instructions)
    }

    fn arguments(&self, start: &Start<'_>) -> Vec<String> {
        let arguments = self.profile.arguments.iter();
        let mut arguments: Vec<String> = arguments.map(|&argument| argument.to_owned()).collect();
        let directory = start.engine_dir.unwrap_or(Path::new(""));
        for (flag, file) in self.profile.file_arguments {
            let path = directory.join(file).to_string_lossy().into_owned();
            arguments.extend([(*flag).to_owned(), path]);
        }
        arguments.extend((self.profile.start_arguments)(start));
        arguments
    }

    fn environment(&self) -> Vec<(&'static str, Option<&'static str>)> {
        let removed = self.profile.removed.iter().map(|name| (*name, None));
        let set = self.profile.set.iter();
        removed
            .chain(set.map(|(name, value)| (*name, Some(*value))))
            .collect()
    }

    fn pinned(&self, project: Project) -> &'static [(&'static str, &'static str)] {
        (self.profile.pinned)(project)
    }

    fn held_empty(&self, project: Project) -> &'static [&'static str] {
        match project {
            Project::Trusted => &[],
            _ => self.profile.held_empty,
        }
    }

    fn has_engine_files(&self, _: bool) -> bool {
        !self.profile.engine_files.is_empty() || self.profile.plugin.is_some()
    }

    fn engine_files(&self, start: &Start<'_>) -> Vec<EngineFile> {
        let files = self.profile.engine_files.iter();
        let file = |(name, content): &(&'static str, &'static str)| EngineFile {
            name,
            content: Cow::Borrowed(content.as_bytes()),
            executable: false,
        };
        let plugin = self.profile.plugin.into_iter();
        let plugins = plugin.flat_map(|plugin| (plugin.files)(start));
        files.map(file).chain(plugins).collect()
    }

    fn cannot_start(&self, start: &Start<'_>) -> Option<String> {
        self.plans_unheld(start).or_else(|| self.splits_path(start))
    }

    fn start_dir<'a>(&self, start: &Start<'a>) -> Option<&'a Path> {
        let beside = self.profile.starts_beside && start.project != Project::Trusted;
        start.engine_dir.filter(|_| beside)
    }

    fn has_git_of_its_own(&self) -> bool {
        self.profile.has_git_of_its_own
    }

    fn outlives_input(&self) -> bool {
        self.profile.outlives_input
    }

    fn obstacles(&self) -> &'static [Obstacle] {
        self.profile.obstacles
    }

    fn begun_in_minute(&self, user: &User<'_>, now: SystemTime) -> Option<FileOfProject> {
        (self.profile.begun_in_minute)(user, now)
    }

    fn has_hooks(&self) -> bool {
        self.profile.plugin.is_some()
    }

    fn process_variables(&self, start: &Start<'_>) -> Vec<(&'static str, OsString)> {
        let plugin = self.profile.plugin;
        plugin.map_or(Vec::new(), |plugin| (plugin.variables)(start))
    }

    fn project_files(&self) -> ProjectFiles {
        self.profile.project_files
    }

    fn state(&self, user: &User<'_>) -> Option<AgentFiles> {
        (self.profile.state)(user)
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            provider: self.profile.name,
            tool_gate: self.profile.gate == ToolGate::EveryCall,
            gate: self.profile.gate,
            denial_reason: self.profile.plugin.is_some(),
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
            Tools::Gemini => calls::effects_of_gemini(tool),
            Tools::OpenCode => opencode::effects(tool),
            Tools::Codex => codex::effects(tool),
        }
    }

    fn own_directory(&self, home: &Path) -> PathBuf {
        home.join(self.profile.own_directory)
    }

    fn exit_cause(&self, stderr: &str) -> ExitCause {
        let mut parts = self.profile.contended.iter();
        if parts.any(|part| stderr.contains(part)) {
            ExitCause::StateContended
        } else {
            ExitCause::Other
        }
    }

    fn protocol(&self, start: &Start<'_>) -> Box<dyn Protocol> {
        let wanted = Wanted {
            work_dir: start.work_dir.to_owned(),
            conversation: start.conversation.clone(),
            model: start.model.map(str::to_owned),
            system_prompt: start.system_prompt.text(),
            hooked: self.profile.plugin.is_some(),
            project: start.project,
        };
        let limit = start.max_line_bytes;
        let AgentOptions { policy, deltas, .. } = self.options;
        let protocol = AcpProtocol::new(self.profile, wanted, policy, deltas, limit);
        Box::new(protocol)
    }
}
