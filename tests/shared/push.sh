#!/usr/bin/env bash
# What is pushed to stores and catalogues that others wrote is what we have: once, also after changes, withdrawals and a kill in the middle.
. "$(dirname "$0")/lib.sh"
env=$(judges pycsw)
python=$env/client/bin/python
[ -e "$env/oxigraph/bin/oxigraph" ] || { python3 -m venv "$env/oxigraph" && "$env/oxigraph/bin/pip" install -q --disable-pip-version-check oxigraph >&2; }
judge_push() { "$python" "$root/tests/shared/push_judge.py" "$@"; }

# push ID CREATED UPDATED DELETED [CODE]: what the push is to send.
push() {
	local code=0
	run_moisson push "$1" --json > "$work/push-$1.json" || code=$?
	python3 - "$work/push-$1.json" "$@" <<-'PY'
		import json, sys
		report = json.load(open(sys.argv[1]))
		sent = [report[name] for name in ("created", "updated", "deleted")]
		print(report["target"], report["outcome"], {name: report[name] for name in ("created", "updated", "deleted", "unchanged", "refused", "held")})
		assert sent == [int(number) for number in sys.argv[3:6]], (report["findings"][:5], report.get("reason"))
	PY
	[ "$code" = "${5:-0}" ]
}
target_file() {
	mkdir -p "$work/config/targets"
	printf 'title = "%s"\n[target.%s]\nurl = "%s"\n%s\n' "$1" "$2" "$3" "${4:-}" > "$work/config/targets/$1.toml"
}

new_instance
mkdir -p "$work/portal"
judge_push portal "$work/portal/ville.ttl" 40
port=$(free_port)
python3 -m http.server "$port" --bind 127.0.0.1 --directory "$work/portal" > /dev/null 2>&1 &
started+=($!)
wait_for "http://127.0.0.1:$port/"
source_file ville rdf "http://127.0.0.1:$port/ville.ttl" '[guard]' 'grace = "0s"'
run_ville() { run_moisson harvest ville --json > "$work/report-ville.json" || [ $? = 1 ]; }
run_ville

store=http://127.0.0.1:$(free_port)
"$env/oxigraph/bin/oxigraph" serve --bind "${store#http://}" > "$work/store.txt" 2>&1 &
started+=($!)
second=http://127.0.0.1:$(free_port)
"$env/oxigraph/bin/oxigraph" serve --bind "${second#http://}" > "$work/second.txt" 2>&1 &
started+=($!)
mkdir -p "$work/none" "$work/pycsw"
pycsw=$(free_port)
bash "$shared/oracles/pycsw-serve.sh" "$work/none" "$pycsw" "$work/pycsw" > "$work/pycsw.txt" 2>&1 &
started+=($!)
pycsw=http://127.0.0.1:$pycsw/
wait_for "$store/"
wait_for "$second/"
wait_for "$pycsw"
target_file graphs graph-store "$store/store"
target_file updates sparql-update "$second/update"
target_file geo csw "$pycsw"
same_everywhere() {
	run_moisson export --format nt > "$work/export.nt"
	judge_push graph "$store" "$work/export.nt"
	judge_push graph "$second" "$work/export.nt"
	judge_push csw "$pycsw" "$work/export.nt"
}

echo "everything is sent, and then nothing"
run_moisson push --dry-run graphs | head -n 2
push graphs 42 0 0
push updates 42 0 0
push geo 40 0 0
same_everywhere
for id in graphs updates geo; do push $id 0 0 0; done

echo "one changes, one comes, one goes"
judge_push change "$work/portal/ville.ttl"
run_ville
run_moisson push --dry-run geo
push graphs 1 1 1
push updates 1 1 1
push geo 1 1 1
same_everywhere

echo "what one address confirmed, another does not have"
third=http://127.0.0.1:$(free_port)
"$env/oxigraph/bin/oxigraph" serve --bind "${third#http://}" > "$work/third.txt" 2>&1 &
started+=($!)
wait_for "$third/"
for address in "$third" "$store"; do
	target_file graphs graph-store "$address/store"
	push graphs 42 0 0
	judge_push graph "$address" "$work/export.nt"
	push graphs 0 0 0
done

echo "a push is killed in the middle, and goes on"
judge_push portal "$work/portal/ville.ttl" 400
run_ville
for id in graphs updates geo; do
	# Slowly, so that there is a middle.
	sed -i "s/^delay = .*/delay = \"$([ $id = graphs ] && echo 30ms || echo 300ms)\"/" "$work/config/moisson.toml"
	"$moisson" --config "$work/config" --data "$work/data" push $id > "$work/killed-$id.txt" 2>&1 &
	victim=$!
	judge_push until "$work/data/archive.sqlite" $id 100
	kill -9 $victim
	wait $victim 2> /dev/null || true
	sed -i 's/^delay = .*/delay = "0s"/' "$work/config/moisson.toml"
	run_moisson push $id --json > "$work/push-$id.json"
	python3 -c 'import json, sys; r = json.load(open(sys.argv[1])); print("  then", r["created"], "created,", r["updated"], "updated,", r["deleted"], "deleted"); assert 0 < r["created"] < 361, r' "$work/push-$id.json"
	push $id 0 0 0
done
same_everywhere

echo "what a broken target answers is told, and confirms nothing"
broken=$(free_port)
judge_push broken "$broken" &
started+=($!)
broken=http://127.0.0.1:$broken
wait_for "$broken/html"
told() { python3 -c 'import json, sys; r = json.load(open(sys.argv[1])); print("  ", r["outcome"], r["refused"], r["findings"][0]["rule"], r["findings"][0]["message"][:90]); assert r["findings"][0]["rule"] == sys.argv[2]' "$work/push-$1.json" "$2"; }
for case in 401:fetch/http-status 404:fetch/http-status 500:push/refused 302:fetch/bad-url; do
	target_file broken graph-store "$broken/${case%%:*}"
	push broken 0 0 0 2
	told broken "${case#*:}"
done
for path in html 500; do
	target_file broken-csw csw "$broken/$path"
	push broken-csw 0 0 0 2
done
target_file busy graph-store "$broken/429"
push busy 402 0 0

echo "what empties the catalogue empties no target"
judge_push portal "$work/portal/ville.ttl" 20
run_ville
run_moisson release ville --reason "le portail a été vidé" > /dev/null
run_ville
push geo 0 0 0 1
run_moisson push --release geo --reason "le portail a été vidé" > /dev/null
push geo 0 0 380
push graphs 0 0 0 1
run_moisson push --release graphs --reason "le portail a été vidé" > /dev/null
push graphs 0 0 380
run_moisson export --format nt > "$work/export.nt"
judge_push graph "$store" "$work/export.nt"
judge_push csw "$pycsw" "$work/export.nt"

echo "what comes from the target is not sent back"
source_file back csw "$pycsw"
run_moisson harvest back --json > "$work/report-back.json" || [ $? = 1 ]
push geo 0 0 0
python3 -c 'import json, sys; r = json.load(open(sys.argv[1])); print("harvested from there:", r["seen"], "seen,", r["created"], "created"); assert r["outcome"] == "complete" and r["seen"] == 20 and r["created"] == 0, r' "$work/report-back.json"
