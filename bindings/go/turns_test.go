package hotplex_test

import (
	"encoding/json"
	"io"
	"math"
	"strings"
	"testing"

	hotplex "github.com/hotplex/hotplex/bindings/go"
)

func TestATurnIsAnswered(t *testing.T) {
	stage := newStage(t)
	wantAnswer(t, stage.engine(), stage.config("a"), "hello", "echo: hello")
}

func TestTurnsOfASessionShareAProcess(t *testing.T) {
	stage := newStage(t)
	engine := stage.engine()
	first := play(t, engine, stage.config("a"), "!pid").answer()
	second := play(t, engine, stage.config("a"), "!pid").answer()
	if first == "" || first != second {
		t.Errorf("processes %q and %q", first, second)
	}
}

func TestATagComesBackWithEveryEvent(t *testing.T) {
	stage := newStage(t)
	engine := stage.engine()
	for _, tag := range []uint64{math.MaxUint64, 7, 0} {
		cfg := stage.config("a")
		cfg.Tag = tag
		turn := play(t, engine, cfg, "!think hm\n!text yes\n!raw not json")
		ok(t, turn.err)
		for _, event := range turn.events {
			if event.Tag != tag {
				t.Errorf("tag %d: %+v", tag, event)
			}
		}
	}
}

func TestEachKindOfEventHasItsFields(t *testing.T) {
	stage := newStage(t)
	script := strings.Join([]string{
		"!think deep", "!text said", `!tool Read {"file_path":"/x/y"}`, "!raw not json", "!raw {\"type\":\"novel\"}",
	}, "\n")
	options := stage.options()
	options.PermissionMode = "bypassPermissions"
	turn := play(t, stage.open(options), stage.config("a"), script)
	ok(t, turn.err)

	start := turn.find(hotplex.EventTypeSessionStart)
	if start == nil || start.Start.PID == 0 || start.Start.AgentSessionID == "" || start.SessionID != "a" {
		t.Errorf("session_start: %+v", start)
	}
	if event := turn.find(hotplex.EventTypeThinking); event == nil || event.Text != "deep" {
		t.Errorf("thinking: %+v", event)
	}
	use := turn.find(hotplex.EventTypeToolUse)
	if use == nil || use.Tool.Name != "Read" || !strings.Contains(string(use.Tool.Input), "/x/y") || use.Tool.ID == "" {
		t.Errorf("tool_use: %+v", use)
	}
	result := turn.find(hotplex.EventTypeToolResult)
	if result == nil || result.Tool.ID != use.Tool.ID || result.Result.IsError || !strings.Contains(result.Text, "ran Read") {
		t.Errorf("tool_result: %+v", result)
	}
	if event := turn.find(hotplex.EventTypeNotice); event == nil || event.Notice.Code != "not_json" {
		t.Errorf("notice: %+v", event)
	}
	if event := turn.find(hotplex.EventTypeRaw); event == nil || !strings.Contains(event.Text, "novel") {
		t.Errorf("raw: %+v", event)
	}
	end := turn.events[len(turn.events)-1]
	if end.End == nil || end.End.Outcome != "completed" || end.End.Stats.ToolCallCount != 1 || end.Turn == 0 {
		t.Errorf("turn_end: %+v", end)
	}
	for _, event := range turn.events {
		if !json.Valid(event.JSON) {
			t.Errorf("%s has no JSON: %q", event.Type, event.JSON)
		}
	}
}

func TestPartialMessagesComeInPieces(t *testing.T) {
	stage := newStage(t)
	options := stage.options()
	options.PartialMessages = true
	turn := play(t, stage.open(options), stage.config("a"), "!delta 3 0")
	var pieces string
	for _, event := range turn.events {
		if event.Type == hotplex.EventTypeAnswerDelta {
			pieces += event.Text
		}
	}
	if pieces != "w0 w1 w2 " {
		t.Errorf("pieces %q", pieces)
	}
}

func TestATurnIsReadByHand(t *testing.T) {
	stage := newStage(t)
	turn, err := stage.engine().Start(stage.config("a"), "hello")
	ok(t, err)
	ends := 0
	for {
		event, err := turn.Next(within(t))
		if err == io.EOF {
			break
		}
		ok(t, err)
		if event.Turn != turn.ID() {
			t.Errorf("an event of turn %d", event.Turn)
		}
		if event.End != nil {
			ends++
		}
	}
	if ends != 1 {
		t.Errorf("%d ends", ends)
	}
}

func TestWhatAnAgentSaysUnaskedBelongsToNoTurn(t *testing.T) {
	stage := newStage(t)
	engine := stage.engine()
	wantAnswer(t, engine, stage.config("a"), "!text one\n!self-turn 10", "one")
	for event := range engine.BackgroundEvents(within(t)) {
		if event.Turn != 0 {
			t.Fatalf("it is of turn %d", event.Turn)
		}
		if event.Type == hotplex.EventTypeAnswer {
			return
		}
	}
	t.Error("nothing came")
}
