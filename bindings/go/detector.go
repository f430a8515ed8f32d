package hotplex

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/hotplex/hotplex/bindings/go/internal/capi"
)

// How much of a text is shown, in characters.
const (
	MaxInputLogLength   = 50
	MaxPatternLogLength = 100
	MaxDisplayLength    = 100
)

// DangerPattern is a rule of the operator's own.
type DangerPattern struct {
	Pattern     *regexp.Regexp
	Description string
	Level       DangerLevel
	Category    string
}

// Detector asks the guard about texts. That of an engine has the engine's settings; one by itself has
// the usual rules, and nothing to do with any engine.
type Detector struct {
	logger *slog.Logger
	engine *Engine

	mutex sync.RWMutex
	// guard is what was asked for; an engine's own is kept the same.
	guard GuardOptions
	// rules is the text of rules files, for a detector without an engine.
	rules string
}

// NewDetector makes one by itself.
func NewDetector(logger *slog.Logger) *Detector {
	if logger == nil {
		logger = slog.Default()
	}
	return newDetector(logger, nil)
}

func newDetector(logger *slog.Logger, engine *Engine) *Detector {
	detector := &Detector{logger: logger, engine: engine}
	if engine != nil {
		detector.guard = engine.options.Guard
	}
	return detector
}

// CheckInput judges a prompt: why it is refused, or nil.
func (d *Detector) CheckInput(input string) *DangerBlockEvent { return d.check("prompt", input) }

// CheckCommand judges the source of a shell: why it may not run, or nil.
func (d *Detector) CheckCommand(command string) *DangerBlockEvent {
	return d.check("command", command)
}

func (d *Detector) check(kind, text string) *DangerBlockEvent {
	d.mutex.RLock()
	defer d.mutex.RUnlock()
	if d.guard.Disabled {
		d.logger.Warn("hotplex: the danger guard is bypassed", "input", TruncateString(text, MaxInputLogLength))
		return nil
	}
	block, err := ask(d.handle(), question{kind: kind, workDir: workingDirectory(), rules: d.rules}, text)
	if err != nil {
		// A guard that cannot be asked must not be taken for one that agrees.
		return &DangerBlockEvent{Operation: TruncateString(text, MaxDisplayLength), Reason: err.Error()}
	}
	return block
}

func (d *Detector) handle() capi.Engine {
	if d.engine == nil {
		return 0
	}
	return d.engine.core.handle
}

// SetAllowPaths is SetDangerAllowPaths of the engine.
func (d *Detector) SetAllowPaths(paths []string) {
	cleaned := make([]string, 0, len(paths))
	for _, path := range paths {
		if absolute, err := filepath.Abs(path); err == nil {
			cleaned = append(cleaned, absolute)
		}
	}
	err := d.change(func(guard *GuardOptions) { guard.ExtraRoots = cleaned })
	if err != nil {
		d.logger.Error("hotplex: the allowed paths stay as they were", "error", err)
	}
}

// SetBypassEnabled is SetDangerBypassEnabled of the engine.
func (d *Detector) SetBypassEnabled(enabled bool) {
	err := d.change(func(guard *GuardOptions) { guard.Disabled = enabled })
	if err != nil {
		d.logger.Error("hotplex: the bypass stays as it was", "error", err)
	} else if enabled {
		d.logger.Warn("hotplex: the danger guard is switched off")
	}
}

// change puts another guard into the engine, if there is one, and then into the detector.
func (d *Detector) change(change func(*GuardOptions)) error {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	guard := d.guard
	change(&guard)
	if d.engine != nil {
		object, err := guard.object().bytes()
		if err != nil {
			return err
		}
		core := d.engine.core
		if err := core.check(core.handle.SetGuard(object)); err != nil {
			return err
		}
	}
	d.guard = guard
	return nil
}

// IsPathAllowed says whether a path lies in one of the allowed directories.
func (d *Detector) IsPathAllowed(path string) bool {
	d.mutex.RLock()
	defer d.mutex.RUnlock()
	path = filepath.Clean(path)
	return slices.ContainsFunc(d.guard.ExtraRoots, func(allowed string) bool {
		// By whole names: /srv/a holds nothing of /srv/ab.
		inside := strings.TrimSuffix(allowed, "/") + "/"
		return path == allowed || strings.HasPrefix(path, inside)
	})
}

// CheckFileAccess is IsPathAllowed for a path as a person writes it: relative, or with variables.
func (d *Detector) CheckFileAccess(path string) bool {
	absolute, err := filepath.Abs(os.ExpandEnv(path))
	return err == nil && d.IsPathAllowed(absolute)
}

// LoadCustomPatterns adds rules from a file, "regex|description|level|category" a line. They are the
// guard's own with and without an engine: they judge commands, those that a prompt orders too, tell
// capitals apart, and block from high on. The engine's own detector puts the file in place of an
// earlier one.
//
// Unlike in the Go hotplex a line that cannot be read is an error: a guard that left it out would not
// be the one that was asked for.
func (d *Detector) LoadCustomPatterns(filename string) error {
	if d.engine != nil {
		return d.change(func(guard *GuardOptions) { guard.RulesFile = filename })
	}
	text, err := os.ReadFile(filename)
	if err != nil {
		return fmt.Errorf("custom patterns: %w", err)
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	rules := d.rules + string(text) + "\n"
	if _, err := ask(0, question{kind: "command", workDir: workingDirectory(), rules: rules}, ""); err != nil {
		return fmt.Errorf("custom patterns: %s: %w", filename, err)
	}
	d.rules = rules
	return nil
}
