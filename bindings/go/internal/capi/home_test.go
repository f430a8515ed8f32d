package capi_test

import (
	"os"
	"testing"

	"github.com/hotplex/hotplex/bindings/go/internal/scratch"
)

func TestMain(m *testing.M) { os.Exit(scratch.InAHome(m)) }
