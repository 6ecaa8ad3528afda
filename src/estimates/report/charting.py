"""The charting library of pages, as a browser takes it."""

from __future__ import annotations

import functools


@functools.cache
def bundle() -> str:
    """Return Vega, Vega-Lite and Vega-Embed as one script."""
    import vl_convert

    script: str = vl_convert.javascript_bundle()  # type: ignore[call-arg]
    return script
