// Package capi calls libhotplex: one Go function for each of C, with Go's strings and errors, and
// nothing more. What it means is said in hotplex.h.
package capi

/*
#include <stdlib.h>
#include "shim.h"
*/
import "C"

import (
	"strings"
	"unsafe"
)

// Engine is a handle. It is a number to Go, because the collector must not take it for an address.
type Engine uintptr

// Version is that of the library.
func Version() string { return C.GoString(C.hotplex_version()) }

// ABI is the number of the interface that the library has; HeaderABI is the one this package was
// built with.
func ABI() uint32 { return uint32(C.hotplex_abi_version()) }

// HeaderABI is HOTPLEX_ABI_VERSION.
const HeaderABI = uint32(C.HOTPLEX_ABI_VERSION)

// Open makes an engine of the options, which are JSON.
func Open(options []byte) (Engine, error) {
	text := cString(string(options))
	defer C.free(unsafe.Pointer(text))
	var handle C.uintptr_t
	var message *C.char
	status := C.go_engine_new(text, &handle, &message)
	return Engine(handle), failure(status, message)
}

// Shutdown begins to close it; negative grace stands for the option kill_grace_ms.
func (engine Engine) Shutdown(graceMs int32) error {
	return failure(C.go_shutdown(C.uintptr_t(engine), C.int32_t(graceMs)), nil)
}

// Finish frees an engine that has ended; an error names the processes that it could not end.
func (engine Engine) Finish() error {
	var message *C.char
	return failure(C.go_engine_finish(C.uintptr_t(engine), &message), message)
}

// Free makes the handle stale; a stale one does nothing.
func (engine Engine) Free() { C.go_engine_free(C.uintptr_t(engine)) }

// Prewarm starts spares.
func (engine Engine) Prewarm(config []byte, count uint32) error {
	text := cString(string(config))
	defer C.free(unsafe.Pointer(text))
	var message *C.char
	status := C.go_prewarm(C.uintptr_t(engine), text, C.uint32_t(count), &message)
	return failure(status, message)
}

// Execute begins a turn and gives its number.
func (engine Engine) Execute(config []byte, prompt string) (uint64, error) {
	text := cString(string(config))
	defer C.free(unsafe.Pointer(text))
	var turn C.uint64_t
	var message *C.char
	start, length := counted(prompt)
	status := C.go_execute(C.uintptr_t(engine), text, start, length, &turn, &message)
	return uint64(turn), failure(status, message)
}

// Respond answers a permission request.
func (engine Engine) Respond(turn uint64, request string, decision []byte) error {
	name, text := cString(request), cString(string(decision))
	defer C.free(unsafe.Pointer(name))
	defer C.free(unsafe.Pointer(text))
	var message *C.char
	status := C.go_respond(C.uintptr_t(engine), C.uint64_t(turn), name, text, &message)
	return failure(status, message)
}

// RespondInSession answers a permission request by its session.
func (engine Engine) RespondInSession(session, request string, decision []byte) error {
	place, name, text := cString(session), cString(request), cString(string(decision))
	defer C.free(unsafe.Pointer(place))
	defer C.free(unsafe.Pointer(name))
	defer C.free(unsafe.Pointer(text))
	var message *C.char
	status := C.go_respond_in_session(C.uintptr_t(engine), place, name, text, &message)
	return failure(status, message)
}

// Cancel interrupts a turn.
func (engine Engine) Cancel(turn uint64) error {
	return failure(C.go_cancel(C.uintptr_t(engine), C.uint64_t(turn)), nil)
}

// Pause holds the events of a turn back, or lets them through again.
func (engine Engine) Pause(turn uint64, paused bool) error {
	var flag C.int32_t
	if paused {
		flag = 1
	}
	return failure(C.go_turn_pause(C.uintptr_t(engine), C.uint64_t(turn), flag), nil)
}

// StopSession ends a session's turns and its process.
func (engine Engine) StopSession(session, reason string) error {
	name, why := cString(session), cString(reason)
	defer C.free(unsafe.Pointer(name))
	defer C.free(unsafe.Pointer(why))
	return failure(C.go_stop_session(C.uintptr_t(engine), name, why), nil)
}

// Sessions gives what the pool holds, as a JSON array.
func (engine Engine) Sessions() ([]byte, error) {
	var out *C.char
	status := C.go_sessions_json(C.uintptr_t(engine), &out)
	return owned(out), failure(status, nil)
}

// Stats gives the figures of a session, or of the engine if the name is empty.
func (engine Engine) Stats(session string) ([]byte, error) {
	var name *C.char
	if session != "" {
		name = cString(session)
		defer C.free(unsafe.Pointer(name))
	}
	var out *C.char
	status := C.go_stats_json(C.uintptr_t(engine), name, &out)
	return owned(out), failure(status, nil)
}

// Check asks the guard; the zero Engine asks the usual one.
func (engine Engine) Check(context []byte, text string) (verdict []byte, err error) {
	question := cString(string(context))
	defer C.free(unsafe.Pointer(question))
	var out *C.char
	start, length := counted(text)
	status := C.go_check(C.uintptr_t(engine), question, start, length, &out)
	if Status(status) == Blocked {
		status = C.HOTPLEX_OK
	}
	return owned(out), failure(status, nil)
}

// SetGuard puts another guard in place of the engine's.
func (engine Engine) SetGuard(guard []byte) error {
	text := cString(string(guard))
	defer C.free(unsafe.Pointer(text))
	var message *C.char
	return failure(C.go_set_guard(C.uintptr_t(engine), text, &message), message)
}

// EventDescriptor gives a descriptor that is readable when there are events, for the caller to close.
func (engine Engine) EventDescriptor() (int, error) {
	descriptor := C.go_event_fd(C.uintptr_t(engine))
	return int(descriptor), failure(min(descriptor, 0), nil)
}

// Providers gives the agents that the library knows, as a JSON array.
func Providers(timeoutMs int32) ([]byte, error) {
	var out *C.char
	status := C.hotplex_providers(C.int32_t(timeoutMs), &out)
	return owned(out), failure(status, nil)
}

// LogTo has the library write its log to a descriptor.
func LogTo(descriptor int, level string) error {
	word := cString(level)
	defer C.free(unsafe.Pointer(word))
	return failure(C.hotplex_log_to_fd(C.int32_t(descriptor), word), nil)
}

// cString copies text for C, where it ends at the first NUL. No name may hold one.
func cString(text string) *C.char {
	return C.CString(strings.ReplaceAll(text, "\x00", "\ufffd"))
}

// counted lends text to C for the time of one call.
func counted(text string) (*C.char, C.size_t) {
	return (*C.char)(unsafe.Pointer(unsafe.StringData(text))), C.size_t(len(text))
}

// owned copies a string that the library gave, and gives it back.
func owned(text *C.char) []byte {
	if text == nil {
		return nil
	}
	defer C.hotplex_string_free(text)
	return []byte(C.GoString(text))
}

func failure(status C.int32_t, message *C.char) error {
	if status >= C.HOTPLEX_OK {
		return nil
	}
	text := string(owned(message))
	if text == "" {
		text = C.GoString(C.hotplex_status_string(status))
	}
	return &Failure{Status(status), text}
}
