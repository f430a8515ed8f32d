//! The conversations kept on disk, as Claude Code keeps its own: a file a conversation, written
//! from the first turn on, and a name that is in use for ever once its file exists.
//!
//! It also keeps the identities of the prompts: Claude Code, 2.0.76 as well as 2.1.330, swallows
//! without a word a prompt whose `uuid` the conversation has had, in whichever process.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;

use crate::command_line::Conversation;

pub(crate) struct Store {
    /// `None` if `STAND_IN_STORE` names no directory: turns are counted, nothing is kept.
    path: Option<PathBuf>,
    file: Option<File>,
    turns: usize,
    identities: HashSet<String>,
}

/// Why the conversation cannot be served.
pub(crate) enum Refusal {
    InUse,
    NotFound,
}

impl Store {
    pub(crate) fn open(conversation: &Conversation) -> Result<Store, Refusal> {
        let path = std::env::var_os("STAND_IN_STORE")
            .map(|directory| PathBuf::from(directory).join(conversation.id()));
        let mut store = Store {
            path,
            file: None,
            turns: 0,
            identities: HashSet::new(),
        };
        match (&store.path, conversation) {
            (Some(path), Conversation::New(_)) if path.exists() => return Err(Refusal::InUse),
            (Some(path), Conversation::Resumed(_)) => {
                let file = File::open(path).map_err(|_| Refusal::NotFound)?;
                store.recall(&file);
            }
            _ => {}
        }
        Ok(store)
    }

    fn recall(&mut self, file: &File) {
        for line in BufReader::new(file).lines().map_while(Result::ok) {
            self.turns += 1;
            let identities = line.split(' ').next().unwrap_or_default();
            self.identities
                .extend(identities.split(',').map(str::to_owned));
        }
    }

    /// Notes the identity of a prompt; false if the conversation has had it.
    pub(crate) fn is_new(&mut self, identity: &str) -> bool {
        self.identities.insert(identity.to_owned())
    }

    /// How many turns this conversation has had, those of earlier processes included.
    pub(crate) fn turns(&self) -> usize {
        self.turns
    }

    /// Notes a turn before it is answered, so that a kill in its middle does not lose it.
    pub(crate) fn append(&mut self, identities: &[&str], escaped_prompt: &str) {
        self.turns += 1;
        let Some(path) = &self.path else {
            return;
        };
        if self.file.is_none() {
            let mut options = OpenOptions::new();
            self.file = options.create(true).append(true).open(path).ok();
        }
        if let Some(file) = &mut self.file {
            let line = format!("{} \"{escaped_prompt}\"\n", identities.join(","));
            let _ = file.write_all(line.as_bytes());
        }
    }
}
