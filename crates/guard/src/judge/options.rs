//! Options and operands of a command line, whatever their order.

/// A command line taken apart.
pub(in super::super) struct Options<'w> {
    pub(in super::super) operands: Vec<&'w str>,
    /// Options with the value that follows them or is attached by `=`.
    options: Vec<(&'w str, Option<&'w str>)>,
}

impl<'w> Options<'w> {
    /// Takes words apart; `valued` names the options whose next word is their value.
    pub(in super::super) fn of(words: &'w [String], valued: &str) -> Options<'w> {
        let mut found = Options {
            operands: Vec::with_capacity(words.len()),
            options: Vec::new(),
        };
        let mut rest = words.iter().skip(1).map(String::as_str);
        while let Some(word) = rest.next() {
            if word == "--" {
                found.operands.extend(rest);
                break;
            }
            if !word.starts_with('-') || word.len() == 1 {
                found.operands.push(word);
                continue;
            }
            if let Some((name, value)) = word.split_once('=') {
                found.options.push((name, Some(value)));
            } else if valued.split(' ').any(|option| option == word) || ends_valued(word, valued) {
                found.options.push((word, rest.next()));
            } else {
                found.options.push((word, None));
            }
        }
        found
    }

    /// Whether one of these options was given, alone or among other single letters.
    pub(in super::super) fn has(&self, names: &[&str]) -> bool {
        self.options.iter().any(|(option, _)| {
            names.iter().any(|name| {
                let letter = name.strip_prefix('-').filter(|letter| letter.len() == 1);
                let among = |letter| !option.starts_with("--") && option[1..].contains(letter);
                option == name || letter.is_some_and(among)
            })
        })
    }

    /// The value of the first of these options, whether it stands apart or is attached.
    pub(in super::super) fn value(&self, names: &[&str]) -> Option<&'w str> {
        self.options.iter().find_map(|(option, value)| {
            names.iter().find_map(|name| {
                if option == name {
                    return *value;
                }
                let letters = option
                    .strip_prefix('-')
                    .filter(|_| !option.starts_with("--"))?;
                let letter = name.strip_prefix('-').filter(|letter| letter.len() == 1)?;
                let (before, after) = letters.split_once(letter)?;
                let is_cluster =
                    before.bytes().all(|b| b.is_ascii_alphabetic()) && before.len() < 5;
                match after {
                    "" if is_cluster => *value,
                    after => is_cluster.then_some(after),
                }
            })
        })
    }

    pub(in super::super) fn all(&self) -> impl Iterator<Item = (&'w str, Option<&'w str>)> {
        self.options.iter().copied()
    }
}

/// Whether the last of several single letters takes the next word: `-sSLo file`.
pub(super) fn ends_valued(word: &str, valued: &str) -> bool {
    let letters = word.strip_prefix('-').unwrap_or_default();
    let is_cluster =
        (2..=6).contains(&letters.len()) && letters.bytes().all(|b| b.is_ascii_alphabetic());
    is_cluster
        && valued
            .split(' ')
            .any(|option| option.len() == 2 && option.ends_with(|c| letters.ends_with(c)))
}

/// The place of the first operand, behind options and their values.
pub(in super::super) fn first_operand(words: &[String], valued: &str) -> Option<usize> {
    let mut at = 1;
    while let Some(word) = words.get(at) {
        if word == "--" {
            return (at + 1 < words.len()).then_some(at + 1);
        }
        if !word.starts_with('-') || word.len() == 1 {
            return Some(at);
        }
        at += if valued.split(' ').any(|option| option == word) {
            2
        } else {
            1
        };
    }
    None
}
