package hotplex_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	hotplex "github.com/hotplex/hotplex/bindings/go"
)

// BenchmarkEvents is the processor time of this process for an event of 100 bytes, the library's own
// share in it, by the way that it is read.
func BenchmarkEvents(b *testing.B) {
	var prompt string
	ways := map[string]func(*hotplex.Engine, *hotplex.Config) error{
		"Stream": func(engine *hotplex.Engine, cfg *hotplex.Config) error {
			for _, err := range engine.Stream(b.Context(), cfg, prompt) {
				if err != nil {
					return err
				}
			}
			return nil
		},
		"Execute": func(engine *hotplex.Engine, cfg *hotplex.Config) error {
			return engine.Execute(b.Context(), cfg, prompt, nil)
		},
	}
	for name, read := range ways {
		b.Run(name, func(b *testing.B) {
			prompt = fmt.Sprintf("!flood %d 100", b.N)
			stage := newStage(b)
			engine := stage.engine()
			ok(b, engine.Execute(b.Context(), stage.config("a"), "warm", nil))
			before := processorTime(b)
			b.ResetTimer()
			ok(b, read(engine, stage.config("a")))
			b.ReportMetric(float64((processorTime(b)-before).Nanoseconds())/float64(b.N), "cpu-ns/event")
		})
	}
}

func processorTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	ok(b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
