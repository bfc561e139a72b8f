"""The rules, without a database."""

import unicodedata
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.refusal import Conflict, Gone, Invalid, NotFound, Refusal
from contracts.principal import Role
from contracts.values import OrganisationKind, municipality_check_digit
from services.identity.model import requests, second_factor
from services.identity.model.accounts import Account, AccountState, prefix_of
from services.identity.model.links import Link, LinkState, Purpose, Terms, hash_of, new_token
from services.identity.model.members import (
    ASSIGNABLE,
    Member,
    MemberState,
    check_admin_remains,
    checked_roles,
    needs_factor,
)
from services.identity.model.passwords import checked_password, is_guessable
from services.identity.model.sessions import Session, SessionState

NOW = datetime(2023, 12, 1, 3, 0, tzinfo=UTC)
TODAY = date(2023, 12, 1)
ID = UUID("01900000-0000-7000-8000-000000000001")


def account(state: AccountState, **changes: object) -> Account:
    return Account(
        ID,
        3,
        OrganisationKind.MUNICIPALITY,
        "172031",
        "小松市",
        state,
        NOW,
        **changes,  # type: ignore[arg-type]
    )


def member(number: int, *roles: Role, state: MemberState = MemberState.JOINED) -> Member:
    return Member(
        id=UUID(int=number),
        account_id=ID,
        sign_in_id=f"m172031-{number:02d}",
        name="小松 一葉",
        email=f"m{number}@example.jp",
        roles=frozenset(roles),
        state=state,
        invited_at=NOW,
    )


def test_a_provisional_account_becomes_a_full_one_on_its_day_and_not_before() -> None:
    waiting = account(AccountState.PROVISIONAL, promote_on=date(2023, 12, 2))
    with pytest.raises(Conflict):
        waiting.promoted(TODAY, NOW)
    promoted = waiting.promoted(date(2023, 12, 2), NOW)
    assert (promoted.state, promoted.revision) == (AccountState.ISSUED, 4)


def test_a_provisional_account_somebody_used_is_active_at_once() -> None:
    used = account(AccountState.PROVISIONAL, promote_on=TODAY).activated(NOW)
    assert used.state is AccountState.PROVISIONAL
    assert used.promoted(TODAY, NOW).state is AccountState.ACTIVE


@pytest.mark.parametrize(
    "state", sorted(set(AccountState) - {AccountState.REQUESTED, AccountState.MAIL_BOUNCED})
)
def test_only_a_pending_request_is_issued_or_expires(state: AccountState) -> None:
    with pytest.raises(Conflict, match="request-decided"):
        account(state).issued("m172031", NOW)
    with pytest.raises(Conflict, match="request-decided"):
        account(state).expired()


def test_a_bounced_address_gets_another_chance_with_a_new_link() -> None:
    bounced = account(AccountState.REQUESTED).bounced(NOW)
    assert bounced.state is AccountState.MAIL_BOUNCED
    assert bounced.link_renewed().state is AccountState.REQUESTED


def test_sign_in_ids_of_one_code_never_repeat() -> None:
    prefixes = [prefix_of(OrganisationKind.MUNICIPALITY, "172031", "qqqqq", n) for n in range(20)]
    assert prefixes[0] == "m172031"
    assert len(set(prefixes)) == 20


def _link(**changes: object) -> Link:
    fields: dict[str, object] = {
        "id": ID,
        "account_id": ID,
        "member_id": None,
        "purpose": Purpose.ACCOUNT_LINK,
        "token_hash": hash_of("x"),
        "created_at": NOW,
        "expires_at": NOW + timedelta(hours=24),
    }
    return Link(**(fields | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "at", "state"),
    [
        ({}, NOW + timedelta(hours=24, microseconds=-1), LinkState.USABLE),
        ({}, NOW + timedelta(hours=24), LinkState.EXPIRED),
        ({"used_at": NOW}, NOW + timedelta(hours=25), LinkState.USED),
        ({"replaced_at": NOW}, NOW, LinkState.REPLACED),
    ],
)
def test_a_link_is_good_until_its_end_its_use_or_its_successor(
    changes: dict[str, object], at: datetime, state: LinkState
) -> None:
    link = _link(**changes)
    assert link.state(at) is state
    if state is not LinkState.USABLE:
        with pytest.raises(Gone):
            link.used(at, Purpose.ACCOUNT_LINK)


def test_a_link_serves_its_own_purpose_only() -> None:
    with pytest.raises(NotFound):
        _link().used(NOW, Purpose.PASSWORD_RESET)


