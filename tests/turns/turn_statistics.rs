//! What a turn took is told with its end, for this turn alone.

use std::time::Duration;

use crate::common::Stage;
use hotplex::{Event, EventKind, Usage};

#[test]
fn tokens_and_cost_are_of_the_turn_though_the_agent_adds_them_up() {
    let stage = Stage::new();
    let engine = stage.engine();
    for round in 0..5 {
        let played = stage.play(&engine, "a", "hello");
        let stats = &played.end.stats;
        let mut usage = Usage::default();
        (usage.input_tokens, usage.output_tokens) = (10, 5);
        assert_eq!(stats.usage, usage, "round {round}");
        let off = (stats.cost_usd - 0.00014).abs();
        assert!(off < 1e-9, "round {round}: {}", stats.cost_usd);
        assert_eq!(stats.model.as_deref(), Some("stand-in-1"));
    }
}

#[test]
fn a_new_process_of_the_session_does_not_make_the_cost_negative_or_double() {
    let stage = Stage::new();
    let engine = stage.engine();
    for _ in 0..3 {
        let played = stage.play(&engine, "a", "!text mine\n!die-after");
        assert!(
            (played.end.stats.cost_usd - 0.00014).abs() < 1e-9,
            "{played:?}"
        );
    }
}

#[test]
fn tools_and_files_are_each_named_once() {
    let stage = Stage::new();
    let builder = stage.builder().permission_mode("bypassPermissions");
    let engine = builder.open().unwrap();
    let prompt = [
        r#"!tool Write {"file_path":"/tmp/a"}"#,
        r#"!tool Edit {"file_path":"/tmp/b"}"#,
        r#"!tool Write {"file_path":"/tmp/a"}"#,
        r#"!tool Read {"file_path":"/w/c"}"#,
    ];
    let stats = stage.play(&engine, "a", &prompt.join("\n")).end.stats;
    assert_eq!(stats.tool_calls, 4);
    assert_eq!(stats.tools_used, ["Write", "Edit", "Read"]);
    assert_eq!(stats.file_paths, ["/tmp/a", "/tmp/b"]);
    let stats = stage.play(&engine, "a", "hello").end.stats;
    assert_eq!((stats.tool_calls, stats.tools_used.len()), (0, 0));
    assert!(stats.file_paths.is_empty());
}

#[test]
fn a_tool_result_of_pieces_is_told_as_text() {
    let stage = Stage::new();
    let engine = stage.engine();
    let played = stage.play(&engine, "a", "!tools-array");
    let result = |event: &Event| match &event.kind {
        EventKind::ToolResult(result) => Some(result.clone()),
        _ => None,
    };
    let result = played.events.iter().find_map(result).unwrap();
    assert_eq!(result.name, "mcp__shelf__look");
    for part in ["first part", "second part"] {
        assert!(result.text.contains(part), "{}", result.text);
    }
    assert!(!result.is_error);
}

#[test]
fn the_time_in_tools_is_told_apart_from_the_whole() {
    let stage = Stage::new();
    let builder = stage.builder().permission_mode("bypassPermissions");
    let engine = builder.open().unwrap();
    let played = stage.play(&engine, "a", "!bash sleep 0.3\n!think hm\n!text done");
    let stats = &played.end.stats;
    let slept = Duration::from_millis(300);
    assert!(
        stats.tools >= slept && stats.total >= stats.tools,
        "{stats:?}"
    );
    let (started, ended) = (stats.started.unwrap(), stats.ended.unwrap());
    assert!(ended.duration_since(started).unwrap() >= slept);
    let durations = played.events.iter().filter_map(|event| match &event.kind {
        EventKind::ToolResult(result) => Some(result.duration),
        _ => None,
    });
    assert!(durations.sum::<Duration>() >= slept);
}

#[test]
fn a_turn_that_failed_has_its_figures_too() {
    let stage = Stage::new();
    let builder = stage.builder().permission_mode("bypassPermissions");
    let engine = builder.open().unwrap();
    let prompt = "!tool Write {\"file_path\":\"/tmp/a\"}\n!die 1";
    let stats = stage.play(&engine, "a", prompt).end.stats;
    assert_eq!((stats.tool_calls, stats.file_paths.len()), (1, 1));
    assert!(stats.started.is_some() && stats.ended >= stats.started);
}
