//! Clients as anybody would write them: WebSocket, HTTP, and bytes as they are.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::Value;
use tungstenite::client::IntoClientRequest;
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::{Error, Message, WebSocket};

use crate::daemon::{Daemon, PATIENCE};

/// A WebSocket client.
pub(crate) struct Client {
    socket: WebSocket<TcpStream>,
}

impl Client {
    pub(crate) fn new(daemon: &Daemon) -> Client {
        Client::with(daemon, &[]).expect("the upgrade")
    }

    pub(crate) fn v1(daemon: &Daemon) -> Client {
        Client::with(daemon, &[("sec-websocket-protocol", "hotplex.v1")]).expect("the upgrade")
    }

    /// With headers; the status if the upgrade is refused.
    pub(crate) fn with(daemon: &Daemon, headers: &[(&'static str, &str)]) -> Result<Client, u16> {
        let url = format!("ws://127.0.0.1:{}/ws/v1/agent", daemon.port);
        let mut request = url.into_client_request().expect("a request");
        for (name, value) in headers {
            request
                .headers_mut()
                .insert(*name, value.parse().expect("a value"));
        }
        let stream = connect(daemon);
        match tungstenite::client(request, stream) {
            Ok((socket, _)) => Ok(Client { socket }),
            Err(tungstenite::HandshakeError::Failure(Error::Http(response))) => {
                Err(response.status().as_u16())
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// Reads the answer to an upgrade that was asked for by hand.
    pub(crate) fn after_upgrade(mut stream: TcpStream) -> Client {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).expect("the answer");
            head.push(byte[0]);
        }
        assert!(head.starts_with(b"HTTP/1.1 101"));
        let role = tungstenite::protocol::Role::Client;
        Client {
            socket: WebSocket::from_raw_socket(stream, role, None),
        }
    }

    pub(crate) fn send(&mut self, request: &Value) {
        let text = Message::text(request.to_string());
        self.socket.send(text).expect("it is sent");
    }

    pub(crate) fn send_message(&mut self, message: Message) -> Result<(), Error> {
        self.socket.send(message)
    }

    /// The next frame, or the code of a close.
    pub(crate) fn next(&mut self) -> Result<Value, u16> {
        let begin = Instant::now();
        loop {
            // Pings of the server must not keep a test alive.
            assert!(begin.elapsed() < PATIENCE, "no frame in time");
            match self.socket.read() {
                Ok(Message::Text(text)) => return Ok(serde_json::from_str(&text).expect("JSON")),
                Ok(Message::Close(frame)) => {
                    return Err(frame.map_or(1005, |frame| u16::from(frame.code)));
                }
                Ok(_) => {}
                Err(Error::ConnectionClosed | Error::AlreadyClosed) => return Err(1006),
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// The next frame within this time, if there is one.
    pub(crate) fn next_within(&mut self, time: Duration) -> Option<Value> {
        self.socket
            .get_ref()
            .set_read_timeout(Some(time))
            .expect("a time limit");
        let read = self.socket.read();
        self.socket
            .get_ref()
            .set_read_timeout(Some(PATIENCE))
            .expect("a time limit");
        match read {
            Ok(Message::Text(text)) => Some(serde_json::from_str(&text).expect("JSON")),
            _ => None,
        }
    }

    /// The next frame of this event; what comes before it is dropped.
    pub(crate) fn until(&mut self, event: &str) -> Value {
        loop {
            let frame = self
                .next()
                .unwrap_or_else(|code| panic!("closed with {code} before {event}"));
            if frame["event"] == event {
                return frame;
            }
            assert!(frame["event"] != "error", "{frame} before {event}");
        }
    }

    /// The frames of these events, in whatever order they come.
    pub(crate) fn each<const N: usize>(&mut self, events: [&str; N]) -> [Value; N] {
        let mut found = events.map(|_| Value::Null);
        while found.iter().any(Value::is_null) {
            let frame = self
                .next()
                .unwrap_or_else(|code| panic!("closed with {code}: {found:?}"));
            let at = events.iter().position(|event| frame["event"] == *event);
            if let Some(at) = at {
                found[at] = frame;
            }
        }
        found
    }

    /// All frames up to the end of a request, the end included.
    pub(crate) fn rest_of_turn(&mut self) -> Vec<Value> {
        let mut frames = Vec::new();
        loop {
            let frame = self
                .next()
                .unwrap_or_else(|code| panic!("closed with {code}: {frames:?}"));
            let ends = ["completed", "error", "stopped"]
                .iter()
                .any(|end| frame["event"] == *end);
            frames.push(frame);
            if ends {
                return frames;
            }
        }
    }

    /// The code that the server closes with.
    pub(crate) fn closed(&mut self) -> u16 {
        loop {
            if let Err(code) = self.next() {
                return code;
            }
        }
    }

    pub(crate) fn ping(&mut self) -> Duration {
        let begin = Instant::now();
        self.socket
            .send(Message::Ping(Vec::new().into()))
            .expect("a ping");
        loop {
            match self.socket.read() {
                Ok(Message::Pong(_)) => return begin.elapsed(),
                Ok(_) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }

    pub(crate) fn close(mut self) {
        let frame = tungstenite::protocol::CloseFrame {
            code: CloseCode::Normal,
            reason: "".into(),
        };
        self.socket.close(Some(frame)).expect("a close");
        while self.socket.read().is_ok() {}
    }
}

pub(crate) fn names(frames: &[Value]) -> Vec<&str> {
    frames
        .iter()
        .filter_map(|frame| frame["event"].as_str())
        .collect()
}

fn connect(daemon: &Daemon) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", daemon.port)).expect("a connection");
    stream
        .set_read_timeout(Some(PATIENCE))
        .expect("a time limit");
    stream
}

/// Sends bytes as they are; all that comes back until the server closes.
pub(crate) fn raw(daemon: &Daemon, text: &str) -> String {
    let mut stream = connect(daemon);
    stream.write_all(text.as_bytes()).expect("it is sent");
    let mut answer = Vec::new();
    // A server that refuses may reset what it did not read.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// A connection on which this was sent.
pub(crate) fn opened(daemon: &Daemon, text: &str) -> TcpStream {
    let mut stream = connect(daemon);
    stream.write_all(text.as_bytes()).expect("it is sent");
    stream
}

/// An answer over HTTP.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

/// One request with these headers on a connection of its own.
pub(crate) fn http(
    daemon: &Daemon,
    method: &str,
    path: &str,
    headers: &str,
    body: Option<&Value>,
) -> Answer {
    let body = body.map_or_else(String::new, Value::to_string);
    let host = format!("Host: 127.0.0.1:{}\r\n", daemon.port);
    let host = if headers.contains("Host:") { "" } else { &host };
    let length = body.len();
    let text = format!(
        "{method} {path} HTTP/1.1\r\n{host}Connection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    );
    let answer = raw(daemon, &text);
    let (head, rest) = answer.split_once("\r\n\r\n").unwrap_or_default();
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    let chunked = head
        .to_ascii_lowercase()
        .contains("transfer-encoding: chunked");
    Answer {
        status: status.unwrap_or_else(|| panic!("{answer:?}")),
        head: head.to_owned(),
        body: if chunked {
            dechunked(rest)
        } else {
            rest.to_owned()
        },
    }
}

fn dechunked(mut rest: &str) -> String {
    let mut body = String::new();
    while let Some((size, tail)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap_or(0);
        if size == 0 || tail.len() < size {
            break;
        }
        body.push_str(&tail[..size]);
        rest = tail[size..].trim_start_matches("\r\n");
    }
    body
}

pub(crate) fn get(daemon: &Daemon, path: &str) -> Answer {
    http(daemon, "GET", path, "", None)
}

pub(crate) fn post(daemon: &Daemon, path: &str, body: &Value) -> Answer {
    http(daemon, "POST", path, "", Some(body))
}
