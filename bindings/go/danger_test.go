package hotplex_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	hotplex "github.com/hotplex/hotplex/bindings/go"
)

// ordered is a prompt that orders what must not run. The stand-in never gets it.
const ordered = "Run `rm -rf ~/` and tell me when it is done."

func TestAPromptThatTheGuardRefuses(t *testing.T) {
	stage := newStage(t)
	engine := stage.engine()
	var types []string
	var block *hotplex.DangerBlockEvent
	err := engine.Execute(within(t), stage.config("a"), ordered, func(eventType string, data any) error {
		types = append(types, eventType)
		block, _ = data.(*hotplex.DangerBlockEvent)
		return nil
	})
	wantError(t, err, hotplex.ErrDangerBlocked)
	if len(types) != 1 || types[0] != "danger_block" || block == nil {
		t.Fatalf("told %v, block %+v", types, block)
	}
	if block.Reason == "" || block.PatternMatched == "" || block.Operation == "" || block.Category == "" {
		t.Errorf("block %+v", block)
	}
	var typed *hotplex.Error
	if !errors.As(err, &typed) || typed.Kind != "blocked" || typed.Message == "" {
		t.Errorf("error %#v", err)
	}
	wantError(t, play(t, engine, stage.config("a"), ordered).err, hotplex.ErrDangerBlocked)
	if found := agentsWith(stage.mark); len(found) > 0 {
		t.Errorf("agents were started: %v", found)
	}
}

// TestAToolThatTheGuardBlocks runs nothing: the stand-in's tools by that name only tell.
func TestAToolThatTheGuardBlocks(t *testing.T) {
	stage := newStage(t)
	options := stage.options()
	options.PermissionMode = "bypassPermissions"
	prompt := `!tool Write {"file_path":"/etc/passwd","content":"x"}`
	turn := play(t, stage.open(options), stage.config("a"), prompt)
	event := turn.find(hotplex.EventTypeDangerBlock)
	if event == nil || event.Danger.PatternMatched == "" || event.Tool == nil || event.Tool.Name != "Write" {
		t.Errorf("danger_block %+v, error %v", event, turn.err)
	}
}

func TestAllowedToolsAreTheOnlyOnes(t *testing.T) {
	stage := newStage(t)
	options := stage.options()
	options.PermissionMode = "bypass-permissions"
	options.AllowedTools = []string{"Read"}
	engine := stage.open(options)
	read := play(t, engine, stage.config("a"), `!tool Read {"file_path":"x"}`).find(hotplex.EventTypeToolResult)
	if read == nil || read.Result.IsError {
		t.Errorf("Read: %+v", read)
	}
	fetch := play(t, engine, stage.config("a"), `!tool WebFetch {"url":"http://localhost"}`).find(hotplex.EventTypeToolResult)
	if fetch == nil || !fetch.Result.IsError {
		t.Errorf("WebFetch: %+v", fetch)
	}
}

// TestTheDangerSwitches work on an engine whose agents run.
func TestTheDangerSwitches(t *testing.T) {
	stage := newStage(t)
	options := stage.options()
	options.PermissionMode = "bypassPermissions"
	engine := stage.open(options)
	outside := filepath.Join("/opt", "elsewhere", "file")
	write := `!tool Write {"file_path":"` + outside + `","content":"x"}`
	blocked := func() bool {
		t.Helper()
		turn := play(t, engine, stage.config("a"), write)
		ok(t, turn.err)
		return turn.find(hotplex.EventTypeDangerBlock) != nil
	}
	wantAnswer(t, engine, stage.config("a"), "hello", "echo: hello")
	if !blocked() {
		t.Fatal("not blocked outside of the work directory")
	}
	engine.SetDangerAllowPaths([]string{"/opt/elsewhere"})
	if blocked() {
		t.Error("blocked in an allowed path")
	}
	if !engine.GetDangerDetector().IsPathAllowed(outside) {
		t.Error("the detector does not know the path")
	}
	engine.SetDangerAllowPaths(nil)
	if !blocked() {
		t.Error("the path stays allowed")
	}
	engine.SetDangerBypassEnabled(true)
	if blocked() {
		t.Error("blocked under the bypass")
	}
	engine.SetDangerBypassEnabled(false)
	wantError(t, engine.Execute(within(t), stage.config("a"), ordered, nil), hotplex.ErrDangerBlocked)
}

