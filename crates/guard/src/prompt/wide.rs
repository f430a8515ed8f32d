//! Orders in Chinese, Japanese and Korean, which write no blanks and often put the verb last.

use super::sentences::{line_of, sentence};
use super::wide_words::{
    ALOUD, BEHIND, BEHIND_OBJECT, FILLERS, LEADING, PAST, POINTING, REQUESTS, VERBS,
};

/// Whether a verb of these languages, in front or behind, orders what stands between the two texts.
pub(super) fn is_wide_order(sentence: &str, behind: &str) -> bool {
    let next = line_of(behind);
    if sentence.is_ascii() && next.is_ascii() {
        return false;
    }
    if next
        .trim_start()
        .starts_with(['了', '过', '的', '时', '時', '前', '之', '会', '會'])
    {
        // What was done is told, not ordered, and what is named is no order either.
        return false;
    }
    let rest = next.split(['。', '!']).next().unwrap_or_default();
    let is_courtesy = is_polite(rest) || is_polite(sentence);
    if rest.contains(['?', '吗', '嗎']) && !is_courtesy {
        return false;
    }
    if let Some(then) = behind_its_object(sentence, rest) {
        return !is_doubtful(sentence) && !is_past(rest) && is_request(then, rest);
    }
    let next = rest.split(',').next().unwrap_or_default();
    let found = VERBS
        .iter()
        .filter_map(|verb| sentence.rfind(verb).map(|at| (at, at + verb.len())))
        .max_by_key(|(_, end)| *end);
    let Some((at, end)) = found else {
        return false;
    };
    let is_near = sentence[end..].chars().count() <= 14 && !sentence[end..].contains(',');
    let is_told_later = rest.contains("之前")
        || rest.contains("拦截")
        || rest.contains("拒绝")
        || rest.contains("报警");
    is_near
        && !is_told_later
        && !is_doubtful(&sentence[end..])
        && !is_doubtful(next)
        && is_said_here(&sentence[..at], &sentence[end..])
}

/// Whether the words in front of a verb leave it an order. A clause that begins anew does so whatever
/// stood before it, unless a colon quotes it.
fn is_said_here(before: &str, behind: &str) -> bool {
    let seam = before.rfind([',', ':', '、']);
    let clause = &before[seam.map_or(0, |at| {
        at + before[at..].chars().next().map_or(1, char::len_utf8)
    })..];
    let is_quoted = seam.is_some_and(|at| before[at..].starts_with(':'));
    let mut rest = clause;
    while let Some(found) = LEADING.iter().find_map(|word| rest.strip_prefix(word)) {
        rest = found;
    }
    let is_new = seam.is_some() && !is_quoted && rest.is_empty();
    let tells = before.ends_with(['我', '他', '她', '它'])
        && !["帮我", "给我", "替我", "幫我"]
            .iter()
            .any(|asks| before.ends_with(asks));
    if tells {
        return false;
    }
    let is_asked = ["如果我", "为什么", "為什麼", "怎么", "怎麼", "有人"]
        .iter()
        .any(|word| before.contains(word));
    !behind.starts_with(['了', '过']) && (is_new && !is_asked || !is_doubtful(before))
}

fn is_doubtful(text: &str) -> bool {
    ALOUD.iter().any(|word| text.contains(word))
}

fn is_past(text: &str) -> bool {
    PAST.iter().any(|word| text.contains(word))
}

/// What follows the verb behind a command, if there is one.
fn behind_its_object<'t>(sentence: &str, behind: &'t str) -> Option<&'t str> {
    let mut rest = behind;
    while let Some(found) = FILLERS.iter().find_map(|word| rest.strip_prefix(word)) {
        rest = found;
    }
    let verb = |verbs: &[&str]| verbs.iter().find_map(|verb| rest.strip_prefix(verb));
    let is_object = sentence.contains(['把', '将', '將']);
    verb(&BEHIND).or_else(|| verb(&BEHIND_OBJECT).filter(|_| is_object))
}

