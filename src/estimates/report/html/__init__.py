"""One page that holds a whole answer: what was asked, what came out, and why.

What makes a page is loaded when it is asked for: a page that is kept needs none of it.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
