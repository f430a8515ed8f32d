//! Markdown for a terminal, block by block while it is still being written.

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::{Style, clean};

/// Takes an answer in pieces and gives back what can be shown: whole blocks.
pub(crate) struct Markdown {
    style: Style,
    /// What is not shown yet.
    pending: String,
}

impl Markdown {
    pub(crate) fn new(style: Style) -> Markdown {
        Markdown {
            style,
            pending: String::new(),
        }
    }

    /// Adds a piece. What is complete comes back, ready to be written.
    pub(crate) fn push(&mut self, text: &str) -> String {
        self.pending.push_str(text);
        let Some(end) = end_of_blocks(&self.pending) else {
            return String::new();
        };
        let rest = self.pending.split_off(end);
        let blocks = std::mem::replace(&mut self.pending, rest);
        render(&blocks, self.style)
    }

    /// The rest.
    pub(crate) fn finish(&mut self) -> String {
        render(&std::mem::take(&mut self.pending), self.style)
    }
}

/// Where the last complete block ends: after an empty line that stands in no fenced code, outside a
/// list, whose items belong together.
fn end_of_blocks(text: &str) -> Option<usize> {
    let (mut end, mut at) = (None, 0);
    let mut fence: Option<&str> = None;
    let mut in_list = false;
    for line in text.split_inclusive('\n') {
        at += line.len();
        let trimmed = line.trim_start();
        let marker = ["```", "~~~"]
            .into_iter()
            .find(|marker| trimmed.starts_with(marker));
        match (fence, marker) {
            (None, Some(marker)) => fence = Some(marker),
            (Some(open), Some(marker)) if open == marker => fence = None,
            (None, None) if line.trim().is_empty() && line.ends_with('\n') => {
                end = if in_list { end } else { Some(at) };
            }
            (None, None) => in_list = is_list(line) || (in_list && line.starts_with([' ', '\t'])),
            _ => {}
        }
    }
    end
}

fn is_list(line: &str) -> bool {
    let line = line.trim_start();
    let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered =
        digits.len() < line.len() && (digits.starts_with(". ") || digits.starts_with(") "));
    numbered || ["- ", "* ", "+ "].iter().any(|mark| line.starts_with(mark))
}

/// A text of whole blocks, as a terminal shows it.
fn render(markdown: &str, style: Style) -> String {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut page = Rendering::new(style);
    let text = clean(markdown);
    for event in Parser::new_ext(&text, options) {
        page.event(event);
    }
    page.out
}

struct Rendering {
    style: Style,
    out: String,
    /// Looks that are open, innermost last.
    looks: Vec<&'static str>,
    /// Numbers of the lists that are open; `None` for bullets.
    lists: Vec<Option<u64>>,
    quotes: usize,
    in_code: bool,
    /// Where the link that is open leads.
    link: Option<String>,
    table: Table,
}

/// Cells of the table that is open.
#[derive(Default)]
struct Table {
    rows: Vec<Vec<String>>,
    is_open: bool,
}

