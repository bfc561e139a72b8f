"""A resident sees where the own card was read, and ends everything but the place they are at."""

from tests.identity.cardholders import Cards


async def _seen(cards: Cards, token: str) -> list[tuple[str, bool, bool]]:
    found = (await cards.house.get("/own-sessions", token)).expect(200).body["items"]
    return [(one["session_id"], one["at_desk"], one["current"]) for one in found]


async def test_every_other_session_ends_and_the_one_that_asks_goes_on(cards: Cards) -> None:
    card = cards.card()
    first, second = await cards.sign_in(card), await cards.sign_in(card)
    stranger = await cards.sign_in(cards.card())
    staff = await cards.house.account()
    desk = await cards.start(card, staff)
    ids = {str(one.me["session_id"]): one for one in (first, second, desk)}
    seen = await _seen(cards, second.token)
    assert {session: (at_desk, current) for session, at_desk, current in seen} == {
        session: (one is desk, one is second) for session, one in ids.items()
    }
    path = "/own-sessions/end-others"
    left = (await cards.house.post(path, {}, token=second.token)).expect(200).body["items"]
    assert [one["session_id"] for one in left] == [str(second.me["session_id"])]
    for over in (first, desk):
        assert (await cards.exchange(over.session)).status == 401
    for going_on in (second, stranger):
        (await cards.exchange(going_on.session)).expect(200)
    ended = [fact["session_id"] for fact in await cards.house.facts("identity.session.ended")]
    assert sorted(ended) == sorted(str(one.me["session_id"]) for one in (first, desk))


async def test_what_time_has_ended_is_not_shown(cards: Cards) -> None:
    card = cards.card()
    await cards.sign_in(card)
    await cards.pass_time("resident_sessions", "created_at, last_seen_at, ends_at", hours=13)
    here = await cards.sign_in(card)
    assert await _seen(cards, here.token) == [(str(here.me["session_id"]), False, True)]


async def test_at_a_desk_nothing_of_it_is_shown_or_ended(cards: Cards) -> None:
    card = cards.card()
    at_home = await cards.sign_in(card)
    desk = await cards.start(card, await cards.house.account())
    (await cards.house.get("/own-sessions", desk.token)).refused(403, "home-only")
    (await cards.house.post("/own-sessions/end-others", {}, token=desk.token)).refused(
        403, "home-only"
    )
    (await cards.exchange(at_home.session)).expect(200)
