//! Reading `/proc`.
//!
//! A process may end between any two reads, and one of another user may not be read at all: both
//! are "nothing there". Any other failure is an error, because a sweep that could not look must
//! not say that it found nothing.

use std::fs::{self, File};
use std::io::{self, Read};
use std::ops::Range;
use std::thread;
use std::time::{Duration, Instant};

/// Numbers of all processes that can be seen, without our own.
pub(super) fn other_processes() -> io::Result<Vec<u32>> {
    let own = std::process::id();
    let mut pids = numbers_in("/proc")?;
    pids.retain(|&pid| pid != own);
    Ok(pids)
}

/// Numbers of the threads of a process; none if it is gone.
pub(super) fn threads(pid: u32) -> io::Result<Vec<u32>> {
    match numbers_in(&format!("/proc/{pid}/task")) {
        Err(error) if is_absence(&error) => Ok(Vec::new()),
        answer => answer,
    }
}

/// Our own open descriptors, among them the one of this look.
pub(super) fn own_descriptors() -> io::Result<Vec<u32>> {
    numbers_in("/proc/self/fd")
}

fn numbers_in(directory: &str) -> io::Result<Vec<u32>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(directory)? {
        numbers.extend(
            entry?
                .file_name()
                .to_str()
                .and_then(|name| name.parse::<u32>().ok()),
        );
    }
    Ok(numbers)
}

/// How long a process may be between two programs before it is taken as it is. On a busy machine
/// 24 ms were seen; only a program on a file system that hangs takes longer than this.
const EXEC_WAIT: Duration = Duration::from_millis(500);

/// Room for the variables of most processes.
const VARIABLES_SIZE: usize = 16 * 1024;

/// Reads files of processes into buffers that are used again for each.
#[derive(Default)]
pub(super) struct Reader {
    content: Vec<u8>,
    /// Never shortened: a sweep reads hundreds of environments, and need not clear room for each.
    variables: Vec<u8>,
    /// How much of `variables` is of the process read last.
    variables_length: usize,
}

impl Reader {
    /// The variables that the process was started with. Empty for a zombie and a kernel thread.
    ///
    /// While a process becomes another program it shows none for a moment, and a sweep would miss
    /// it (seen right after `posix_spawn`, which returns within that moment); so that is waited out.
    pub(super) fn environment(&mut self, pid: u32) -> io::Result<&[u8]> {
        let began = Instant::now();
        while self.read_variables(pid)? && self.variables_length == 0 && self.has_variables(pid)? {
            if began.elapsed() > EXEC_WAIT {
                break;
            }
            thread::yield_now();
        }
        Ok(&self.variables[..self.variables_length])
    }

    /// Reads all variables in one call, or says that there are none for us.
    ///
    /// Between two calls the process may become another program, and the second would find the
    /// memory gone that the first has read from: half an environment, perhaps without the mark.
    fn read_variables(&mut self, pid: u32) -> io::Result<bool> {
        let mut size = self.variables.len().max(VARIABLES_SIZE);
        loop {
            self.variables.resize(size, 0);
            let path = path_of(pid, "environ");
            let read = File::open(path).and_then(|mut file| file.read(&mut self.variables));
            self.variables_length = *read.as_ref().unwrap_or(&0);
            if self.variables_length < size {
                return present(read);
            }
            size *= 2;
        }
    }

    /// True if the process has variables that just did not show, or will have.
    fn has_variables(&mut self, pid: u32) -> io::Result<bool> {
        let status = self.status(pid)?;
        Ok(status.is_some_and(|status| status.has_variables()))
    }

    /// Appends the children that one thread of the process has started.
    pub(super) fn children(&mut self, pid: u32, thread: u32, all: &mut Vec<u32>) -> io::Result<()> {
        self.read(pid, &format!("task/{thread}/children"))?;
        let numbers = str::from_utf8(&self.content).unwrap_or_default();
        all.extend(
            numbers
                .split_ascii_whitespace()
                .filter_map(|number| number.parse::<u32>().ok()),
        );
        Ok(())
    }

    /// Parent, state and start of the process; `None` if it is gone.
    pub(super) fn status(&mut self, pid: u32) -> io::Result<Option<Status>> {
        self.read(pid, "stat")?;
        Ok(Status::parse(&self.content))
    }

