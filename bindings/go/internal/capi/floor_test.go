package capi_test

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/hotplex/hotplex/bindings/go/internal/capi"
)

// open opens an engine on the stand-in agent; the test's end frees it.
func open(t *testing.T) capi.Engine {
	t.Helper()
	program := os.Getenv("HOTPLEX_STAND_IN")
	if program == "" {
		program = "../../../../target/debug/stand-in-agent"
	}
	// Links to what whoever runs the tests has in its caches would take most of the time (measured).
	noCaches := map[string]any{"CARGO_HOME": nil, "npm_config_cache": nil}
	options, err := json.Marshal(map[string]any{"program": program, "state_dir": t.TempDir(), "env": noCaches})
	if err != nil {
		t.Fatal(err)
	}
	engine, err := capi.Open(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(engine.Free)
	return engine
}

// TestTheFloorOfATurn prints what the library's functions take by themselves, for the figures of the
// package above them.
func TestTheFloorOfATurn(t *testing.T) {
	engine := open(t)
	descriptor, err := engine.EventDescriptor()
	if err != nil {
		t.Fatal(err)
	}
	bell := os.NewFile(uintptr(descriptor), "bell")
	defer bell.Close()
	taker := capi.NewTaker(engine)
	config, _ := json.Marshal(map[string]string{"session_id": "a", "work_dir": t.TempDir()})
	took := make([]time.Duration, 21)
	for i := range took {
		begun := time.Now()
		if _, err := engine.Execute(config, "hello"); err != nil {
			t.Fatal(err)
		}
		readToEnd(t, bell, taker)
		took[i] = time.Since(begun)
	}
	slices.Sort(took)
	t.Logf("median of 21 turns through the bare functions: %v", took[10])
}

func readToEnd(t *testing.T, bell *os.File, taker *capi.Taker) {
	for {
		events, err := taker.Take()
		var failure *capi.Failure
		switch {
		case errors.As(err, &failure) && failure.Status == capi.Timeout:
			_, _ = bell.Read(make([]byte, 64))
		case err != nil:
			t.Fatal(err)
		case events[len(events)-1].Type == capi.TurnEnd:
			return
		}
	}
}

// TestHandlesOfManyEngines: no handle is given twice, so a stale one is never another engine's.
func TestHandlesOfManyEngines(t *testing.T) {
	handles := make([]capi.Engine, 0, 300)
	for range cap(handles) {
		engine := open(t)
		handles = append(handles, engine)
		engine.Free()
		engine.Free()
		if _, err := engine.Sessions(); err == nil {
			t.Fatal("a stale handle answers")
		}
	}
	slices.Sort(handles)
	if distinct := slices.Compact(handles); len(distinct) != cap(handles) {
		t.Errorf("%d handles of %d engines", len(distinct), cap(handles))
	}
}
