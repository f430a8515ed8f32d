//! A stand-in for Claude Code that speaks its stream-json and misbehaves when told to.
//!
//! Without commands it echoes: a prompt `hello` is answered with `echo: hello`. A prompt with
//! lines that start with `!` is a script, and the lines are carried out in order. A prompt whose
//! last line is `history` is answered with `history: N`, N being the turns the conversation had. A
//! prompt under a `uuid` that the conversation has had is swallowed without a word, as Claude Code
//! 2.0.76 and 2.1.330 were seen to do.
//!
//! | line | what it does |
//! |---|---|
//! | `!text T`, `!think T` | a finished answer or thought |
//! | `!stream N BYTES [MS]` | N answers of BYTES bytes, MS milliseconds apart |
//! | `!delta N MS` | one answer in N deltas `w0 `, `w1 `, ... MS milliseconds apart |
//! | `!flood N SIZE` | N answers of SIZE bytes as fast as the pipe takes them |
//! | `!line N` | one answer of N bytes |
//! | `!raw LINE`, `!bytes HEX` | the line, or the bytes without a newline, as they are |
//! | `!file PATH` | what is in the file, as it is |
//! | `!stderr N SIZE`, `!stderr-line N` | N lines of SIZE bytes, or one of N bytes, on stderr |
//! | `!sleep MS` | works for so long; obeys an interrupt |
//! | `!hang`, `!hang-soft` | works for ever, deaf to everything or obeying an interrupt |
//! | `!die CODE`, `!signal N`, `!half` | ends in the turn: by exit, by signal, in half a line |
//! | `!die-after` | ends with status 0 straight after the turn |
//! | `!double-result` | ends the turn twice |
//! | `!ends-as KIND`, `!ends-unterminated` | ends the turn by a kind of failure, or without a newline, and then itself |
//! | `!mangle-end KIND`, `!mangle-asks KIND` | writes the end of the turn, or what it asks from then on, as [`mangled`] says |
//! | `!plan N`, `!sub-agents N` | tells a plan of N entries; has sub-agents call one another, N deep |
//! | `!elicit-beside CMD` | asks the user something, and for leave to run CMD while that is open |
//! | `!re-exec`, `!re-exec-now` | starts its own program in its place, after the turn or in it |
//! | `!late MS TEXT` | waits for an interrupt; MS later says TEXT and ends the turn |
//! | `!late-after-result MS TEXT` | waits for an interrupt and ends the turn; MS later, and before any other turn, says TEXT and writes a second result |
//! | `!self-turn MS` | MS after this turn, and before any other, takes a turn nobody asked for |
//! | `!stop-reading` | never reads stdin again once this turn is over |
//! | `!sigstop` | stops itself by SIGSTOP |
//! | `!close-stdout` | closes its stdout, and lives on without a word |
//! | `!leave-group` | goes over to another process group, leaves a child in its own, and says no more |
//! | `!tool NAME JSON` | calls a tool, asking first where the real one would; the result shows the input it ran with |
//! | `!bash CMD` | the same with the Bash tool, which really runs CMD in a session of its own |
//! | `!replaced CMD => OTHER` | asks about CMD with the Bash tool, and tells that OTHER has run; runs nothing |
//! | `!tools-array` | a tool result whose content is a list |
//! | `!withdraw MS` | asks for permission and takes the question back after so long |
//! | `!background [MS]` | starts a task in the background, which ends MS after the turn, or never |
//! | `!ask-later MS NAME` | MS after this turn, and before any other, asks for permission and says in a turn of its own what it was told |
//! | `!clear` | forgets the conversation and begins another one, under another name |
//! | `!child CMD`, `!child-stdout CMD`, `!setsid CMD` | leaves a child: in its group, holding its stdout, in a session of its own |
//! | `!status CODE`, `!retry N` | ends with an API error; N announcements of a retry |
//! | `!ignore-term` | is deaf to SIGTERM from the end of this turn on |
//! | `!no-exit-on-eof` | stays when stdin ends |
//! | `!print-env NAME`, `!pid`, `!cwd`, `!args`, `!fds`, `!masks` | answers with what it sees of itself |
//!
//! Rust's runtime ignores SIGPIPE before `main`, so `!masks` tells that of itself; what a child
//! starts with is shown by `with_masks.sh` beside this directory.
//!
//! | variable | what it does |
//! |---|---|
//! | `STAND_IN_STORE=DIR` | conversations are kept there, and `--session-id` and `--resume` mean what they mean to Claude Code |
//! | `STAND_IN_LIFECYCLE=0` | behaves as 2.0.76: no `command_lifecycle`, waiting prompts answered one by one, an interrupted turn is no error |
//! | `STAND_IN_VERSION=X` | says that it is of this version, and not of 2.1.330 |
//! | `STAND_IN_INIT=once` | `system/init` in the first turn only; saves a line a turn in benchmarks |
//! | `STAND_IN_STALE=1` | in a resumed conversation, before its first turn, ends something of its own as 2.1.330 does; `unsigned` without saying that it was its own |
//! | `STAND_IN_BOOT_MS=N` | does nothing at all for so long after the start |
//! | `STAND_IN_GREETING=TEXT` | says TEXT on stdout before anything else |
//! | `STAND_IN_FAIL=TEXT` | ends at the start with status 1 and TEXT on stderr |
//! | `STAND_IN_FAILS=FILE` | the above for as many starts as FILE has bytes; each takes one away |
//! | `STAND_IN_NO_HANDSHAKE=1` | never answers `initialize` |
//! | `STAND_IN_REFUSE_RESUME=TEXT` | takes no conversation up, for this reason |
//! | `STAND_IN_REFUSE_HOOKS=1` | answers an `initialize` that brings hooks with an error |
//! | `STAND_IN_NO_HOOKS=1` | takes hooks and never calls them |
//! | `STAND_IN_IGNORE_TERM=1`, `STAND_IN_IGNORE_EOF=1` | deaf to SIGTERM, to the end of stdin |
//!
//! With `--speak acp`, `opencode`, `codex-acp`, `claude-agent-acp`, `gemini` or `codex` it speaks as that instead, and knows other commands:
//! see [`json_rpc`]. With `--speak aider` it writes text as aider does: see [`aider`].

