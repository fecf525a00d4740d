#!/usr/bin/env bash
# A harvester that others wrote (sickle) takes us by OAI-PMH in each format and set, goes on after a restart with what changed meanwhile, and asks for changes; a second Moisson that harvests us so has the graph that it has by our DCAT feed.
. "$(dirname "$0")/lib.sh"
python=$(judges)/client/bin/python
client="$root/tests/shared/oai_harvester.py"
new_instance
cat >> "$work/config/moisson.toml" <<-'TOML'
	[oai_pmh]
	enabled = true
	admin_email = "catalogue@region.example"
TOML
serve() {
	port=$(free_port)
	sed -i "s/^listen = .*/listen = \"127.0.0.1:$port\"/" "$work/config/moisson.toml"
	"$moisson" --config "$work/config" --data "$work/data" serve > "$work/serve.txt" 2>&1 &
	server=$!
	started+=("$server")
	wait_for "http://127.0.0.1:$port/ready"
}
stop() {
	kill "$server"
	wait "$server" 2> /dev/null || true
}
portal() { # portal: the records of $work/records as a CSW
	files=$(free_port)
	python3 "$root/tests/shared/csw_files.py" "$files" "$work/records" > /dev/null &
	started+=($!)
	wait_for "http://127.0.0.1:$files/csw"
	source_file fiches csw "http://127.0.0.1:$files/csw" '[guard]' 'share = 1.0' 'agree = 1' 'grace = "0s"'
	run_moisson harvest fiches --json > "$work/report-fiches.json" || [ $? = 1 ]
	accounted "$work/report-fiches.json"
}
mkdir -p "$work/records"
python3 "$root/tests/shared/oai_harvester.py" choose "$shared/corpus/csw-iso19139" "$work/records"
portal
serve
"$python" "$client" whole "http://127.0.0.1:$port/oai" "$work/state.json" "$work/answers"

echo "a second Moisson"
second par-oai oai-pmh "http://127.0.0.1:$port/oai" 'metadata_prefix = "dcat_ap"'
second par-dcat rdf "http://127.0.0.1:$port/catalog.ttl"
python3 "$client" same "$work/par-oai.nt" "$work/par-dcat.nt"
stop

echo "what changes between two pages, and a restart"
python3 "$client" change "$work/records"
portal
# Some records cannot be read: what is gone might be one of them, until a person says that it is not.
run_moisson release fiches --reason "retirées de la source"
run_moisson harvest fiches --json > "$work/report-again.json" || [ $? = 1 ]
serve
"$python" "$client" resume "http://127.0.0.1:$port/oai" "$work/state.json"
