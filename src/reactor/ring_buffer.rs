//! The last bytes of a stream. What an agent wrote to stderr last is usually why it failed.

/// How much is kept. Codex writes about 200 KB a second to stderr in normal operation, so what is
/// kept must be bounded; 64 KiB is more than any message of a failing start that was seen.
const KEPT: usize = 64 * 1024;

/// The last 64 KiB of a stream.
#[derive(Default)]
pub(crate) struct RingBuffer {
    bytes: Vec<u8>,
}

impl RingBuffer {
    pub(crate) fn push(&mut self, chunk: &[u8]) {
        let chunk = &chunk[chunk.len().saturating_sub(KEPT)..];
        // Twice the size before it is cut, so that the cost of moving is spread over many chunks.
        if self.bytes.len() + chunk.len() > 2 * KEPT {
            self.bytes.drain(..self.bytes.len() - (KEPT - chunk.len()));
        }
        self.bytes.extend_from_slice(chunk);
    }

    pub(crate) fn text(&self) -> String {
        let start = self.bytes.len().saturating_sub(KEPT);
        String::from_utf8_lossy(&self.bytes[start..]).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_kept_however_it_comes() {
        let text: Vec<u8> = (0..400_000u32).map(|n| b'a' + (n % 26) as u8).collect();
        for size in [1, 7, 4096, KEPT, KEPT + 1, 3 * KEPT] {
            let mut tail = RingBuffer::default();
            text.chunks(size).for_each(|chunk| tail.push(chunk));
            assert_eq!(
                tail.text().as_bytes(),
                &text[text.len() - KEPT..],
                "in chunks of {size}"
            );
            assert!(tail.bytes.len() <= 2 * KEPT);
        }
    }
}
