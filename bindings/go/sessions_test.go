package hotplex_test

import (
	"path/filepath"
	"testing"

	hotplex "github.com/hotplex/hotplex/bindings/go"
)

func find(t *testing.T, engine *hotplex.Engine, id string) *hotplex.Session {
	t.Helper()
	sessions, err := engine.Sessions()
	ok(t, err)
	for _, session := range sessions {
		if session.ID == id {
			return session
		}
	}
	return nil
}

func bufferedBytes(t *testing.T, engine *hotplex.Engine, id string) int64 {
	t.Helper()
	if session := find(t, engine, id); session != nil {
		return session.BufferedBytes
	}
	return 0
}

func TestSessionsAreListed(t *testing.T) {
	stage := newStage(t)
	engine := stage.engine()
	turn, err := engine.Start(stage.config("busy"), "!text one\n!sleep 60000")
	ok(t, err)
	defer turn.Close()
	wantAnswer(t, engine, stage.config("ready"), "hello", "echo: hello")

	ready := find(t, engine, "ready")
	if ready == nil || ready.Status != hotplex.SessionStatusReady || ready.PID == 0 || ready.Turns != 1 ||
		ready.CCSessionID == "" || ready.Config.WorkDir != filepath.Join(stage.dir, "ready") || ready.CreatedAt.IsZero() {
		t.Errorf("ready: %+v", ready)
	}
	until(t, "the other is busy", func() bool {
		busy := find(t, engine, "busy")
		return busy != nil && busy.Status == hotplex.SessionStatusBusy && busy.IsAlive()
	})
}

func TestASpareServesANewSession(t *testing.T) {
	stage := newStage(t)
	engine := stage.engine()
	ok(t, engine.Prewarm(filepath.Join(stage.dir, "a"), "", 1))
	until(t, "a spare is ready", func() bool {
		stats, err := engine.Stats()
		ok(t, err)
		return stats.ReadySpares == 1
	})
	wantAnswer(t, engine, stage.config("a"), "hello", "echo: hello")
	stats, err := engine.Stats()
	if err != nil || stats.SpareHits != 1 || stats.Spawned != 1 {
		t.Errorf("%+v, error %v", stats, err)
	}
	wantError(t, engine.Prewarm(stage.dir, "", -1), hotplex.ErrInvalidConfig)
}

// What an agent was not given at its start it cannot be given later.
func TestASpareServesOnlySessionsWithItsProject(t *testing.T) {
	stage := newStage(t)
	engine := stage.engine()
	cfg := stage.config("a")
	cfg.Project = "none"
	ok(t, engine.PrewarmFor(*cfg, 1))
	until(t, "a spare is ready", func() bool {
		stats, err := engine.Stats()
		ok(t, err)
		return stats.ReadySpares == 1
	})
	other := stage.config("b")
	other.WorkDir = cfg.WorkDir
	wantAnswer(t, engine, other, "hello", "echo: hello")
	wantAnswer(t, engine, cfg, "hello", "echo: hello")
	stats, err := engine.Stats()
	if err != nil || stats.SpareHits != 1 || stats.SpareMisses != 1 {
		t.Errorf("%+v, error %v", stats, err)
	}
	wantError(t, engine.PrewarmFor(hotplex.Config{WorkDir: stage.dir, Project: "all"}, 1), hotplex.ErrInvalidConfig)
}

func TestAConversationSurvivesTheEngine(t *testing.T) {
	stage := newStage(t)
	options := stage.options()
	store := t.TempDir()
	options.Env["STAND_IN_STORE"] = &store
	options.JailRoots = []string{store}
	first := stage.open(options)
	wantAnswer(t, first, stage.config("a"), "hello", "echo: hello")
	ok(t, first.Close())
	turn := play(t, stage.open(options), stage.config("a"), "history")
	if turn.answer() != "history: 1" {
		t.Errorf("answer %q, error %v", turn.answer(), turn.err)
	}
	if start := turn.find(hotplex.EventTypeSessionStart); start == nil || !start.Start.Resumed {
		t.Errorf("start %+v", start)
	}
}
