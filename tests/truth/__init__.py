"""Holds the engine to truth from elsewhere: closed forms, quadrature, brute force.

Every model goes in as text and comes out as draws and documents, through the public surface
alone.  The truth beside it is worked out here from docs/method.md with NumPy and SciPy, and
never by way of the package.
"""
