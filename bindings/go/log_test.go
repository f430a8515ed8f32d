package hotplex_test

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"

	hotplex "github.com/hotplex/hotplex/bindings/go"
)

// page is a log that two goroutines can use.
type page struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (p *page) Write(text []byte) (int, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.text.Write(text)
}

func (p *page) has(text string) bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return strings.Contains(p.text.String(), text)
}

func logger(to *page) *slog.Logger {
	return slog.New(slog.NewTextHandler(to, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func TestTheLoggerIsTold(t *testing.T) {
	stage := newStage(t)
	options := stage.options()
	var log page
	options.Logger = logger(&log)
	play(t, stage.open(options), stage.config("a"), "!raw not json\n!text one")
	for _, text := range []string{"session started", "session_id=a", "not_json", "turn ended", "outcome=completed"} {
		if !log.has(text) {
			t.Errorf("the log does not say %q", text)
		}
	}
}

func TestTheLibrarysOwnLog(t *testing.T) {
	stage := newStage(t)
	var log page
	ok(t, hotplex.LogLibrary(logger(&log), slog.LevelDebug))
	options := stage.options()
	options.Guard.Disabled = true
	wantAnswer(t, stage.open(options), stage.config("a"), "hello", "echo: hello")
	until(t, "the library has logged", func() bool { return log.has("hotplex") })
	ok(t, hotplex.LogLibrary(nil, 0))
}
