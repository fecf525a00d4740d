#!/usr/bin/env bash
# Clients that others wrote (npm ldes-client, rdflib) keep a copy of the catalogue by its event stream: it is what is published, members are as the shapes of DCAT-AP Feeds want them, and after a change only the change is read; a second Moisson that follows it has the graph that it has by our DCAT feed.
. "$(dirname "$0")/lib.sh"
python=$(judges)/client/bin/python
port=$(free_port)
# A client goes where the relations lead.
new_instance "$port" "http://127.0.0.1:$port/"
serve() {
	"$moisson" --config "$work/config" --data "$work/data" serve > "$work/serve.txt" 2>&1 &
	server=$!
	started+=("$server")
	wait_for "http://127.0.0.1:$port/ready"
}
portal() {
	files=$(free_port)
	python3 "$root/tests/shared/csw_files.py" "$files" "$work/records" > /dev/null &
	started+=($!)
	wait_for "http://127.0.0.1:$files/csw"
	source_file fiches csw "http://127.0.0.1:$files/csw" '[guard]' 'share = 1.0' 'agree = 1' 'grace = "0s"'
	run_moisson harvest fiches --json > "$work/report-fiches.json" || [ $? = 1 ]
	accounted "$work/report-fiches.json"
	run_moisson export --format nt > "$work/catalogue.nt"
}
follow() { # a Moisson that is kept; its catalogue is $work/suivi.nt
	(
		work=$work/follower
		[ -e "$work/config" ] || new_instance 0 https://autre.example.org/
		harvest_whole flux ldes "http://127.0.0.1:$port/feed"
		run_moisson export --format nt > "$work/../suivi.nt"
	)
}
mkdir -p "$work/records"
python3 "$root/tests/shared/oai_harvester.py" choose "$shared/corpus/csw-iso19139" "$work/records"
portal
serve
"$python" "$root/tests/shared/ldes_reader.py" "http://127.0.0.1:$port/feed" "$work/copy.json" "$work/catalogue.nt" "$work/members.nt"
# A series is a dataset, says DCAT 3.
echo '<http://www.w3.org/ns/dcat#DatasetSeries> <http://www.w3.org/2000/01/rdf-schema#subClassOf> <http://www.w3.org/ns/dcat#Dataset> .' > "$work/dcat.ttl"
"$python" "$shared/oracles/shacl_check.py" "$work/members.nt" "$shared/norms/dcat-ap-feeds/shape.ttl" --ont "$work/dcat.ttl" --json --focus > "$work/shacl.json" || true
python3 - "$work/shacl.json" <<-'PY'
	import json, sys
	report = json.load(open(sys.argv[1]))
	print("shapes of DCAT-AP Feeds:", report["data_triples"], "triples,", report["severities"])
	violations = [result for result in report["results"] if result["severity"] == "Violation"]
	assert not violations, violations
PY
if command -v npm > /dev/null; then
	npm=${MOISSON_JUDGES:-$HOME/.cache/moisson-judges}/npm
	[ -e "$npm/node_modules/ldes-client" ] || npm install --silent --no-fund --no-audit --prefix "$npm" ldes-client@0.3.0 > /dev/null
	timeout 300 "$npm/node_modules/.bin/ldes-client" --no-shape --url-is-view "http://127.0.0.1:$port/feed" > "$work/client.txt" 2> "$work/client.err" || { tail -n 5 "$work/client.err"; exit 1; }
	"$python" "$root/tests/shared/ldes_reader.py" --client "$work/client.txt" "$work/copy.json"
else
	echo "skipped: npm is absent; ldes-client does not read the stream"
fi
follow
kill "$server"
wait "$server" 2> /dev/null || true
python3 "$root/tests/shared/oai_harvester.py" change "$work/records"
portal
# Some records cannot be read: what is gone might be one of them, until a person says that it is not.
run_moisson release fiches --reason "retirées de la source"
run_moisson harvest fiches --json > "$work/report-again.json" || [ $? = 1 ]
run_moisson export --format nt > "$work/catalogue.nt"
serve
"$python" "$root/tests/shared/ldes_reader.py" "http://127.0.0.1:$port/feed" "$work/copy.json" "$work/catalogue.nt" "$work/members.nt"

echo "a second Moisson: one that has followed, and one that begins, have what the feed of DCAT gives"
follow
second par-ldes ldes "http://127.0.0.1:$port/feed"
second par-dcat rdf "http://127.0.0.1:$port/catalog.ttl"
python3 "$root/tests/shared/oai_harvester.py" same "$work/suivi.nt" "$work/par-dcat.nt" agents
python3 "$root/tests/shared/oai_harvester.py" same "$work/par-ldes.nt" "$work/par-dcat.nt" agents