/// Whether a line orders the block behind it.
pub(super) fn wide_introduces(lead: &str) -> bool {
    if lead.is_ascii() {
        return false;
    }
    let sentence = sentence(lead);
    let found = VERBS
        .iter()
        .filter_map(|verb| sentence.find(verb).map(|at| (at, at + verb.len())));
    let Some((at, end)) = found.min() else {
        return false;
    };
    let (before, tail) = (&sentence[..at], &sentence[end..]);
    let is_chinese = tail.is_empty() || !tail.contains(is_japanese_or_korean);
    let is_asked = is_chinese || REQUESTS.iter().any(|word| tail.contains(word));
    let forbids = [
        "不要执行",
        "不要运行",
        "别执行",
        "别运行",
        "ないで",
        "지 마",
        "지 말",
    ];
    let points = |text: &str| POINTING.iter().any(|word| text.contains(word));
    let clause = tail.split([',', '、']).next().unwrap_or_default();
    is_asked
        && points(sentence)
        && !tail.starts_with(['了', '过', '的'])
        && !is_doubtful(clause)
        && !sentence.contains(['?', '吗', '嗎'])
        && !forbids.iter().any(|word| tail.contains(word))
        && is_said_here(before, tail)
}

fn is_japanese_or_korean(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{ac00}'..='\u{d7af}')
}

/// Questions of courtesy, which are orders.
fn is_polite(rest: &str) -> bool {
    [
        "くれますか",
        "くれませんか",
        "もらえますか",
        "いただけますか",
        "いただけませんか",
        "주시겠",
        "줄래",
        "주세요",
        "帮我",
        "幫我",
        "麻烦",
    ]
    .iter()
    .any(|phrase| rest.contains(phrase))
}

/// Whether the ending of a verb asks for the deed, rather than tells of it or forbids it.
fn is_request(ending: &str, rest: &str) -> bool {
    let forms = [
        "ください",
        "下さい",
        "くれ",
        "くだ",
        "ほしい",
        "欲しい",
        "もら",
        "いただ",
        "おいて",
        "みて",
        "から",
        "て",
        "ね",
        "よ",
        "します",
        "。",
        "、",
        "!",
        ".",
        ",",
        ";",
        "주",
        "줘",
        "줄",
        "라",
        "봐",
        "바랍",
        "요",
    ];
    let ending = ending.trim_start();
    let goes_on = ending.starts_with("いた") && !ending.starts_with("いただ");
    if goes_on
        || ["있", "いる", "いま"]
            .iter()
            .any(|form| ending.starts_with(form))
    {
        return false;
    }
    let is_asked = REQUESTS.iter().any(|word| rest.contains(word));
    ending.is_empty()
        || forms.iter().any(|form| ending.starts_with(form))
        || ending.starts_with(|c: char| !c.is_ascii()) && is_asked
}

/// The command in front of a verb that stands behind its object, where no quotes mark it.
pub(super) fn ordered_behind(line: &str) -> Option<&str> {
    if line.is_ascii() {
        return None;
    }
    let place = |verb: &&str| line.find(*verb).map(|at| (at, at + verb.len()));
    let (at, end) = BEHIND.iter().find_map(place)?;
    let rest = line[end..].split(['。', '!']).next().unwrap_or_default();
    if !is_request(&line[end..], rest) || is_past(rest) {
        return None;
    }
    let mut before = line[..at].trim_end();
    while let Some(found) = FILLERS.iter().find_map(|word| before.strip_suffix(word)) {
        before = found;
    }
    let start = before.char_indices().rev().find(|(_, c)| !c.is_ascii());
    let command = &before[start.map_or(0, |(at, c)| at + c.len_utf8())..];
    (!is_doubtful(line) && !command.contains('`')).then_some(command)
}

/// The places behind a verb of a language without blanks.
pub(super) fn wide_beginnings(line: &str) -> Vec<usize> {
    let mut places = Vec::new();
    if line.is_ascii() {
        return places;
    }
    for verb in VERBS {
        for (at, _) in line.match_indices(verb).take(4) {
            let end = at + verb.len();
            if is_wide_order(sentence(&line[..end]), &line[end..]) {
                let skipped = line[end..].find(|c: char| {
                    c.is_ascii_alphanumeric() || matches!(c, '/' | '>' | '~' | '.')
                });
                let start = end + skipped.unwrap_or(0);
                if line[end..start].contains('`') {
                    continue;
                }
                places.push(start);
                places.extend(line[end..].find(':').map(|at| end + at + 1));
            }
        }
    }
    places
}
