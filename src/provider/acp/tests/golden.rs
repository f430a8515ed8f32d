//! Recorded dialogues with real agents give the events listed beside them.
//!
//! `tests/golden/acp-<agent>-<version>/<scenario>.jsonl` holds what was written (`in`) and what the
//! agent said (`out`); long lists are cut. The recorded client's prompts and interrupts are ours
//! here; what it asked otherwise, and we do not, is left out with its answer. `<scenario>.expected`
//! lists what the output decodes to. After an intended change run the tests once with
//! `HOTPLEX_WRITE_GOLDEN=1` and read the difference before it is committed.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Value, json};

use super::{decoded, new_protocol, replies, wanted, written};
use crate::event::TurnId;
use crate::message::{Conversation, Message};
use crate::provider::Protocol;
use crate::provider::acp::protocol::AcpProtocol;
use crate::provider::listing::listed;
use crate::provider::permission::Mode;

#[derive(Deserialize)]
struct Recorded {
    dir: String,
    line: String,
}

fn recordings() -> Vec<PathBuf> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden"));
    let folders = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let is_acp = |path: &PathBuf| {
        path.file_name()
            .unwrap()
            .to_string_lossy()
            .starts_with("acp-")
    };
    let files = folders
        .filter(is_acp)
        .flat_map(|folder| fs::read_dir(folder).unwrap());
    let files = files.map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> = files
        .filter(|path| path.extension().is_some_and(|name| name == "jsonl"))
        .collect();
    found.sort();
    found
}

fn lines_of(recording: &Path) -> Vec<Recorded> {
    let text = fs::read_to_string(recording).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Plays our part of a recorded dialogue.
struct Replay {
    protocol: AcpProtocol,
    /// The number of our last request of each method.
    ours: HashMap<String, u64>,
    /// The method of each request of the recorded client.
    theirs: HashMap<u64, String>,
    turns: u64,
}

impl Replay {
    fn new(recording: &Path, lines: &[Recorded]) -> Replay {
        let folder = recording
            .parent()
            .unwrap()
            .file_name()
            .unwrap()
            .to_string_lossy();
        let inputs = || lines.iter().filter(|line| line.dir == "in");
        let resumed = inputs().find(|line| line.line.contains("\"session/load\""));
        let first = inputs().find(|line| line.line.contains("\"session/new\""));
        let conversation = match (first, resumed) {
            (None, Some(line)) => {
                let request: Value = serde_json::from_str(&line.line).unwrap();
                Conversation::Resume(request["params"]["sessionId"].as_str().unwrap().to_owned())
            }
            _ => Conversation::New("n".to_owned()),
        };
        let sets_mode = inputs().any(|line| line.line.contains("session/set_mode"));
        let is_claude = folder.contains("claude-agent-acp") && sets_mode;
        let name = if is_claude { "claude-agent-acp" } else { "acp" };
        Replay {
            protocol: new_protocol(name, Mode::Default, wanted(conversation)),
            ours: HashMap::new(),
            theirs: HashMap::new(),
            turns: 0,
        }
    }

    fn note(&mut self, requests: Vec<Value>) {
        for request in requests {
            if let (Some(id), Some(method)) = (request["id"].as_u64(), request["method"].as_str()) {
                self.ours.insert(method.to_owned(), id);
            }
        }
    }

    fn play_input(&mut self, line: &str) {
        let Ok(input) = serde_json::from_str::<Value>(line) else {
            return;
        };
        let mut out = Vec::new();
        let method = input["method"].as_str();
        match method {
            Some("initialize") => self.protocol.write_handshake(&mut out),
            Some("session/prompt") => {
                self.turns += 1;
                self.protocol
                    .write_prompt(TurnId(self.turns), "p", &mut out);
            }
            Some("session/cancel") => drop(self.protocol.interrupt(&mut out)),
            _ => {}
        }
        if let (Some(method), Some(id)) = (method, input["id"].as_u64()) {
            self.theirs.insert(id, method.to_owned());
        }
        self.note(written(&out));
    }

    /// What the agent said, with the numbers of our own requests; `None` for the answer to a request
    /// that is not ours.
    fn renumbered(&self, line: &str) -> Option<String> {
        let Ok(mut output) = serde_json::from_str::<Value>(line) else {
            return Some(line.to_owned());
        };
        let is_answer = output.get("method").is_none();
        let Some(id) = output["id"].as_u64().filter(|_| is_answer) else {
            return Some(line.to_owned());
        };
        let method = match self.theirs.get(&id)?.as_str() {
            // Ours is one of the two, whichever the agent has.
            "session/load" if self.ours.contains_key("session/resume") => "session/resume",
            method => method,
        };
        output["id"] = json!(self.ours.get(method)?);
        Some(output.to_string())
    }

    fn play(&mut self, line: &Recorded) -> Vec<Message> {
        if line.dir == "in" {
            self.play_input(&line.line);
            return Vec::new();
        }
        let Some(output) = self.renumbered(&line.line) else {
            return Vec::new();
        };
        let messages = decoded(&mut self.protocol, output);
        self.note(replies(&messages));
        messages
    }
}

fn events(recording: &Path) -> String {
    let lines = lines_of(recording);
    let mut replay = Replay::new(recording, &lines);
    let mut events = String::new();
    for (index, line) in lines.iter().enumerate() {
        for message in listed(&replay.play(line)) {
            events.push_str(&format!("{} {message}\n", index + 1));
        }
    }
    events
}

#[test]
fn recorded_dialogues_decode_to_the_listed_events() {
    let recordings = recordings();
    assert!(recordings.len() >= 16, "{recordings:?}");
    for recording in recordings {
        let listing = recording.with_extension("expected");
        let events = events(&recording);
        if std::env::var_os("HOTPLEX_WRITE_GOLDEN").is_some() {
            fs::write(&listing, &events).unwrap();
        }
        let expected = fs::read_to_string(&listing).unwrap_or_default();
        let differing = events
            .lines()
            .zip(expected.lines())
            .find(|(is, should)| is != should);
        assert_eq!(differing, None, "{}", listing.display());
        let lengths = (events.lines().count(), expected.lines().count());
        assert_eq!(lengths.0, lengths.1, "{}", listing.display());
    }
}

/// A line that is cut is told as it came; what follows is decoded as ever.
#[test]
fn a_recorded_dialogue_cut_anywhere_never_panics_and_loses_nothing() {
    for recording in recordings() {
        let lines = lines_of(&recording);
        let mut replay = Replay::new(&recording, &lines);
        for line in &lines {
            let output = line.line.as_bytes();
            let step = 1 + output.len() / 8;
            for end in (1..output.len()).step_by(step) {
                let cut = String::from_utf8_lossy(&output[..end]);
                if serde_json::from_str::<Value>(&cut).is_ok() {
                    continue;
                }
                let told = listed(&decoded(&mut replay.protocol, &output[..end]));
                let expected = format!("notice warning not_json {cut:?}");
                assert_eq!(told, [expected]);
            }
            replay.play(line);
        }
    }
}

#[test]
fn wrong_bytes_never_panic() {
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random % below as u64) as usize
    };
    for recording in recordings() {
        let lines = lines_of(&recording);
        let mut replay = Replay::new(&recording, &lines);
        for line in &lines {
            replay.play(line);
            let mut output = line.line.clone().into_bytes();
            for _ in 0..20 {
                let at = next(output.len());
                output[at] = next(256) as u8;
                decoded(&mut replay.protocol, &output);
            }
        }
    }
}
