//! Three turns in one session, streamed, and what each costs cold and hot.
//!
//! ```text
//! cargo run --example quickstart                      whichever agent is there and works, else a stand-in
//! cargo run --example quickstart -- --provider NAME   this one; so does the variable HOTPLEX_PROVIDER
//! cargo run --example quickstart -- PROGRAM [ARG]     this program, whatever it does
//! ```
//!
//! The three prompts are sent twice. First into one session whose agent is kept hot; then each to
//! an agent that is started for it and stopped after it, which is what a program pays that runs
//! the agent once a prompt.

#![allow(clippy::print_stdout, reason = "an example talks to its user")]

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use hotplex::{Engine, EngineOptions, EventKind, Outcome, ProviderInfo, Request, WarmUp};

mod arguments;
#[path = "quickstart/tiny_agent.rs"]
mod tiny_agent;

/// The argument that makes this program its own agent.
const BE_THE_AGENT: &str = "--be-the-agent";

const PROMPTS: [&str; 3] = [
    "Say hello in one short sentence.",
    "Now say it in French, in one short sentence.",
    "Which of the two is longer? Answer in one short sentence.",
];

/// Claude Code was seen to need half a second, and 1.6 s on its first start.
const START_LIMIT: Duration = Duration::from_secs(15);

type Outcomes<T> = Result<T, Box<dyn Error>>;

/// The one whose program does not know `--version`. Any other that says none does not work.
const KNOWS_NO_VERSION: &str = "codex-acp";

/// What one turn took.
#[derive(Clone, Copy)]
struct Times {
    first_words: Duration,
    whole_turn: Duration,
}

fn main() -> Outcomes<()> {
    let mut arguments = std::env::args().skip(1).peekable();
    if arguments.next_if(|word| word == BE_THE_AGENT).is_some() {
        return Ok(tiny_agent::serve()?);
    }
    let provider = arguments::provider(&mut arguments);
    if let Some(program) = arguments.next() {
        println!("Agent: {program}");
        return demonstrate(provider.as_deref(), Some(program), arguments.collect());
    }
    match provider {
        Some(name) => with_provider(&name),
        None => with_whatever_is_there(),
    }
}

fn with_provider(name: &str) -> Outcomes<()> {
    let listed = hotplex::providers()?;
    if let Some(provider) = listed.iter().find(|one| one.name == name) {
        if provider.program.is_none() && !provider.default_program.is_empty() {
            let program = provider.default_program;
            println!("{program} is not on PATH. {}", how_to_install(name));
            return Err(format!("there is no {name}").into());
        }
        introduce(provider);
    }
    demonstrate(Some(name), None, Vec::new())
}

/// An agent that is there may still be of no use: not logged in, no network, no credit.
fn with_whatever_is_there() -> Outcomes<()> {
    let listed = hotplex::providers()?.into_iter();
    let found: Vec<_> = listed.filter(|one| one.program.is_some()).collect();
    if found.is_empty() {
        println!("No agent is on PATH. {}", how_to_install("claude-code"));
    }
    for provider in found {
        if provider.version.is_none() && provider.name != KNOWS_NO_VERSION {
            println!("{} did not answer --version", provider.default_program);
            continue;
        }
        introduce(&provider);
        match demonstrate(Some(provider.name), None, Vec::new()) {
            Ok(()) => return Ok(()),
            Err(error) => println!("\n{} is there but cannot be used: {error}", provider.name),
        }
    }
    with_stand_in()
}

fn introduce(provider: &ProviderInfo) {
    let version = provider
        .version
        .as_deref()
        .unwrap_or("of a version it does not say");
    println!(
        "Agent: {} ({} {version}). This takes six short turns on your account.",
        provider.name, provider.default_program
    );
}

fn how_to_install(provider: &str) -> String {
    let package = match provider {
        "claude-code" => "@anthropic-ai/claude-code",
        "claude-agent-acp" => "@agentclientprotocol/claude-agent-acp",
        "codex" => "@openai/codex",
        "codex-acp" => "@zed-industries/codex-acp",
        "gemini" => "@google/gemini-cli",
        "opencode" => "opencode-ai",
        "aider" => {
            return "Install aider, such as: pipx install aider-chat. See docs/providers.md."
                .to_owned();
        }
        _ => return "See docs/providers.md for how to install one.".to_owned(),
    };
    format!("Install one, such as: npm install -g {package}, and log in. See docs/providers.md.")
}

fn with_stand_in() -> Outcomes<()> {
    let boot = tiny_agent::BOOT.as_millis();
    println!(
        "Agent: a stand-in that this example carries in itself. It is not a model. It takes\n\
         {boot} ms to start on purpose, as a quick agent does."
    );
    let program = std::env::current_exe()?;
    let program = program
        .to_str()
        .ok_or("the path of this program is not UTF-8")?;
    demonstrate(
        None,
        Some(program.to_owned()),
        vec![BE_THE_AGENT.to_owned()],
    )
}

