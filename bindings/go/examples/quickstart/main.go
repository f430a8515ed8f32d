package main

import (
	"context"
	"fmt"
	"log"
	"time"

	hotplex "github.com/hotplex/hotplex/bindings/go"
)

func main() {
	engine, err := hotplex.NewEngine(hotplex.EngineOptions{
		Timeout:        5 * time.Minute,
		PermissionMode: "bypass-permissions",
		AllowedTools:   []string{"Bash", "Read", "Edit"},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer engine.Close()

	cfg := &hotplex.Config{SessionID: "user-123", WorkDir: "/tmp/hotplex", TaskSystemPrompt: "Answer briefly."}
	err = engine.Execute(context.Background(), cfg, "What is in this directory?", func(eventType string, data any) error {
		if eventType == "answer" {
			fmt.Println(data.(*hotplex.EventWithMeta).EventData)
		}
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
}
