"""The form of a measure, page by page, and where in it a complaint belongs."""

from dataclasses import dataclass
from typing import Any

from gateway.portal.forms import Form

TITLES = {
    "basics": "基本",
    "who": "対象",
    "amount": "金額と予算",
    "dates": "日程",
    "services": "決済サービス",
    "review": "審査",
    "texts": "文章",
    "documents": "書類と窓口",
}
STEPS = tuple(TITLES)
#: What each page asks, for the list of pages.
ABOUT = {
    "basics": "年度、目的、申込みの型",
    "who": "だれが、何回もらえるか",
    "amount": "いくら、予算はいくらまで",
    "dates": "申込みと受け取りの期限",
    "services": "受け取れる決済サービスと独自の締切",
    "review": "審査のしかた、必要な書類、会場",
    "texts": "日本語・やさしい日本語・英語の案内",
    "documents": "くわしい資料と問い合わせ先",
}
#: Fields that are one line each in a text area, or boxes of one group.
_GROUPED = {
    "areas": "areas",
    "statements": "statements",
    "target_list": "conditions",
    "attendance": "conditions",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the form something stands: the page, the field."""

    step: str
    field: str

    @property
    def address(self) -> str:
        """The end of the address that leads to the field."""
        return f"{self.step}#{self.field}"


def place_of(path: str) -> Place:
    """Where the field named by ``path`` (``review.occasions.0.place``) stands."""
    section, _, rest = path.partition(".")
    if section not in TITLES:
        return Place("basics", "fiscal_year")
    first = rest.partition(".")[0]
    if first in _GROUPED:
        return Place(section, _GROUPED[first])
    if section == "services":
        return Place(section, f"services_{rest.replace('.', '_')}" if rest else "services")
    return Place(section, rest.replace(".", "_") or section)


def following(step: str) -> str:
    """The page after this one; after the last one what was typed is looked at."""
    number = STEPS.index(step) + 1
    return STEPS[number] if number < len(STEPS) else "preview"


def mend(form: Form, problems: list[dict[str, str]], step: str) -> None:
    """Note at their fields what must be mended on one page."""
    for problem in problems:
        place = place_of(problem["field"])
        if place.step == step:
            form.wrong(place.field, problem["detail"].removesuffix("。"))


def tasks(measure: dict[str, Any], base: str) -> list[dict[str, Any]]:
    """Every page of the form with how far it is."""
    wrong = [place_of(problem["field"]).step for problem in measure["problems"]]
    return [
        {
            "step": step,
            "title": title,
            "about": ABOUT[step],
            "href": f"{base}/{step}",
            "left": wrong.count(step),
            "begun": _begun(measure["form"][step]),
        }
        for step, title in TITLES.items()
    ]


def _begun(section: Any) -> bool:
    """Whether something was typed; what the form says by itself does not count."""
    if isinstance(section, dict):
        return any(_begun(v) for name, v in section.items() if name != "withdrawal_allowed")
    return bool(section) if isinstance(section, list) else bool(str(section).strip())
