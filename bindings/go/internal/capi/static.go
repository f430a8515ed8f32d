//go:build hotplex_static

package capi

// `go build -tags hotplex_static` takes libhotplex.a in, so that the program runs where the library
// is not installed. The name is written with its ending, as the linker would prefer the shared one.

/*
#if !defined(HOTPLEX_LIBRARY_ELSEWHERE) \
    && !__has_include("../../../../target/release/libhotplex.a") \
    && !__has_include("/usr/local/lib/libhotplex.a") \
    && !__has_include("/usr/lib/libhotplex.a")
#error "libhotplex.a is missing: run `cargo build --release` in the hotplex repository or install the library; if it is somewhere else, set CGO_CFLAGS=-DHOTPLEX_LIBRARY_ELSEWHERE and CGO_LDFLAGS=-L/its/directory"
#endif

#cgo LDFLAGS: -L${SRCDIR}/../../../../target/release -l:libhotplex.a -lm -ldl -lpthread
*/
import "C"
