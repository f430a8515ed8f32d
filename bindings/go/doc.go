// Package hotplex keeps AI command-line agents alive in a pool inside your program, sends each
// prompt to its session's agent, and gives back typed events.
//
// Starting an agent costs from half a second to five, each time. An Engine starts one agent for each
// session and keeps it, so that every further turn costs what the model costs.
//
//	engine, err := hotplex.NewEngine(hotplex.EngineOptions{})
//	...
//	defer engine.Close()
//	cfg := &hotplex.Config{SessionID: "user-123", WorkDir: "/srv/checkouts/user-123"}
//	err = engine.Execute(ctx, cfg, "What changed today?", func(eventType string, data any) error {
//		if eventType == "answer" {
//			fmt.Println(data.(*hotplex.EventWithMeta).EventData)
//		}
//		return nil
//	})
//
// There are three ways to run a turn: Execute with a callback, as in the Go hotplex of old; Stream,
// an iterator of typed events; and Start, which gives a Turn to read, cancel and answer by hand.
//
// Callbacks and iterators run on the goroutine of whoever reads the turn. Behind each engine there is
// one goroutine of this package and two threads of libhotplex, which block all signals: Go keeps its
// own. A reader that is slow holds back its own agent and no other.
package hotplex
