//! Compound commands.

use super::Writer;

impl Writer<'_> {
    pub(super) fn compound(&mut self) {
        match self.chance.below(15) {
            0..=1 => self.group(),
            2..=3 => self.subshell(),
            4 => self.branches(),
            5 => self.repeated(),
            6..=7 => self.each(),
            8..=9 => self.cases(),
            10 => self.function(),
            11..=12 => self.test(),
            13 => {
                self.put("((");
                self.expression();
                self.put("))");
            }
            _ => self.rarer(),
        }
    }

    fn group(&mut self) {
        self.put("{");
        self.line_or(" ");
        self.body();
        self.put("}");
    }

    /// A list that ends so that a reserved word may follow.
    fn body(&mut self) {
        self.list(2);
        self.line_or("; ");
    }

    fn subshell(&mut self) {
        self.put("(");
        self.choose(&["", " "]);
        let body = self.text.len();
        self.list(2);
        if self.text[body..].starts_with('(') {
            // brush-parser takes `( (a))` for arithmetic, and bash `((a; b))`.
            self.text.insert_str(body, "a; ");
        }
        if !self.pending.last().expect("a place").is_empty() || self.chance.once_in(6) && self.lines
        {
            self.end_of_line();
        }
        self.put(")");
    }

    fn branches(&mut self) {
        self.put("if ");
        self.body();
        self.put("then ");
        self.body();
        while self.chance.once_in(3) {
            self.put("elif ");
            self.body();
            self.put("then ");
            self.body();
        }
        if self.chance.once_in(2) {
            self.put("else ");
            self.body();
        }
        self.put("fi");
    }

    fn repeated(&mut self) {
        self.choose(&["while ", "until "]);
        self.body();
        self.loop_body();
    }

    fn loop_body(&mut self) {
        self.put("do");
        self.line_or(" ");
        self.body();
        self.put("done");
    }

    fn each(&mut self) {
        self.put("for ");
        match self.chance.below(4) {
            0 => {
                self.put("((i=0;i<3;i++))");
                self.choose(&["; ", " "]);
            }
            1 => self.put("a; "),
            _ => {
                self.put("a in");
                for _ in 0..self.chance.below(4) {
                    self.put(" ");
                    self.word();
                }
                self.line_or("; ");
            }
        }
        self.loop_body();
    }

    fn cases(&mut self) {
        self.put("case ");
        self.pieces();
        self.put(" in");
        self.line_or(" ");
        for _ in 0..self.chance.below(3) {
            self.choose(&["", "("]);
            self.choose(&[
                "a", "*", "a|b", "'a b'", "[a-z]*", "\"$x\"", "a | b", "-?", "$(a)", "`a`|b",
            ]);
            self.put(")");
            self.line_or(" ");
            if !self.chance.once_in(5) {
                self.list(2);
                self.line_or(" ");
            }
            self.choose(&[";;", ";;", ";;", ";&", ";;&"]);
            self.line_or(" ");
        }
        self.put("esac");
    }

    fn function(&mut self) {
        match self.chance.below(3) {
            0 => self.put("function f "),
            1 => self.put("function f() "),
            _ => self.choose(&["f() ", "f () ", "f ( ) ", "f-g() "]),
        }
        if self.lines && self.chance.once_in(5) {
            self.end_of_line();
        }
        match self.chance.once_in(5) {
            true => self.subshell(),
            false => self.group(),
        }
    }

    fn test(&mut self) {
        self.put("[[ ");
        self.test_of_operands();
        while self.chance.once_in(3) {
            self.choose(&[" && ", " || "]);
            self.test_of_operands();
        }
        self.put(" ]]");
    }

    fn test_of_operands(&mut self) {
        self.choose(&["", "", "", "! "]);
        match self.chance.below(6) {
            0 => {
                self.choose(&["-n ", "-z ", "-f ", "-e ", "-d ", "-L "]);
                self.pieces();
            }
            1 => {
                self.pieces();
                self.choose(&[" =~ a.b", " =~ ^[a-z]+$", " =~ $x", " =~ \\.c$"]);
            }
            2 => {
                self.put("( ");
                self.pieces();
                self.put(" )");
            }
            3 => self.pieces(),
            _ => {
                self.pieces();
                self.choose(&[
                    " == ", " = ", " != ", " < ", " > ", " -eq ", " -lt ", " -nt ",
                ]);
                self.pieces();
            }
        }
    }

    fn rarer(&mut self) {
        match self.chance.below(4) {
            0 => {
                self.put("select a in a b; ");
                self.loop_body();
            }
            1 => {
                self.put("coproc ");
                self.choose(&["", "c "]);
                self.group();
            }
            2 => {
                // brush-parser takes a command without words for a name.
                self.put("coproc echo a && ");
                self.simple();
            }
            _ => {
                self.put("for a in a b; ");
                self.group();
            }
        }
    }
}
