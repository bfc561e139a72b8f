"""The search, page by page."""

from chassis.paging import cursor_of
from chassis.refusal import Unavailable
from chassis.web import Answer, Ask, Json, Routes
from services.registry.api.kept import FINDER
from services.registry.api.search.query import SearchPageQuery, after_key, search_of
from services.registry.api.search.views import MeasurePage, page_json
from services.registry.model.search.asked import FACETS
from services.registry.model.search.index import Index
from services.registry.model.search.plain import key_of

routes = Routes("/api/v1/registry", tag="registry")
#: Time alone changes the answer, so nobody may keep it.
_FRESH = {"Cache-Control": "no-store"}


@routes.get("/measures", public=True, answers=MeasurePage)
async def search_measures(ask: Ask, query: SearchPageQuery) -> Answer:
    """Public measures by words and facets, as they stand at this instant."""
    search, after, index = search_of(query), after_key(query), index_of(ask)
    found = index.find(search, ask.now)
    page = index.page(found, search, sort=query.sort, after=after, limit=query.limit + 1)
    following = None
    if len(page) > query.limit:
        page.pop()
        following = cursor_of(query.sort, *key_of(page[-1], query.sort, search.words))
    facets = {facet: found.counts(facet) for facet in FACETS}
    coded = facets["municipality"] | facets["service"]
    names = {code: index.names[code] for code in coded}
    content = page_json(ask.now, found.total, page, following, facets, names)
    return Answer(Json(content), headers=_FRESH)


def index_of(ask: Ask) -> Index:
    """The index of this process, once there is one."""
    finder = ask.app[FINDER]
    if finder.missing():
        raise Unavailable(
            "search-not-ready",
            "検索の準備をしています。少し待ってからもう一度お試しください。",
            retry_after=2,
        )
    return finder.index