fn demonstrate(
    provider: Option<&str>,
    program: Option<String>,
    arguments: Vec<String>,
) -> Outcomes<()> {
    let scratch = Scratch::new()?;
    let usual = EngineOptions::default();
    let engine = EngineOptions {
        provider: provider.map_or(usual.provider.clone(), str::to_owned),
        program,
        program_args: arguments,
        // A record in the user's own state directory would outlive the demonstration.
        state_dir: Some(scratch.0.join("state")),
        namespace: scratch.0.display().to_string(),
        partial_messages: true,
        // Ten tries at a refused key take over a minute.
        env: BTreeMap::from([("CLAUDE_CODE_MAX_RETRIES".to_owned(), Some("1".to_owned()))]),
        start_timeout: START_LIMIT,
        turn_timeout: Duration::from_secs(60),
        ..usual
    }
    .open()?;
    let times = both_ways(&engine, &scratch.0.join("work"));
    // Closed here and not by the drop: when this returns, no process is left.
    engine.close(Duration::from_secs(5))?;
    let (hot, cold) = times?;
    print_table(&hot, &cold);
    Ok(())
}

fn both_ways(engine: &Engine, work_dir: &Path) -> Outcomes<(Vec<Times>, Vec<Times>)> {
    println!("\nOne session, its agent started ahead and kept hot:");
    wait_for_spare(engine, work_dir)?;
    let mut hot = Vec::new();
    for prompt in PROMPTS {
        println!("\n> {prompt}");
        hot.push(turn(
            engine,
            Request::new("kept-hot", work_dir, prompt),
            true,
        )?);
    }
    println!("\nThe same prompts, an agent started for each:");
    let mut cold = Vec::new();
    for prompt in PROMPTS {
        let request = Request::new("started-each-time", work_dir, prompt);
        let times = turn(engine, request, false)?;
        engine.stop_session("started-each-time", "one process a prompt")?;
        println!("> {prompt} ({} ms)", times.whole_turn.as_millis());
        cold.push(times);
    }
    Ok((hot, cold))
}

/// A real host would not wait: it prewarms long before the first user comes.
fn wait_for_spare(engine: &Engine, work_dir: &Path) -> Outcomes<()> {
    engine.prewarm(&WarmUp::new(work_dir), 1)?;
    let deadline = Instant::now() + START_LIMIT;
    while engine.info()?.ready_spares == 0 {
        if Instant::now() > deadline {
            return Err("the agent did not start in time".into());
        }
        // Nothing tells when a spare is ready, but what goes wrong with one is told here.
        let event = engine
            .background_events()
            .recv_timeout(Duration::from_millis(20));
        if let Ok(EventKind::Notice(notice)) = event.map(|event| event.kind) {
            return Err(notice.text.into());
        }
    }
    Ok(())
}

fn turn(engine: &Engine, request: Request, aloud: bool) -> Outcomes<Times> {
    let began = Instant::now();
    let mut first_words = None;
    for event in engine.execute(request)? {
        match event.kind {
            EventKind::AnswerDelta(text) => {
                first_words.get_or_insert_with(|| began.elapsed());
                show(&text, aloud)?;
            }
            // An agent that streams nothing says it here; otherwise it was shown already.
            EventKind::Answer(text) if first_words.is_none() => {
                first_words = Some(began.elapsed());
                show(&text, aloud)?;
            }
            EventKind::TurnEnd(end) if end.outcome != Outcome::Completed => {
                let reason = end.error.map(|error| error.to_string());
                return Err(reason
                    .unwrap_or_else(|| "the turn failed".to_owned())
                    .into());
            }
            _ => {}
        }
    }
    let whole_turn = began.elapsed();
    show("\n", aloud)?;
    Ok(Times {
        first_words: first_words.unwrap_or(whole_turn),
        whole_turn,
    })
}

fn show(text: &str, aloud: bool) -> std::io::Result<()> {
    if !aloud {
        return Ok(());
    }
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

fn print_table(hot: &[Times], cold: &[Times]) {
    println!("\n           first words           whole turn");
    println!("turn      cold       hot       cold       hot");
    for (number, (cold, hot)) in cold.iter().zip(hot).enumerate() {
        println!(
            "{:>4} {:>6} ms {:>6} ms  {:>6} ms {:>6} ms",
            number + 1,
            cold.first_words.as_millis(),
            hot.first_words.as_millis(),
            cold.whole_turn.as_millis(),
            hot.whole_turn.as_millis(),
        );
    }
    println!("\nThe engine is closed and every process it started is gone.");
}

/// A directory that goes with the demonstration. Not a temporary one: to these every agent may write,
/// and the engine's own files are no agent's.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> std::io::Result<Scratch> {
        let name = format!("hotplex-quickstart-{}", std::process::id());
        let cache = std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache"));
        let directory = cache.unwrap_or_else(std::env::temp_dir).join(name);
        std::fs::create_dir_all(&directory)?;
        Ok(Scratch(directory))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Nothing more can be done about what cannot be removed.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
