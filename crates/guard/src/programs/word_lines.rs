//! The lines of the tables that say what words alone mean, however the command line is read.

use super::row::{Letters, Loss, Lost, Program, Query, WordRule};

/// What such lines begin with.
pub(super) const WORD_KEYS: [&str; 18] = [
    "before",
    "short",
    "widens",
    "rehearses",
    "loses",
    "fills",
    "eval",
    "prints",
    "queries",
    "explains",
    "letters",
    "removes",
    "rest",
    "tells",
    "check",
    "code",
    "rule",
    "starts",
];

/// Puts a line into a row.
pub(super) fn state_words(program: &mut Program, key: &str, words: &[&'static str]) {
    match key {
        "before" => program.before.extend(words),
        "short" => {
            let split = words.split_first();
            program
                .shorts
                .extend(split.map(|(meant, shorts)| (*meant, shorts.to_vec())));
        }
        "widens" => program.widens.extend(words),
        "rehearses" => {
            let (options, counts): (Vec<_>, Vec<_>) =
                words.iter().partition(|word| word.starts_with('-'));
            program.rehearses.extend(options);
            let count = counts.iter().find_map(|count: &&str| count.parse().ok());
            program.rehearsed_operands = count.or(program.rehearsed_operands);
        }
        "removes" => program.removes.extend(words),
        "rest" => program.rest.extend(words),
        "fills" => program.fills.extend(words),
        "eval" => program.eval = words.first().copied().unwrap_or_default(),
        "prints" => program.prints = words.first().copied().unwrap_or_default(),
        "tells" => program.tells.extend(words),
        "loses" => program.loses.extend(loss(words)),
        "queries" => program.queries.extend(query(words)),
        "explains" => program.explains.extend(query(words)),
        "letters" => program
            .letters
            .extend(words.iter().filter_map(|word| letters(word))),
        "check" => program.check = words.first().copied().unwrap_or_default(),
        "code" => {
            program.code = words.first().copied().unwrap_or_default();
            program.code_words.extend(words.iter().skip(1));
        }
        "starts" => program.starts.extend(words),
        "rule" => program.rules.extend(word_rule(words)),
        _ => {}
    }
}

/// `1+ a -sdel`, `target s3 sync --delete`, `overwritten unless -o`: what is lost, the subcommand, the
/// options.
pub(super) fn loss(words: &[&'static str]) -> Option<Loss> {
    let (which, rest) = words.split_first()?;
    let lost = match *which {
        "sources" => Lost::Sources,
        "target" => Lost::Target,
        "overwritten" => Lost::Overwritten,
        from => Lost::From(from.strip_suffix('+')?.parse().ok()?),
    };
    let (rest, unless) = split_at_word(rest, "unless");
    let (rest, with) = split_at_word(rest, "with");
    let is_option = |word: &&'static str| word.starts_with('-');
    let (options, subcommand) = rest.iter().copied().partition(is_option);
    Some(Loss {
        lost,
        subcommand,
        options,
        with: with.to_vec(),
        unless: unless.to_vec(),
    })
}

/// What stands in front of a word, and what behind it.
fn split_at_word<'w>(
    words: &'w [&'static str],
    word: &str,
) -> (&'w [&'static str], &'w [&'static str]) {
    let at = words.iter().position(|found| *found == word);
    match at {
        Some(at) => (&words[..at], &words[at + 1..]),
        None => (words, &[]),
    }
}

/// `list show`, or `history> list info` for words that stand behind another one.
fn query(words: &[&'static str]) -> Option<Query> {
    let (first, rest) = words.split_first()?;
    let outer = first.strip_suffix('>');
    let words = if outer.is_some() { rest } else { words };
    Some(Query {
        outer,
        words: words.to_vec(),
    })
}

/// `Q`, `S:silg!yu`: the first letter, those of which one must follow, those that may not.
fn letters(word: &'static str) -> Option<Letters> {
    let (rest, without) = word.split_once('!').unwrap_or((word, ""));
    let (first, with) = rest.split_once(':').unwrap_or((rest, ""));
    Some(Letters {
        first: first.chars().next()?,
        with,
        without,
    })
}

fn word_rule(words: &[&'static str]) -> Option<WordRule> {
    let (rule, words) = words.split_first()?;
    Some(WordRule {
        rule,
        words: words.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_read_into_its_place() {
        let mut program = Program::default();
        for (key, line) in [
            ("before", "-C --git-dir"),
            ("widens", "-c"),
            ("short", "install i add"),
            ("rehearses", "--dry-run"),
            ("loses", "target s3 sync --delete"),
            ("loses", "1+ -m"),
            ("loses", "overwritten unless -o"),
            ("loses", "0+ -i with -f"),
            ("rehearses", "2"),
            ("explains", "adm> who-can"),
            ("letters", "Q S:si!yu"),
            ("removes", "--unmerge"),
            ("queries", "list show"),
            ("queries", "history> list"),
            ("rest", "-e --"),
            ("fills", "-O *"),
            ("eval", "found"),
            ("prints", "input"),
            ("tells", "-l"),
            ("check", "git"),
            ("code", "e --eval"),
            ("starts", "shell"),
            ("rule", "cloud.destroy s3 rb"),
        ] {
            let words: Vec<&'static str> = line.split(' ').collect();
            state_words(&mut program, key, &words);
        }
        assert_eq!(program.before, ["-C", "--git-dir"]);
        assert_eq!(program.widens, ["-c"]);
        assert_eq!(program.shorts, [("install", vec!["i", "add"])]);
        assert_eq!(program.rehearses, ["--dry-run"]);
        assert_eq!(program.loses[0].lost, Lost::Target);
        assert_eq!(program.loses[0].subcommand, ["s3", "sync"]);
        assert_eq!(program.loses[0].options, ["--delete"]);
        assert_eq!(program.loses[1].lost, Lost::From(1));
        assert_eq!(program.loses[2].options, [""; 0]);
        assert_eq!(program.loses[2].unless, ["-o"]);
        assert_eq!(program.removes, ["--unmerge"]);
        assert_eq!(program.loses[3].options, ["-i"]);
        assert_eq!(program.loses[3].with, ["-f"]);
        assert_eq!(program.rehearsed_operands, Some(2));
        assert_eq!(program.explains[0].outer, Some("adm"));
        assert_eq!(
            (program.letters[0].first, program.letters[0].with),
            ('Q', "")
        );
        assert_eq!(
            (program.letters[1].with, program.letters[1].without),
            ("si", "yu")
        );
        assert_eq!(program.queries[0].words, ["list", "show"]);
        assert_eq!(program.queries[1].outer, Some("history"));
        assert_eq!(program.queries[1].words, ["list"]);
        assert_eq!(program.rest, ["-e", "--"]);
        assert_eq!(program.fills, ["-O", "*"]);
        assert_eq!(program.eval, "found");
        assert_eq!(program.prints, "input");
        assert_eq!(program.tells, ["-l"]);
        assert_eq!(program.check, "git");
        assert_eq!((program.code, &*program.code_words), ("e", &["--eval"][..]));
        assert_eq!(program.starts, ["shell"]);
        assert_eq!(program.rules[0].rule, "cloud.destroy");
        assert_eq!(program.rules[0].words, ["s3", "rb"]);
    }
}
