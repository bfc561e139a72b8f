"""Processes born of one that has imported already: they are what `python -m` would have made of them."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.child import Child, end
from deploy.local.nursery import Birth, Nursery
from deploy.local.places import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    nursery.open()
    yield nursery
    nursery.close()


def _born(nursery: Nursery, folder: Path, *words: str) -> Child:
    birth = Birth("tests.deploy.told", words, {"ONLY": "this"}, str(folder / "logs" / "told.log"))
    return nursery.start("told", birth)


def _said(child: Child) -> dict[str, object]:
    # The log is opened by the newborn itself, so for a moment there is none.
    child.wait_until(lambda: child.log.exists() and child.log.read_text().endswith("\n"), 60)
    said: dict[str, object] = json.loads(child.log.read_text().splitlines()[-1])
    return said


def test_a_process_gets_its_words_its_environment_and_nothing_else(
    nursery: Nursery, tmp_path: Path
) -> None:
    child = _born(nursery, tmp_path, "7")
    assert child.process.wait(60) == 7
    said = _said(child)
    assert said["argv"] == [str(ROOT / "tests" / "deploy" / "told.py"), "7"]
    assert said["env"] == {"ONLY": "this"}
    assert (said["cwd"], said["leads"]) == (str(ROOT), child.pid.number)


def test_what_is_born_is_our_child_and_ends_as_it_is_told(nursery: Nursery, tmp_path: Path) -> None:
    child = _born(nursery, tmp_path, "0", "wait")
    _said(child)
    parent = Path(f"/proc/{child.pid.number}/stat").read_text().rpartition(")")[2].split()[1]
    assert int(parent) == os.getpid()
    assert not child.ended
    assert end([child.pid], 60) == []
    assert child.process.wait(60) == -signal.SIGTERM


def test_children_outlive_their_nursery_and_a_killed_one_is_opened_again(
    nursery: Nursery, tmp_path: Path
) -> None:
    first = _born(nursery, tmp_path / "first", "0", "wait")
    _said(first)
    assert nursery._process is not None
    nursery._process.kill()
    second = _born(nursery, tmp_path / "second", "3")
    assert second.process.wait(60) == 3
    assert first.pid.alive
    end([first.pid], 60)
    first.process.wait(60)


def test_a_nursery_ends_with_its_launcher(nursery: Nursery) -> None:
    assert nursery._line is not None
    assert nursery._process is not None
    nursery._line.close()
    assert nursery._process.wait(60) == 0
