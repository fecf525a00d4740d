#!/usr/bin/env bash
# Comunica, a query engine that others wrote, finds over /sparql, over the catalogue as a document and over the event stream's pages what our endpoint finds.
. "$(dirname "$0")/lib.sh"
command -v npm > /dev/null || { echo "skipped: npm is absent; Comunica asks nothing"; exit 0; }
npm=${MOISSON_JUDGES:-$HOME/.cache/moisson-judges}/comunica
# The newest that runs on Node 20.
[ -e "$npm/node_modules/@comunica/query-sparql" ] || npm install --silent --no-fund --no-audit --prefix "$npm" @comunica/query-sparql@3.3.0 > /dev/null || { echo "skipped: Comunica cannot be installed here"; exit 0; }
port=$(free_port)
base=http://127.0.0.1:$port
"$moisson" --data "$work" demo --once > "$work/demo.txt"
# Comunica goes where the document is.
sed -i "s/^listen = .*/listen = \"127.0.0.1:$port\"/" "$work/demo/config/moisson.toml"
"$moisson" --config "$work/demo/config" --data "$work/demo/data" serve > "$work/serve.txt" 2>&1 &
started+=($!)
wait_for "$base/ready"
prefixes='PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX dct: <http://purl.org/dc/terms/> PREFIX foaf: <http://xmlns.com/foaf/0.1/> PREFIX as: <https://www.w3.org/ns/activitystreams#>'
# comunica QUERY SOURCE...; ours QUERY: the rows as sorted lines of SPARQL JSON.
rows() {
	python3 -c '
import json, sys
for row in sorted(json.dumps({key: (value["type"], value["value"], value.get("xml:lang")) for key, value in row.items()}, sort_keys=True, ensure_ascii=False) for row in json.load(sys.stdin)["results"]["bindings"]): print(row)'
}
comunica() {
	local query=$1
	shift
	timeout 200 "$npm/node_modules/.bin/comunica-sparql" "$@" -q "$prefixes $query" -t application/sparql-results+json 2> "$work/comunica.err" | rows
}
ours() { curl -sf "$base/sparql" -H 'Accept: application/sparql-results+json' --data-urlencode "query=$prefixes $1" | rows; }
# same WHAT QUERY SOURCE...: where $theirs is set, it is what Comunica is asked instead.
same() {
	local what=$1 query=$2
	shift 2
	comunica "${theirs:-$query}" "$@" > "$work/theirs.txt" || { tail -n 5 "$work/comunica.err"; return 1; }
	ours "$query" > "$work/ours.txt"
	[ -s "$work/ours.txt" ]
	diff "$work/ours.txt" "$work/theirs.txt"
	echo "$what: $(wc -l < "$work/ours.txt") rows, the same"
}
titles='SELECT ?d ?t WHERE { ?d a dcat:Dataset ; dct:title ?t }'
same "titles, over /sparql" "$titles" "sparql@$base/sparql"
same "publishers, over /sparql" 'SELECT ?name (COUNT(?d) AS ?n) WHERE { ?d a dcat:Dataset ; dct:publisher/foaf:name ?name } GROUP BY ?name' "sparql@$base/sparql"
same "without licence, over /sparql" 'SELECT ?d WHERE { ?d a dcat:Dataset FILTER NOT EXISTS { ?d dcat:distribution/dct:license ?l } }' "sparql@$base/sparql"
# The feed is in pages: those whom `hydra:next` leads are read too.
pages=() next="$base/catalog.ttl?page_size=20"
while [ -n "$next" ] && [ "${#pages[@]}" -lt 50 ]; do
	curl -sf "$next" > "$work/page.ttl"
	pages+=("file@$next")
	next=$(grep -oE 'hydra#next>? <[^>]*>|hydra:next <[^>]*>' "$work/page.ttl" | grep -oE 'https?://[^>]*' | tail -n 1 | sed "s#https://donnees.example.org#$base#" || true)
done
same "titles, over /catalog in ${#pages[@]} pages" "$titles" "${pages[@]}"
[ "${#pages[@]}" -gt 1 ]
# Each member of the event stream is a graph of its own. A client has to follow the relations, and that is what ldes.sh is for.
members=()
for number in $(curl -sf -H 'Accept: application/n-quads' "$base/feed/index/0" | grep -oE 'tree#node> <[^>]*/feed/page/[0-9]+>' | grep -oE '[0-9]+>$' | tr -d '>'); do
	members+=("file@$base/feed/page/$number")
done
theirs='SELECT DISTINCT ?d ?t WHERE { GRAPH ?member { ?d a dcat:Dataset ; dct:title ?t } }' same "titles, over /feed in ${#members[@]} pages" "$titles" "${members[@]}"
