package hotplex_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	hotplex "github.com/hotplex/hotplex/bindings/go"
)

const asking = `!tool Write {"file_path":"x"}`

func TestApproveDecides(t *testing.T) {
	table := []struct {
		name     string
		decision hotplex.Decision
		said     string
		isError  bool
	}{
		{"allowed", hotplex.Allow(), `"x"`, false},
		{"allowed with another input", hotplex.Decision{Allow: true, UpdatedInput: json.RawMessage(`{"file_path":"y"}`)}, `"y"`, false},
		{"denied", hotplex.Deny("not today"), "not today", true},
		{"the zero decision denies", hotplex.Decision{}, "", true},
		{"an input that is none denies", hotplex.Decision{Allow: true, UpdatedInput: json.RawMessage(`3`)}, "", true},
	}
	for _, row := range table {
		t.Run(row.name, func(t *testing.T) {
			stage := newStage(t)
			var asked *hotplex.PermissionRequest
			cfg := stage.config("a")
			cfg.Approve = func(_ context.Context, request *hotplex.PermissionRequest) hotplex.Decision {
				asked = request
				return row.decision
			}
			turn := play(t, stage.engine(), cfg, asking)
			result := turn.find(hotplex.EventTypeToolResult)
			if asked == nil || asked.Tool.Name != "Write" || result == nil {
				t.Fatalf("asked %+v, result %+v, error %v", asked, result, turn.err)
			}
			if result.Result.IsError != row.isError || !strings.Contains(result.Text, row.said) {
				t.Errorf("result %q, error %v", result.Text, result.Result.IsError)
			}
		})
	}
}

func TestADenialCanEndTheTurn(t *testing.T) {
	stage := newStage(t)
	options := stage.options()
	options.Approve = func(context.Context, *hotplex.PermissionRequest) hotplex.Decision {
		return hotplex.Decision{Message: "stop", Interrupt: true}
	}
	turn := play(t, stage.open(options), stage.config("a"), asking+"\n!text after")
	if turn.answer() != "" || turn.end() == nil {
		t.Errorf("answer %q, end %+v", turn.answer(), turn.end())
	}
}

// TestTheEventIsAnswered by the loop itself, by another goroutine, and not twice.
func TestTheEventIsAnswered(t *testing.T) {
	stage := newStage(t)
	engine := stage.engine()
	requests := make(chan *hotplex.Event, 1)
	go func() {
		event := <-requests
		if err := engine.Respond(event.Turn, event.Request.ID, hotplex.Allow()); err != nil {
			t.Error(err)
		}
	}()
	var result *hotplex.Event
	var first *hotplex.PermissionRequest
	for event, err := range engine.Stream(within(t), stage.config("a"), asking+"\n"+asking) {
		ok(t, err)
		switch {
		case event.Request != nil && first == nil:
			first = event.Request
			ok(t, first.Respond(hotplex.Allow()))
			wantError(t, first.Respond(hotplex.Allow()), hotplex.ErrSessionNotFound)
		case event.Request != nil:
			requests <- event
		case event.Type == hotplex.EventTypeToolResult:
			result = event
		}
	}
	if result == nil || result.Result.IsError {
		t.Errorf("the last result: %+v", result)
	}
}

// TestWhatACallbackLeavesOpenIsDenied, as programs for the Go hotplex know no questions.
func TestWhatACallbackLeavesOpenIsDenied(t *testing.T) {
	stage := newStage(t)
	engine := stage.engine()
	var status string
	see := func(eventType string, data any) error {
		if eventType == "tool_result" {
			status = data.(*hotplex.EventWithMeta).Meta.Status
		}
		return nil
	}
	ok(t, engine.Execute(within(t), stage.config("a"), asking, see))
	if status != "error" {
		t.Errorf("status %q", status)
	}

	answering := func(eventType string, data any) error {
		if eventType == "permission_request" {
			return data.(*hotplex.EventWithMeta).Event().Request.Respond(hotplex.Allow())
		}
		return see(eventType, data)
	}
	ok(t, engine.Execute(within(t), stage.config("a"), asking, answering))
	if status != "success" {
		t.Errorf("answered: status %q", status)
	}

	later := func(eventType string, data any) error {
		if eventType == "permission_request" {
			request := data.(*hotplex.EventWithMeta).Event().Request
			request.Later()
			go request.Respond(hotplex.Allow())
		}
		return see(eventType, data)
	}
	status = ""
	ok(t, engine.Execute(within(t), stage.config("a"), asking, later))
	if status != "success" {
		t.Errorf("answered later: status %q", status)
	}
}
