package hotplex

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"
)

// EngineOptions is everything an engine can be told. The first eight are those of the Go hotplex;
// the zero value of each field is its default.
type EngineOptions struct {
	// Timeout is how long an agent may work on one turn; 5 minutes by default, negative for no
	// limit. Approvals do not count.
	Timeout time.Duration
	// IdleTimeout is how long a session's process lives without a turn; 30 minutes by default,
	// negative for no limit. The conversation is kept.
	IdleTimeout time.Duration
	// BackgroundTimeout is how long a session's agent may work in the background without a turn; 4
	// hours by default, negative for no limit. Until then the session is not idle.
	BackgroundTimeout time.Duration
	// Logger is told what operators should know; slog.Default() by default.
	Logger *slog.Logger
	// Namespace keeps the conversations of one application apart from another's.
	Namespace string
	// PermissionMode is the agent's: "default", "acceptEdits", "plan", "bypassPermissions", ...
	PermissionMode string
	// BaseSystemPrompt is appended to the agent's own.
	BaseSystemPrompt string
	// AllowedTools are the only tools that may be used, if there are any. Unlike in the Go hotplex
	// this holds in every permission mode.
	AllowedTools []string
	// DisallowedTools may not be used.
	DisallowedTools []string

	// Program is the path or name of the agent's program; "claude" on PATH by default.
	Program string
	// ProgramArgs are put before the arguments of the agent.
	ProgramArgs []string
	// Model is the agent's name of a model.
	Model string
	// Env are variables to set for the agents; a nil value removes one.
	Env map[string]*string
	// InheritEnv are the names of this process's variables that agents see; nil for all.
	InheritEnv []string
	// StateDir is where session records are kept; $XDG_STATE_HOME/hotplex by default.
	StateDir string
	// StartTimeout, SilenceTimeout, ApprovalTimeout and KillGrace: see the options of the library.
	StartTimeout, SilenceTimeout, ApprovalTimeout, KillGrace time.Duration
	// MaxProcesses bounds the live processes, spares included; 0 is no bound.
	MaxProcesses int
	// MaxSessions is the earlier name of MaxProcesses. To set both is an error.
	//
	// Deprecated: use MaxProcesses.
	MaxSessions int
	// QueueTurns is how many turns may wait in a session; 16 by default.
	QueueTurns int
	// PartialMessages asks for deltas.
	PartialMessages bool
	// Guard sets the danger guard.
	Guard GuardOptions
	// Jail is how far agents reach into the file system: "write", "strict" or "off"; by default
	// "write" where the kernel can hold it.
	Jail string
	// JailRoots are further directories that jailed agents may write to.
	JailRoots []string
	// Project is how much of the project in the work directory agents obey: its "instructions" as
	// text, which is the default, all of it ("trusted") or "none".
	Project string
	// TrustWithoutJail allows a trusted project in "bypassPermissions" without a jail.
	TrustWithoutJail bool
	// Approve answers permission requests, unless the Config has its own.
	Approve Approve
	// Provider is which kind of agent; "claude-code" by default.
	Provider string
	// WindowBytes of events may wait in a session before its agent is held back; 1 MiB by default.
	WindowBytes int
	// MaxLineBytes is the longest line of an agent that is taken; 16 MiB by default.
	MaxLineBytes int
	// Extra has further options of the library under its own names.
	Extra map[string]any
}

// GuardOptions sets the danger guard.
type GuardOptions struct {
	// Disabled is the admin bypass: whatever an agent asks for may run.
	Disabled bool
	// RulesFile has further rules, "regex|description|level|category" a line.
	RulesFile string
	// DisabledRules and PromotedRules are ids of rules that are not looked at, and of rules that
	// block although they would only flag.
	DisabledRules, PromotedRules []string
	// ExtraRoots are directories besides the work directory in which agents may do as they like.
	ExtraRoots []string
	// AuditFile gets a line for each verdict that is not a plain allow.
	AuditFile string
}

// jsonObject collects what differs from the defaults.
type jsonObject map[string]any

func (object jsonObject) text(key, value string) {
	if value != "" {
		object[key] = value
	}
}

func (object jsonObject) list(key string, values []string) {
	if values != nil {
		object[key] = values
	}
}

// milliseconds leaves the default for 0 and takes a negative duration for no limit.
func (object jsonObject) milliseconds(key string, duration time.Duration) {
	switch {
	case duration > 0:
		// A limit below a millisecond is none to the library.
		object[key] = max(duration.Milliseconds(), 1)
	case duration < 0:
		object[key] = 0
	}
}

func (object jsonObject) number(key string, value int) {
	if value != 0 {
		object[key] = value
	}
}

func (options *EngineOptions) json() ([]byte, error) {
	object := jsonObject{}
	object.text("provider", options.Provider)
	object.number("window_bytes", options.WindowBytes)
	object.number("max_line_bytes", options.MaxLineBytes)
	object.text("namespace", options.Namespace)
	object.text("permission_mode", options.PermissionMode)
	object.text("base_system_prompt", options.BaseSystemPrompt)
	object.list("allowed_tools", options.AllowedTools)
	object.list("disallowed_tools", options.DisallowedTools)
	object.text("program", options.Program)
	object.list("program_args", options.ProgramArgs)
	object.text("model", options.Model)
	object.text("state_dir", options.StateDir)
	object.list("inherit_env", options.InheritEnv)
	if options.Env != nil {
		object["env"] = options.Env
	}
	object.number("max_processes", options.MaxProcesses)
	object.number("max_sessions", options.MaxSessions)
	object.number("queue_turns", options.QueueTurns)
	if options.PartialMessages {
		object["partial_messages"] = true
	}
	object.text("jail", options.Jail)
	object.list("jail_roots", options.JailRoots)
	object.text("project", options.Project)
	if options.TrustWithoutJail {
		object["trust_without_jail"] = true
	}
	options.times(object)
	if guard := options.Guard.object(); len(guard) > 0 {
		object["guard"] = guard
	}
	return options.withExtra(object)
}

