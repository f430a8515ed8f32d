// A session that outlives its engine: two turns, a restart of the engine that takes the conversation
// up again, what it cost, and an explicit stop.
//
//	go run ./examples/full [--provider NAME] [--program PATH]
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	hotplex "github.com/hotplex/hotplex/bindings/go"
	"github.com/hotplex/hotplex/bindings/go/examples/agent"
)

func main() {
	// Ctrl-C ends the turn; the engine is closed on the way out.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := live(ctx); err != nil && !errors.Is(err, context.Canceled) {
		log.Fatal(err)
	}
}

func live(ctx context.Context) error {
	options := agent.Options()
	options.Namespace = "full-example"
	options.Logger = slog.New(slog.NewTextHandler(os.Stderr, nil))
	workDir, err := os.Getwd()
	if err != nil {
		return err
	}
	cfg := &hotplex.Config{SessionID: "persistent-task-42", WorkDir: workDir}

	prompts := []string{"Remember the word albatross. Just say OK.", "Which word was it?"}
	if err := withEngine(options, func(engine *hotplex.Engine) error { return talk(ctx, engine, cfg, prompts) }); err != nil {
		return err
	}
	fmt.Println("-- the engine is closed, and another one opened")
	return withEngine(options, func(engine *hotplex.Engine) error {
		if err := talk(ctx, engine, cfg, []string{"I restarted. Which word was it?", "history"}); err != nil {
			return err
		}
		return report(engine, cfg.SessionID)
	})
}

func withEngine(options hotplex.EngineOptions, use func(*hotplex.Engine) error) error {
	engine, err := hotplex.Open(options)
	if err != nil {
		return err
	}
	defer engine.Close()
	return use(engine)
}

func talk(ctx context.Context, engine *hotplex.Engine, cfg *hotplex.Config, prompts []string) error {
	for _, prompt := range prompts {
		fmt.Println(">", prompt)
		if err := engine.Execute(ctx, cfg, prompt, show); err != nil {
			return err
		}
	}
	return nil
}

// show prints answers, and what the turn took.
func show(eventType string, data any) error {
	switch told := data.(type) {
	case *hotplex.EventWithMeta:
		if start := told.Event(); start != nil && start.Start != nil {
			fmt.Println("  resumed:", start.Start.Resumed)
		}
		if eventType == hotplex.EventTypeAnswer {
			fmt.Println(told.EventData)
		}
	case *hotplex.SessionStatsData:
		fmt.Printf("  %d ms, %d tokens, %.4f dollars\n", told.TotalDurationMs, told.TotalTokens, told.TotalCostUSD)
	}
	return nil
}

// report shows the session's figures, and stops it.
func report(engine *hotplex.Engine, sessionID string) error {
	totals, err := engine.SessionTotals(sessionID)
	if err != nil {
		return err
	}
	fmt.Printf("-- %d turns, %d of them completed\n", totals.Turns, totals.TurnsCompleted)
	if err := engine.StopSession(sessionID, "done with it"); err != nil {
		return err
	}
	fmt.Println("-- stopped; its conversation is kept")
	return nil
}
