#!/usr/bin/env python3
"""oai_harvester.py choose CORPUS RECORDS | whole URL STATE FOLDER | resume URL STATE | change RECORDS | same A.nt B.nt: a repository of OAI-PMH as sickle reads it.

`whole` walks through everything and leaves in STATE where a list stands after its first page; `resume` goes on there, when `change` has changed records and the
server was started again. `same` compares what two ways of harvesting gave, without the IRIs that were minted for it."""
import collections
import json
import pathlib
import re
import sys
import time

MODE = sys.argv[1]
OAI = "{http://www.openarchives.org/OAI/2.0/}"
ROOTS = {"oai_dc": "{http://www.openarchives.org/OAI/2.0/oai_dc/}dc", "dcat_ap": "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF", "iso19139": None}
DATESTAMP = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")


def well_made(element):
    """What the schema asks of a record, where no schema is at hand."""
    header, *rest = element
    assert header.tag == OAI + "header", header.tag
    names = [child.tag for child in header]
    assert names[:2] == [OAI + "identifier", OAI + "datestamp"] and set(names[2:]) <= {OAI + "setSpec"}, names
    assert DATESTAMP.match(header[1].text) and len(names) == len(set((c.tag, c.text) for c in header))
    if header.get("status") == "deleted":
        assert not rest
    else:
        assert [child.tag for child in rest] == [OAI + "metadata"] and len(rest[0]) == 1
    return header


def once(name, identifiers):
    counts = collections.Counter(identifiers)
    assert counts and max(counts.values()) == 1, f"{name}: {counts.most_common(3)}"
    print(f"{name}: {len(counts)} records, each once")
    return set(counts)


def whole(url, state, folder):
    import requests
    import sickle
    from lxml import etree
    from sickle.iterator import OAIResponseIterator

    client = sickle.Sickle(url, max_retries=2)
    identify = client.Identify()
    assert identify.protocolVersion == "2.0" and identify.granularity == "YYYY-MM-DDThh:mm:ssZ" and identify.deletedRecord == "persistent"
    assert "@" in identify.adminEmail and DATESTAMP.match(identify.earliestDatestamp)
    assert {f.metadataPrefix for f in client.ListMetadataFormats()} == set(ROOTS)
    known = once("identifiers", [header.identifier for header in client.ListIdentifiers(metadataPrefix="oai_dc")])
    assert len(known) > 100, "one page shows nothing"
    folder.mkdir(exist_ok=True)
    memberships = {}
    for prefix, root in ROOTS.items():
        started, seen = time.monotonic(), []
        # An answer a page, as it came.
        pages = sickle.Sickle(url, iterator=OAIResponseIterator).ListRecords(metadataPrefix=prefix)
        for number, page in enumerate(pages):
            (folder / f"{prefix}-{number}.xml").write_text(page.raw)
            for record in etree.fromstring(page.raw.encode()).iter(OAI + "record"):
                header = well_made(record)
                seen.append(header[0].text)
                memberships[header[0].text] = {child.text for child in header[2:]}
                assert root is None or record[1][0].tag == root, record[1][0].tag
                if root is None:
                    assert etree.QName(record[1][0]).localname in ("MD_Metadata", "MI_Metadata")
        assert once(prefix, seen) == known
        print(f"  {len(seen) / (time.monotonic() - started):.0f} records a second")
    sets = {s.setSpec: s.setName for s in client.ListSets()}
    used = set().union(*memberships.values())
    assert used <= set(sets), used - set(sets)
    for spec in sorted(used):
        found = {header.identifier for header in client.ListIdentifiers(metadataPrefix="oai_dc", set=spec)}
        expected = {identifier for identifier, specs in memberships.items() if any(s == spec or s.startswith(spec + ":") for s in specs)}
        assert found == expected, f"{spec}: {len(found)} and not {len(expected)}"
    print(f"{len(sets)} sets, {len(used)} with records")
    some = sorted(known)[0]
    assert client.GetRecord(identifier=some, metadataPrefix="dcat_ap").header.identifier == some
    for error, request in {
        sickle.oaiexceptions.BadArgument: {"metadataPrefix": "oai_dc", "from": "hier"},
        sickle.oaiexceptions.CannotDisseminateFormat: {"metadataPrefix": "marc21"},
        sickle.oaiexceptions.NoRecordsMatch: {"metadataPrefix": "oai_dc", "from": "2990-01-01"},
        sickle.oaiexceptions.BadResumptionToken: {"resumptionToken": "x"},
    }.items():
        try:
            client.ListRecords(**request)
        except error:
            continue
        raise AssertionError(f"{request} is no {error.__name__}")
    first = requests.get(url, params={"verb": "ListRecords", "metadataPrefix": "oai_dc"}, timeout=60)
    page = etree.fromstring(first.content)
    state.write_text(json.dumps({
        "known": sorted(known),
        "first": [header[0].text for header in page.iter(OAI + "header")],
        "token": page.find(f".//{OAI}resumptionToken").text,
        "since": page.find(OAI + "responseDate").text,
    }))
    time.sleep(1)


