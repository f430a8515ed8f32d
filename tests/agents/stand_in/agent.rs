//! The dialogue over the life of the process: handshake, prompts, interrupts, end of input.

use std::collections::VecDeque;
use std::time::Instant;

use serde_json::Value;

use crate::command_line::CommandLine;
use crate::input::{Incoming, Input};
use crate::output::{Ending, Output, escape};
use crate::request::{self, PlainPrompt, Prompt, Request};
use crate::store::Store;
use crate::{background, fail, is_set, misbehaviour, turn};

pub(crate) struct Agent {
    pub(crate) command_line: CommandLine,
    pub(crate) input: Input,
    pub(crate) output: Output,
    pub(crate) store: Store,
    pub(crate) habits: Habits,
    /// Prompts that arrived while a turn ran.
    waiting: VecDeque<Prompt>,
    /// What was put off until after a turn; it always comes before the next one.
    pub(crate) postponed: VecDeque<Postponed>,
    input_ended: bool,
    /// The permission request that waits for the client's answer; an interrupt takes it back.
    pub(crate) open_question: Option<String>,
    /// Claude Code ends with status 1 if its last turn did not end well.
    pub(crate) last_turn_failed: bool,
    /// The client's hook that is called before every tool.
    pub(crate) before_tools: Option<String>,
    /// The one that is told what has run.
    pub(crate) after_tools: Option<String>,
    initialised: bool,
    pub(crate) told_of_stale_task: bool,
}

/// How this process behaves throughout, by environment and by command.
pub(crate) struct Habits {
    pub(crate) lifecycle: bool,
    pub(crate) init_once: bool,
    pub(crate) answers_handshake: bool,
    pub(crate) stays_at_end_of_input: bool,
    pub(crate) stops_reading: bool,
    pub(crate) ignores_term: bool,
    /// What becomes of its questions; see [`crate::mangled`].
    pub(crate) mangles_asks: String,
}

pub(crate) struct Postponed {
    pub(crate) due: Instant,
    pub(crate) kind: PostponedKind,
}

pub(crate) enum PostponedKind {
    LateAnswer(String),
    OwnTurn,
    TaskEnds,
    /// A task asks to use this tool.
    Question(String),
}

/// Why a wait came to its end.
pub(crate) enum Wake {
    TimeUp,
    Interrupted,
    /// The `response` member of a `control_response`.
    Answer(Value),
    ToolEnded {
        output: String,
        succeeded: bool,
    },
    InputEnded,
}

impl Agent {
    pub(crate) fn new(command_line: CommandLine, store: Store) -> Agent {
        let id = command_line.conversation.id();
        let init = init_line(&command_line);
        Agent {
            output: Output::new(id, &command_line.model, init),
            command_line,
            input: Input::new(),
            store,
            habits: Habits {
                lifecycle: std::env::var("STAND_IN_LIFECYCLE").as_deref() != Ok("0"),
                init_once: std::env::var("STAND_IN_INIT").as_deref() == Ok("once"),
                answers_handshake: !is_set("STAND_IN_NO_HANDSHAKE"),
                stays_at_end_of_input: is_set("STAND_IN_IGNORE_EOF"),
                stops_reading: false,
                ignores_term: false,
                mangles_asks: String::new(),
            },
            waiting: VecDeque::new(),
            postponed: VecDeque::new(),
            input_ended: false,
            open_question: None,
            last_turn_failed: false,
            before_tools: None,
            after_tools: None,
            initialised: false,
            told_of_stale_task: false,
        }
    }

    /// Serves until there is nothing left to serve, and returns the exit status.
    pub(crate) fn serve(mut self) -> i32 {
        let mut line = Vec::new();
        loop {
            self.catch_up();
            if self.take_waiting_turn() {
                continue;
            }
            if self.input_ended {
                if self.habits.stays_at_end_of_input {
                    misbehaviour::stay_for_ever();
                }
                return i32::from(self.last_turn_failed);
            }
            match self.input.read_direct(&mut line) {
                Some(true) => self.take_line(&line),
                Some(false) => self.input_ended = true,
                None => match self.input.next(None) {
                    Some(Incoming::Line(line)) => self.take_line(&line),
                    Some(Incoming::EndOfInput) => self.input_ended = true,
                    Some(Incoming::ToolEnded { .. }) | None => {}
                },
            }
        }
    }

