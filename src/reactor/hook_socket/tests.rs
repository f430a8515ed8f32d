//! The socket in a poll: who is heard, who is refused, and what may wait.

use std::path::PathBuf;

use mio::Poll;

use super::*;
use crate::event::{Decision, TurnId};
use crate::provider::Interrupt;

/// Asks about whatever a hook asks.
struct Asking;

impl Protocol for Asking {
    fn write_handshake(&mut self, _: &mut Vec<u8>) {}
    fn write_prompt(&mut self, _: TurnId, _: &str, _: &mut Vec<u8>) {}
    fn interrupt(&mut self, _: &mut Vec<u8>) -> Interrupt {
        Interrupt::Written
    }
    fn write_decision(&mut self, _: &str, _: &Decision, _: &mut Vec<u8>) {}
    fn hook_asked(&mut self, id: &str, _: &str, told: &mut Vec<Message>) -> Option<String> {
        told.push(Message::ConversationLost(id.to_owned()));
        None
    }
    fn feed(&mut self, _: &[u8], _: &mut Vec<Message>) {}
    fn finish(&mut self, _: &mut Vec<Message>) {}
}

const LIMIT: usize = 1024 * 1024;

struct Table {
    directory: PathBuf,
    poll: Poll,
    hooks: HookSocket,
    scratch: Vec<u8>,
    told: Vec<Message>,
}

impl Table {
    fn new() -> Table {
        let name = format!("hotplex-hooks-{}", Uuid::new_v4().simple());
        let directory = std::env::temp_dir().join(name);
        fs::create_dir_all(&directory).expect("a directory");
        let listener = HookListener::bind(&directory.join("s"), LIMIT).expect("a socket");
        let poll = Poll::new().expect("a poll");
        let hooks = HookSocket::new(listener, Token(1), poll.registry()).expect("in the poll");
        Table {
            directory,
            poll,
            hooks,
            scratch: vec![0; 64 * 1024],
            told: Vec::new(),
        }
    }

    fn connect(&mut self) -> UnixStream {
        let stream = UnixStream::connect(self.directory.join("s")).expect("it listens");
        stream.set_nonblocking(true).expect("a socket");
        self.read();
        stream
    }

    fn read(&mut self) {
        self.hooks.wake();
        self.read_on();
    }

    fn read_on(&mut self) {
        let (registry, told) = (self.poll.registry(), &mut self.told);
        self.hooks
            .read(registry, &mut self.scratch, &mut Asking, told);
    }

    /// What of it the socket takes, and the engine reads.
    fn write(&mut self, mut stream: &UnixStream, bytes: &[u8]) {
        let mut written = 0;
        while written < bytes.len() {
            match stream.write(&bytes[written..]) {
                Ok(count) => written += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => return,
            }
            self.read();
        }
        while self.hooks.is_ready() {
            self.read_on();
        }
    }

    fn question(&self, length: usize) -> Vec<u8> {
        self.asking(&format!("\"{}\"", "x".repeat(length)))
    }

    fn asking(&self, hook: &str) -> Vec<u8> {
        let secret = &self.hooks.socket.secret;
        format!("{{\"secret\":\"{secret}\",\"hook\":{hook}}}\n").into_bytes()
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.directory);
    }
}

#[test]
fn all_requests_of_a_process_have_one_bound_and_the_longest_has_to_go() {
    for is_whole in [true, false] {
        let mut table = Table::new();
        let ours = table.connect();
        let question = table.question(10);
        table.write(&ours, &question);
        let mut long = table.question(LIMIT / 4);
        if !is_whole {
            long.pop();
        }
        let others: Vec<_> = (0..40)
            .map(|_| {
                let other = table.connect();
                table.write(&other, &long);
                assert!(table.hooks.weight() <= LIMIT, "{is_whole}");
                other
            })
            .collect();
        assert!(table.hooks.connections.len() < others.len());
        assert!(table.hooks.asked("hook-1"), "the short one stays");
        let is_refusal = |told: &&Message| matches!(told, Message::Event(_));
        assert_eq!(table.told.iter().filter(is_refusal).count(), 1);
        // Whoever was asked about a long one hears that nobody waits any more.
        let is_withdrawn = |told: &&Message| matches!(told, Message::ApprovalWithdrawn(_));
        let withdrawn = table.told.iter().filter(is_withdrawn).count();
        assert_eq!(withdrawn > 0, is_whole, "{:?}", table.told);
    }
}

/// A tree takes far more room than its text.
#[test]
fn a_request_of_very_many_values_is_refused_and_many_of_many_have_the_same_bound() {
    let mut table = Table::new();
    let asks = table.connect();
    let asked = table.asking(&format!("[0{}]", ",0".repeat(LIMIT / 4)));
    table.write(&asks, &asked);
    assert!(table.hooks.connections.is_empty());
    assert_eq!(table.told.len(), 1, "{:?}", table.told);
    let asked = table.asking(&format!("[0{}]", ",0".repeat(LIMIT / 100)));
    let others: Vec<_> = (0..40)
        .map(|_| {
            let other = table.connect();
            table.write(&other, &asked);
            other
        })
        .collect();
    assert!(table.hooks.weight() <= LIMIT);
    let waiting = table.hooks.connections.len();
    assert!((1..others.len()).contains(&waiting), "{waiting} wait");
}

#[test]
fn a_request_that_is_malformed_is_denied_at_once() {
    for hook in ["{\"a\":", "\"a\0b\"", "", "1}{"] {
        let mut table = Table::new();
        let asks = table.connect();
        let asked = table.asking(hook);
        table.write(&asks, &asked);
        assert!(table.hooks.connections.is_empty(), "{hook}");
        let mut answer = Vec::new();
        let _ = (&asks).read_to_end(&mut answer);
        assert!(answer.is_empty(), "{hook}");
    }
}