    /// Reads the file, or says that there is none for us.
    fn read(&mut self, pid: u32, file: &str) -> io::Result<bool> {
        self.content.clear();
        let path = path_of(pid, file);
        present(File::open(path).and_then(|mut file| file.read_to_end(&mut self.content)))
    }
}

fn path_of(pid: u32, file: &str) -> String {
    format!("/proc/{pid}/{file}")
}

/// Tells a file that is not there, or not for us, from one that could not be read.
fn present(read: io::Result<usize>) -> io::Result<bool> {
    match read {
        Err(error) if is_absence(&error) => Ok(false),
        read => read.map(|_| true),
    }
}

fn is_absence(error: &io::Error) -> bool {
    use io::ErrorKind::{NotFound, PermissionDenied};
    matches!(error.kind(), NotFound | PermissionDenied) || error.raw_os_error() == Some(libc::ESRCH)
}

/// What `/proc/<pid>/stat` says, as far as it is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Status {
    pub(super) parent: u32,
    state: u8,
    /// In ticks since the machine started; with the number it names a process for good.
    pub(super) start_time: u64,
    is_kernel_thread: bool,
    /// Set by the kernel as the last thing of an exec; until then the range below may be anything.
    has_code: bool,
    /// Where its variables lie in its memory.
    environment: Range<u64>,
}

impl Status {
    /// The program's name stands in parentheses and may hold anything, parentheses and blanks
    /// too; the fields are counted from the last one. Their numbers are those of `proc(5)`.
    fn parse(line: &[u8]) -> Option<Status> {
        const FIRST_FIELD: usize = 3;
        const KERNEL_THREAD: u64 = 0x0020_0000;
        let name_end = memchr::memrchr(b')', line)?;
        let fields = str::from_utf8(&line[name_end + 1..]).ok()?;
        let fields: Vec<_> = fields.split_ascii_whitespace().collect();
        let number = |field: usize| fields.get(field - FIRST_FIELD)?.parse::<u64>().ok();
        Some(Status {
            parent: u32::try_from(number(4)?).ok()?,
            state: *fields.first()?.as_bytes().first()?,
            start_time: number(22)?,
            is_kernel_thread: number(9)? & KERNEL_THREAD != 0,
            has_code: number(26)? != 0,
            environment: number(50)?..number(51)?,
        })
    }

    pub(super) fn lives(&self) -> bool {
        !matches!(self.state, b'Z' | b'X')
    }

    /// False for a process that was started without variables, or that has no memory of its own.
    fn has_variables(&self) -> bool {
        let was_started_without = self.has_code && self.environment.is_empty();
        self.lives() && !self.is_kernel_thread && !was_started_without
    }
}

/// The soft limit of a process's file locks, if it has one. A zombie's can be read as well.
pub(super) fn limit_of_locks(pid: u32) -> Option<u64> {
    let limits = fs::read_to_string(path_of(pid, "limits")).ok()?;
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max file locks"))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}

/// Memory of a process that is in RAM; 0 for one that is gone.
pub(crate) fn resident_bytes(pid: u32) -> u64 {
    let pages = fs::read_to_string(format!("/proc/{pid}/statm")).ok();
    let resident = pages.and_then(|line| line.split(' ').nth(1)?.parse::<u64>().ok());
    resident.unwrap_or(0) * page_size()
}

fn page_size() -> u64 {
    // SAFETY: the call takes a plain number.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    u64::try_from(size).unwrap_or(4096)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_program_cannot_shift_the_fields() {
        let mut fields: Vec<_> = (3..=52).map(|field: u32| field.to_string()).collect();
        fields[0] = "S".into();
        let rest = fields.join(" ");
        for name in ["sleep", "a) R 1 (b", "))) 9", "x\ny", ""] {
            let line = format!("42 ({name}) {rest}");
            let expected = Status {
                parent: 4,
                state: b'S',
                start_time: 22,
                is_kernel_thread: false,
                has_code: true,
                environment: 50..51,
            };
            assert_eq!(Status::parse(line.as_bytes()), Some(expected), "{name:?}");
        }
        for cut in ["", "42 (sleep", "42 (sleep) S 41"] {
            assert_eq!(Status::parse(cut.as_bytes()), None, "{cut:?}");
        }
    }
}
