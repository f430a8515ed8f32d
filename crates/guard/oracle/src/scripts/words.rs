//! Words, with all that a `$` or a quote may begin.

use super::{DEEPEST, NAMES, Writer};

const TEXTS: [&str; 32] = [
    "a", "b", "c1", "-n", "--all", "x=y", "./d/e", "é", "日本", "a#b", "a:b", "%", "+", "@", "in",
    "do", "done", "then", "fi", "if", "}", "{", "!", "time", "esac", "1", "22", "a.b", "=", "[",
    "]", "-",
];

const GLOBS: [&str; 12] = [
    "*", "?", "[ab]", "[!a]*", "{a,b}", "{1..3}", "~", "~/a", "a*b", "{a}", "~b", "[a-z]?",
];

const QUOTED: [&str; 12] = [
    "", "a", "a b", " ", ";", "a|b", "(", ")", "#", "{ }", "*", "é日",
];

impl Writer<'_> {
    pub(super) fn word(&mut self) {
        match self.chance.below(24) {
            0 if self.depth < DEEPEST => self.deeper(Self::process),
            1..=6 => self.choose(&TEXTS),
            _ => self.pieces(),
        }
    }

    pub(super) fn pieces(&mut self) {
        for _ in 0..1 + self.chance.below(5) / 2 {
            self.piece();
        }
    }

    fn piece(&mut self) {
        match self.chance.below(16) {
            0..=3 => self.choose(&TEXTS[..14]),
            4..=5 => self.single_quoted(),
            6..=8 => self.double_quoted(),
            9 => self.choose(&[
                "\\ ", "\\;", "\\'", "\\\"", "\\$", "\\a", "\\\\", "\\é", "\\(", "\\#",
            ]),
            10 => self.choose(&["$'a\\'b'", "$'\\n'", "$'\\x41'", "$''", "$'a b'", "$'\\\\'"]),
            11 => self.choose(&GLOBS),
            12 if self.chance.once_in(3) => {
                self.choose(&["\\\n", "$\"a b\"", "$[1 + 2]", "$[x]", "@(a|b)", "*(a)"])
            }
            13 => self.dollar(false),
            _ => self.choose(&["$x", "a", "b-c", "$1"]),
        }
    }

    fn single_quoted(&mut self) {
        self.put("'");
        self.choose(&QUOTED);
        self.choose(&["", "", "\"", "`", "$x", "$(", "\\", "\\\\"]);
        if self.lines && self.chance.once_in(12) {
            self.put("\n");
        }
        self.put("'");
    }

    fn double_quoted(&mut self) {
        self.put("\"");
        for _ in 0..self.chance.below(3) {
            match self.chance.below(6) {
                0 => self.choose(&["\\\"", "\\$", "\\\\", "\\`", "\\a", "'", "''", "!"]),
                1..=2 => self.dollar(true),
                3 if self.lines && self.chance.once_in(6) => self.choose(&["\n", "\\\n"]),
                _ => self.choose(&QUOTED),
            }
        }
        self.put("\"");
    }

    /// What a `$` begins, or a backtick.
    pub(super) fn dollar(&mut self, quoted: bool) {
        if self.depth >= DEEPEST {
            self.choose(&["$x", "$1", "$@", "$?", "${x}"]);
            return;
        }
        match self.chance.below(10) {
            0..=3 => self.choose(&[
                "$x", "$1", "$@", "$*", "$#", "$?", "$$", "$!", "$-", "$PATH", "$0",
            ]),
            4..=5 => self.deeper(|writer| writer.parameter(quoted)),
            6..=7 => self.deeper(Self::substitution),
            8 => self.deeper(Self::backticks),
            _ => self.deeper(Self::arithmetic),
        }
    }

    fn parameter(&mut self, quoted: bool) {
        self.put("${");
        if self.chance.once_in(8) {
            self.choose(&[
                "#x}", "!x}", "!a*}", "!a@}", "#a[@]}", "!a[@]}", "#}", "@}", "10}",
            ]);
            return;
        }
        self.choose(&NAMES);
        self.choose(&["", "", "", "[1]", "[@]", "[*]", "[$x]", "[$(a)]", "[`a b`]"]);
        self.choose(&[
            "", ":-", ":=", ":+", ":?", "-", "=", "+", "?", "#", "##", "%", "%%", "/a/", "//a/",
            "/#a/", "^", "^^", ",", ",,", ":1", ":1:2", "@Q",
        ]);
        // Behind a name without an operator nothing may follow.
        let takes_more = self.text.ends_with(|c| "-=+?#%/^,".contains(c));
        if takes_more && self.chance.once_in(2) {
            match quoted {
                true => self.operand_in_quotes(),
                false => self.pieces(),
            }
        }
        self.put("}");
    }

    fn operand_in_quotes(&mut self) {
        match self.chance.below(5) {
            0 => self.put("\"a b\""),
            1 => self.put("a b"),
            2 => self.dollar(true),
            _ => self.choose(&TEXTS[..12]),
        }
    }

    fn apart(&mut self, write: impl FnOnce(&mut Self)) {
        self.pending.push(Vec::new());
        write(self);
        if !self.pending.last().expect("a place").is_empty() {
            self.end_of_line();
        }
        self.pending.pop();
    }

    fn substitution(&mut self) {
        self.put("$(");
        self.apart(|writer| {
            writer.choose(&["", "", "", " "]);
            if writer.lines && writer.chance.once_in(8) {
                writer.end_of_line();
            }
            writer.list(2);
            writer.choose(&["", "", "", " "]);
        });
        self.put(")");
    }

    fn process(&mut self) {
        self.choose(&["<(", ">("]);
        self.apart(|writer| writer.list(2));
        self.put(")");
    }

    fn backticks(&mut self) {
        // What stands in backticks is written first: theirs are escaped.
        let before = std::mem::take(&mut self.text);
        let lines = std::mem::replace(&mut self.lines, false);
        self.apart(|writer| writer.list(2));
        self.lines = lines;
        let inner = std::mem::replace(&mut self.text, before);
        let inner = inner.replace('\\', "\\\\").replace('`', "\\`");
        self.put("`");
        self.put(&inner);
        self.put("`");
    }

    fn arithmetic(&mut self) {
        self.put("$((");
        self.expression();
        self.put("))");
    }

    pub(super) fn expression(&mut self) {
        self.choose(&[
            "1",
            "x",
            "$x",
            "1 + 2",
            " (1+x) * 2 ",
            "x<<1",
            "a[1]",
            "x++",
            "x > 1 ? 1 : 2",
        ]);
        if self.depth < DEEPEST && self.chance.once_in(4) {
            self.put(" + ");
            self.deeper(Self::substitution);
        }
    }
}
