package hotplex_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	hotplex "github.com/hotplex/hotplex/bindings/go"
)

// TestExecuteTellsWhatTheGoHotplexTold: the events, their order, data types and JSON.
func TestExecuteTellsWhatTheGoHotplexTold(t *testing.T) {
	stage := newStage(t)
	var types []string
	var told []any
	options := stage.options()
	options.PermissionMode = "bypass-permissions"
	var client hotplex.HotPlexClient = stage.open(options)
	prompt := "!think deep\n!tool Read {\"file_path\":\"/x/y\"}\n!text said"
	err := client.Execute(within(t), stage.config("a"), prompt, func(eventType string, data any) error {
		if eventType != hotplex.EventTypeSessionStart {
			types, told = append(types, eventType), append(told, data)
		}
		return nil
	})
	ok(t, err)
	want := []string{"thinking", "thinking", "tool_use", "tool_result", "answer", "session_stats"}
	if !slices.Equal(types, want) {
		t.Fatalf("told %v, want %v", types, want)
	}

	first := told[0].(*hotplex.EventWithMeta)
	if first.EventData != "ai.thinking" || first.Meta.Status != "running" {
		t.Errorf("the first: %+v %+v", first, first.Meta)
	}
	use := told[2].(*hotplex.EventWithMeta)
	if use.EventData != "Read" || use.Meta.ToolName != "Read" || use.Meta.ToolID == "" || use.Meta.FilePath != "/x/y" {
		t.Errorf("tool_use: %+v %+v", use, use.Meta)
	}
	result := told[3].(*hotplex.EventWithMeta)
	if result.Meta.Status != "success" || result.Meta.OutputSummary == "" || result.Meta.ToolID != use.Meta.ToolID {
		t.Errorf("tool_result: %+v %+v", result, result.Meta)
	}
	if answer := told[4].(*hotplex.EventWithMeta); answer.EventData != "said" || answer.Event().Text != "said" {
		t.Errorf("answer: %+v", answer)
	}
	stats := told[5].(*hotplex.SessionStatsData)
	if stats.SessionID != "a" || stats.ToolCallCount != 1 || stats.IsError || stats.StartTime == 0 {
		t.Errorf("session_stats: %+v", stats)
	}
}

// TestTheJSONOfEvents is to the letter that of the Go hotplex 0.6.1, which its clients read.
func TestTheJSONOfEvents(t *testing.T) {
	table := []struct {
		data any
		want string
	}{
		{
			hotplex.NewEventWithMeta("answer", "hi", nil),
			`{"EventType":"answer","EventData":"hi","Meta":{"duration_ms":0,"total_duration_ms":0,"tool_name":"",` +
				`"tool_id":"","status":"","error_msg":"","input_tokens":0,"output_tokens":0,"cache_write_tokens":0,` +
				`"cache_read_tokens":0,"input_summary":"","output_summary":"","file_path":"","line_count":0,` +
				`"progress":0,"total_steps":0,"current_step":0}}`,
		},
		{
			hotplex.DangerBlockEvent{Level: hotplex.DangerLevelHigh},
			`{"operation":"","reason":"","pattern_matched":"","level":1,"category":"","bypass_allowed":false}`,
		},
		{
			hotplex.SessionStatsData{SessionID: "a", ToolsUsed: []string{}, FilePaths: []string{}},
			`{"session_id":"a","start_time":0,"end_time":0,"total_duration_ms":0,"thinking_duration_ms":0,` +
				`"tool_duration_ms":0,"generation_duration_ms":0,"input_tokens":0,"output_tokens":0,` +
				`"cache_write_tokens":0,"cache_read_tokens":0,"total_tokens":0,"tool_call_count":0,"tools_used":[],` +
				`"files_modified":0,"file_paths":[],"total_cost_usd":0,"model_used":"","is_error":false}`,
		},
	}
	for _, row := range table {
		text, err := json.Marshal(row.data)
		if err != nil || string(text) != row.want {
			t.Errorf("%s, error %v\nwant %s", text, err, row.want)
		}
	}
}

func TestAnErrorOfTheCallbackEndsTheTurn(t *testing.T) {
	stage := newStage(t)
	engine := stage.engine()
	mine := errors.New("enough")
	err := engine.Execute(within(t), stage.config("a"), "!text one\n!sleep 60000", func(eventType string, _ any) error {
		if eventType == "answer" {
			return mine
		}
		return nil
	})
	if err != mine {
		t.Errorf("error %v", err)
	}
	wantAnswer(t, engine, stage.config("a"), "hello", "echo: hello")
}

func TestAPanicOfTheCallbackIsTheCallers(t *testing.T) {
	stage := newStage(t)
	engine := stage.engine()
	func() {
		defer func() {
			if recover() != "mine" {
				t.Error("the panic was lost")
			}
		}()
		_ = engine.Execute(within(t), stage.config("a"), "!text one\n!sleep 60000", func(string, any) error { panic("mine") })
	}()
	wantAnswer(t, engine, stage.config("a"), "hello", "echo: hello")
}

func TestTheContextEndsTheTurn(t *testing.T) {
	stage := newStage(t)
	engine := stage.engine()
	wantAnswer(t, engine, stage.config("a"), "warm", "echo: warm")
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if err := engine.Execute(ctx, stage.config("a"), "!sleep 60000", nil); err != context.DeadlineExceeded {
		t.Errorf("error %v", err)
	}
	if err := engine.Execute(ctx, stage.config("a"), "hello", nil); err != context.DeadlineExceeded {
		t.Errorf("before the turn: error %v", err)
	}
	wantAnswer(t, engine, stage.config("a"), "hello", "echo: hello")
}

// TestTheContextEndsATurnInFullFlow, which always has another event for the reader.
func TestTheContextEndsATurnInFullFlow(t *testing.T) {
	stage := newStage(t)
	engine := stage.engine()
	ctx, cancel := context.WithCancel(within(t))
	seen := 0
	err := engine.Execute(ctx, stage.config("a"), "!flood 100000 1000", func(string, any) error {
		if seen++; seen == 100 {
			cancel()
		}
		return nil
	})
	if err != context.Canceled || seen != 100 {
		t.Errorf("error %v after %d events", err, seen)
	}
}

func TestACallbackMadeSafeLosesItsErrors(t *testing.T) {
	failing := func(string, any) error { return errors.New("mine") }
	ok(t, hotplex.WrapSafe(quiet(), failing)("answer", nil))
	if hotplex.WrapSafe(nil, nil) != nil {
		t.Error("no callback became one")
	}
}

func TestFiguresOfTheLastTurn(t *testing.T) {
	stage := newStage(t)
	engine := stage.engine()
	if stats := engine.GetSessionStats(); stats == nil || stats.SessionID != "" {
		t.Errorf("before the first turn: %+v", stats)
	}
	ok(t, engine.Execute(within(t), stage.config("a"), `!tool Read {"file_path":"/x"}`, nil))
	stats := engine.GetSessionStats()
	if stats.SessionID != "a" || stats.ToolCallCount != 1 || !stats.ToolsUsed["Read"] {
		t.Errorf("after it: %+v", stats.ToSummary())
	}
	totals, err := engine.SessionTotals("a")
	if err != nil || totals.Turns != 1 || totals.LastTurn == nil {
		t.Errorf("of the session: %+v, error %v", totals, err)
	}
	all, err := engine.Stats()
	if err != nil || all.TurnsCompleted != 1 || all.LiveProcesses != 1 {
		t.Errorf("of the engine: %+v, error %v", all, err)
	}
}
