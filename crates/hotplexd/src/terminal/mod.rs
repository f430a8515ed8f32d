//! What a person sees: colours, markdown, cards of tools. Whatever an agent says is cleaned before
//! it reaches a terminal, since it may hold orders to it.

pub(crate) mod answer;
pub(crate) mod cards;
pub(crate) mod markdown;

use std::io::IsTerminal;

use hotplex::is_unseen;

/// Whether colours are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Style {
    pub(crate) colour: bool,
}

impl Style {
    /// For an output: colours at a terminal, unless NO_COLOR or a dumb terminal says otherwise.
    pub(crate) fn of(output: &impl IsTerminal) -> Style {
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Style {
            colour: output.is_terminal() && !set("NO_COLOR") && !dumb,
        }
    }

    /// The text between the codes of a look; `look` as SGR writes it.
    pub(crate) fn paint(self, look: &str, text: &str) -> String {
        match self.colour && !text.is_empty() {
            true => format!("\x1b[{look}m{text}\x1b[0m"),
            false => text.to_owned(),
        }
    }

    pub(crate) fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    pub(crate) fn red(self, text: &str) -> String {
        self.paint("31", text)
    }

    pub(crate) fn green(self, text: &str) -> String {
        self.paint("32", text)
    }

    pub(crate) fn yellow(self, text: &str) -> String {
        self.paint("33", text)
    }
}

/// The text without what a terminal would obey: control characters but new lines and tabs, and those
/// that turn the direction of writing, which can make one command look like another.
pub(crate) fn clean(text: &str) -> String {
    let harmless = |c: &char| match c {
        '\n' | '\t' => true,
        // The marks between letters of some scripts, and between the parts of an emoji.
        '\u{200c}' | '\u{200d}' | '\u{fe0e}' | '\u{fe0f}' => true,
        c => !is_unseen(*c),
    };
    text.chars().filter(harmless).collect()
}

/// A name that a stranger chose, with what is not seen of it spelled out: names that look alike are the
/// same.
pub(crate) fn visible(name: &str) -> String {
    let spelled = |c: char| match is_unseen(c) {
        true => c.escape_unicode().to_string(),
        false => c.to_string(),
    };
    name.chars().map(spelled).collect()
}

/// The first line of a text, at most so many characters of it.
pub(crate) fn first_line(text: &str, most: usize) -> String {
    let line = clean(text.trim().lines().next().unwrap_or_default());
    match line.char_indices().nth(most) {
        Some((at, _)) => format!("{}...", &line[..at]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_to_the_terminal_are_taken_out() {
        let table = [
            ("plain\ttext\n", "plain\ttext\n"),
            ("\x1b[2Jgone", "[2Jgone"),
            ("\x1b]52;c;cGF5\x07x", "]52;c;cGF5x"),
            ("a\u{9b}31mb\rc", "a31mbc"),
            ("rm \u{202e}gpj.a", "rm gpj.a"),
            ("a\u{200b}\u{feff}b\u{2028}c\u{e0041}", "abc"),
            ("👩\u{200d}💻", "👩\u{200d}💻"),
        ];
        for (text, expected) in table {
            assert_eq!(clean(text), expected, "{text:?}");
        }
        assert_eq!(first_line("one two\nthree", 5), "one t...");
        assert_eq!(visible("user-é"), "user-é");
        assert_eq!(visible("\u{202e}gpj\x1b[2J"), "\\u{202e}gpj\\u{1b}[2J");
    }

    #[test]
    fn without_colour_text_is_left_as_it_is() {
        let plain = Style { colour: false };
        assert_eq!(plain.red("x"), "x");
        assert_eq!(Style { colour: true }.red("x"), "\x1b[31mx\x1b[0m");
    }
}
