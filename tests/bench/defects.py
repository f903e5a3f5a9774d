"""Broken builds: each one promise less, to see that the checks can fail.

A build is broken by a `sitecustomize.py` on PYTHONPATH, so that every process started from then on has the defect, the hooks
of a memory and the merge driver included; no file of the program is touched.

The one rule: a defect is one that somebody could really write.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

DEFECTS = {
    "nothing is synced": "import os\nos.fsync = lambda descriptor: None\n",
    "git syncs what it likes": "import kairos_git.memory.seed as seed\nseed.CONFIG.pop('core.fsync')\n",
    "nothing is locked": "import fcntl\nfcntl.flock = lambda descriptor, operation: None\n",
    "the spool is emptied before the commit": """
import kairos_git.capture.spool as spool
write_down = spool._write_down
def hasty(desk, *rest):
    for path in spool.segments(desk.memory):
        open(path, "w").close()
    return write_down(desk, *rest)
spool._write_down = hasty
""",
    "stale locks stay": "import kairos_git.memory.heal as heal\nheal.remove_stale_locks = lambda memory: []\n",
    "a landing that was cut off is not finished": "import kairos_git.memory.heal as heal\nheal.finish_landing = lambda memory: []\n",
    "topics are merged by union": """
import kairos_git.memory.seed as seed
seed.driver = lambda: "git merge-file -q --union %A %O %B"
""",
    "rulings are ignored": """
import kairos_git.dream.fold as fold, kairos_git.dream.laws as laws
fold.verdicts = laws.verdicts = lambda claims, rulings: {}
""",
    "what was undone is not looked for": """
import kairos_git.runner.review.implied as implied
implied.differences = lambda expected, actual: []
""",
}  # fmt: skip


def environment(defect: str, folder: Path) -> dict[str, str]:
    """What to set so that every process started has the defect."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sitecustomize.py").write_text(DEFECTS[defect])
    here = str(Path(__file__).parents[1])
    return {"PYTHONPATH": os.pathsep.join(filter(None, (str(folder), here, os.environ.get("PYTHONPATH", ""))))}


def caught(defect: str, folder: Path, call: str, *arguments: Any) -> str:
    """Call `module.function` of this folder in a process with the defect: why the check failed, "" where it did not.

    The function answers a list of promises not kept; an error counts as caught too.
    """
    module, _, function = call.partition(".")
    code = (
        f"import json, sys, pathlib\nfrom bench import {module}\nprint(json.dumps({module}.{function}(*json.loads(sys.argv[1]))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, json.dumps(arguments)], env={**os.environ, **environment(defect, folder / "defect")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        return done.stderr.strip().splitlines()[-1][:200]
    found = json.loads(done.stdout.splitlines()[-1])
    return str(found[0])[:200] if found else ""
