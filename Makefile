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

.PHONY: run test bench setup run-now test-now bench-now

# What is installed by `setup` changes the variables above, so the work is done by a make that begins after it.

## The main job on the embedded defaults, with demonstration portals: no network and no configuration needed.
run: setup
	@$(MAKE) --no-print-directory run-now

## Everything that a change has to pass.
test: setup
	@$(MAKE) --no-print-directory test-now

## The end-to-end benchmark: DATASETS=75000 for the size of France's national catalogue.
DATASETS ?= 10000
bench: setup
	@$(MAKE) --no-print-directory bench-now

## What Debian has to have: installed if it lacks and this is root, else named.
setup:
	@sh deploy/setup.sh

run-now:
	$(CARGO) run --bin moisson -- demo

test-now:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --features rocksdb -- -D warnings
	$(CARGO) test --workspace --features rocksdb

bench-now:
	$(CARGO) run --release --bin moisson -- bench --datasets $(DATASETS)
