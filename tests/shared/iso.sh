#!/usr/bin/env bash
# Every ISO record of the corpus, from a real pycsw and, with those that it does not take, from a plainer server: nothing is lost.
. "$(dirname "$0")/lib.sh"
judges pycsw >/dev/null
new_instance

echo "a real pycsw, with the ISO 19139 records that it takes"
port=$(free_port)
mkdir -p "$work/records" "$work/pycsw"
n=0
while read -r file; do # pycsw loads flat folders
	cp "$file" "$work/records/$((n += 1)).xml"
done < <(find "$shared/corpus/csw-iso19139" -name '*.xml' | sort)
bash "$shared/oracles/pycsw-serve.sh" "$work/records" "$port" "$work/pycsw" > "$work/pycsw.log" 2>&1 &
started+=($!)
wait_for "http://127.0.0.1:$port/"
source_file pycsw csw "http://127.0.0.1:$port/csw"
run_moisson harvest pycsw --json > "$work/report.json" || [ $? = 1 ]
accounted "$work/report.json"

for standard in csw-iso19139 iso19115-3; do
	echo "every file of $standard"
	port=$(free_port)
	python3 "$root/tests/shared/csw_files.py" "$port" "$shared/corpus/$standard" > "$work/$standard.count" &
	started+=($!)
	wait_for "http://127.0.0.1:$port/csw"
	source_file "$standard" csw "http://127.0.0.1:$port/csw"
	run_moisson harvest "$standard" --json > "$work/report.json" || [ $? = 1 ]
	accounted "$work/report.json"
	grep -q "\"announced\":$(cat "$work/$standard.count")," "$work/report.json"
done
