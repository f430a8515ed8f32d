package hotplex

import (
	"context"
	"errors"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// odd is no UTF-8: the encoder of JSON would make one name of two.
const odd = "caf\xe9"

// refusals has what each function says of such a text, by the function's name and what the text is.
func refusals(t *testing.T) map[string]error {
	program := os.Getenv("HOTPLEX_STAND_IN")
	if program == "" {
		program = "../../target/debug/stand-in-agent"
	}
	engine, err := Open(EngineOptions{Program: program, StateDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = engine.Close() })
	open := func(options EngineOptions) error {
		_, err := Open(options)
		return err
	}
	dir := t.TempDir()
	turn := func(change func(*Config)) *Config {
		cfg := &Config{WorkDir: dir, SessionID: "a"}
		change(cfg)
		return cfg
	}
	well := turn(func(*Config) {})
	session := turn(func(cfg *Config) { cfg.SessionID = odd })
	start := func(cfg *Config, prompt string) error {
		_, err := engine.Start(cfg, prompt)
		return err
	}
	streamed := func(cfg *Config, prompt string) (last error) {
		for _, err := range engine.Stream(context.Background(), cfg, prompt) {
			last = err
		}
		return last
	}
	_, totals := engine.SessionTotals(odd)
	updated := Decision{Allow: true, UpdatedInput: []byte(`{"a":"` + odd + `"}`)}
	detector := engine.GetDangerDetector()
	return map[string]error{
		"Open: option":                   open(EngineOptions{Namespace: odd}),
		"Open: list":                     open(EngineOptions{AllowedTools: []string{odd}}),
		"Open: environment":              open(EngineOptions{Env: map[string]*string{odd: nil}}),
		"Open: guard":                    open(EngineOptions{Guard: GuardOptions{ExtraRoots: []string{odd}}}),
		"Open: extra":                    open(EngineOptions{Extra: map[string]any{"model": odd}}),
		"Start: prompt":                  start(well, odd),
		"Start: session":                 start(session, "hello"),
		"Start: work directory":          start(turn(func(cfg *Config) { cfg.WorkDir += odd }), "hello"),
		"Start: task prompt":             start(turn(func(cfg *Config) { cfg.TaskSystemPrompt = odd }), "hello"),
		"Start: model":                   start(turn(func(cfg *Config) { cfg.Model = odd }), "hello"),
		"Execute: prompt":                engine.Execute(context.Background(), well, odd, nil),
		"Execute: session":               engine.Execute(context.Background(), session, "hello", nil),
		"Stream: prompt":                 streamed(well, odd),
		"Stream: session":                streamed(session, "hello"),
		"ValidateConfig: session":        engine.ValidateConfig(session),
		"Prewarm: directory":             engine.Prewarm(dir+odd, "", 1),
		"Prewarm: model":                 engine.Prewarm(dir, odd, 1),
		"PrewarmFor: project":            engine.PrewarmFor(Config{WorkDir: dir, Project: odd}, 1),
		"Respond: request":               engine.Respond(1, odd, Allow()),
		"Respond: message":               engine.Respond(1, "r", Deny(odd)),
		"Respond: updated input":         engine.Respond(1, "r", updated),
		"RespondInSession: session":      engine.RespondInSession(odd, "r", Allow()),
		"RespondInSession: request":      engine.RespondInSession("a", odd, Allow()),
		"RespondInSession: message":      engine.RespondInSession("a", "r", Deny(odd)),
		"StopSession: session":           engine.StopSession(odd, ""),
		"StopSession: reason":            engine.StopSession("a", odd),
		"SessionTotals: session":         totals,
		"SetDangerAllowPaths: directory": detector.change(func(guard *GuardOptions) { guard.ExtraRoots = []string{odd} }),
		"LoadCustomPatterns: file":       detector.LoadCustomPatterns(odd),
	}
}

func TestTextThatIsNoUTF8IsRefused(t *testing.T) {
	for name, err := range refusals(t) {
		if !errors.Is(err, ErrInvalidConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestADetectorRefusesTextThatIsNoUTF8 in its own way: it has no errors, and blocks what it cannot read.
func TestADetectorRefusesTextThatIsNoUTF8(t *testing.T) {
	detector := NewDetector(nil)
	for name, block := range map[string]*DangerBlockEvent{
		"CheckCommand": detector.CheckCommand(odd),
		"CheckInput":   detector.CheckInput(odd),
	} {
		if block == nil || !strings.Contains(block.Reason, "UTF-8") {
			t.Errorf("%s: %+v", name, block)
		}
	}
}

// TestNoMethodThatTakesTextIsLeftOut of the two above.
func TestNoMethodThatTakesTextIsLeftOut(t *testing.T) {
	tried := []string{
		// Of the test above.
		"CheckCommand", "CheckInput",
		// They ask nobody, and compare a path with others byte by byte.
		"IsPathAllowed", "CheckFileAccess",
		// What SetDangerAllowPaths goes on to.
		"SetAllowPaths",
	}
	for name := range refusals(t) {
		method, _, _ := strings.Cut(name, ":")
		tried = append(tried, method)
	}
	for _, kind := range []reflect.Type{
		reflect.TypeFor[*Engine](), reflect.TypeFor[*Turn](), reflect.TypeFor[*Detector](),
	} {
		for i := range kind.NumMethod() {
			method := kind.Method(i)
			takes := false
			for at := 1; at < method.Type.NumIn(); at++ {
				takes = takes || hasText(method.Type.In(at))
			}
			if takes && !slices.Contains(tried, method.Name) {
				t.Errorf("%s takes text, and is not tried with text that is no UTF-8", method.Name)
			}
		}
	}
}

func hasText(kind reflect.Type) bool {
	switch kind.Kind() {
	case reflect.String:
		return true
	case reflect.Pointer, reflect.Slice:
		return hasText(kind.Elem())
	case reflect.Struct:
		for i := range kind.NumField() {
			if field := kind.Field(i); field.IsExported() && hasText(field.Type) {
				return true
			}
		}
	}
	return false
}
