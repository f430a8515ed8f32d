//! The way to a conversation: `initialize`, then the session, then its mode and model.
//!
//! A conversation that is not there is given up for a new one, and the caller is told. Every other
//! error ends the start: what was pinned by a step that failed would not hold.

use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::profile::SystemPromptBy;
use super::protocol::AcpProtocol;
use super::stage::{Setting, Stage};
use crate::event::SessionStart;
use crate::message::{Conversation, Message};
use crate::project::Project;
use crate::provider::json_rpc::Fault;
use crate::provider::mend;
use crate::provider::permission::Mode;

/// The version that is spoken.
const PROTOCOL_VERSION: u64 = 1;

/// Take a conversation up, without and with telling it from its beginning.
const RESUME: &str = "session/resume";
const LOAD: &str = "session/load";

/// Asks for a new conversation.
const NEW_SESSION: &str = "session/new";

impl AcpProtocol {
    pub(super) fn initialize(&mut self, out: &mut Vec<u8>) {
        let params = json!({
            "protocolVersion": PROTOCOL_VERSION,
            "clientCapabilities": {
                "fs": {"readTextFile": false, "writeTextFile": false},
                "terminal": false,
            },
            "clientInfo": {"name": "hotplex", "version": env!("CARGO_PKG_VERSION")},
        });
        self.stage = Stage::Initializing(self.peer.request("initialize", params, out));
    }

    pub(super) fn handshake_answered(
        &mut self,
        answer: Result<Option<&RawValue>, Fault>,
        messages: &mut Vec<Message>,
    ) {
        let stage = std::mem::replace(&mut self.stage, Stage::Failed);
        let result = answer.map(|result| {
            let value = result.and_then(|result| mend::read(result).ok());
            value.unwrap_or(Value::Null)
        });
        let next = match (stage, result) {
            (Stage::Initializing(_), Ok(result)) => {
                let version = result.pointer("/agentInfo/version").and_then(Value::as_str);
                messages.extend(version.map(|it| Message::ProgramVersion(it.to_owned())));
                self.initialized(&result)
            }
            // Qwen Code 0.15.10 says that it has both, and has not the first.
            (Stage::Opening(_, true), Err(fault))
                if fault.is_unknown_method() && self.second_way.is_some() =>
            {
                let way = self.second_way.take().unwrap_or(NEW_SESSION);
                Ok(self.open(way, true))
            }
            (Stage::Opening(_, true), Err(fault)) if self.is_lost(&fault) => {
                messages.push(Message::ConversationLost(fault.text()));
                Ok(self.open(NEW_SESSION, false))
            }
            (Stage::Opening(_, resumed), Ok(result)) => self.opened(&result, resumed),
            (Stage::Setting(_, rest), Ok(_)) => Ok(self.set_next(rest)),
            (Stage::Initializing(_), Err(fault)) => Err(fault.text()),
            (Stage::Opening(..), Err(fault)) => Err(format!("no session: {}", fault.text())),
            (Stage::Setting(..), Err(fault)) => Err(format!("a setting: {}", fault.text())),
            (Stage::Silent | Stage::Retelling(_) | Stage::Up | Stage::Failed, _) => Ok(Vec::new()),
        };
        self.go_on(next, messages);
    }

    /// The agent has told of something while nothing may be written yet.
    pub(super) fn told_at_start(&mut self, what: &str, messages: &mut Vec<Message>) {
        if let Stage::Retelling(settings) = &mut self.stage
            && self.profile.told_last == Some(what)
        {
            let settings = std::mem::take(settings);
            let out = self.set_next(settings);
            self.go_on(Ok(out), messages);
        }
    }

    fn go_on(&mut self, next: Result<Vec<u8>, String>, messages: &mut Vec<Message>) {
        match next {
            Ok(out) if self.stage.is_up() => {
                if let Some(why) = self.ungated() {
                    self.stage = Stage::Failed;
                    return messages.push(Message::HandshakeRefused(why));
                }
                debug_assert!(out.is_empty());
                messages.push(Message::NamesTurns);
                messages.push(Message::InterruptsInOrder);
                messages.push(Message::Ready);
            }
            Ok(out) if out.is_empty() => {}
            Ok(out) => messages.push(Message::Reply(out)),
            Err(why) => messages.push(Message::HandshakeRefused(why)),
        }
    }

