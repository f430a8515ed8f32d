//! Tables of program names that say at once what is not in them: most commands are in none.

/// Which lengths and letters go together: the first, the second and the last. Made when the guard is
/// compiled.
#[derive(Clone)]
pub(super) struct Outline([u64; WORDS]);

const WORDS: usize = 128;

impl Outline {
    pub(super) const NONE: Outline = Outline([0; WORDS]);

    pub(super) const fn of(names: &[&str]) -> Outline {
        let mut outline = Outline::NONE;
        let mut at = 0;
        while at < names.len() {
            outline = outline.with(names[at]);
            at += 1;
        }
        outline
    }

    pub(super) const fn with(mut self, name: &str) -> Outline {
        let bytes = name.as_bytes();
        let second = bytes[if bytes.len() > 1 { 1 } else { 0 }];
        let place = place([bytes[0], second, bytes[bytes.len() - 1]], bytes.len());
        self.0[place / 64] |= 1 << (place % 64);
        self
    }

    /// Whether a name may be among those of the table; no is certain.
    pub(super) fn may_hold(&self, name: &str) -> bool {
        self.holds(name.as_bytes(), |byte| byte)
    }

    /// The same for a table of small letters and a name of any.
    pub(super) fn may_hold_in_any_case(&self, name: &str) -> bool {
        self.holds(name.as_bytes(), |byte| byte.to_ascii_lowercase())
    }

    fn holds(&self, name: &[u8], letter: impl Fn(u8) -> u8) -> bool {
        let (Some(first), Some(last)) = (name.first(), name.last()) else {
            return false;
        };
        let second = name.get(1).unwrap_or(first);
        let place = place([letter(*first), letter(*second), letter(*last)], name.len());
        self.0[place / 64] & (1 << (place % 64)) != 0
    }
}

const fn place(letters: [u8; 3], length: usize) -> usize {
    let [first, second, last] = letters;
    (first as usize * 7 + second as usize * 1021 + last as usize * 61 + length * 331) % (WORDS * 64)
}