def resume(url, state):
    import sickle

    client, before = sickle.Sickle(url, max_retries=2), json.loads(state.read_text())
    rest = [(header.identifier, header.deleted) for header in client.ListIdentifiers(resumptionToken=before["token"])]
    # Both lists are of one form of token: it holds for either verb.
    changed = {header.identifier: header.deleted for header in client.ListIdentifiers(**{"metadataPrefix": "oai_dc", "from": before["since"]})}
    new, gone = set(changed) - set(before["known"]), {i for i, deleted in changed.items() if deleted}
    print(f"{len(changed)} changed since {before['since']}: {len(new)} new, {len(gone)} deleted")
    assert new and len(gone) >= 3 and len(changed) >= 8, changed
    counts = collections.Counter(before["first"] + [identifier for identifier, _ in rest])
    assert set(counts) == set(before["known"]) | new, "a record was missed"
    for identifier, number in counts.items():
        assert number == 1 or identifier in changed and identifier in before["first"], (identifier, number)
    assert {i for i, deleted in rest if deleted} == gone
    print(f"{len(counts)} records after the restart, {sum(counts.values()) - len(counts)} again, none missed")


IDENTIFIER = re.compile(rb"(<gmd:fileIdentifier\b[^>]*>\s*<gco:CharacterString[^>]*>)([^<]*)")


def choose(corpus, records):
    """The records of a folder that have an identifier of their own: of some, it has copies, and what stands for what is then in doubt."""
    known = set()
    for path in sorted(corpus.rglob("*.xml")):
        found = IDENTIFIER.search(path.read_bytes())
        if found and found.group(2).strip() and found.group(2).strip() not in known:
            known.add(found.group(2).strip())
            (records / f"{len(known)}.xml").write_bytes(path.read_bytes())


def change(records):
    files = sorted(records.glob("*.xml"), key=lambda path: int(path.stem))
    abstract = re.compile(rb"(<(?:gmd:)?abstract\b[^>]*>\s*<gco:CharacterString[^>]*>)")
    chosen = [path for path in files if abstract.search(path.read_bytes())]
    for path in chosen[:10:2] + chosen[-5:]:
        path.write_bytes(abstract.sub(rb"\1Corrected. ", path.read_bytes(), count=1))
    for number, path in enumerate(chosen[20:23]):
        copy = IDENTIFIER.sub(rb"\1nouvelle-\2", path.read_bytes(), count=1)
        (records / f"{9000 + number}.xml").write_bytes(copy.replace(b"</gmd:title>", b"<!-- --></gmd:title>"))
    for path in chosen[30:34] + chosen[-12:-8]:
        path.unlink()


def same(one, other, *options):
    """`agents`: the first is told of agents that nobody names, too, as by an event stream; these are not compared."""
    def read(path, but_agents):
        # A feed says who publishes the catalogue.
        own = {line.split(" ")[0] for line in path.open() if "/catalogue#publisher" in line}
        if but_agents:
            pairs = [(line.split(" ", 1)[0], line.rstrip(" .\n").rsplit(" ", 1)[-1]) for line in path.open()]
            named = {to for of, to in pairs if of != to}
            own |= {of for of, _ in pairs if "/organisation/" in of and of not in named}
        # Of what was minted, what it is of, and not which.
        lines = (re.sub(r"<https://autre\.example\.org/([a-z]+)[^>]*>", r"<\1>", line) for line in path.open() if line.split(" ")[0] not in own)
        return collections.Counter(lines)
    a, b = read(one, "agents" in options), read(other, False)
    for name, missing in ((f"only {one.stem}", a - b), (f"only {other.stem}", b - a)):
        print(f"{name}: {sum(missing.values())} of {sum(a.values())} statements")
        kinds = collections.Counter(line.split(" ", 2)[1] for line in missing.elements())
        for predicate, number in kinds.most_common(8):
            print(f"  {number} {predicate} e.g. {next(line for line in missing if predicate in line).strip()[:200]}")
    assert a == b
    print(f"{sum(a.values())} statements, the same both ways")


{"choose": lambda: choose(pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])), "whole": lambda: whole(sys.argv[2], pathlib.Path(sys.argv[3]), pathlib.Path(sys.argv[4])), "resume": lambda: resume(sys.argv[2], pathlib.Path(sys.argv[3])),
 "change": lambda: change(pathlib.Path(sys.argv[2])), "same": lambda: same(pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]), *sys.argv[4:])}[MODE]()
