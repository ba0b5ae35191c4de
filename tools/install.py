"""Make `.venv` and install what requirements.lock names, then `bend` itself, editable.

An old Python must still be able to read this file, so that it can say that it is too old.
"""

import os
import subprocess
import sys
from importlib.util import find_spec

PYTHON = os.path.join(".venv", "bin", "python")
UV = os.path.join(".venv", "bin", "uv")


def obstacle(version=sys.version_info, find=find_spec):
    """What keeps this Python from making an environment, and the cure; None if nothing does."""
    if version < (3, 11):
        return (
            "Bend needs Python 3.11 or newer; name one if you have it: make lab PYTHON=python3.12"
        )
    if not (find("venv") and find("ensurepip")):
        return "this Python has no venv module; on Debian or Ubuntu: apt install python3-venv"
    return None


def install():
    """Fill `.venv`; uv does in seconds what takes pip a minute."""
    subprocess.check_call([PYTHON, "-m", "pip", "install", "--quiet", "uv>=0.9,<1"])
    locked = ["install", "--require-hashes", "-r", "requirements.lock"]
    if subprocess.call([UV, "pip", *locked, "--quiet", "--python", PYTHON]) != 0:
        # pip knows of mirrors and certificates that were set up for it alone.
        print("uv could not install the packages; trying again with pip", flush=True)
        subprocess.check_call([PYTHON, "-m", "pip", *locked])
    # hatchling comes from the lock as well, so nothing is fetched that has no hash.
    bend = ["install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", "."]
    subprocess.check_call([PYTHON, "-m", "pip", *bend])


if __name__ == "__main__":
    if not os.path.exists(PYTHON):
        if obstacle():
            sys.exit(obstacle())
        subprocess.check_call([sys.executable, "-m", "venv", ".venv"])
    print("Installing the packages into .venv (once, and after an update)", flush=True)
    try:
        install()
    except subprocess.CalledProcessError as error:
        sys.exit("installing failed (see above): " + " ".join(error.cmd))
