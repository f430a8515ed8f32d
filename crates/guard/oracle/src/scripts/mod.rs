//! Scripts made from the grammar of the shell. Their words are harmless, and nobody runs them.

mod compound;
mod words;

/// A sequence that is the same in every run.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Chance {
        Chance(seed)
    }

    fn next(&mut self) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    /// True once in so many times.
    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn of<'c>(&mut self, choices: &[&'c str]) -> &'c str {
        choices[self.below(choices.len())]
    }
}

/// brush-parser recurses, and deep nesting ends its process.
const DEEPEST: usize = 3;

const NAMES: [&str; 6] = ["a", "b", "x", "y1", "_z", "PATH"];

const COMMANDS: [&str; 6] = ["echo", "a", "b", "printf", "/bin/true", "./c"];

/// Writes one script.
pub(crate) struct Writer<'c> {
    chance: &'c mut Chance,
    text: String,
    depth: usize,
    /// The documents that the line asks for, an entry for each place that has lines of its own.
    pending: Vec<Vec<Document>>,
    documents: usize,
    /// Whether a newline may be written: not in backticks nor in a document.
    lines: bool,
}

struct Document {
    delimiter: String,
    literal: bool,
    tabs: bool,
}

pub(crate) fn script(chance: &mut Chance) -> String {
    let mut writer = Writer {
        chance,
        text: String::new(),
        depth: 0,
        pending: vec![Vec::new()],
        documents: 0,
        lines: true,
    };
    writer.list(2);
    writer.end_of_line();
    writer.text
}

