package capi

/*
#include "shim.h"
*/
import "C"

import "unsafe"

// TurnEnd is the type of the event after which a turn has no other.
const TurnEnd = int32(C.HOTPLEX_EVENT_TURN_END)

// Event is what happened in a turn; 0 is none.
type Event struct {
	Turn uint64
	Type int32
	JSON []byte
}

// Taker takes the events of one engine. It is for one goroutine at a time.
type Taker struct {
	engine Engine
	batch  [C.GO_BATCH]C.go_event
	events [C.GO_BATCH]Event
}

// NewTaker makes one. Its events are the engine's.
func NewTaker(engine Engine) *Taker { return &Taker{engine: engine} }

// Take gives the events that are there, without waiting: a Failure with Timeout if there are none,
// with Closed if there will be none. The slice is good until the next call, its events for ever.
func (taker *Taker) Take() ([]Event, error) {
	count := C.go_take(C.uintptr_t(taker.engine), &taker.batch[0])
	if count < 0 {
		return nil, failure(count, nil)
	}
	defer C.go_free_events(&taker.batch[0], count)
	for i := range taker.batch[:count] {
		from := &taker.batch[i]
		json := C.GoBytes(unsafe.Pointer(from.json), C.int(from.length))
		taker.events[i] = Event{uint64(from.turn), int32(from._type), json}
	}
	return taker.events[:count], nil
}
