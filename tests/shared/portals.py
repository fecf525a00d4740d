#!/usr/bin/env python3
"""Portals of several kinds on loopback, holding the records of the corpus.

usage: portals.py PORT CORPUS

    /ods/        Opendatasoft, Explore API 2.1           /ods1/       the same, 1.0 only
    /ckan/       CKAN's action API                       /ogc/        OGC API - Records
    /files/...   the files of the corpus, as they are

On standard output, one line a portal: its name and the number of its records."""
import json
import mimetypes
import pathlib
import sys
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CORPUS = pathlib.Path(sys.argv[2]).resolve()
TYPES = {".ttl": "text/turtle", ".rdf": "application/rdf+xml", ".xml": "application/xml", ".jsonld": "application/ld+json", ".json": "application/json",
         ".nt": "application/n-triples", ".nq": "application/n-quads", ".trig": "application/trig", ".csv": "text/csv", ".n3": "text/n3"}


def documents(folder):
    for path in sorted((CORPUS / folder).rglob("*.json*")):
        text = path.read_text(encoding="utf-8-sig")
        try:
            yield path, json.loads(text)
        except ValueError:
            for line in text.splitlines():
                try:
                    yield path, json.loads(line)
                except ValueError:
                    break


def unique(items, key):
    """The first of each identifier: one portal does not hold two."""
    return list({str(key(item)): item for item in reversed(list(items))}.values())[::-1]


def ods():
    old, new = [], []
    for _, document in documents("ods"):
        items = document.get("datasets", [document]) if isinstance(document, dict) else []
        for item in items:
            if "datasetid" in item and "metas" in item:
                old.append(item)
            elif "dataset" in item or "dataset_id" in item:
                new.append(item)
    name = lambda item: item.get("datasetid") or item.get("dataset_id") or item["dataset"]["dataset_id"]
    return unique(old, name), unique(new, name)


def ckan():
    for _, document in documents("ckan"):
        document = document.get("result", document) if isinstance(document, dict) else document
        while isinstance(document, list) and document:
            document = document[0]
        if isinstance(document, dict) and ("name" in document or "id" in document) and "resources" in document:
            # CKAN gives every package an identifier; its examples of input have none.
            document.setdefault("id", document.get("name"))
            yield document


def features():
    for _, document in documents("ogcapi-records"):
        if isinstance(document, dict) and document.get("type") == "Feature":
            yield document


OLD, NEW = ods()
PACKAGES = unique(ckan(), lambda item: item["id"])
RECORDS = unique(features(), lambda item: item["id"])


class Portals(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        asked = dict(urllib.parse.parse_qsl(url.query))
        number = lambda name, default: int(asked.get(name, default))
        base = f"http://{self.headers['Host']}"
        path = urllib.parse.unquote(url.path)
        if path == "/ods/api/explore/v2.1/catalog/datasets":
            page = NEW[number("offset", 0) :][: number("limit", 10)]
            self.json({"total_count": len(NEW), "results": page})
        elif path == "/ods1/api/datasets/1.0/search/":
            page = OLD[number("start", 0) :][: number("rows", 10)]
            self.json({"nhits": len(OLD), "parameters": {}, "datasets": page})
        elif path == "/ckan/api/3/action/package_search":
            page = PACKAGES[number("start", 0) :][: number("rows", 10)]
            self.json({"success": True, "result": {"count": len(PACKAGES), "results": page}})
        elif path == "/ogc/":
            self.json({"links": [{"rel": "data", "type": "application/json", "href": f"{base}/ogc/collections"}]})
        elif path == "/ogc/collections":
            self.json({"collections": [{"id": "records", "itemType": "record", "links": []}], "links": []})
        elif path == "/ogc/collections/records/items":
            first, size = number("offset", 0), number("limit", 10)
            more = [{"rel": "next", "type": "application/geo+json", "href": f"{base}{path}?limit={size}&offset={first + size}"}]
            page = RECORDS[first : first + size]
            self.json({"type": "FeatureCollection", "numberMatched": len(RECORDS), "numberReturned": len(page), "features": page,
                       "links": more if first + size < len(RECORDS) else []})
        elif path.startswith("/files/"):
            self.file(CORPUS / path.removeprefix("/files/"))
        else:
            self.answer(404, "text/html", b"<h1>404</h1>")

    def file(self, path):
        if not path.is_file() or ".." in path.parts:
            return self.answer(404, "text/html", b"<h1>404</h1>")
        kind = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        self.answer(200, kind, path.read_bytes())

    def json(self, document):
        self.answer(200, "application/json", json.dumps(document, ensure_ascii=False).encode())

    def answer(self, status, kind, body):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


for name, records in (("ods", NEW), ("ods1", OLD), ("ckan", PACKAGES), ("ogc", RECORDS)):
    print(name, len(records), flush=True)
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Portals).serve_forever()
