//! Orders in Chinese, Japanese and Korean, which write no blanks and often put the verb last.

use super::orders::{line_of, sentence};

/// Whether a verb of these languages, in front or behind, orders what stands between the two texts.
pub(super) fn is_wide_order(sentence: &str, behind: &str) -> bool {
    let next = line_of(behind);
    if sentence.is_ascii() && next.is_ascii() {
        return false;
    }
    if next.starts_with(['了', '过']) {
        // What was done is told, not ordered.
        return false;
    }
    let rest = next.split(['。', '!']).next().unwrap_or_default();
    if rest.contains(['?', '吗', '嗎']) && !is_polite(rest) {
        return false;
    }
    let next = rest.split(',').next().unwrap_or_default();
    let doubts = |text: &str| CHINESE_ALOUD.iter().any(|word| text.contains(word));
    let then = BEHIND
        .iter()
        .find_map(|verb| next.trim_start().strip_prefix(verb));
    if let Some(then) = then {
        return !doubts(sentence) && is_request(then);
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
    ]
    .iter()
    .any(|phrase| rest.contains(phrase))
}

/// Whether the ending of a verb asks for the deed, rather than tells of it or forbids it.
fn is_request(ending: &str) -> bool {
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
        "せよ",
        "しろ",
        "。",
        "、",
        "!",
        ".",
        ",",
        " ",
        "주",
        "줘",
        "라",
    ];
    ending.is_empty() || forms.iter().any(|form| ending.starts_with(form))
}

/// The command in front of a verb that stands behind its object, where no quotes mark it.
pub(super) fn ordered_behind(line: &str) -> Option<&str> {
    if line.is_ascii() {
        return None;
    }
    let place = |verb: &&str| line.find(*verb).map(|at| (at, at + verb.len()));
    let (at, end) = BEHIND.iter().find_map(place)?;
    if !is_request(&line[end..]) {
        return None;
    }
    let before = line[..at].trim_end();
    let start = before.char_indices().rev().find(|(_, c)| !c.is_ascii());
    let command = &before[start.map_or(0, |(at, c)| at + c.len_utf8())..];
    let doubts = CHINESE_ALOUD.iter().any(|word| line.contains(word));
    (!doubts && !command.contains('`')).then_some(command)
}

/// The places behind a verb of a language without blanks.
pub(super) fn wide_beginnings(line: &str) -> Vec<usize> {
    let mut places = Vec::new();
    if line.is_ascii() {
        return places;
    }
    for verb in CHINESE_VERBS {
        for (at, _) in line.match_indices(verb).take(4) {
            let end = at + verb.len();
            if is_wide_order(sentence(&line[..end]), &line[end..]) {
                let skipped = line[end..].find(|c: char| {
                    c.is_ascii_alphanumeric() || matches!(c, '/' | '>' | '~' | '.')
                });
                places.push(end + skipped.unwrap_or(0));
                places.extend(line[end..].find(':').map(|at| end + at + 1));
            }
        }
    }
    places
}

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

const CHINESE_ALOUD: [&str; 85] = [
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
    "执行了",
    "运行了",
    "跑了",
    "執行了",
    "有人",
    "谁",
    "误",
    "昨天",
    "刚才",
    "已经",
    "曾经",
    "之后怎",
    "不应",
    "不用",
    "无法",
    "無法",
    "別",
    "為什麼",
    "怎麼",
    "什麼",
    "嗎",
    "請勿",
    "會",
    "寫",
    "測試",
    "說",
    "翻譯",
    "解釋",
    "日志",
    "日誌",
    "ないで",
    "いけま",
    "いけな",
    "すると",
    "しまい",
    "なぜ",
    "どうな",
    "ダメ",
    "禁じ",
    "した場合",
    "実行した",
    "実行され",
    "書い",
    "テスト",
    "説明",
    "翻訳",
    "하지 마",
    "않",
    "왜",
    "테스트",
    "설명",
    "번역",
    "하면",
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
