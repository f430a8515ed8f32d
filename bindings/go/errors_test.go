package hotplex_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	hotplex "github.com/hotplex/hotplex/bindings/go"
)

func TestOptionsThatCanNeverWork(t *testing.T) {
	table := []struct {
		name   string
		change func(*hotplex.EngineOptions)
		want   error
		says   string
	}{
		{"a program that is missing", func(o *hotplex.EngineOptions) { o.Program = "/nowhere/agent" }, hotplex.ErrProcessStart, "/nowhere/agent"},
		{"an unknown option", func(o *hotplex.EngineOptions) { o.Extra = map[string]any{"windw_bytes": 1} }, hotplex.ErrInvalidConfig, "windw_bytes"},
		{"an option said twice", func(o *hotplex.EngineOptions) {
			o.Namespace, o.Extra = "a", map[string]any{"namespace": "b"}
		}, hotplex.ErrInvalidConfig, "namespace"},
		{"an option that is no JSON", func(o *hotplex.EngineOptions) { o.Extra = map[string]any{"model": func() {}} }, hotplex.ErrInvalidConfig, "func"},
		{"an unknown permission mode", func(o *hotplex.EngineOptions) { o.PermissionMode = "yolo" }, hotplex.ErrInvalidConfig, "yolo"},
	}
	for _, row := range table {
		options := newStage(t).options()
		row.change(&options)
		client, err := hotplex.NewEngine(options)
		if client != nil {
			t.Errorf("%s: there is a client", row.name)
		}
		wantError(t, err, row.want)
		if err != nil && !strings.Contains(err.Error(), row.says) {
			t.Errorf("%s: %q does not say %q", row.name, err, row.says)
		}
	}
}

// TestEveryOptionIsKnown to the library, under the name that this package gives it.
func TestEveryOptionIsKnown(t *testing.T) {
	stage := newStage(t)
	options := stage.options()
	rules := filepath.Join(stage.dir, "rules")
	ok(t, os.WriteFile(rules, []byte("frobnicate|no frobnication|high|system\n"), 0o600))
	options.Timeout, options.IdleTimeout, options.StartTimeout = 1e9, -1, 30e9
	options.SilenceTimeout, options.ApprovalTimeout = 20e9, 20e9
	options.Namespace, options.PermissionMode, options.BaseSystemPrompt = "n", "plan", "be brief"
	options.AllowedTools, options.DisallowedTools = []string{"Read"}, []string{"Bash"}
	options.ProgramArgs, options.Model = []string{}, "m"
	options.InheritEnv = []string{"PATH", "HOME"}
	options.MaxProcesses, options.QueueTurns, options.PartialMessages = 2, 3, true
	options.Extra = map[string]any{"window_bytes": 1 << 20, "max_line_bytes": 1 << 20}
	options.JailRoots = []string{stage.dir}
	options.Guard = hotplex.GuardOptions{
		RulesFile: rules, DisabledRules: []string{}, PromotedRules: []string{},
		ExtraRoots: []string{stage.dir}, AuditFile: filepath.Join(stage.dir, "audit"),
	}
	engine := stage.open(options)
	cfg := stage.config("a")
	cfg.TaskSystemPrompt, cfg.Model, cfg.Timeout = "in one word", "other", 5e9
	wantAnswer(t, engine, cfg, "hello", "echo: [in one word]\n\nhello")
}

func TestConfigsThatCanNeverWork(t *testing.T) {
	stage := newStage(t)
	engine := stage.engine()
	table := []struct {
		cfg    *hotplex.Config
		prompt string
	}{
		{nil, "hello"},
		{&hotplex.Config{SessionID: "a"}, "hello"},
		{&hotplex.Config{WorkDir: stage.dir}, "hello"},
		{&hotplex.Config{SessionID: "a", WorkDir: "/proc/nowhere"}, "hello"},
		{stage.config("a"), ""},
		{stage.config("a"), "\xff\xfe"},
	}
	for _, row := range table {
		wantError(t, engine.Execute(within(t), row.cfg, row.prompt, nil), hotplex.ErrInvalidConfig)
	}
	ok(t, engine.ValidateConfig(stage.config("a")))
}

func TestALiveSessionKeepsItsDirectory(t *testing.T) {
	stage := newStage(t)
	engine := stage.engine()
	wantAnswer(t, engine, stage.config("a"), "hello", "echo: hello")
	elsewhere := stage.config("a")
	elsewhere.WorkDir = stage.dir
	wantError(t, engine.Execute(within(t), elsewhere, "hello", nil), hotplex.ErrInvalidConfig)
}

func TestTooManyTurnsAreRefused(t *testing.T) {
	stage := newStage(t)
	options := stage.options()
	options.QueueTurns = 1
	engine := stage.open(options)
	var err error
	for range 3 {
		var turn *hotplex.Turn
		if turn, err = engine.Start(stage.config("a"), "!sleep 60000"); err == nil {
			defer turn.Close()
		}
	}
	wantError(t, err, hotplex.ErrBusy)
}

func TestAnAgentThatDoesNotStart(t *testing.T) {
	stage := newStage(t)
	options := stage.options()
	why := "no such licence"
	options.Env["STAND_IN_FAIL"] = &why
	turn := play(t, stage.open(options), stage.config("a"), "hello")
	wantError(t, turn.err, hotplex.ErrProcessStart)
	if turn.err == nil || !strings.Contains(turn.err.Error(), why) {
		t.Errorf("%v does not say why", turn.err)
	}
}

func TestErrorsAreSentinelsWithAWord(t *testing.T) {
	stage := newStage(t)
	_, err := stage.engine().SessionTotals("nobody")
	wantError(t, err, hotplex.ErrSessionNotFound)
	var typed *hotplex.Error
	if !errors.As(err, &typed) || typed.Kind != "not_found" {
		t.Errorf("error %#v", err)
	}
	for _, other := range []error{hotplex.ErrBusy, hotplex.ErrClosed, context.Canceled} {
		if errors.Is(err, other) {
			t.Errorf("%v is %v", err, other)
		}
	}
}

func TestTheProgramsVersion(t *testing.T) {
	stage := newStage(t)
	options := stage.options()
	options.Program = filepath.Join(stage.dir, "agent")
	ok(t, os.WriteFile(options.Program, []byte("#!/bin/sh\necho \"9.9 $1\"\n"), 0o700))
	version, err := stage.open(options).GetCLIVersion()
	if err != nil || version != "9.9 --version" {
		t.Errorf("version %q, error %v", version, err)
	}
	if hotplex.Version() == "" {
		t.Error("the library has no version")
	}
}
