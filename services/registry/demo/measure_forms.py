"""Complete forms for the demo's measures; who, how much and how long are real, words and services invented."""

from datetime import date, timedelta
from typing import Any

from services.registry.demo.written import Row
from services.registry.model.fiscal_year import fiscal_year
from services.registry.model.measure.form import MeasureForm


def days_of(row: Row, today: date) -> tuple[date, date, date]:
    """The first and the last day to apply and the last to allocate: real ones, or around the day of the demo."""
    if "dates" in row:
        first, last, by = (date.fromisoformat(text) for text in row["dates"])
        return first, last, by
    first, last, by = (today + timedelta(days=n) for n in row["days"])
    # Contracts end with their year: in April a measure people apply for began with the new ones.
    return max(first, date(_year(first, last, today), 4, 1)), last, by


def year_of(row: Row, today: date) -> int:
    """The fiscal year a measure belongs to: the running one, or the nearest its applications touch."""
    first, last, _ = days_of(row, today)
    return _year(first, last, today)


def _year(first: date, last: date, today: date) -> int:
    return max(fiscal_year(first), min(fiscal_year(last), fiscal_year(today)))


def measure_form(row: Row, today: date) -> MeasureForm:
    """The form of a measure as its municipality types it."""
    first, last, by = days_of(row, today)
    sections: dict[str, Any] = {
        "basics": {
            "fiscal_year": str(year_of(row, today)),
            "purpose": row["purpose"],
            "entry_type": row.get("entry", "point_application"),
        },
        "who": _who(row, today),
        "amount": _amount(row["amount"]),
        "dates": {
            "apply_from_on": first.isoformat(),
            "apply_until_on": last.isoformat(),
            "apply_until_time": row.get("until", ""),
            "allocate_by": by.isoformat(),
            "grant_timing": "審査が終わってから3営業日ほど",
        },
        "services": [{"code": code, "note": row.get("note", "")} for code in row["services"]],
        "review": _review(row, last),
        "texts": _texts(row),
        "documents": {
            "desks": [
                {
                    "name": "ポイント相談窓口（デモ）",
                    "telephone": "0570-00-0000",
                    "hours": "平日 9:00〜17:00",
                }
            ]
        },
    }
    return MeasureForm.model_validate(sections)


def _who(row: Row, today: date) -> dict[str, Any]:
    born = [_day(text, today) for text in row.get("born", ["", ""])]
    years = row.get("years", ["", ""])
    return {
        "unit": row["unit"],
        "areas": row.get("areas", [row["code"]]),
        "born_from": born[0],
        "born_until": born[1],
        "years_from": years[0],
        "years_until": years[1],
        "target_list": row.get("list", ""),
        "attendance": row.get("attend", ""),
        "statements": ["申込みの内容に間違いはありません。"],
    }


def _day(text: str, today: date) -> str:
    """A day as written, or so many days from today."""
    return (today + timedelta(days=int(text))).isoformat() if text.startswith("-") else text


def _amount(typed: dict[str, Any]) -> dict[str, Any]:
    steps = [{"children_from": n, "amount_yen": yen} for n, yen in typed.get("steps", [])]
    return {"grant_type": "fixed", **typed, "steps": steps}


def _review(row: Row, last: date) -> dict[str, Any]:
    occasion = {
        "name": "中央公園 歩こう会",
        "place": "中央公園 噴水広場",
        "starts_on": last.isoformat(),
        "starts_time": "9:00",
        "ends_time": "12:00",
    }
    return {
        "review_method": row.get("method", "automatic"),
        "occasions": [occasion] if row.get("attend") else [],
        "change_allowed": row.get("change", "until_sent"),
        "withdrawal_allowed": row.get("withdraw", "yes"),
    }


def _texts(row: Row) -> dict[str, Any]:
    body = f"{row['say']}\n\nこのページは、マチポの使い方を見ていただくための例です。"
    return {
        "ja": {"title": row["title"], "summary": row["say"], "body": body},
        "easy": {"title": row["easy"], "summary": row["easily"]},
    }
