"""Identifiers of organisations, and what must be true of them beyond their check digit."""

from dataclasses import dataclass

from contracts.values import (
    MunicipalityKind,
    corporate_check_digit,
    municipality_check_digit,
)
from services.registry.model import reading
from services.registry.model.findings import Findings

#: Bodies that have no area of their own stand outside the directory of prefectures and municipalities.
WITHOUT_AREA = frozenset({MunicipalityKind.CONSORTIUM, MunicipalityKind.OTHER})


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    """A prefecture or municipality of the country's list."""

    code: str
    kind: MunicipalityKind
    name: str
    name_kana: str
    county: str
    prefecture_code: str
    prefecture: str
    also_written: str

    @property
    def names(self) -> frozenset[str]:
        """Every way its name is written in forms."""
        short = {self.name, self.also_written} - {""}
        return frozenset(
            f"{prefix}{n}"
            for n in short
            for prefix in ("", self.county, self.prefecture, self.prefecture + self.county)
        )


def municipality_code(found: Findings, field: str, typed: str) -> str:
    """A six-digit code whose check digit is right; complaints say what the right digit would be."""
    code = reading.digits(typed)
    if not typed.strip():
        found.missing(field, "団体コード")
    elif not (code.isascii() and code.isdigit() and len(code) == 6):
        found.wrong(field, "municipality_code_shape", "団体コードは、数字6けたで入れてください。")
    elif (right := municipality_check_digit(code[:5])) != code[5]:
        detail = f"団体コードの最後の数字が合っていません。前の5けたが {code[:5]} なら、最後は {right} です。"
        found.wrong(field, "municipality_code_check_digit", detail)
    else:
        return code
    return ""


def corporate_number(found: Findings, field: str, typed: str) -> str:
    """A thirteen-digit corporate number whose first digit is right."""
    number = reading.digits(typed)
    if not typed.strip():
        found.missing(field, "法人番号")
    elif not (number.isascii() and number.isdigit() and len(number) == 13):
        found.wrong(field, "corporate_number_shape", "法人番号は、数字13けたで入れてください。")
    elif corporate_check_digit(number[1:]) != number[0]:
        detail = (
            "法人番号の最初の数字が合っていません。国税庁の公表サイトの番号と見比べてください。"
        )
        found.wrong(field, "corporate_number_check_digit", detail)
    else:
        return number
    return ""


def body_code(found: Findings, field: str, typed: str, kind: MunicipalityKind | None) -> str:
    """The code of a municipality; bodies without an area may give their corporate number instead."""
    if kind in WITHOUT_AREA and len(reading.digits(typed)) > 6:
        return corporate_number(found, field, typed)
    return municipality_code(found, field, typed)


def in_directory(
    found: Findings, code: str, kind: MunicipalityKind, entry: DirectoryEntry | None
) -> None:
    """The code is the one of a body of that kind in the country's list, or of none for bodies without area."""
    if kind in WITHOUT_AREA:
        if entry is not None:
            detail = (
                f"このコードは{entry.name}のものです。"
                "広域連合などは、その団体自身のコードか法人番号を入れてください。"
            )
            found.wrong("code", "municipality_code_of_another", detail)
    elif entry is None:
        detail = "この団体コードの都道府県・市区町村は見つかりません。合併で変わっていないか確かめてください。"
        found.wrong("code", "municipality_code_unknown", detail)
    elif entry.kind is not kind:
        detail = f"このコードは{entry.prefecture}の{entry.name}のものです。団体の種類と見比べてください。"
        found.wrong("municipality_kind", "municipality_kind_differs", detail)
