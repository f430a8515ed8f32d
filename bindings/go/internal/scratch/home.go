// Package scratch keeps tests out of the home of whoever runs them.
package scratch

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const prefix = "hotplex-go-home-"

// InAHome runs the tests in an empty home, and gives what [os.Exit] wants. Engines make directories
// at home for their agents, and read what is there. A test program that a test starts again is in one
// already: it may be killed, and would leave its own behind.
func InAHome(m *testing.M) int {
	if strings.HasPrefix(filepath.Base(os.Getenv("HOME")), prefix) {
		return m.Run()
	}
	home, err := os.MkdirTemp("", prefix)
	if err == nil {
		err = move(home)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "no home for the tests:", err)
		return 1
	}
	status := m.Run()
	if err := os.RemoveAll(home); err != nil {
		fmt.Fprintln(os.Stderr, "the home of the tests stays:", err)
		return 1
	}
	return status
}

// move makes it the home of this process. Tests that build programs do it with the caches that were
// there before.
func move(home string) error {
	for _, name := range []string{"GOPATH", "GOCACHE", "GOMODCACHE"} {
		value, err := exec.Command("go", "env", name).Output()
		if err != nil {
			return err
		}
		if err := os.Setenv(name, strings.TrimSpace(string(value))); err != nil {
			return err
		}
	}
	return os.Setenv("HOME", home)
}
