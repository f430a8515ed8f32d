//go:build hotplex_pkgconfig

package capi

// `go build -tags hotplex_pkgconfig` asks pkg-config where the library was installed, and pkg-config
// says what is wrong if it does not know.

// #cgo pkg-config: hotplex
import "C"
