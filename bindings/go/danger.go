package hotplex

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"unicode/utf8"

	"github.com/hotplex/hotplex/bindings/go/internal/capi"
)

// DangerLevel is how bad a dangerous operation is. In JSON it is a number.
type DangerLevel int

const (
	// DangerLevelCritical cannot be undone.
	DangerLevelCritical DangerLevel = iota
	// DangerLevelHigh does great damage.
	DangerLevelHigh
	// DangerLevelModerate may change what nobody meant.
	DangerLevelModerate
)

var levelNames = []string{"critical", "high", "moderate"}

// String is "critical", "high" or "moderate".
func (level DangerLevel) String() string {
	if level < 0 || int(level) >= len(levelNames) {
		return "unknown"
	}
	return levelNames[level]
}

// dangerLevel takes a word that it does not know for the worst.
func dangerLevel(name string) DangerLevel {
	for level, known := range levelNames {
		if name == known {
			return DangerLevel(level)
		}
	}
	return DangerLevelCritical
}

// DangerBlockEvent says what the guard kept from happening.
type DangerBlockEvent struct {
	// Operation is the command, or the part of the prompt that orders it.
	Operation string `json:"operation"`
	Reason    string `json:"reason"`
	// PatternMatched is the id of the rule. Rules of the library are no regular expressions.
	PatternMatched string      `json:"pattern_matched"`
	Level          DangerLevel `json:"level"`
	Category       string      `json:"category"`
	BypassAllowed  bool        `json:"bypass_allowed"`
	Suggestions    []string    `json:"suggestions,omitempty"`
}

// SetDangerAllowPaths says in which directories, besides the work directory, agents may do as they
// like. It holds from the next prompt and the next call of a tool on.
func (e *Engine) SetDangerAllowPaths(paths []string) { e.detector.SetAllowPaths(paths) }

// SetDangerBypassEnabled is the admin bypass: with it, whatever an agent asks for may run. It holds
// from the next prompt and the next call of a tool on.
func (e *Engine) SetDangerBypassEnabled(enabled bool) { e.detector.SetBypassEnabled(enabled) }

// GetDangerDetector gives the engine's guard.
func (e *Engine) GetDangerDetector() *Detector { return e.detector }

// verdictJSON is the guard's answer.
type verdictJSON struct {
	Verdict     string   `json:"verdict"`
	Operation   string   `json:"operation"`
	Reason      string   `json:"reason"`
	Rule        string   `json:"rule"`
	Level       string   `json:"level"`
	Category    string   `json:"category"`
	Suggestions []string `json:"suggestions"`
}

// question is what the guard is asked about a text: its kind, "prompt" or "command", and where it
// would act. rules is the text of a rules file; an engine has its own.
type question struct{ kind, workDir, rules string }

// ask has the guard judge a text; nil if it may pass.
func ask(handle capi.Engine, about question, text string) (*DangerBlockEvent, error) {
	if !utf8.ValidString(text) {
		return nil, newError("invalid_argument", "the text to check is not valid UTF-8")
	}
	object := jsonObject{"kind": about.kind, "work_dir": about.workDir}
	if about.rules != "" {
		object["rules"] = about.rules
	}
	context, err := object.bytes()
	if err != nil {
		return nil, err
	}
	answer, err := handle.Check(context, text)
	if err != nil {
		return nil, fromLibrary(err)
	}
	var verdict verdictJSON
	if err := json.Unmarshal(answer, &verdict); err != nil {
		return nil, newError("internal", err.Error())
	}
	if verdict.Verdict != "block" {
		return nil, nil
	}
	return &DangerBlockEvent{
		Operation:      TruncateString(verdict.Operation, MaxDisplayLength),
		Reason:         verdict.Reason,
		PatternMatched: verdict.Rule,
		Level:          dangerLevel(verdict.Level),
		Category:       verdict.Category,
		Suggestions:    verdict.Suggestions,
	}, nil
}

// whyBlocked gives the reasons for a prompt that was refused.
func (e *Engine) whyBlocked(cfg *Config, prompt string, refusal error) *DangerBlockEvent {
	workDir, err := filepath.Abs(cfg.WorkDir)
	if err != nil {
		workDir = cfg.WorkDir
	}
	block, err := ask(e.core.handle, question{kind: "prompt", workDir: workDir}, prompt)
	if err == nil && block != nil {
		return block
	}
	var known *Error
	errors.As(refusal, &known)
	return &DangerBlockEvent{Operation: TruncateString(prompt, MaxDisplayLength), Reason: known.Message}
}

// workingDirectory is where a text would act that comes without a session.
func workingDirectory() string {
	directory, err := os.Getwd()
	if err != nil {
		return "/"
	}
	return directory
}
