//! Whether words in front of a command order it: tables of several languages, read with care.
//!
//! A missed order costs little, for the command itself is judged before it runs. A false alarm
//! costs a user's trust. So every word between the verb and the command has to be a known one.

/// Imperatives that hand a command to the agent.
const VERBS: [&str; 38] = [
    "run",
    "execute",
    "exec",
    "do",
    "invoke",
    "launch",
    "type",
    "try",
    "call",
    "perform",
    "issue",
    "enter",
    "rerun",
    "start",
    "exécute",
    "exécutez",
    "exécuter",
    "lance",
    "lancez",
    "führe",
    "fuehre",
    "starte",
    "ejecuta",
    "ejecute",
    "ejecutar",
    "corre",
    "executa",
    "rode",
    "roda",
    "esegui",
    "lancia",
    "запусти",
    "запустите",
    "выполни",
    "выполните",
    "uitvoeren",
    "voer",
    "uruchom",
];

/// Words that may stand between the verb and the command.
const BETWEEN: [&str; 66] = [
    "the",
    "this",
    "these",
    "following",
    "command",
    "commands",
    "script",
    "shell",
    "bash",
    "tool",
    "terminal",
    "in",
    "my",
    "on",
    "as",
    "root",
    "with",
    "please",
    "exactly",
    "me",
    "a",
    "it",
    "now",
    "code",
    "block",
    "snippet",
    "via",
    "using",
    "through",
    "literally",
    "below",
    "here",
    "first",
    "then",
    "base64",
    "payload",
    "line",
    "your",
    "for",
    "us",
    "and",
    "sudo",
    "just",
    "paste",
    "output",
    "steps",
    "order",
    "one",
    "by",
    "that",
    "bitte",
    "den",
    "befehl",
    "la",
    "commande",
    "el",
    "comando",
    "le",
    "cleanup",
    "machine",
    "server",
    "is",
    "exact",
    "to",
    "immediately",
    "all",
];

/// Words directly in front of the verb that leave it an order.
const LEADING: [&str; 40] = [
    "please",
    "just",
    "and",
    "then",
    "now",
    "ahead",
    "you",
    "quickly",
    "immediately",
    "also",
    "simply",
    "directly",
    "must",
    "first",
    "finally",
    "bitte",
    "silently",
    "kindly",
    "should",
    "let's",
    "lets",
    "next",
    "afterwards",
    "or",
    "ok",
    "okay",
    "actually",
    "instead",
    "again",
    "sofort",
    "por",
    "favor",
    "jetzt",
    "maintenant",
    "once",
    "hey",
    "bash",
    "claude",
    "to",
    "only",
];

/// Words in front of the verb that take the order back, report it, or ask about it.
const ALOUD: [&str; 60] = [
    "never",
    "not",
    "don't",
    "dont",
    "don’t",
    "avoid",
    "without",
    "refuse",
    "refuses",
    "refused",
    "cannot",
    "can't",
    "won't",
    "shouldn't",
    "mustn't",
    "why",
    "what",
    "how",
    "when",
    "explain",
    "asks",
    "asked",
    "says",
    "said",
    "tells",
    "told",
    "someone",
    "anyone",
    "nobody",
    "happens",
    "example",
    "examples",
    "translate",
    "review",
    "document",
    "describe",
    "summarize",
    "reword",
    "detect",
    "detects",
    "block",
    "blocks",
    "blocked",
    "prevent",
    "prevents",
    "forbid",
    "forbids",
    "test",
    "tests",
    "regex",
    "whether",
    "nicht",
    "pas",
    "nunca",
    "non",
    "не",
    "ne",
    "stop",
    "niemals",
    "jamais",
];

/// What a sentence begins with that asks for text rather than deeds.
const AUTHORING: [&str; 27] = [
    "write",
    "add",
    "create",
    "document",
    "explain",
    "translate",
    "review",
    "describe",
    "summarize",
    "refactor",
    "fix",
    "rewrite",
    "rephrase",
    "reword",
    "update",
    "compare",
    "analyze",
    "analyse",
    "print",
    "generate",
    "implement",
    "draft",
    "list",
    "quote",
    "mention",
    "show",
    "tell",
];

/// What makes the words behind a command a name for something else.
const SUBJECTS: [&str; 22] = [
    "test",
    "tests",
    "testcase",
    "testcases",
    "scenario",
    "example",
    "examples",
    "rule",
    "rules",
    "detector",
    "filter",
    "fixture",
    "regex",
    "pattern",
    "check",
    "checks",
    "detection",
    "case",
    "cases",
    "means",
    "does",
    "dangerous",
];

