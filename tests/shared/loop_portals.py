#!/usr/bin/env python3
"""loop_portals.py FOLDER: writes two catalogues of DCAT, as Turtle: of a town, and of an urban area that names some datasets of the town as well."""
import pathlib
import sys

FOLDER = pathlib.Path(sys.argv[1])
HEAD = """@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
DATASET = """
<{home}jeux/{id}> a dcat:Dataset ; dct:title "{title}"@fr ; dct:description "{description}"@fr ; dct:identifier "{id}" ;
    dct:issued "2023-04-0{n}"^^xsd:date ; dct:modified "2025-01-1{n}"^^xsd:date ; dcat:keyword "{word}"@fr ; dcat:landingPage <{home}jeux/{id}> ;
    dct:publisher <{home}#editeur> ; dcat:contactPoint [ a vcard:Organization ; vcard:fn "Service des données" ; vcard:hasEmail <mailto:donnees@{host}> ] ;
    dcat:distribution <{home}jeux/{id}#csv> .
<{home}jeux/{id}#csv> a dcat:Distribution ; dct:title "Fichier"@fr ; dcat:accessURL <{home}fichiers/{id}.csv> ; dcat:downloadURL <{home}fichiers/{id}.csv> ;
    dct:license <https://www.etalab.gouv.fr/licence-ouverte-open-licence> ; dcat:mediaType <https://www.iana.org/assignments/media-types/text/csv> .
"""
PUBLISHER = """
<{home}#editeur> a foaf:Organization ; foaf:name "{name}"@fr .
<{home}> a dcat:Catalog ; dct:title "Données de {name}"@fr ; dct:publisher <{home}#editeur> ; dcat:dataset {datasets} .
"""
TOWN = [
    ("7f0c2f6e-8f1a-4a55-9d0e-0c5a1b2d3e01", "Fontaines d'eau potable de Brumeval", "Emplacement des fontaines publiques et qualité de l'eau.", "eau"),
    ("7f0c2f6e-8f1a-4a55-9d0e-0c5a1b2d3e02", "Arbres d'alignement de Brumeval", "Inventaire des arbres le long des voies communales.", "arbre"),
    ("7f0c2f6e-8f1a-4a55-9d0e-0c5a1b2d3e03", "Comptages de cyclistes à Brumeval", "Passages par heure aux compteurs de vélos.", "vélo"),
    ("7f0c2f6e-8f1a-4a55-9d0e-0c5a1b2d3e04", "Subventions versées aux associations de Brumeval", "Montants et bénéficiaires, par année.", "subvention"),
]
AREA = [
    ("horaires-bus", "Horaires théoriques des bus de l'agglomération du Valmer", "Passages à chaque arrêt, au format GTFS.", "transport"),
    ("plui-zonage", "Zonage du plan local d'urbanisme intercommunal du Valmer", "Zones urbaines, à urbaniser, agricoles et naturelles.", "urbanisme"),
    ("dechetteries", "Déchetteries du Valmer", "Adresses, horaires et déchets acceptés.", "déchet"),
]


def catalogue(home, name, datasets):
    host = home.split("/")[2]
    text = HEAD
    for n, (id, title, description, word) in enumerate(datasets, 1):
        text += DATASET.format(home=home, host=host, id=id, title=title, description=description, word=word, n=n)
    return text + PUBLISHER.format(home=home, name=name, datasets=", ".join(f"<{home}jeux/{id}>" for id, *_ in datasets))


FOLDER.mkdir(parents=True)
(FOLDER / "ville.ttl").write_text(catalogue("https://donnees.brumeval.example/", "Ville de Brumeval", TOWN))
(FOLDER / "agglo.ttl").write_text(catalogue("https://donnees.valmer.example/", "Agglomération du Valmer", AREA))
