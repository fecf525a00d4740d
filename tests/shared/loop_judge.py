#!/usr/bin/env python3
"""What pycsw has of a catalogue that it harvests, and whether two that harvest each other come to rest.

    loop_judge.py harvest PYCSW CSW          tells pycsw to harvest a CSW (CSW-T: Harvest), whole
    loop_judge.py harvest-each PYCSW CATALOGUE CSW    each record of ISO 19139 by its address, which pycsw then serves as the CSW does
    loop_judge.py same PYCSW CSW             what pycsw serves is what the CSW serves: identifiers, titles, documents of ISO 19139
    loop_judge.py rest A B FOLDER            the canonical dumps A-N.nt and B-N.nt of their rounds: each entity once, and the last two alike"""
import pathlib
import re
import sys

import requests
from lxml import etree

CSW, GMD = "http://www.opengis.net/cat/csw/2.0.2", "http://www.isotc211.org/2005/gmd"
NS = {"csw": CSW, "gmd": GMD, "gco": "http://www.isotc211.org/2005/gco", "dc": "http://purl.org/dc/elements/1.1/", "ows": "http://www.opengis.net/ows", "srv": "http://www.isotc211.org/2005/srv"}
HARVEST = """<?xml version="1.0"?><csw:Harvest xmlns:csw="{csw}" service="CSW" version="2.0.2">
<csw:Source>{source}</csw:Source><csw:ResourceType>{kind}</csw:ResourceType><csw:ResourceFormat>application/xml</csw:ResourceFormat></csw:Harvest>"""
RECORDS = """<?xml version="1.0"?><csw:GetRecords xmlns:csw="{csw}" xmlns:gmd="{gmd}" service="CSW" version="2.0.2" resultType="results" startPosition="{start}" maxRecords="50"
 outputSchema="{schema}"><csw:Query typeNames="{types}"><csw:ElementSetName>full</csw:ElementSetName></csw:Query></csw:GetRecords>"""


def post(url, body):
    answer = requests.post(url, data=body.encode(), headers={"Content-Type": "application/xml"}, timeout=300)
    root = etree.fromstring(answer.content)
    assert root.find(".//ows:Exception", NS) is None and not root.tag.endswith("ExceptionReport"), answer.text[:2000]
    return root


def records(url, schema):
    found, start = {}, 1
    while start:
        results = post(url, RECORDS.format(csw=CSW, gmd=GMD, schema=schema, start=start, types="gmd:MD_Metadata" if schema == GMD else "csw:Record")).find("csw:SearchResults", NS)
        for record in results:
            name = "gmd:fileIdentifier/gco:CharacterString" if schema == GMD else "dc:identifier"
            identifier = record.find(name, NS).text.strip()
            assert identifier not in found, f"{identifier} stands twice at {url}"
            found[identifier] = record
        start = int(results.get("nextRecord"))
    return found


def harvest(pycsw, csw):
    answer = post(pycsw, HARVEST.format(csw=CSW, source=csw, kind=CSW))
    counts = {name: int(answer.findtext(f".//csw:total{name}", "0", NS)) for name in ("Inserted", "Updated", "Deleted")}
    print("pycsw harvested", csw, counts)


def harvest_each(pycsw, catalogue, csw):
    """GetRecordById is of no use to it: it wants a record alone, as the owner's own is at its address."""
    listed = requests.get(f"{catalogue}catalog.nt", timeout=60).text
    found = 0
    for address in sorted(set(re.findall(rf"<({re.escape(catalogue)}(?:dataset|series|dataservice)/[0-9a-f-]+)> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type>", listed))):
        original = requests.get(f"{address}/original", timeout=60)
        if original.ok and b"MD_Metadata" in original.content[:2000]:
            post(pycsw, HARVEST.format(csw=CSW, source=f"{address}/original", kind=GMD))
            found += 1
    assert found, "no record is as its owner wrote it"
    ours, theirs = records(csw, GMD), records(pycsw, GMD)
    assert len(theirs) == found and set(theirs) <= set(ours)
    for identifier in theirs:
        assert canonical(ours[identifier]) == canonical(theirs[identifier]), identifier
    print("pycsw harvested each of", found, "by its address")


def title(record):
    path = "gmd:identificationInfo/*/gmd:citation/gmd:CI_Citation/gmd:title"
    found = record.find(path, NS)
    return " ".join("".join(found.itertext()).split()) if found is not None else None