    /// Why its calls would not all be asked about, where a plugin has to ask. It has to greet since the
    /// session was asked for.
    fn ungated(&self) -> Option<String> {
        let must_greet = self.profile.plugin.is_some_and(|plugin| plugin.must_greet);
        if !self.wanted.hooked || !must_greet {
            return None;
        }
        if !self.hooks.has_greeted {
            let why = "its guard plugin or hook has not reported: it is not loaded, not trusted, or switched off";
            return Some(why.to_owned());
        }
        let runs = self.hooks.runs.as_ref();
        let runs = runs.filter(|_| self.wanted.project != Project::Trusted)?;
        Some(format!(
            "it would run {runs} of the project, whatever it is told: trust the project, or take that out"
        ))
    }

    fn is_lost(&self, fault: &Fault) -> bool {
        let text = fault.text();
        let parts = self.profile.no_conversation.iter();
        parts.into_iter().any(|part| text.contains(part))
    }

    fn initialized(&mut self, result: &Value) -> Result<Vec<u8>, String> {
        let version = result.get("protocolVersion").and_then(Value::as_u64);
        if version != Some(PROTOCOL_VERSION) {
            let version = result.get("protocolVersion").unwrap_or(&Value::Null);
            return Err(format!(
                "it speaks version {version} of the protocol, and not {PROTOCOL_VERSION}"
            ));
        }
        self.hooks.await_greeting();
        let capable = |path: &str| {
            let value = result.pointer(path);
            value.is_some_and(|value| !value.is_null() && *value != Value::Bool(false))
        };
        if let Conversation::New(_) = self.wanted.conversation {
            return Ok(self.open(NEW_SESSION, false));
        }
        let resumes = capable("/agentCapabilities/sessionCapabilities/resume");
        let loads = capable("/agentCapabilities/loadSession");
        let ways = [(RESUME, resumes), (LOAD, loads)].into_iter();
        let mut ways = ways.filter(|(_, is_there)| *is_there).map(|(way, _)| way);
        let Some(way) = ways.next() else {
            self.pending.push(Message::ConversationLost(
                "the agent takes none up again".to_owned(),
            ));
            return Ok(self.open(NEW_SESSION, false));
        };
        self.second_way = ways.next();
        Ok(self.open(way, true))
    }

    fn open(&mut self, method: &str, resumes: bool) -> Vec<u8> {
        let mut params = Map::new();
        let work_dir = self.wanted.work_dir.to_string_lossy();
        params.insert("cwd".to_owned(), json!(work_dir));
        params.insert("mcpServers".to_owned(), json!([]));
        if resumes {
            let id = self.wanted.conversation.id();
            params.insert("sessionId".to_owned(), json!(id));
        }
        let meta = (self.profile.meta)(self.wanted.project);
        if !meta.is_null() {
            params.insert("_meta".to_owned(), meta);
        }
        let prompt = self.wanted.system_prompt.as_str();
        let by = self.profile.system_prompt;
        if !prompt.is_empty() && by == SystemPromptBy::SessionParameter {
            let content = json!([{"type": "text", "text": prompt}]);
            let value = json!({"mode": "append", "content": content});
            params.insert("systemPrompt".to_owned(), value);
        }
        self.system_prompt_due =
            !prompt.is_empty() && !resumes && by == SystemPromptBy::FirstPrompt;
        let mut out = Vec::new();
        let request = self.peer.request(method, Value::Object(params), &mut out);
        self.stage = Stage::Opening(request, resumes);
        out
    }

    fn opened(&mut self, result: &Value, resumed: bool) -> Result<Vec<u8>, String> {
        let told = result.get("sessionId").and_then(Value::as_str);
        let known = resumed.then(|| self.wanted.conversation.id());
        let session = told.or(known).filter(|id| !id.is_empty());
        let session = session.ok_or("it names no session".to_owned())?.to_owned();
        if known.is_some_and(|known| known != session) {
            self.took_up_another(&session);
        }
        self.session = session;
        let settings = self.settings(result)?;
        let model = self.wanted.model.clone().or_else(|| current_model(result));
        self.introduction = Some(SessionStart {
            agent_session_id: self.session.clone(),
            model,
            cwd: Some(self.wanted.work_dir.to_string_lossy().into_owned()),
            ..SessionStart::default()
        });
        if resumed && self.profile.told_last.is_some() {
            self.stage = Stage::Retelling(settings);
            return Ok(Vec::new());
        }
        Ok(self.set_next(settings))
    }

