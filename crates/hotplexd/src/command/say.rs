//! What commands write.

use std::io::Write;

use crate::failure::{Failure, failed};

/// Writes to stdout. A reader that has gone, as `head` does, is no failure.
pub(super) fn say(text: &[u8]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(failed(error.to_string()))
        }
        _ => Ok(()),
    }
}
