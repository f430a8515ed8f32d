//! Where brush-parser is known to misread a script that bash reads as the guard does, or where the guard
//! keeps less of a script, on purpose.

/// One kind of difference.
pub(crate) struct Fault {
    pub(crate) reason: &'static str,
    /// A script in which it shows. If it does not any more, the fault has to go from the table.
    pub(crate) example: &'static str,
    may_show: fn(&str) -> bool,
}

pub(crate) const FAULTS: [Fault; 13] = [
    Fault {
        reason: "brush-parser does not know `select`",
        example: "select a in b; do c; done",
        may_show: |text| text.contains("select "),
    },
    Fault {
        reason: "brush-parser does not read the body of `for` in braces",
        example: "for a in b; { c; }",
        may_show: |text| text.contains("for ") && text.contains('{'),
    },
    Fault {
        reason: "brush-parser takes a backslash at the end of the text for an error",
        example: "a b\\",
        may_show: |text| text.ends_with('\\'),
    },
    Fault {
        reason: "brush-parser splits a word at a process substitution in it",
        example: "a b<(c)d",
        may_show: has_process_within_word,
    },
    Fault {
        reason: "brush-parser loses its place near a here-document: in substitutions on its line or in \
                 its text, in a second document, in a number before a blank and an operator",
        example: "a <<E \"$(b)\"\nE\n",
        may_show: |text| {
            has_document(text)
                && (substitutes(text) || text.contains("E2") || has_lone_number(text))
        },
    },
    Fault {
        reason: "brush-parser closes a substitution at the `)` of a pattern of `case` in it",
        example: "a $(case b in c) d;; esac)",
        may_show: |text| text.contains("case ") && substitutes(text),
    },
    Fault {
        reason: "brush-parser tells arithmetic from subshells otherwise than bash",
        example: "( (a))",
        may_show: |text| text.contains("( (") || text.contains("(("),
    },
    Fault {
        reason: "brush-parser takes a second `time` for a command",
        example: "time ! time a",
        may_show: |text| text.matches("time").count() > 1 || text.contains("! time"),
    },
    Fault {
        reason: "brush-parser closes `$[` at the first `]`",
        example: "a $[ b[1] ]",
        may_show: |text| text.contains("$[") && text.contains("]]") || text.contains("] ]"),
    },
    Fault {
        reason: "brush-parser takes the second `$` of `$${`, `$$(` or `$$'` for the beginning of something",
        example: "a \"$${ }\"",
        may_show: |text| {
            ["$${", "$$(", "$$[", "$$'"]
                .iter()
                .any(|pair| text.contains(pair))
        },
    },
    Fault {
        reason: "brush-parser takes `\\$'` for the beginning of a quotation with escapes",
        example: "a \\$' \\\n'",
        may_show: |text| text.contains("\\$'"),
    },
    Fault {
        reason: "the guard's reader keeps of an extended glob only what is substituted in it",
        example: "a @(b|$(c)|d)",
        may_show: |text| {
            substitutes(text)
                && ["@(", "*(", "+(", "?(", "!("]
                    .iter()
                    .any(|open| text.contains(open))
        },
    },
    Fault {
        reason: "the guard's reader refuses what a joined line makes of a `$` and of a name behind one",
        example: "a \"$\\\n(b)\"",
        may_show: joins_a_parameter,
    },
];

/// Why the readers may differ on a script, if that is known.
pub(crate) fn of(text: &str) -> Option<usize> {
    FAULTS.iter().position(|fault| (fault.may_show)(text))
}

fn substitutes(text: &str) -> bool {
    ["$(", "`", "<(", ">(", "${", "$["]
        .iter()
        .any(|opener| text.contains(opener))
}

fn joins_a_parameter(text: &str) -> bool {
    text.match_indices("\\\n").any(|(at, _)| {
        let name = text[..at].trim_end_matches(|c: char| c == '_' || c.is_ascii_alphanumeric());
        name.ends_with('$')
    })
}

fn has_document(text: &str) -> bool {
    text.replace("<<<", "").replace("x<<1", "").contains("<<")
}

/// A number that is a word, for a blank stands between it and the operator.
fn has_lone_number(text: &str) -> bool {
    let mut triples = text.as_bytes().windows(3);
    triples.any(|triple| matches!(triple, [b'0'..=b'9', b' ', b'<' | b'>']))
}

fn has_process_within_word(text: &str) -> bool {
    let ends = |byte: Option<&u8>| byte.is_none_or(|byte| b" \t\n;&|<>()".contains(byte));
    let bytes = text.as_bytes();
    let opens = bytes
        .windows(2)
        .enumerate()
        .filter(|(_, pair)| matches!(*pair, b"<(" | b">("));
    opens.into_iter().any(|(at, _)| {
        let behind = at + 1 + crate::form::parentheses(&text[at + 1..]);
        at > 0 && !ends(bytes.get(at - 1)) || !ends(bytes.get(behind))
    })
}
