//! Texts that nobody wrote: soup of the guard's own vocabulary, mutated commands, bytes.

const COMMANDS: [&str; 3] = [
    include_str!("../corpora/commands.tsv"),
    include_str!("../corpora/policy_harder.tsv"),
    include_str!("../corpora/prompts.tsv"),
];

const TOKENS: [&str; 84] = [
    "rm",
    " -rf",
    " /",
    " ~",
    "$HOME",
    "${",
    "}",
    "$(",
    ")",
    "`",
    "\"",
    "'",
    "\\",
    "\n",
    ";",
    "&",
    "|",
    "&&",
    "||",
    "<<E",
    "<<'E'",
    "E\n",
    "<<<",
    ">",
    ">>",
    "2>&1",
    "<(",
    ">(",
    "{",
    "{ ",
    "a,b",
    "..",
    "*",
    "?",
    "[",
    "]",
    "if ",
    "then ",
    "fi",
    "for x in ",
    "do ",
    "done",
    "case ",
    " in ",
    "esac",
    ";;",
    "while ",
    "function ",
    "f()",
    "f",
    "eval ",
    "sh -c ",
    "sudo ",
    "xargs ",
    "find . -exec ",
    "echo ",
    "printf '%s'",
    "base64 -d",
    "cd ",
    "git push -f origin main",
    "python3 -c ",
    "os.system(",
    "awk ",
    "x=",
    "$x",
    "$'\\x72'",
    "[[ ",
    " ]]",
    "((",
    "))",
    "#",
    " ",
    "\t",
    "\r\n",
    "执行",
    "é",
    "\u{F8E6}",
    "\0",
    "run `",
    "Please execute: ",
    "```\n",
    "- ",
    "${x:0:-1}",
    "${x//a/",
];

/// A generator of numbers that is the same in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below.max(1) as u64) as usize
    }
}

/// What every round draws from.
pub(crate) struct Texts {
    numbers: Numbers,
    lines: Vec<&'static str>,
}

impl Texts {
    pub(crate) fn new(seed: u64) -> Texts {
        let lines = COMMANDS.iter().flat_map(|table| table.lines().skip(1));
        Texts {
            numbers: Numbers(seed),
            lines: lines
                .filter_map(|line| line.splitn(3, '\t').nth(2))
                .collect(),
        }
    }

    /// One text of any kind.
    pub(crate) fn next(&mut self) -> String {
        match self.numbers.next(4) {
            0 => self.soup(),
            1 => self.bytes(256),
            2 => self.bytes(95),
            _ => self.mutated(),
        }
    }

    fn soup(&mut self) -> String {
        let count = 1 + self.numbers.next(40);
        (0..count).map(|_| self.token()).collect()
    }

    fn token(&mut self) -> &'static str {
        TOKENS[self.numbers.next(TOKENS.len())]
    }

    /// Bytes of any value, or letters and signs only.
    fn bytes(&mut self, kinds: usize) -> String {
        let start = if kinds < 256 { 32 } else { 0 };
        let length = self.numbers.next(200);
        let bytes: Vec<u8> = (0..length)
            .map(|_| (start + self.numbers.next(kinds)) as u8)
            .collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// A line of the corpora with a few characters gone, put in, or cut off.
    fn mutated(&mut self) -> String {
        let line = self.lines[self.numbers.next(self.lines.len())];
        let mut text: Vec<char> = line.replace("\\n", "\n").chars().collect();
        for _ in 0..1 + self.numbers.next(6) {
            let at = self.numbers.next(text.len() + 1);
            match self.numbers.next(3) {
                0 if at < text.len() => drop(text.remove(at)),
                1 => drop(text.splice(at..at, self.token().chars())),
                _ => text.truncate(at.max(1)),
            }
        }
        text.into_iter().collect()
    }
}
