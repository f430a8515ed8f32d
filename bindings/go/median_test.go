package hotplex_test

import (
	"slices"
	"time"
)

func median(count int, run func()) time.Duration {
	took := make([]time.Duration, count)
	for i := range took {
		begun := time.Now()
		run()
		took[i] = time.Since(begun)
	}
	slices.Sort(took)
	return took[count/2]
}
