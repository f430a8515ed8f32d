//! Loops of code: what the name that goes through a list comes to.

use super::call_names::LEVEL_CALLS;
use super::reading::{Reading, last};
use super::tokens::Token;
use crate::facts::Facts;

/// Methods that run something for each value of a list.
const EACH_CALLS: [&str; 4] = [".forEach", ".map", ".each", ".flatMap"];

/// What stands behind the list that a loop goes through.
const ENDS: [char; 3] = [':', '{', '\n'];

impl Reading<'_> {
    /// `for name in [...]`, which may stand behind what it repeats.
    pub(super) fn loops(&mut self, run: &Facts) {
        for (at, pair) in self.tokens.windows(2).enumerate() {
            let [Token::Name(name), Token::Name(word)] = pair else {
                continue;
            };
            if !matches!(word.as_ref(), "in" | "of") {
                continue;
            }
            let values = match self.names_home(at + 2) {
                true => {
                    // Parts of a path stand behind it: `Path.home().glob("*.log")`.
                    let parts = self.texts_until(at + 2, &ENDS);
                    let home = run.context.home.as_str();
                    vec![
                        std::iter::once(home)
                            .chain(parts)
                            .collect::<Vec<_>>()
                            .join("/"),
                    ]
                }
                false => {
                    let texts = self.texts_until(at + 2, &[':', '{', '\n', ')']);
                    texts.into_iter().map(str::to_owned).collect()
                }
            };
            let is_level = matches!(self.tokens.get(at + 2), Some(Token::Name(name)) if LEVEL_CALLS.contains(&last(name)));
            let is_here = is_level && values == ["."];
            if !values.is_empty() && !is_here {
                self.values
                    .insert(name.clone().into_owned(), values.join("\n"));
            }
        }
    }

    /// `[...].forEach(name => ...)`, and `[...].each { |name| ... }`.
    pub(super) fn methods_of_lists(&mut self) {
        for at in 1..self.tokens.len() {
            let is_method = matches!(&self.tokens[at], Token::Name(name) if EACH_CALLS.contains(&name.as_ref()));
            if !is_method || self.tokens[at - 1] != Token::Sign(']') {
                continue;
            }
            let behind = self.tokens.iter().skip(at + 1).take(5);
            let mut names = behind.filter_map(|token| match token {
                Token::Name(name) if !matches!(name.as_ref(), "do" | "function" | "async") => {
                    Some(name)
                }
                _ => None,
            });
            if let Some(name) = names.next() {
                let values = self.texts_before(at - 1);
                self.values
                    .insert(name.clone().into_owned(), values.join("\n"));
            }
        }
    }

    /// The texts of the list that ends at a place.
    fn texts_before(&self, close: usize) -> Vec<&str> {
        let tokens = self.tokens[..close].iter().rev();
        let mut found = Vec::new();
        for (at, token) in tokens.enumerate() {
            self.spend_steps(usize::from(at % 8 == 0));
            match token {
                Token::Sign('[') => break,
                Token::Text(text) => found.push(text.as_ref()),
                _ if self.steps.get() == 0 => break,
                _ => {}
            }
        }
        found
    }

    /// Whether a loop goes through what is listed of the home.
    fn names_home(&self, from: usize) -> bool {
        const LONGEST_LIST: usize = 24;
        let tokens = self.tokens.iter().skip(from).take(LONGEST_LIST);
        let mut tokens =
            tokens.take_while(|token| !matches!(token, Token::Sign(c) if ENDS.contains(c)));
        tokens.any(
            |token| matches!(token, Token::Name(name) if matches!(last(name), "home" | "homedir")),
        )
    }

    fn texts_until(&self, from: usize, ends: &[char]) -> Vec<&str> {
        let mut found = Vec::new();
        for (at, token) in self.tokens.iter().skip(from).enumerate() {
            if self.steps.get() == 0 {
                break;
            }
            self.spend_steps(usize::from(at % 8 == 0));
            match token {
                Token::Sign(c) if ends.contains(c) => break,
                Token::Text(text) => found.push(text.as_ref()),
                _ => {}
            }
        }
        found
    }
}
