#!/usr/bin/env python3
"""Serves the RDF files of a folder, as they are, from loopback; and counts what rdflib finds in them.

usage: rdf_files.py PORT FOLDER...      each file at /NUMBER.EXTENSION; on standard output, a line `NUMBER NAME DATASETS SERVICES` for each, then `ready`

DATASETS is what a harvester has to find: subjects that are dcat:Dataset or dcat:DatasetSeries (not catalogues that list others), or that stand where a
catalogue names a dataset, and are described; `-` where rdflib cannot read the file. SERVICES are those that do not only give access to a distribution."""
import logging
import pathlib
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import rdflib
from rdflib import RDF, Namespace

logging.disable(logging.CRITICAL)
DCAT = Namespace("http://www.w3.org/ns/dcat#")
SYNTAXES = {"ttl": "turtle", "dcat": "turtle", "n3": "turtle", "nt": "nt", "rdf": "xml", "xml": "xml", "jsonld": "json-ld", "json": "json-ld"}
FILES = sorted(path for folder in sys.argv[2:] for path in pathlib.Path(folder).rglob("*") if path.is_file())


def extension(path):
    return path.suffix[1:] or "ttl"


def address(number):
    return f"http://127.0.0.1:{sys.argv[1]}/{number}.{extension(FILES[number])}"


def count(number):
    graph = rdflib.Dataset(default_union=True)
    try:
        graph.parse(FILES[number], format=SYNTAXES.get(extension(FILES[number]), "turtle"), publicID=address(number))
    except BaseException:  # rdflib raises whatever its parsers do
        return "-", "-"
    typed = lambda name: set(graph.subjects(RDF.type, DCAT[name]))
    described = lambda node: (node, None, None) in graph
    catalogues = typed("Catalog")
    lists = {node for node in catalogues for name in ("dataset", "service", "catalog") if (node, DCAT[name], None) in graph}
    services = typed("DataService")
    known = typed("Distribution") | typed("CatalogRecord") | catalogues | services
    named = set(graph.objects(None, DCAT.dataset)) | set(graph.subjects(DCAT.distribution, None))
    datasets = typed("DatasetSeries") | (typed("Dataset") - lists) | {node for node in named if described(node) and node not in known}
    listed = set(graph.objects(None, DCAT.service))
    own = services - (set(graph.objects(None, DCAT.accessService)) - listed) - datasets - catalogues
    own |= {node for node in listed if described(node) and node not in known | datasets}
    return len(datasets), len(own)


class Files(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        name = self.path.strip("/").split(".")[0]
        found = name.isdigit() and int(name) < len(FILES)
        body = FILES[int(name)].read_bytes() if found else b""
        self.send_response(200 if found else 404)
        # A type that says nothing, as real servers give it.
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


for number, path in enumerate(FILES):
    print(number, str(path).replace(" ", "_"), *count(number), flush=True)
print("ready", flush=True)
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Files).serve_forever()
