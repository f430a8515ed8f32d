package hotplex

import (
	"errors"

	"github.com/hotplex/hotplex/bindings/go/internal/capi"
)

// What errors of this package are, for errors.Is. The first four are those of the Go hotplex.
var (
	// ErrDangerBlocked: the guard refuses the prompt, so no agent saw it.
	ErrDangerBlocked = errors.New("danger event blocked: input matched forbidden patterns")
	// ErrSessionTerminated: the session was stopped, or its engine closed, while the turn ran.
	ErrSessionTerminated = errors.New("session terminated")
	// ErrContextCancelled: the turn was cancelled by someone else than the caller's context, whose
	// own error is returned as it is.
	ErrContextCancelled = errors.New("context cancelled")
	// ErrInvalidConfig: options or a config that can never work; the text says which.
	ErrInvalidConfig = errors.New("invalid configuration")

	// ErrSessionNotFound: there is no such session, turn or request, or not any more.
	ErrSessionNotFound = errors.New("session not found")
	// ErrSessionDead: the agent's process ended in the middle of the turn. The session goes on with
	// a new one.
	ErrSessionDead = errors.New("session is dead")
	// ErrTimeout: the turn took longer than it may.
	ErrTimeout = errors.New("timeout")
	// ErrProcessStart: the agent's program is missing or ended before it was ready.
	ErrProcessStart = errors.New("failed to start process")
	// ErrAgentFailed: the agent itself says that the turn failed.
	ErrAgentFailed = errors.New("agent failed")
	// ErrBusy: too many turns wait; try again when one has ended.
	ErrBusy = errors.New("too many turns wait")
	// ErrInUse: another engine uses the session, of this process or of another; the text names the
	// process.
	ErrInUse = errors.New("session is in use elsewhere")
	// ErrClosed: the engine is closed.
	ErrClosed = errors.New("engine is closed")
	// ErrForked: this process is a child of fork, and the engine stayed with its parent.
	ErrForked = errors.New("engine stayed in the parent process")
	// ErrInternal: a defect of hotplex. Please report it.
	ErrInternal = errors.New("internal error")
)

// Error is why something did not work: a word for programs and a line for people.
type Error struct {
	// Kind is the word, as in the events: "busy", "crashed", "invalid_argument", ...
	Kind string
	// Message says what happened.
	Message string
	kind    error
}

// Error is the kind's own words and the message.
func (e *Error) Error() string {
	if e.Message == "" {
		return e.kind.Error()
	}
	return e.kind.Error() + ": " + e.Message
}

// Unwrap gives the sentinel, for errors.Is.
func (e *Error) Unwrap() error { return e.kind }

// Is takes a closed engine for terminated sessions too, which is what it means to a turn.
func (e *Error) Is(target error) bool {
	return target == ErrSessionTerminated && e.kind == ErrClosed
}

var kinds = map[string]error{
	"agent_failed":     ErrAgentFailed,
	"blocked":          ErrDangerBlocked,
	"busy":             ErrBusy,
	"cancelled":        ErrContextCancelled,
	"closed":           ErrClosed,
	"crashed":          ErrSessionDead,
	"forked":           ErrForked,
	"in_use":           ErrInUse,
	"invalid_argument": ErrInvalidConfig,
	"not_found":        ErrSessionNotFound,
	"spawn_failed":     ErrProcessStart,
	"stopped":          ErrSessionTerminated,
	"timed_out":        ErrTimeout,
}

// newError takes a word that this version does not know for a defect, but keeps it.
func newError(word, message string) *Error {
	kind, known := kinds[word]
	if !known {
		kind = ErrInternal
	}
	return &Error{Kind: word, Message: message, kind: kind}
}

var words = map[capi.Status]string{
	capi.Timeout:         "timed_out",
	capi.InvalidArgument: "invalid_argument",
	capi.Closed:          "closed",
	capi.NotFound:        "not_found",
	capi.Busy:            "busy",
	capi.Blocked:         "blocked",
	capi.InUse:           "in_use",
	capi.SpawnFailed:     "spawn_failed",
	// Handles are this package's own, and it uses none that it has freed: only a closed engine's
	// can be stale.
	capi.Misuse: "closed",
	capi.Forked: "forked",
}

// fromLibrary puts a failure of libhotplex into this package's words.
func fromLibrary(err error) error {
	var failure *capi.Failure
	if !errors.As(err, &failure) {
		return err
	}
	word, known := words[failure.Status]
	if !known {
		word = "internal"
	}
	return newError(word, failure.Message)
}

// hasStatus says whether libhotplex gave this very status.
func hasStatus(err error, status capi.Status) bool {
	var failure *capi.Failure
	return errors.As(err, &failure) && failure.Status == status
}