func (options *EngineOptions) times(object jsonObject) {
	object.milliseconds("turn_timeout_ms", options.Timeout)
	object.milliseconds("idle_timeout_ms", options.IdleTimeout)
	object.milliseconds("background_timeout_ms", options.BackgroundTimeout)
	object.milliseconds("start_timeout_ms", options.StartTimeout)
	object.milliseconds("silence_timeout_ms", options.SilenceTimeout)
	object.milliseconds("approval_timeout_ms", options.ApprovalTimeout)
	object.milliseconds("kill_grace_ms", options.KillGrace)
}

func (guard *GuardOptions) object() jsonObject {
	object := jsonObject{}
	if guard.Disabled {
		object["enabled"] = false
	}
	object.text("rules_file", guard.RulesFile)
	object.list("disabled_rules", guard.DisabledRules)
	object.list("promoted_rules", guard.PromotedRules)
	object.list("extra_roots", guard.ExtraRoots)
	object.text("audit_file", guard.AuditFile)
	return object
}

// withExtra refuses what is said twice, as one of the two would be ignored.
func (options *EngineOptions) withExtra(object jsonObject) ([]byte, error) {
	for key, value := range options.Extra {
		if _, said := object[key]; said {
			return nil, newError("invalid_argument", fmt.Sprintf("option %q is set twice", key))
		}
		object[key] = value
	}
	return object.bytes()
}

// Config says where a prompt goes. The first three fields are those of the Go hotplex.
type Config struct {
	// WorkDir is the agent's directory; it is made if it is missing. A session keeps it while it has
	// a process.
	WorkDir string
	// SessionID is the caller's name of the conversation, which goes on where it was left.
	SessionID string
	// TaskSystemPrompt are instructions for this turn alone.
	TaskSystemPrompt string

	// Model instead of the engine's. A session keeps it while it has a process.
	Model string
	// Project instead of the engine's. A session keeps it while it has a process.
	Project string
	// Timeout instead of the engine's; negative for no limit.
	Timeout time.Duration
	// Tag is a number of the caller's own that comes back in Event.Tag of every event of the turn.
	Tag uint64
	// Approve instead of the engine's.
	Approve Approve
}

func (cfg *Config) json() ([]byte, error) {
	object := jsonObject{"session_id": cfg.SessionID, "work_dir": cfg.WorkDir}
	object.text("task_system_prompt", cfg.TaskSystemPrompt)
	object.text("model", cfg.Model)
	object.text("project", cfg.Project)
	object.milliseconds("turn_timeout_ms", cfg.Timeout)
	if cfg.Tag != 0 {
		object["tag"] = cfg.Tag
	}
	return object.bytes()
}

func (object jsonObject) bytes() ([]byte, error) { return encode(object) }

// encode is the way of all JSON to the library. The encoder of the standard library puts U+FFFD where
// text is no UTF-8, and so one name in the place of another; here that is ErrInvalidConfig.
func encode(value any) ([]byte, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, newError("invalid_argument", err.Error())
	}
	if odd, found := invalidText(reflect.ValueOf(value)); found {
		return nil, newError("invalid_argument", fmt.Sprintf("%q is not valid UTF-8", odd))
	}
	return text, nil
}

// invalidText finds text that is no UTF-8, at any depth. What cannot be encoded is not looked into.
func invalidText(value reflect.Value) (string, bool) {
	switch value.Kind() {
	case reflect.String:
		return value.String(), !utf8.ValidString(value.String())
	case reflect.Pointer, reflect.Interface:
		if !value.IsNil() {
			return invalidText(value.Elem())
		}
	case reflect.Slice, reflect.Array:
		if value.Type().Elem().Kind() == reflect.Uint8 {
			return string(value.Bytes()), !utf8.Valid(value.Bytes())
		}
		for i := range value.Len() {
			if odd, found := invalidText(value.Index(i)); found {
				return odd, true
			}
		}
	case reflect.Map:
		for entry := value.MapRange(); entry.Next(); {
			for _, part := range []reflect.Value{entry.Key(), entry.Value()} {
				if odd, found := invalidText(part); found {
					return odd, true
				}
			}
		}
	case reflect.Struct:
		for i := range value.NumField() {
			if odd, found := invalidText(value.Field(i)); found {
				return odd, true
			}
		}
	}
	return "", false
}

// ValidateConfig tells what is wrong with a config, as ErrInvalidConfig.
func (e *Engine) ValidateConfig(cfg *Config) error {
	switch {
	case cfg == nil:
		return newError("invalid_argument", "the config is nil")
	case strings.TrimSpace(cfg.WorkDir) == "":
		return newError("invalid_argument", "WorkDir is required")
	case strings.TrimSpace(cfg.SessionID) == "":
		return newError("invalid_argument", "SessionID is required")
	}
	_, err := cfg.json()
	return err
}
