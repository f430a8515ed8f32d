//go:build !hotplex_static && !hotplex_pkgconfig

package capi

// What stands in a checkout is found there; besides it the linker looks where it always does, and
// where CGO_LDFLAGS says.

/*
#if !defined(HOTPLEX_LIBRARY_ELSEWHERE) \
    && !__has_include("../../../../target/release/libhotplex.so") \
    && !__has_include("/usr/local/lib/libhotplex.so") \
    && !__has_include("/usr/lib/libhotplex.so") \
    && !__has_include("/usr/lib/x86_64-linux-gnu/libhotplex.so") \
    && !__has_include("/usr/lib/aarch64-linux-gnu/libhotplex.so")
#error "libhotplex.so is missing: run `cargo build --release` in the hotplex repository or install the library; if it is somewhere else, set CGO_CFLAGS=-DHOTPLEX_LIBRARY_ELSEWHERE and CGO_LDFLAGS=-L/its/directory"
#endif

#cgo LDFLAGS: -L${SRCDIR}/../../../../target/release -Wl,-rpath,${SRCDIR}/../../../../target/release -lhotplex
*/
import "C"