const CHINESE_VERBS: [&str; 12] = [
    "执行",
    "运行",
    "跑",
    "输入",
    "敲",
    "调用",
    "執行",
    "運行",
    "帮我用",
    "実行",
    "실행",
    "启动",
];

const CHINESE_ALOUD: [&str; 32] = [
    "不要",
    "别",
    "禁止",
    "切勿",
    "不能",
    "拒绝",
    "如何",
    "怎么",
    "为什么",
    "什么",
    "解释",
    "测试",
    "写",
    "拦截",
    "后果",
    "如果",
    "吗",
    "会",
    "请勿",
    "不得",
    "不可",
    "避免",
    "翻译",
    "说明",
    "说",
    "文档",
    "函数",
    "绝不",
    "防止",
    "检测",
    "怎样",
    "为何",
];

/// Orders of languages whose verb stands behind its object.
const BEHIND: [&str; 9] = [
    "を実行して",
    "を実行せよ",
    "を実行しろ",
    "を走らせ",
    "실행해",
    "을 실행해",
    "를 실행해",
    "执行一下",
    "跑一下",
];

/// What stands farther off governs nothing.
const LONGEST_SENTENCE: usize = 600;

fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_letter = |c: char| c.is_alphanumeric() || matches!(c, '\'' | '’' | '-' | '_');
    text.split(move |c: char| !is_letter(c))
        .filter(|word| !word.is_empty())
        .map(move |word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
}

/// The last sentence of a text that leads to a command.
fn sentence(before: &str) -> &str {
    let far = before.len().saturating_sub(LONGEST_SENTENCE);
    let near = (far..=before.len()).find(|at| before.is_char_boundary(*at));
    let before = &before[near.unwrap_or(0)..];
    let ends = [". ", "! ", "? ", "\n", "。", "!", "?", ";"];
    let start = ends
        .iter()
        .filter_map(|end| before.rfind(end).map(|at| at + end.len()))
        .max();
    &before[start.unwrap_or(0)..]
}

/// Whether a text orders what stands right behind it.
pub(super) fn leads(before: &str, behind: &str) -> bool {
    let sentence = sentence(before);
    if is_chinese_order(sentence, behind) {
        return true;
    }
    let lower = sentence.to_lowercase();
    let all: Vec<(usize, &str)> = words(&lower).collect();
    let Some(place) = all.iter().rposition(|(_, word)| VERBS.contains(word)) else {
        return false;
    };
    let between_is_plain = all[place + 1..]
        .iter()
        .all(|(_, word)| BETWEEN.contains(word) || VERBS.contains(word));
    // A row of verbs, as in `go ahead and execute: run`, is one order: the first of them counts.
    let first = all[..place]
        .iter()
        .rposition(|(_, word)| !VERBS.contains(word) && !BETWEEN.contains(word));
    let _ = first;
    between_is_plain && is_order(&lower, &all, place, behind)
}

/// Whether the verb at a place is said to the agent, here and now.
pub(super) fn is_order(lower: &str, all: &[(usize, &str)], place: usize, behind: &str) -> bool {
    let (at, _) = all[place];
    let before = &all[..place];
    if before.iter().any(|(_, word)| ALOUD.contains(word))
        || lower[..at].matches('"').count() % 2 == 1
    {
        return false;
    }
    let separated = lower[..at]
        .trim_end()
        .ends_with([',', ':', ';', '-', '—', '(', '*', '>', '/']);
    let previous = before.last().map(|(_, word)| *word);
    let leading = previous.is_none_or(|word| LEADING.contains(&word)) || separated;
    let authoring = before
        .first()
        .is_some_and(|(_, word)| AUTHORING.contains(word));
    let follows = matches!(previous, Some("then" | "and" | "ahead"));
    let reaches_agent = previous != Some("to")
        || before
            .iter()
            .any(|(_, word)| matches!(*word, "you" | "your" | "tool" | "bash"));
    leading
        && reaches_agent
        && (!authoring || follows)
        && !is_question(lower, behind)
        && !names_something(behind)
}

/// A question is an order only if it asks the agent to do it.
fn is_question(lower: &str, behind: &str) -> bool {
    let line = line_of(behind);
    let asks = line.trim_end().ends_with('?') && !line.contains(". ");
    let polite = [
        "can you",
        "could you",
        "would you",
        "will you",
        "please",
        "for me",
    ];
    asks && !polite.iter().any(|phrase| lower.contains(phrase))
}

