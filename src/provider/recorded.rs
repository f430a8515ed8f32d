//! Recorded dialogues with real agents that speak JSON-RPC, played against our side of them.
//!
//! `tests/golden/<agent>-<version>/<scenario>.jsonl` holds what was written (`in`) and what the agent
//! said (`out`); long lists are cut. The recorded client's prompts and interrupts are ours here; what
//! it asked otherwise, and we do not, is left out with its answer. `<scenario>.expected` lists what
//! the output decodes to. What lies below `tests/golden/replayed` is all else that was recorded of the
//! agent, shortened further, and is played without a list. After an intended change run the tests once with `HOTPLEX_WRITE_GOLDEN=1`
//! and read the difference before it is committed.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Value, json};

use super::Protocol;
use super::lines::LineProtocol;
use super::listing::listed;
use crate::event::TurnId;
use crate::message::Message;

#[derive(Deserialize)]
pub(super) struct Recorded {
    dir: String,
    line: String,
}

impl Recorded {
    /// What was written to the agent, if this was.
    pub(super) fn input(&self) -> Option<&str> {
        (self.dir == "in").then_some(self.line.as_str())
    }
}

/// What is particular to the recordings of one protocol.
pub(super) trait Dialogues {
    type Protocol: Protocol + LineProtocol;

    /// How the names of their folders begin.
    const FOLDERS: &'static str;
    /// Methods of the recorded client.
    const PROMPT: &'static str;
    const INTERRUPT: &'static str;

    /// Our side, for this recording.
    fn protocol(recording: &Path, lines: &[Recorded]) -> Self::Protocol;

    /// Makes an answer to the recorded client's `method` one to us; says which of our methods it
    /// answers.
    fn adapt<'a>(method: &'a str, answer: &mut Value, ours: &HashMap<String, u64>) -> &'a str;
}

/// What a line of output means.
pub(super) fn decoded(protocol: &mut impl LineProtocol, line: impl AsRef<[u8]>) -> Vec<Message> {
    let mut messages = Vec::new();
    protocol.decode(line.as_ref(), &mut messages);
    messages
}

/// What was written, as JSON.
pub(super) fn written(bytes: &[u8]) -> Vec<Value> {
    let lines = bytes.split(|byte| *byte == b'\n');
    let lines = lines.filter(|line| !line.is_empty());
    lines
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect()
}

/// What is to be written meanwhile, as JSON.
pub(super) fn replies(messages: &[Message]) -> Vec<Value> {
    let replies = messages.iter().filter_map(|message| match message {
        Message::Reply(bytes) => Some(written(bytes)),
        _ => None,
    });
    replies.flatten().collect()
}

const LISTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden");
const REPLAYED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/replayed");

fn all_recordings<D: Dialogues>() -> Vec<PathBuf> {
    let replayed = recordings::<D>(REPLAYED);
    assert!(!replayed.is_empty(), "{REPLAYED} has none");
    recordings::<D>(LISTED)
        .into_iter()
        .chain(replayed)
        .collect()
}

fn recordings<D: Dialogues>(root: &str) -> Vec<PathBuf> {
    let folders = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let folders = folders.filter(|path| name_of(path).starts_with(D::FOLDERS));
    let files = folders.flat_map(|folder| fs::read_dir(folder).unwrap());
    let files = files.map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> = files
        .filter(|path| path.extension().is_some_and(|name| name == "jsonl"))
        .collect();
    found.sort();
    found
}

pub(super) fn name_of(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

fn lines_of(recording: &Path) -> Vec<Recorded> {
    let text = fs::read_to_string(recording).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Plays our part of a recorded dialogue.
struct Replay<D: Dialogues> {
    protocol: D::Protocol,
    /// The number of our last request of each method.
    ours: HashMap<String, u64>,
    /// The method of each request of the recorded client.
    theirs: HashMap<u64, String>,
    turns: u64,
}

impl<D: Dialogues> Replay<D> {
    fn new(recording: &Path, lines: &[Recorded]) -> Replay<D> {
        Replay {
            protocol: D::protocol(recording, lines),
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
            Some(prompt) if prompt == D::PROMPT => {
                self.turns += 1;
                self.protocol
                    .write_prompt(TurnId(self.turns), "p", &mut out);
            }
            Some(interrupt) if interrupt == D::INTERRUPT => {
                self.protocol.interrupt(&mut out);
            }
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
        let method = D::adapt(self.theirs.get(&id)?, &mut output, &self.ours);
        output["id"] = json!(self.ours.get(method)?);
        Some(output.to_string())
    }

    fn play(&mut self, line: &Recorded) -> Vec<Message> {
        if let Some(input) = line.input() {
            self.play_input(input);
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

fn events<D: Dialogues>(recording: &Path) -> String {
    let lines = lines_of(recording);
    let mut replay = Replay::<D>::new(recording, &lines);
    let mut events = String::new();
    for (index, line) in lines.iter().enumerate() {
        for message in listed(&replay.play(line)) {
            events.push_str(&format!("{} {message}\n", index + 1));
        }
    }
    events
}

/// Each of at least `fewest` recordings decodes to the events listed beside it.
pub(super) fn assert_listed<D: Dialogues>(fewest: usize) {
    let recordings = recordings::<D>(LISTED);
    assert!(recordings.len() >= fewest, "{recordings:?}");
    for recording in recordings {
        assert_is_listed(&recording, &events::<D>(&recording));
    }
}

/// The events of a recording are those listed beside it.
pub(super) fn assert_is_listed(recording: &Path, events: &str) {
    let listing = recording.with_extension("expected");
    if std::env::var_os("HOTPLEX_WRITE_GOLDEN").is_some() {
        fs::write(&listing, events).unwrap();
    }
    let expected = fs::read_to_string(&listing).unwrap_or_default();
    let mut pairs = events.lines().zip(expected.lines());
    let differing = pairs.find(|(is, should)| is != should);
    assert_eq!(differing, None, "{}", listing.display());
    let lengths = (events.lines().count(), expected.lines().count());
    assert_eq!(lengths.0, lengths.1, "{}", listing.display());
}

/// A line that is cut is told as it came; what follows is decoded as ever.
pub(super) fn assert_cut_lines_are_told<D: Dialogues>() {
    for recording in all_recordings::<D>() {
        let lines = lines_of(&recording);
        let mut replay = Replay::<D>::new(&recording, &lines);
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
                // What was due since something was written comes before it, and what follows behind it.
                assert!(told.contains(&expected), "{told:?}");
            }
            replay.play(line);
        }
    }
}

/// Random wrong bytes in each line never panic.
pub(super) fn assert_wrong_bytes_never_panic<D: Dialogues>() {
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random % below as u64) as usize
    };
    for recording in all_recordings::<D>() {
        let lines = lines_of(&recording);
        let mut replay = Replay::<D>::new(&recording, &lines);
        for line in &lines {
            replay.play(line);
            let mut output = line.line.clone().into_bytes();
            for _ in 0..5 {
                let at = next(output.len());
                output[at] = next(256) as u8;
                decoded(&mut replay.protocol, &output);
            }
        }
    }
}
