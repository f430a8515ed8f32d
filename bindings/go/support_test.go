package hotplex_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	hotplex "github.com/hotplex/hotplex/bindings/go"
)

// patience is how long a test waits for what must come.
const patience = 30 * time.Second

// standIn is the program that plays the agent.
func standIn(t testing.TB) string {
	t.Helper()
	program := os.Getenv("HOTPLEX_STAND_IN")
	if program == "" {
		program = "../../target/debug/stand-in-agent"
	}
	program, err := filepath.Abs(program)
	if err == nil {
		_, err = os.Stat(program)
	}
	if err != nil {
		t.Fatalf("no stand-in agent; `make test-go` builds it: %v", err)
	}
	return program
}

var marks atomic.Int64

// stage is a test's own place, with a mark that all of its agents carry in their environment.
type stage struct {
	t    testing.TB
	dir  string
	mark string
}

func newStage(t testing.TB) *stage {
	mark := fmt.Sprintf("go-%d-%d", os.Getpid(), marks.Add(1))
	return &stage{t, t.TempDir(), mark}
}

func (s *stage) options() hotplex.EngineOptions {
	return hotplex.EngineOptions{
		Program:   standIn(s.t),
		StateDir:  filepath.Join(s.dir, "state"),
		Env:       map[string]*string{"HOTPLEX_TEST": &s.mark},
		KillGrace: 2 * time.Second,
		Logger:    quiet(),
		// A kernel that cannot hold the jail would add a notice to first turns.
		Jail: "off",
	}
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// open opens an engine that is closed with the test, which must leave no agent.
func (s *stage) open(options hotplex.EngineOptions) *hotplex.Engine {
	s.t.Helper()
	engine, err := hotplex.Open(options)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		engine.Close()
		if left := agentsWith(s.mark); len(left) > 0 {
			s.t.Errorf("agents are left: %v", left)
		}
	})
	return engine
}

func (s *stage) engine() *hotplex.Engine {
	s.t.Helper()
	return s.open(s.options())
}

func (s *stage) config(session string) *hotplex.Config {
	return &hotplex.Config{SessionID: session, WorkDir: filepath.Join(s.dir, session)}
}

// agentsWith finds processes by their environment.
func agentsWith(mark string) []string {
	var found []string
	environments, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, path := range environments {
		text, _ := os.ReadFile(path)
		if strings.Contains(string(text), "HOTPLEX_TEST="+mark+"\x00") {
			found = append(found, filepath.Base(filepath.Dir(path)))
		}
	}
	return found
}

// until looks again and again, for at most as long as patience lasts.
func until(t testing.TB, what string, seen func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !seen() {
		if time.Now().After(deadline) {
			t.Fatalf("not seen in %v: %s", patience, what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// within is a context for what must come.
func within(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// played is what a turn gave.
type played struct {
	events []*hotplex.Event
	err    error
}

func play(t testing.TB, engine *hotplex.Engine, cfg *hotplex.Config, prompt string) played {
	t.Helper()
	var turn played
	for event, err := range engine.Stream(within(t), cfg, prompt) {
		if err != nil {
			turn.err = err
			continue
		}
		turn.events = append(turn.events, event)
	}
	return turn
}

func (turn played) answer() string {
	var text strings.Builder
	for _, event := range turn.events {
		if event.Type == hotplex.EventTypeAnswer {
			text.WriteString(event.Text)
		}
	}
	return text.String()
}

func (turn played) find(eventType string) *hotplex.Event {
	for _, event := range turn.events {
		if event.Type == eventType {
			return event
		}
	}
	return nil
}

func (turn played) end() *hotplex.TurnEnd {
	if event := turn.find(hotplex.EventTypeTurnEnd); event != nil {
		return event.End
	}
	return nil
}

func wantAnswer(t testing.TB, engine *hotplex.Engine, cfg *hotplex.Config, prompt, want string) {
	t.Helper()
	turn := play(t, engine, cfg, prompt)
	if turn.err != nil || turn.answer() != want {
		t.Errorf("%q: answer %q, error %v; want %q", prompt, turn.answer(), turn.err, want)
	}
}

func wantError(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("error %v, want %v", err, want)
	}
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
