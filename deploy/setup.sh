#!/bin/sh
# Installs what building Moisson needs on Debian, or says what lacks.
set -eu

lacking=''
need() { # need PACKAGE, and a command that succeeds where it is there
	package=$1
	shift
	"$@" >/dev/null 2>&1 || lacking="$lacking $package"
}

libclang() {
	ls /usr/lib/llvm-*/lib/libclang*.so* /usr/lib/*/libclang*.so* 2>/dev/null | grep -q 'libclang[-.0-9]*so'
}

need gcc command -v gcc
need g++ command -v g++
need libclang1-14 libclang
need ccache command -v ccache

command -v cargo >/dev/null 2>&1 || {
	echo 'setup: cargo is not here; install Rust 1.95 or later (https://rustup.rs)' >&2
	exit 1
}
[ -n "$lacking" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
	echo "setup: installing$lacking" >&2
	apt-get update -qq
	# shellcheck disable=SC2086
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $lacking >/dev/null
else
	echo "setup: this needs$lacking; as root: apt-get install$lacking" >&2
	exit 1
fi
