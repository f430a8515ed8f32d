package hotplex_test

import (
	"os"
	"os/user"
	"testing"

	"github.com/hotplex/hotplex/bindings/go/internal/scratch"
)

func TestMain(m *testing.M) { os.Exit(scratch.InAHome(m)) }

// TestTheHomeIsNobodys: no test reads or leaves anything in that of whoever runs it.
func TestTheHomeIsNobodys(t *testing.T) {
	runner, err := user.Current()
	ok(t, err)
	if home, err := os.UserHomeDir(); err != nil || home == runner.HomeDir {
		t.Errorf("the home is %q, error %v", home, err)
	}
}
