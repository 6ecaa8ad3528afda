"""What newcomers get wrong: each a sentence with its place, all of them at once, no traceback.

In the table below ⟦ marks the character at which the fault must point.
"""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from estimates.errors import InputError
from estimates.files import load, load_json, load_ledger, load_text

EVIDENCE = """\
sources:
  paper:
    title: Gaps in records
    published: 2017-08
claims:
  headcount:
    source: paper
    says: around 20,000 people
  wages:
    source: paper
    says: "around 120 to 150 USD/person/month"
  skimmed: {source: paper, says: 70 to 80 %, basis: expert}
  chinese: {source: paper, says: a few thousand CNY/person/month}
  growing: {source: paper, says: rising}
  growth-measured: {source: paper, says: 3 ± 2 %}
  counted: {source: paper, says: 12 of 882}
  doubt: {source: paper, says: lower than claimed, disputes: headcount}
  rest-days: {source: paper, because: one or two is no figure of ours}
  cited: {source: paper, says: 100 to 200 MUSD/year}
"""

MODEL = """\
format: 1
title: What is taken from workers
evidence: evidence.yaml
currencies: {CNY: 0.1493 USD}
quantities:
  workers: {unit: person, label: workers, prior: "1,400 to 200,000"}
  before: {unit: person, prior: 1,000 to 100,000}
  gross: {unit: USD/person/month, prior: 68 to 1,113}
  skim: {unit: share, prior: 24 to 94 %}
  offset: {support: real, prior: -1 to 1}
relations:
  net: gross * (1 - skim)
  quoted:
    by: wage
    paid: gross
    kept: net
  revenue: {unit: MUSD/year, is: workers * gross * skim}
  growth: workers / before - 1
readings:
  wage:
    question: Is it what is paid, or what is kept?
    update: false
    paid: {weight: 1, because: half}
    kept: {weight: 1, because: half}
claims:
  headcount: workers
  wages: quoted
  skimmed: skim
  growing: growth
compare:
  cited: revenue
targets: [revenue]
conventions: {}
"""

E, M = "evidence.yaml", "model.yaml"

