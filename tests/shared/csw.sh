#!/usr/bin/env bash
# Harvesters that others wrote harvest us by CSW, in each schema; answers are valid by the schemas of OGC and ISO; and OGC's own requests get the answers that pycsw gives, but for what is listed.
. "$(dirname "$0")/lib.sh"
env=$(judges pycsw)
python=$env/client/bin/python
serve() {
	port=$(free_port)
	sed -i "s/^listen = .*/listen = \"127.0.0.1:$port\"/" "$work/config/moisson.toml"
	"$moisson" --config "$work/config" --data "$work/data" serve > "$work/serve.txt" 2>&1 &
	server=$!
	started+=("$server")
	wait_for "http://127.0.0.1:$port/ready"
}

new_instance
harvest_corpus
serve
"$python" "$root/tests/shared/csw_harvesters.py" "http://127.0.0.1:$port/csw" "$work/answers"
"$python" "$root/tests/shared/csw_valid.py" "$shared/norms/ogc-xsd" "$work"/answers/*.xml
# What owners wrote is theirs; what we made has our IRI.
"$python" "$root/tests/shared/iso_valid.py" --made https://donnees.example.org/ "$env"/pycsw/lib/python3.*/site-packages/pycsw "$work"/answers/*.xml
kill "$server"
wait "$server" 2> /dev/null || true

echo "the requests of OGC's test suite"
rm -rf "$work/data" "$work/config"
new_instance
mkdir -p "$work/cite"
# Three of the twelve records have no title, and no catalogue of DCAT has room for such.
for file in "$shared"/oracles/cite/data/*.xml; do
	grep -q '<dc:title>' "$file" && cp "$file" "$work/cite/" || sed 's|</dc:identifier>|&<dc:title>Sans titre</dc:title>|' "$file" > "$work/cite/$(basename "$file")"
done
files=$(free_port)
python3 "$root/tests/shared/csw_files.py" "$files" "$work/cite" > /dev/null &
started+=($!)
wait_for "http://127.0.0.1:$files/csw"
source_file cite csw "http://127.0.0.1:$files/csw"
run_moisson harvest cite --json > "$work/report-cite.json" || [ $? = 1 ]
accounted "$work/report-cite.json"
serve
"$python" "$shared/oracles/cite_replay.py" "http://127.0.0.1:$port/csw" "$shared/oracles/cite" -v > "$work/cite.txt"
# pycsw answers these otherwise: without a version, it speaks CSW 3.0; it offers Atom; it blames `service` for a constraint, and refuses names that begin
# with a slash; a record without a title, which we gave one, is not unequal to any; themes, formats and relations are resolved here; and what no order was asked
# for stands in another one. What DCMI calls an image or a text is a dataset of that type here.
explained='get_(3a8a3c47|477b23a3|55c38f00|5ab5db18|6c375703|80f31def|8e2232ed|9697f0aa|c4ea754f)|post_(19d2a6ed|1c97fc1a|2102a460|225f455a|420b745e|7c89cdf5|898cd63b|928c1896|948b39d5|ad61686c|ba9b0107|bb66ebc5|c02d1c85|c8588f47|da228d4c|dc92c2c4)'
tail -n 1 "$work/cite.txt"
if grep '^DIFF' "$work/cite.txt" | grep -Ev "$explained" | cut -c1-400; then exit 1; fi
