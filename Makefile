# Everything a newcomer or a CI machine needs. `make help` lists it.

.PHONY: demo test lint header bench install help tools
.DEFAULT_GOAL := help

# Where cargo puts what it builds.
TARGET = $(or $(CARGO_TARGET_DIR),$(CURDIR)/target)

PREFIX ?= /usr/local
INCLUDEDIR ?= $(PREFIX)/include
LIBDIR ?= $(PREFIX)/lib
# Which of cargo's builds is installed: release or debug.
PROFILE ?= release
BUILT = $(TARGET)/$(PROFILE)
VERSION = $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
ABI = $(shell sed -n 's/^.define HOTPLEX_ABI_VERSION //p' include/hotplex.h)

## demo: three turns in one session, cold and hot side by side
demo:
	@cargo build --example quickstart
	@cargo run --quiet --example quickstart

## test: every test, the examples in the documentation too
test: tools
	cargo test --workspace

## lint: format, clippy and documentation, warnings denied
lint:
	@cargo fmt --version >/dev/null 2>&1 || rustup component add rustfmt
	@cargo clippy --version >/dev/null 2>&1 || rustup component add clippy
	cargo fmt --all -- --check
	cargo clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

# The Go binding, and its turns with the real agent.
.PHONY: test-go
test: test-go
## test-go: every test of the Go binding, under the race detector
test-go: go_target = $(abspath $(TARGET))
test-go: export CGO_CFLAGS = -O2 -g -DHOTPLEX_LIBRARY_ELSEWHERE
test-go: export CGO_LDFLAGS = -L$(go_target)/release -Wl,-rpath,$(go_target)/release
test-go: export HOTPLEX_STAND_IN = $(go_target)/release/stand-in-agent
test-go: export HOTPLEX_REAL_GO = $(go_target)/real-go
# What is built here is thrown away, and needs no look at the repository's history.
test-go: export GOFLAGS = -buildvcs=false
test-go: tools
	@command -v go >/dev/null || { echo "The tests of the Go binding need Go 1.24 or later." >&2; exit 1; }
	cargo build --release --package hotplex-capi
	cargo build --release --bin stand-in-agent
	cd bindings/go && test -z "$$(gofmt -l . | tee /dev/stderr)" && go vet ./... && go test -race -count=1 ./...
	cd bindings/go && go build -race -o $(HOTPLEX_REAL_GO) ./real
	cargo test --test real -- --ignored bindings::go

# The Node binding, and its turns with the real agent.
.PHONY: test-node
test: test-node
## test-node: every test of the Node binding
test-node: node_library = $(abspath $(or $(CARGO_TARGET_DIR),target))/release/libhotplex.so
test-node: tools
	cargo build --release --package hotplex-capi
	cargo build --release --bin stand-in-agent
	cd bindings/node && npm ci --ignore-scripts --no-audit --no-fund
	cd bindings/node && HOTPLEX_LIBRARY=$(node_library) npm test
	HOTPLEX_LIBRARY=$(node_library) HOTPLEX_REAL_NODE="node $(CURDIR)/bindings/node/.build/test/real.mjs" \
		cargo test --test real -- --ignored bindings::node

## header: write include/hotplex.h anew from the sources of bindings/c, and Go's copy of it
header:
	HOTPLEX_WRITE_HEADER=1 cargo test --quiet -p hotplex-capi --test header
	cp include/hotplex.h bindings/go/internal/capi/hotplex.h

## bench: each figure beside its floor, measured in the same run
bench:
	cargo bench --bench figures
	cargo bench -p hotplex-capi --bench overhead

## install: the C library, its header and hotplex.pc, below PREFIX (and DESTDIR, for packagers)
install:
	cargo build $(if $(filter release,$(PROFILE)),--release) -p hotplex-capi
	install -d $(DESTDIR)$(INCLUDEDIR) $(DESTDIR)$(LIBDIR)/pkgconfig
	install -m 644 include/hotplex.h $(DESTDIR)$(INCLUDEDIR)/hotplex.h
	install -m 755 $(BUILT)/libhotplex.so $(DESTDIR)$(LIBDIR)/libhotplex.so.$(VERSION)
	strip --strip-unneeded $(DESTDIR)$(LIBDIR)/libhotplex.so.$(VERSION)
	ln -sf libhotplex.so.$(VERSION) $(DESTDIR)$(LIBDIR)/libhotplex.so.$(ABI)
	ln -sf libhotplex.so.$(ABI) $(DESTDIR)$(LIBDIR)/libhotplex.so
	install -m 644 $(BUILT)/libhotplex.a $(DESTDIR)$(LIBDIR)/libhotplex.a
	strip --strip-debug $(DESTDIR)$(LIBDIR)/libhotplex.a
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' -e 's|@LIBDIR@|$(LIBDIR)|' \
		-e 's|@VERSION@|$(VERSION)|' bindings/c/hotplex.pc.in \
		> $(DESTDIR)$(LIBDIR)/pkgconfig/hotplex.pc

## help: this list
help:
	@sed -n 's/^## /  make /p' Makefile

# The tests with the real agent run in a network namespace; those of the C library need compilers,
# a linker's tools, pkg-config and valgrind. A minimal Debian may lack any of them.
tools:
	@missing=; \
	command -v unshare >/dev/null || missing="$$missing util-linux"; \
	PATH="$$PATH:/usr/sbin:/sbin" command -v ip >/dev/null || missing="$$missing iproute2"; \
	for pair in cc:gcc c++:g++ nm:binutils pkg-config:pkg-config valgrind:valgrind; do \
		command -v $${pair%%:*} >/dev/null || missing="$$missing $${pair#*:}"; \
	done; \
	test -z "$$missing" && exit 0; \
	if test "$$(id -u)" = 0 && command -v apt-get >/dev/null; then \
		apt-get update -q && apt-get install -q -y --no-install-recommends $$missing; \
	else \
		echo "Some tests need these packages, please install them:$$missing" >&2; \
		test "$$CI" != true; \
	fi
