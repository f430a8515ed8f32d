package hotplex

import (
	"context"
	"io"
	"iter"
	"runtime"
	"sync/atomic"

	"github.com/hotplex/hotplex/bindings/go/internal/capi"
)

// Turn is a prompt on its way: its events, up to exactly one turn_end. Goroutines that read it at once
// share its events.
//
// A turn that is not read to its end should be closed, else its agent waits for a reader, until the
// garbage collector finds that there will be none.
type Turn struct {
	engine  *Engine
	id      uint64
	box     *mailbox
	approve Approve
	ended   atomic.Bool
	// reading has a token while a goroutine waits for the next event.
	reading chan struct{}
}

// Start sends a prompt into its session and returns at once. Turns of one session run one after the
// other, in the order of the calls.
//
// An error means that there is no turn: ErrInvalidConfig, ErrDangerBlocked if the guard refuses the
// prompt, ErrBusy if too many turns wait, ErrInUse if another engine uses the session, ErrClosed.
func (e *Engine) Start(cfg *Config, prompt string) (*Turn, error) {
	if err := e.ValidateConfig(cfg); err != nil {
		return nil, err
	}
	config, err := cfg.json()
	if err != nil {
		return nil, err
	}
	id, err := e.core.handle.Execute(config, prompt)
	if err != nil {
		return nil, e.core.check(err)
	}
	box := e.core.claim(id)
	turn := &Turn{engine: e, id: id, box: box, approve: e.approval(cfg), reading: make(chan struct{}, 1)}
	runtime.AddCleanup(turn, (*mailbox).abandon, box)
	return turn, nil
}

// ID is the turn's number, unique within the engine.
func (turn *Turn) ID() uint64 { return turn.id }

// Next waits for the next event; io.EOF after the end, the context's error when that ends first, and
// the turn goes on then. A permission request is answered by the Approve of the config or the engine
// before it is given out, if there is one.
func (turn *Turn) Next(ctx context.Context) (*Event, error) {
	raw, err := turn.read(ctx)
	if err != nil {
		return nil, err
	}
	event := turn.engine.decode(raw)
	turn.complete(ctx, event)
	return event, nil
}

// read is next in the line of those who read.
func (turn *Turn) read(ctx context.Context) (capi.Event, error) {
	select {
	case turn.reading <- struct{}{}:
	case <-ctx.Done():
		return capi.Event{}, ctx.Err()
	}
	defer func() { <-turn.reading }()
	if turn.ended.Load() {
		return capi.Event{}, io.EOF
	}
	event, err := turn.wait(ctx)
	if err == nil && event.Type == capi.TurnEnd {
		turn.ended.Store(true)
	}
	return event, err
}

func (turn *Turn) wait(ctx context.Context) (capi.Event, error) {
	for {
		// First of all, as an agent that speaks fast would always have another event.
		if err := ctx.Err(); err != nil {
			return capi.Event{}, err
		}
		event, found, over := turn.box.take()
		switch {
		case found:
			return event, nil
		case turn.ended.Load():
			return event, io.EOF
		case over != nil:
			return event, over
		}
		select {
		case <-turn.box.wake:
		case <-ctx.Done():
		}
	}
}

// complete does what the engine itself has to do with an event.
func (turn *Turn) complete(ctx context.Context, event *Event) {
	turn.engine.note(event)
	if event.Request == nil {
		return
	}
	event.Request.engine, event.Request.turn = turn.engine, turn.id
	if turn.approve != nil {
		event.Request.decide(turn.approve(ctx, event.Request))
	}
}

// Cancel asks the agent to let go of the turn, whose end comes within about a second; the session
// and its process go on. A turn that is over is left alone.
func (turn *Turn) Cancel() { _ = turn.engine.core.handle.Cancel(turn.id) }

// Close cancels the turn unless it is over, and lets go of its events. It does not wait.
func (turn *Turn) Close() {
	if !turn.ended.Swap(true) {
		turn.Cancel()
		turn.box.abandon()
	}
}

// Events gives the turn's events, and as the last pair the error of a turn that did not complete.
// A loop that is left early cancels the turn.
func (turn *Turn) Events(ctx context.Context) iter.Seq2[*Event, error] {
	return func(yield func(*Event, error) bool) {
		defer turn.Close()
		for !turn.ended.Load() {
			event, err := turn.Next(ctx)
			if !yield(event, err) || err != nil {
				return
			}
			if event.End != nil && event.End.Err != nil {
				yield(nil, event.End.Err)
			}
		}
	}
}

// Stream sends a prompt into its session and gives the events as they come, up to turn_end. The
// error of a turn that was refused or did not complete is the last pair, without an event. A loop
// that is left early and a context that ends cancel the turn; the session can be used again.
func (e *Engine) Stream(ctx context.Context, cfg *Config, prompt string) iter.Seq2[*Event, error] {
	return func(yield func(*Event, error) bool) {
		turn, err := e.Start(cfg, prompt)
		if err != nil {
			yield(nil, err)
			return
		}
		turn.Events(ctx)(yield)
	}
}
