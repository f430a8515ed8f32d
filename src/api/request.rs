//! What a caller asks for: one turn of one session, or spares for sessions to come.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::config::read_object;
use crate::error::Error;
use crate::project::Project;

/// One turn: which session, where, and the prompt.
///
/// ```
/// use std::time::Duration;
///
/// let request = hotplex::Request::new("user-123", "/srv/checkouts/user-123", "what changed?")
///     .task_system_prompt("answer in one sentence")
///     .turn_timeout(Duration::from_secs(60));
/// # let _ = request;
/// ```
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is executed"]
pub struct Request {
    pub(crate) session_id: String,
    pub(crate) work: WarmUp,
    pub(crate) prompt: String,
    pub(crate) task_system_prompt: Option<String>,
    pub(crate) turn_timeout: Option<Duration>,
    pub(crate) tag: u64,
}

/// The same object as the C ABI's config of a turn.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestJson {
    session_id: String,
    work_dir: PathBuf,
    task_system_prompt: Option<String>,
    model: Option<String>,
    project: Option<Project>,
    turn_timeout_ms: Option<u64>,
    tag: Option<u64>,
}

impl Request {
    /// A turn of `session_id` with its agent in `work_dir`, which is made if it is missing. A
    /// relative one starts from the directory that the engine was opened in.
    ///
    /// A session keeps its work directory, model and level of the project while it has a process.
    pub fn new(
        session_id: impl Into<String>,
        work_dir: impl Into<PathBuf>,
        prompt: impl Into<String>,
    ) -> Request {
        Request {
            session_id: session_id.into(),
            work: WarmUp::new(work_dir),
            prompt: prompt.into(),
            task_system_prompt: None,
            turn_timeout: None,
            tag: 0,
        }
    }

    /// A turn from the JSON object that the C ABI takes: `session_id`, `work_dir` and, if wanted,
    /// `task_system_prompt`, `model`, `project`, `turn_timeout_ms`, `tag`.
    ///
    /// # Errors
    /// `InvalidArgument` for anything else, with the place.
    pub fn from_json(config: &str, prompt: impl Into<String>) -> Result<Request, Error> {
        let config: RequestJson = read_object("config", config)?;
        let mut request = Request::new(config.session_id, config.work_dir, prompt);
        request.task_system_prompt = config.task_system_prompt;
        request.work.model = config.model;
        request.work.project = config.project;
        request.turn_timeout = config.turn_timeout_ms.map(Duration::from_millis);
        request.tag = config.tag.unwrap_or_default();
        Ok(request)
    }

    /// Instructions for this turn alone; they are put before the prompt as `[instructions]`.
    pub fn task_system_prompt(mut self, instructions: impl Into<String>) -> Request {
        self.task_system_prompt = Some(instructions.into());
        self
    }

    /// The model of the session's process, instead of the engine's.
    pub fn model(mut self, model: impl Into<String>) -> Request {
        self.work = self.work.model(model);
        self
    }

    /// How much of the project the session's agent obeys, instead of the engine's level.
    pub fn project(mut self, project: Project) -> Request {
        self.work = self.work.project(project);
        self
    }

    /// How long the agent may work on this turn, instead of the engine's limit; zero for no limit.
    pub fn turn_timeout(mut self, limit: Duration) -> Request {
        self.turn_timeout = Some(limit);
        self
    }

    /// A number of the caller's own that comes back in [`Event::tag`](crate::Event::tag) of every
    /// event of the turn: the first of them may come before the caller knows the turn's number.
    pub fn tag(mut self, tag: u64) -> Request {
        self.tag = tag;
        self
    }

    /// Refuses what no agent could do anything with.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.prompt.trim().is_empty() {
            return Err(Error::invalid("the prompt is empty"));
        }
        self.work.check()
    }

    /// The text the agent gets. The form of the prefix is that of the Go hotplex 0.6.1.
    pub(crate) fn full_prompt(&self) -> String {
        match self.task_system_prompt.as_deref() {
            None | Some("") => self.prompt.clone(),
            Some(instructions) => format!("[{instructions}]\n\n{}", self.prompt),
        }
    }
}

/// What a spare is started with: any new session with the same work directory, model and level of
/// the project may take it.
#[derive(Clone, Debug)]
#[must_use = "it does nothing until it is given to prewarm"]
pub struct WarmUp {
    pub(crate) work_dir: PathBuf,
    pub(crate) model: Option<String>,
    pub(crate) project: Option<Project>,
}

/// The same object as the C ABI's prewarm takes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WarmUpJson {
    work_dir: PathBuf,
    model: Option<String>,
    project: Option<Project>,
}

impl WarmUp {
    /// Spares with their agent in `work_dir`, which is made if it is missing.
    pub fn new(work_dir: impl Into<PathBuf>) -> WarmUp {
        WarmUp {
            work_dir: work_dir.into(),
            model: None,
            project: None,
        }
    }

    /// From the JSON object that the C ABI takes: `work_dir` and, if wanted, `model` and
    /// `project`.
    ///
    /// # Errors
    /// `InvalidArgument` for anything else, with the place.
    pub fn from_json(config: &str) -> Result<WarmUp, Error> {
        let config: WarmUpJson = read_object("config", config)?;
        Ok(WarmUp {
            work_dir: config.work_dir,
            model: config.model,
            project: config.project,
        })
    }

    /// The model of the spares, instead of the engine's.
    pub fn model(mut self, model: impl Into<String>) -> WarmUp {
        self.model = Some(model.into());
        self
    }

    /// How much of the project the spares obey, instead of the engine's level.
    pub fn project(mut self, project: Project) -> WarmUp {
        self.project = Some(project);
        self
    }

    /// The model becomes an argument of a program, and those end at a NUL.
    pub(crate) fn check(&self) -> Result<(), Error> {
        match &self.model {
            Some(model) if model.is_empty() || model.contains('\0') || model.len() > 1024 => Err(
                Error::invalid("model is empty, longer than 1024 bytes or has a NUL"),
            ),
            _ => Ok(()),
        }
    }
}
