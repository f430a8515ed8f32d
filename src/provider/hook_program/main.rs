//! The program that agents start as their hook before a call of a tool: it asks the engine.
//!
//! `build.rs` compiles it, the library carries it, and each process of an agent with command hooks
//! gets it as a file. It stands alone: no crate, and nothing of the library.
//!
//! Usage: `hook SOCKET SECRET SECONDS`. It reads what the agent tells its hook from stdin, sends it as
//! one line to the socket, and writes the line that comes back to stdout. Whatever goes wrong, a limit
//! of SECONDS included, it exits with 2, which agents take for a no, and says why on stderr.

use std::fs::OpenOptions;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// Linux's flag for a descriptor that stands for a place alone, which no jail is asked about.
const O_PATH: i32 = 0o10000000;

/// What agents of this kind take for a denial.
const DENIED: u8 = 2;

fn main() -> ExitCode {
    match ask() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            let _ = writeln!(io::stderr(), "hotplex could not judge this call: {why}");
            ExitCode::from(DENIED)
        }
    }
}

fn ask() -> Result<(), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [socket, secret, seconds] = arguments.as_slice() else {
        return Err("it takes a socket, a secret and a limit in seconds".to_owned());
    };
    let limit = seconds
        .parse()
        .map_err(|_| format!("{seconds} is no limit"))?;
    let mut told = Vec::new();
    let read = io::stdin().lock().read_to_end(&mut told);
    read.map_err(|error| format!("what the agent says cannot be read: {error}"))?;
    let failed = |error| format!("the engine cannot be asked: {error}");
    let answer = exchange(socket, &request(secret, told), limit).map_err(failed)?;
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(&answer).and_then(|()| stdout.flush());
    written.map_err(|error| format!("the agent does not take the answer: {error}"))
}

/// One line. Between the tokens of JSON a newline is a space, and within them there is none.
fn request(secret: &str, mut told: Vec<u8>) -> Vec<u8> {
    told.iter_mut()
        .filter(|byte| matches!(byte, b'\n' | b'\r'))
        .for_each(|byte| *byte = b' ');
    let mut request = format!("{{\"secret\":\"{secret}\",\"hook\":").into_bytes();
    request.append(&mut told);
    request.extend_from_slice(b"}\n");
    request
}

/// A path of more than 107 bytes is no address: then the directory is held, and has a short name.
fn connect(socket: &Path) -> io::Result<UnixStream> {
    match (
        UnixStream::connect(socket),
        socket.parent(),
        socket.file_name(),
    ) {
        (Err(error), Some(parent), Some(name)) if error.kind() == io::ErrorKind::InvalidInput => {
            let directory = OpenOptions::new()
                .read(true)
                .custom_flags(O_PATH)
                .open(parent)?;
            let held = format!("/proc/self/fd/{}", directory.as_raw_fd());
            UnixStream::connect(Path::new(&held).join(name))
        }
        (connected, ..) => connected,
    }
}

fn exchange(socket: &str, request: &[u8], seconds: u64) -> io::Result<Vec<u8>> {
    let mut stream = connect(Path::new(socket))?;
    let limit = Some(Duration::from_secs(seconds));
    stream.set_read_timeout(limit)?;
    stream.set_write_timeout(limit)?;
    stream.write_all(request)?;
    let mut answer = Vec::new();
    BufReader::new(stream).read_until(b'\n', &mut answer)?;
    match answer.last() {
        Some(b'\n') => Ok(answer),
        _ => Err(io::Error::new(
            io::ErrorKind::UnexpectedEof,
            "it gave no answer",
        )),
    }
}
