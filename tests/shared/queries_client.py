#!/usr/bin/env python3
"""usage: queries_client.py BASE: the queries that are kept, as programs, spreadsheets and SPARQLWrapper read them."""
import csv
import io
import json
import sys
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ElementTree

from SPARQLWrapper import JSON, SPARQLWrapper

base = sys.argv[1]
# The demonstration's portals say nothing of these.
EMPTY = set()


def get(path, **headers):
    with urllib.request.urlopen(urllib.request.Request(base + path, headers=headers), timeout=120) as answer:
        return answer.read(), answer.headers


def status(path, **headers):
    try:
        get(path, **headers)
        return 200, ""
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


queries = json.loads(get("/queries", Accept="application/json")[0])["queries"]
assert len(queries) >= 8, queries
for query in queries:
    name = query["name"]
    body, headers = get(f"/queries/{name}.json")
    found = json.loads(body)
    rows = found["results"]["bindings"]
    print(f"{name}: {len(rows)} rows", {key: value["value"] for key, value in rows[0].items()} if rows else "")
    assert bool(rows) != (name in EMPTY), name
    assert headers["access-control-allow-origin"] == "*"
    assert status(f"/queries/{name}.json", **{"If-None-Match": headers["etag"]})[0] == 304
    text = get(f"/queries/{name}.csv?bom=1")[0].decode()
    assert text.startswith("\ufeff")
    table = list(csv.DictReader(io.StringIO(text[1:])))
    assert len(table) == len(rows) and (not table or list(table[0]) == found["head"]["vars"])
    assert len(get(f"/queries/{name}", Accept="text/tab-separated-values")[0].decode().splitlines()) == len(rows) + 1
    xml = ElementTree.fromstring(get(f"/queries/{name}?format=xml")[0])
    assert len(xml.findall(".//{http://www.w3.org/2005/sparql-results#}result")) == len(rows)
    if not query["parameters"]:
        client = SPARQLWrapper(base + "/sparql")
        client.setQuery(get(f"/queries/{name}.rq")[0].decode())
        client.setReturnFormat(JSON)
        assert sorted(map(str, client.query().convert()["results"]["bindings"])) == sorted(map(str, rows)), name
    page = get(f"/queries/{name}", Accept="text/html")[0].decode()
    assert "<h1>" in page and f"/queries/{name}.csv" in page

old = json.loads(get("/queries/fraicheur.json?depuis=1900-01-01")[0])["results"]["bindings"]
assert all(row["anciens"]["value"] == "0" for row in old)
hostile = urllib.parse.quote('") } UNION { ?s ?p ?o } #')
assert json.loads(get(f"/queries/producteurs.json?nom={hostile}")[0])["results"]["bindings"] == []
code, text = status("/queries/fraicheur.csv?depuis=hier")
assert code == 400 and "2026-01-31" in text, text
print(f"{len(queries)} queries agree in CSV, JSON, TSV and XML, and with SPARQLWrapper")
