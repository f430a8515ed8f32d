# Everything a newcomer or a CI machine needs. `make help` lists it.

.PHONY: demo test lint header bench help tools
.DEFAULT_GOAL := help

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

## header: write include/hotplex.h anew from the sources of bindings/c
header:
	HOTPLEX_WRITE_HEADER=1 cargo test --quiet -p hotplex-capi --test header

## bench: each figure beside its floor, measured in the same run
bench:
	cargo bench --bench figures

## help: this list
help:
	@sed -n 's/^## /  make /p' Makefile

# The tests with the real agent run in a network namespace. What they need for it is in two small
# packages that a minimal Debian may lack.
tools:
	@missing=; \
	command -v unshare >/dev/null || missing="$$missing util-linux"; \
	PATH="$$PATH:/usr/sbin:/sbin" command -v ip >/dev/null || missing="$$missing iproute2"; \
	test -z "$$missing" && exit 0; \
	if test "$$(id -u)" = 0 && command -v apt-get >/dev/null; then \
		apt-get update -q && apt-get install -q -y --no-install-recommends $$missing; \
	else \
		echo "Some tests need these packages, please install them:$$missing" >&2; \
		test "$$CI" != true; \
	fi
