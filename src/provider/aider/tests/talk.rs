use super::*;
use crate::event::Decision;

fn has(told: &[String], start: &str) -> bool {
    told.iter().any(|line| line.starts_with(start))
}

#[test]
fn a_prompt_is_a_block_that_its_text_can_neither_end_nor_turn_into_a_command() {
    let mut process = Process::ready();
    let written = process.prompt("/run ls\r\nx}\rlast");
    let lines: Vec<&str> = written.lines().collect();
    let tag = lines[0].strip_prefix('{').unwrap();
    assert!(
        tag.len() > 20 && tag.chars().all(char::is_alphanumeric),
        "{tag}"
    );
    assert_eq!(lines[1..5], ["", "/run ls", "x}", "last"]);
    assert_eq!(lines[5..], [format!("{tag}}}")]);
}

#[test]
fn a_turn_ends_where_aider_waits_and_nowhere_else() {
    let mut process = Process::ready();
    process.prompt("p");
    let told = process.feed("\nhello\n\n> quoted, and not the end\n> ");
    assert!(!has(&told, "result"), "{told:?}");
    let told = process.feed("\nTokens: 1.2k sent, 3 received.\n\n");
    assert!(
        has(
            &told,
            "answer \"hello\\n\\n> quoted, and not the end\\n> \""
        ),
        "{told:?}"
    );
    let told = process.waits();
    assert!(
        has(&told, "result error=false interrupted=false"),
        "{told:?}"
    );
    assert!(told[0].contains("tokens=1200/3/0/0"), "{told:?}");
}

#[test]
fn a_turn_without_an_answer_fails_with_what_aider_said() {
    for (said, why) in [
        (
            "litellm.AuthenticationError: no\nThe API provider is not able to authenticate you.\n",
            "litellm.AuthenticationError: no",
        ),
        ("\nsomething else went wrong\n", "something else went wrong"),
        ("", "aider came to no answer"),
    ] {
        let mut process = Process::ready();
        process.prompt("p");
        process.feed(said);
        let told = process.waits();
        let result = told
            .iter()
            .find(|line| line.starts_with("result error=true"));
        assert!(result.is_some_and(|line| line.contains(why)), "{told:?}");
        process.prompt("q");
        process.feed("\nfine\nTokens: 1 sent, 1 received.\n");
        assert!(has(&process.waits(), "result error=false"), "the next turn");
    }
}

#[test]
fn an_interrupted_turn_keeps_what_was_said() {
    let mut process = Process::ready();
    process.prompt("p");
    process.feed("\nw0 w1 ");
    process.protocol.interrupt(&mut Vec::new());
    let told = process.feed("\n\n^C again to exit\n\n");
    assert!(has(&told, "answer \"w0 w1 \""), "{told:?}");
    let told = process.stopped();
    assert!(
        has(&told, "result error=false interrupted=true"),
        "{told:?}"
    );
}

#[test]
fn a_process_without_its_hook_is_refused() {
    for output in ["Aider v0.86.2\n", "\u{1e}n0[\"waits\",0]\n"] {
        let mut process = Process::new(Conversation::New("c".to_owned()));
        let told = process.feed(output);
        assert!(has(&told, "handshake_refused its audit hook"), "{told:?}");
    }
}

#[test]
fn a_conversation_that_aider_does_not_restore_is_lost() {
    for (said, lost) in [
        ("", true),
        ("Restored previous conversation history.\n", false),
    ] {
        let mut process = Process::new(Conversation::Resume("c".to_owned()));
        process.greet();
        process.feed(said);
        assert_eq!(has(&process.waits(), "conversation_lost"), lost, "{said:?}");
    }
}

#[test]
fn what_is_asked_again_in_a_turn_has_the_answer_that_it_had() {
    let mut process = Process::ready();
    process.prompt("p");
    let write = |path: &str| format!("{{\"write\":{path:?},\"exists\":false}}");
    let mut messages = Vec::new();
    let mut ask = |process: &mut Process, id: &str, path: &str| {
        process.protocol.hook_asked(id, &write(path), &mut messages)
    };
    assert_eq!(ask(&mut process, "1", "/w/a"), None);
    assert_eq!(ask(&mut process, "2", "/w/b"), None);
    let no = process
        .protocol
        .hook_answer("1", &Decision::deny("not that"));
    assert_eq!(no, r#"{"deny":"not that"}"#);
    let yes = process.protocol.hook_answer("2", &Decision::allow());
    assert_eq!(yes, r#"{"allow":true}"#);
    assert_eq!(ask(&mut process, "3", "/w/a"), Some(no));
    assert_eq!(ask(&mut process, "4", "/w/b"), Some(yes));
    let told = process.feed("Applied edit to b\nTokens: 1 sent, 1 received.\n");
    assert!(
        has(&told, "tool_result aider-1 Write error=true"),
        "{told:?}"
    );
    assert!(
        has(&told, "tool_result aider-2 Write error=false"),
        "{told:?}"
    );
    process.waits();
    process.prompt("q");
    assert_eq!(
        ask(&mut process, "5", "/w/b"),
        None,
        "another turn is asked anew"
    );
}

#[test]
fn before_the_first_prompt_and_in_other_words_everything_is_denied() {
    let mut process = Process::new(Conversation::New("c".to_owned()));
    process.greet();
    for request in [
        r#"{"write":"/w/a","exists":false}"#,
        r#"{"run":"ls"}"#,
        "{}",
        "7",
        "[]",
    ] {
        let answer = process.protocol.hook_asked("1", request, &mut Vec::new());
        assert!(
            answer.is_some_and(|line| line.contains("deny")),
            "{request}"
        );
    }
    let late = process.protocol.hook_answer("nobody", &Decision::allow());
    assert!(late.contains("deny"), "{late}");
}

#[test]
fn what_is_said_before_a_prompt_is_whole_belongs_to_no_turn_and_is_told() {
    let mut process = Process::ready();
    let told = process.feed("from a child\n\n");
    assert_eq!(told, ["raw \"from a child\""]);
    process.feed("half a line");
    let mut out = Vec::new();
    process
        .protocol
        .write_prompt(crate::event::TurnId(7), "p", &mut out);
    let told = process.feed(" more\nrest\u{1e}n0[\"begins\",4]\nanswer\n");
    assert_eq!(
        told[..2],
        ["raw \"half a line more\"", "raw \"rest\""],
        "{told:?}"
    );
    assert!(
        told[2..].iter().all(|line| !line.starts_with("raw")),
        "{told:?}"
    );
    assert!(told.last().is_some_and(|line| line.contains("answer")));
}

/// A model may say anything, and aider says what it says to whoever reads.
#[test]
fn a_model_that_says_aiders_words_is_not_interrupted_by_them() {
    let mut process = Process::ready();
    process.prompt("p");
    let mut told = process.feed("\nI say:\n^C again to exit\nand go on\n");
    told.extend(process.feed("Tokens: 1 sent, 1 received.\n"));
    assert!(
        told.iter().any(|line| line.contains("^C again to exit")),
        "{told:?}"
    );
    let told = process.waits();
    assert!(
        has(&told, "result error=false interrupted=false"),
        "{told:?}"
    );
}
