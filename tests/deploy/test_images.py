"""The Compose file and the images, checked by the tools that would run them."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from deploy.images.setup import main as set_up
from deploy.local.places import ROOT
from deploy.local.stack import STACK, service_names

_BIN = Path(sys.executable).parent
_DOCKERFILE = ROOT / "deploy/images/Dockerfile"


@cache
def composed() -> dict[str, Any]:
    """The Compose file as the real Compose understands it."""
    done = subprocess.run(
        [_BIN / "docker-compose", "-f", ROOT / "docker-compose.yml", "config", "--format", "json"],
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"},
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_compose_runs_every_process_of_the_table() -> None:
    assert {process.name for process in STACK} <= set(composed()["services"])


@pytest.mark.parametrize("name", [*service_names(), "gateway"])
def test_no_process_serves_before_every_service_is_prepared(name: str) -> None:
    waits = composed()["services"][name]["depends_on"]
    assert {f"{service}-prepare" for service in service_names()} == set(waits)
    assert {how["condition"] for how in waits.values()} == {"service_completed_successfully"}


@pytest.mark.parametrize("name", [*service_names(), "gateway"])
def test_a_process_understands_what_compose_tells_it(name: str) -> None:
    told = composed()["services"][name]["environment"]
    package = "gateway" if name == "gateway" else f"services.{name}"
    done = subprocess.run(
        [sys.executable, "-c", f"from {package}.settings import Settings; Settings()"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONUTF8": "1", **told},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", service_names())
def test_only_preparing_gets_the_rights_of_an_owner(name: str) -> None:
    services = composed()["services"]
    owning = {f"{name.upper()}_OWNER_DATABASE_URL", f"{name.upper()}_DEPLOYER_BROKER_URL"}
    assert owning <= set(services[f"{name}-prepare"]["environment"])
    assert not owning & set(services[name]["environment"])


def test_a_process_is_shown_no_other_processs_keys() -> None:
    for name, service in composed()["services"].items():
        if name != "setup":
            shown = [volume["source"] for volume in service.get("volumes", ())]
            keys = {source for source in shown if source.startswith("keys-")}
            assert keys <= {f"keys-{name.removesuffix('-prepare')}"}


def test_only_the_portal_and_the_pages_of_simulators_are_reached_from_outside() -> None:
    opened = {name for name, each in composed()["services"].items() if each.get("ports")}
    assert opened == {"gateway", "mail", "signing", "cards", "provider"}
    for name in opened:
        assert all(p["host_ip"] == "127.0.0.1" for p in composed()["services"][name]["ports"])


@pytest.mark.parametrize(
    ("name", "setting"), [("cards", "CARDS_FOLDER"), ("provider", "PROVIDER_BOOKS_FILE")]
)
def test_what_a_simulator_keeps_outlives_its_container(name: str, setting: str) -> None:
    service = composed()["services"][name]
    kept = Path(service["environment"][setting])
    [volume] = [v for v in service["volumes"] if kept.is_relative_to(v["target"])]
    # Made by the setup for the one user every process runs as.
    made = [
        v for v in composed()["services"]["setup"]["volumes"] if v["source"] == volume["source"]
    ]
    assert made and not volume.get("read_only", False)


def test_the_dockerfile_has_nothing_a_linter_minds() -> None:
    done = subprocess.run([_BIN / "hadolint", _DOCKERFILE], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_what_the_dockerfile_copies_is_there() -> None:
    for line in _DOCKERFILE.read_text().splitlines():
        words = [word for word in line.split() if not word.startswith("--")]
        if words[:1] == ["COPY"] and "--from" not in line:
            for source in words[1:-1]:
                assert "$" in source or (ROOT / source).exists(), source


def test_a_new_stack_gets_keys_that_stay(tmp_path: Path) -> None:
    set_up(tmp_path, "secret")
    before = (tmp_path / "registry/private.json").read_text()
    set_up(tmp_path, "secret")
    assert (tmp_path / "registry/private.json").read_text() == before
    public = json.loads((tmp_path / "gateway/public.json").read_text())["keys"]
    assert {key["kid"] for key in public} == {*service_names(), "gateway"}
    assert not any("d" in key for key in public)
    assert all((tmp_path / kept).is_dir() for kept in ("files", "cards", "books"))
