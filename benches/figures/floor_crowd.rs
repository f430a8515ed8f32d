//! The floor for many sessions: one thread with one poll over bare agents.

use std::io::{ErrorKind, Read, Write};
use std::process::{Child, ChildStdin};

use mio::unix::pipe::Receiver;
use mio::{Events, Interest, Poll, Token};

use crate::Outcome;
use crate::bare::{Bare, UserLine, lines_of_turn};

struct Member {
    child: Child,
    stdin: ChildStdin,
    stdout: Receiver,
    /// Lines until the handshake, or the turn, is over.
    awaited: usize,
    turns_left: usize,
    took_turns: bool,
}

/// Bare agents behind one poll.
pub(crate) struct FloorCrowd {
    poll: Poll,
    events: Events,
    members: Vec<Member>,
    buffer: Vec<u8>,
    line: UserLine,
}

impl FloorCrowd {
    /// Starts so many agents, one after the other.
    pub(crate) fn start(count: usize, prompt: &str) -> Outcome<FloorCrowd> {
        let poll = Poll::new()?;
        let member = |number| Member::start(&poll, Token(number));
        Ok(FloorCrowd {
            members: (0..count).map(member).collect::<Outcome<_>>()?,
            poll,
            events: Events::with_capacity(1024),
            buffer: vec![0; 64 * 1024],
            line: UserLine::new(prompt),
        })
    }

    /// Takes so many turns with each agent, all at once.
    pub(crate) fn turns(&mut self, count: usize) -> Outcome {
        let mut unfinished = self.members.len();
        for member in &mut self.members {
            member.turns_left = count;
            if member.awaited == 0 {
                member.go_on(&mut self.line)?;
            }
        }
        while unfinished > 0 {
            match self.poll.poll(&mut self.events, None) {
                Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error.into()),
                _ => {}
            }
            for event in &self.events {
                let member = &mut self.members[event.token().0];
                unfinished -= usize::from(member.read(&mut self.buffer, &mut self.line)?);
            }
        }
        Ok(())
    }

    /// Ends every agent.
    pub(crate) fn end(self) -> Outcome {
        for mut member in self.members {
            drop(member.stdin);
            member.child.wait()?;
        }
        Ok(())
    }
}

impl Member {
    fn start(poll: &Poll, token: Token) -> Outcome<Member> {
        let (child, stdin, stdout) = Bare::start_with_buffer(0)?.pipes();
        let mut stdout = Receiver::from(stdout);
        stdout.set_nonblocking(true)?;
        poll.registry()
            .register(&mut stdout, token, Interest::READABLE)?;
        Ok(Member {
            child,
            stdin,
            stdout,
            awaited: 1,
            turns_left: 0,
            took_turns: false,
        })
    }

    /// Reads what is there and goes on with the next turn; true once there is none.
    fn read(&mut self, buffer: &mut [u8], line: &mut UserLine) -> Outcome<bool> {
        loop {
            let count = match self.stdout.read(buffer) {
                Ok(0) => return Err("a bare agent ended".into()),
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error.into()),
            };
            let seen = memchr::memchr_iter(b'\n', &buffer[..count]).count();
            self.awaited = self.awaited.checked_sub(seen).ok_or("a line too many")?;
            if seen > 0 && self.awaited == 0 && !self.go_on(line)? {
                return Ok(true);
            }
            if count < buffer.len() {
                return Ok(false);
            }
        }
    }

    fn go_on(&mut self, line: &mut UserLine) -> Outcome<bool> {
        if self.turns_left == 0 {
            return Ok(false);
        }
        self.turns_left -= 1;
        self.awaited = lines_of_turn(1, !self.took_turns);
        self.took_turns = true;
        self.stdin.write_all(line.next())?;
        Ok(true)
    }
}
