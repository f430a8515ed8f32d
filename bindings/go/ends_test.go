package hotplex_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"

	hotplex "github.com/hotplex/hotplex/bindings/go"
)

// TestATurnThatDoesNotComplete says so by the error that its end stands for.
func TestATurnThatDoesNotComplete(t *testing.T) {
	table := []struct {
		prompt, outcome string
		want            error
	}{
		{"!die 3", "crashed", hotplex.ErrSessionDead},
		{"!signal 9", "crashed", hotplex.ErrSessionDead},
		{"!half", "crashed", hotplex.ErrSessionDead},
		{"!status 500", "failed", hotplex.ErrAgentFailed},
	}
	stage := newStage(t)
	engine := stage.engine()
	for i, row := range table {
		cfg := stage.config(fmt.Sprint("s", i))
		turn := play(t, engine, cfg, row.prompt)
		if turn.end() == nil || turn.end().Outcome != row.outcome || !turn.end().Stats.IsError {
			t.Errorf("%s: end %+v", row.prompt, turn.end())
		}
		wantError(t, turn.err, row.want)
		wantAnswer(t, engine, cfg, "again", "echo: again")
	}
}

func TestATurnThatTakesTooLong(t *testing.T) {
	stage := newStage(t)
	engine := stage.engine()
	cfg := stage.config("a")
	wantAnswer(t, engine, cfg, "warm", "echo: warm")
	cfg.Timeout = 1
	wantError(t, engine.Execute(within(t), cfg, "!sleep 60000", nil), hotplex.ErrTimeout)
}

func TestACancelledTurnLeavesItsSession(t *testing.T) {
	stage := newStage(t)
	engine := stage.engine()
	cfg := stage.config("a")
	pid := play(t, engine, cfg, "!pid").answer()
	turn, err := engine.Start(cfg, "!text one\n!sleep 60000")
	ok(t, err)
	var last error
	for event, err := range turn.Events(within(t)) {
		if last = err; err == nil && event.Type == hotplex.EventTypeAnswer {
			turn.Cancel()
		}
	}
	wantError(t, last, hotplex.ErrContextCancelled)
	wantAnswer(t, engine, cfg, "!pid", pid)
}

func TestALoopThatIsLeftCancelsTheTurn(t *testing.T) {
	stage := newStage(t)
	engine := stage.engine()
	for event, err := range engine.Stream(within(t), stage.config("a"), "!text one\n!sleep 60000") {
		ok(t, err)
		if event.Type == hotplex.EventTypeAnswer {
			break
		}
	}
	// Turns of a session follow each other: this one begins when the other is over.
	wantAnswer(t, engine, stage.config("a"), "hello", "echo: hello")
}

func TestAContextThatEndsCancelsTheTurn(t *testing.T) {
	stage := newStage(t)
	engine := stage.engine()
	ctx, cancel := context.WithCancel(within(t))
	defer cancel()
	var last error
	for event, err := range engine.Stream(ctx, stage.config("a"), "!text one\n!sleep 60000") {
		if last = err; err == nil && event.Type == hotplex.EventTypeAnswer {
			cancel()
		}
	}
	wantError(t, last, context.Canceled)
	wantAnswer(t, engine, stage.config("a"), "hello", "echo: hello")
}

func TestAStoppedSessionEndsItsTurn(t *testing.T) {
	stage := newStage(t)
	engine := stage.engine()
	var last error
	for event, err := range engine.Stream(within(t), stage.config("a"), "!text one\n!sleep 60000") {
		if last = err; err == nil && event.Type == hotplex.EventTypeAnswer {
			ok(t, engine.StopSession("a", "signed out"))
		}
	}
	wantError(t, last, hotplex.ErrSessionTerminated)
	ok(t, engine.StopSession("nobody", "signed out"))
}

func TestAnEngineIsClosedWithTurnsRunning(t *testing.T) {
	stage := newStage(t)
	engine := stage.engine()
	errors := make(chan error, 20)
	var running sync.WaitGroup
	running.Add(cap(errors))
	for i := range cap(errors) {
		go func() {
			errors <- engine.Execute(within(t), stage.config(fmt.Sprint("s", i)), "!text one\n!sleep 60000", func(eventType string, _ any) error {
				if eventType == "answer" {
					running.Done()
				}
				return nil
			})
		}()
	}
	running.Wait()
	var closing sync.WaitGroup
	for range 3 {
		closing.Add(1)
		go func() { defer closing.Done(); ok(t, engine.Close()) }()
	}
	for range cap(errors) {
		wantError(t, <-errors, hotplex.ErrSessionTerminated)
	}
	closing.Wait()
	if left := agentsWith(stage.mark); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

func TestAnEngineIsClosedByACallback(t *testing.T) {
	stage := newStage(t)
	engine := stage.engine()
	err := engine.Execute(within(t), stage.config("a"), "!text one\n!sleep 60000", func(eventType string, _ any) error {
		if eventType == "answer" {
			return engine.Close()
		}
		return nil
	})
	wantError(t, err, hotplex.ErrSessionTerminated)
}

// TestAnAgentThatDiesBetweenTurns: a prompt may be written to one that is gone, and the signal of a
// broken pipe would end a Go program that gets it on a thread of C.
func TestAnAgentThatDiesBetweenTurns(t *testing.T) {
	stage := newStage(t)
	engine := stage.engine()
	for i := range 20 {
		prompt := fmt.Sprint("turn ", i)
		wantAnswer(t, engine, stage.config("a"), "!text "+prompt+"\n!die-after", prompt)
	}
}

// TestAClosedEngineAnswers, and does nothing else.
func TestAClosedEngineAnswers(t *testing.T) {
	stage := newStage(t)
	engine := stage.engine()
	ok(t, engine.Close())
	ok(t, engine.Close())
	wantError(t, engine.Execute(within(t), stage.config("a"), "hello", nil), hotplex.ErrClosed)
	wantError(t, play(t, engine, stage.config("a"), "hello").err, hotplex.ErrClosed)
	wantError(t, engine.StopSession("a", ""), hotplex.ErrClosed)
	wantError(t, engine.Prewarm(stage.dir, "", 1), hotplex.ErrClosed)
	wantError(t, engine.Respond(1, "r", hotplex.Allow()), hotplex.ErrClosed)
	_, err := engine.Sessions()
	wantError(t, err, hotplex.ErrClosed)
	_, err = engine.Stats()
	wantError(t, err, hotplex.ErrClosed)
	for range engine.BackgroundEvents(within(t)) {
	}
}

// TestAForgottenEngineEndsItsAgents: one that nobody holds cannot be closed any more.
func TestAForgottenEngineEndsItsAgents(t *testing.T) {
	stage := newStage(t)
	func() {
		engine, err := hotplex.Open(stage.options())
		ok(t, err)
		wantAnswer(t, engine, stage.config("a"), "hello", "echo: hello")
	}()
	until(t, "the agent of the forgotten engine is gone", func() bool {
		runtime.GC()
		return len(agentsWith(stage.mark)) == 0
	})
}
