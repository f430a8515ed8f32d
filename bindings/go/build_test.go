package hotplex_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// build builds a copy of the package that stands alone, as one from the module cache does.
func build(t *testing.T, environment []string, arguments ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "a", "b", "c")
	ok(t, os.CopyFS(dir, os.DirFS(".")))
	command := exec.Command("go", append([]string{"build"}, arguments...)...)
	command.Dir = dir
	command.Env = append(os.Environ(), environment...)
	output, _ := command.CombinedOutput()
	return string(output)
}

// TestABuildThatLacksSomethingSaysWhatToDo, each time in one line.
func TestABuildThatLacksSomethingSaysWhatToDo(t *testing.T) {
	table := []struct {
		name        string
		environment []string
		arguments   []string
		says        string
	}{
		{"no library", []string{"CGO_CFLAGS=", "CGO_LDFLAGS="}, []string{"./..."}, "error: #error \"libhotplex.so is missing: run `cargo build --release`"},
		{"no static library", []string{"CGO_CFLAGS=", "CGO_LDFLAGS="}, []string{"-tags=hotplex_static", "./..."}, "error: #error \"libhotplex.a is missing: run `cargo build --release`"},
		{"no cgo", []string{"CGO_ENABLED=0"}, []string{"./..."}, "undefined: hotplex_needs_cgo_so_set_CGO_ENABLED_1"},
	}
	for _, row := range table {
		t.Run(row.name, func(t *testing.T) {
			if _, err := os.Stat("/usr/local/lib/libhotplex.so"); err == nil && len(row.environment) == 2 {
				t.Skip("the library is installed here")
			}
			output := build(t, row.environment, row.arguments...)
			if strings.Count(output, row.says) != 1 || strings.Count(output, "error:") > 1 {
				t.Errorf("it says:\n%s", output)
			}
		})
	}
}

// TestAStaticProgramNeedsNoLibrary where it runs.
func TestAStaticProgramNeedsNoLibrary(t *testing.T) {
	stage := newStage(t)
	program := filepath.Join(stage.dir, "basic")
	output, err := exec.Command("go", "build", "-tags=hotplex_static", "-o", program, "./examples/basic").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	needed, err := exec.Command("ldd", program).Output()
	if err != nil || bytes.Contains(needed, []byte("hotplex")) {
		t.Errorf("it needs %s, error %v", needed, err)
	}
	ok(t, os.Symlink(standIn(t), filepath.Join(stage.dir, "claude")))
	command := exec.CommandContext(within(t), program, "hello")
	command.Dir = t.TempDir()
	command.Env = []string{"PATH=" + stage.dir, "HOME=" + stage.dir, "HOTPLEX_TEST=" + stage.mark}
	said, err := command.Output()
	if err != nil || !strings.Contains(string(said), "echo: hello") {
		t.Errorf("it says %q, error %v", said, err)
	}
}

// TestAnInstalledLibraryIsFoundByPkgConfig, wherever it is.
func TestAnInstalledLibraryIsFoundByPkgConfig(t *testing.T) {
	if _, err := exec.LookPath("pkg-config"); err != nil {
		t.Skip("there is no pkg-config")
	}
	dir := t.TempDir()
	place := os.Getenv("CGO_LDFLAGS")
	if place == "" {
		checkout, err := filepath.Abs("../../target/release")
		ok(t, err)
		place = "-L" + checkout
	}
	description := "Name: hotplex\nDescription: test\nVersion: 0\nLibs: " + place + " -lhotplex\n"
	ok(t, os.WriteFile(filepath.Join(dir, "hotplex.pc"), []byte(description), 0o600))
	with := []string{"CGO_CFLAGS=", "CGO_LDFLAGS=", "PKG_CONFIG_PATH=" + dir}
	if output := build(t, with, "-tags=hotplex_pkgconfig", "-o", "/dev/null", "./examples/basic"); output != "" {
		t.Errorf("it says:\n%s", output)
	}
}

// TestTheHeaderIsTheRepositorys, of which a module must have a copy of its own.
func TestTheHeaderIsTheRepositorys(t *testing.T) {
	theirs, err := os.ReadFile("../../include/hotplex.h")
	if os.IsNotExist(err) {
		t.Skip("not in the repository")
	}
	ok(t, err)
	ours, err := os.ReadFile("internal/capi/hotplex.h")
	ok(t, err)
	if !bytes.Equal(ours, theirs) {
		t.Error("internal/capi/hotplex.h is out of date: run `make header`")
	}
}
