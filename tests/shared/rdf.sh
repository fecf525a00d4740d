#!/usr/bin/env bash
# Every RDF document of DCAT in the corpus, harvested from loopback: each dataset that rdflib counts is harvested, or refused with a finding.
. "$(dirname "$0")/lib.sh"
new_instance
python=$(judges pycsw)/client/bin/python
port=$(free_port)
"$python" "$root/tests/shared/rdf_files.py" "$port" "$shared"/corpus/dcat-{turtle,rdfxml,jsonld} > "$work/files" &
started+=($!)
for _ in $(seq 480); do
	if grep -q '^ready' "$work/files"; then break; fi
	sleep 0.25
done
grep -q '^ready' "$work/files"
wait_for "http://127.0.0.1:$port/0.ttl"
: > "$work/results"
while read -r number name datasets services; do
	[ "$number" != ready ] || continue
	source_file "rdf-$number" rdf "http://127.0.0.1:$port/$number.$(basename "$name" | sed 's/.*\.//; /^dcat$/s/.*/ttl/')"
	run_moisson harvest "rdf-$number" --json > "$work/report.json" || [ $? -le 2 ] # a document may hold no dataset
	python3 - "$work/report.json" "$name" "$datasets" "$services" >> "$work/results" <<-'PY'
		import json, sys
		path, name, datasets, services = sys.argv[1:]
		report = json.load(open(path))
		findings = report["findings"]
		errors = [finding["rule"] for finding in findings if finding["severity"] == "error"]
		given = report["created"] + report["updated"] + report["unchanged"] + report["refused"]
		if datasets == "-":
		    # What rdflib cannot read may be read; what is not has a place.
		    print("ok" if report["outcome"] == "complete" or errors else "FAIL", name, "unread by rdflib:", given, sorted(set(errors)))
		else:
		    wanted = int(datasets) + int(services)
		    # Agents that no dataset names are records too.
		    print("ok" if given >= wanted and (wanted == 0 or len(errors) >= report["refused"]) else "FAIL", name, f"{given} of {wanted}", sorted(set(errors)))
	PY
done < "$work/files"
if grep '^FAIL' "$work/results"; then exit 1; fi
printf '%s documents, %s datasets and services by rdflib\n' "$(grep -c '^ok' "$work/results")" "$(awk '$3 ~ /^[0-9]+$/ { n += $3 + $4 } END { print n }' "$work/files")"
