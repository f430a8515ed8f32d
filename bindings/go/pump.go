package hotplex

import (
	"errors"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/hotplex/hotplex/bindings/go/internal/capi"
)

// core is an open engine of the library with the goroutine that takes its events. It knows nothing
// of the Engine around it, which may be collected while the goroutine runs.
type core struct {
	handle capi.Engine
	// bell is readable when there are events. Go's poller waits for it, so that no thread of the
	// system is kept.
	bell *os.File
	// done is closed when the engine has ended and all events are in their mailboxes.
	done chan struct{}

	mutex     sync.Mutex
	mailboxes map[uint64]*entry
	// over is why no turn can begin any more.
	over error

	background *background
}

// entry is a mailbox in the table. It goes when both sides are through: the first events of a turn
// may be here before the call that began it has returned.
type entry struct {
	box            *mailbox
	claimed, ended bool
}

func openCore(options []byte) (*core, error) {
	handle, err := capi.Open(options)
	if err != nil {
		return nil, fromLibrary(err)
	}
	descriptor, err := handle.EventDescriptor()
	if err != nil {
		handle.Free()
		return nil, fromLibrary(err)
	}
	c := &core{
		handle:     handle,
		bell:       os.NewFile(uintptr(descriptor), "hotplex events"),
		done:       make(chan struct{}),
		mailboxes:  map[uint64]*entry{},
		background: newBackground(),
	}
	go c.pump()
	return c, nil
}

// pump moves events into the mailboxes of their turns until the engine has ended.
func (c *core) pump() {
	taker := capi.NewTaker(c.handle)
	ring := make([]byte, 64)
	for {
		// Whatever comes of it, a byte, the end of the file or a nudge, the answer is to look.
		if _, err := c.bell.Read(ring); errors.Is(err, os.ErrDeadlineExceeded) {
			_ = c.bell.SetReadDeadline(time.Time{})
		}
		if err := c.drain(taker); !hasStatus(err, capi.Timeout) {
			c.finish(fromLibrary(err))
			return
		}
	}
}

func (c *core) drain(taker *capi.Taker) error {
	for {
		events, err := taker.Take()
		if err != nil {
			return err
		}
		for len(events) > 0 {
			turn := events[0].Turn
			other := slices.IndexFunc(events, func(event capi.Event) bool { return event.Turn != turn })
			if other < 0 {
				other = len(events)
			}
			c.deliver(turn, events[:other])
			// The batch is used again, and would keep what readers are through with.
			clear(events[:other])
			events = events[other:]
		}
	}
}

// deliver puts events of one turn where they belong: all at once, as waking a reader costs more than
// all else here.
func (c *core) deliver(turn uint64, events []capi.Event) {
	if turn == 0 {
		c.background.put(events)
		return
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	at := c.entry(turn)
	at.box.put(events)
	if events[len(events)-1].Type == capi.TurnEnd {
		at.ended = true
		c.forget(turn, at)
	}
}

// finish tells everyone who still waits. After an orderly close nobody does.
func (c *core) finish(reason error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.over = reason
	for _, at := range c.mailboxes {
		at.box.fail(reason)
	}
	c.background.finish()
	_ = c.bell.Close()
	close(c.done)
}

// claim gives the reader of a turn its mailbox.
func (c *core) claim(turn uint64) *mailbox {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	at := c.entry(turn)
	at.claimed = true
	if c.over != nil {
		at.box.fail(c.over)
	}
	c.forget(turn, at)
	return at.box
}

func (c *core) entry(turn uint64) *entry {
	at := c.mailboxes[turn]
	if at == nil {
		// A turn that has ended meanwhile cannot be held, and need not be.
		hold := func(held bool) { _ = c.handle.Pause(turn, held) }
		at = &entry{box: newMailbox(hold)}
		c.mailboxes[turn] = at
	}
	return at
}

func (c *core) forget(turn uint64, at *entry) {
	if at.claimed && at.ended {
		delete(c.mailboxes, turn)
	}
}

// check looks after an error of the library: one that struck the engine answers nothing any more,
// and would not ring the bell either.
func (c *core) check(err error) error {
	if hasStatus(err, capi.Internal) {
		_ = c.bell.SetReadDeadline(time.Now())
	}
	return fromLibrary(err)
}

// close ends the agents, waits until the library is through, and frees it. Negative grace stands for
// the engine's own. An engine that was closed before has nothing left to tell.
func (c *core) close(graceMs int32) error {
	if err := c.handle.Shutdown(graceMs); err != nil {
		_ = c.check(err)
	}
	<-c.done
	// What a defect has struck does not finish, and is freed all the same.
	defer c.handle.Free()
	if err := c.handle.Finish(); !hasStatus(err, capi.Misuse) {
		return fromLibrary(err)
	}
	return nil
}