    /// What was said in the one that was asked for is not known to be in it.
    fn took_up_another(&mut self, session: &str) {
        let why = format!("the agent took up {session} instead");
        self.pending.push(Message::ConversationLost(why));
        let by = self.profile.system_prompt;
        self.system_prompt_due =
            !self.wanted.system_prompt.is_empty() && by == SystemPromptBy::FirstPrompt;
    }

    /// What is to be set, the last first.
    fn settings(&self, result: &Value) -> Result<Vec<Setting>, String> {
        let probe = self.profile.plugin.map_or("", |plugin| plugin.probe);
        let mut settings = Vec::new();
        if self.wanted.hooked && !probe.is_empty() {
            let prompt = json!([{"type": "text", "text": probe}]);
            settings.push(Setting {
                method: "session/prompt",
                params: json!({"sessionId": self.session, "prompt": prompt}),
            });
        }
        if let Some(model) = &self.wanted.model {
            settings.push(self.model_setting(model, result)?);
        }
        let mode = match self.policy.mode {
            Mode::Plan => self.profile.plan_mode,
            _ => self.profile.mode,
        };
        if let Some(mode) = mode {
            settings.push(self.mode_setting(mode, result)?);
        }
        Ok(settings)
    }

    /// Some agents list their modes, others have an option for them.
    fn mode_setting(&self, mode: &str, result: &Value) -> Result<Setting, String> {
        let has = |listed: Option<&Value>, member: &str| {
            let mut listed = listed.and_then(Value::as_array).into_iter().flatten();
            listed.any(|known| known.get(member).and_then(Value::as_str) == Some(mode))
        };
        let option = option_of(result, "mode");
        let (method, params) = if has(result.pointer("/modes/availableModes"), "id") {
            let params = json!({"sessionId": self.session, "modeId": mode});
            ("session/set_mode", params)
        } else if has(option.and_then(|option| option.get("options")), "value") {
            let id = option.and_then(|option| option.get("id"));
            let params = json!({"sessionId": self.session, "configId": id, "value": mode});
            ("session/set_config_option", params)
        } else {
            return Err(format!("it has no mode {mode:?}"));
        };
        Ok(Setting { method, params })
    }

    fn model_setting(&self, model: &str, result: &Value) -> Result<Setting, String> {
        let (method, params) = if let Some(option) = option_of(result, "model") {
            let id = option.get("id").cloned().unwrap_or_default();
            let params = json!({"sessionId": self.session, "configId": id, "value": model});
            ("session/set_config_option", params)
        } else if result.get("models").is_some_and(Value::is_object) {
            let params = json!({"sessionId": self.session, "modelId": model});
            ("session/set_model", params)
        } else {
            return Err("it lets nobody choose its model".to_owned());
        };
        Ok(Setting { method, params })
    }

    fn set_next(&mut self, mut settings: Vec<Setting>) -> Vec<u8> {
        let mut out = Vec::new();
        self.stage = match settings.pop() {
            None => Stage::Up,
            Some(setting) => {
                let Setting { method, params } = setting;
                let request = self.peer.request(method, params, &mut out);
                Stage::Setting(request, settings)
            }
        };
        out
    }
}

fn option_of<'a>(result: &'a Value, kind: &str) -> Option<&'a Value> {
    let options = result.get("configOptions")?.as_array()?;
    options.iter().find(|option| {
        let named = |member: &str| option.get(member).and_then(Value::as_str) == Some(kind);
        named("category") || named("id")
    })
}

fn current_model(result: &Value) -> Option<String> {
    let of_option = option_of(result, "model").and_then(|option| option.get("currentValue"));
    let model = of_option.or_else(|| result.pointer("/models/currentModelId"));
    model?.as_str().map(str::to_owned)
}
