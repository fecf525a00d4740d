# What the checks against ../shared have in common. Each check is a script that sources this and ends with 0 when it passes.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
shared=$root/../shared
target=${CARGO_TARGET_DIR:-$HOME/.cache/moisson/target}
moisson=${MOISSON:-$target/debug/moisson}
judge=${JUDGE:-$target/debug/judge}
work=$(mktemp -d)
started=()
finish() {
	for pid in "${started[@]:-}"; do [ -z "$pid" ] || kill "$pid" 2>/dev/null || true; done
	# Whoever still writes must have ended before its directory goes; ten seconds are enough for all of them.
	for _ in $(seq 100); do
		[ -n "$(jobs -rp)" ] || break
		sleep 0.1
	done
	rm -rf "$work" || true
}
trap finish EXIT

judges() { bash "$shared/oracles/judges.sh" "$@"; }

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# wait_for URL: until it answers, a minute at most.
wait_for() {
	for _ in $(seq 240); do
		curl -s -o /dev/null "$1" && return
		sleep 0.25
	done
	echo "nothing answers at $1" >&2
	return 1
}

# new_instance [PORT [BASE [DIRECTORY]]]: one in $work that may fetch from loopback; then `source_file ID CONNECTOR URL [KEY = VALUE]...`
new_instance() {
	local directory=${3:-$work}
	mkdir -p "$directory/config/sources"
	cat > "$directory/config/moisson.toml" <<-TOML
		base = "${2:-https://donnees.example.org/}"
		[server]
		listen = "127.0.0.1:${1:-0}"
		[fetch]
		allow_private = ["127.0.0.1"]
		delay = "0s"
		retries = 1
		[schedule]
		jitter = "0s"
		[csw]
		enabled = true
	TOML
}
source_file() {
	local id=$1 connector=$2 url=$3
	shift 3
	{
		printf 'title = "%s"\n[connector.%s]\nurl = "%s"\n' "$id" "$connector" "$url"
		printf '%s\n' "$@"
	} > "$work/config/sources/$id.toml"
}
run_moisson() { "$moisson" --config "$work/config" --data "$work/data" "$@"; }

# accounted REPORT [CONNECTOR]: everything announced was harvested or refused with a finding. Prints the figures.
accounted() {
	python3 - "$@" <<-'PY'
		import collections, json, sys
		report = json.load(open(sys.argv[1]))
		figures = {key: report[key] for key in ("source", "outcome", "announced", "seen", "created", "updated", "unchanged", "refused")}
		print(figures)
		refusals = [finding for finding in report["findings"] if finding["severity"] == "error"]
		rules = collections.Counter(finding["rule"] for finding in report["findings"])
		print("  findings:", dict(rules.most_common(12)))
		assert report["outcome"] == "complete", report.get("reason")
		# An event stream does not say how many members it has.
		announced = report["seen"] if sys.argv[2:] == ["ldes"] else report["announced"]
		assert announced == report["seen"] == report["created"] + report["updated"] + report["unchanged"] + report["refused"]
		assert len(refusals) >= report["refused"], "a refused record has no finding"
	PY
}

