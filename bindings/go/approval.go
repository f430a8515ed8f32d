package hotplex

import (
	"context"
	"encoding/json"
	"sync/atomic"
)

// PermissionRequest is an agent's question whether it may run a tool. The clock of the turn stands
// still until it is answered. It may be answered from any goroutine, once.
type PermissionRequest struct {
	// ID names the question within its turn.
	ID string
	// Tool is what would run.
	Tool *Tool
	// Reason is why the agent asks, if it says so.
	Reason string

	engine   *Engine
	turn     uint64
	answered atomic.Bool
	later    atomic.Bool
}

// Approve answers a permission request. It runs on the goroutine that reads the turn's events.
type Approve func(ctx context.Context, request *PermissionRequest) Decision

// Decision is the answer to a permission request. The zero Decision denies.
type Decision struct {
	// Allow lets the tool run.
	Allow bool
	// UpdatedInput is a JSON object to run the tool with instead of what the agent asked.
	UpdatedInput json.RawMessage
	// Message tells the model why not.
	Message string
	// Interrupt ends the turn as well as denying.
	Interrupt bool
}

// Allow is the decision that the tool may run as it is.
func Allow() Decision { return Decision{Allow: true} }

// Deny is the decision that the tool may not run, and why.
func Deny(message string) Decision { return Decision{Message: message} }

// MarshalJSON gives the decision as libhotplex takes it.
func (decision Decision) MarshalJSON() ([]byte, error) {
	if decision.Allow {
		return json.Marshal(struct {
			Behavior     string          `json:"behavior"`
			UpdatedInput json.RawMessage `json:"updated_input,omitempty"`
		}{"allow", decision.UpdatedInput})
	}
	return json.Marshal(struct {
		Behavior  string `json:"behavior"`
		Message   string `json:"message"`
		Interrupt bool   `json:"interrupt"`
	}{"deny", decision.Message, decision.Interrupt})
}

// Respond answers the question. ErrSessionNotFound if it was answered already, or the agent asks no
// more.
func (request *PermissionRequest) Respond(decision Decision) error {
	request.answered.Store(true)
	return request.engine.Respond(request.turn, request.ID, decision)
}

// Later says that someone will answer after the callback of Execute has returned, which otherwise
// denies what it leaves open.
func (request *PermissionRequest) Later() { request.later.Store(true) }

// isLeft says whether nobody took care of the question.
func (request *PermissionRequest) isLeft() bool {
	return !request.answered.Load() && !request.later.Load()
}

// decide answers for Approve. It cannot be told of an error, and there is one only if the agent asks
// no more or the decision is no JSON: then no tool must run.
func (request *PermissionRequest) decide(decision Decision) {
	err := request.Respond(decision)
	if err != nil && decision.Allow {
		_ = request.Respond(Deny("the answer could not be understood: " + err.Error()))
	}
}

// Respond answers a permission request by its turn and name, for programs that hand both around.
func (e *Engine) Respond(turn uint64, requestID string, decision Decision) error {
	text, err := encode(decision)
	if err != nil {
		return err
	}
	return e.core.check(e.core.handle.Respond(turn, requestID, text))
}

// RespondInSession answers a permission request by its session: the way to answer one of no turn,
// which comes from BackgroundEvents. Agents ask so for what they do in the background.
func (e *Engine) RespondInSession(sessionID, requestID string, decision Decision) error {
	text, err := encode(decision)
	if err != nil {
		return err
	}
	return e.core.check(e.core.handle.RespondInSession(sessionID, requestID, text))
}
