#!/usr/bin/env python3
"""Serves folders of udata JSON documents on loopback, as the API of so many portals.

usage: udata_portal.py PORT FOLDER...

Each FOLDER, searched recursively, is a portal at http://127.0.0.1:PORT/N/ (N from 0): its documents with `resources` are the datasets,
those with `base_api_url` the data services, and of pages the items. On standard output, a line for each portal: its number and the
count of its datasets and data services."""
import json
import pathlib
import sys
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def items(folder):
    datasets, services = {}, {}
    for path in sorted(pathlib.Path(folder).rglob("*.json")):
        try:
            document = json.loads(path.read_text("utf-8"))
        except ValueError:
            continue
        if not isinstance(document, dict):
            continue
        many = document["data"] if isinstance(document.get("data"), list) else [document]
        for one in many:
            if not isinstance(one, dict) or "id" not in one:
                continue
            if "base_api_url" in one:
                services[one["id"]] = one
            elif "resources" in one and "title" in one:
                datasets[one["id"]] = one
    return {"datasets": list(datasets.values()), "dataservices": list(services.values())}


class Portal(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        parts = [part for part in url.path.split("/") if part]
        query = dict(urllib.parse.parse_qsl(url.query))
        if len(parts) != 4 or parts[1:3] != ["api", "1"] or parts[3] not in ("datasets", "dataservices") or int(parts[0]) >= len(PORTALS):
            return self.answer(404, {"message": "not found"})
        everything = PORTALS[int(parts[0])][parts[3]]
        page, size = int(query.get("page", 1)), int(query.get("page_size", 20))
        start = (page - 1) * size
        more = start + size < len(everything)
        address = f"http://{self.headers['Host']}{url.path}?page={page + 1}&page_size={size}"
        self.answer(200, {"data": everything[start : start + size], "page": page, "page_size": size, "total": len(everything),
                          "next_page": address if more else None, "previous_page": None})

    def answer(self, status, document):
        body = json.dumps(document, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


PORTALS = [items(folder) for folder in sys.argv[2:]]
for number, portal in enumerate(PORTALS):
    print(number, len(portal["datasets"]), len(portal["dataservices"]), flush=True)
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Portal).serve_forever()
