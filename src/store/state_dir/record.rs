//! The record of a session: which conversation of which agent is its own.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::private;
use crate::inode::open_regular;

/// What is known of a session's conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// The namespace of the session; not known of records that were written before it was kept.
    #[serde(default)]
    pub(crate) namespace: Option<String>,
    /// The caller's name of the session.
    pub(crate) session_id: String,
    /// The agent's name of the conversation.
    pub(crate) agent_session_id: String,
    /// Which provider holds it.
    pub(crate) provider: String,
    /// Where the agent worked: agents look conversations up by directory.
    pub(crate) work_dir: PathBuf,
}

/// Whose record is looked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names<'a> {
    pub(crate) namespace: &'a str,
    pub(crate) session: &'a str,
    pub(crate) provider: &'a str,
}

/// What the state directory knows of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Remembered {
    /// There was no such session.
    Nothing,
    /// The agent confirmed this conversation.
    Conversation(String),
    /// There may be a record, but it cannot be read.
    Damaged,
    /// The record is that of another session.
    Foreign,
}

impl Record {
    /// What the record tells to the session of these names.
    pub(super) fn tells(self, names: Names<'_>) -> Remembered {
        let is_of_namespace = |namespace: &String| namespace == names.namespace;
        if self.session_id != names.session || !self.namespace.iter().all(is_of_namespace) {
            Remembered::Foreign
        } else if self.provider != names.provider {
            Remembered::Nothing
        } else {
            Remembered::Conversation(self.agent_session_id)
        }
    }
}

/// What the file tells to the session of these names; `None` if there is none.
pub(super) fn read(path: &Path, names: Names<'_>) -> Option<Remembered> {
    match read_bytes(path) {
        Ok(bytes) => Some(match serde_json::from_slice::<Record>(&bytes) {
            Ok(record) => record.tells(names),
            Err(_) => Remembered::Damaged,
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(_) => Some(Remembered::Damaged),
    }
}

fn read_bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = open_regular(path)?;
    if let Err(error) = private::tighten_file(&file) {
        log::debug!("{} stays as it is: {error}", path.display());
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}
