"""What is only of use in a notebook: a what-if with sliders."""

from estimates.report.widget.explorer import Explorer, explore

__all__ = ["Explorer", "explore"]
