//! Heads of requests, read before hyper reads them.
//!
//! Where two readers of HTTP understand a request differently, one behind the other lets requests
//! through that neither would (request smuggling). hyper takes what a proxy may read otherwise: two
//! `Content-Length` of the same value, `Content-Length` beside `Transfer-Encoding`, two `Host`. Such
//! a head is replaced by one that hyper answers with 400 and closes.

use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// Beyond this a head is refused; hyper's own bound is the same.
const LONGEST_HEAD: usize = 16 << 10;

const MOST_HEADERS: usize = 64;

/// What hyper takes for no request at all.
const NO_REQUEST: &[u8] = b"\x01\r\n\r\n";

/// A connection whose request heads are looked at, and whose client has to take what it is sent.
pub(crate) struct Strict<S> {
    inner: S,
    /// What was read and not yet given on.
    buffer: Vec<u8>,
    /// How much of the buffer may be given on.
    approved: usize,
    reading: Reading,
    /// After how long a client that takes nothing is given up.
    patience: Duration,
    /// Runs while nothing is taken.
    stalled: Option<Pin<Box<Sleep>>>,
}

#[derive(Debug, PartialEq, Eq)]
enum Reading {
    Head,
    /// So many bytes of a body are to come.
    Body(u64),
    /// Chunks, whose sizes are looked for.
    Chunks(Chunks),
    /// The connection is not HTTP any more, or hyper is about to close it.
    Rest,
}

/// Where in a chunked body we are.
#[derive(Debug, Default, PartialEq, Eq)]
enum Chunks {
    #[default]
    Size,
    /// Bytes of a chunk and its line end.
    Data(u64),
    Trailer,
}

/// What a head says of what follows it.
#[derive(Debug, PartialEq, Eq)]
enum Follows {
    Body(u64),
    Chunks,
    Upgrade,
}

impl<S> Strict<S> {
    pub(crate) fn new(inner: S, patience: Duration) -> Strict<S> {
        Strict {
            inner,
            buffer: Vec::new(),
            approved: 0,
            reading: Reading::Head,
            patience,
            stalled: None,
        }
    }

