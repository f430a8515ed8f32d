package hotplex_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	hotplex "github.com/hotplex/hotplex/bindings/go"
)

func provider(t *testing.T, listed []hotplex.Provider, name string) hotplex.Provider {
	t.Helper()
	at := slices.IndexFunc(listed, func(one hotplex.Provider) bool { return one.Name == name })
	if at < 0 {
		t.Fatalf("no %s in %+v", name, listed)
	}
	return listed[at]
}

func TestProvidersSayWhereTheirProgramsAreAndWhichTheyAre(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "claude")
	ok(t, os.WriteFile(program, []byte("#!/bin/sh\necho '4.5.6 (Claude Code)'\n"), 0o755))
	t.Setenv("PATH", dir)

	listed, err := hotplex.Providers(patience)
	ok(t, err)
	claude := provider(t, listed, "claude-code")
	if claude.Program != program || claude.Version != "4.5.6" || claude.Capabilities.Gate != "every_call" {
		t.Errorf("claude-code: %+v", claude)
	}
	codex := provider(t, listed, "codex")
	if codex.Program != "" || codex.Version != "" || !slices.Equal(codex.LookedAt, []string{filepath.Join(dir, "codex")}) {
		t.Errorf("codex: %+v", codex)
	}

	unasked, err := hotplex.Providers(0)
	ok(t, err)
	if claude := provider(t, unasked, "claude-code"); claude.Program != program || claude.Version != "" {
		t.Errorf("without a time: %+v", claude)
	}
}
