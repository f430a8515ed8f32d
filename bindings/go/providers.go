package hotplex

import (
	"encoding/json"
	"time"

	"github.com/hotplex/hotplex/bindings/go/internal/capi"
)

// Provider is an agent that engines can run, and whether it is there.
type Provider struct {
	// Name is what EngineOptions.Provider takes.
	Name string `json:"name"`
	// DefaultProgram is looked for on this process's PATH; empty where EngineOptions.Program has to
	// name one.
	DefaultProgram string `json:"default_program"`
	// Program is where it was found; empty if it was not.
	Program string `json:"program"`
	// LookedAt is where it was looked for in vain.
	LookedAt []string `json:"looked_at"`
	// Version is what the program says by --version; empty if it said none in time.
	Version string `json:"version"`
	// TestedVersions are the releases with which the library was tested.
	TestedVersions []string `json:"tested_versions"`
	// Capabilities are what the agent lets an engine do and enforce.
	Capabilities Capabilities `json:"capabilities"`
}

// Capabilities are what an agent lets an engine do and enforce.
type Capabilities struct {
	// Gate is how many of its calls of tools can be denied before they run, one of ToolGates.
	Gate string `json:"gate"`
	// ToolGate says that this is every one: lists of tools are refused without it.
	ToolGate bool `json:"tool_gate"`
	// DenialReason says that the reason of a denial reaches the model.
	DenialReason bool `json:"denial_reason"`
	// UpdatedInput says that an answer to a permission request may change the tool's input.
	UpdatedInput bool `json:"updated_input"`
	// Interrupt says that a turn can be ended without the end of its process.
	Interrupt bool `json:"interrupt"`
	// Resume says that a conversation outlives its process.
	Resume bool `json:"resume"`
	// Deltas says that answers come piece by piece if that is wanted.
	Deltas bool `json:"deltas"`
}

// Providers lists the agents that the library knows. The programs that are there are asked for their
// versions all at once, and waited for up to the timeout together; with 0 none is started.
func Providers(timeout time.Duration) ([]Provider, error) {
	text, err := capi.Providers(milliseconds(timeout))
	if err != nil {
		return nil, fromLibrary(err)
	}
	var listed []Provider
	if err := json.Unmarshal(text, &listed); err != nil {
		return nil, newError("internal", err.Error())
	}
	return listed, nil
}

// milliseconds makes no time of none, and of a short one the shortest.
func milliseconds(timeout time.Duration) int32 {
	if timeout <= 0 {
		return 0
	}
	return int32(min(max(timeout.Milliseconds(), 1), 1<<31-1))
}
