//! The start of an engine's threads, and of its watchdog.

use std::sync::Arc;
use std::thread::{self, JoinHandle};

use crossbeam_channel::Receiver;

use crate::channel::{EventHub, HubReceiver, event_hub};
use crate::error::{Error, ErrorKind};
use crate::event::Event;
use crate::process::HostWatch;
use crate::reactor::command::CommandSender;
use crate::reactor::judge::{self, JudgeRequest, JudgeThread};
use crate::reactor::{self, Loop, LoopOptions, Parts, Shared, spawner};

/// How many events of no turn wait for [`crate::Engine::background_events`] before they are dropped. They
/// have a bound in bytes besides, in the channel itself.
const BACKGROUND_EVENTS: usize = 4096;

/// What ends with the engine.
pub(super) struct Running {
    /// Gives the processes that could not be ended, when the io thread is through.
    pub(super) io: Receiver<Vec<u32>>,
    /// Disconnected when the spawn thread is through.
    pub(super) spawn: Receiver<()>,
    /// Disconnected when the judge thread is through.
    pub(super) judge: Receiver<()>,
    pub(super) threads: [JoinHandle<()>; 3],
    /// Has the agents ended should the host die, until it is dropped.
    pub(super) watchdog: Arc<dyn HostWatch>,
}

/// What is there once all of them run.
pub(super) struct Started {
    pub(super) commands: CommandSender,
    pub(super) background: Receiver<Event>,
    pub(super) event_hub: EventHub,
    pub(super) hub_receiver: HubReceiver,
    pub(super) running: Running,
}

/// Starts everything that runs besides the caller's threads.
///
/// # Errors
/// `SpawnFailed`, with what could not be started.
pub(super) fn start(shared: &Arc<Shared>, options: LoopOptions) -> Result<Started, Error> {
    let spawn_config = &shared.spawn_config;
    let watchdog = spawn_config.launcher.watch_host(&spawn_config.mark);
    let watchdog = watchdog.map_err(cannot("start the watchdog"))?;
    let (poll, waker) = reactor::new_poll().map_err(cannot("make a poll"))?;
    let (sender, commands) = CommandSender::new(Arc::clone(&waker));
    let started = spawner::start(
        Arc::clone(spawn_config),
        sender.clone(),
        Arc::clone(&watchdog),
    );
    let (jobs, spawn, spawn_thread) = started.map_err(cannot("start the spawn thread"))?;
    let (event_hub, hub_receiver, to_background, background) = event_hub(BACKGROUND_EVENTS);
    let judge = start_judging(shared, &sender).map_err(cannot("start the judge thread"))?;
    let parts = Parts {
        poll,
        waker,
        commands,
        sender: sender.clone(),
        jobs,
        to_judge: judge.requests,
        background: to_background,
        shared: Arc::clone(shared),
        options,
    };
    let (io, io_thread) = start_io(parts).map_err(cannot("start the io thread"))?;
    Ok(Started {
        commands: sender,
        background,
        event_hub,
        hub_receiver,
        running: Running {
            io,
            spawn,
            judge: judge.ended,
            threads: [io_thread, spawn_thread, judge.thread],
            watchdog,
        },
    })
}

fn start_io(parts: Parts) -> std::io::Result<(Receiver<Vec<u32>>, JoinHandle<()>)> {
    let (done, ended) = crossbeam_channel::bounded(1);
    let thread = thread::Builder::new().name("hotplex-io".to_owned());
    let thread = thread.spawn(move || {
        let left_alive = Loop::new(parts).run();
        let _ = done.send(left_alive);
    })?;
    Ok((ended, thread))
}

fn start_judging(shared: &Arc<Shared>, commands: &CommandSender) -> std::io::Result<JudgeThread> {
    let shared = Arc::clone(shared);
    let judge = move |question: &JudgeRequest| {
        let JudgeRequest {
            tool,
            effects,
            dirs,
            ..
        } = question;
        shared.gate.judge_tool(tool, effects, dirs)
    };
    judge::start(judge, commands.clone())
}

fn cannot(what: &'static str) -> impl Fn(std::io::Error) -> Error {
    move |error| {
        let message = format!("cannot {what}: {error}");
        Error::new(ErrorKind::SpawnFailed, message).because(error)
    }
}
