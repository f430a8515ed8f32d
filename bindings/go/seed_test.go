package hotplex_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	hotplex "github.com/hotplex/hotplex/bindings/go"
)

// What programs for the Go hotplex 0.6.1 name, with the types they name it by. That this compiles is
// the test.
var (
	_ func(hotplex.EngineOptions) (hotplex.HotPlexClient, error)      = hotplex.NewEngine
	_ hotplex.HotPlexClient                                           = (*hotplex.Engine)(nil)
	_ func(string, string, *hotplex.EventMeta) *hotplex.EventWithMeta = hotplex.NewEventWithMeta
	_ func(*slog.Logger, hotplex.Callback) hotplex.Callback           = hotplex.WrapSafe
	_ func(string, int) string                                        = hotplex.TruncateString
	_ func(map[string]any) string                                     = hotplex.SummarizeInput
	_ func(*slog.Logger) *hotplex.Detector                            = hotplex.NewDetector
	_ func(*hotplex.Engine, string, string) error                     = (*hotplex.Engine).StopSession
	_ func(*hotplex.Engine) *hotplex.SessionStats                     = (*hotplex.Engine).GetSessionStats
	_ func(*hotplex.Engine, *hotplex.Config) error                    = (*hotplex.Engine).ValidateConfig
	_ func(*hotplex.Engine) (string, error)                           = (*hotplex.Engine).GetCLIVersion
	_ func(*hotplex.Engine, []string)                                 = (*hotplex.Engine).SetDangerAllowPaths
	_ func(*hotplex.Engine, bool)                                     = (*hotplex.Engine).SetDangerBypassEnabled
	_ func(*hotplex.Engine) *hotplex.Detector                         = (*hotplex.Engine).GetDangerDetector
	_ func(*hotplex.Detector, string) *hotplex.DangerBlockEvent       = (*hotplex.Detector).CheckInput
	_ func(*hotplex.Detector, string) bool                            = (*hotplex.Detector).CheckFileAccess
	_ func(*hotplex.Detector, string) bool                            = (*hotplex.Detector).IsPathAllowed
	_ func(*hotplex.Detector, string) error                           = (*hotplex.Detector).LoadCustomPatterns
	_ func(*hotplex.StreamMessage) []hotplex.ContentBlock             = (*hotplex.StreamMessage).GetContentBlocks
	_ func(*hotplex.ContentBlock) string                              = (*hotplex.ContentBlock).GetUnifiedToolID
	_ [4]hotplex.SessionStatus                                        = [4]hotplex.SessionStatus{hotplex.SessionStatusStarting, hotplex.SessionStatusReady, hotplex.SessionStatusBusy, hotplex.SessionStatusDead}
	_ [3]hotplex.DangerLevel                                          = [3]hotplex.DangerLevel{hotplex.DangerLevelCritical, hotplex.DangerLevelHigh, hotplex.DangerLevelModerate}
	_ [3]int                                                          = [3]int{hotplex.MaxInputLogLength, hotplex.MaxPatternLogLength, hotplex.MaxDisplayLength}
	_                                                                 = []error{hotplex.ErrDangerBlocked, hotplex.ErrSessionTerminated, hotplex.ErrContextCancelled, hotplex.ErrInvalidConfig}
	_                                                                 = []any{hotplex.AssistantMessage{}, hotplex.UsageStats{}, hotplex.DangerPattern{}, hotplex.Session{}}
)

// TestAProgramForTheGoHotplex is what its fuller example does: two turns, a restart of the engine, a
// stop.
func TestAProgramForTheGoHotplex(t *testing.T) {
	stage := newStage(t)
	store := t.TempDir()
	t.Setenv("STAND_IN_STORE", store)
	opts := stage.options()
	opts.JailRoots = []string{store}
	opts.Namespace, opts.Timeout, opts.IdleTimeout = "demo_lifecycle", 5*time.Minute, time.Minute
	var said strings.Builder
	printing := func(eventType string, data any) error {
		switch eventType {
		case "answer":
			if ev, is := data.(*hotplex.EventWithMeta); is {
				said.WriteString(ev.EventData + "\n")
			}
		case "session_stats":
			if stats, is := data.(*hotplex.SessionStatsData); is && stats.TotalDurationMs < 0 {
				t.Errorf("stats %+v", stats)
			}
		}
		return nil
	}
	cfg := &hotplex.Config{SessionID: "persistent-task-42", WorkDir: stage.dir}
	ctx := context.Background()

	engine, err := hotplex.NewEngine(opts)
	ok(t, err)
	ok(t, engine.Execute(ctx, cfg, "one", printing))
	ok(t, engine.Execute(ctx, cfg, "two", printing))
	_ = engine.Close()

	engine, err = hotplex.NewEngine(opts)
	ok(t, err)
	defer engine.Close()
	ok(t, engine.Execute(ctx, cfg, "history", printing))
	eng, is := engine.(*hotplex.Engine)
	if !is {
		t.Fatalf("the engine is a %T", engine)
	}
	ok(t, eng.StopSession(cfg.SessionID, "Done with task"))
	if said.String() != "echo: one\necho: two\nhistory: 2\n" {
		t.Errorf("said %q", said.String())
	}
}

func TestTextIsCutByCharacters(t *testing.T) {
	if got := hotplex.TruncateString("äöüß", 3); got != "äöü..." {
		t.Errorf("%q", got)
	}
	if got := hotplex.TruncateString("äöü", 3); got != "äöü" {
		t.Errorf("%q", got)
	}
	table := []struct {
		input map[string]any
		want  string
	}{
		{nil, ""},
		{map[string]any{"command": "ls"}, "ls"},
		{map[string]any{"file_path": "/x"}, "file: /x"},
		{map[string]any{"path": "/x"}, "file: /x"},
		{map[string]any{"other": 1}, `{"other":1}`},
	}
	for _, row := range table {
		if got := hotplex.SummarizeInput(row.input); got != row.want {
			t.Errorf("%v: %q", row.input, got)
		}
	}
}

func TestFiguresCanBeCollected(t *testing.T) {
	var stats hotplex.SessionStats
	stats.RecordToolUse("Read", "id")
	stats.RecordToolResult()
	stats.RecordToolResult()
	stats.RecordTokens(1, 2, 3, 4)
	stats.RecordFileModification("/x")
	stats.RecordFileModification("/x")
	stats.StartThinking()
	stats.EndThinking()
	stats.StartGeneration()
	done := stats.FinalizeDuration()
	if done.ToolCallCount != 1 || !done.ToolsUsed["Read"] || done.FilesModified != 1 || done.CacheReadTokens != 4 {
		t.Errorf("%v", done.ToSummary())
	}
}
