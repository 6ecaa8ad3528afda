"""The answer under every declared way of analysing the same claims, each one a fit of its own.

A multiverse analysis (Steegen, Tuerlinckx, Gelman & Vanpaemel 2016, Perspectives on Psychological
Science 11:702) of the axes that a model declares under `variants:`; shown as a specification curve
(Simonsohn, Simmons & Nelson 2020, Nature Human Behaviour 4:1208).  Their joint test is not used: it
asks whether all specifications would come out so if there were no effect, and here is no null.
"""