def canonical(record):
    """The document alone: the namespaces of the answer around it, and blanks between elements, are no part of it."""
    alone = etree.fromstring(etree.tostring(record, with_tail=False))
    etree.cleanup_namespaces(alone)
    return etree.canonicalize(etree.tostring(alone, encoding="unicode"), strip_text=True)


def same(pycsw, csw):
    ours, theirs = records(csw, GMD), records(pycsw, GMD)
    # pycsw describes the service that it harvested by a record of its own.
    own = [identifier for identifier, record in theirs.items() if identifier not in ours and record.find(".//srv:SV_ServiceIdentification", NS) is not None]
    assert len(own) <= 1, own
    lacking, besides = sorted(set(ours) - set(theirs)), sorted(set(theirs) - set(ours) - set(own))
    assert not lacking and not besides, f"pycsw lacks {lacking} and has besides {besides}"
    for identifier, record in ours.items():
        assert title(record) == title(theirs[identifier]), identifier
        document, copy = canonical(record), canonical(theirs[identifier])
        at = next((n for n, (a, b) in enumerate(zip(document, copy)) if a != b), 0)
        assert document == copy, f"{identifier} is another document at pycsw: {document[max(0, at - 200):at + 200]} and {copy[max(0, at - 200):at + 200]}"
    ours, theirs = records(csw, CSW), records(pycsw, CSW)
    assert set(ours) == set(theirs) - set(own)
    for identifier, record in ours.items():
        titles = [" ".join(document.findtext("dc:title", "", NS).split()) for document in (record, theirs[identifier])]
        assert titles[0] == titles[1], titles
    print(f"pycsw serves {len(ours)} records as {csw} does, {len(own)} of its own")


def dump(folder, name, base, number):
    """The lines, but when pycsw wrote its record of the service that it harvested: it is new each time."""
    text = (pathlib.Path(folder) / f"{name}-{number}.nt").read_text()
    return [line for line in text.splitlines() if not re.match(rf"<{re.escape(base)}dataservice/[^>]*#record[^>]*> <http://purl.org/dc/terms/modified> ", line)]


def entities(lines, base):
    """The titles of datasets, series and services that the catalogue lists, by IRI."""
    listed = {match[1] for line in lines if (match := re.match(rf"<{re.escape(base)}catalogue> <[^>]*> <({re.escape(base)}(?:dataset|series|dataservice)/[^>#]*)>", line))}
    titles = {}
    for line in lines:
        match = re.match(r"<([^>]*)> <http://purl.org/dc/terms/title> (.*) \.$", line)
        if match and match[1] in listed and "#" not in match[1]:
            titles.setdefault(match[1], match[2])
    return titles


def rest(a, b, folder):
    rounds = sorted(int(path.stem.split("-")[1]) for path in pathlib.Path(folder).glob("a-*.nt"))
    first, before, last = ({name: dump(folder, name, base, number) for name, base in (("a", a), ("b", b))} for number in (rounds[0], rounds[-2], rounds[-1]))
    for name, base in (("a", a), ("b", b)):
        assert before[name] == last[name], [line for line in last[name] if line not in set(before[name])][:20]
        here = entities(last[name], base)
        assert len(set(here.values())) == len(here), f"one stands twice in {name}: {sorted(here.values())}"
        # What it had to begin with, it has still, under the same IRIs.
        assert entities(first[name], base).items() <= here.items()
        print(name, "has", len(here), "datasets, series and services after round", rounds[-1])
    # Besides what A and B had, there is one: the service that A is, as pycsw tells of it. B leaves out its address, as any on loopback,
    # and so A cannot know itself by it; at a public address it would.
    begun = set(entities(first["a"], a).values()) | set(entities(first["b"], b).values())
    own, theirs = set(entities(last["a"], a).values()), set(entities(last["b"], b).values())
    assert begun <= own and begun <= theirs, (begun - own, begun - theirs)
    assert len((own | theirs) - begun) <= 1, (own | theirs) - begun
    print("both have what both began with, and", sorted((own | theirs) - begun))


COMMANDS = {"rest": rest, "harvest": harvest, "harvest-each": harvest_each, "same": same}
COMMANDS[sys.argv[1]](*sys.argv[2:])
