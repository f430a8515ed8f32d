//! Recorded dialogues with aider 0.86.2. They were recorded without our part in it, so a mark is put before
//! each prompt of aider's that ends what was said.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::*;
use crate::provider::recorded::assert_is_listed;

#[derive(Deserialize)]
struct Recorded {
    dir: String,
    line: String,
}

fn recordings() -> Vec<(PathBuf, Vec<Recorded>)> {
    let root = Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/golden/aider-0.86.2"
    ));
    let files = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|name| name == "jsonl"));
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
        let lines: Vec<Recorded> = lines.collect();
        (path, lines)
    };
    files.map(read).collect()
}

/// Where a prompt begins that ends this text.
fn prompt_of(text: &str) -> Option<usize> {
    let start = text.strip_suffix("> ")?.rfind('\n').map_or(0, |at| at + 1);
    let name = &text[start..text.len() - 2];
    name.chars()
        .all(|c| c.is_ascii_lowercase() || c == '-')
        .then_some(start)
}

fn play(process: &mut Process, line: &Recorded) -> Vec<String> {
    if line.dir == "in" {
        process.prompt(&line.line);
        return Vec::new();
    }
    match prompt_of(&line.line) {
        Some(at) => {
            let mut told = process.feed(&line.line[..at]);
            told.extend(process.waits());
            told
        }
        None => process.feed(&line.line),
    }
}

fn answers(told: &[String]) -> Vec<&str> {
    told.iter()
        .filter_map(|line| line.strip_prefix("answer "))
        .collect()
}

#[test]
fn recorded_dialogues_decode_to_the_listed_events() {
    for (path, lines) in recordings() {
        let mut process = Process::new(Conversation::New("c".to_owned()));
        process.greet();
        let mut events = String::new();
        for (index, line) in lines.iter().enumerate() {
            for told in play(&mut process, line) {
                events.push_str(&format!("{} {told}\n", index + 1));
            }
        }
        assert_is_listed(&path, &events);
    }
}

#[test]
fn every_turn_of_a_recorded_dialogue_has_its_answer() {
    let recordings = recordings();
    assert!(recordings.len() >= 10, "{}", recordings.len());
    let mut seen = 0;
    for (path, lines) in recordings {
        let mut process = Process::new(Conversation::New("c".to_owned()));
        process.greet();
        let told: Vec<String> = lines
            .iter()
            .flat_map(|line| play(&mut process, line))
            .collect();
        assert_eq!(
            told.iter().filter(|line| *line == "ready").count(),
            1,
            "{path:?}"
        );
        if path.ends_with("a2-stream.jsonl") {
            assert_eq!(
                answers(&told),
                ["\"hello one\"", "\"w0 w1 w2 w3 w4 \"", "\"t3\""]
            );
            assert_eq!(
                told.iter()
                    .filter(|line| line.starts_with("result error=false"))
                    .count(),
                3
            );
            assert!(
                told.contains(&"program_version 0.86.2".to_owned()),
                "{told:?}"
            );
        }
        seen += answers(&told).len();
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn wherever_it_is_cut_and_whatever_stands_in_it_nothing_panics() {
    for (_, lines) in recordings() {
        let mut process = Process::new(Conversation::New("c".to_owned()));
        process.greet();
        for line in &lines {
            let bytes = line.line.as_bytes();
            for at in (0..bytes.len()).step_by(1 + bytes.len() / 16) {
                let mut wrong = bytes.to_vec();
                wrong[at] = wrong[at].wrapping_mul(31).wrapping_add(at as u8);
                process.protocol.feed(&wrong[..at], &mut Vec::new());
                process.protocol.feed(&wrong[at..], &mut Vec::new());
            }
            play(&mut process, line);
        }
        process.protocol.finish(&mut Vec::new());
    }
}
