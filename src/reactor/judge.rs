//! The judge thread: calls of tools that are long or name files, judged away from the io
//! thread, which every session shares, and from the spawn thread, which starts wait for.
//!
//! Questions come in over one channel, verdicts go back as commands, in the same order. A slot asks
//! one question at a time, so there are never more than sessions. This is the one thread where a
//! judgement may block, as a look at the disk does. It may even hang there: the wait
//! for a verdict ends after [`LIMIT`], and the call does not run.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use hotplex_guard::{ToolEffect, Verdict};

use super::command::{Command, CommandSender};
use super::gate::SessionDirs;
use super::keys::SlotKey;
use crate::process;

/// How long a verdict may take. The longest text needs some 50 ms, so this much means a disk that
/// does not answer. Agents wait longer for their hooks (Claude Code 2.1.330: a minute), and then run
/// the tool unjudged.
pub(crate) const LIMIT: Duration = Duration::from_secs(10);

/// A call of a tool that is to be judged.
pub(crate) struct JudgeRequest {
    pub(crate) slot: SlotKey,
    /// Identifies the request within its slot.
    pub(crate) number: u64,
    pub(crate) tool: String,
    pub(crate) effects: Vec<ToolEffect>,
    pub(crate) dirs: SessionDirs<'static>,
}

/// The running thread, as its maker holds it.
pub(crate) struct JudgeThread {
    /// The thread ends when this is dropped, after the judgement under way.
    pub(crate) requests: Sender<JudgeRequest>,
    /// Disconnected when the thread is through.
    pub(crate) ended: Receiver<()>,
    pub(crate) thread: JoinHandle<()>,
}

/// Starts the thread.
pub(crate) fn start(
    judge: impl Fn(&JudgeRequest) -> Verdict + Send + 'static,
    commands: CommandSender,
) -> io::Result<JudgeThread> {
    let (sender, requests) = unbounded::<JudgeRequest>();
    let (running, ended) = bounded(0);
    let thread = thread::Builder::new().name("hotplex-judge".to_owned());
    let thread = thread.spawn(move || {
        let _disconnected_at_the_end = running;
        process::block_all_signals();
        for request in requests {
            let verdict = Box::new(judged(&judge, &request));
            let judged = Command::Judged(request.slot, request.number, verdict);
            // Nobody waits for the rest once the loop is gone.
            if commands.send(judged).is_err() {
                return;
            }
        }
    })?;
    Ok(JudgeThread {
        requests: sender,
        ended,
        thread,
    })
}

/// A judgement that fails is a no.
fn judged(judge: impl Fn(&JudgeRequest) -> Verdict, request: &JudgeRequest) -> Verdict {
    catch_unwind(AssertUnwindSafe(|| judge(request)))
        .unwrap_or_else(|_| Verdict::failure(&request.tool, "it panicked"))
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::path::Path;

    use super::super::new_poll;
    use super::*;

    fn request(number: u64, tool: &str) -> JudgeRequest {
        JudgeRequest {
            slot: SlotKey(7),
            number,
            tool: tool.to_owned(),
            effects: Vec::new(),
            dirs: SessionDirs {
                work_dir: Cow::Borrowed(Path::new("/w")),
                real_work_dir: None,
                private: None,
                current_dir: None,
            },
        }
    }

    #[test]
    fn verdicts_come_in_order_and_a_panic_is_a_no() {
        let (_poll, waker) = new_poll().expect("a poll");
        let (sender, commands) = CommandSender::new(waker);
        let judge = |request: &JudgeRequest| match request.tool.as_str() {
            "breaks" => panic!("a defect of the judge"),
            _ => Verdict::allow(),
        };
        let judge_thread = start(judge, sender).expect("a thread");
        for (number, tool) in [(1, "a"), (2, "breaks"), (3, "b")] {
            let _ = judge_thread.requests.send(request(number, tool));
        }
        drop(judge_thread.requests);
        let told = (0..3).map(|_| commands.recv().expect("a verdict"));
        let told = told.map(|command| match command {
            Command::Judged(SlotKey(7), number, verdict) => (number, verdict.is_blocked()),
            _ => panic!("only verdicts come"),
        });
        assert_eq!(
            told.collect::<Vec<_>>(),
            [(1, false), (2, true), (3, false)]
        );
        assert!(
            judge_thread.ended.recv().is_err(),
            "it ends with its questions"
        );
    }

    #[test]
    fn nothing_more_is_judged_when_nobody_waits() {
        let (_poll, waker) = new_poll().expect("a poll");
        let (sender, commands) = CommandSender::new(waker);
        drop(commands);
        let (judged, count) = unbounded();
        let judge = move |request: &JudgeRequest| {
            let _ = judged.send(request.number);
            Verdict::allow()
        };
        let judge_thread = start(judge, sender).expect("a thread");
        // The second finds the thread gone, or is never looked at.
        let _ = judge_thread.requests.send(request(1, "a"));
        let _ = judge_thread.requests.send(request(2, "a"));
        assert!(judge_thread.ended.recv().is_err());
        assert_eq!(count.try_iter().collect::<Vec<_>>(), [1]);
    }
}