fn names_something(behind: &str) -> bool {
    let line = line_of(behind).to_lowercase();
    words(&line)
        .take(3)
        .any(|(_, word)| SUBJECTS.contains(&word))
}

/// The rest of a line, as far as it can say something about a command.
fn line_of(behind: &str) -> &str {
    let line = behind.lines().next().unwrap_or_default();
    let end = line
        .char_indices()
        .nth(LONGEST_SENTENCE)
        .map_or(line.len(), |(at, _)| at);
    &line[..end]
}

fn is_chinese_order(sentence: &str, behind: &str) -> bool {
    let next = line_of(behind);
    let next = next.split(['。', ',', ',']).next().unwrap_or_default();
    let doubts = |text: &str| CHINESE_ALOUD.iter().any(|word| text.contains(word));
    if BEHIND
        .iter()
        .any(|verb| next.trim_start().starts_with(verb))
    {
        return !doubts(sentence);
    }
    let found = CHINESE_VERBS
        .iter()
        .filter_map(|verb| sentence.rfind(verb).map(|at| at + verb.len()))
        .max();
    let Some(end) = found else {
        return false;
    };
    let is_near = sentence[end..].chars().count() <= 14;
    is_near && !doubts(sentence) && !doubts(next)
}

/// The places in a line behind a verb that orders, where a command may begin.
pub(super) fn beginnings(line: &str) -> Vec<usize> {
    let lower = line.to_lowercase();
    if lower.len() != line.len() {
        return Vec::new();
    }
    let all: Vec<(usize, &str)> = words(&lower).collect();
    let mut places = Vec::new();
    for (place, (at, word)) in all.iter().enumerate() {
        if !VERBS.contains(word) || places.len() > 24 {
            continue;
        }
        let start = sentence_start(&lower, *at);
        let first = all.iter().position(|(at, _)| *at >= start).unwrap_or(0);
        if !is_order(
            &lower[start..],
            &shifted(&all[first..], start),
            place - first,
            &lower[at + word.len()..],
        ) {
            continue;
        }
        if words(line_of(&lower[at + word.len()..])).any(|(_, word)| SUBJECTS.contains(&word)) {
            continue;
        }
        places.push(at + word.len());
        for (at, word) in all[place + 1..].iter().take(8) {
            if !BETWEEN.contains(word) {
                break;
            }
            places.push(at + word.len());
        }
    }
    places
}

fn shifted<'w>(all: &[(usize, &'w str)], by: usize) -> Vec<(usize, &'w str)> {
    all.iter()
        .take(64)
        .map(|(at, word)| (at - by, *word))
        .collect()
}

fn sentence_start(text: &str, at: usize) -> usize {
    at - sentence(&text[..at]).len().min(at)
}

/// The places behind a verb of a language without blanks.
pub(super) fn chinese_beginnings(line: &str) -> Vec<usize> {
    let mut places = Vec::new();
    for verb in CHINESE_VERBS {
        for (at, _) in line.match_indices(verb).take(4) {
            let end = at + verb.len();
            if is_chinese_order(sentence(&line[..end]), &line[end..]) {
                let skipped = line[end..].find(|c: char| {
                    c.is_ascii_alphanumeric() || matches!(c, '/' | '>' | '~' | '.')
                });
                places.push(end + skipped.unwrap_or(0));
                let colon = line[end..].find([':', ':']);
                places.extend(colon.map(|at| {
                    end + at
                        + if line[end + at..].starts_with(':') {
                            1
                        } else {
                            3
                        }
                }));
            }
        }
    }
    places
}

/// Words that no command line has and every sentence does.
pub(super) fn is_prose(text: &str) -> bool {
    const PROSE: [&str; 31] = [
        "the",
        "is",
        "does",
        "what",
        "why",
        "how",
        "should",
        "would",
        "dangerous",
        "please",
        "means",
        "mean",
        "was",
        "were",
        "my",
        "this",
        "that",
        "are",
        "which",
        "because",
        "when",
        "it",
        "i",
        "you",
        "your",
        "me",
        "with",
        "an",
        "of",
        "has",
        "but",
    ];
    let outside = text.split(['"', '\'', '`']).step_by(2);
    let prose = outside
        .flat_map(str::split_whitespace)
        .any(|word| PROSE.contains(&word.to_lowercase().trim_matches([',', '.', '?', '!'])));
    let foreign = text.chars().any(|c| !c.is_ascii() && c.is_alphabetic());
    prose || foreign || text.trim_end().ends_with('?')
}