    fn take_line(&mut self, line: &[u8]) {
        if let Some(prompt) = PlainPrompt::read(line) {
            return self.echo(prompt);
        }
        self.take(request::read(line));
        self.output.flush();
    }

    /// The whole of a turn that only echoes, in one write.
    fn echo(&mut self, prompt: PlainPrompt<'_>) {
        if prompt.identity.is_some_and(|id| !self.store.is_new(id)) {
            return;
        }
        self.store
            .append(prompt.identity.as_slice(), prompt.escaped);
        let identity = prompt.identity.filter(|_| self.habits.lifecycle);
        if let Some(identity) = identity {
            self.output.lifecycle(identity, "queued");
        }
        background::tell_of_stale_task(self);
        if let Some(identity) = identity {
            self.output.lifecycle(identity, "started");
        }
        self.open_turn();
        let block = [r#"{"type":"text","text":"echo: "#, prompt.escaped, "\"}"];
        if self.command_line.partial_messages {
            self.output
                .deltas_of("text", "text", &["echo: ", prompt.escaped]);
        }
        self.output.assistant(&block, "");
        self.output.result(&Ending {
            whose: &turn::whose(self, identity.as_slice()),
            ..Ending::good(&["echo: ", prompt.escaped])
        });
        self.last_turn_failed = false;
        if let Some(identity) = identity {
            self.output.lifecycle(identity, "completed");
        }
        self.output.flush();
    }

    /// `system/init`, which Claude Code repeats in every turn.
    pub(crate) fn open_turn(&mut self) {
        if !self.habits.init_once || !self.initialised {
            self.output.init();
        }
        self.initialised = true;
    }

    /// Takes what arrives between two turns, or in one; true if it is an interrupt.
    fn take(&mut self, request: Request) -> Option<Wake> {
        match request {
            Request::Prompt(prompt) => self.enqueue(prompt),
            Request::Control(id, body) => return self.control(&id, &body),
            Request::Answer(answer) => return Some(Wake::Answer(answer)),
            Request::Nothing => {}
            Request::Unknown(kind) if !self.habits.lifecycle => fail(&format!(
                "Error: Expected message type 'user' or 'control', got '{kind}'"
            )),
            Request::Unknown(_) => {}
            Request::Fatal(message) => fail(&message),
        }
        None
    }

    fn enqueue(&mut self, prompt: Prompt) {
        let identity = prompt.identity.as_ref();
        if identity.is_some_and(|id| !self.store.is_new(id)) {
            return;
        }
        if let Some(identity) = identity.filter(|_| self.habits.lifecycle) {
            self.output.lifecycle(identity, "queued");
        }
        self.waiting.push_back(prompt);
    }

    fn control(&mut self, id: &str, body: &Value) -> Option<Wake> {
        match body["subtype"].as_str().unwrap_or_default() {
            "initialize" if is_set("STAND_IN_REFUSE_HOOKS") && body["hooks"].is_object() => {
                self.output.control_error(id, "hooks are not supported");
            }
            "initialize" if self.habits.answers_handshake => self.answer_initialize(id, body),
            "initialize" => {}
            "interrupt" => {
                if let Some(question) = self.open_question.take() {
                    self.output.withdrawal(&question);
                }
                let receipt = self.habits.lifecycle.then_some(r#"{"still_queued":[]}"#);
                self.output.control_success(id, receipt);
                return Some(Wake::Interrupted);
            }
            "set_permission_mode" | "set_model" => self.output.control_success(id, Some("{}")),
            // The old versions never answer what they do not know.
            other if self.habits.lifecycle => {
                let error = format!("Unsupported control request subtype: {other}");
                self.output.control_error(id, &error);
            }
            _ => {}
        }
        None
    }

    fn answer_initialize(&mut self, id: &str, body: &Value) {
        let hook = &body["hooks"]["PreToolUse"][0]["hookCallbackIds"][0];
        self.before_tools = hook.as_str().map(str::to_owned);
        let hook = &body["hooks"]["PostToolUse"][0]["hookCallbackIds"][0];
        self.after_tools = hook.as_str().map(str::to_owned);
        let pid = std::process::id();
        let response = format!(
            r#"{{"commands":[],"agents":[],"output_style":"default","available_output_styles":["default"],"models":[],"account":{{}},"pid":{pid},"claude_code_version":"2.1.330","session_state":"idle"}}"#
        );
        self.output.control_success(id, Some(&response));
    }

    /// Works until `until`, or for ever, and takes what arrives meanwhile.
    pub(crate) fn wait(&mut self, until: Option<Instant>) -> Wake {
        self.output.flush();
        loop {
            let Some(incoming) = self.input.next(until) else {
                return Wake::TimeUp;
            };
            let wake = self.take_incoming(incoming);
            self.output.flush();
            if let Some(wake) = wake {
                return wake;
            }
        }
    }

    /// Looks whether an interrupt has come, without waiting for one.
    pub(crate) fn is_interrupted(&mut self) -> bool {
        while let Some(incoming) = self.input.at_hand() {
            if let Some(Wake::Interrupted) = self.take_incoming(incoming) {
                return true;
            }
        }
        false
    }

    fn take_incoming(&mut self, incoming: Incoming) -> Option<Wake> {
        match incoming {
            Incoming::Line(line) => self.take(request::read(&line)),
            Incoming::EndOfInput => {
                self.input_ended = true;
                Some(Wake::InputEnded)
            }
            Incoming::ToolEnded { output, succeeded } => {
                Some(Wake::ToolEnded { output, succeeded })
            }
        }
    }

    /// Does what was put off, each when it is due.
    fn catch_up(&mut self) {
        while let Some(postponed) = self.postponed.pop_front() {
            while !matches!(self.wait(Some(postponed.due)), Wake::TimeUp) {}
            turn::take_postponed(self, postponed.kind);
            self.output.flush();
        }
    }

    /// Claude Code 2.1 merges the prompts that waited into one turn; 2.0 takes one after another.
    fn take_waiting_turn(&mut self) -> bool {
        let count = match self.waiting.len() {
            0 => return false,
            all if self.habits.lifecycle => all,
            _ => 1,
        };
        let prompts: Vec<Prompt> = self.waiting.drain(..count).collect();
        turn::take(self, &prompts);
        true
    }
}

fn init_line(command_line: &CommandLine) -> String {
    let cwd = std::env::current_dir().unwrap_or_default();
    let offered = [
        "Task", "Bash", "Edit", "Glob", "Grep", "Read", "WebFetch", "Write",
    ];
    let disallowed = &command_line.disallowed_tools;
    let tools = offered
        .iter()
        .filter(|tool| !disallowed.iter().any(|name| name == *tool));
    let capabilities = if std::env::var("STAND_IN_LIFECYCLE").as_deref() == Ok("0") {
        ""
    } else {
        r#""capabilities":["interrupt_receipt_v1","msg_lifecycle_v1"],"#
    };
    format!(
        r#"{{"type":"system","subtype":"init","cwd":"{}","tools":{},"mcp_servers":[],"model":"{}","permissionMode":"{}","slash_commands":["compact","context","cost"],"apiKeySource":"none","claude_code_version":"{}","output_style":"default","agents":["general-purpose"],"skills":[],"plugins":[],{capabilities}"#,
        escape(&cwd.to_string_lossy()),
        Value::from_iter(tools.copied()),
        escape(&command_line.model),
        command_line.permission_mode,
        std::env::var("STAND_IN_VERSION")
            .as_deref()
            .unwrap_or("2.1.330"),
    )
}
