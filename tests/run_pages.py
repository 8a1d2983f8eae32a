"""Runs scripts one after another in one process, each in the folder it stands in, and prints what each raised, as JSON.

Starting JAX takes longer than most of the scripts do.
"""

import json
import os
import runpy
import sys
import traceback
from contextlib import redirect_stdout
from pathlib import Path


def problem_of(script: Path) -> str:
    """What a script raised, or its exit status if that is not 0; empty where all is well."""
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
