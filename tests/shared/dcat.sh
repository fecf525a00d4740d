#!/usr/bin/env bash
# ckanext-dcat's examples and udata's fixtures: all that ckanext-dcat reads of them is in our graphs; the whole corpus: nothing that a graph says is lost unseen.
. "$(dirname "$0")/lib.sh"
ckan=$(judges ckan)/ckan/bin/python
compared() { find "$shared"/corpus/dcat-* \( -path '*/ckanext-dcat/examples/*' -o -path '*/udata-repo/*' \) -type f \( -name '*.ttl' -o -name '*.n3' -o -name '*.rdf' -o -name '*.xml' -o -name '*.jsonld' \) | sort; }
compared | xargs "$ckan" "$root/tests/shared/ckan_read.py" > "$work/ckan.jsonl" 2> "$work/ckan.err"
code=0
echo "-- ckanext-dcat beside ours"
compared | xargs "$judge" dcat --ckan "$work/ckan.jsonl" --decisions "$root/tests/dcat/decisions.toml" > "$work/compared.txt" || code=1
grep -Ev '^not read' "$work/compared.txt" | tail -n 40
echo "-- the whole corpus"
find "$shared"/corpus/dcat-{jsonld,rdfxml,turtle} -type f \( -name '*.ttl' -o -name '*.n3' -o -name '*.nt' -o -name '*.rdf' -o -name '*.xml' -o -name '*.jsonld' -o -name '*.json' \) | sort \
	| xargs "$judge" dcat --decisions "$root/tests/dcat/decisions.toml" > "$work/corpus.txt" || code=1
tail -n 40 "$work/corpus.txt"
exit "$code"