# (file, what stands there, what somebody writes instead, what the fault says)
MISTAKES = [
    # names
    (M, "is: workers * gross", "is: ⟦wrokers * gross", "unknown quantity 'wrokers' in relation 'revenue'; did you mean 'workers'?"),
    (M, "net: gross * (1 - skim)", "net: gross * (1 - ⟦skimm)", "unknown quantity 'skimm' in relation 'net'; did you mean 'skim'?"),
    (M, "headcount: workers", "headcount: ⟦worker", "unknown quantity 'worker' in what claim 'headcount' is about; did you mean 'workers'?"),
    (M, "wages: quoted", "wages: ⟦wage", "'wage' is a reading"),
    (M, "targets: [revenue]", "targets: [⟦revenu]", "unknown quantity 'revenu' in the targets; did you mean 'revenue'?"),
    (M, "prior: -1 to 1}", 'prior: "Normal(mu=0, sigma=⟦skimm)"}', "unknown quantity 'skimm' in the prior of 'offset'"),
    (M, "by: wage", "by: ⟦wages", "unknown reading 'wages'; did you mean 'wage'?"),
    (M, "kept: net", "⟦keep: net", "reading 'wage' has no option 'keep' (in relation 'quoted'); did you mean 'kept'?"),
    (M, "  quoted:\n    by: wage\n    paid: gross\n    kept: net", "  ⟦quoted:\n    by: wage\n    paid: gross", "no branch for 'kept'"),
    (M, "headcount: workers", "⟦headcounts: workers", "unknown claim 'headcounts'; did you mean 'headcount'?"),
    (M, "net: gross * (1 - skim)", "⟦net: quoted * 2", "circular relations: 'net' needs 'quoted' needs 'net'"),
    (M, "net: gross * (1 - skim)", "⟦net: net * 2", "'net' is defined by itself"),
    (M, "net: gross * (1 - skim)", "⟦gross: 3", "both a quantity and a relation"),
    (M, "  offset: {", "  ⟦max: {", "'max' has a meaning of its own"),
    (M, "  offset: {", "  ⟦gross-pay: {", "'gross-pay' cannot name a quantity"),
    (M, "label: workers", "⟦lable: workers", "unknown key 'lable' in quantity 'workers'; did you mean 'label'?"),
    (M, "compare:", "⟦comparison:", "unknown key 'comparison' in the model; did you mean 'compare'?"),
    (M, "update: false", "⟦updates: false", "option 'updates' of reading 'wage'"),
    (M, "conventions: {}", "conventions: {⟦hegde: 0.2}", "unknown key 'hegde' in 'conventions'; did you mean 'hedge'?"),
    (M, "conventions: {}", "conventions: {basis: {⟦experts: 0.2}}", "did you mean 'expert'?"),
    # units
    (M, "unit: MUSD/year, is: workers", "unit: MUSD, is: ⟦workers", "relation 'revenue'"),
    (M, "headcount: workers", "headcount: ⟦gross", "person where"),
    (M, "wages: quoted", "wages: ⟦quoted * workers", "USD per month"),
    (M, "is: workers * gross * skim", "is: workers ⟦+ gross", "neither added nor compared"),
    (M, "gross: {unit: USD/person/month", "gross: {unit: USD/⟦persn/month", "person"),
    (M, "gross: {unit: USD/person/month", "gross: {unit: ⟦EUR/person/month", "no rate for the currency 'EUR'"),
    (M, "0.1493 USD", "⟦0.1493", "one number in another currency"),
    (M, "{CNY: 0.1493 USD}", "{CNY: ⟦minus USD}", "CNY"),
    (M, "{CNY: 0.1493 USD}", "{⟦yuan: 0.1493 USD}", "three capitals"),
    (M, "prior: 68 to 1,113", "prior: 68 to 1,113 ⟦CNY/month", "prior of 'gross'"),
    # priors
    (M, "24 to 94 %", "⟦24 to 120 %", "'skim' is a share"),
    (M, "24 to 94 %", "⟦24 to 100 %", "strictly between 0 and 1"),
    (M, "24 to 94 %", "⟦24 to 94", "write `24 to 94 %`"),
    (M, "68 to 1,113", "⟦1,113 to 68", "68"),
    (M, "68 to 1,113", "⟦0 to 1,113", "add `support: real`"),
    (M, "68 to 1,113", "⟦about 68 to 1,113", "no hedge"),
    (M, "68 to 1,113", "⟦1,113", "a prior is an interval"),
    (M, "68 to 1,113", "68 to ⟦many", "many"),
    (M, "{unit: share, prior: 24 to 94 %}", "{unit: share, prior: ⟦Normal(mu=0.5, sigma=0.1)}", "Normal can leave 0 to 1"),
    (M, "{unit: share, prior: 24 to 94 %}", "{unit: share, prior: ⟦Flat()}", "improper"),
    (M, "prior: -1 to 1", "prior: ⟦Nomral(mu=0, sigma=1)", "unknown distribution 'Nomral'; did you mean 'Normal'?"),
    (M, "prior: -1 to 1", "prior: Normal(mu=0, ⟦sd=1)", "Normal has no argument 'sd'"),
    (M, "prior: -1 to 1", "prior: Normal(mu=0, sigma=⟦-1)", "must be above 0, but it is -1"),
    (M, "prior: -1 to 1", "prior: ⟦Gamma(alpha=2)", "Gamma takes alpha and beta, or mu and sigma"),
    (M, "prior: -1 to 1", "prior: Normal(mu=⟦gross, sigma=1)", "'mu' in the prior of 'offset'"),
    (M, "prior: -1 to 1", "prior: Normal(mu=0, sigma=⟦offset2)", "unknown quantity 'offset2'"),
    (M, "support: real, prior: -1 to 1", "support: ⟦reel, prior: -1 to 1", "did you mean 'real'?"),
    (M, "  offset: {support: real, prior: -1 to 1}", "  ⟦offset: {unit: person}", "has no prior"),
    (M, "  offset: {support: real, prior: -1 to 1}", "  ⟦offset: {prior: 1 to 2, value: 3}", "both a prior and a value"),
    (M, "support: real, prior: -1 to 1", "value: ⟦around 3 hours", "a value is one number"),
    # claims
    (M, "compare:\n", "compare:\n  ⟦headcount: workers\n", "both evidence and compared"),
    (M, "skimmed: skim", "skimmed: skim\n  ⟦wages: gross", "'wages' is given twice, first on line 27"),
    (M, "skimmed: skim", "⟦rest-days: skim", "cannot be used: one or two is no figure of ours"),
    (M, "cited: revenue", "cited: revenue\n  ⟦doubt: workers", "a dispute, which cannot be compared"),
    (M, "  growing: growth\ncompare:\n", "compare:\n  ⟦growing: growth\n", "a direction, which cannot be compared"),
    (M, "growing: growth", "growing: ⟦workers", "write `workers_later / workers_earlier - 1`"),
    (M, "growing: growth", "growing: ⟦workers - before", "write `workers / before - 1`"),
    (M, "growing: growth", "counted: ⟦workers", "counts a share"),
    (M, "growing: growth", "growth-measured: {about: growth, scale: ⟦log}", "leave `scale:` out"),
    (M, "wages: quoted", "wages: {about: quoted, scale: ⟦logarithmic}", "unknown scale 'logarithmic'; did you mean 'log'?"),
    (M, "wages: quoted", "wages: {about: quoted, tails: ⟦student}", "unknown tails 'student'; did you mean 'student-t'?"),
    (M, "wages: quoted", "wages: {about: quoted, ⟦pool: redundant}", "unknown key 'pool'"),
    (M, "wages: quoted", "⟦wages: {scale: log}", "is about nothing"),
    (M, "wages: quoted", "wages: {about: quoted, scale: ⟦logit}", "only a share has a logit scale"),
    (M, "cited: revenue", "cited: {about: revenue, pool: ⟦independant}", "did you mean 'independent'?"),
    (M, "wages: quoted", "wages: ⟦120", "about a number"),
    # relations and readings
    (M, "is: workers * gross * skim", "is: workers * (gross ⟦", "relation 'revenue'"),
    (M, "is: workers * gross * skim", "is: workers ⟦^ 2", "powers are written **"),
    (M, "net: gross * (1 - skim)", "net: {unit: share, is: ⟦before / workers}", "can leave 0 to 1"),
    (M, "net: gross * (1 - skim)", "net: ⟦nothing", "only a branch"),
    (M, "update: false\n    paid", "update: true\n    paid", None),
    (M, "    question: Is it what is paid, or what is kept?\n    update: false", "    update: ⟦maybe", "must be true or false, not 'maybe'"),
    (M, "paid: {weight: 1,", "⟦paid: {weight: 0,", "a weight is a number above 0"),
    (M, "paid: {weight: 1,", "paid: {weight: ⟦half,", "must be a number, not 'half'"),
    (M, "paid: {weight: 1, because: half}", "⟦paid: {because: half}", "has no weight"),
    (M, "kept: net", "kept: ⟦nothing\n  more: quoted * 2", None),
    (M, "targets: [revenue]", "targets: [revenue, ⟦revenue]", "named twice"),
    (M, "format: 1", "format: ⟦2", "only format 1 is known"),
    (M, "format: 1", "format: 1\nseed: ⟦lucky", "must be a whole number, not 'lucky'"),
    (M, "format: 1", "format: 1\nseed: ⟦-3", "write a whole number from 0"),
    (M, "conventions: {}", "conventions: {hedge: ⟦wide}", "must be a number"),
    (M, "conventions: {}", "conventions: {basis: {expert: {coverage: ⟦70}}}", "strictly between 0 and 1"),
    (M, "conventions: {}", "conventions: {tails: ⟦heavy}", "unknown tails 'heavy'"),
    (M, "evidence: evidence.yaml", "evidence: ⟦evidense.yaml", "there is no file"),
    (M, "evidence: evidence.yaml", "evidence: ⟦.", "is a directory, not a file"),
    (M, "evidence: evidence.yaml", "evidence: [evidence.yaml, ⟦./evidence.yaml]", "named twice"),
    # YAML
    (M, "title: What", "title: Readings⟦: what", "put a text that contains ': ' in quotes"),
    (M, "  net: gross", "⟦\tnet: gross", "spaces instead of tabs"),
    (M, 'prior: "1,400 to 200,000"', 'prior: "1,400 to 200,000', "is never closed"),
    (M, "by: wage", "by: ⟦*wage", "aliases such as *wage are not read"),
    (M, "by: wage", "by: ⟦&w wage", "anchors such as &w are not read"),
    (M, "by: wage", "by: ⟦!!python/object:os.system wage", "tags such as"),
    (M, "conventions: {}", "conventions: {}\n⟦---\ntitle: another", "a second document"),
    (M, "growing: growth", "growing: {about: growth, note: rising, ⟦says she}", "put a text that contains one in quotes"),
    (M, "quantities:\n", "⟦quantities: some\nremoved:\n", "must be keys and values"),
    # evidence
    (E, "says: around 20,000 people", "says: around ⟦twenty people", "twenty"),
    (E, '"around 120 to 150', '"around 120 to ⟦lots', "lots"),
    (E, "70 to 80 %", "⟦80 to 70 %", "claim 'skimmed'"),
    (E, "70 to 80 %", "⟦70 to 120 %", "strictly between 0 and 1"),
    (E, "70 to 80 %", "⟦70 to 80", "write `70 %`"),
    (E, "around 20,000 people", "⟦0 people", "must lie above 0"),
    (E, "around 20,000 people", "around 20,000 ⟦poeple", "people"),
    (E, "around 20,000 people", "⟦500 to 1 million people", "write both out"),
    (E, "12 of 882", "12 of ⟦5", "5"),
    (E, "basis: expert", "basis: ⟦exprt", "unknown basis 'exprt'; did you mean 'expert'?"),
    (E, "basis: expert", "sigma: ⟦-0.1", "a width is a number above 0"),
    (E, "basis: expert", "sigma: ⟦wide", "must be a number, not 'wide'"),
    (E, "skimmed: {source: paper", "skimmed: {source: ⟦papre", "unknown source 'papre'; did you mean 'paper'?"),
    (E, "skimmed: {source: paper, ", "⟦skimmed: {", "names no source"),
    (E, "disputes: headcount", "disputes: ⟦headcounts", "disputes unknown claim 'headcounts'; did you mean 'headcount'?"),
    (E, "disputes: headcount", "disputes: ⟦growing", "which gives no figure"),
    (E, "says: lower than claimed, disputes: headcount", "says: ⟦lower than claimed", "name that figure's claim"),
    (E, "says: lower than claimed, disputes", "says: 3, disputes: headcount, because", None),
    (E, "published: 2017-08", "published: ⟦last summer", "write a date"),
    (E, "{source: paper, because: one or two is no figure of ours}", "{source: paper}", None),
    (E, "says: rising", "say: rising", None),
]
