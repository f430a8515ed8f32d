//! Many connections.

use std::time::{Duration, Instant};

use crate::client::Client;
use crate::daemon::Stage;
use crate::measure::{daemon, execute, millis, show};

const CONNECTIONS: usize = 1000;
const SESSIONS: usize = 100;

/// What the daemon allocates for each to read into.
const READ_BUFFER_KB: f64 = 4.1;

pub(crate) fn idle() {
    let stage = Stage::new("bench-idle");
    let daemon = daemon(&stage);
    // The first ones have what the allocator keeps.
    let first: Vec<Client> = (0..20).map(|_| Client::new(&daemon)).collect();
    let before = daemon.resident();
    let clients: Vec<Client> = (0..CONNECTIONS - 20)
        .map(|_| Client::new(&daemon))
        .collect();
    std::thread::sleep(Duration::from_millis(500));
    let grown = daemon.resident().saturating_sub(before) as f64;
    let each = grown / clients.len() as f64 / 1e3;
    show("an idle connection", each, READ_BUFFER_KB, "KB", 16.0);
    drop(first);
}

/// Sessions that say something every 20 ms beside idle connections. What is late is the daemon's.
pub(crate) fn crowd() {
    const PIECES: u64 = 100;
    let stage = Stage::new("bench-crowd");
    let daemon = daemon(&stage);
    let idle: Vec<Client> = (0..CONNECTIONS - SESSIONS)
        .map(|_| Client::new(&daemon))
        .collect();
    let mut clients: Vec<Client> = (0..SESSIONS).map(|_| Client::new(&daemon)).collect();
    let all = |clients: &mut Vec<Client>, prompt: &str| {
        for (number, client) in clients.iter_mut().enumerate() {
            client.send(&execute(&stage, &format!("s{number}"), prompt));
        }
        let begin = Instant::now();
        for client in clients {
            client.until("completed");
        }
        begin.elapsed()
    };
    // Agents start.
    all(&mut clients, "hello");
    let time = all(&mut clients, &format!("!stream {PIECES} 20 20"));
    let floor = Duration::from_millis(20 * PIECES);
    let name = "1000 connections, 100 sessions: a turn of 100 pieces, 20 ms apart";
    show(name, millis(time), millis(floor), "ms", 1.5 * millis(floor));
    drop(idle);
}
