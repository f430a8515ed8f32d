package hotplex_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	hotplex "github.com/hotplex/hotplex/bindings/go"
)

// sessionsAtOnce is what the test does at once, each session in a goroutine.
const sessionsAtOnce = 100

func TestManySessionsAtOnce(t *testing.T) {
	stage := newStage(t)
	engine := stage.engine()
	var all sync.WaitGroup
	for i := range sessionsAtOnce {
		all.Add(1)
		go func() {
			defer all.Done()
			for turn := range 3 {
				prompt := fmt.Sprintf("turn %d of %d", turn, i)
				wantAnswer(t, engine, stage.config(fmt.Sprintf("s%d", i)), prompt, "echo: "+prompt)
			}
		}()
	}
	all.Wait()
	stats, err := engine.Stats()
	if err != nil || stats.TurnsCompleted != 3*sessionsAtOnce || stats.Spawned != sessionsAtOnce {
		t.Errorf("%+v, error %v", stats, err)
	}
}

// TestWaitingTakesNoThreads: a hundred readers that wait are goroutines, and not threads in C.
func TestWaitingTakesNoThreads(t *testing.T) {
	stage := newStage(t)
	engine := stage.engine()
	ctx, cancel := context.WithCancel(within(t))
	var waiting sync.WaitGroup
	for i := range sessionsAtOnce {
		waiting.Add(1)
		go func() {
			defer waiting.Done()
			wantError(t, engine.Execute(ctx, stage.config(fmt.Sprintf("s%d", i)), "!sleep 60000", nil), context.Canceled)
		}()
	}
	until(t, "all agents at work", func() bool { return len(agentsWith(stage.mark)) >= sessionsAtOnce })
	// Go has some of its own for system calls, more of them on a busy machine.
	if count := threads(t); count > sessionsAtOnce*3/4 {
		t.Errorf("%d threads", count)
	}
	cancel()
	waiting.Wait()
}

func threads(t *testing.T) int {
	entries, err := os.ReadDir("/proc/self/task")
	ok(t, err)
	return len(entries)
}

// TestASlowReaderPausesItsAgentAlone: the one that nobody reads is stopped by its window, the other
// goes on.
func TestASlowReaderPausesItsAgentAlone(t *testing.T) {
	stage := newStage(t)
	options := stage.options()
	options.Extra = map[string]any{"window_bytes": 256 << 10}
	engine := stage.open(options)
	const lines, size = 400, 64 << 10
	slow, err := engine.Start(stage.config("slow"), fmt.Sprintf("!flood %d %d", lines, size))
	ok(t, err)
	defer slow.Close()

	var buffered int64
	until(t, "the window of the slow one is full", func() bool {
		buffered = bufferedBytes(t, engine, "slow")
		return buffered > 200<<10
	})
	wantAnswer(t, engine, stage.config("quick"), "hello", "echo: hello")
	if now := bufferedBytes(t, engine, "slow"); now > 4<<20 {
		t.Errorf("%d bytes are held for a reader that does not read", now)
	}

	total := 0
	for event, err := range slow.Events(within(t)) {
		ok(t, err)
		total += strings.Count(event.Text, "") - 1
	}
	if total < lines*size {
		t.Errorf("%d characters came of %d", total, lines*size)
	}
}

// TestAnEngineIsClosedOverASlowReader, who still gets what was said, and the end.
func TestAnEngineIsClosedOverASlowReader(t *testing.T) {
	stage := newStage(t)
	engine := stage.engine()
	slow, err := engine.Start(stage.config("slow"), "!flood 400 65536")
	ok(t, err)
	defer slow.Close()
	until(t, "the reader is behind", func() bool { return bufferedBytes(t, engine, "slow") > 200<<10 })
	ok(t, engine.Close())
	var last error
	events := 0
	for _, err := range slow.Events(within(t)) {
		last = err
		events++
	}
	wantError(t, last, hotplex.ErrSessionTerminated)
	if events < 3 {
		t.Errorf("%d events", events)
	}
}

func TestAThousandPiecesComeInOrder(t *testing.T) {
	stage := newStage(t)
	options := stage.options()
	options.PartialMessages = true
	turn := play(t, stage.open(options), stage.config("a"), "!delta 1000 0")
	var got, want strings.Builder
	for _, event := range turn.events {
		if event.Type == "answer_delta" {
			got.WriteString(event.Text)
		}
	}
	for i := range 1000 {
		fmt.Fprintf(&want, "w%d ", i)
	}
	if got.String() != want.String() {
		t.Errorf("pieces %q", got.String())
	}
}

// TestTwentyTurnsMeasured prints and does not judge: a time is the machine's.
func TestTwentyTurnsMeasured(t *testing.T) {
	stage := newStage(t)
	engine := stage.engine()
	cfg := stage.config("a")
	wantAnswer(t, engine, cfg, "warm", "echo: warm")
	streamed := median(20, func() { play(t, engine, cfg, "hello") })
	called := median(20, func() { ok(t, engine.Execute(within(t), cfg, "hello", nil)) })
	t.Logf("median of 20 hot turns: Stream %v, Execute %v; TestTheFloorOfATurn has the bare functions", streamed, called)
}
