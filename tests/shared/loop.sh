#!/usr/bin/env bash
# A real pycsw harvests us and serves what we serve; two catalogues that harvest each other, also through it, come to rest: nothing of one's own enters again.
. "$(dirname "$0")/lib.sh"
env=$(judges pycsw)
python=$env/client/bin/python
judge_loop() { "$python" "$root/tests/shared/loop_judge.py" "$@"; }

# instance NAME: a catalogue at an address of its own, which is its base, too: who reads its capabilities goes on there.
instance() {
	local port
	port=$(free_port)
	new_instance "$port" "http://127.0.0.1:$port/" "$work/$1"
	echo "http://127.0.0.1:$port/" > "$work/$1/base"
}
base() { cat "$work/$1/base"; }
of() { "$moisson" --config "$work/$1/config" --data "$work/$1/data" "${@:2}"; }
source_of() { printf 'title = "%s"\n[connector.%s]\nurl = "%s"\n%s\n' "$2" "$3" "$4" "${5:-}" > "$work/$1/config/sources/$2.toml"; }
harvest_of() { of "$1" harvest "$2" --json > "$work/report-$1-$2.json" || [ $? = 1 ]; }
serve_of() {
	"$moisson" --config "$work/$1/config" --data "$work/$1/data" serve > "$work/serve-$1.txt" 2>&1 &
	echo $! > "$work/$1/pid"
	started+=($!)
	wait_for "$(base "$1")ready"
}
stop() {
	kill "$(cat "$work/$1/pid")"
	wait "$(cat "$work/$1/pid")" 2> /dev/null || true
}
# dumps ROUND: what each catalogue publishes, in canonical form.
dumps() {
	local name
	for name in a b; do of "$name" export --format nt > "$work/$name-$1.nt"; done
}

# What is served to begin with: A has records of ISO 19139, each from another owner, and a catalogue of DCAT; B has a catalogue of DCAT.
mkdir -p "$work/iso"
number=0
while IFS=$'\t' read -r file _; do
	number=$((number + 1))
	cp "$shared/corpus/$file" "$work/iso/$number.xml"
done < <(grep -E '^csw-iso19139/.*\[FR-REAL\]' "$shared/corpus/MANIFEST.tsv" | head -n 12)
files=$(free_port)
python3 "$root/tests/shared/csw_files.py" "$files" "$work/iso" > /dev/null &
started+=($!)
"$python" "$root/tests/shared/loop_portals.py" "$work/portals"
portals=$(free_port)
python3 -m http.server "$portals" --bind 127.0.0.1 --directory "$work/portals" > /dev/null 2>&1 &
started+=($!)
wait_for "http://127.0.0.1:$files/csw"
wait_for "http://127.0.0.1:$portals/"
for name in a b; do instance "$name"; done
source_of a geo csw "http://127.0.0.1:$files/csw"
source_of a ville rdf "http://127.0.0.1:$portals/ville.ttl"
source_of b agglo rdf "http://127.0.0.1:$portals/agglo.ttl"
harvest_of a geo && accounted "$work/report-a-geo.json"
harvest_of a ville
harvest_of b agglo
serve_of a
serve_of b

echo "pycsw harvests A"
mkdir -p "$work/none" "$work/pycsw"
pycsw=$(free_port)
bash "$shared/oracles/pycsw-serve.sh" "$work/none" "$pycsw" "$work/pycsw" > "$work/pycsw.txt" 2>&1 &
started+=($!)
pycsw=http://127.0.0.1:$pycsw/
wait_for "$pycsw"
judge_loop harvest "$pycsw" "$(base a)csw"
judge_loop same "$pycsw" "$(base a)csw"

second=$(free_port)
mkdir -p "$work/second"
bash "$shared/oracles/pycsw-serve.sh" "$work/none" "$second" "$work/second" > "$work/second.txt" 2>&1 &
started+=($!)
wait_for "http://127.0.0.1:$second/"
judge_loop harvest-each "http://127.0.0.1:$second/" "$(base a)" "$(base a)csw"

echo "A and B harvest each other, and pycsw stands between them"
source_of b pycsw csw "$pycsw"
source_of a pycsw csw "$pycsw"
source_of a b rdf "$(base b)catalog.ttl"
stop a
stop b
dumps 0
for round in 1 2 3; do
	for id in agglo pycsw; do harvest_of b "$id"; done
	serve_of b
	for id in geo ville b pycsw; do harvest_of a "$id"; done
	stop b
	serve_of a
	judge_loop harvest "$pycsw" "$(base a)csw"
	stop a
	dumps "$round"
done
judge_loop rest "$(base a)" "$(base b)" "$work"
# Nothing that came back entered again: what A made, it knows by its own addresses; of what owners wrote, it has their record already.
# Only what pycsw tells of the service that it harvests is new each time.
for id in b pycsw; do
	python3 - "$work/report-a-$id.json" <<-'PY'
		import json, sys
		report = json.load(open(sys.argv[1]))
		own = sum(finding["rule"] == "identity/own-record" for finding in report["findings"])
		print(report["source"], {key: report[key] for key in ("outcome", "seen", "created", "updated", "unchanged")}, own, "are A's own")
		assert report["outcome"] == "complete" and report["created"] == 0 and report["updated"] <= 1 and own >= 4, report
	PY
done
