package hotplex_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// runExample builds an example and runs it where `claude` is the stand-in.
func runExample(t *testing.T, stage *stage, name string, arguments ...string) string {
	t.Helper()
	program := filepath.Join(stage.dir, "example-"+name)
	if output, err := exec.Command("go", "build", "-o", program, "./examples/"+name).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	bin := filepath.Join(stage.dir, "bin")
	ok(t, os.MkdirAll(bin, 0o700))
	ok(t, os.Symlink(standIn(t), filepath.Join(bin, "claude")))
	// Where the agent keeps the conversations of this work directory, and the jail lets it.
	work, err := filepath.EvalSymlinks(t.TempDir())
	ok(t, err)
	project := regexp.MustCompile("[^a-zA-Z0-9]").ReplaceAllString(work, "-")
	store := filepath.Join(stage.dir, ".claude", "projects", project)
	ok(t, os.MkdirAll(store, 0o700))
	command := exec.CommandContext(within(t), program, arguments...)
	command.Dir = work
	command.Env = append(os.Environ(),
		"PATH="+bin+":"+os.Getenv("PATH"), "HOME="+stage.dir, "XDG_STATE_HOME="+stage.dir,
		"STAND_IN_STORE="+store, "HOTPLEX_TEST="+stage.mark)
	output, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, output)
	}
	until(t, "no agent is left", func() bool { return len(agentsWith(stage.mark)) == 0 })
	return string(output)
}

// TestTheReadMesExample is the quick start of the Go hotplex, and it runs.
func TestTheReadMesExample(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	ok(t, err)
	program, err := os.ReadFile("examples/quickstart/main.go")
	ok(t, err)
	if !strings.Contains(string(readme), "```go\n"+string(program)+"```\n") {
		t.Error("README.md does not show examples/quickstart/main.go as it is")
	}
	want := "echo: [Answer briefly.]\n\nWhat is in this directory?\n"
	if said := runExample(t, newStage(t), "quickstart"); said != want {
		t.Errorf("it says %q", said)
	}
}

// TestAnotherProvider, named by an argument or by a variable, and another program.
func TestAnotherProvider(t *testing.T) {
	for name, arguments := range map[string][]string{
		"argument": {"--provider", "codex", "--program", "PROGRAM", "one"},
		"variable": {"--program", "PROGRAM", "one"},
	} {
		t.Run(name, func(t *testing.T) {
			stage := newStage(t)
			program := filepath.Join(stage.dir, "speaks-codex")
			script := "#!/bin/sh\nexec '" + standIn(t) + "' --speak codex \"$@\"\n"
			ok(t, os.WriteFile(program, []byte(script), 0o700))
			arguments[slices.Index(arguments, "PROGRAM")] = program
			if name == "variable" {
				t.Setenv("HOTPLEX_PROVIDER", "codex")
			}
			if said := runExample(t, stage, "basic", arguments...); !strings.Contains(said, "echo: one") {
				t.Errorf("it says:\n%s", said)
			}
		})
	}
}

func TestTheBasicExample(t *testing.T) {
	said := runExample(t, newStage(t), "basic", "one", "two", "history")
	if strings.Count(said, "started process") != 1 || !strings.Contains(said, "echo: one") || !strings.Contains(said, "history: 2") {
		t.Errorf("it says:\n%s", said)
	}
}

func TestTheFullExample(t *testing.T) {
	said := runExample(t, newStage(t), "full")
	wanted := regexp.MustCompile(`(?s)resumed: false.*-- the engine is closed.*resumed: true.*history: 3.*-- 2 turns, 2 of them completed.*-- stopped`)
	if !wanted.MatchString(said) {
		t.Errorf("it says:\n%s", said)
	}
}