    /// What the client took; an error once it has taken nothing for too long.
    fn taken(
        &mut self,
        written: Poll<io::Result<usize>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let patience = self.patience;
        let stalled = self
            .stalled
            .get_or_insert_with(|| Box::pin(sleep(patience)));
        ready!(stalled.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    /// Looks at what is in the buffer beyond what is approved.
    fn look(&mut self) {
        loop {
            let unseen = &self.buffer[self.approved..];
            if unseen.is_empty() {
                return;
            }
            match &mut self.reading {
                Reading::Rest => {
                    self.approved = self.buffer.len();
                    return;
                }
                Reading::Body(left) => {
                    let here = (unseen.len() as u64).min(*left);
                    self.approved += here as usize;
                    *left -= here;
                    if *left == 0 {
                        self.reading = Reading::Head;
                    }
                }
                Reading::Chunks(_) => {
                    if !self.look_at_chunks() {
                        return;
                    }
                }
                Reading::Head => match head(unseen) {
                    Ok(None) if unseen.len() < LONGEST_HEAD => return,
                    Ok(Some((length, follows))) => {
                        self.approved += length;
                        self.reading = match follows {
                            Follows::Body(0) => Reading::Head,
                            Follows::Body(length) => Reading::Body(length),
                            Follows::Chunks => Reading::Chunks(Chunks::Size),
                            Follows::Upgrade => Reading::Rest,
                        };
                    }
                    Ok(None) | Err(()) => self.refuse(),
                },
            }
        }
    }

    /// hyper gets to see something that it refuses.
    fn refuse(&mut self) {
        self.buffer.truncate(self.approved);
        self.buffer.extend_from_slice(NO_REQUEST);
        self.approved = self.buffer.len();
        self.reading = Reading::Rest;
    }

    /// False if more must be read first.
    fn look_at_chunks(&mut self) -> bool {
        let unseen = &self.buffer[self.approved..];
        let Reading::Chunks(place) = &mut self.reading else {
            return false;
        };
        if let Chunks::Data(left) = place {
            let here = (unseen.len() as u64).min(*left);
            self.approved += here as usize;
            *left -= here;
            if *left == 0 {
                *place = Chunks::Size;
            }
            return true;
        }
        let Some(end) = memchr_line(unseen) else {
            if unseen.len() >= LONGEST_HEAD {
                self.refuse();
                return true;
            }
            return false;
        };
        let line = &unseen[..end];
        match (&place, chunk_size(line)) {
            (Chunks::Trailer, _) => {
                let is_last = line.is_empty();
                self.approved += end + 2;
                if is_last {
                    self.reading = Reading::Head;
                }
            }
            (_, Some(0)) => {
                *place = Chunks::Trailer;
                self.approved += end + 2;
            }
            (_, Some(size)) => {
                *place = Chunks::Data(size + 2);
                self.approved += end + 2;
            }
            (_, None) => self.refuse(),
        }
        true
    }
}

/// The place of the first CR LF.
fn memchr_line(bytes: &[u8]) -> Option<usize> {
    bytes.windows(2).position(|pair| pair == b"\r\n")
}

/// The size that a chunk's first line tells; extensions are left to hyper.
fn chunk_size(line: &[u8]) -> Option<u64> {
    let digits = line.split(|byte| *byte == b';').next()?;
    let text = std::str::from_utf8(digits).ok()?.trim_end();
    let plain =
        !text.is_empty() && text.len() <= 15 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    plain.then(|| u64::from_str_radix(text, 16).ok()).flatten()
}

/// The length of the head that begins here and what follows it; `None` if it is not all there.
fn head(bytes: &[u8]) -> Result<Option<(usize, Follows)>, ()> {
    // hyper skips empty lines before a request; so few readers do that they are refused.
    if bytes.starts_with(b"\r") || bytes.starts_with(b"\n") {
        return Err(());
    }
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let length = match request.parse(bytes) {
        Ok(httparse::Status::Complete(length)) if length <= LONGEST_HEAD => length,
        Ok(httparse::Status::Complete(_)) => return Err(()),
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(_) => return Err(()),
    };
    // A line that ends in a bare LF is one line to some and part of another to others.
    let ends = bytes[..length]
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'\n');
    if ends
        .into_iter()
        .any(|(at, _)| at == 0 || bytes[at - 1] != b'\r')
    {
        return Err(());
    }
    follows(&request).map(|follows| Some((length, follows)))
}

fn follows(request: &httparse::Request<'_, '_>) -> Result<Follows, ()> {
    let all = |name: &str| {
        let named = request
            .headers
            .iter()
            .filter(move |header| header.name.eq_ignore_ascii_case(name));
        named.map(|header| header.value).collect::<Vec<_>>()
    };
    let hosts = all("host");
    let host = match hosts.as_slice() {
        [host] => std::str::from_utf8(host).map_err(|_| ())?,
        // HTTP/1.0 has no `Host`; no client of this daemon needs it.
        _ => return Err(()),
    };
    let target = request.path.ok_or(())?;
    if !target.starts_with('/') && target != "*" {
        // An absolute form must name the same host, so that it does not matter which of the two is read.
        let (_, rest) = target.split_once("://").ok_or(())?;
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if !authority.eq_ignore_ascii_case(host.trim()) {
            return Err(());
        }
    }
    // The other offer that clients make is HTTP/2, beside a request that is to be answered anyway.
    let offers = all("upgrade");
    let is_upgrade = offers
        .iter()
        .any(|offer| offer.eq_ignore_ascii_case(b"websocket"));
    let lengths = all("content-length");
    let codings = all("transfer-encoding");
    match (lengths.as_slice(), codings.as_slice()) {
        ([], []) if is_upgrade => Ok(Follows::Upgrade),
        ([], []) => Ok(Follows::Body(0)),
        ([length], []) if is_upgrade && *length == b"0" => Ok(Follows::Upgrade),
        // Where the frames begin is not told alike by all.
        _ if is_upgrade => Err(()),
        ([length], []) => {
            let text = std::str::from_utf8(length).map_err(|_| ())?.trim();
            let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            let length = if plain { text.parse().ok() } else { None };
            length.map(Follows::Body).ok_or(())
        }
        ([], [coding]) if coding.eq_ignore_ascii_case(b"chunked") => Ok(Follows::Chunks),
        _ => Err(()),
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Strict<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.reading == Reading::Rest && this.buffer.is_empty() {
            return Pin::new(&mut this.inner).poll_read(context, out);
        }
        while this.approved == 0 {
            let mut room = [0; 4096];
            let mut read = ReadBuf::new(&mut room);
            ready!(Pin::new(&mut this.inner).poll_read(context, &mut read))?;
            if read.filled().is_empty() {
                // What is left is half a head; hyper is told of the end and closes.
                return Poll::Ready(Ok(()));
            }
            this.buffer.extend_from_slice(read.filled());
            this.look();
        }
        let now = this.approved.min(out.remaining());
        out.put_slice(&this.buffer[..now]);
        this.buffer.drain(..now);
        this.approved -= now;
        if this.buffer.is_empty() {
            // An idle connection keeps no memory for what it once read.
            this.buffer = Vec::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Strict<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.inner).poll_write(context, bytes);
        this.taken(written, context)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(context)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.inner).poll_write_vectored(context, slices);
        this.taken(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(text: &str, split: usize) -> bool {
        let mut strict = Strict::new((), Duration::MAX);
        for piece in text.as_bytes().chunks(split) {
            strict.buffer.extend_from_slice(piece);
            strict.look();
        }
        let mut seen = strict.buffer.windows(NO_REQUEST.len());
        !seen.any(|bytes| bytes == NO_REQUEST)
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_refused_however_it_arrives() {
        let get = "GET / HTTP/1.1\r\nHost: a\r\n";
        let post = "POST / HTTP/1.1\r\nHost: a\r\n";
        let table = [
            (format!("{get}\r\n"), true),
            (format!("{get}\r\n{get}\r\n"), true),
            (
                format!("{post}Content-Length: 5\r\n\r\nhello{get}\r\n"),
                true,
            ),
            (
                format!("{post}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n{get}\r\n"),
                true,
            ),
            (
                format!(
                    "{post}Transfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nT: v\r\n\r\n{get}\r\n"
                ),
                true,
            ),
            ("GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(), true),
            (
                format!("{post}Upgrade: h2c\r\nContent-Length: 5\r\n\r\nhello{get}\r\n"),
                true,
            ),
            (
                format!("{get}Upgrade: websocket\r\nContent-Length: 0\r\n\r\n\x01\r\n"),
                true,
            ),
            (
                format!("{get}Upgrade: WebSocket\r\nContent-Length: 5\r\n\r\nhello"),
                false,
            ),
            (
                format!("{get}Upgrade: websocket\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                false,
            ),
            (
                format!("{post}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"),
                false,
            ),
            (
                format!("{post}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"),
                false,
            ),
            (format!("{post}Content-Length: 5, 5\r\n\r\nhello"), false),
            (format!("{post}Content-Length: +5\r\n\r\nhello"), false),
            (
                format!("{post}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                false,
            ),
            (
                format!("{post}Transfer-Encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n"),
                false,
            ),
            (
                format!("{post}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
                false,
            ),
            (
                format!("{post}Transfer-Encoding: chunked\r\n\r\nxyz\r\n"),
                false,
            ),
            (format!("{get}Host: a\r\n\r\n"), false),
            (format!("{get}HOST: b\r\n\r\n"), false),
            ("GET / HTTP/1.1\r\n\r\n".to_owned(), false),
            (
                "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
                false,
            ),
            ("GET / HTTP/1.1\nHost: a\n\n".to_owned(), false),
            (
                format!("{get}X: {}\r\n\r\n", "x".repeat(LONGEST_HEAD)),
                false,
            ),
            (
                format!("{post}Content-Length: 5\r\n\r\nhello{get}Host: b\r\n\r\n"),
                false,
            ),
            (
                format!("{post}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n{get}Host: b\r\n\r\n"),
                false,
            ),
        ];
        for (text, expected) in &table {
            for split in [1, 7, text.len()] {
                assert_eq!(
                    passes(text, split),
                    *expected,
                    "{text:?} in pieces of {split}"
                );
            }
        }
    }

    #[test]
    fn what_follows_an_upgrade_is_left_alone() {
        let mut strict = Strict::new((), Duration::MAX);
        let text = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n\x81\x05any\r\nthing\n";
        strict.buffer.extend_from_slice(text);
        strict.look();
        assert_eq!(strict.approved, text.len());
    }
}
