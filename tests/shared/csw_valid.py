#!/usr/bin/env python3
"""csw_valid.py OGC-XSD FILE...: whether files are valid by the schemas of CSW 2.0.2 and OWS 1.0 (exceptions). Records of other
schemas are taken out of the answers first: those of CSW know only their own, and others have judges of their own."""
import os, sys
from lxml import etree

OWS = "{http://www.opengis.net/ows}ExceptionReport"
CSW = "{http://www.opengis.net/cat/csw/2.0.2}"


def without_foreign(root):
    for holder in [root, *root.iter(f"{CSW}SearchResults")]:
        if holder.tag in (f"{CSW}SearchResults", f"{CSW}GetRecordByIdResponse"):
            for record in list(holder):
                if not record.tag.startswith(CSW):
                    holder.remove(record)


def main():
    folder = sys.argv[1]
    parser = etree.XMLParser(no_network=True)
    csw = etree.XMLSchema(etree.parse(os.path.join(folder, "csw/2.0.2/csw-2.0.2.xsd"), parser))
    ows = etree.XMLSchema(etree.parse(os.path.join(folder, "ows/1.0.0/ows-1.0.0.xsd"), parser))
    wrong = 0
    for path in sys.argv[2:]:
        document = etree.parse(path)
        without_foreign(document.getroot())
        judge = ows if document.getroot().tag == OWS else csw
        if not judge.validate(document):
            wrong += 1
            for error in list(judge.error_log)[:3]:
                print(f"{path}:{error.line}: {error.message[:400]}")
    print(f"{len(sys.argv) - 2} documents, {wrong} not valid")
    sys.exit(1 if wrong else 0)


main()
