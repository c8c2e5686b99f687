"""The generic reader on sites whose family it does not know: its figures may not fall."""

import json
from pathlib import Path

import pytest

import benchmarks.families
from benchmarks.families.measuring import Figures, measure
from crawlers.families import FAMILIES, GENERIC
from demo.publishing import generate

FLOORS = json.loads(Path(benchmarks.families.__file__).with_name("floors.json").read_text("utf-8"))
del FLOORS["_about"]


@pytest.fixture(scope="module")
def subsites():
    return generate(publications=250).subsites


@pytest.mark.parametrize("family", FLOORS)
def test_the_generic_reader_does_as_well_as_it_did(family, subsites):
    measured = (measure(subsite, FAMILIES[GENERIC]) for subsite in subsites if subsite.family == family)
    reached = sum(measured, Figures()).shares()
    assert reached["planted"] > 0
    assert {name: reached[name] for name, floor in FLOORS[family].items() if reached[name] < floor} == {}


def test_every_family_of_the_city_has_its_floors(subsites):
    assert {subsite.family for subsite in subsites} == FLOORS.keys()