mod agent;
mod aider;
mod background;
mod children;
mod command_line;
mod commands;
mod hook;
mod input;
mod inspection;
mod json_rpc;
mod mangled;
mod misbehaviour;
mod odd;
mod output;
mod request;
mod speech;
mod store;
mod tools;
mod turn;

use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::process::exit;
use std::time::{Duration, Instant};

use command_line::{CommandLine, Conversation};
use store::{Refusal, Store};

/// Says it on stderr and ends the process the way Claude Code does.
pub(crate) fn fail(message: &str) -> ! {
    let _ = writeln!(std::io::stderr(), "{message}");
    exit(1)
}

/// True if the variable is there, whatever its value.
pub(crate) fn is_set(variable: &str) -> bool {
    std::env::var_os(variable).is_some()
}

fn main() {
    if is_set("STAND_IN_IGNORE_TERM") {
        misbehaviour::become_deaf_to_term(std::env::args().skip(1));
    }
    boot();
    if let Some(greeting) = std::env::var_os("STAND_IN_GREETING") {
        let mut out = std::io::stdout().lock();
        let _ = out
            .write_all(greeting.as_bytes())
            .and_then(|()| out.flush());
    }
    if let Ok(message) = std::env::var("STAND_IN_FAIL")
        && !misbehaviour::is_enough_of_it("STAND_IN_FAILS")
    {
        fail(&message);
    }
    if aider::is_wanted(std::env::args()) {
        aider::become_it();
    }
    if let Some(dialect) = json_rpc::Dialect::of(std::env::args()) {
        json_rpc::serve(dialect);
    }
    let command_line = match command_line::read(std::env::args().skip(1)) {
        Ok(command_line) => command_line,
        Err(message) => fail(&message),
    };
    if let (Ok(why), Conversation::Resumed(_)) = (
        std::env::var("STAND_IN_REFUSE_RESUME"),
        &command_line.conversation,
    ) {
        fail(&why);
    }
    let store = match Store::open(&command_line.conversation) {
        Ok(store) => store,
        Err(refusal) => refuse(&command_line, &refusal),
    };
    let status = agent::Agent::new(command_line, store).serve();
    exit(status)
}

/// A slow start. Parking may end early, so the clock decides.
fn boot() {
    let wanted = std::env::var("STAND_IN_BOOT_MS").ok();
    let milliseconds = wanted.and_then(|text| text.parse().ok()).unwrap_or(0);
    let ready = Instant::now() + Duration::from_millis(milliseconds);
    while Instant::now() < ready {
        std::thread::park_timeout(ready.saturating_duration_since(Instant::now()));
    }
}

fn refuse(command_line: &CommandLine, refusal: &Refusal) -> ! {
    let id = command_line.conversation.id();
    match refusal {
        Refusal::InUse => fail(&format!("Error: Session ID {id} is already in use.")),
        Refusal::NotFound => {
            let message = format!("No conversation found with session ID: {id}");
            let mut output = output::Output::new(id, &command_line.model, String::new());
            output.refused(&message);
            output.flush();
            fail(&message)
        }
    }
}
