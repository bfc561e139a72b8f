"""Colours are named once; what was vendored is what was published."""

import gzip
import hashlib
import json
import re

from gateway.portal.assets import ASSETS, HERE

_BLOCK = re.compile(r"/\* semantic:start \*/.*?/\* semantic:end \*/", re.DOTALL)
_FORBIDDEN = re.compile(r"#[0-9a-fA-F]{3,8}\b|--color-|rgba?\(|hsl\(")


def _sheet() -> str:
    return (HERE / "static/portal.css").read_text(encoding="utf-8")


def test_no_colour_is_named_outside_the_semantic_block() -> None:
    sheet = _sheet()
    assert len(_BLOCK.findall(sheet)) == 1
    assert _FORBIDDEN.findall(_BLOCK.sub("", sheet)) == []


def test_every_semantic_name_is_defined_and_dark_redefines_only_known_ones() -> None:
    block = _BLOCK.findall(_sheet())[0]
    light, dark = block.split("@media (prefers-color-scheme: dark)")
    names = set(re.findall(r"(--[a-z0-9-]+):", light))
    assert set(re.findall(r"(--[a-z0-9-]+):", dark)) <= names
    used = set(re.findall(r"var\((--[a-z0-9-]+)", _BLOCK.sub("", _sheet())))
    assert used - names == {"--door", "--stage"}


def test_every_token_named_exists_in_the_vendored_tokens() -> None:
    tokens = (HERE / "vendor/tokens.css").read_text(encoding="utf-8")
    named = set(re.findall(r"var\((--color-[a-z0-9-]+)\)", _sheet()))
    assert named
    assert [name for name in named if f"{name}:" not in tokens] == []


def test_vendored_files_are_the_published_ones() -> None:
    manifest = json.loads((HERE / "vendor/manifest.json").read_text(encoding="utf-8"))
    listed = {one["file"]: one["sha256"] for one in manifest["files"]}
    there = {p.name for p in (HERE / "vendor").iterdir() if p.name != "manifest.json"}
    assert set(listed) == there
    for name, digest in listed.items():
        assert hashlib.sha256((HERE / "vendor" / name).read_bytes()).hexdigest() == digest, name


def test_modules_stay_small_and_styles_light() -> None:
    for name, asset in ASSETS.items():
        if name.endswith(".js"):
            assert len(asset.body) < 3000, name
    styles = [a.body for n, a in ASSETS.items() if n.endswith(".css")]
    assert sum(len(gzip.compress(body)) for body in styles) < 20_000


def test_no_template_carries_styles_scripts_or_unescaped_data() -> None:
    for path in (HERE / "templates").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(
            r"\bstyle=|<style|<script(?! type=\"module\" src=)|\bon[a-z]+=\"", text
        ), path
        assert "|safe" not in text.replace(" ", ""), path
        assert not re.search(r'(?:href|src|action)="(?:https?:)?//', text), path