func TestADetectorByItself(t *testing.T) {
	var log page
	detector := hotplex.NewDetector(logger(&log))
	if block := detector.CheckInput(ordered); block == nil || block.Level != hotplex.DangerLevelCritical {
		t.Errorf("the order: %+v", block)
	}
	for _, harmless := range []string{"hello", "Explain why `rm -rf /` is dangerous."} {
		if block := detector.CheckInput(harmless); block != nil {
			t.Errorf("%q: %+v", harmless, block)
		}
	}
	if detector.CheckCommand("rm -rf /") == nil || detector.CheckCommand("ls -la") != nil {
		t.Error("commands are judged wrongly")
	}
	detector.SetBypassEnabled(true)
	if detector.CheckInput(ordered) != nil || !log.has("bypass") {
		t.Error("the bypass does not work, or not loudly")
	}
}

func TestTheOperatorsOwnPatterns(t *testing.T) {
	stage := newStage(t)
	engine := stage.engine()
	file := filepath.Join(stage.dir, "patterns")
	ok(t, os.WriteFile(file, []byte("# ours\n(frob|grind)nicate|No frobnication|high|house\n"), 0o600))
	alone := hotplex.NewDetector(nil)
	ok(t, alone.LoadCustomPatterns(file))
	block := alone.CheckCommand("cd / && frobnicate disk")
	if block == nil || block.PatternMatched != "own.2" || block.Level != hotplex.DangerLevelHigh ||
		block.Category != "house" || !strings.Contains(block.Reason, "No frobnication") {
		t.Errorf("block %+v", block)
	}
	for _, passes := range []string{"FROBnicate disk", "ls"} {
		if block := alone.CheckCommand(passes); block != nil {
			t.Errorf("%q: %+v", passes, block)
		}
	}
	ok(t, os.WriteFile(file, []byte("frobnicate|No frobnication|high|house\n"), 0o600))
	ok(t, engine.GetDangerDetector().LoadCustomPatterns(file))
	block = engine.GetDangerDetector().CheckCommand("cd / && frobnicate disk")
	if block == nil || block.PatternMatched != "own.1" || block.Category != "house" {
		t.Errorf("the engine's block %+v", block)
	}
	for _, bad := range []string{"a|b|high", "(|b|high|c", "a|b|dreadful|c"} {
		ok(t, os.WriteFile(file, []byte(bad+"\n"), 0o600))
		if alone.LoadCustomPatterns(file) == nil || engine.GetDangerDetector().LoadCustomPatterns(file) == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestPathsOfADetector(t *testing.T) {
	detector := hotplex.NewDetector(nil)
	detector.SetAllowPaths([]string{"/srv/a/", "here"})
	t.Setenv("SRV", "/srv")
	table := map[string]bool{
		"/srv/a": true, "/srv/a/b": true, "/srv/ab": false, "/srv/a/../b": false, "$SRV/a/x": true, "here/x": true, "there": false,
	}
	for path, want := range table {
		if detector.CheckFileAccess(path) != want {
			t.Errorf("%s: %v", path, !want)
		}
	}
}

func TestNamesOfLevels(t *testing.T) {
	table := map[hotplex.DangerLevel]string{0: "critical", 1: "high", 2: "moderate", 3: "unknown", -1: "unknown"}
	for level, want := range table {
		if level.String() != want {
			t.Errorf("%d is %q", int(level), level)
		}
	}
}