impl Rendering {
    fn new(style: Style) -> Rendering {
        Rendering {
            style,
            out: String::new(),
            looks: Vec::new(),
            lists: Vec::new(),
            quotes: 0,
            in_code: false,
            link: None,
            table: Table::default(),
        }
    }

    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) if self.in_code => self.code(&text),
            Event::Text(text) => self.text(&text),
            Event::Code(text) => {
                let look = self.style.paint("36", &text);
                self.put(&look);
            }
            // HTML is what it is: text.
            Event::Html(text) | Event::InlineHtml(text) => self.text(&text),
            Event::SoftBreak | Event::HardBreak => self.new_line(),
            Event::Rule => {
                let line = self.style.dim(&"-".repeat(40));
                self.put(&format!("{line}\n\n"));
            }
            Event::TaskListMarker(done) => self.put(if done { "[x] " } else { "[ ] " }),
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { level, .. } => self.looks.push(match level {
                HeadingLevel::H1 => "1;4",
                _ => "1",
            }),
            Tag::Strong => self.looks.push("1"),
            Tag::Emphasis => self.looks.push("3"),
            Tag::Strikethrough => self.looks.push("9"),
            Tag::Link { dest_url, .. } => {
                self.looks.push("4");
                self.link = Some(dest_url.into_string());
            }
            Tag::BlockQuote(_) => {
                self.quotes += 1;
                self.put_margin();
            }
            Tag::CodeBlock(kind) => {
                self.in_code = true;
                if let CodeBlockKind::Fenced(language) = kind
                    && !language.is_empty()
                {
                    let line = self.style.dim(&format!("    [{language}]\n"));
                    self.out.push_str(&line);
                }
            }
            Tag::List(first) => {
                if !self.out.is_empty() && !self.out.ends_with('\n') {
                    self.out.push('\n');
                }
                self.lists.push(first);
            }
            Tag::Item => self.item(),
            Tag::Table(_) => {
                self.table = Table {
                    rows: Vec::new(),
                    is_open: true,
                }
            }
            Tag::TableHead | Tag::TableRow => self.table.rows.push(Vec::new()),
            Tag::TableCell => {
                if let Some(row) = self.table.rows.last_mut() {
                    row.push(String::new());
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) => {
                self.looks.pop();
                self.put("\n\n");
            }
            TagEnd::Strong | TagEnd::Emphasis | TagEnd::Strikethrough => {
                self.looks.pop();
            }
            TagEnd::Link => {
                self.looks.pop();
                if let Some(target) = self.link.take() {
                    let target = self.style.dim(&format!(" <{target}>"));
                    self.put(&target);
                }
            }
            TagEnd::Paragraph if self.lists.is_empty() => self.put("\n\n"),
            TagEnd::BlockQuote(_) => self.quotes = self.quotes.saturating_sub(1),
            TagEnd::CodeBlock => {
                self.in_code = false;
                self.put("\n");
            }
            TagEnd::Item if !self.out.ends_with('\n') => self.put("\n"),
            TagEnd::List(_) => {
                self.lists.pop();
                if self.lists.is_empty() {
                    self.put("\n");
                }
            }
            TagEnd::Table => self.end_table(),
            _ => {}
        }
    }

    fn item(&mut self) {
        let indent = "  ".repeat(self.lists.len().saturating_sub(1));
        let mark = match self.lists.last_mut() {
            Some(Some(number)) => {
                *number += 1;
                format!("{}. ", *number - 1)
            }
            _ => "- ".to_owned(),
        };
        self.put(&format!("{indent}{mark}"));
    }

    fn text(&mut self, text: &str) {
        let looks = self.looks.join(";");
        let text = match looks.as_str() {
            "" => text.to_owned(),
            looks => self.style.paint(looks, text),
        };
        self.put(&text);
    }

    fn code(&mut self, text: &str) {
        for line in text.split_inclusive('\n') {
            let (line, end) = match line.strip_suffix('\n') {
                Some(line) => (line, "\n"),
                None => (line, ""),
            };
            if line.is_empty() {
                self.put(end);
                continue;
            }
            let line = self.style.paint("36", line);
            self.put(&format!("    {line}{end}"));
        }
    }

    fn new_line(&mut self) {
        self.put("\n");
        let indent = "  ".repeat(self.lists.len());
        self.put(&indent);
        self.put_margin();
    }

    fn put_margin(&mut self) {
        let margin = self.style.dim(&"| ".repeat(self.quotes));
        self.out.push_str(&margin);
    }

    fn put(&mut self, text: &str) {
        let cell = self.table.rows.last_mut().and_then(|row| row.last_mut());
        match cell {
            Some(cell) if self.table.is_open => cell.push_str(text),
            _ => self.out.push_str(text),
        }
    }

    fn end_table(&mut self) {
        let table = std::mem::take(&mut self.table);
        let columns = table.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |at: usize| {
            let cells = table.rows.iter().filter_map(|row| row.get(at));
            cells.map(|cell| width_of(cell)).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for (number, row) in table.rows.iter().enumerate() {
            let cells = row
                .iter()
                .zip(&widths)
                .map(|(cell, width)| format!("{cell}{}", " ".repeat(width - width_of(cell))));
            let line = cells.collect::<Vec<_>>().join("  ");
            self.out.push_str(line.trim_end());
            self.out.push('\n');
            if number == 0 {
                let rules = widths.iter().map(|width| "-".repeat(*width));
                let line = self.style.dim(&rules.collect::<Vec<_>>().join("  "));
                self.out.push_str(&format!("{line}\n"));
            }
        }
        self.out.push('\n');
    }
}

/// Characters that take room: not those of colours.
fn width_of(text: &str) -> usize {
    let mut in_code = false;
    let shown = text.chars().filter(|c| {
        let hidden = in_code || *c == '\x1b';
        in_code = hidden && *c != 'm';
        !hidden
    });
    shown.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Style = Style { colour: false };

    #[test]
    fn every_block_is_shown_as_a_terminal_can() {
        let table = [
            ("# Title\n\ntext", "Title\n\ntext\n\n"),
            ("a **b** `c` [d](http://e)", "a b c d <http://e>\n\n"),
            ("- one\n- two\n  - deep\n", "- one\n- two\n  - deep\n\n"),
            ("3. one\n4. two\n", "3. one\n4. two\n\n"),
            ("```rust\nfn a() {}\n```\n", "    [rust]\n    fn a() {}\n\n"),
            ("> said\n> more", "| said\n| more\n\n"),
            (
                "| a | long |\n|---|---|\n| bb | c |\n",
                "a   long\n--  ----\nbb  c\n\n",
            ),
            ("<b>x</b>", "<b>x</b>\n\n"),
            ("\x1b[31mred", "[31mred\n\n"),
        ];
        for (text, expected) in table {
            assert_eq!(render(text, PLAIN), expected, "{text:?}");
        }
    }

    #[test]
    fn in_pieces_it_is_the_same_as_whole() {
        let text = "# Title\n\nFirst.\n\n```sh\nls\n\npwd\n```\n\n- a\n\n- b\n\nLast *word*\n";
        let whole = render(text, PLAIN);
        for size in 1..text.len() {
            let mut markdown = Markdown::new(PLAIN);
            let mut shown = String::new();
            for piece in text.as_bytes().chunks(size) {
                shown += &markdown.push(std::str::from_utf8(piece).expect("ASCII"));
            }
            shown += &markdown.finish();
            assert_eq!(shown, whole, "in pieces of {size}");
        }
    }

    #[test]
    fn a_block_is_shown_before_the_next_one_ends() {
        let mut markdown = Markdown::new(PLAIN);
        assert_eq!(markdown.push("one"), "");
        assert_eq!(markdown.push("\n\ntwo"), "one\n\n");
        assert_eq!(markdown.push("\n```\n\n"), "");
        assert_eq!(markdown.finish(), "two\n\n\n\n");
    }

    #[test]
    fn colours_are_used_where_they_may_be() {
        let shown = render("**b**", Style { colour: true });
        assert_eq!(shown, "\x1b[1mb\x1b[0m\n\n");
        assert_eq!(width_of("\x1b[1mb\x1b[0mc"), 2);
    }
}
