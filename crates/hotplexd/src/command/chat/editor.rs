//! The line editor: history, completion, lines that go on.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use rustyline::completion::{Completer, Pair};
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Config, Context, Helper, Highlighter, Hinter};

use super::orders;

/// Lines that are kept.
const HISTORY: usize = 1000;

/// What the user typed.
pub(super) enum Input {
    Line(String),
    /// Ctrl-C.
    Interrupted,
    /// Ctrl-D.
    End,
}

type Inner = rustyline::Editor<Words, FileHistory>;

pub(super) struct Editor {
    inner: Arc<Mutex<Inner>>,
    history: Option<PathBuf>,
}

impl Editor {
    /// # Errors
    /// The terminal cannot be used.
    pub(super) fn new(history: Option<PathBuf>) -> Result<Editor, String> {
        let wrong = |error: ReadlineError| format!("the terminal: {error}");
        let config = Config::builder()
            .max_history_size(HISTORY)
            .map_err(wrong)?
            .auto_add_history(true)
            // For input that is not to be shown or kept.
            .history_ignore_space(true)
            .build();
        let mut inner = Inner::with_config(config).map_err(wrong)?;
        inner.set_helper(Some(Words));
        if let Some(path) = &history
            && path.exists()
            && let Err(error) = inner.load_history(path)
        {
            tracing::warn!(%error, file = %path.display(), "the history cannot be read");
        }
        Ok(Editor {
            inner: Arc::new(Mutex::new(inner)),
            history,
        })
    }

    /// Reads a line, on a thread of its own.
    pub(super) async fn line(&mut self) -> Result<Input, String> {
        let inner = Arc::clone(&self.inner);
        let read = tokio::task::spawn_blocking(move || {
            let mut inner = inner
                .lock()
                .unwrap_or_else(|poisoned| poisoned.into_inner());
            inner.readline("> ")
        });
        match read.await.map_err(|error| error.to_string())? {
            // The ends that say that a line goes on are not meant for the agent.
            Ok(line) => Ok(Input::Line(line.replace("\\\n", "\n"))),
            Err(ReadlineError::Interrupted) => Ok(Input::Interrupted),
            Err(ReadlineError::Eof) => Ok(Input::End),
            Err(error) => Err(format!("the terminal: {error}")),
        }
    }

    /// Keeps the history for the next time.
    pub(super) fn save(&mut self) {
        let Some(path) = &self.history else {
            return;
        };
        let mut inner = self
            .inner
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
        let saved = made
            .map_err(ReadlineError::from)
            .and_then(|()| inner.append_history(path));
        if let Err(error) = saved {
            tracing::warn!(%error, file = %path.display(), "the history cannot be written");
        }
    }
}

/// Completes orders, and lets a line that ends with a backslash go on.
#[derive(Helper, Highlighter, Hinter)]
struct Words;

impl Completer for Words {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        position: usize,
        _context: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let typed = &line[..position];
        let fits = orders::WORDS
            .iter()
            .filter(|word| typed.starts_with('/') && word.starts_with(typed));
        let pairs = fits.map(|word| Pair {
            display: (*word).to_owned(),
            replacement: (*word).to_owned(),
        });
        Ok((0, pairs.collect()))
    }
}

impl Validator for Words {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        Ok(match context.input().ends_with('\\') {
            true => ValidationResult::Incomplete,
            false => ValidationResult::Valid(None),
        })
    }
}
