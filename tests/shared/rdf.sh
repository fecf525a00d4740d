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
names=()
while read -r number name datasets services; do
	[ "$number" != ready ] || continue
	source_file "rdf-$number" rdf "http://127.0.0.1:$port/$number.$(basename "$name" | sed 's/.*\.//; /^dcat$/s/.*/ttl/')"
	names+=("rdf-$number")
done < "$work/files"
# A document may hold no dataset, or be broken on purpose.
run_moisson harvest "${names[@]}" --json > "$work/reports.json" || [ $? -le 2 ]
python3 - "$work/reports.json" "$work/files" > "$work/results" <<'PY'
import json, sys
decoder, text, at, reports = json.JSONDecoder(), open(sys.argv[1]).read(), 0, {}
while text[at:].strip():
    at += len(text[at:]) - len(text[at:].lstrip())
    report, at = decoder.raw_decode(text, at)
    reports[report["source"]] = report
for line in open(sys.argv[2]):
    if line.startswith("ready"):
        continue
    number, name, datasets, services = line.split()
    report = reports[f"rdf-{number}"]
    errors = [finding["rule"] for finding in report["findings"] if finding["severity"] == "error"]
    given = report["created"] + report["updated"] + report["unchanged"] + report["refused"]
    if datasets == "-":
        # What rdflib cannot read may be read; what is not has a place.
        print("ok" if report["outcome"] == "complete" or errors else "FAIL", name, "unread by rdflib:", given, sorted(set(errors)))
    else:
        wanted = int(datasets) + int(services)
        # Agents that no dataset names are records too.
        print("ok" if given >= wanted and (wanted == 0 or len(errors) >= report["refused"]) else "FAIL", name, f"{given} of {wanted}", sorted(set(errors)))
PY
if grep '^FAIL' "$work/results"; then exit 1; fi
printf '%s documents, %s datasets and services by rdflib\n' "$(grep -c '^ok' "$work/results")" "$(awk '$3 ~ /^[0-9]+$/ { n += $3 + $4 } END { print n }' "$work/files")"