def test_tokens_have_256_bits_and_never_repeat() -> None:
    tokens = {new_token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert all(len(t) == 43 for t in tokens)


def test_somebody_who_joined_always_stays_admin() -> None:
    one, two = member(1, Role.ADMIN), member(2, Role.ADMIN, state=MemberState.INVITED)
    with pytest.raises(Conflict, match="last-admin"):
        check_admin_remains([one, two], one.with_roles(frozenset({Role.VIEWER})))
    check_admin_remains([one, member(2, Role.ADMIN)], one.removed(NOW))


@pytest.mark.parametrize(
    ("kind", "roles", "needed"),
    [
        (OrganisationKind.SECRETARIAT, {Role.VIEWER}, True),
        (OrganisationKind.MUNICIPALITY, {Role.APPROVER, Role.VIEWER}, True),
        (OrganisationKind.PROVIDER, {Role.OPERATOR}, True),
        (OrganisationKind.MUNICIPALITY, {Role.ADMIN, Role.EDITOR, Role.REVIEWER}, False),
        (OrganisationKind.PROVIDER, {Role.ADMIN, Role.TECHNICAL}, False),
    ],
)
def test_who_needs_a_second_factor(kind: OrganisationKind, roles: set[Role], needed: bool) -> None:
    assert needs_factor(kind, roles) is needed


@given(st.sampled_from(OrganisationKind), st.sets(st.sampled_from(Role)))
def test_an_organisation_gives_its_own_roles_only(kind: OrganisationKind, roles: set[Role]) -> None:
    fits = bool(roles) and roles <= set(ASSIGNABLE[kind])
    if fits:
        assert checked_roles(kind, roles) == roles
    else:
        with pytest.raises(Invalid):
            checked_roles(kind, roles)


@pytest.mark.parametrize(
    "password",
    [
        "ゆきどけの用水路をわたる",
        "correct horse battery staple",
        "🐟🌊" * 3 + "🧊🏔️🌾🐚🪶🧭",
        "x7#Kd92mQz!p",
        "あ" * 4 + "いぬとねこ、さかなとひと",
        "のきした" * 2 + "つばめのすだち" + "木" * 60 + "漏れ日" + "q" * 20,
    ],
)
def test_long_passwords_of_any_characters_will_do(password: str) -> None:
    assert checked_password(password, has_factor=False) == password


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("x7#Kd92mQz!", "password_short"),
        ("🐟" * 11, "password_short"),
        ("ひだまりのえんがわ" * 15, "password_long"),
        ("Password1234!", "password_guessable"),
        ("P@ssw0rdP@ssw0rd", "password_guessable"),
        ("ｐａｓｓｗｏｒｄ１２３４", "password_guessable"),
        ("qwertyuiop2023", "password_guessable"),
        ("machipo-komatsu-2023", "password_guessable"),
        ("マチポパスワード2023", "password_guessable"),
        ("aaaaaaaaaaaaa", "password_guessable"),
        ("abcdefghijklmnop", "password_guessable"),
        ("xk7!xk7!xk7!xk7!", "password_guessable"),
        ("m172031-01m172031-01", "password_guessable"),
    ],
)
def test_short_and_guessable_passwords_are_refused(password: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked_password(password, has_factor=False, own_words=["m172031", "小松市", "komatsu"])
    assert [e.code for e in refused.value.errors] == [code]


def test_with_a_second_factor_eight_characters_will_do() -> None:
    assert checked_password("x7#Kd9mQ", has_factor=True) == "x7#Kd9mQ"
    with pytest.raises(Invalid):
        checked_password("x7#Kd9m", has_factor=True)


def test_a_password_typed_on_another_keyboard_is_the_same() -> None:
    composed = "がぎぐげごのはなうた-くも"
    split = unicodedata.normalize("NFD", composed)
    assert split != composed
    assert checked_password(split, has_factor=False) == composed


@given(st.text(min_size=0, max_size=200))
def test_any_text_is_either_kept_whole_or_refused(text: str) -> None:
    try:
        kept = checked_password(text, has_factor=False)
    except Refusal:
        return
    assert kept == unicodedata.normalize("NFC", text)
    assert not is_guessable(kept)


def test_a_code_is_good_for_its_step_and_its_neighbours_once() -> None:
    secret = second_factor.new_secret()
    codes = {s: pyotp.TOTP(secret).at(NOW + timedelta(seconds=30 * s)) for s in range(-2, 3)}
    step = int(NOW.timestamp()) // 30
    if len(set(codes.values())) < 5:
        pytest.skip("two codes happen to be the same")
    found = {s: second_factor.step_of(secret, c, newest=0, now=NOW) for s, c in codes.items()}
    assert found == {-2: None, -1: step - 1, 0: step, 1: step + 1, 2: None}
    assert second_factor.step_of(secret, codes[0], newest=step, now=NOW) is None
    assert second_factor.step_of(secret, codes[-1], newest=step, now=NOW) is None


def test_codes_are_read_as_people_type_them() -> None:
    assert second_factor.fold_code(" １２３-４５６ ") == "123456"
    code = second_factor.new_recovery_codes()[0]
    typed = code.upper().replace("-", " ")
    assert second_factor.recovery_hash(typed) == second_factor.recovery_hash(code)


def test_a_session_ends_when_idle_and_in_any_case() -> None:
    terms = Terms()
    session = Session(ID, ID, ID, SessionState.OPEN, ("pwd",), NOW, NOW, NOW + timedelta(hours=12))
    assert session.alive(terms, NOW + timedelta(minutes=29, seconds=59))
    assert not session.alive(terms, NOW + timedelta(minutes=30))
    assert session.end_reason(terms, NOW + timedelta(minutes=30)) == "idle"
    busy = Session(
        ID, ID, ID, SessionState.OPEN, ("pwd",), NOW, NOW + timedelta(hours=12), session.ends_at
    )
    assert busy.end_reason(terms, NOW + timedelta(hours=12)) == "absolute"


def test_the_guideline_in_force_is_the_newest_of_its_day() -> None:
    assert [g.version for g in requests.guidelines_on(date(2023, 5, 1))] == ["2023-04-12"]
    assert {g.version for g in requests.guidelines_on(TODAY)} == {"2023-04-12", "2023-05-26"}


@given(st.integers(min_value=0, max_value=99999))
def test_a_code_with_another_last_digit_is_refused(first: int) -> None:
    digits = f"{first:05d}"
    right = municipality_check_digit(digits)
    for last in "0123456789":
        error = requests.code_error("code", OrganisationKind.MUNICIPALITY, digits + last)
        assert (error is None) == (last == right)
