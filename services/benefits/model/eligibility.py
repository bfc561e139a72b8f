"""Whether somebody may receive: each rule of a measure says yes, no, or that a person has to look.

Judged from the entry in force and what was claimed on the day of the application, so that judging again, whenever,
comes to the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from contracts.registry import Amount, Eligibility, MeasureEntry
from contracts.values import ReviewMethod


class Says(StrEnum):
    """What a rule comes to."""

    YES = "yes"
    NO = "no"
    #: A person has to look, or something is still to come.
    OPEN = "open"


class Reason(StrEnum):
    """Why an application is not approved, as applicants are told."""

    NOT_RESIDENT = "not_resident"
    OUT_OF_AGE_RANGE = "out_of_age_range"
    NOT_ON_TARGET_LIST = "not_on_target_list"
    DUPLICATE = "duplicate"
    EVIDENCE_MISSING = "evidence_missing"
    EVIDENCE_UNREADABLE = "evidence_unreadable"
    ATTENDANCE_NOT_CONFIRMED = "attendance_not_confirmed"
    STATEMENT_MISSING = "statement_missing"
    OUTSIDE_PERIOD = "outside_period"
    QUOTA_REACHED = "quota_reached"
    NAME_MISMATCH = "name_mismatch"
    NOT_ANSWERED = "not_answered"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class OnList:
    """A line of the target list that an applicant named."""

    number: str
    amount_yen: int | None = None
    children: int | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """What is known of the person for whom somebody applies."""

    municipality_code: str
    birth_on: date
    #: The line of the target list, where the number that was given stands on it.
    target: OnList | None = None
    #: Children as the applicant counts them.
    children: int | None = None
    #: Whether attendance was reported at one of the occasions.
    attended: bool = False
    #: Codes of the papers that were handed in.
    evidence: frozenset[str] = frozenset()
    #: Which of the measure's sentences the applicant says are true, from 0.
    statements: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says, with what it was told."""

    rule: str
    says: Says
    reason: Reason | None = None
    told: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What all rules together come to."""

    findings: tuple[Finding, ...]

    @property
    def says(self) -> Says:
        """No, if one rule says no; open, if one is open; else yes."""
        said = {finding.says for finding in self.findings}
        return Says.NO if Says.NO in said else Says.OPEN if Says.OPEN in said else Says.YES

    @property
    def reason(self) -> Reason | None:
        """Why not, by the first rule that says no."""
        return next((f.reason for f in self.findings if f.says is Says.NO), None)

    def open_rules(self) -> set[str]:
        """What somebody still has to look at, or to do."""
        return {finding.rule for finding in self.findings if finding.says is Says.OPEN}


def years_on(birth_on: date, day: date) -> int:
    """Completed years on a day; who is born on 29 February completes a year on 1 March of other years."""
    return day.year - birth_on.year - ((day.month, day.day) < (birth_on.month, birth_on.day))


def judge(entry: MeasureEntry, claim: Claim, applied_on: date) -> Verdict:
    """What every rule of the measure says of a claim made on a day."""
    rules = entry.eligibility
    findings = [
        *_place(rules, claim),
        *_birth(rules, claim),
        *_age(rules, claim, applied_on),
        *_list(rules, claim),
        *_statements(rules, claim),
        *_attendance(rules, claim),
        *_evidence(rules, claim),
        *_children(entry.amount, claim),
        *_review(entry),
    ]
    return Verdict(tuple(findings))


def amount_of(amount: Amount, claim: Claim) -> int:
    """What this claim is worth: what an application reserves, at most, of the budget."""
    if claim.target is not None and claim.target.amount_yen is not None:
        return claim.target.amount_yen
    if amount.steps:
        children = _children_of(claim) or 0
        reached = [s.amount_yen for s in amount.steps if s.children_from <= children]
        return reached[-1] if reached else 0
    return amount.most_yen


def _children_of(claim: Claim) -> int | None:
    listed = claim.target.children if claim.target else None
    return claim.children if listed is None else listed


def _yes_or(holds: bool, rule: str, reason: Reason, told: object) -> Finding:
    if holds:
        return Finding(rule, Says.YES, told=str(told))
    return Finding(rule, Says.NO, reason, str(told))


def _place(rules: Eligibility, claim: Claim) -> Iterator[Finding]:
    if rules.areas:
        code = claim.municipality_code
        holds = code in rules.areas or code[:2] in rules.areas
        yield _yes_or(holds, "areas", Reason.NOT_RESIDENT, code)


def _birth(rules: Eligibility, claim: Claim) -> Iterator[Finding]:
    if rules.born_from or rules.born_until:
        first, last = rules.born_from or date.min, rules.born_until or date.max
        holds = first <= claim.birth_on <= last
        yield _yes_or(holds, "born", Reason.OUT_OF_AGE_RANGE, claim.birth_on)


def _age(rules: Eligibility, claim: Claim, applied_on: date) -> Iterator[Finding]:
    if rules.years_from is not None or rules.years_until is not None:
        years = years_on(claim.birth_on, rules.years_on or applied_on)
        least = 0 if rules.years_from is None else rules.years_from
        most = years if rules.years_until is None else rules.years_until
        yield _yes_or(least <= years <= most, "years", Reason.OUT_OF_AGE_RANGE, years)


def _list(rules: Eligibility, claim: Claim) -> Iterator[Finding]:
    if rules.target_list:
        told = claim.target.number if claim.target else ""
        holds = claim.target is not None
        yield _yes_or(holds, "target_list", Reason.NOT_ON_TARGET_LIST, told)


def _statements(rules: Eligibility, claim: Claim) -> Iterator[Finding]:
    if rules.statements:
        missing = sorted(set(range(len(rules.statements))) - claim.statements)
        told = ",".join(str(number) for number in missing)
        yield _yes_or(not missing, "statements", Reason.STATEMENT_MISSING, told)


def _attendance(rules: Eligibility, claim: Claim) -> Iterator[Finding]:
    if rules.attendance:
        yield Finding("attendance", Says.YES if claim.attended else Says.OPEN)


def _evidence(rules: Eligibility, claim: Claim) -> Iterator[Finding]:
    for paper in rules.evidence:
        if paper.code in claim.evidence:
            # What a paper says is for a person to read.
            yield Finding(f"evidence.{paper.code}", Says.OPEN, told=paper.label)
        elif paper.needed:
            why = Reason.EVIDENCE_MISSING
            yield Finding(f"evidence.{paper.code}", Says.OPEN, why, paper.label)


def _children(amount: Amount, claim: Claim) -> Iterator[Finding]:
    if amount.steps:
        count = _children_of(claim)
        if count is None or count < amount.steps[0].children_from:
            yield Finding("children", Says.NO, Reason.OTHER, str(count))
        elif claim.target is None or claim.target.children is None:
            # Nobody but the applicant has counted them.
            yield Finding("children", Says.OPEN, told=str(count))
        else:
            yield Finding("children", Says.YES, told=str(count))


def _review(entry: MeasureEntry) -> Iterator[Finding]:
    looked_at = entry.review_method in (ReviewMethod.POST, ReviewMethod.COUNTER)
    listed = entry.review_method is ReviewMethod.PRE and entry.eligibility.target_list
    if looked_at or (entry.review_method is ReviewMethod.PRE and not listed):
        yield Finding("review", Says.OPEN, told=entry.review_method)
