package hotplex

import (
	"context"
	"errors"
	"log/slog"
)

// Callback is told each event of a turn, on the goroutine that called Execute. An error cancels the
// turn and is what Execute returns.
//
// Data is a *SessionStatsData for "session_stats", a *DangerBlockEvent for "danger_block", a string
// for "error", and an *EventWithMeta for all others.
type Callback func(eventType string, data any) error

// Execute runs a turn and returns when it has ended: nil if it completed, the callback's error, the
// context's error, or an *Error. The session can be used again in any case.
//
// The callback gets "thinking" first, then what happens, and at the end "session_stats"; before that
// "error" if the turn did not complete. A prompt that the guard refuses is told as "danger_block",
// and nothing else.
//
// Questions for permission go to Approve of the config or the engine. Without one the callback may
// answer "permission_request" by the event's Request; what it leaves open is denied, as the Go
// hotplex did, unless Request.Later was called.
func (e *Engine) Execute(ctx context.Context, cfg *Config, prompt string, callback Callback) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	told := execution{e, callback}
	turn, err := e.Start(cfg, prompt)
	if errors.Is(err, ErrDangerBlocked) {
		return errors.Join(err, told.tell(EventTypeDangerBlock, e.whyBlocked(cfg, prompt, err)))
	}
	if err != nil {
		return err
	}
	defer turn.Close()
	return told.run(ctx, turn)
}

// execution is one call of Execute.
type execution struct {
	engine   *Engine
	callback Callback
}

func (told execution) tell(eventType string, data any) error {
	if told.callback == nil {
		return nil
	}
	return told.callback(eventType, data)
}

func (told execution) run(ctx context.Context, turn *Turn) error {
	begun := NewEventWithMeta(EventTypeThinking, "ai.thinking", &EventMeta{Status: "running"})
	if err := told.tell(EventTypeThinking, begun); err != nil {
		return err
	}
	for {
		event, err := turn.Next(ctx)
		if err != nil {
			return err
		}
		if event.End != nil {
			return told.end(event.End)
		}
		if err := told.show(event); err != nil {
			return err
		}
	}
}

func (told execution) show(event *Event) error {
	if event.Danger != nil {
		return told.tell(EventTypeDangerBlock, event.Danger)
	}
	err := told.tell(event.Type, withMeta(event))
	if event.Request != nil && event.Request.isLeft() {
		// The agent may have taken the question back meanwhile.
		_ = event.Request.Respond(Deny("nobody is there to approve it"))
	}
	return err
}

func (told execution) end(end *TurnEnd) error {
	if end.Err != nil {
		if err := told.tell("error", end.Err.Error()); err != nil {
			return err
		}
	}
	if err := told.tell("session_stats", end.Stats); err != nil {
		return err
	}
	return end.Err
}

// WrapSafe makes a callback whose errors are logged and do not end the turn.
func WrapSafe(logger *slog.Logger, callback Callback) Callback {
	if callback == nil {
		return nil
	}
	return func(eventType string, data any) error {
		if err := callback(eventType, data); err != nil && logger != nil {
			logger.Error("hotplex: callback failed", "event_type", eventType, "error", err)
		}
		return nil
	}
}
