package hotplex

import (
	"context"
	"fmt"
	"log/slog"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/hotplex/hotplex/bindings/go/internal/capi"
)

// HotPlexClient is what most programs need of an engine, and what their tests can replace.
type HotPlexClient interface {
	// Execute runs a turn and tells its events to the callback.
	Execute(ctx context.Context, cfg *Config, prompt string, callback Callback) error
	// Close ends the agents and waits until nothing is left.
	Close() error
}

// Engine is a pool of agents that are kept alive. All of its methods may be called from any
// goroutine.
type Engine struct {
	options  EngineOptions
	logger   *slog.Logger
	detector *Detector
	core     *core
	last     lastStats
}

// NewEngine opens an engine, whose dynamic type is *Engine. No agent is started yet, but its program
// is looked for: ErrProcessStart if it is missing, ErrInvalidConfig for options that can never work.
func NewEngine(options EngineOptions) (HotPlexClient, error) {
	engine, err := Open(options)
	if err != nil {
		return nil, err
	}
	return engine, nil
}

// Open is NewEngine for those who want the whole Engine.
func Open(options EngineOptions) (*Engine, error) {
	if options.Logger == nil {
		options.Logger = slog.Default()
	}
	if abi := capi.ABI(); abi != capi.HeaderABI {
		message := fmt.Sprintf("libhotplex has interface %d, this program was built for %d", abi, capi.HeaderABI)
		return nil, newError("internal", message)
	}
	text, err := options.json()
	if err != nil {
		return nil, err
	}
	core, err := openCore(text)
	if err != nil {
		return nil, err
	}
	engine := &Engine{options: options, logger: options.Logger, core: core}
	engine.detector = newDetector(options.Logger, engine)
	runtime.AddCleanup(engine, func(left capi.Engine) { left.Free() }, core.handle)
	return engine, nil
}

// Close ends all turns as stopped and all agents politely, and returns when nothing is left. It may
// be called twice, and takes at most KillGrace and a few seconds. ErrInternal names the processes that
// could not be ended.
func (e *Engine) Close() error { return e.CloseWithin(-1) }

// CloseWithin is Close with another grace than KillGrace, which a negative one stands for.
func (e *Engine) CloseWithin(grace time.Duration) error {
	graceMs := int32(-1)
	if grace >= 0 {
		graceMs = int32(min(grace.Milliseconds(), 1<<31-1))
	}
	return e.core.close(graceMs)
}

// approval is who answers the questions of a turn, if anybody does.
func (e *Engine) approval(cfg *Config) Approve {
	if cfg.Approve != nil {
		return cfg.Approve
	}
	return e.options.Approve
}

// StopSession ends the session's turns and its process. The conversation is kept; the next prompt
// takes it up again. A session that the pool does not hold is stopped already.
func (e *Engine) StopSession(sessionID, reason string) error {
	err := e.core.handle.StopSession(sessionID, reason)
	if hasStatus(err, capi.NotFound) {
		return nil
	}
	return e.core.check(err)
}

// Prewarm starts spare agents, which new sessions with the same work directory and model take, so
// that their first turn need not wait for a start. It returns at once.
func (e *Engine) Prewarm(workDir, model string, count int) error {
	return e.PrewarmFor(Config{WorkDir: workDir, Model: model}, count)
}

// PrewarmFor starts spare agents for sessions with the WorkDir, Model and Project of cfg, whose other
// fields do not matter. A spare serves only sessions with the same three. It returns at once.
func (e *Engine) PrewarmFor(cfg Config, count int) error {
	if count < 0 {
		return newError("invalid_argument", "the count of spares is negative")
	}
	object := jsonObject{"work_dir": cfg.WorkDir}
	object.text("model", cfg.Model)
	object.text("project", cfg.Project)
	config, err := object.bytes()
	if err != nil {
		return err
	}
	return e.core.check(e.core.handle.Prewarm(config, uint32(count)))
}

// GetCLIVersion asks the agent's program for its version.
func (e *Engine) GetCLIVersion() (string, error) {
	program := e.options.Program
	if program == "" {
		program = "claude"
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	arguments := append(append([]string{}, e.options.ProgramArgs...), "--version")
	output, err := exec.CommandContext(ctx, program, arguments...).Output()
	if err != nil {
		return "", fmt.Errorf("%s --version: %w", program, err)
	}
	return strings.TrimSpace(string(output)), nil
}

// Version is that of libhotplex.
func Version() string { return capi.Version() }

// decode never fails: an event that cannot be read is shown as it is, and an end remains one.
func (e *Engine) decode(raw capi.Event) *Event {
	event, err := decodeEvent(raw)
	if err == nil {
		return event
	}
	e.logger.Error("hotplex: an event could not be read", "turn", raw.Turn, "error", err)
	event = &Event{Type: EventTypeRaw, Turn: raw.Turn, Text: string(raw.JSON), JSON: raw.JSON}
	if raw.Type == capi.TurnEnd {
		end := &TurnEnd{Outcome: "failed", Err: newError("internal", err.Error())}
		end.Stats = &SessionStatsData{IsError: true, ErrorMessage: err.Error()}
		event.Type, event.End = EventTypeTurnEnd, end
	}
	return event
}

// note logs what operators should know, and keeps the figures.
func (e *Engine) note(event *Event) {
	session := slog.String("session_id", event.SessionID)
	switch {
	case event.Start != nil:
		e.logger.Info("hotplex: session started", session, "pid", event.Start.PID, "resumed", event.Start.Resumed)
	case event.Danger != nil:
		e.logger.Warn("hotplex: danger blocked", session, "rule", event.Danger.PatternMatched, "operation", event.Danger.Operation)
	case event.Notice != nil && event.Notice.Level == "warning":
		e.logger.Warn("hotplex: "+event.Text, session, "code", event.Notice.Code)
	case event.End != nil:
		e.last.set(event.End.Stats)
		e.logger.Debug("hotplex: turn ended", session, "turn", event.Turn, "outcome", event.End.Outcome, "ms", event.End.Stats.TotalDurationMs)
	}
}
