//! What a scenario finds inside: a model server, directories of its own, and engines that run a
//! release of Claude Code.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hotplex::{Engine, EngineBuilder, InheritEnv, Jail};

use crate::common::{self, Played, Stage};
use crate::install::Release;
use crate::model_server::ModelServer;

/// Whether all that is played in one setting by default is played in every one, which takes half an hour:
/// `make test-hostile`.
pub(crate) fn is_whole() -> bool {
    std::env::var_os("HOTPLEX_REAL_WHOLE").is_some()
}

/// Each setting with the jail and without it, or with one of the two in turns if not all is played.
pub(crate) fn with_jails<T: Copy>(settings: &[T]) -> Vec<(T, Jail)> {
    let both = [Jail::Write, Jail::Off];
    let of = |(number, setting): (usize, &T)| match is_whole() {
        true => both.map(|jail| (*setting, jail)).to_vec(),
        false => vec![(*setting, both[number % 2])],
    };
    settings.iter().enumerate().flat_map(of).collect()
}

/// Its stage proves at the end that no process is left, tools in sessions of their own included.
pub(crate) struct Site {
    pub(crate) stage: Stage,
    pub(crate) release: &'static Release,
    home: PathBuf,
    server: ModelServer,
}

impl Site {
    pub(crate) fn new(release: &'static Release) -> Site {
        let stage = Stage::new();
        let home = stage.path("home");
        fs::create_dir_all(&home).expect("a home for the agent");
        let server = ModelServer::start().expect("a model server");
        if ["codex", "codex-acp"].contains(&release.provider) {
            // As its user would have it: which model, and where that is.
            let settings = format!(
                "model_provider = \"mock\"\nmodel = \"gpt-5.5\"\n[model_providers.mock]\nname = \"mock\"\n\
                 base_url = \"{}/v1\"\nenv_key = \"MOCK_KEY\"\nwire_api = \"responses\"\n\
                 request_max_retries = 1\nstream_max_retries = 1\n",
                server.url()
            );
            fs::create_dir_all(home.join(".codex")).expect("a directory for its settings");
            fs::write(home.join(".codex/config.toml"), settings).expect("its settings");
        }
        if release.provider == "gemini" {
            // One look at an error of the model is enough, and nobody is to be told of it.
            let settings =
                r#"{"general":{"maxAttempts":1},"privacy":{"usageStatisticsEnabled":false}}"#;
            fs::create_dir_all(home.join(".gemini")).expect("a directory for its settings");
            fs::write(home.join(".gemini/settings.json"), settings).expect("its settings");
        }
        if release.provider == "opencode" {
            let model = r#"{"name":"Mock 1","tool_call":true,"limit":{"context":100000,"output":8000},"cost":{"input":3,"output":15}}"#;
            let settings = format!(
                r#"{{"model":"mock/mock-1","small_model":"mock/mock-1","provider":{{"mock":{{"npm":"@ai-sdk/anthropic","name":"Mock",
                "options":{{"baseURL":"{}/v1","apiKey":"sk-dummy"}},"models":{{"mock-1":{model}}}}}}}}}"#,
                server.url()
            );
            let directory = home.join(".config/opencode");
            fs::create_dir_all(&directory).expect("a directory for its settings");
            fs::write(directory.join("opencode.json"), settings).expect("its settings");
        }
        Site {
            home,
            stage,
            release,
            server,
        }
    }

    /// An engine to be. The agent sees nothing of the host's environment but the search path, and is
    /// in the jail that every agent is in by default.
    pub(crate) fn builder(&self) -> EngineBuilder {
        let program = self.release.program();
        let quiet = [
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC",
            "DISABLE_AUTOUPDATER",
            "DISABLE_TELEMETRY",
            // Root may bypass permissions only in what calls itself a sandbox; this is one.
            "IS_SANDBOX",
            // The default of 10 makes a failing turn last for minutes.
            "CLAUDE_CODE_MAX_RETRIES",
            "OPENCODE_DISABLE_MODELS_FETCH",
            "OPENCODE_DISABLE_DEFAULT_PLUGINS",
        ];
        let mut options = self.stage.builder().options().clone();
        options.jail_roots.clear();
        let builder = EngineBuilder::from(options)
            .provider(self.release.provider)
            .program(program.program)
            .program_args(program.arguments)
            .inherit_env(InheritEnv::Named(vec!["PATH".to_owned()]))
            .env("HOME", self.home.display().to_string())
            .env("ANTHROPIC_BASE_URL", self.server.url())
            .env("ANTHROPIC_API_KEY", "sk-dummy")
            .env("MOCK_KEY", "sk-dummy")
            .env("GOOGLE_GEMINI_BASE_URL", self.server.url())
            .env("GEMINI_API_KEY", "sk-dummy")
            .env("GEMINI_MODEL", "gemini-2.5-flash")
            // By way of litellm aider speaks to any kind of model server.
            .env("ANTHROPIC_API_BASE", self.server.url())
            .env("AIDER_MODEL", "anthropic/mock-1")
            .env("AIDER_WEAK_MODEL", "anthropic/mock-1")
            .env("NO_BROWSER", "1")
            // Two programs of Node, one behind the other, took half a minute on a busy machine.
            .start_timeout(Duration::from_secs(120));
        quiet
            .iter()
            .fold(builder, |builder, name| builder.env(*name, "1"))
    }

    /// The permission modes in which a scenario is played: the one that asks nobody and one of the others in
    /// turns by the scenario's number, or all of them if the whole is asked for.
    pub(crate) fn modes(&self, number: usize) -> Vec<&'static str> {
        let [first, others @ ..] = self.release.modes else {
            panic!("a release has modes");
        };
        match is_whole() {
            true => self.release.modes.to_vec(),
            false => vec![*first, others[number % others.len()]],
        }
    }

    pub(crate) fn engine(&self) -> Engine {
        self.builder().open().expect("an engine with Claude Code")
    }

    /// A turn that must be answered with exactly this.
    pub(crate) fn ask(&self, engine: &Engine, session: &str, prompt: &str, answer: &str) -> Played {
        let played = self.stage.play(engine, session, prompt);
        played.assert_completed();
        assert_eq!(played.answers(), [answer], "{played:?}");
        played
    }

    /// How many messages the model was sent, this prompt's included.
    pub(crate) fn count_messages(&self, engine: &Engine, session: &str) -> usize {
        let played = self.stage.play(engine, session, "MODEL:count");
        played.assert_completed();
        let answers = played.answers();
        let count = answers
            .iter()
            .find_map(|text| text.strip_prefix("messages: "));
        let count = count.and_then(|count| count.parse().ok());
        count.unwrap_or_else(|| panic!("no count of messages: {played:?}"))
    }

    /// All that the model was sent until now, and forgets it.
    pub(crate) fn take_requests(&self) -> Vec<String> {
        self.server.take_heard()
    }

    /// The agents' home.
    pub(crate) fn home(&self) -> &Path {
        &self.home
    }

    /// Whether a file is in the directory where the agents work.
    pub(crate) fn has_file(&self, name: &str) -> bool {
        self.stage.work_dir().join(name).exists()
    }

    /// Waits until the file is there.
    pub(crate) fn await_file(&self, name: &str) {
        let seen = common::until(common::PATIENCE, || self.has_file(name));
        assert!(seen, "the tool never made {name}");
    }
}
