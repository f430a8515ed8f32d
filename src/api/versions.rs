//! Which releases programs are, as they say themselves.

use std::ffi::OsString;
use std::fs::File;
use std::io::{ErrorKind, Read, Result};
use std::os::fd::AsRawFd;
use std::path::Path;
use std::time::{Duration, Instant};

use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};

use crate::process::{
    EngineMark, Launch, Launched, Launcher, Local, Mark, ProcessGroup, SweepTargets, Tree, Unshared,
};

/// An answer is a line; a program that says more is not asked to the end.
const LONGEST_ANSWER: usize = 4096;

/// How long what a program has started meanwhile is looked for.
const SWEEP_LIMIT: Duration = Duration::from_secs(1);

/// One program and how it is asked.
pub(super) struct VersionCommand<'a> {
    pub(super) program: &'a Path,
    pub(super) arguments: Vec<String>,
}

/// The versions that these programs say, all asked at once and none waited for longer than `limit`.
/// `None` for one that cannot be started or says none.
///
/// They run in `/`, where no project lies that could tell them anything, with the variables of this
/// process, and nothing of them is left.
pub(super) fn versions(questions: &[VersionCommand<'_>], limit: Duration) -> Vec<Option<String>> {
    ask(questions, limit, &EngineMark::new())
}

fn ask(
    questions: &[VersionCommand<'_>],
    limit: Duration,
    mark: &EngineMark,
) -> Vec<Option<String>> {
    let deadline = Instant::now() + limit;
    let mut asked: Vec<Option<VersionProbe>> = (0..)
        .zip(questions)
        .map(|(number, question)| VersionProbe::start(question, &mark.spawn_mark(number)))
        .collect();
    if let Err(error) = listen(&mut asked, deadline) {
        log::warn!("cannot wait for what programs say of their versions: {error}");
    }
    let said = asked.iter().map(|one| one.as_ref()?.version()).collect();
    end(asked, mark);
    said
}

/// A program at work on its answer.
struct VersionProbe {
    stdout: Unshared<File>,
    /// Open, and not read: Codex warns there before it answers, and a closed pipe would end it.
    _stderr: Unshared<File>,
    group: Box<dyn ProcessGroup>,
    said: Vec<u8>,
    is_over: bool,
}

impl VersionProbe {
    fn start(question: &VersionCommand<'_>, mark: &Mark) -> Option<VersionProbe> {
        let environment: Vec<(OsString, OsString)> = std::env::vars_os().collect();
        let child = Local.spawn(&Launch {
            program: question.program,
            arguments: &question.arguments,
            environment: &environment,
            work_dir: Path::new("/"),
            mark,
            jail: None,
        });
        let child = child.inspect_err(|error| log::debug!("no version: {error}"));
        // Its stdin ends here: nothing is said to it.
        let Launched {
            stdout,
            stderr,
            group,
            ..
        } = child.ok()?;
        Some(VersionProbe {
            stdout,
            _stderr: stderr,
            group,
            said: Vec::new(),
            is_over: false,
        })
    }

    /// Takes what there is.
    fn hear(&mut self) {
        let mut chunk = [0; 512];
        while !self.is_over {
            match (&*self.stdout).read(&mut chunk) {
                Ok(0) => self.is_over = true,
                Ok(count) => {
                    self.said.extend_from_slice(&chunk[..count]);
                    self.is_over = self.said.len() > LONGEST_ANSWER;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => self.is_over = true,
            }
        }
    }

    fn version(&self) -> Option<String> {
        let said = String::from_utf8_lossy(&self.said);
        version_in(said.lines().next()?)
    }
}

/// Waits until all have said what they have to say.
fn listen(asked: &mut [Option<VersionProbe>], deadline: Instant) -> Result<()> {
    let mut poll = Poll::new()?;
    for (number, one) in asked.iter().enumerate() {
        if let Some(one) = one {
            let stdout = one.stdout.as_raw_fd();
            let registry = poll.registry();
            registry.register(&mut SourceFd(&stdout), Token(number), Interest::READABLE)?;
        }
    }
    let mut events = Events::with_capacity(asked.len().max(1));
    loop {
        asked.iter_mut().flatten().for_each(VersionProbe::hear);
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() || asked.iter().flatten().all(|one| one.is_over) {
            return Ok(());
        }
        match poll.poll(&mut events, Some(left)) {
            Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error),
            _ => {}
        }
    }
}

/// Ends those that have not, and what they have started.
fn end(asked: Vec<Option<VersionProbe>>, mark: &EngineMark) {
    let started = asked.iter().flatten();
    let trees: Vec<Tree> = started
        .map(|one| Local.note_tree(one.group.pid()))
        .collect();
    let mut groups: Vec<_> = asked.into_iter().flatten().map(|one| one.group).collect();
    groups.iter().for_each(|group| group.kill());
    let until = Instant::now() + SWEEP_LIMIT;
    groups.iter_mut().for_each(|group| group.end_by(until));
    let wanted = trees
        .into_iter()
        .fold(SweepTargets::engine(mark), SweepTargets::with_tree);
    Local.sweep(&wanted, Instant::now() + SWEEP_LIMIT);
}

/// The version in `codex-cli 0.171.0` or `2.1.330 (Claude Code)`: the first word of digits and dots.
fn version_in(line: &str) -> Option<String> {
    let words = line.split_whitespace();
    let mut words = words.map(|word| word.strip_prefix('v').unwrap_or(word));
    let version = words.find(|word| {
        let of_version = |c: char| c.is_ascii_alphanumeric() || ".-+".contains(c);
        word.starts_with(|c: char| c.is_ascii_digit())
            && word.contains('.')
            && word.chars().all(of_version)
    });
    version.map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::alive_with;

    /// Longer than a shell takes on a crowded machine.
    const PATIENCE: Duration = Duration::from_secs(20);

    fn shells<'a>(scripts: &[&str]) -> Vec<VersionCommand<'a>> {
        let shell = |script: &&str| VersionCommand {
            program: Path::new("/bin/sh"),
            arguments: vec!["-c".to_owned(), (*script).to_owned()],
        };
        scripts.iter().map(shell).collect()
    }

    #[test]
    fn the_version_is_the_first_word_of_digits_and_dots_on_the_first_line() {
        for (line, version) in [
            ("2.1.330 (Claude Code)", Some("2.1.330")),
            ("codex-cli 0.171.0", Some("0.171.0")),
            ("aider v0.86.1", Some("0.86.1")),
            ("1.0.0-beta.2+build", Some("1.0.0-beta.2+build")),
            ("line 3: no such option", None),
            ("", None),
        ] {
            assert_eq!(version_in(line).as_deref(), version, "{line}");
        }
    }

    #[test]
    fn each_program_says_its_own_and_none_is_no_error() {
        let scripts = [
            "echo 1.2.3; echo 9.9.9",
            "echo 4.5.6 >&2",
            "cat; test $PWD = / && echo 7.8.9",
            "kill -9 $$",
            "printf 'agent 0.1.2'",
        ];
        let expected = [Some("1.2.3"), None, Some("7.8.9"), None, Some("0.1.2")];
        let said = versions(&shells(&scripts), PATIENCE);
        let said: Vec<_> = said.iter().map(Option::as_deref).collect();
        assert_eq!(said, expected);
        let missing = VersionCommand {
            program: Path::new("/nowhere/agent"),
            arguments: Vec::new(),
        };
        assert_eq!(versions(&[missing], PATIENCE), [None]);
    }

    /// What it has said counts.
    #[test]
    fn a_program_that_does_not_end_is_ended_with_all_that_it_has_started() {
        let mark = EngineMark::new();
        let script = "setsid sleep 1000 & echo 1.2.3; sleep 1000";
        let said = ask(&shells(&[script]), Duration::from_secs(2), &mark);
        assert_eq!(said, [Some("1.2.3".to_owned())]);
        let left = alive_with(&SweepTargets::engine(&mark)).living;
        assert!(left.is_empty(), "{left:?}");
    }
}
