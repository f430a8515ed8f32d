// Package agent reads which agent an example is to ask, as the examples of all languages do.
package agent

import (
	"flag"
	"os"

	hotplex "github.com/hotplex/hotplex/bindings/go"
)

// Options are those of an engine for the agent that the command line names: --provider, for which
// HOTPLEX_PROVIDER stands in, and --program. What follows them is [flag.Args].
func Options() hotplex.EngineOptions {
	var options hotplex.EngineOptions
	flag.StringVar(&options.Provider, "provider", os.Getenv("HOTPLEX_PROVIDER"), "the `name` of the agent, of hotplex.Providers")
	flag.StringVar(&options.Program, "program", "", "the agent's `program`, if not the usual one")
	flag.Parse()
	return options
}