# Harvests the ISO and udata records of the corpus from loopback; the reports are $work/report-*.json.
harvest_corpus() {
	local standard port number datasets services
	for standard in csw-iso19139 iso19115-3; do
		port=$(free_port)
		python3 "$root/tests/shared/csw_files.py" "$port" "$shared/corpus/$standard" > /dev/null &
		started+=($!)
		wait_for "http://127.0.0.1:$port/csw"
		source_file "$standard" csw "http://127.0.0.1:$port/csw"
		run_moisson harvest "$standard" --json > "$work/report-$standard.json" || [ $? = 1 ]
	done
	port=$(free_port)
	python3 "$root/tests/shared/udata_portal.py" "$port" "$shared"/corpus/udata/*/ > "$work/portals" &
	started+=($!)
	wait_for "http://127.0.0.1:$port/0/api/1/datasets/"
	while read -r number datasets services; do
		[ $((datasets + services)) -gt 0 ] || continue
		source_file "udata-$number" udata "http://127.0.0.1:$port/$number/"
		run_moisson harvest "udata-$number" --json > "$work/report-udata-$number.json" || [ $? = 1 ]
	done < "$work/portals"
}

# expected_to_fail PATTERN FILE: no line of the file says FAIL but those of the pattern.
expected_to_fail() {
	tail -n 1 "$2"
	if grep '^FAIL' "$2" | grep -Ev "$1"; then return 1; fi
	[ "$(grep -c '^ok' "$2")" -gt 0 ]
}

# harvest ID CONNECTOR URL: complete and accounted for.
harvest_whole() {
	source_file "$@"
	run_moisson harvest "$1" --json > "$work/report-$1.json" || [ $? = 1 ]
	accounted "$work/report-$1.json" "$2"
}

# harvest ID CONNECTOR URL: a document that cannot be read says where, and nothing of it is taken for complete.
harvest_broken() {
	source_file "$@"
	! run_moisson harvest "$1" --json > "$work/report-$1.json" || return 1
	python3 - "$work/report-$1.json" <<-'PY'
		import json, sys
		report = json.load(open(sys.argv[1]))
		told = [finding for finding in report["findings"] if finding["severity"] == "error"]
		assert told, "nothing says why"
		print(report["source"], report["outcome"], told[0]["rule"], told[0]["message"][:110])
	PY
}

# Harvests what the corpus has of Opendatasoft, CKAN, OGC API - Records, DCAT-US.
harvest_kinds() {
	local port base name
	port=$(free_port)
	python3 "$root/tests/shared/portals.py" "$port" "$shared/corpus" > "$work/kinds" &
	started+=($!)
	base=http://127.0.0.1:$port
	wait_for "$base/ogc/"
	cat "$work/kinds"
	harvest_whole ods opendatasoft "$base/ods/"
	harvest_whole ods1 opendatasoft "$base/ods1/"
	harvest_whole ckan ckan "$base/ckan/"
	harvest_whole ogc ogc-records "$base/ogc/"
	local number=0 file
	while read -r file; do
		number=$((number + 1))
		name=datajson-$number
		! grep -q "^$file	.*\[FR-REAL\]" "$shared/corpus/MANIFEST.tsv" || name=fr-$name
		if python3 -c 'import json, sys; json.load(open(sys.argv[1], encoding="utf-8-sig"))' "$shared/corpus/$file" 2> /dev/null; then
			harvest_whole "$name" datajson "$base/files/$file"
		else
			harvest_broken "$name" datajson "$base/files/$file"
		fi
	done < <(cd "$shared/corpus" && find dcat-us -name '*.json*' | sort)
	number=0
	while read -r file; do
		number=$((number + 1))
		name=inventory-$number
		source_file "$name" inventory "$base/files/$file" 'publish_all = true'
		run_moisson harvest "$name" --json > "$work/report-$name.json" || [ $? -le 2 ]
		# Some tables are of other things than datasets: those have to be told.
		python3 - "$work/report-$name.json" "$file" <<-'PY'
			import json, sys
			report = json.load(open(sys.argv[1]))
			told = sorted({finding["rule"] for finding in report["findings"]})
			print(report["source"], sys.argv[2].split("/", 1)[1], report["outcome"], report["seen"], "rows,", report["refused"], "refused", told[:6])
			if report["outcome"] == "complete":
			    # A row that is not published is told too, and a workbook announces nothing.
			    assert report["announced"] in (None, report["seen"]) or told, report
			else:
			    assert any(finding["severity"] == "error" for finding in report["findings"]), "nothing says why"
		PY
	done < <(cd "$shared/corpus" && find csv-inventory -name '*.csv' | sort)
}

# Harvests every RDF document of the corpus, each as a catalogue of its own.
harvest_rdf() {
	local port file name number=0
	port=$(free_port)
	python3 "$root/tests/shared/portals.py" "$port" "$shared/corpus" > /dev/null &
	started+=($!)
	wait_for "http://127.0.0.1:$port/ogc/"
	local names=()
	while read -r file; do
		number=$((number + 1))
		name=rdf-$number
		! grep -q "^$file	.*\[FR-REAL\]" "$shared/corpus/MANIFEST.tsv" || name=fr-$name
		source_file "$name" rdf "http://127.0.0.1:$port/files/$file"
		names+=("$name")
	done < <(cd "$shared/corpus" && find dcat-turtle dcat-rdfxml dcat-jsonld -type f | sort)
	# Many of them are examples that hold no dataset, or are broken on purpose.
	run_moisson harvest "${names[@]}" --json > "$work/report-rdf.json" || [ $? -le 2 ]
}

# Harvests the ISO records of French production once more, as a catalogue of their own.
harvest_french_iso() {
	local port file number=0
	mkdir -p "$work/french"
	while IFS=$'\t' read -r file _; do
		number=$((number + 1))
		cp "$shared/corpus/$file" "$work/french/$number.xml"
	done < <(grep -E '^(csw-iso19139|iso19115-3)/.*\[FR-REAL\]' "$shared/corpus/MANIFEST.tsv")
	port=$(free_port)
	python3 "$root/tests/shared/csw_files.py" "$port" "$work/french" > /dev/null &
	started+=($!)
	wait_for "http://127.0.0.1:$port/csw"
	source_file fr-iso csw "http://127.0.0.1:$port/csw"
	run_moisson harvest fr-iso --json > "$work/report-fr-iso.json" || [ $? = 1 ]
}

# second ID CONNECTOR URL [KEY = VALUE]...: another Moisson, new each time, harvests that; its catalogue is $work/ID.nt, and it stays in $work/second.
second() {
	(
		mkdir -p "$work/second"
		work=$work/second
		rm -rf "$work/data" "$work/config"
		new_instance
		sed -i 's|^base = .*|base = "https://autre.example.org/"|' "$work/config/moisson.toml"
		harvest_whole "$@"
		run_moisson export --format nt > "$work/../$1.nt"
	)
}
