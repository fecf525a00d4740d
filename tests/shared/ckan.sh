#!/usr/bin/env bash
# The packages of ckanext-dcat's own examples: every value that it writes of them as DCAT is in our graph.
. "$(dirname "$0")/lib.sh"
graph=$target/debug/examples/graph
(cd "$root" && cargo build -q -p mapping --example graph)
examples=$shared/corpus/ckan/ckanext-dcat/examples/ckan
"$(judges ckan)/ckan/bin/python" "$root/tests/shared/ckan_judge.py" "$graph" "$examples"/ckan_*.json "$examples"/health*.json
