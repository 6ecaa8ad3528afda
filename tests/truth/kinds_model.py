"""A model with everything that kinds and readings per claim bring, whose calibration is tested."""

from __future__ import annotations

from estimates import Claim, Model, Quantity

KINDS = {
    "count": {
        "unit": "person",
        "hearsay": {"factor": "0.5 to 4", "source": "10 to 60 %", "scatter": "10 to 60 %"},
        "expert": {"factor": "0.5 to 2", "scatter": "up to 60 %"},
        "register": {"factor": 1},
    }
}


def everything() -> Model:
    """Three counts by three kinds of sources, and shares that each claim means in its own way."""
    n, m = (Quantity("2,000 to 50,000", unit="person") for _ in range(2))
    taken = Quantity("20 to 80 %", unit="share")
    claims = {
        "office-n": Claim("11,200 people", about=n, source="office", basis="register"),
        "daily-n": Claim("30,000 people", about=n, source="daily", basis="hearsay"),
        "weekly-n": Claim("around 20,000 people", about=n, source="weekly", basis="hearsay"),
        "expert-n": Claim("9,000 to 13,000 people", about=n, source="institute"),
        "daily-m": Claim("24,000 people", about=m, source="daily", basis="hearsay"),
        "expert-m": Claim("12,000 people", about=m, source="institute"),
        "bound-m": Claim("up to 40,000 people", about=m, source="weekly", basis="hearsay"),
        "skim-1": Claim("60 %", about="meant", source="office"),
        "skim-2": Claim("25 to 35 %", about="meant", source="daily"),
        "skim-3": Claim("12 of 20", about="meant", source="weekly"),
        "skim-4": Claim("55 %", about=taken, source="weekly"),
    }
    return Model(
        quantities={"n": n, "m": m, "taken": taken},
        relations={"meant": {"by": "how", "whole": "taken", "half": "taken / 2"}},
        readings={"how": {"each": "claim", "whole": 2, "half": 1}},
        kinds=KINDS,
        claims=claims,
        targets=["n", "m", "taken"],
    )
