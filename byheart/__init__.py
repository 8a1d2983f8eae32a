"""byheart measures what a neural network learns by heart.

This module has the names for use from Python: `__init__.pyi` is their table of contents. A name is imported when it is
first used, so `import byheart` takes little time. The command line and the stored experiments are in `byheart.cli`,
`byheart.runs` and `byheart.experiments`.
"""

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
