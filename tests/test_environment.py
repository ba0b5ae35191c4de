import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version
from rattler import MatchSpec, VersionSpec
from rattler import Version as CondaVersion

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NEEDED = [Requirement(r) for r in PROJECT["dependencies"]]
ALL = NEEDED + [Requirement(r) for r in PROJECT["optional-dependencies"]["test"]]
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
# The same code without Qt goes by another name in conda.
ON_PYPI = {"matplotlib-base": "matplotlib"}
NOTEBOOK_CHECKS = {"nbclient", "nbval", "pillow", "pytest"}


def specs():
    """Every package but Python, pip and Bend itself: {name on PyPI: spec}."""
    *lines, last = ENVIRONMENT["dependencies"]
    lines += last["pip"][:-1]
    named = {re.match(r"[a-z0-9-]+", line)[0]: line for line in lines}
    return {
        ON_PYPI.get(name, name): MatchSpec(line)
        for name, line in named.items()
        if name not in ("python", "pip")
    }


def bounds(text):
    return set(str(text).split(","))


def test_the_environment_has_a_name_channels_and_the_package_itself():
    assert set(ENVIRONMENT) == {"name", "channels", "dependencies"}
    assert ENVIRONMENT["name"] == "bend"
    assert ENVIRONMENT["channels"] == ["conda-forge", "nodefaults"]
    assert ENVIRONMENT["dependencies"][-1]["pip"][-1] == "-e ."
    assert "pip" in ENVIRONMENT["dependencies"]


def test_the_environment_names_one_python_that_the_package_allows():
    # Left open, repo2docker would start from an older one than the package takes.
    (python,) = [d for d in ENVIRONMENT["dependencies"] if str(d).startswith("python=")]
    assert Version(python.split("=")[1]) in SpecifierSet(PROJECT["requires-python"])


def test_the_environment_holds_what_the_notebooks_and_their_checks_need():
    assert set(specs()) == {r.name for r in NEEDED} | NOTEBOOK_CHECKS


@pytest.mark.parametrize("name", specs())
def test_bounds_are_those_of_the_package(name):
    (requirement,) = [r for r in ALL if r.name == name]
    assert bounds(specs()[name].version) == bounds(requirement.specifier)


@pytest.mark.parametrize("name", specs())
def test_the_installed_version_matches_the_spec(name):
    assert VersionSpec(specs()[name].version).matches(CondaVersion(version(name)))


@pytest.mark.skipif(sys.platform == "win32", reason="repo2docker needs a Unix")
def test_repo2docker_takes_its_packages_from_the_environment_file():
    command = [sys.executable, "-m", "repo2docker", "--no-build", "."]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert 'env update -p ${NB_PYTHON_PREFIX} --file "environment.yml"' in done.stdout
    assert "python=3.11" in done.stderr


def locked():
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    return {m[1]: Version(m[2]) for m in re.finditer(r"^([a-z0-9-]+)==(\S+)", text, re.M)}


@pytest.mark.parametrize("requirement", ALL, ids=lambda r: r.name)
def test_the_lock_satisfies_every_bound(requirement):
    assert locked()[requirement.name] in requirement.specifier


def test_every_locked_package_has_a_hash_and_none_an_address():
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    for line, following in pairwise(lines):
        if "==" in line:
            assert following.startswith("    --hash=sha256:")
    assert not [line for line in lines if "://" in line or "--index" in line or "--find" in line]


def test_pytorch_is_an_extra_of_its_own_and_never_locked():
    assert PROJECT["optional-dependencies"]["torch"] == ["torch==2.13.0"]
    assert "torch" not in locked()
