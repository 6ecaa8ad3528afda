"""What quoted figures together imply: from the wording of claims to posteriors.

    import estimates as est

    model = est.load("scmp-2017-headline")  # checked; nothing is sampled
    fit = est.fit(model, seed=1)            # an xarray DataTree in the ArviZ schema
    est.compare(fit)                        # the answer beside the cited figure

Names are imported when they are first used, so that reading a model never loads the sampler.
"""

import lazy_loader

__version__ = "0.2.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
