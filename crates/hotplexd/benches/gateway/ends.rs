//! Ends: of a session in the middle of a turn, and of the daemon.

use std::io::Read;
use std::time::{Duration, Instant};

use hotplex::{Engine, Request};
use rustix::process::Signal;
use serde_json::json;

use crate::client::{Client, opened};
use crate::daemon::Stage;
use crate::measure::{daemon, engine, execute, median, millis, show, timed, turn};

const ROUNDS: usize = 11;

/// Numbers of the two requests.
const TURN: u64 = 1;
const STOP: u64 = 2;

pub(crate) fn stop() {
    let stage = Stage::new("bench-stop");
    let daemon = daemon(&stage);
    let engine = engine(&stage);
    let mut client = Client::v1(&daemon);
    let (mut times, mut floors) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let mut begun = execute(&stage, "s", "!text begun\n!hang-soft");
        begun["request_id"] = json!(TURN);
        client.send(&begun);
        client.until("answer");
        times.push(timed(|| stopped(&mut client)));
        floors.push(stop_alone(&engine, &stage));
    }
    let floor = millis(median(floors));
    show(
        "stop during a turn, to its end",
        millis(median(times)),
        floor,
        "ms",
        50.0,
    );
    engine.close(Duration::from_secs(1)).expect("it closes");
}

/// Asks for the stop; the end of the turn and the answer come in whatever order.
fn stopped(client: &mut Client) {
    client.send(&json!({"type": "stop", "session_id": "s", "request_id": STOP}));
    let mut open = vec![TURN, STOP];
    while !open.is_empty() {
        let frame = client.until("stopped");
        open.retain(|number| frame["request_id"] != *number);
    }
}

fn stop_alone(engine: &Engine, stage: &Stage) -> Duration {
    let request = Request::new("s", stage.work(), "!text begun\n!hang-soft");
    let mut turn = engine.execute(request).expect("it is accepted");
    while !matches!(
        turn.recv().expect("an event").kind,
        hotplex::EventKind::Answer(_)
    ) {}
    timed(|| {
        engine.stop_session("s", "enough").expect("it is stopped");
        turn.wait();
    })
}

/// With a WebSocket, a stream of events and half a head open, and an idle agent.
pub(crate) fn term() {
    let mut times = Vec::new();
    let mut floors = Vec::new();
    for _ in 0..5 {
        let stage = Stage::new("bench-term");
        let mut daemon = daemon(&stage);
        let mut client = Client::v1(&daemon);
        turn(&mut client, &execute(&stage, "s", "hello"));
        let path = "GET /api/v1/sessions/s/events HTTP/1.1\r\nHost: localhost\r\n\r\n";
        let mut events = opened(&daemon, path);
        events
            .read_exact(&mut [0; 16])
            .expect("the head of the stream");
        let half = opened(&daemon, "GET / HTTP/1.1\r\nHo");
        let begin = Instant::now();
        daemon.signal(Signal::TERM);
        daemon.ended();
        times.push(begin.elapsed());
        drop(half);
        let engine = engine(&stage);
        crate::measure::alone(&engine, &stage, "hello");
        floors.push(timed(|| {
            engine.close(Duration::from_secs(1)).expect("it closes");
        }));
    }
    let floor = millis(median(floors));
    show(
        "TERM with open sockets, to the exit",
        millis(median(times)),
        floor,
        "ms",
        1000.0,
    );
}
