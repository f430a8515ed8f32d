package hotplex

import (
	"sync"

	"github.com/hotplex/hotplex/bindings/go/internal/capi"
)

// A turn whose reader is slow is held back beyond the first bound, and let go on below the second.
// They are small beside the library's own window of a session, whose filling stops the agent.
const (
	fullBytes  = 256 << 10
	emptyBytes = 64 << 10
)

// mailbox holds the events of one turn between the pump and the turn's reader. The pump never waits
// for a reader: that would hold up all others.
type mailbox struct {
	// hold has the library hold back, or let through, the events of the turn.
	hold func(bool)
	// wake has a token if there is something new.
	wake chan struct{}

	mutex  sync.Mutex
	events []capi.Event
	bytes  int
	held   bool
	// abandoned: nobody will read, so nothing is kept.
	abandoned bool
	// over is why nothing more will come although the turn has not ended.
	over error
}

func newMailbox(hold func(bool)) *mailbox {
	return &mailbox{hold: hold, wake: make(chan struct{}, 1)}
}

func (box *mailbox) put(events []capi.Event) {
	box.mutex.Lock()
	defer box.mutex.Unlock()
	if box.abandoned {
		return
	}
	box.events = append(box.events, events...)
	for i := range events {
		box.bytes += len(events[i].JSON)
	}
	if !box.held && box.bytes > fullBytes {
		box.setHeld(true)
	}
	box.ring()
}

// take gives the next event, or why there will be none, or neither.
func (box *mailbox) take() (event capi.Event, found bool, over error) {
	box.mutex.Lock()
	defer box.mutex.Unlock()
	if len(box.events) == 0 {
		return capi.Event{}, false, box.over
	}
	event = box.events[0]
	box.events[0] = capi.Event{}
	box.events = box.events[1:]
	box.bytes -= len(event.JSON)
	if box.held && box.bytes < emptyBytes {
		box.setHeld(false)
	}
	return event, true, nil
}

// abandon lets go of everything, and lets the turn run on to its end.
func (box *mailbox) abandon() {
	box.mutex.Lock()
	defer box.mutex.Unlock()
	box.abandoned, box.events, box.bytes = true, nil, 0
	if box.held {
		box.setHeld(false)
	}
	box.ring()
}

// fail says that nothing more will come.
func (box *mailbox) fail(reason error) {
	box.mutex.Lock()
	defer box.mutex.Unlock()
	box.over = reason
	box.ring()
}

// setHeld is called under the lock, so that the library gets hold and release in their order.
func (box *mailbox) setHeld(held bool) {
	box.held = held
	box.hold(held)
}

func (box *mailbox) ring() {
	select {
	case box.wake <- struct{}{}:
	default:
	}
}
