//go:build !cgo

// Package capi calls libhotplex, which takes cgo.
package capi

// The name is the message: the compiler has no other way to say it.
var _ = hotplex_needs_cgo_so_set_CGO_ENABLED_1_and_have_a_C_compiler
