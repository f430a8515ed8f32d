//! Tables of program names that say at once what is not in them: most commands are in none.

/// Which lengths and last letters go together with which first letter, made when the guard is compiled.
#[derive(Clone)]
pub(super) struct Outline([u64; WORDS]);

const WORDS: usize = 32;

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
        let place = place(bytes[0], bytes[bytes.len() - 1], bytes.len());
        self.0[place / 64] |= 1 << (place % 64);
        self
    }

    /// Whether a name may be among those of the table; no is certain.
    pub(super) fn may_hold(&self, name: &str) -> bool {
        match name.as_bytes() {
            [] => false,
            bytes @ [first, ..] => self.holds(*first, bytes[bytes.len() - 1], bytes.len()),
        }
    }

    /// The same for a table of small letters and a name of any.
    pub(super) fn may_hold_in_any_case(&self, name: &str) -> bool {
        let small = |byte: &u8| byte.to_ascii_lowercase();
        match name.as_bytes() {
            [] => false,
            bytes @ [first, ..] => {
                self.holds(small(first), small(&bytes[bytes.len() - 1]), bytes.len())
            }
        }
    }

    fn holds(&self, first: u8, last: u8, length: usize) -> bool {
        let place = place(first, last, length);
        self.0[place / 64] & (1 << (place % 64)) != 0
    }
}

const fn place(first: u8, last: u8, length: usize) -> usize {
    (first as usize * 7 + last as usize * 61 + length * 331) % (WORDS * 64)
}
