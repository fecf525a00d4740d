#!/usr/bin/env bash
# Every udata document of the corpus, harvested from a server that pages them as udata does: nothing is lost.
. "$(dirname "$0")/lib.sh"
new_instance
folders=("$shared"/corpus/udata/datagouv-search-indicator/data/*/*/ "$shared"/corpus/udata/*/)
port=$(free_port)
python3 "$root/tests/shared/udata_portal.py" "$port" "${folders[@]}" > "$work/portals" &
started+=($!)
wait_for "http://127.0.0.1:$port/0/api/1/datasets/"
while read -r number datasets services; do
	[ $((datasets + services)) -gt 0 ] || continue
	source_file "udata-$number" udata "http://127.0.0.1:$port/$number/"
	run_moisson harvest "udata-$number" --json > "$work/report.json" || [ $? = 1 ]
	accounted "$work/report.json"
done < "$work/portals"
