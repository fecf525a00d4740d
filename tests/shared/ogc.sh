#!/usr/bin/env bash
# OWSLib walks through OGC API - Records and meets what the feed has; schemathesis finds no failure and no answer that the OpenAPI document does not tell of;
# a second Moisson harvests every record.
. "$(dirname "$0")/lib.sh"
env=$(judges)
python=$env/client/bin/python
# A fuzzer of its own, outside any checkout.
fuzzer=$env/schemathesis
if [ ! -e "$fuzzer/.ready" ]; then
	rm -rf "$fuzzer"
	python3 -m venv "$fuzzer"
	"$fuzzer/bin/pip" install -q --disable-pip-version-check 'schemathesis>=4,<5' >&2
	touch "$fuzzer/.ready"
fi

port=$(free_port)
# Crawlers follow the addresses in answers.
new_instance "$port" "http://127.0.0.1:$port/"
printf '[ogc_records]\nenabled = true\n' >> "$work/config/moisson.toml"
harvest_corpus
run_moisson serve > "$work/serve.txt" 2>&1 &
started+=($!)
wait_for "http://127.0.0.1:$port/ready"
"$python" "$root/tests/shared/ogc_client.py" "http://127.0.0.1:$port/ogc"

echo "schemathesis"
(cd "$work" && "$fuzzer/bin/schemathesis" run "http://127.0.0.1:$port/api" --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance \
	--phases examples,coverage,fuzzing --max-examples 60 --exclude-path-regex '^/admin/' --seed 1 --no-color) > "$work/schemathesis.txt" || { tail -n 80 "$work/schemathesis.txt"; exit 1; }
tail -n 12 "$work/schemathesis.txt"

echo "a second Moisson"
total=$(curl -s "http://127.0.0.1:$port/ogc/collections/catalogue/items?limit=1" | python3 -c 'import json, sys; print(json.load(sys.stdin)["numberMatched"])')
mv "$work/data" "$work/first"
mv "$work/config" "$work/first-config"
new_instance
source_file ogc ogc-records "http://127.0.0.1:$port/ogc/" 'collections = ["catalogue"]'
run_moisson harvest ogc --json > "$work/report-ogc.json" || [ $? = 1 ]
accounted "$work/report-ogc.json"
[ "$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["seen"])' "$work/report-ogc.json")" = "$total" ]
