package hotplex_test

import (
	"context"
	"errors"
	"io"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	hotplex "github.com/hotplex/hotplex/bindings/go"
)

// What programs do that was not meant: nothing hangs, crashes, is lost or stays behind.

// start begins a turn that must be accepted.
func start(t *testing.T, engine *hotplex.Engine, cfg *hotplex.Config, prompt string) *hotplex.Turn {
	t.Helper()
	turn, err := engine.Start(cfg, prompt)
	ok(t, err)
	return turn
}

// rest takes what is left of a turn.
func rest(t *testing.T, turn *hotplex.Turn) (events []*hotplex.Event) {
	t.Helper()
	for {
		event, err := turn.Next(within(t))
		if err == nil {
			events = append(events, event)
		}
		if err != nil || event.End != nil {
			return events
		}
	}
}

func TestWhatIsOverSaysSo(t *testing.T) {
	stage := newStage(t)
	engine := stage.engine()
	turn := start(t, engine, stage.config("a"), "!hang-soft")
	engine.Close()
	events := rest(t, turn)
	if end := events[len(events)-1].End; end == nil || end.Outcome != "stopped" {
		t.Errorf("the last event is %+v", events[len(events)-1])
	}
	for range 2 {
		if _, err := turn.Next(within(t)); !errors.Is(err, io.EOF) {
			t.Errorf("after the end: %v", err)
		}
	}
	turn.Cancel()
	turn.Close()
	turn.Close()
	_, err := engine.Start(stage.config("a"), "hello")
	wantError(t, err, hotplex.ErrClosed)
}

func TestClosesOfManyGoroutinesAllReturn(t *testing.T) {
	stage := newStage(t)
	engine := stage.engine()
	start(t, engine, stage.config("a"), "!hang-soft")
	var closes sync.WaitGroup
	for range 10 {
		closes.Add(1)
		go func() { defer closes.Done(); engine.Close() }()
	}
	done := make(chan struct{})
	go func() { closes.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatal("a close hangs")
	}
}

func TestAnEngineIsClosedInTheLoopOverItsTurn(t *testing.T) {
	stage := newStage(t)
	engine := stage.engine()
	ends, closed := 0, false
	for event, err := range engine.Stream(within(t), stage.config("a"), "!flood 10000 100\n!hang-soft") {
		if !closed {
			engine.Close()
			closed = true
		}
		if err == nil && event.End != nil {
			ends++
		}
	}
	if ends != 1 {
		t.Errorf("%d ends", ends)
	}
}

func TestAnEngineIsClosedByWhoeverIsAsked(t *testing.T) {
	stage := newStage(t)
	engine := stage.engine()
	cfg := stage.config("a")
	cfg.Approve = func(context.Context, *hotplex.PermissionRequest) hotplex.Decision {
		engine.Close()
		return hotplex.Allow()
	}
	if turn := play(t, engine, cfg, "!bash true"); turn.end() == nil && turn.err == nil {
		t.Errorf("%+v", turn)
	}
}

func TestTwoGoroutinesShareATurnsEvents(t *testing.T) {
	stage := newStage(t)
	turn := start(t, stage.engine(), stage.config("a"), "!flood 5000 10")
	answers := make(chan int, 2)
	for range 2 {
		go func() {
			count := 0
			for {
				event, err := turn.Next(within(t))
				if err != nil {
					answers <- count
					return
				}
				if event.Type == hotplex.EventTypeAnswer {
					count++
				}
			}
		}()
	}
	if sum := <-answers + <-answers; sum != 5000 {
		t.Errorf("%d answers", sum)
	}
}

func TestACloseLetsGoWhoeverWaits(t *testing.T) {
	stage := newStage(t)
	turn := start(t, stage.engine(), stage.config("a"), "!hang-soft")
	over := make(chan error)
	go func() {
		for {
			if _, err := turn.Next(within(t)); err != nil {
				over <- err
				return
			}
		}
	}()
	turn.Close()
	wantError(t, <-over, io.EOF)
}

func TestTenThousandEventsWaitForALateReader(t *testing.T) {
	stage := newStage(t)
	engine := stage.engine()
	turn := start(t, engine, stage.config("a"), "!flood 10000 10")
	wantAnswer(t, engine, stage.config("b"), "hello", "echo: hello")
	if events := rest(t, turn); len(events) != 10_002 {
		t.Errorf("%d events", len(events))
	}
}

// TestATurnThatNobodyHoldsFreesItsSession: its agent goes on to the end, and waits for no reader.
func TestATurnThatNobodyHoldsFreesItsSession(t *testing.T) {
	stage := newStage(t)
	engine := stage.engine()
	start(t, engine, stage.config("a"), "!flood 20000 1000")
	until(t, "the session is free", func() bool {
		runtime.GC()
		sessions, err := engine.Sessions()
		return err == nil && len(sessions) == 1 && sessions[0].State == "ready"
	})
}

func TestAWaitThatRunsOutOfTimeLosesNoEvent(t *testing.T) {
	stage := newStage(t)
	turn := start(t, stage.engine(), stage.config("a"), "!sleep 600\n!text one\n!text two")
	var types []string
	waits := 0
	for {
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		event, err := turn.Next(ctx)
		cancel()
		if errors.Is(err, context.DeadlineExceeded) {
			waits++
			continue
		}
		if err != nil {
			break
		}
		types = append(types, event.Type)
	}
	t.Logf("%d waits, %v", waits, types)
	if types[len(types)-1] != hotplex.EventTypeTurnEnd {
		t.Errorf("the turn has no end: %v", types)
	}
}

func TestAPanicInTheLoopLetsTheSessionGo(t *testing.T) {
	stage := newStage(t)
	engine := stage.engine()
	func() {
		defer func() { _ = recover() }()
		for range engine.Stream(within(t), stage.config("a"), "!text one\n!hang-soft") {
			panic("of the caller")
		}
	}()
	wantAnswer(t, engine, stage.config("a"), "next", "echo: next")
}

func TestAGoroutineThatEndsInACallbackLetsTheSessionGo(t *testing.T) {
	stage := newStage(t)
	engine := stage.engine()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = engine.Execute(within(t), stage.config("a"), "!text one\n!hang-soft", func(string, any) error {
			runtime.Goexit()
			return nil
		})
	}()
	<-done
	wantAnswer(t, engine, stage.config("a"), "next", "echo: next")
}

// TestAProgramThatTheHostStartsInheritsNothing of engines: what is open would keep agents alive.
func TestAProgramThatTheHostStartsInheritsNothing(t *testing.T) {
	stage := newStage(t)
	engine := stage.engine()
	wantAnswer(t, engine, stage.config("a"), "hello", "echo: hello")
	// Not by `ls -l`, which tells owners too, and those may have any name.
	said, err := exec.Command("/bin/sh", "-c", "for fd in /proc/$$/fd/*; do readlink $fd; done; true").Output()
	ok(t, err)
	for _, line := range strings.Split(string(said), "\n") {
		if strings.Contains(line, "socket:") || strings.Contains(line, "hotplex") {
			t.Errorf("it inherits %s", line)
		}
	}
}
