#!/usr/bin/env python3
"""What targets of pushes have, read with OWSLib and rdflib.

    push_judge.py portal FILE N            writes a catalogue of N datasets
    push_judge.py change FILE              changes one dataset, takes one away, adds one
    push_judge.py graph STORE EXPORT       the named graphs of the store together are the export, one an entity
    push_judge.py csw URL EXPORT           the records are the datasets of the export, each once, with their titles
    push_judge.py broken PORT              answers with the status that the path names, HTML, or 429 to one request in forty
    push_judge.py until ARCHIVE TARGET N   waits until a push has noted N entities"""
import pathlib
import re
import sqlite3
import sys
import time

import requests

HEAD = """@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .
<https://ville.example/catalogue> a dcat:Catalog .
<https://ville.example/organisation> a foaf:Agent ; foaf:name "Ville de Bellecombe" .
"""
DATASET = """<https://ville.example/jeu/{n}> a dcat:Dataset ; dct:identifier "jeu-{n}" ; dct:title "Jeu de données numéro {n} {word}"@fr ;
 dct:description "Ce que la ville de Bellecombe sait du sujet {n}."@fr ; dct:publisher <https://ville.example/organisation> .
<https://ville.example/catalogue> dcat:dataset <https://ville.example/jeu/{n}> .
"""
WORDS = ["fontaines", "haies", "écoles", "marchés", "sentiers", "stationnement", "arbres", "budget", "élections", "bruit"]


def dataset(n):
    return DATASET.format(n=n, word=WORDS[n % 10] + " du quartier " + chr(65 + n % 26) * (1 + n // 26))


def portal(file, count):
    pathlib.Path(file).write_text(HEAD + "".join(dataset(n) for n in range(int(count))))


def change(file):
    path = pathlib.Path(file)
    text = path.read_text()
    assert dataset(7) in text and dataset(8) in text
    text = text.replace(dataset(7), "").replace(dataset(8), dataset(8).replace("Ce que la ville", "Tout ce que la ville"))
    path.write_text(text + dataset(1000))


def graph(store, export):
    answer = requests.get(f"{store}/query", params={"query": "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }"}, headers={"Accept": "application/n-triples"}, timeout=60)
    import rdflib
    theirs = rdflib.Graph().parse(data=answer.text, format="nt")
    ours = rdflib.Graph().parse(export, format="nt")
    assert len(ours) and set(theirs) == set(ours), (list(set(ours) - set(theirs))[:5], list(set(theirs) - set(ours))[:5])
    names = requests.get(f"{store}/query", params={"query": "SELECT (COUNT(DISTINCT ?g) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }"}, headers={"Accept": "text/csv"}, timeout=60).text
    print(store, len(theirs), "triples as ours, named graphs:", names.split()[1])


def csw(url, export):
    from owslib.csw import CatalogueServiceWeb
    catalogue = CatalogueServiceWeb(url, timeout=60)
    found, start = [], 1
    while True:
        catalogue.getrecords2(outputschema="http://www.isotc211.org/2005/gmd", typenames="gmd:MD_Metadata", esn="full", startposition=start, maxrecords=100)
        found += [(record.identifier, (record.identification[0] if isinstance(record.identification, list) else record.identification).title) for record in catalogue.records.values()]
        start = catalogue.results["nextrecord"]
        if not start:
            break
    text = pathlib.Path(export).read_text()
    titles = dict(re.findall(r'^<[^>]*/dataset/([0-9a-f-]{36})> <http://purl.org/dc/terms/title> "([^"]*)"', text, re.M))
    assert len(found) == len(dict(found)), "a record stands twice"
    assert dict(found) == titles, (sorted(set(titles.items()) ^ set(found))[:6], len(titles), len(found))
    print(url, len(found), "records with our titles, by OWSLib")


def broken(port):
    import http.server
    asked = [0]

    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self):
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked[0] += 1
            path = self.path.split("?")[0].strip("/")
            status = {"html": 200, "429": 429 if asked[0] % 40 == 0 else 204}.get(path) or int(path)
            self.send_response(status)
            body = b"" if status == 204 else b"<!DOCTYPE html><html><body>Connexion</body></html>"
            self.send_header("Content-Type", "text/html")
            if status == 302:
                self.send_header("Location", "/html")
            if status == 429:
                self.send_header("Retry-After", "0")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PUT = do_POST = do_DELETE = answer

        def log_message(self, *_):
            pass

    http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()


def until(archive, target, count):
    for _ in range(3000):
        with sqlite3.connect(f"file:{archive}?mode=ro", uri=True) as db:
            (noted,) = db.execute("SELECT COUNT(*) FROM pushed WHERE target = ?", (target,)).fetchone()
        if noted >= int(count):
            print(target, noted, "noted when killed")
            return
        time.sleep(0.01)
    sys.exit("the push does not come on")


if __name__ == "__main__":
    {"portal": portal, "change": change, "graph": graph, "csw": csw, "broken": broken, "until": until}[sys.argv[1]](*sys.argv[2:])
