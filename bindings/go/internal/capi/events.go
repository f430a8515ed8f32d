package capi

/*
#include "shim.h"
*/
import "C"

import "unsafe"

// The types that this package and the one above tell apart by number.
const (
	Thinking      = int32(C.HOTPLEX_EVENT_THINKING)
	Answer        = int32(C.HOTPLEX_EVENT_ANSWER)
	TurnEnd       = int32(C.HOTPLEX_EVENT_TURN_END)
	AnswerDelta   = int32(C.HOTPLEX_EVENT_ANSWER_DELTA)
	ThinkingDelta = int32(C.HOTPLEX_EVENT_THINKING_DELTA)
)

// Event is what happened in a turn; 0 is none.
type Event struct {
	Turn uint64
	// Tag is what the caller gave the turn; 0 is none.
	Tag  uint64
	Type int32
	JSON []byte
	// Session and Text are set for the four types that are text and nothing else, so that the most
	// frequent events need not be read out of JSON.
	Session, Text string
}

// IsText says whether it is of those four types.
func (event *Event) IsText() bool {
	switch event.Type {
	case Thinking, Answer, AnswerDelta, ThinkingDelta:
		return true
	}
	return false
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
		taker.events[i] = copied(from)
	}
	return taker.events[:count], nil
}

func copied(from *C.go_event) Event {
	json := C.GoBytes(unsafe.Pointer(from.json), C.int(from.length))
	event := Event{Turn: uint64(from.turn), Tag: uint64(from.tag), Type: int32(from._type), JSON: json}
	if event.IsText() {
		event.Session = C.GoString(from.session)
		event.Text = C.GoStringN(from.text, C.int(from.text_length))
	}
	return event
}
