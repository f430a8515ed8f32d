//! Bytes to lines, for protocols that are made of lines. Knows neither descriptors nor what a line
//! means.

use std::borrow::Cow;

use memchr::memchr;

use super::outline::{Outline, Path};
use super::tree_size;
use crate::event::EventKind;
use crate::message::Message;
use crate::notice::NoticeCode;

/// A protocol whose messages are lines.
pub(crate) trait LineProtocol {
    /// What has come of the line that is not whole yet.
    fn buffer(&mut self) -> &mut LineBuffer;

    /// Takes one line of output, without its newline, and appends what it means. Never panics,
    /// whatever the bytes: what it does not know becomes a raw event or a notice.
    fn decode(&mut self, line: &[u8], messages: &mut Vec<Message>);

    /// The members by which a line is known that nobody can read.
    fn outlined(&self) -> &'static [Path] {
        &[]
    }

    /// A line is lost, for this reason, which was told. Whatever waits for what it said by this outline
    /// must not wait for ever: a turn whose end it was ends now, a question is denied.
    fn lost(&mut self, _: &Outline, _why: &str, _: &mut Vec<Message>) {}
}

/// A line as text, whatever its bytes. It is checked once as a whole, which spares the JSON reader a
/// check of every text.
pub(crate) fn text(line: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(line).map_or_else(|_| String::from_utf8_lossy(line), Cow::Borrowed)
}

/// Takes the next bytes of output.
pub(crate) fn feed(protocol: &mut impl LineProtocol, chunk: &[u8], messages: &mut Vec<Message>) {
    let mut buffer = std::mem::replace(protocol.buffer(), LineBuffer::new(0));
    let limit = buffer.limit;
    buffer.feed(chunk, |line| take(protocol, line, limit, messages));
    *protocol.buffer() = buffer;
}

/// The output is over: what stands behind the last newline is a line as well.
pub(crate) fn finish(protocol: &mut impl LineProtocol, messages: &mut Vec<Message>) {
    let over = LineBuffer {
        is_over: true,
        ..LineBuffer::new(0)
    };
    let mut buffer = std::mem::replace(protocol.buffer(), over);
    let limit = buffer.limit;
    buffer.finish(|line| take(protocol, line, limit, messages));
    *protocol.buffer() = buffer;
}

/// A line that was told is lost. At the end of the output it is none: the process ends, and that says more.
pub(crate) fn lose(
    protocol: &mut impl LineProtocol,
    outline: &Outline,
    why: &str,
    messages: &mut Vec<Message>,
) {
    if !protocol.buffer().is_over {
        protocol.lost(outline, why, messages);
    }
}

fn take(
    protocol: &mut impl LineProtocol,
    line: Line<'_>,
    limit: usize,
    messages: &mut Vec<Message>,
) {
    let outlined = protocol.outlined();
    match line {
        Line::Whole(bytes) if !outlined.is_empty() && tree_size::is_too_large(bytes, limit) => {
            let why = format!(
                "a line of {} bytes has more values than are taken",
                bytes.len()
            );
            skipped(protocol, &Outline::of(bytes, outlined), &why, messages);
        }
        Line::Whole(bytes) => protocol.decode(bytes, messages),
        Line::TooLong(bytes, outline) => {
            let why = format!("a line of {bytes} bytes is over the limit");
            skipped(protocol, &outline, &why, messages);
        }
    }
}

fn skipped(
    protocol: &mut impl LineProtocol,
    outline: &Outline,
    why: &str,
    messages: &mut Vec<Message>,
) {
    let text = format!("{why} and was skipped");
    messages.push(Message::Event(EventKind::warning(
        NoticeCode::LineTooLong,
        text,
    )));
    lose(protocol, outline, why, messages);
}

/// What a remainder may go on holding between two large lines. Growing it anew for each of them
/// costs more than all else that is done with a line of 64 KiB: most of it page faults.
const KEPT_CAPACITY: usize = 256 * 1024;

/// What it may go on holding once lines are small again, so that an idle session which saw a large
/// line does not keep its memory for ever.
const KEPT_WHEN_SMALL: usize = 4 * 1024;

/// One line of output, without its newline.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    /// The bytes as they came. Nothing is trimmed: not even a carriage return.
    Whole(&'a [u8]),
    /// The line was longer than the limit and was skipped; so many bytes are gone but for what was looked for.
    TooLong(u64, Outline),
}

/// Cuts a byte stream into lines of a bounded length.
///
/// Lines that lie whole in one chunk are handed on from the chunk itself; only the rest behind the
/// last newline is copied. An idle stream therefore holds no memory.
pub(crate) struct LineBuffer {
    rest: Vec<u8>,
    limit: usize,
    /// What is looked for in a line that is skipped.
    outlined: &'static [Path],
    skipped: Option<(u64, Outline)>,
    is_over: bool,
}

