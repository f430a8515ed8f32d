// Several turns in one session: the first starts the agent, the others find it running.
//
//	go run ./examples/basic [--provider NAME] [--program PATH] [PROMPT]...
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"time"

	hotplex "github.com/hotplex/hotplex/bindings/go"
	"github.com/hotplex/hotplex/bindings/go/examples/agent"
)

func main() {
	options := agent.Options()
	options.Namespace = "basic-example"
	prompts := flag.Args()
	if len(prompts) == 0 {
		prompts = []string{"Say hello in one word.", "And in French?", "And in Japanese?"}
	}
	if err := talk(options, prompts); err != nil {
		log.Fatal(err)
	}
}

func talk(options hotplex.EngineOptions, prompts []string) error {
	engine, err := hotplex.Open(options)
	if err != nil {
		return err
	}
	defer engine.Close()
	workDir, err := os.Getwd()
	if err != nil {
		return err
	}
	cfg := &hotplex.Config{SessionID: "basic", WorkDir: workDir}
	for _, prompt := range prompts {
		if err := turn(engine, cfg, prompt); err != nil {
			return err
		}
	}
	return nil
}

func turn(engine *hotplex.Engine, cfg *hotplex.Config, prompt string) error {
	fmt.Println(">", prompt)
	begun := time.Now()
	for event, err := range engine.Stream(context.Background(), cfg, prompt) {
		if err != nil {
			return err
		}
		switch event.Type {
		case hotplex.EventTypeSessionStart:
			fmt.Println("  started process", event.Start.PID)
		case hotplex.EventTypeAnswer:
			fmt.Println(event.Text)
		case hotplex.EventTypeToolUse:
			fmt.Printf("  uses %s: %s\n", event.Tool.Name, event.Tool.Summary)
		case hotplex.EventTypeTurnEnd:
			fmt.Printf("  %s in %v\n", event.End.Outcome, time.Since(begun).Round(time.Millisecond))
		}
	}
	return nil
}
