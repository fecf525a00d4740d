# Two commands: `make run` shows Moisson at work, `make test` tests everything. CONTRIBUTING.md has the rest.

# Outside the checkout, so that a fresh clone builds in minutes: RocksDB alone takes a quarter of an hour on two cores.
CARGO_TARGET_DIR ?= $(HOME)/.cache/moisson/target
CARGO ?= cargo
# RocksDB's bindings are generated with libclang, which comes without the compiler's own headers.
BINDGEN_EXTRA_CLANG_ARGS ?= -I$(shell gcc -print-file-name=include)
ifneq ($(shell command -v ccache),)
CC := ccache gcc
CXX := ccache g++
export CC CXX
endif
export CARGO_TARGET_DIR BINDGEN_EXTRA_CLANG_ARGS

.PHONY: run test setup check bench

## The main job on the embedded defaults, with demonstration portals: no network and no configuration needed.
run: setup
	$(CARGO) run --bin moisson -- demo

## Everything that a change has to pass.
test: setup
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --features rocksdb -- -D warnings
	$(CARGO) test --workspace --features rocksdb

## What Debian has to have: installed if it lacks and this is root, else named.
setup:
	@sh deploy/setup.sh

## The end-to-end benchmark: DATASETS=75000 for the size of France's national catalogue.
DATASETS ?= 10000
bench: setup
	$(CARGO) run --release --bin moisson -- bench --datasets $(DATASETS)
