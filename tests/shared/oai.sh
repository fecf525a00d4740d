#!/usr/bin/env bash
# A real pycsw by OAI-PMH in each of its formats, and by CSW in Dublin Core: nothing is lost, and what one protocol gives the other gives.
. "$(dirname "$0")/lib.sh"
judges pycsw >/dev/null
new_instance

port=$(free_port)
mkdir -p "$work/records" "$work/pycsw"
n=0
while read -r file; do # pycsw loads flat folders
	cp "$file" "$work/records/$((n += 1)).xml"
done < <({
	find "$shared/corpus/csw-iso19139" -name '*.xml' | sort | head -n 150
	find "$shared/corpus/csw-responses/pycsw/tests/functionaltests/suites/cite/data" -name '*.xml' | sort
})
MAXRECORDS=20 bash "$shared/oracles/pycsw-serve.sh" "$work/records" "$port" "$work/pycsw" > "$work/pycsw.log" 2>&1 &
started+=($!)
wait_for "http://127.0.0.1:$port/"

figure() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$1" "$2"; }
harvest() { # harvest ID CONNECTOR URL [KEY = VALUE]...
	echo "$1"
	source_file "$@"
	run_moisson harvest "$1" --json > "$work/report-$1.json" || [ $? = 1 ]
	accounted "$work/report-$1.json"
}

oai="http://127.0.0.1:$port/csw?mode=oaipmh"
harvest oai-iso oai-pmh "$oai"
harvest oai-dc oai-pmh "$oai" 'metadata_prefix = "oai_dc"'
harvest oai-record oai-pmh "$oai" 'metadata_prefix = "csw-record"'
harvest csw-record csw "http://127.0.0.1:$port/csw" 'prefer = "dublin-core"' 'page_size = 20'

total=$(figure "$work/report-oai-iso.json" announced)
[ "$total" -gt 40 ]
for id in oai-dc oai-record csw-record; do
	[ "$(figure "$work/report-$id.json" announced)" = "$total" ]
done

echo "a second run changes nothing"
run_moisson harvest oai-dc --json > "$work/again.json" || [ $? = 1 ]
accounted "$work/again.json"
[ "$(figure "$work/again.json" created)" = 0 ]
[ "$(figure "$work/again.json" updated)" = 0 ]
