#!/usr/bin/env bash
# The records of the corpus of every other kind, each harvested through a server of its protocol: nothing is lost.
. "$(dirname "$0")/lib.sh"
new_instance
harvest_kinds
