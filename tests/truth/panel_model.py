"""A panel with everything that panels bring, whose calibration is tested."""

from __future__ import annotations

import json
from typing import Any

from estimates import Model
from estimates.model.io import load_json

SHARED = {
    "format": 2,
    "title": "Everything of panels",
    "dimensions": {"country": ["north", "south"], "year": {"time": [2010, 2013, 2015]}},
    "quantities": {
        "wage": {
            "over": ["country", "year"],
            "unit": "USD/person/month",
            "prior": "200 to 800",
            "alike": {"along": "country", "within": "10 to 60 %"},
            "walk": {"along": "year", "at": 2013, "by": "5 to 30 %", "together": {"country": 0.5}},
        },
        "came": {"over": "country", "unit": "person/year", "prior": "1,000 to 9,000"},
        "stay": {"unit": "year", "prior": "2 to 5"},
        "term": {"unit": "year", "value": "3 years"},
        "first": {"over": "country", "unit": "person", "prior": "4,000 to 30,000"},
        "workers": {
            "over": ["country", "year"],
            "unit": "person",
            "stock": {"first": "first", "inflow": "came", "stay": "stay", "leave": "exponential"},
        },
        "guards": {
            "over": "year",
            "unit": "person",
            "stock": {
                "first": "3000 person", "inflow": "sum(came, country) / 4", "stay": "term",
                "leave": "term",
            },
        },
        "taken": {"over": "country", "unit": "share", "prior": "20 to 80 %"},
    },
    "relations": {
        "meant": {"by": "how", "whole": "taken", "half": "taken / 2"},
        "pay": {"unit": "MUSD/year", "is": "workers * wage"},
    },
    "readings": {"how": {"each": "claim", "whole": 2, "half": 1}},
    "kinds": {
        "count": {
            "unit": "person",
            "hearsay": {"factor": "0.5 to 4", "source": "15 to 60 %", "scatter": "15 to 60 %"},
            "expert": {"factor": "0.5 to 2", "scatter": "15 to 60 %"},
            "register": {"factor": 1},
        },
        "pays": {"unit": "USD/person/month", "expert": {"scatter": "10 to 40 %"}},
    },
}  # fmt: skip
ALL, PAY = "sum(workers, country)", "USD/person/month"
SOURCES = ("office", "daily", "weekly", "institute")
#: What each claim is about, what it says, of when, by whom, and how that one can know.
SAID = {
    "office-north": ("workers.north", "9,000 to 13,000 people @ 90%", 2013, "office", "register"),
    "daily-north": ("workers.north", "30,000 people", "2012-05", "daily", "hearsay"),
    "weekly-south": ("workers.south", "around 20,000 people", 2015, "weekly", "hearsay"),
    "daily-south": ("workers.south", "24,000 people", 2010, "daily", "hearsay"),
    "institute-all": (ALL, "20,000 to 30,000 people", 2014, "institute", "expert"),
    "bound-all": (ALL, "up to 60,000 people", 2013, "weekly", "hearsay"),
    "guarding": ("guards", "4,000 to 6,500 people @ 90%", 2015, "office", "register"),
    "wage-north": ("wage.north", "300 USD/person/month", 2010, "daily", "expert"),
    "wage-north-later": ("wage.north", f"around 400 {PAY}", "2014-03", "weekly", "expert"),
    "wage-south": ("wage.south", "350 USD/person/month", 2012, "institute", "expert"),
    "wage-mean": ("mean(wage, country)", f"320 to 450 {PAY}", "2013 to 2015", "office", "expert"),
    "skim-north": ("meant.north", "60 %", None, "office", "expert"),
    "skim-south": ("meant.south", "25 to 35 %", None, "daily", "expert"),
    "skim-count": ("meant.south", "12 of 20", None, "weekly", "expert"),
    "skim-known-south": ("taken.south", "50 to 60 %", None, "office", "expert"),
    "skim-known": ("taken.north", "55 %", None, "weekly", "expert"),
}  # fmt: skip


def everything() -> Model:
    """Wages that walk and are alike, stocks, kinds of sources, and shares read claim by claim."""
    claims: dict[str, dict[str, Any]] = {}
    about: dict[str, list[str]] = {}
    for name, (expression, says, when, source, basis) in SAID.items():
        claims[name] = {"source": source, "says": says, "basis": basis}
        if when:
            claims[name]["when"] = when
        about.setdefault(expression, []).append(name)
    sources = {name: {"title": name, "published": 2016} for name in SOURCES}
    document = SHARED | {
        "claims": about,
        "evidence": {"sources": sources, "claims": claims},
        "targets": ["sum(pay, country)", "guards", "wage"],
    }
    return load_json(json.dumps(document), "panel")
