package hotplex_test

import (
	"fmt"
	"os"
	"os/exec"
	"testing"

	hotplex "github.com/hotplex/hotplex/bindings/go"
)

// leaving is set for the child of TestAProgramEndsWithALiveEngine.
const leaving = "HOTPLEX_TEST_LEAVING"

// TestAProgramEndsWithALiveEngine in each way a program ends: no crash of its own making, and no
// agent is left. The program is this test, run again.
func TestAProgramEndsWithALiveEngine(t *testing.T) {
	if how := os.Getenv(leaving); how != "" {
		leave(t, how)
		return
	}
	table := []struct {
		how    string
		status int
	}{{"exit", 7}, {"panic", 2}, {"kill", -1}}
	for _, row := range table {
		t.Run(row.how, func(t *testing.T) {
			mark := newStage(t).mark
			program := exec.Command(os.Args[0], "-test.run=^TestAProgramEndsWithALiveEngine$")
			program.Env = append(os.Environ(), leaving+"="+row.how, "LEAVING_MARK="+mark)
			output, _ := program.CombinedOutput()
			if program.ProcessState.ExitCode() != row.status {
				t.Errorf("status %v:\n%s", program.ProcessState, output)
			}
			until(t, "no agent is left", func() bool { return len(agentsWith(mark)) == 0 })
		})
	}
}

// leave ends the process while an agent works.
func leave(t *testing.T, how string) {
	stage := newStage(t)
	stage.mark = os.Getenv("LEAVING_MARK")
	engine, err := hotplex.Open(stage.options())
	ok(t, err)
	turn, err := engine.Start(stage.config("a"), "!text one\n!sleep 60000")
	ok(t, err)
	for event := ""; event != hotplex.EventTypeAnswer; {
		next, err := turn.Next(within(t))
		ok(t, err)
		event = next.Type
	}
	switch how {
	case "exit":
		os.Exit(7)
	case "panic":
		go func() { panic("mine") }()
		select {}
	case "kill":
		self, err := os.FindProcess(os.Getpid())
		ok(t, err)
		ok(t, self.Kill())
		select {}
	}
	fmt.Println("not reached")
}