impl LineBuffer {
    /// For lines of at most `limit` bytes.
    pub(crate) fn new(limit: usize) -> LineBuffer {
        LineBuffer::outlining(limit, &[])
    }

    /// The same, and in a longer line these members are looked for.
    pub(crate) fn outlining(limit: usize, outlined: &'static [Path]) -> LineBuffer {
        LineBuffer {
            rest: Vec::new(),
            limit,
            outlined,
            skipped: None,
            is_over: false,
        }
    }

    /// Takes the next bytes and hands on every line they complete.
    pub(crate) fn feed(&mut self, mut chunk: &[u8], mut each: impl FnMut(Line<'_>)) {
        while let Some(end) = memchr(b'\n', chunk) {
            self.complete(&chunk[..end], &mut each);
            chunk = &chunk[end + 1..];
        }
        self.keep(chunk);
    }

    /// Hands on what stands behind the last newline, once the stream is known to be over.
    pub(crate) fn finish(&mut self, mut each: impl FnMut(Line<'_>)) {
        if !self.rest.is_empty() || self.skipped.is_some() {
            self.complete(&[], &mut each);
        }
    }

    fn complete(&mut self, last: &[u8], each: &mut impl FnMut(Line<'_>)) {
        if self.rest.is_empty() && self.skipped.is_none() && last.len() <= self.limit {
            self.rest.shrink_to(KEPT_WHEN_SMALL);
            return each(Line::Whole(last));
        }
        self.keep(last);
        match self.skipped.take() {
            Some((bytes, mut outline)) => {
                outline.end();
                each(Line::TooLong(bytes, outline));
            }
            None => each(Line::Whole(&self.rest)),
        }
        self.rest.clear();
        self.rest.shrink_to(KEPT_CAPACITY);
    }

    fn keep(&mut self, bytes: &[u8]) {
        if let Some((skipped, outline)) = &mut self.skipped {
            *skipped += bytes.len() as u64;
            outline.feed(bytes);
        } else if self.rest.len() + bytes.len() > self.limit {
            let mut outline = Outline::new(self.outlined);
            outline.feed(&self.rest);
            outline.feed(bytes);
            self.skipped = Some(((self.rest.len() + bytes.len()) as u64, outline));
            self.rest = Vec::new();
        } else {
            self.rest.extend_from_slice(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything the buffer says when `input` arrives cut at the given places.
    fn lines(input: &[u8], cuts: &[usize], limit: usize) -> Vec<Result<Vec<u8>, u64>> {
        let mut said = Vec::new();
        let mut buffer = LineBuffer::new(limit);
        let mut each = |line: Line<'_>| {
            said.push(match line {
                Line::Whole(bytes) => Ok(bytes.to_vec()),
                Line::TooLong(bytes, _) => Err(bytes),
            });
        };
        let mut from = 0;
        for &cut in cuts.iter().chain([&input.len()]) {
            buffer.feed(&input[from..cut], &mut each);
            from = cut;
        }
        buffer.finish(&mut each);
        said
    }

    /// What comes in, the limit, and what comes out.
    type Case<'a> = (&'a [u8], usize, &'a [Result<&'a [u8], u64>]);

    #[test]
    fn lines_come_out_the_same_wherever_the_stream_is_cut() {
        let table: &[Case<'_>] = &[
            (b"", 8, &[]),
            (b"\n", 8, &[Ok(b"")]),
            (b"one\ntwo\n", 8, &[Ok(b"one"), Ok(b"two")]),
            (b"one\n\ntwo", 8, &[Ok(b"one"), Ok(b""), Ok(b"two")]),
            (b" a \r\n\xff\xfe\n", 8, &[Ok(b" a \r"), Ok(b"\xff\xfe")]),
            (b"12345678\n", 8, &[Ok(b"12345678")]),
            (b"123456789\nok\n", 8, &[Err(9), Ok(b"ok")]),
            (b"ok\n12345678901234567890", 8, &[Ok(b"ok"), Err(20)]),
            (b"123456789\n123456789\n\n", 8, &[Err(9), Err(9), Ok(b"")]),
        ];
        for (input, limit, expected) in table {
            let expected: Vec<_> = expected
                .iter()
                .map(|line| line.map(<[u8]>::to_vec))
                .collect();
            for first in 0..=input.len() {
                for second in first..=input.len() {
                    let said = lines(input, &[first, second], *limit);
                    assert_eq!(said, expected, "{input:?} cut at {first} and {second}");
                }
            }
        }
    }

    #[test]
    fn a_large_line_leaves_no_memory_behind() {
        let mut buffer = LineBuffer::new(1 << 20);
        buffer.feed(&vec![b'x'; 1 << 19], |_| {});
        buffer.feed(b"\n", |_| {});
        assert!(buffer.rest.capacity() <= KEPT_CAPACITY);
        buffer.feed(b"a small line\n", |_| {});
        assert!(buffer.rest.capacity() <= KEPT_WHEN_SMALL);
    }
}
