"""Set up the project's own environment and run a command in it; needs only Python 3.11 or later.

python3 run.py demo          install what the program needs, then `depgraph demo`
python3 run.py test          install what the tests need, then run every check
python3 run.py COMMAND ...   any other `depgraph` command
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
BIN = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
PYTEST = ["-m", "pytest", "-q", "-ra", "-p", "no:cacheprovider"]

CHECKS = (
    ("format", ["-m", "ruff", "format", "--check", "."]),
    ("lint", ["-m", "ruff", "check", "."]),
    ("types", ["-m", "mypy"]),
    ("imports", ["-c", "from importlinter.cli import lint_imports_command as c; c()"]),
    ("tests", [*PYTEST, "-n", "2", "--dist", "loadfile", "-m", "not (long or store or browser)"]),
    ("graph store", [*PYTEST, "-m", "store and not long"]),
    ("browser", [*PYTEST, "-m", "browser and not long"]),
)


def main(arguments: list[str]) -> int:
    """Install if the lock changed, then run what was asked."""
    if sys.version_info < (3, 11):  # noqa: UP036 - the one file that older Pythons get to see
        print(f"depgraph needs Python 3.11 or later; this is {sys.version.split()[0]}")
        return 2
    command = arguments or ["--help"]
    testing = command[0] == "test"
    if not install("test" if testing else "run"):
        return 2
    if testing:
        return run_checks(command[1:])
    return subprocess.call([PYTHON, "-m", "ui.cli", *command])


def install(lock: str) -> bool:
    """Bring `.venv` to the locked versions; quick when nothing changed."""
    requirements = ROOT / "requirements" / f"{lock}.txt"
    wanted = hashlib.sha256(
        requirements.read_bytes() + (ROOT / "pyproject.toml").read_bytes()
    ).hexdigest()
    stamp = ENVIRONMENT / f"{lock}.installed"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted and PYTHON.exists():
        return True
    print(f"Installing the locked packages of {requirements.name} into {ENVIRONMENT.name} ...")
    sys.stdout.flush()
    try:
        if not PYTHON.exists():
            venv.create(ENVIRONMENT, with_pip=True)
        pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--require-hashes", "-r", str(requirements)], check=True)
        subprocess.run([*pip, "--no-deps", "--no-build-isolation", "-e", str(ROOT)], check=True)
    except (subprocess.CalledProcessError, OSError) as error:
        print(f"The installation failed: {error}")
        print("Check the network and, on Debian, that python3-venv is installed; run again.")
        return False
    stamp.write_text(wanted, encoding="utf-8")
    return True


def run_checks(only: list[str]) -> int:
    """Run the checks, or those named, and print how each ended."""
    unknown = set(only) - {name for name, _ in CHECKS}
    if unknown:
        print(f"no check is called {', '.join(sorted(unknown))}; there are:")
        print("  " + ", ".join(name for name, _ in CHECKS))
        return 2
    results: list[tuple[str, bool, float]] = []
    for name, arguments in CHECKS:
        if only and name not in only:
            continue
        print(f"\n== {name}", flush=True)
        started = time.monotonic()
        passed = subprocess.call([PYTHON, *arguments], cwd=ROOT) == 0
        results.append((name, passed, time.monotonic() - started))
    print("\n== summary")
    for name, passed, seconds in results:
        print(f"{'passed' if passed else 'FAILED'}  {seconds:6.0f} s  {name}")
    return 0 if all(passed for _, passed, _ in results) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
