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
# pycsw's recorded answers are not ours here, and why, by CSW 2.0.2 (OGC 07-006r1) and Filter Encoding 1.1 (OGC 04-095).
cat > "$work/explained" <<-'TXT'
	get_3a8a3c47 no version is asked for: pycsw answers in CSW 3.0, which is not offered here: the highest version that both speak is 2.0.2
	get_477b23a3 the same
	get_55c38f00 the same; and the schema of capabilities does not let Filter_Capabilities be left out
	get_5ab5db18 the same: the name space of its exceptions
	get_80f31def the same
	get_8e2232ed the same: the name space of its exceptions
	get_9697f0aa the same
	get_c4ea754f the same: the name space of its exceptions
	get_6c375703 Atom is no output schema here: those are that capabilities list
	post_7c89cdf5 the same
	post_19d2a6ed three of its records have no title, which SQL takes for neither equal nor unequal: ours have one; and formats without a file have no place in DCAT
	post_1c97fc1a pycsw refuses a name that begins with a slash; Filter Encoding takes XPath, and the CITE suite wants it
	post_da228d4c the same
	post_2102a460 without regard to case, pycsw takes PropertyIsNotEqualTo for PropertyIsEqualTo: Filter Encoding does not
	post_225f455a no order is asked for, and so none is prescribed: SQLite gives that of its index of dates, ours is by identifier
	post_420b745e the same
	post_928c1896 the same
	post_dc92c2c4 the same
	post_898cd63b in DCAT a format is that of a distribution (dct:format, dcat:mediaType), and the record has no address that would be one
	post_ba9b0107 the same
	post_ad61686c pycsw blames `service` for a constraint in an unknown name space, ours the request: the locator is the parameter in error
	post_c02d1c85 pycsw blames `service` for a constraint with a function, ours `constraint`
	post_c8588f47 pycsw blames `service` for a box on what has no geometry, ours `constraint`
	post_bb66ebc5 an image or a text of DCMI's types is a dataset of that dct:type here, and has dc:type dataset in its record: what is asked for is what is shown
TXT
explained=$(cut -d ' ' -f 1 "$work/explained" | paste -s -d '|')
tail -n 1 "$work/cite.txt"
if grep '^DIFF' "$work/cite.txt" | grep -Ev "^DIFF ($explained)" | cut -c1-400; then exit 1; fi
# What is alike meanwhile is not explained any longer.
while read -r id _; do grep -q "^DIFF $id" "$work/cite.txt" || { echo "$id is explained, and alike" && exit 1; }; done < "$work/explained"
