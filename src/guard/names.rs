//! Tables of program names that say at once what is not in them: most commands are in none.

/// Which lengths the names have that begin with a letter, made when the guard is compiled.
#[derive(Clone)]
pub(super) struct Outline([u32; 128]);

impl Outline {
    pub(super) const NONE: Outline = Outline([0; 128]);

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
        self.0[(name.as_bytes()[0] & 0x7F) as usize] |= length_bit(name.len());
        self
    }

    /// Whether a name may be among those of the table; no is certain.
    pub(super) fn may_hold(&self, name: &str) -> bool {
        let first = name.as_bytes().first().copied().unwrap_or(0);
        self.begins(first, name.len())
    }

    /// The same for a table of small letters and a name of any.
    pub(super) fn may_hold_in_any_case(&self, name: &str) -> bool {
        let first = name.as_bytes().first().copied().unwrap_or(0);
        self.begins(first.to_ascii_lowercase(), name.len())
    }

    fn begins(&self, first: u8, length: usize) -> bool {
        self.0[(first & 0x7F) as usize] & length_bit(length) != 0
    }
}

const fn length_bit(length: usize) -> u32 {
    1 << if length < 31 { length } else { 31 }
}
