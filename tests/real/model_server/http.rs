//! As much of HTTP/1.1 as one client on the loopback interface needs: requests with a length or in
//! chunks, answers whole or as a stream of events, connections kept open.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;

pub(crate) struct Connection {
    reader: BufReader<TcpStream>,
    writer: TcpStream,
}

pub(crate) struct Request {
    pub(crate) method: String,
    /// Without the query.
    pub(crate) path: String,
    pub(crate) body: Vec<u8>,
}

impl Connection {
    pub(crate) fn new(stream: TcpStream) -> io::Result<Connection> {
        Ok(Connection {
            writer: stream.try_clone()?,
            reader: BufReader::new(stream),
        })
    }

    /// The next request; `None` when the client is done.
    pub(crate) fn read_request(&mut self) -> io::Result<Option<Request>> {
        let first = self.read_line()?;
        let mut words = first.split_whitespace();
        let (Some(method), Some(target)) = (words.next(), words.next()) else {
            return Ok(None);
        };
        let path = target.split('?').next().unwrap_or(target).to_owned();
        let method = method.to_owned();
        let body = self.read_body()?;
        Ok(Some(Request { method, path, body }))
    }

    fn read_body(&mut self) -> io::Result<Vec<u8>> {
        let (mut length, mut chunked) = (0, false);
        loop {
            let header = self.read_line()?.to_ascii_lowercase();
            match header.split_once(':') {
                None => break,
                Some(("content-length", value)) => length = value.trim().parse().unwrap_or(0),
                Some(("transfer-encoding", value)) => chunked = value.contains("chunked"),
                Some(_) => {}
            }
        }
        if chunked {
            return self.read_chunks();
        }
        let mut body = vec![0; length];
        self.reader.read_exact(&mut body)?;
        Ok(body)
    }

    fn read_chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let size = usize::from_str_radix(&self.read_line()?, 16).unwrap_or(0);
            let start = body.len();
            body.resize(start + size, 0);
            self.reader.read_exact(&mut body[start..])?;
            self.read_line()?;
            if size == 0 {
                return Ok(body);
            }
        }
    }

    fn read_line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.reader.read_line(&mut line)?;
        Ok(line.trim_end().to_owned())
    }

    /// A whole answer.
    pub(crate) fn answer(&mut self, status: u16, body: &str) -> io::Result<()> {
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
        );
        self.writer.write_all((head + body).as_bytes())
    }

    /// An answer to a question for the head alone.
    pub(crate) fn answer_head(&mut self) -> io::Result<()> {
        self.writer
            .write_all(b"HTTP/1.1 200 x\r\ncontent-length: 0\r\n\r\n")
    }

    pub(crate) fn open_events(&mut self) -> io::Result<()> {
        self.writer.write_all(
            b"HTTP/1.1 200 x\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n",
        )
    }

    /// One event of a stream, sent at once; without a name if that is empty.
    pub(crate) fn event(&mut self, name: &str, data: &str) -> io::Result<()> {
        let event = match name {
            "" => format!("data: {data}\n\n"),
            name => format!("event: {name}\ndata: {data}\n\n"),
        };
        let chunk = format!("{:x}\r\n{event}\r\n", event.len());
        self.writer.write_all(chunk.as_bytes())
    }

    pub(crate) fn close_events(&mut self) -> io::Result<()> {
        self.writer.write_all(b"0\r\n\r\n")
    }
}
