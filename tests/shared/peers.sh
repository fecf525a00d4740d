#!/usr/bin/env bash
# One Moisson harvests another: by its DCAT feed (Hydra pages) in three syntaxes, and by its SPARQL endpoint, through paging of its own. Nothing is lost; and of its own records that come back, none enters again.
. "$(dirname "$0")/lib.sh"
new_instance
sed -i 's|^base = .*|base = "https://autre.example.org/"|' "$work/config/moisson.toml"
# Each in an instance of its own: in one, they would be one.
harvest_alone() {
	rm -rf "$work/data"
	harvest_whole "$@"
}
port=$(free_port)
"$moisson" --data "$work" demo --once > "$work/demo.txt"
sed -i "s/^listen = .*/listen = \"127.0.0.1:$port\"/" "$work/demo/config/moisson.toml"
"$moisson" --config "$work/demo/config" --data "$work/demo/data" serve > "$work/serve.txt" 2>&1 &
started+=($!)
wait_for "http://127.0.0.1:$port/ready"
# Datasets, series and services; agents come with what they publish.
there=$(curl -s "http://127.0.0.1:$port/sparql" -H 'Accept: text/csv' --data-urlencode 'query=
	PREFIX dcat: <http://www.w3.org/ns/dcat#>
	SELECT (COUNT(DISTINCT ?x) AS ?n) WHERE { { ?c dcat:dataset ?x } UNION { ?c dcat:service ?x } }' | tail -n 1 | tr -d '\r')
echo "the first has $there datasets, series and services"
harvest_alone feed-turtle rdf "http://127.0.0.1:$port/catalog.ttl"
harvest_alone feed-rdfxml rdf "http://127.0.0.1:$port/catalog.rdf"
harvest_alone feed-jsonld rdf "http://127.0.0.1:$port/catalog.jsonld"
harvest_alone endpoint sparql "http://127.0.0.1:$port/sparql" 'page_size = 7'
harvest_alone endpoint-get sparql "http://127.0.0.1:$port/sparql" 'method = "get"' 'page_size = 40'
for id in feed-turtle feed-rdfxml feed-jsonld endpoint endpoint-get; do
	python3 - "$work/report-$id.json" "$there" <<-'PY'
		import json, sys
		report = json.load(open(sys.argv[1]))
		assert report["created"] >= int(sys.argv[2]), f"{report['source']} has {report['created']} of {sys.argv[2]}"
	PY
done
echo "its own records come back"
rm -rf "$work/data"
sed -i 's|^base = .*|base = "https://donnees.example.org/"|' "$work/config/moisson.toml"
harvest_whole back rdf "http://127.0.0.1:$port/catalog.ttl"
python3 - "$work/report-back.json" "$there" <<-'PY'
	import json, sys
	report = json.load(open(sys.argv[1]))
	known = sum(finding["rule"] == "identity/own-record" for finding in report["findings"])
	assert known >= int(sys.argv[2]), f"{known} of {sys.argv[2]} are recognised"
	# The publisher of the catalogue is described beside them.
	assert report["created"] <= 1, f"{report['created']} entered again"
PY
