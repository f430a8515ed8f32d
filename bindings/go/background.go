package hotplex

import (
	"context"
	"iter"
	"sync"

	"github.com/hotplex/hotplex/bindings/go/internal/capi"
)

// mostBackground is how many events of no turn are kept for a reader; the oldest go first.
const mostBackground = 1024

// background holds what agents say when nobody asked.
type background struct {
	mutex  sync.Mutex
	events []capi.Event
	over   bool
	wake   chan struct{}
}

func newBackground() *background { return &background{wake: make(chan struct{}, 1)} }

func (b *background) put(events []capi.Event) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.events = append(b.events, events...)
	b.events = b.events[max(len(b.events)-mostBackground, 0):]
	b.ring()
}

func (b *background) finish() {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.over = true
	b.ring()
}

func (b *background) ring() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

func (b *background) take() (event capi.Event, found, over bool) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if len(b.events) == 0 {
		if b.over {
			b.ring()
		}
		return capi.Event{}, false, b.over
	}
	event = b.events[0]
	b.events = b.events[1:]
	return event, true, false
}

// BackgroundEvents gives what agents say when nobody asked, for example when a task that they had
// put into the background ends. It goes on until the context or the engine ends. Without a reader
// the last 1024 events are kept.
func (e *Engine) BackgroundEvents(ctx context.Context) iter.Seq[*Event] {
	return func(yield func(*Event) bool) {
		from := e.core.background
		for {
			event, found, over := from.take()
			switch {
			case found && !yield(e.decode(event)):
				return
			case over:
				return
			case !found:
				select {
				case <-from.wake:
				case <-ctx.Done():
					return
				}
			}
		}
	}
}
