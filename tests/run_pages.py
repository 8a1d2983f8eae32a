"""Run scripts one after another in one process, each in its folder, and print the error of each as JSON.

Starting JAX takes longer than most of the scripts.
"""

import json
import os
import runpy
import sys
import traceback
from contextlib import redirect_stdout
from pathlib import Path


def problem_of(script: Path) -> str:
    """Return the error of a script, or its exit status if that is not 0; "" if it succeeded."""
    sys.argv = [str(script)]
    os.chdir(script.parent)
    try:
        runpy.run_path(str(script), run_name="__main__")
    except SystemExit as end:
        return f"exit status {end.code}" if end.code else ""
    except Exception:
        return traceback.format_exc()
    return ""


if __name__ == "__main__":
    import byheart

    byheart.use_all_cores()
    scripts = [Path(word) for word in sys.argv[1:]]
    with redirect_stdout(sys.stderr):
        problems = {script.stem: problem_of(script) for script in scripts}
    print(json.dumps(problems))
