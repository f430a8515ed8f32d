// Plays three turns with a real agent: text, a tool that is asked about and allowed, and one that is
// cancelled. The real-agent tests of the repository run it in a network namespace, beside a model
// server that does what the prompts say.
//
//	HOTPLEX_REAL_OPTIONS    the engine's options, as JSON
//	HOTPLEX_REAL_WORK_DIR   the work directory
//
// Status 0 means that all three went as they must.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	hotplex "github.com/hotplex/hotplex/bindings/go"
)

func main() {
	log.SetFlags(0)
	if err := run(); err != nil {
		log.Fatal("real: ", err)
	}
}

func run() error {
	var options hotplex.EngineOptions
	if err := json.Unmarshal([]byte(os.Getenv("HOTPLEX_REAL_OPTIONS")), &options.Extra); err != nil {
		return fmt.Errorf("HOTPLEX_REAL_OPTIONS: %w", err)
	}
	engine, err := hotplex.Open(options)
	if err != nil {
		return err
	}
	defer engine.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cfg := &hotplex.Config{SessionID: "go", WorkDir: os.Getenv("HOTPLEX_REAL_WORK_DIR")}
	return errors.Join(text(ctx, engine, cfg), tool(ctx, engine, cfg), cancelled(ctx, engine, cfg))
}

func text(ctx context.Context, engine *hotplex.Engine, cfg *hotplex.Config) error {
	var answer strings.Builder
	for event, err := range engine.Stream(ctx, cfg, "MODEL:text hello there") {
		if err != nil {
			return fmt.Errorf("text: %w", err)
		}
		if event.Type == hotplex.EventTypeAnswer {
			answer.WriteString(event.Text)
		}
	}
	if answer.String() != "hello there" {
		return fmt.Errorf("text: the answer is %q", answer.String())
	}
	return nil
}

func tool(ctx context.Context, engine *hotplex.Engine, cfg *hotplex.Config) error {
	asked, result := 0, ""
	asking := *cfg
	asking.Approve = func(context.Context, *hotplex.PermissionRequest) hotplex.Decision {
		asked++
		return hotplex.Allow()
	}
	for event, err := range engine.Stream(ctx, &asking, "MODEL:bash touch asked && echo hi-from-tool") {
		if err != nil {
			return fmt.Errorf("tool: %w", err)
		}
		if event.Type == hotplex.EventTypeToolResult {
			result = event.Text
		}
	}
	if asked != 1 || !strings.Contains(result, "hi-from-tool") {
		return fmt.Errorf("tool: asked %d times, the result is %q", asked, result)
	}
	return nil
}

// cancelled gives the agent time to ask its model, so that there is something to interrupt.
func cancelled(ctx context.Context, engine *hotplex.Engine, cfg *hotplex.Config) error {
	turn, err := engine.Start(cfg, "MODEL:hang 30\nMODEL:text never")
	if err != nil {
		return fmt.Errorf("cancel: %w", err)
	}
	time.AfterFunc(2*time.Second, turn.Cancel)
	var last error
	for _, err := range turn.Events(ctx) {
		last = err
	}
	if !errors.Is(last, hotplex.ErrContextCancelled) {
		return fmt.Errorf("cancel: the turn ended with %v", last)
	}
	return text(ctx, engine, cfg)
}