impl Writer<'_> {
    fn put(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn choose(&mut self, choices: &[&str]) {
        let choice = self.chance.of(choices);
        self.put(choice);
    }

    fn deeper(&mut self, write: impl FnOnce(&mut Self)) {
        self.depth += 1;
        write(self);
        self.depth -= 1;
    }

    /// A line end, with the documents that the line asked for.
    fn end_of_line(&mut self) {
        self.put("\n");
        for document in std::mem::take(self.pending.last_mut().expect("a place")) {
            self.document(&document);
        }
    }

    fn line_or(&mut self, other: &str) {
        match self.lines && self.chance.once_in(3) {
            true => self.end_of_line(),
            false => self.put(other),
        }
    }

    fn list(&mut self, longest: usize) {
        let length = 1 + self.chance.below(longest).saturating_sub(self.depth);
        for at in 0..length {
            if at > 0 {
                self.separator();
            }
            self.and_or();
        }
    }

    fn separator(&mut self) {
        match self.chance.below(8) {
            0 => self.put(" & "),
            1 if self.lines => {
                self.choose(&[" # a remark ' \" ` $( {", " #", "\t#a"]);
                self.end_of_line();
            }
            2..=4 if self.lines => {
                self.choose(&["", ";", " ;", " "]);
                self.end_of_line();
                self.choose(&["", "", "  ", "\t"]);
            }
            _ => self.choose(&["; ", ";", " ; "]),
        }
    }

    fn and_or(&mut self) {
        self.pipeline();
        while self.chance.once_in(4) {
            self.choose(&[" && ", " || ", "&&", "||"]);
            if self.lines && self.chance.once_in(4) {
                self.end_of_line();
            }
            self.pipeline();
        }
    }

    fn pipeline(&mut self) {
        if self.chance.once_in(12) {
            self.choose(&["! ", "time ", "time -p ", "! ! ", "time ! "]);
        }
        self.command();
        while self.chance.once_in(5) {
            self.choose(&[" | ", "|", " |& "]);
            if self.lines && self.chance.once_in(4) {
                self.end_of_line();
            }
            self.command();
        }
    }

    fn command(&mut self) {
        if self.depth < DEEPEST && self.chance.once_in(4 + 3 * self.depth) {
            self.deeper(Self::compound);
            if self.chance.once_in(5) {
                self.put(" ");
                self.redirection();
            }
        } else {
            self.simple();
        }
    }

    fn simple(&mut self) {
        let has_assignments = self.chance.once_in(6);
        if has_assignments {
            self.assignments();
            if self.chance.once_in(3) {
                return;
            }
            self.put(" ");
        }
        if self.chance.once_in(15) {
            self.redirection();
            self.put(" ");
        }
        match self.chance.below(12) {
            0 => self.declaration(),
            1 => self.word(),
            _ => self.choose(&COMMANDS),
        }
        for _ in 0..self.chance.below(4) {
            self.blank();
            match self.chance.once_in(7) {
                true => self.redirection(),
                false => self.word(),
            }
        }
    }

    fn blank(&mut self) {
        match self.chance.below(30) {
            0 => self.put("  "),
            1 => self.put("\t"),
            2 => self.put(" \\\n "),
            _ => self.put(" "),
        }
    }

    fn assignments(&mut self) {
        for at in 0..1 + self.chance.below(2) {
            if at > 0 {
                self.put(" ");
            }
            self.choose(&NAMES);
            match self.chance.below(6) {
                0 => self.choose(&["[1]", "[1]", "[$x]", "[$(a)]"]),
                1 => self.put("+"),
                _ => {}
            }
            self.put("=");
            match self.chance.below(8) {
                0 => {}
                1 if !self.text.ends_with("]=") => self.array(),
                _ => self.pieces(),
            }
        }
    }

    fn array(&mut self) {
        self.put("(");
        for at in 0..self.chance.below(4) {
            if at > 0 {
                self.line_or(" ");
            }
            if self.chance.once_in(6) {
                self.put("[k]=");
            }
            self.pieces();
        }
        self.put(")");
    }

    fn declaration(&mut self) {
        self.choose(&["declare ", "export ", "local -a ", "readonly "]);
        self.choose(&NAMES);
        self.put("=");
        match self.chance.once_in(3) {
            true => self.array(),
            false => self.pieces(),
        }
    }

    fn redirection(&mut self) {
        self.choose(&["", "", "", "2", "1", "10"]);
        match self.chance.below(10) {
            0..=1 => self.choose(&[">&2", ">&1", "<&3", ">&-", "<&-"]),
            2 if !self.text.ends_with(|c: char| c.is_ascii_digit()) => {
                self.choose(&["&>", "&>>"]);
                self.choose(&["", " "]);
                self.pieces();
            }
            3 => {
                self.put("<<<");
                self.choose(&["", " "]);
                self.pieces();
            }
            4..=5 if self.lines => self.here_document(),
            _ => {
                self.choose(&["<", ">", ">>", "<>", ">|"]);
                self.choose(&["", " "]);
                self.pieces();
            }
        }
    }

    fn here_document(&mut self) {
        self.documents += 1;
        let delimiter = format!("E{}", self.documents);
        let tabs = self.chance.once_in(4);
        let quotes = self.chance.of(&["", "", "'", "\"", "\\"]);
        let close = if quotes == "\\" { "" } else { quotes };
        let dash = if tabs { "-" } else { "" };
        let blank = self.chance.of(&["", "", " "]);
        let asked = format!("<<{dash}{blank}{quotes}{delimiter}{close}");
        self.put(&asked);
        let literal = !quotes.is_empty();
        let place = self.pending.last_mut().expect("a place");
        place.push(Document {
            delimiter,
            literal,
            tabs,
        });
    }

    fn document(&mut self, document: &Document) {
        for _ in 0..self.chance.below(4) {
            if document.tabs {
                self.choose(&["\t", "\t\t", ""]);
            }
            self.choose(&["a b", "'", "\"a\"", "  c", "", "# a", "é", "a \\ b", "*"]);
            if document.literal {
                self.choose(&["", " $x", " `", " $(", " ${"]);
            } else if self.depth < DEEPEST && self.chance.once_in(2) {
                let lines = std::mem::replace(&mut self.lines, false);
                self.deeper(|writer| writer.dollar(true));
                self.lines = lines;
            }
            self.put("\n");
        }
        let delimiter = document.delimiter.clone();
        if document.tabs {
            self.choose(&["\t", ""]);
        }
        self.put(&delimiter);
        self.put("\n");
    }
}
