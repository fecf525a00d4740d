#!/usr/bin/env python3
"""Serves the XML files of a folder, as they are, as the records of a CSW 2.0.2 on loopback: also those that a real CSW would not take.

usage: csw_files.py PORT FOLDER

Each file is one record of the answer, in the order of their names; its XML declaration and document type are taken off. On standard output, the number of files."""
import pathlib
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CAPABILITIES = """<?xml version="1.0" encoding="UTF-8"?>
<csw:Capabilities xmlns:csw="http://www.opengis.net/cat/csw/2.0.2" xmlns:ows="http://www.opengis.net/ows" xmlns:xlink="http://www.w3.org/1999/xlink" version="2.0.2">
<ows:OperationsMetadata><ows:Operation name="GetRecords"><ows:DCP><ows:HTTP><ows:Post xlink:href="{url}"/><ows:Get xlink:href="{url}"/></ows:HTTP></ows:DCP>
<ows:Parameter name="outputSchema"><ows:Value>http://www.isotc211.org/2005/gmd</ows:Value><ows:Value>http://standards.iso.org/iso/19115/-3/mdb/2.0</ows:Value></ows:Parameter>
</ows:Operation></ows:OperationsMetadata></csw:Capabilities>"""

PAGE = """<?xml version="1.0" encoding="UTF-8"?>
<csw:GetRecordsResponse xmlns:csw="http://www.opengis.net/cat/csw/2.0.2" version="2.0.2"><csw:SearchStatus timestamp="2026-01-01T00:00:00Z"/>
<csw:SearchResults numberOfRecordsMatched="{matched}" numberOfRecordsReturned="{returned}" nextRecord="{next}" elementSet="full">"""

DECLARATION = re.compile(rb"^\xef\xbb\xbf?|^\s*<\?xml[^>]*\?>|<!DOCTYPE[^>\[]*(\[[^\]]*\])?[^>]*>")


def record(path):
    raw = path.read_bytes()
    declared = re.match(rb"\s*<\?xml[^>]*encoding=[\"']([A-Za-z0-9_.-]+)", raw)
    try:
        raw = raw.decode(declared.group(1).decode() if declared else "utf-8").encode()
    except (UnicodeDecodeError, LookupError):
        pass
    for _ in range(2):
        raw = DECLARATION.sub(b"", raw)
    return raw.strip()


# Copies, byte for byte, stand beside the first: on pages of their own, they would be records that stand in for others which were missed.
COPIES = {}
for path in sorted(pathlib.Path(sys.argv[2]).rglob("*.xml")):
    COPIES.setdefault(record(path), []).append(path)
RECORDS = [raw for raw, paths in COPIES.items() for _ in paths]


class Csw(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer(CAPABILITIES.format(url=f"http://{self.headers['Host']}/csw").encode())

    def do_POST(self):
        asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
        number = lambda name, default: int((re.search(name + r'="(\d+)"', asked) or [0, default])[1])
        start, size = number("startPosition", 1), number("maxRecords", 10)
        page = RECORDS[start - 1 : start - 1 + size]
        following = start + len(page) if start + len(page) <= len(RECORDS) else 0
        head = PAGE.format(matched=len(RECORDS), returned=len(page), next=following).encode()
        self.answer(head + b"\n".join(page) + b"</csw:SearchResults></csw:GetRecordsResponse>")

    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


print(len(RECORDS), flush=True)
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Csw).serve_forever()
