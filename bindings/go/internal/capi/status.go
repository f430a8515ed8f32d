//go:build cgo

package capi

// Status is what the functions of libhotplex return when they do not do what they were asked.
type Status int32

// The numbers of hotplex.h.
const (
	Timeout         Status = -1
	InvalidArgument Status = -2
	Closed          Status = -3
	NotFound        Status = -4
	Busy            Status = -5
	Blocked         Status = -6
	SpawnFailed     Status = -7
	BufferTooSmall  Status = -8
	Misuse          Status = -9
	Forked          Status = -10
	Internal        Status = -11
	InUse           Status = -12
)

// Failure is a status with a line for a person.
type Failure struct {
	Status  Status
	Message string
}

func (failure *Failure) Error() string { return failure.Message }
