//! The audit trail: one line of JSON for each verdict that was not a plain allow.
//!
//! Lines are added by callers' threads (refused prompts) and by the spawn thread (tools), never by
//! the io thread: a file may block, and a logger is foreign code.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::lock::Mutex;
use serde::Serialize;

use crate::event::{SessionId, TurnId};
use hotplex_guard::{Judgement, Verdict};

/// What was judged, when and for whom.
#[derive(Debug)]
pub(crate) struct AuditEntry {
    pub(crate) at: SystemTime,
    pub(crate) session: SessionId,
    /// `None` for a prompt, which is no turn if it is refused, and for what agents do by themselves.
    pub(crate) turn: Option<TurnId>,
    /// The tool's name; `None` for a prompt.
    pub(crate) tool: Option<String>,
    pub(crate) verdict: Verdict,
}

/// One entry as it is written.
#[derive(Serialize)]
struct AuditLine<'a> {
    /// Unix time in milliseconds.
    time_ms: u128,
    session_id: &'a str,
    turn: Option<u64>,
    tool: Option<&'a str>,
    verdict: &'static str,
    rule: &'a str,
    level: Option<&'static str>,
    category: &'a str,
    operation: &'a str,
    reason: &'a str,
}

impl AuditEntry {
    fn line(&self) -> AuditLine<'_> {
        let since_epoch = self.at.duration_since(UNIX_EPOCH).unwrap_or_default();
        let verdict = &self.verdict;
        AuditLine {
            time_ms: since_epoch.as_millis(),
            session_id: self.session.as_str(),
            turn: self.turn.map(TurnId::get),
            tool: self.tool.as_deref(),
            verdict: verdict.judgement.as_str(),
            rule: &verdict.rule,
            level: verdict.level.map(|level| level.as_str()),
            category: &verdict.category,
            operation: &verdict.operation,
            reason: &verdict.reason,
        }
    }
}

/// Where the entries of one engine go: to the log and, if the caller named one, to a file.
#[derive(Debug, Default)]
pub(crate) struct AuditTrail {
    file: Option<Mutex<File>>,
}

impl AuditTrail {
    /// Opens the file for adding to it, and makes it, for its owner alone, if it is missing.
    pub(crate) fn open(path: Option<&Path>) -> io::Result<AuditTrail> {
        let open = |path| {
            let mut options = OpenOptions::new();
            options.create(true).append(true).mode(0o600).open(path)
        };
        Ok(AuditTrail {
            file: path.map(open).transpose()?.map(Mutex::new),
        })
    }

    /// Adds an entry. May block.
    pub(crate) fn add(&self, entry: &AuditEntry) {
        let level = match entry.verdict.judgement {
            Judgement::Block => log::Level::Warn,
            _ => log::Level::Info,
        };
        let (session, reason) = (&entry.session, &entry.verdict.reason);
        let verdict = entry.verdict.judgement.as_str();
        let tool = entry.tool.as_deref().unwrap_or("prompt");
        log::log!(
            level,
            "guard: {verdict} {tool} of session {session}: {reason}"
        );
        if let Err(error) = self.write(entry) {
            log::error!("the audit file could not be written: {error}");
        }
    }

    /// One write a line, so that several processes can share a file.
    fn write(&self, entry: &AuditEntry) -> io::Result<()> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        let mut line = serde_json::to_vec(&entry.line())?;
        line.push(b'\n');
        file.lock().write_all(&line)
    }
}
